"""A worker that takes jobs in turn.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    Call,
    Chained,
    Row,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable


class Worker(Chained):
    """The machine Worker.

    spec.proto:3
    """

    __slots__ = ("_BUSY_left", "_BUSY_name", "names", "_finishing")

    _role = "Worker"
    _paths = {"IDLE": ("IDLE",), "BUSY": ("BUSY",), "STOPPED": ("STOPPED",)}
    _alphabet = {
        "job": "above",
        "finish": "above",
        "stop": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "part": "",
    }
    _rows = (
        Row("do_IDLE_job", "IDLE", "job"),
        Row("do_BUSY_finish", "BUSY", "finish"),
        Row("do_IDLE_stop", "IDLE", "stop"),
        Row("do_BUSY_part", "BUSY", "part"),
    )
    _variables = ("_BUSY_left", "_BUSY_name", "names")
    _lists = ("names",)

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self._BUSY_name: str = ""
        self._BUSY_left: int = 0
        self.state = "IDLE"

    def job(self, name: str, parts: int) -> None:
        """`job` asked for from above."""
        if self._busy:
            return self._later(self.job, name, parts)
        self._busy = True
        try:
            if self.state == "IDLE":
                if parts > 0:
                    self._IDLE_job(self.do_IDLE_job(name, parts), name, parts)
                else:
                    self._IDLE_job_2(self.do_IDLE_job(name, parts), name, parts)
            elif self.state == "BUSY":
                self._busy = False
                self._defer(self.job, name, parts)
            else:
                self._refuse("job", name, parts)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def finish(self) -> None:
        """`finish` asked for from above."""
        if self._busy:
            return self._later(self.finish)
        self._busy = True
        try:
            if self.state == "BUSY":
                self._BUSY_finish(self.do_BUSY_finish())
            else:
                self._refuse("finish")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def stop(self) -> Call[None]:
        """`stop` asked for from above. Answered by `stopped`."""
        call = self._call("stop", ("stopped",))
        try:
            self._on_stop()
        except BaseException:
            self._drop(call)
            raise
        finally:
            if self._waiting is not None:
                self._next()
        return call

    def _on_stop(self) -> None:
        """The step of `stop`."""
        if self._busy:
            return self._later(self._on_stop)
        self._busy = True
        try:
            if self.state == "IDLE":
                self._IDLE_stop(self.do_IDLE_stop())
            elif self.state == "BUSY":
                self._busy = False
                self._defer(self._on_stop)
            else:
                self._refuse("stop")
        except Exception as error:
            self._failed(error)

    def _take_part(self) -> None:
        """`part` raised by the machine itself."""
        if self.state == "BUSY":
            if self._BUSY_left > 1:
                self._BUSY_part(self.do_BUSY_part())
            else:
                self._BUSY_part_2(self.do_BUSY_part())
        else:
            self._refuse("part")

    def _IDLE_job(self, answer: object, name: str, parts: int) -> None:
        """spec.proto:10"""
        if answer is not None:
            return self._wait(answer, self._IDLE_job, name, parts)
        self._begin()
        self._BUSY_name = name
        self._BUSY_left = parts
        self.state = "BUSY"
        self._recall()
        self._raise(self._take_part)
        self._finish()

    def _IDLE_job_2(self, answer: object, name: str, parts: int) -> None:
        """spec.proto:11"""
        if answer is not None:
            return self._wait(answer, self._IDLE_job_2, name, parts)
        self._busy = False

    def _BUSY_finish(self, answer: object) -> None:
        """spec.proto:19"""
        if answer is not None:
            return self._wait(answer, self._BUSY_finish)
        self.state = "IDLE"
        self._recall()
        self._busy = False

    def _IDLE_stop(self, answer: object) -> None:
        """spec.proto:12"""
        if answer is not None:
            return self._wait(answer, self._IDLE_stop)
        names = [*self.names]
        self.state = "STOPPED"
        self._recall()
        self._tell(
            (self.emit_done, names),
            (self.emit_stopped,),
            (self._answer, "stopped", None),
            (self._end,),
        )

    def _BUSY_part(self, answer: object) -> None:
        """spec.proto:17"""
        if answer is not None:
            return self._wait(answer, self._BUSY_part)
        self._BUSY_left -= 1
        self._raise(self._take_part)

    def _BUSY_part_2(self, answer: object) -> None:
        """spec.proto:18"""
        if answer is not None:
            return self._wait(answer, self._BUSY_part_2)
        self.names.append(self._BUSY_name)
        self._effect(self.emit_done, [*self.names])

    def do_IDLE_job(self, name: str, parts: int) -> Awaitable[None] | None:
        """job in IDLE. spec.proto:10, spec.proto:11"""
        return None

    def do_BUSY_finish(self) -> Awaitable[None] | None:
        """finish in BUSY. spec.proto:19"""
        return None

    def do_IDLE_stop(self) -> Awaitable[None] | None:
        """stop in IDLE. spec.proto:12"""
        return None

    def do_BUSY_part(self) -> Awaitable[None] | None:
        """part in BUSY. spec.proto:17, spec.proto:18"""
        return None

    def emit_done(self, names: list[str]) -> object:
        """Tells what is above of `done`. May return an awaitable. spec.proto:5"""
        return self.above.done(names)

    def emit_stopped(self) -> object:
        """Tells what is above of `stopped`. May return an awaitable. spec.proto:5"""
        return self.above.stopped()
