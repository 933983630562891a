"""A certificate of a test's own, as servers show it and as clients trust it."""

from __future__ import annotations

import ssl

import pytest


class Certificate:
    """One for these names, by an authority that nobody else has heard of."""

    def __init__(self, *names: str) -> None:
        trustme = pytest.importorskip("trustme", reason="trustme is not installed")
        self._authority = trustme.CA()
        self._own = self._authority.issue_cert(*names)

    def served(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._own.configure_cert(context)
        return context

    def trusted(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context

    @property
    def root(self) -> bytes:
        """The authority's own."""
        found: bytes = self._authority.cert_pem.bytes()
        return found

    @property
    def pem(self) -> bytes:
        """The key and the certificate, in one."""
        found: bytes = self._own.private_key_and_cert_chain_pem.bytes()
        return found
