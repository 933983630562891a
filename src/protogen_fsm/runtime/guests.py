"""Who is at the other end, and how many a server takes: in all, and from one address."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Guests:
    """Counts who is there. No limit is None; who comes by a Unix socket has no address."""

    __slots__ = ("_all", "_each", "_limit", "_limit_each")

    def __init__(self, limit: int | None = None, limit_each: int | None = None) -> None:
        self._limit, self._limit_each = limit, limit_each
        self._all = 0
        self._each: dict[str, int] = {}

    def enter(self, address: object) -> str | None:
        """The name under which this one is counted, None if it is one too many.

        `address` is what the socket says of the peer: a tuple that begins with its host, or
        anything else where there is none.
        """
        host = str(address[0]) if isinstance(address, tuple) and address else ""
        there = self._each.get(host, 0)
        if self._limit is not None and self._all >= self._limit:
            return None
        if host and self._limit_each is not None and there >= self._limit_each:
            return None
        self._all += 1
        self._each[host] = there + 1
        return host

    def leave(self, host: str) -> None:
        """One who was counted under this name is gone."""
        self._all -= 1
        self._each[host] -= 1
        if not self._each[host]:
            del self._each[host]


def peer_of(sock: Any) -> Any:
    """What a socket says of its other end; None where it has none, or none any more."""
    try:
        return None if sock is None else sock.getpeername()
    except OSError:
        return None
