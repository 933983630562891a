"""A client that asks once, and may be told to wait.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    NEVER,
    Machine,
    Outcome,
    Row,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable


class Again(Outcome):
    """The outcome `again`. spec.proto:16"""

    __slots__ = ()


class GiveUp(Outcome):
    """The outcome `give_up`. spec.proto:17"""

    __slots__ = ()


class Client(Machine):
    """The machine Client.

    spec.proto:3
    """

    __slots__ = ("tries",)

    _role = "Client"
    _paths = {"READY": ("READY",), "WAITING": ("WAITING",), "DONE": ("DONE",)}
    _alphabet = {
        "ask": "above",
        "reply": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "timeout": "",
    }
    _rows = (
        Row("do_READY_ask", "READY", "ask"),
        Row("_do_READY_reply", "READY", "reply"),
        Row("do_WAITING_200", "WAITING", "reply", "200"),
        Row("_do_WAITING_42x", "WAITING", "reply", "42x"),
        Row("_do_WAITING_4xx", "WAITING", "reply", "4xx"),
        Row("_do_WAITING_5xx", "WAITING", "reply", "5xx"),
        Row("_do_WAITING_reply", "WAITING", "reply"),
        Row("do_WAITING_timeout", "WAITING", "timeout"),
    )
    _by = {"reply": 0}

    def __init__(self) -> None:
        super().__init__()
        self.tries: int = 0
        self.state = "READY"

    def ask(self) -> None:
        """`ask` asked for from above."""
        if self._busy:
            return self._later(self.ask)
        self._busy = True
        try:
            if self.state == "READY":
                self._READY_ask(self.do_READY_ask())
            elif self.state == "WAITING":
                self._busy = False
            else:
                self._refuse("ask")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def reply(self, code: int, text: str) -> None:
        """`reply` asked for from above."""
        if self._busy:
            return self._later(self.reply, code, text)
        self._busy = True
        try:
            if self.state == "READY":
                self._READY_reply(self._do_READY_reply(code, text), code, text)
            elif self.state == "WAITING":
                if code == 200:
                    self._WAITING_200(self.do_WAITING_200(text), code, text)
                elif 420 <= code <= 429:
                    self._WAITING_42x(self._do_WAITING_42x(code, text), code, text)
                elif 400 <= code <= 499 and self.tries > 3:
                    self._WAITING_4xx(self._do_WAITING_4xx(code, text), code, text)
                elif 400 <= code <= 499:
                    self._WAITING_4xx_2(self._do_WAITING_4xx(code, text), code, text)
                elif 500 <= code <= 599 and self.tries > 3:
                    self._WAITING_5xx(self._do_WAITING_5xx(code, text), code, text)
                elif 500 <= code <= 599:
                    self._WAITING_5xx_2(self._do_WAITING_5xx(code, text), code, text)
                else:
                    self._WAITING_reply(self._do_WAITING_reply(code, text), code, text)
            else:
                self._refuse("reply", code, text)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timeout(self) -> None:
        """The state's own time-out."""
        self._busy = True
        try:
            if self.state == "WAITING":
                self._WAITING_timeout(self.do_WAITING_timeout())
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _READY_ask(self, answer: object) -> None:
        """spec.proto:10"""
        if answer is not None:
            return self._wait(answer, self._READY_ask)
        self.tries += 1
        self.state = "WAITING"
        self._due = self.wire.due(30.0)
        self._busy = False
        told = self.emit_asked()
        if told is not None:
            self._hold(told)

    def _READY_reply(self, answer: object, code: int, text: str) -> None:
        """spec.proto:11"""
        if answer is not None:
            return self._wait(answer, self._READY_reply, code, text)
        self._busy = False

    def _WAITING_200(self, answer: object, code: int, text: str) -> None:
        """spec.proto:14"""
        if answer is not None:
            return self._wait(answer, self._WAITING_200, code, text)
        self.state = "READY"
        self._due = NEVER
        self._busy = False
        told = self.emit_answer(text)
        if told is not None:
            self._hold(told)

    def _WAITING_42x(self, answer: object, code: int, text: str) -> None:
        """spec.proto:15"""
        if answer is None or type(answer) is Again:
            self.state = "READY"
            self._due = NEVER
            self._busy = False
            told = self.emit_asked()
            if told is not None:
                self._hold(told)
        elif type(answer) is GiveUp:
            self.state = "DONE"
            self._due = NEVER
            self._tell((self.emit_refused, code, text), (self._end,))
        else:
            self._wait(answer, self._WAITING_42x, code, text)

    def _WAITING_4xx(self, answer: object, code: int, text: str) -> None:
        """spec.proto:18"""
        if answer is not None:
            return self._wait(answer, self._WAITING_4xx, code, text)
        self.state = "DONE"
        self._due = NEVER
        self._tell((self.emit_refused, code, text), (self._end,))

    def _WAITING_4xx_2(self, answer: object, code: int, text: str) -> None:
        """spec.proto:20"""
        if answer is not None:
            return self._wait(answer, self._WAITING_4xx_2, code, text)
        self.tries += 1
        self._busy = False
        told = self.emit_asked()
        if told is not None:
            self._hold(told)

    def _WAITING_5xx(self, answer: object, code: int, text: str) -> None:
        """spec.proto:18"""
        if answer is not None:
            return self._wait(answer, self._WAITING_5xx, code, text)
        self.state = "DONE"
        self._due = NEVER
        self._tell((self.emit_refused, code, text), (self._end,))

    def _WAITING_5xx_2(self, answer: object, code: int, text: str) -> None:
        """spec.proto:20"""
        if answer is not None:
            return self._wait(answer, self._WAITING_5xx_2, code, text)
        self.tries += 1
        self._busy = False
        told = self.emit_asked()
        if told is not None:
            self._hold(told)

    def _WAITING_reply(self, answer: object, code: int, text: str) -> None:
        """spec.proto:21"""
        if answer is not None:
            return self._wait(answer, self._WAITING_reply, code, text)
        self.state = "DONE"
        self._due = NEVER
        self._tell((self.emit_refused, code, "unknown: " + text), (self._end,))

    def _WAITING_timeout(self, answer: object) -> None:
        """spec.proto:23"""
        if answer is not None:
            return self._wait(answer, self._WAITING_timeout)
        self.state = "DONE"
        self._due = NEVER
        self._tell((self.emit_refused, 0, "nothing came"), (self._end,))

    def do_READY_ask(self) -> Awaitable[None] | None:
        """ask in READY. spec.proto:10"""
        return None

    def do_READY_reply(self, code: int, text: str) -> Awaitable[None] | None:
        """reply in READY. spec.proto:11"""
        return None

    _do_READY_reply = do_READY_reply

    def do_WAITING_200(self, text: str) -> Awaitable[None] | None:
        """200 in WAITING. spec.proto:14"""
        return None

    def do_WAITING_42x(
        self, code: int, text: str
    ) -> Awaitable[Again | GiveUp | None] | Again | GiveUp | None:
        """42x in WAITING: answer Again or GiveUp; None is Again. spec.proto:15"""
        return None

    _do_WAITING_42x = do_WAITING_42x

    def do_WAITING_4xx(self, code: int, text: str) -> Awaitable[None] | None:
        """4xx in WAITING. spec.proto:18, spec.proto:20"""
        return None

    _do_WAITING_4xx = do_WAITING_4xx

    def do_WAITING_5xx(self, code: int, text: str) -> Awaitable[None] | None:
        """5xx in WAITING. spec.proto:18, spec.proto:20"""
        return None

    _do_WAITING_5xx = do_WAITING_5xx

    def do_WAITING_reply(self, code: int, text: str) -> Awaitable[None] | None:
        """reply in WAITING. spec.proto:21"""
        return None

    _do_WAITING_reply = do_WAITING_reply

    def do_WAITING_timeout(self) -> Awaitable[None] | None:
        """The time-out in WAITING. spec.proto:23"""
        return None

    def emit_asked(self) -> object:
        """Tells what is above of `asked`. May return an awaitable. spec.proto:5"""
        return self.above.asked()

    def emit_answer(self, text: str) -> object:
        """Tells what is above of `answer`. May return an awaitable. spec.proto:5"""
        return self.above.answer(text)

    def emit_refused(self, code: int, text: str) -> object:
        """Tells what is above of `refused`. May return an awaitable. spec.proto:5"""
        return self.above.refused(code, text)
