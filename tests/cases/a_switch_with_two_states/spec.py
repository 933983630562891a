"""A switch, and how often it was turned on.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    Machine,
    Row,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable


class Switch(Machine):
    """The machine Switch.

    spec.proto:3
    """

    __slots__ = ("count",)

    _role = "Switch"
    _paths = {"OFF": ("OFF",), "ON": ("ON",), "BROKEN": ("BROKEN",)}
    _alphabet = {
        "turn_on": "above",
        "turn_off": "above",
        "break_": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = (
        Row("do_OFF_turn_on", "OFF", "turn_on"),
        Row("do_ON_turn_off", "ON", "turn_off"),
        Row("do_ON_break_", "ON", "break_"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.count: int = 0
        self.state = "OFF"

    def turn_on(self) -> None:
        """`turn_on` asked for from above."""
        if self._busy:
            return self._later(self.turn_on)
        self._busy = True
        try:
            if self.state == "OFF":
                self._OFF_turn_on(self.do_OFF_turn_on())
            else:
                self._refuse("turn_on")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def turn_off(self) -> None:
        """`turn_off` asked for from above."""
        if self._busy:
            return self._later(self.turn_off)
        self._busy = True
        try:
            if self.state == "ON":
                self._ON_turn_off(self.do_ON_turn_off())
            else:
                self._refuse("turn_off")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def break_(self) -> None:
        """`break_` asked for from above."""
        if self._busy:
            return self._later(self.break_)
        self._busy = True
        try:
            if self.state == "ON":
                self._ON_break_(self.do_ON_break_())
            else:
                self._refuse("break_")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _OFF_turn_on(self, answer: object) -> None:
        """spec.proto:10"""
        if answer is not None:
            return self._wait(answer, self._OFF_turn_on)
        count = self.count + 1
        self.count = count
        self.state = "ON"
        self._busy = False
        told = self.emit_turned(count)
        if told is not None:
            self._hold(told)

    def _ON_turn_off(self, answer: object) -> None:
        """spec.proto:13"""
        if answer is not None:
            return self._wait(answer, self._ON_turn_off)
        self.state = "OFF"
        self._busy = False

    def _ON_break_(self, answer: object) -> None:
        """spec.proto:14"""
        if answer is not None:
            return self._wait(answer, self._ON_break_)
        self.state = "BROKEN"
        self._busy = False
        self._end()

    def do_OFF_turn_on(self) -> Awaitable[None] | None:
        """turn_on in OFF. spec.proto:10"""
        return None

    def do_ON_turn_off(self) -> Awaitable[None] | None:
        """turn_off in ON. spec.proto:13"""
        return None

    def do_ON_break_(self) -> Awaitable[None] | None:
        """break_ in ON. spec.proto:14"""
        return None

    def emit_turned(self, count: int) -> object:
        """Tells what is above of `turned`. May return an awaitable. spec.proto:5"""
        return self.above.turned(count)
