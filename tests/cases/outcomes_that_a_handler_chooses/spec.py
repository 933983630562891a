"""A door that opens for some.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    Machine,
    Outcome,
    Row,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable


class Refuse(Outcome):
    """The outcome `refuse`. spec.proto:13"""

    __slots__ = ()


class LetIn(Outcome):
    """The outcome `let_in`. spec.proto:14"""

    __slots__ = ("password",)

    def __init__(self, password: str) -> None:
        self.password = password


class CallForHelp(Outcome):
    """The outcome `call_for_help`. spec.proto:15"""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class Door(Machine):
    """The machine Door.

    spec.proto:3
    """

    __slots__ = ("name",)

    _role = "Door"
    _paths = {"SHUT": ("SHUT",), "OPEN": ("OPEN",), "LOCKED": ("LOCKED",)}
    _alphabet = {
        "knock": "above",
        "leave": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = (
        Row("do_SHUT_knock", "SHUT", "knock"),
        Row("do_OPEN_knock", "OPEN", "knock"),
        Row("do_OPEN_leave", "OPEN", "leave"),
    )

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.state = "SHUT"

    def knock(self, who: str) -> None:
        """`knock` asked for from above."""
        if self._busy:
            return self._later(self.knock, who)
        self._busy = True
        try:
            if self.state == "SHUT":
                if self.is_known(who):
                    self.note(who)
                    self.state = "OPEN"
                    self._busy = False
                    told = self.emit_opened(who)
                    if told is not None:
                        self._hold(told)
                elif who != "":
                    self._SHUT_knock(self.do_SHUT_knock(who), who)
                else:
                    self._busy = False
                    told = self.emit_told("who is there?")
                    if told is not None:
                        self._hold(told)
            elif self.state == "OPEN":
                self._OPEN_knock(self.do_OPEN_knock(who), who)
            else:
                self._refuse("knock", who)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def leave(self) -> None:
        """`leave` asked for from above."""
        if self._busy:
            return self._later(self.leave)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_leave(self.do_OPEN_leave())
            else:
                self._refuse("leave")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _SHUT_knock(self, answer: object, who: str) -> None:
        """spec.proto:12"""
        if answer is None or type(answer) is Refuse:
            self._busy = False
            told = self.emit_told("go away")
            if told is not None:
                self._hold(told)
        elif type(answer) is LetIn:
            self.state = "OPEN"
            self._tell(
                (self.emit_told, answer.password + ", " + self.name),
                (self.emit_opened, who),
            )
        elif type(answer) is CallForHelp:
            self.state = "LOCKED"
            self._busy = False
            self._end()
        else:
            self._wait(answer, self._SHUT_knock, who)

    def _OPEN_knock(self, answer: object, who: str) -> None:
        """spec.proto:19"""
        if answer is not None:
            return self._wait(answer, self._OPEN_knock, who)
        self._busy = False
        told = self.emit_told("come in, " + who)
        if told is not None:
            self._hold(told)

    def _OPEN_leave(self, answer: object) -> None:
        """spec.proto:20"""
        if answer is not None:
            return self._wait(answer, self._OPEN_leave)
        self.state = "SHUT"
        self._busy = False

    def do_SHUT_knock(
        self, who: str
    ) -> (
        Awaitable[Refuse | LetIn | CallForHelp | None]
        | Refuse
        | LetIn
        | CallForHelp
        | None
    ):
        """knock in SHUT: answer Refuse or LetIn or CallForHelp; None is Refuse.
        spec.proto:12
        """
        return None

    def do_OPEN_knock(self, who: str) -> Awaitable[None] | None:
        """knock in OPEN. spec.proto:19"""
        return None

    def do_OPEN_leave(self) -> Awaitable[None] | None:
        """leave in OPEN. spec.proto:20"""
        return None

    def is_known(self, who: str) -> bool:
        """Whether the guest has been here before. spec.proto:7"""
        return False

    def note(self, who: str) -> None:
        """The action `note`. spec.proto:8"""
        return None

    def emit_told(self, text: str) -> object:
        """Tells what is above of `told`. May return an awaitable. spec.proto:5"""
        return self.above.told(text)

    def emit_opened(self, who: str) -> object:
        """Tells what is above of `opened`. May return an awaitable. spec.proto:5"""
        return self.above.opened(who)
