"""An oven with a light, a timer and a door.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    NEVER,
    Machine,
    Row,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable


class Oven(Machine):
    """The machine Oven.

    spec.proto:3
    """

    __slots__ = ("degrees",)

    _role = "Oven"
    _paths = {
        "COLD": ("COLD", "CLOSED", "PLUGGED"),
        "HOT": ("HOT", "CLOSED", "PLUGGED"),
        "OPEN": ("OPEN", "PLUGGED"),
        "DEAD": ("DEAD",),
    }
    _alphabet = {
        "open_door": "above",
        "close_door": "above",
        "heat": "above",
        "set": "above",
        "unplug": "above",
        "clock": "",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "timeout": "",
    }
    _rows = (
        Row("_do_CLOSED_open_door", "CLOSED", "open_door"),
        Row("do_OPEN_close_door", "OPEN", "close_door"),
        Row("do_COLD_heat", "COLD", "heat"),
        Row("do_HOT_heat", "HOT", "heat"),
        Row("_do_PLUGGED_set", "PLUGGED", "set"),
        Row("_do_PLUGGED_unplug", "PLUGGED", "unplug"),
        Row("_do_PLUGGED_clock", "PLUGGED", "clock"),
        Row("do_HOT_timeout", "HOT", "timeout"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.degrees: int = 0
        self.state = "COLD"

    def open_door(self) -> None:
        """`open_door` asked for from above."""
        if self._busy:
            return self._later(self.open_door)
        self._busy = True
        try:
            if self.state == "COLD":
                self._CLOSED_open_door(self._do_CLOSED_open_door())
            elif self.state == "HOT":
                self._CLOSED_open_door_2(self._do_CLOSED_open_door())
            else:
                self._refuse("open_door")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def close_door(self) -> None:
        """`close_door` asked for from above."""
        if self._busy:
            return self._later(self.close_door)
        self._busy = True
        try:
            if self.state == "OPEN":
                self._OPEN_close_door(self.do_OPEN_close_door())
            else:
                self._refuse("close_door")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def heat(self, degrees: int) -> None:
        """`heat` asked for from above."""
        if self._busy:
            return self._later(self.heat, degrees)
        self._busy = True
        try:
            if self.state == "COLD":
                self._COLD_heat(self.do_COLD_heat(degrees), degrees)
            elif self.state == "HOT":
                self._HOT_heat(self.do_HOT_heat(degrees), degrees)
            elif self.state == "OPEN":
                self._busy = False
            else:
                self._refuse("heat", degrees)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def set(self, seconds: int) -> None:
        """`set` asked for from above."""
        if self._busy:
            return self._later(self.set, seconds)
        self._busy = True
        try:
            if self.state in ("COLD", "HOT", "OPEN"):
                self._PLUGGED_set(self._do_PLUGGED_set(seconds), seconds)
            else:
                self._refuse("set", seconds)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def unplug(self) -> None:
        """`unplug` asked for from above."""
        if self._busy:
            return self._later(self.unplug)
        self._busy = True
        try:
            if self.state == "COLD":
                self._PLUGGED_unplug(self._do_PLUGGED_unplug())
            elif self.state == "HOT":
                self._PLUGGED_unplug_2(self._do_PLUGGED_unplug())
            elif self.state == "OPEN":
                self._PLUGGED_unplug_3(self._do_PLUGGED_unplug())
            else:
                self._refuse("unplug")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_clock(self) -> None:
        """`clock` ran out."""
        if self._busy:
            return self._later(self._timer_clock)
        self._busy = True
        try:
            if self.state in ("COLD", "HOT", "OPEN"):
                self._PLUGGED_clock(self._do_PLUGGED_clock())
            else:
                self._refuse("clock")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timeout(self) -> None:
        """The state's own time-out."""
        self._busy = True
        try:
            if self.state == "HOT":
                self._HOT_timeout(self.do_HOT_timeout())
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _CLOSED_open_door(self, answer: object) -> None:
        """spec.proto:16"""
        if answer is not None:
            return self._wait(answer, self._CLOSED_open_door)
        self.state = "OPEN"
        self._due = NEVER
        self._busy = False
        told = self.emit_light(True)
        if told is not None:
            self._hold(told)

    def _CLOSED_open_door_2(self, answer: object) -> None:
        """spec.proto:16"""
        if answer is not None:
            return self._wait(answer, self._CLOSED_open_door_2)
        self._stop("clock")
        self.degrees = 0
        self.state = "OPEN"
        self._due = NEVER
        self._busy = False
        told = self.emit_light(True)
        if told is not None:
            self._hold(told)

    def _OPEN_close_door(self, answer: object) -> None:
        """spec.proto:30"""
        if answer is not None:
            return self._wait(answer, self._OPEN_close_door)
        self.state = "COLD"
        self._due = NEVER
        self._busy = False
        told = self.emit_light(False)
        if told is not None:
            self._hold(told)

    def _COLD_heat(self, answer: object, degrees: int) -> None:
        """spec.proto:18"""
        if answer is not None:
            return self._wait(answer, self._COLD_heat, degrees)
        degrees_2 = degrees
        self.degrees = degrees_2
        self.state = "HOT"
        self._due = self.wire.due(7200.0)
        self._start("clock", 600)
        self._busy = False
        told = self.emit_warm(degrees_2)
        if told is not None:
            self._hold(told)

    def _HOT_heat(self, answer: object, degrees: int) -> None:
        """spec.proto:23"""
        if answer is not None:
            return self._wait(answer, self._HOT_heat, degrees)
        degrees_2 = 0
        degrees_3 = degrees
        self._stop("clock")
        self.degrees = degrees_2
        self.degrees = degrees_3
        self.state = "HOT"
        self._due = self.wire.due(7200.0)
        self._start("clock", 600)
        self._busy = False
        told = self.emit_warm(degrees_3)
        if told is not None:
            self._hold(told)

    def _PLUGGED_set(self, answer: object, seconds: int) -> None:
        """spec.proto:12"""
        if answer is not None:
            return self._wait(answer, self._PLUGGED_set, seconds)
        self._start("clock", seconds)
        self._busy = False

    def _PLUGGED_unplug(self, answer: object) -> None:
        """spec.proto:13"""
        if answer is not None:
            return self._wait(answer, self._PLUGGED_unplug)
        self.state = "DEAD"
        self._due = NEVER
        self._busy = False
        self._end()

    def _PLUGGED_unplug_2(self, answer: object) -> None:
        """spec.proto:13"""
        if answer is not None:
            return self._wait(answer, self._PLUGGED_unplug_2)
        self._stop("clock")
        self.degrees = 0
        self.state = "DEAD"
        self._due = NEVER
        self._busy = False
        self._end()

    def _PLUGGED_unplug_3(self, answer: object) -> None:
        """spec.proto:13"""
        if answer is not None:
            return self._wait(answer, self._PLUGGED_unplug_3)
        self.state = "DEAD"
        self._due = NEVER
        self._tell((self.emit_light, False), (self._end,))

    def _PLUGGED_clock(self, answer: object) -> None:
        """spec.proto:11"""
        if answer is not None:
            return self._wait(answer, self._PLUGGED_clock)
        self._busy = False
        told = self.emit_rang()
        if told is not None:
            self._hold(told)

    def _HOT_timeout(self, answer: object) -> None:
        """spec.proto:24"""
        if answer is not None:
            return self._wait(answer, self._HOT_timeout)
        self._stop("clock")
        self.degrees = 0
        self.state = "COLD"
        self._due = NEVER
        self._busy = False

    def do_CLOSED_open_door(self) -> Awaitable[None] | None:
        """open_door in CLOSED. spec.proto:16"""
        return None

    _do_CLOSED_open_door = do_CLOSED_open_door

    def do_OPEN_close_door(self) -> Awaitable[None] | None:
        """close_door in OPEN. spec.proto:30"""
        return None

    def do_COLD_heat(self, degrees: int) -> Awaitable[None] | None:
        """heat in COLD. spec.proto:18"""
        return None

    def do_HOT_heat(self, degrees: int) -> Awaitable[None] | None:
        """heat in HOT. spec.proto:23"""
        return None

    def do_PLUGGED_set(self, seconds: int) -> Awaitable[None] | None:
        """set in PLUGGED. spec.proto:12"""
        return None

    _do_PLUGGED_set = do_PLUGGED_set

    def do_PLUGGED_unplug(self) -> Awaitable[None] | None:
        """unplug in PLUGGED. spec.proto:13"""
        return None

    _do_PLUGGED_unplug = do_PLUGGED_unplug

    def do_PLUGGED_clock(self) -> Awaitable[None] | None:
        """clock in PLUGGED. spec.proto:11"""
        return None

    _do_PLUGGED_clock = do_PLUGGED_clock

    def do_HOT_timeout(self) -> Awaitable[None] | None:
        """The time-out in HOT. spec.proto:24"""
        return None

    def emit_light(self, on: bool) -> object:
        """Tells what is above of `light`. May return an awaitable. spec.proto:5"""
        return self.above.light(on)

    def emit_warm(self, degrees: int) -> object:
        """Tells what is above of `warm`. May return an awaitable. spec.proto:5"""
        return self.above.warm(degrees)

    def emit_rang(self) -> object:
        """Tells what is above of `rang`. May return an awaitable. spec.proto:5"""
        return self.above.rang()
