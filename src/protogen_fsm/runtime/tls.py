"""What TLS is begun with in the midst of a connection, on any main loop."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Tls:
    """A context of the loop's kind, whether we are the server, and else whom we mean to speak to.

    A context that verifies names needs one: where there is none, its handshake is refused.
    """

    __slots__ = ("context", "name", "serves")

    def __init__(self, context: Any, *, serves: bool, name: str | None = None) -> None:
        self.context, self.serves, self.name = context, serves, name or None

    @property
    def options(self) -> dict[str, Any]:
        """As `ssl.SSLContext.wrap_socket`, and those that are made like it, are told."""
        return {"server_side": self.serves, "server_hostname": self.name}


def of_server(context: Any) -> Tls | None:
    """What a server's connections have; None without a context."""
    return None if context is None else Tls(context, serves=True)


def of_client(context: Any, name: str | None) -> Tls | None:
    """What a client's connection to a server of that name has; None without a context."""
    return None if context is None else Tls(context, serves=False, name=name)
