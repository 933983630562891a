"""The transactions of the Session Initiation Protocol, RFC 3261, section 17.

Made by protogen from sip.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    Machine,
    Outlet,
    Row,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable

T1 = 0.5
T2 = 4
T4 = 5


class InviteClient(Machine):
    """The INVITE client transaction, figure 5.

    sip.proto:15
    """

    __slots__ = ("absorb", "branch", "interval", "reliable", "request", "t1")

    _role = "InviteClient"
    _paths = {
        "Idle": ("Idle",),
        "Calling": ("Calling",),
        "Proceeding": ("Proceeding",),
        "Completed": ("Completed",),
        "Terminated": ("Terminated",),
    }
    _alphabet = {
        "response": "below",
        "transport_error": "below",
        "invite": "above",
        "A": "",
        "B": "",
        "D": "",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = (
        Row("_do_Calling_1xx", "Calling", "response", "1xx"),
        Row("_do_Calling_2xx", "Calling", "response", "2xx"),
        Row("_do_Calling_response", "Calling", "response"),
        Row("_do_Proceeding_1xx", "Proceeding", "response", "1xx"),
        Row("_do_Proceeding_2xx", "Proceeding", "response", "2xx"),
        Row("_do_Proceeding_response", "Proceeding", "response"),
        Row("_do_Completed_response", "Completed", "response"),
        Row("do_Calling_transport_error", "Calling", "transport_error"),
        Row("do_Completed_transport_error", "Completed", "transport_error"),
        Row("do_Idle_invite", "Idle", "invite"),
        Row("do_Calling_A", "Calling", "A"),
        Row("do_Calling_B", "Calling", "B"),
        Row("do_Completed_D", "Completed", "D"),
    )
    _by = {"response": 0}

    def __init__(self, branch: str, reliable: bool = False, t1: float = 0.5) -> None:
        super().__init__()
        self.below = Outlet(self.wire)
        self.branch = branch
        self.reliable = reliable
        self.t1 = t1
        self.request: object = None
        self.interval: float = self.t1
        self.absorb: float = max(32, 64 * self.t1)
        self.state = "Idle"

    def response(self, code: int, response: object, branch: str) -> None:
        """`response` from below."""
        if self._busy:
            return self._later(self.response, code, response, branch)
        self._busy = True
        try:
            if self.state == "Calling":
                if 100 <= code <= 199:
                    self._Calling_1xx(
                        self._do_Calling_1xx(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                elif 200 <= code <= 299:
                    self._Calling_2xx(
                        self._do_Calling_2xx(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                else:
                    self._Calling_response(
                        self._do_Calling_response(code, response, branch),
                        code,
                        response,
                        branch,
                    )
            elif self.state == "Proceeding":
                if 100 <= code <= 199:
                    self._Proceeding_1xx(
                        self._do_Proceeding_1xx(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                elif 200 <= code <= 299:
                    self._Proceeding_2xx(
                        self._do_Proceeding_2xx(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                else:
                    self._Proceeding_response(
                        self._do_Proceeding_response(code, response, branch),
                        code,
                        response,
                        branch,
                    )
            elif self.state == "Completed":
                if 100 <= code <= 199:
                    self._busy = False
                elif 200 <= code <= 299:
                    self._busy = False
                else:
                    self._Completed_response(
                        self._do_Completed_response(code, response, branch),
                        code,
                        response,
                        branch,
                    )
            else:
                self._refuse("response", code, response, branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def transport_error(self, branch: str) -> None:
        """`transport_error` from below."""
        if self._busy:
            return self._later(self.transport_error, branch)
        self._busy = True
        try:
            if self.state == "Calling":
                self._Calling_transport_error(
                    self.do_Calling_transport_error(branch), branch
                )
            elif self.state == "Proceeding":
                self._busy = False
            elif self.state == "Completed":
                self._Completed_transport_error(
                    self.do_Completed_transport_error(branch), branch
                )
            else:
                self._refuse("transport_error", branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def invite(self, request: object, branch: str) -> None:
        """`invite` asked for from above."""
        if self._busy:
            return self._later(self.invite, request, branch)
        self._busy = True
        try:
            if self.state == "Idle":
                if self.reliable:
                    self._Idle_invite(
                        self.do_Idle_invite(request, branch), request, branch
                    )
                else:
                    self._Idle_invite_2(
                        self.do_Idle_invite(request, branch), request, branch
                    )
            else:
                self._refuse("invite", request, branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_A(self) -> None:
        """`A` ran out."""
        if self._busy:
            return self._later(self._timer_A)
        self._busy = True
        try:
            if self.state == "Calling":
                self._Calling_A(self.do_Calling_A())
            else:
                self._refuse("A")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_B(self) -> None:
        """`B` ran out."""
        if self._busy:
            return self._later(self._timer_B)
        self._busy = True
        try:
            if self.state == "Calling":
                self._Calling_B(self.do_Calling_B())
            else:
                self._refuse("B")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_D(self) -> None:
        """`D` ran out."""
        if self._busy:
            return self._later(self._timer_D)
        self._busy = True
        try:
            if self.state == "Completed":
                self._Completed_D(self.do_Completed_D())
            else:
                self._refuse("D")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _Calling_1xx(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:38"""
        if answer is not None:
            return self._wait(answer, self._Calling_1xx, code, response, branch)
        self._stop("A")
        self._stop("B")
        self.state = "Proceeding"
        self._busy = False
        told = self.emit_answer(code, response, self.branch)
        if told is not None:
            self._hold(told)

    def _Calling_2xx(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:39"""
        if answer is not None:
            return self._wait(answer, self._Calling_2xx, code, response, branch)
        self._stop("A")
        self._stop("B")
        self.state = "Terminated"
        self._tell((self.emit_answer, code, response, self.branch), (self._end,))

    def _Calling_response(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:40"""
        if answer is not None:
            return self._wait(answer, self._Calling_response, code, response, branch)
        self._stop("A")
        self._stop("B")
        self.state = "Completed"
        self._start("D", self.absorb)
        self._busy = False
        self.below.ACK(response, self.branch)
        told = self.emit_answer(code, response, self.branch)
        if told is not None:
            self._hold(told)

    def _Proceeding_1xx(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:44"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_1xx, code, response, branch)
        self._busy = False
        told = self.emit_answer(code, response, self.branch)
        if told is not None:
            self._hold(told)

    def _Proceeding_2xx(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:45"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_2xx, code, response, branch)
        self.state = "Terminated"
        self._tell((self.emit_answer, code, response, self.branch), (self._end,))

    def _Proceeding_response(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:46"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_response, code, response, branch)
        self.state = "Completed"
        self._start("D", self.absorb)
        self._busy = False
        self.below.ACK(response, self.branch)
        told = self.emit_answer(code, response, self.branch)
        if told is not None:
            self._hold(told)

    def _Completed_response(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:52"""
        if answer is not None:
            return self._wait(answer, self._Completed_response, code, response, branch)
        self._busy = False
        self.below.ACK(response, self.branch)

    def _Calling_transport_error(self, answer: object, branch: str) -> None:
        """sip.proto:37"""
        if answer is not None:
            return self._wait(answer, self._Calling_transport_error, branch)
        self._stop("A")
        self._stop("B")
        self.state = "Terminated"
        self._tell((self.emit_failure, self.branch), (self._end,))

    def _Completed_transport_error(self, answer: object, branch: str) -> None:
        """sip.proto:53"""
        if answer is not None:
            return self._wait(answer, self._Completed_transport_error, branch)
        self._stop("D")
        self.state = "Terminated"
        self._tell((self.emit_failure, self.branch), (self._end,))

    def _Idle_invite(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:29"""
        if answer is not None:
            return self._wait(answer, self._Idle_invite, request, branch)
        B = 64 * self.t1
        self.request = request
        self.absorb = 0
        self._start("B", B)
        self.state = "Calling"
        self._busy = False
        self.below.INVITE(request, self.branch)

    def _Idle_invite_2(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:31"""
        if answer is not None:
            return self._wait(answer, self._Idle_invite_2, request, branch)
        B = 64 * self.t1
        self.request = request
        self._start("A", self.interval)
        self._start("B", B)
        self.state = "Calling"
        self._busy = False
        self.below.INVITE(request, self.branch)

    def _Calling_A(self, answer: object) -> None:
        """sip.proto:35"""
        if answer is not None:
            return self._wait(answer, self._Calling_A)
        interval = self.interval + self.interval
        self.interval = interval
        self._start("A", interval)
        self._busy = False
        self.below.INVITE(self.request, self.branch)

    def _Calling_B(self, answer: object) -> None:
        """sip.proto:36"""
        if answer is not None:
            return self._wait(answer, self._Calling_B)
        self._stop("A")
        self._stop("B")
        self.state = "Terminated"
        self._tell((self.emit_timeout, self.branch), (self._end,))

    def _Completed_D(self, answer: object) -> None:
        """sip.proto:54"""
        if answer is not None:
            return self._wait(answer, self._Completed_D)
        self._stop("D")
        self.state = "Terminated"
        self._busy = False
        self._end()

    def do_Calling_1xx(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """1xx in Calling. sip.proto:38"""
        return None

    _do_Calling_1xx = do_Calling_1xx

    def do_Calling_2xx(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """2xx in Calling. sip.proto:39"""
        return None

    _do_Calling_2xx = do_Calling_2xx

    def do_Calling_response(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """response in Calling. sip.proto:40"""
        return None

    _do_Calling_response = do_Calling_response

    def do_Proceeding_1xx(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """1xx in Proceeding. sip.proto:44"""
        return None

    _do_Proceeding_1xx = do_Proceeding_1xx

    def do_Proceeding_2xx(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """2xx in Proceeding. sip.proto:45"""
        return None

    _do_Proceeding_2xx = do_Proceeding_2xx

    def do_Proceeding_response(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """response in Proceeding. sip.proto:46"""
        return None

    _do_Proceeding_response = do_Proceeding_response

    def do_Completed_response(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """response in Completed. sip.proto:52"""
        return None

    _do_Completed_response = do_Completed_response

    def do_Calling_transport_error(self, branch: str) -> Awaitable[None] | None:
        """transport_error in Calling. sip.proto:37"""
        return None

    def do_Completed_transport_error(self, branch: str) -> Awaitable[None] | None:
        """transport_error in Completed. sip.proto:53"""
        return None

    def do_Idle_invite(self, request: object, branch: str) -> Awaitable[None] | None:
        """invite in Idle. sip.proto:29, sip.proto:31"""
        return None

    def do_Calling_A(self) -> Awaitable[None] | None:
        """A in Calling. sip.proto:35"""
        return None

    def do_Calling_B(self) -> Awaitable[None] | None:
        """B in Calling. sip.proto:36"""
        return None

    def do_Completed_D(self) -> Awaitable[None] | None:
        """D in Completed. sip.proto:54"""
        return None

    def emit_answer(self, code: int, response: object, branch: str) -> object:
        """Tells what is above of `answer`. May return an awaitable. sip.proto:19"""
        return self.above.answer(code, response, branch)

    def emit_timeout(self, branch: str) -> object:
        """Tells what is above of `timeout`. May return an awaitable. sip.proto:19"""
        return self.above.timeout(branch)

    def emit_failure(self, branch: str) -> object:
        """Tells what is above of `failure`. May return an awaitable. sip.proto:19"""
        return self.above.failure(branch)


class NonInviteClient(Machine):
    """The non-INVITE client transaction, figure 6.

    sip.proto:60
    """

    __slots__ = ("absorb", "asked", "branch", "interval", "reliable", "t1", "t2", "t4")

    _role = "NonInviteClient"
    _paths = {
        "Idle": ("Idle",),
        "Trying": ("Trying", "Asking"),
        "Proceeding": ("Proceeding", "Asking"),
        "Completed": ("Completed",),
        "Terminated": ("Terminated",),
    }
    _alphabet = {
        "response": "below",
        "transport_error": "below",
        "ask": "above",
        "E": "",
        "F": "",
        "K": "",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = (
        Row("_do_Asking_1xx", "Asking", "response", "1xx"),
        Row("_do_Asking_response", "Asking", "response"),
        Row("_do_Asking_transport_error", "Asking", "transport_error"),
        Row("do_Idle_ask", "Idle", "ask"),
        Row("do_Trying_E", "Trying", "E"),
        Row("do_Proceeding_E", "Proceeding", "E"),
        Row("_do_Asking_F", "Asking", "F"),
        Row("do_Completed_K", "Completed", "K"),
    )
    _by = {"response": 0}

    def __init__(
        self,
        branch: str,
        reliable: bool = False,
        t1: float = 0.5,
        t2: float = 4,
        t4: float = 5,
    ) -> None:
        super().__init__()
        self.below = Outlet(self.wire)
        self.branch = branch
        self.reliable = reliable
        self.t1 = t1
        self.t2 = t2
        self.t4 = t4
        self.asked: object = None
        self.interval: float = self.t1
        self.absorb: float = self.t4
        self.state = "Idle"

    def response(self, code: int, response: object, branch: str) -> None:
        """`response` from below."""
        if self._busy:
            return self._later(self.response, code, response, branch)
        self._busy = True
        try:
            if self.state in ("Trying", "Proceeding"):
                if 100 <= code <= 199:
                    self._Asking_1xx(
                        self._do_Asking_1xx(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                else:
                    self._Asking_response(
                        self._do_Asking_response(code, response, branch),
                        code,
                        response,
                        branch,
                    )
            elif self.state == "Completed":
                self._busy = False
            else:
                self._refuse("response", code, response, branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def transport_error(self, branch: str) -> None:
        """`transport_error` from below."""
        if self._busy:
            return self._later(self.transport_error, branch)
        self._busy = True
        try:
            if self.state in ("Trying", "Proceeding"):
                self._Asking_transport_error(
                    self._do_Asking_transport_error(branch), branch
                )
            elif self.state == "Completed":
                self._busy = False
            else:
                self._refuse("transport_error", branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def ask(self, request: object, branch: str) -> None:
        """`ask` asked for from above."""
        if self._busy:
            return self._later(self.ask, request, branch)
        self._busy = True
        try:
            if self.state == "Idle":
                if self.reliable:
                    self._Idle_ask(self.do_Idle_ask(request, branch), request, branch)
                else:
                    self._Idle_ask_2(self.do_Idle_ask(request, branch), request, branch)
            else:
                self._refuse("ask", request, branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_E(self) -> None:
        """`E` ran out."""
        if self._busy:
            return self._later(self._timer_E)
        self._busy = True
        try:
            if self.state == "Trying":
                self._Trying_E(self.do_Trying_E())
            elif self.state == "Proceeding":
                self._Proceeding_E(self.do_Proceeding_E())
            else:
                self._refuse("E")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_F(self) -> None:
        """`F` ran out."""
        if self._busy:
            return self._later(self._timer_F)
        self._busy = True
        try:
            if self.state in ("Trying", "Proceeding"):
                self._Asking_F(self._do_Asking_F())
            else:
                self._refuse("F")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_K(self) -> None:
        """`K` ran out."""
        if self._busy:
            return self._later(self._timer_K)
        self._busy = True
        try:
            if self.state == "Completed":
                self._Completed_K(self.do_Completed_K())
            else:
                self._refuse("K")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _Asking_1xx(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:82"""
        if answer is not None:
            return self._wait(answer, self._Asking_1xx, code, response, branch)
        self.state = "Proceeding"
        self._busy = False
        told = self.emit_answer(code, response, self.branch)
        if told is not None:
            self._hold(told)

    def _Asking_response(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:83"""
        if answer is not None:
            return self._wait(answer, self._Asking_response, code, response, branch)
        self._stop("E")
        self._stop("F")
        self.state = "Completed"
        self._start("K", self.absorb)
        self._busy = False
        told = self.emit_answer(code, response, self.branch)
        if told is not None:
            self._hold(told)

    def _Asking_transport_error(self, answer: object, branch: str) -> None:
        """sip.proto:81"""
        if answer is not None:
            return self._wait(answer, self._Asking_transport_error, branch)
        self._stop("E")
        self._stop("F")
        self.state = "Terminated"
        self._tell((self.emit_failure, self.branch), (self._end,))

    def _Idle_ask(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:74"""
        if answer is not None:
            return self._wait(answer, self._Idle_ask, request, branch)
        F = 64 * self.t1
        self.asked = request
        self.absorb = 0
        self._start("F", F)
        self.state = "Trying"
        self._busy = False
        self.below.request(request, self.branch)

    def _Idle_ask_2(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:76"""
        if answer is not None:
            return self._wait(answer, self._Idle_ask_2, request, branch)
        F = 64 * self.t1
        self.asked = request
        self._start("E", self.interval)
        self._start("F", F)
        self.state = "Trying"
        self._busy = False
        self.below.request(request, self.branch)

    def _Trying_E(self, answer: object) -> None:
        """sip.proto:87"""
        if answer is not None:
            return self._wait(answer, self._Trying_E)
        interval = min(2 * self.interval, self.t2)
        self.interval = interval
        self._start("E", interval)
        self._busy = False
        self.below.request(self.asked, self.branch)

    def _Proceeding_E(self, answer: object) -> None:
        """sip.proto:91"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_E)
        self._start("E", self.t2)
        self._busy = False
        self.below.request(self.asked, self.branch)

    def _Asking_F(self, answer: object) -> None:
        """sip.proto:80"""
        if answer is not None:
            return self._wait(answer, self._Asking_F)
        self._stop("E")
        self._stop("F")
        self.state = "Terminated"
        self._tell((self.emit_timeout, self.branch), (self._end,))

    def _Completed_K(self, answer: object) -> None:
        """sip.proto:97"""
        if answer is not None:
            return self._wait(answer, self._Completed_K)
        self.state = "Terminated"
        self._busy = False
        self._end()

    def do_Asking_1xx(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """1xx in Asking. sip.proto:82"""
        return None

    _do_Asking_1xx = do_Asking_1xx

    def do_Asking_response(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """response in Asking. sip.proto:83"""
        return None

    _do_Asking_response = do_Asking_response

    def do_Asking_transport_error(self, branch: str) -> Awaitable[None] | None:
        """transport_error in Asking. sip.proto:81"""
        return None

    _do_Asking_transport_error = do_Asking_transport_error

    def do_Idle_ask(self, request: object, branch: str) -> Awaitable[None] | None:
        """ask in Idle. sip.proto:74, sip.proto:76"""
        return None

    def do_Trying_E(self) -> Awaitable[None] | None:
        """E in Trying. sip.proto:87"""
        return None

    def do_Proceeding_E(self) -> Awaitable[None] | None:
        """E in Proceeding. sip.proto:91"""
        return None

    def do_Asking_F(self) -> Awaitable[None] | None:
        """F in Asking. sip.proto:80"""
        return None

    _do_Asking_F = do_Asking_F

    def do_Completed_K(self) -> Awaitable[None] | None:
        """K in Completed. sip.proto:97"""
        return None

    def emit_answer(self, code: int, response: object, branch: str) -> object:
        """Tells what is above of `answer`. May return an awaitable. sip.proto:64"""
        return self.above.answer(code, response, branch)

    def emit_timeout(self, branch: str) -> object:
        """Tells what is above of `timeout`. May return an awaitable. sip.proto:64"""
        return self.above.timeout(branch)

    def emit_failure(self, branch: str) -> object:
        """Tells what is above of `failure`. May return an awaitable. sip.proto:64"""
        return self.above.failure(branch)


class InviteServer(Machine):
    """The INVITE server transaction, figure 7.

    sip.proto:102
    """

    __slots__ = (
        "absorb",
        "branch",
        "interval",
        "last",
        "reliable",
        "sent",
        "t1",
        "t2",
        "t4",
    )

    _role = "InviteServer"
    _paths = {
        "Idle": ("Idle",),
        "Proceeding": ("Proceeding",),
        "Completed": ("Completed",),
        "Confirmed": ("Confirmed",),
        "Terminated": ("Terminated",),
    }
    _alphabet = {
        "INVITE": "below",
        "ACK": "below",
        "transport_error": "below",
        "respond": "above",
        "quiet": "",
        "G": "",
        "H": "",
        "I": "",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = (
        Row("do_Idle_INVITE", "Idle", "INVITE"),
        Row("do_Proceeding_INVITE", "Proceeding", "INVITE"),
        Row("do_Completed_INVITE", "Completed", "INVITE"),
        Row("do_Completed_ACK", "Completed", "ACK"),
        Row("do_Proceeding_transport_error", "Proceeding", "transport_error"),
        Row("do_Completed_transport_error", "Completed", "transport_error"),
        Row("_do_Proceeding_1xx", "Proceeding", "respond", "1xx"),
        Row("_do_Proceeding_2xx", "Proceeding", "respond", "2xx"),
        Row("_do_Proceeding_respond", "Proceeding", "respond"),
        Row("do_Proceeding_quiet", "Proceeding", "quiet"),
        Row("do_Completed_G", "Completed", "G"),
        Row("do_Completed_H", "Completed", "H"),
        Row("do_Confirmed_I", "Confirmed", "I"),
    )
    _by = {"respond": 0}

    def __init__(
        self,
        branch: str,
        reliable: bool = False,
        t1: float = 0.5,
        t2: float = 4,
        t4: float = 5,
    ) -> None:
        super().__init__()
        self.below = Outlet(self.wire)
        self.branch = branch
        self.reliable = reliable
        self.t1 = t1
        self.t2 = t2
        self.t4 = t4
        self.sent: int = 0
        self.last: object = None
        self.interval: float = self.t1
        self.absorb: float = self.t4
        self.state = "Idle"

    def INVITE(self, request: object, branch: str) -> None:
        """`INVITE` from below."""
        if self._busy:
            return self._later(self.INVITE, request, branch)
        self._busy = True
        try:
            if self.state == "Idle":
                if self.reliable:
                    self._Idle_INVITE(
                        self.do_Idle_INVITE(request, branch), request, branch
                    )
                else:
                    self._Idle_INVITE_2(
                        self.do_Idle_INVITE(request, branch), request, branch
                    )
            elif self.state == "Proceeding":
                if self.sent > 0:
                    self._Proceeding_INVITE(
                        self.do_Proceeding_INVITE(request, branch), request, branch
                    )
                else:
                    self._busy = False
            elif self.state == "Completed":
                self._Completed_INVITE(
                    self.do_Completed_INVITE(request, branch), request, branch
                )
            elif self.state == "Confirmed":
                self._busy = False
            else:
                self._refuse("INVITE", request, branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def ACK(self, response: object, branch: str) -> None:
        """`ACK` from below."""
        if self._busy:
            return self._later(self.ACK, response, branch)
        self._busy = True
        try:
            if self.state == "Completed":
                self._Completed_ACK(
                    self.do_Completed_ACK(response, branch), response, branch
                )
            elif self.state == "Confirmed":
                self._busy = False
            else:
                self._refuse("ACK", response, branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def transport_error(self, branch: str) -> None:
        """`transport_error` from below."""
        if self._busy:
            return self._later(self.transport_error, branch)
        self._busy = True
        try:
            if self.state == "Proceeding":
                self._Proceeding_transport_error(
                    self.do_Proceeding_transport_error(branch), branch
                )
            elif self.state == "Completed":
                self._Completed_transport_error(
                    self.do_Completed_transport_error(branch), branch
                )
            elif self.state == "Confirmed":
                self._busy = False
            else:
                self._refuse("transport_error", branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def respond(self, code: int, response: object, branch: str) -> None:
        """`respond` asked for from above."""
        if self._busy:
            return self._later(self.respond, code, response, branch)
        self._busy = True
        try:
            if self.state == "Proceeding":
                if 100 <= code <= 199:
                    self._Proceeding_1xx(
                        self._do_Proceeding_1xx(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                elif 200 <= code <= 299:
                    self._Proceeding_2xx(
                        self._do_Proceeding_2xx(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                elif self.reliable:
                    self._Proceeding_respond(
                        self._do_Proceeding_respond(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                else:
                    self._Proceeding_respond_2(
                        self._do_Proceeding_respond(code, response, branch),
                        code,
                        response,
                        branch,
                    )
            else:
                self._refuse("respond", code, response, branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_quiet(self) -> None:
        """`quiet` ran out."""
        if self._busy:
            return self._later(self._timer_quiet)
        self._busy = True
        try:
            if self.state == "Proceeding":
                self._Proceeding_quiet(self.do_Proceeding_quiet())
            else:
                self._refuse("quiet")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_G(self) -> None:
        """`G` ran out."""
        if self._busy:
            return self._later(self._timer_G)
        self._busy = True
        try:
            if self.state == "Completed":
                self._Completed_G(self.do_Completed_G())
            else:
                self._refuse("G")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_H(self) -> None:
        """`H` ran out."""
        if self._busy:
            return self._later(self._timer_H)
        self._busy = True
        try:
            if self.state == "Completed":
                self._Completed_H(self.do_Completed_H())
            else:
                self._refuse("H")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_I(self) -> None:
        """`I` ran out."""
        if self._busy:
            return self._later(self._timer_I)
        self._busy = True
        try:
            if self.state == "Confirmed":
                self._Confirmed_I(self.do_Confirmed_I())
            else:
                self._refuse("I")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _Idle_INVITE(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:118"""
        if answer is not None:
            return self._wait(answer, self._Idle_INVITE, request, branch)
        self.last = request
        self.absorb = 0
        self._start("quiet", 0.2)
        self.state = "Proceeding"
        self._busy = False
        told = self.emit_invited(request, self.branch)
        if told is not None:
            self._hold(told)

    def _Idle_INVITE_2(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:120"""
        if answer is not None:
            return self._wait(answer, self._Idle_INVITE_2, request, branch)
        self.last = request
        self._start("quiet", 0.2)
        self.state = "Proceeding"
        self._busy = False
        told = self.emit_invited(request, self.branch)
        if told is not None:
            self._hold(told)

    def _Proceeding_INVITE(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:124"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_INVITE, request, branch)
        self._busy = False
        self.below.response(self.sent, self.last, self.branch)

    def _Completed_INVITE(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:138"""
        if answer is not None:
            return self._wait(answer, self._Completed_INVITE, request, branch)
        self._busy = False
        self.below.response(self.sent, self.last, self.branch)

    def _Completed_ACK(self, answer: object, response: object, branch: str) -> None:
        """sip.proto:143"""
        if answer is not None:
            return self._wait(answer, self._Completed_ACK, response, branch)
        self._stop("G")
        self._stop("H")
        self.state = "Confirmed"
        self._start("I", self.absorb)
        self._busy = False

    def _Proceeding_transport_error(self, answer: object, branch: str) -> None:
        """sip.proto:134"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_transport_error, branch)
        self._stop("quiet")
        self.state = "Terminated"
        self._tell((self.emit_failure, self.branch), (self._end,))

    def _Completed_transport_error(self, answer: object, branch: str) -> None:
        """sip.proto:142"""
        if answer is not None:
            return self._wait(answer, self._Completed_transport_error, branch)
        self._stop("G")
        self._stop("H")
        self.state = "Terminated"
        self._tell((self.emit_failure, self.branch), (self._end,))

    def _Proceeding_1xx(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:126"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_1xx, code, response, branch)
        self.sent = code
        self.last = response
        self._stop("quiet")
        self._busy = False
        self.below.response(code, response, self.branch)

    def _Proceeding_2xx(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:128"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_2xx, code, response, branch)
        self._stop("quiet")
        self.state = "Terminated"
        self._busy = False
        self.below.response(code, response, self.branch)
        self._end()

    def _Proceeding_respond(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:129"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_respond, code, response, branch)
        H = 64 * self.t1
        self._stop("quiet")
        self.sent = code
        self.last = response
        self._start("H", H)
        self.state = "Completed"
        self._busy = False
        self.below.response(code, response, self.branch)

    def _Proceeding_respond_2(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:131"""
        if answer is not None:
            return self._wait(
                answer, self._Proceeding_respond_2, code, response, branch
            )
        H = 64 * self.t1
        self._stop("quiet")
        self.sent = code
        self.last = response
        self._start("G", self.interval)
        self._start("H", H)
        self.state = "Completed"
        self._busy = False
        self.below.response(code, response, self.branch)

    def _Proceeding_quiet(self, answer: object) -> None:
        """sip.proto:123"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_quiet)
        self.sent = 100
        self._busy = False
        self.below.response(100, self.last, self.branch)

    def _Completed_G(self, answer: object) -> None:
        """sip.proto:139"""
        if answer is not None:
            return self._wait(answer, self._Completed_G)
        interval = min(2 * self.interval, self.t2)
        self.interval = interval
        self._start("G", interval)
        self._busy = False
        self.below.response(self.sent, self.last, self.branch)

    def _Completed_H(self, answer: object) -> None:
        """sip.proto:141"""
        if answer is not None:
            return self._wait(answer, self._Completed_H)
        self._stop("G")
        self._stop("H")
        self.state = "Terminated"
        self._tell((self.emit_timeout, self.branch), (self._end,))

    def _Confirmed_I(self, answer: object) -> None:
        """sip.proto:149"""
        if answer is not None:
            return self._wait(answer, self._Confirmed_I)
        self.state = "Terminated"
        self._busy = False
        self._end()

    def do_Idle_INVITE(self, request: object, branch: str) -> Awaitable[None] | None:
        """INVITE in Idle. sip.proto:118, sip.proto:120"""
        return None

    def do_Proceeding_INVITE(
        self, request: object, branch: str
    ) -> Awaitable[None] | None:
        """INVITE in Proceeding. sip.proto:124"""
        return None

    def do_Completed_INVITE(
        self, request: object, branch: str
    ) -> Awaitable[None] | None:
        """INVITE in Completed. sip.proto:138"""
        return None

    def do_Completed_ACK(self, response: object, branch: str) -> Awaitable[None] | None:
        """ACK in Completed. sip.proto:143"""
        return None

    def do_Proceeding_transport_error(self, branch: str) -> Awaitable[None] | None:
        """transport_error in Proceeding. sip.proto:134"""
        return None

    def do_Completed_transport_error(self, branch: str) -> Awaitable[None] | None:
        """transport_error in Completed. sip.proto:142"""
        return None

    def do_Proceeding_1xx(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """1xx in Proceeding. sip.proto:126"""
        return None

    _do_Proceeding_1xx = do_Proceeding_1xx

    def do_Proceeding_2xx(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """2xx in Proceeding. sip.proto:128"""
        return None

    _do_Proceeding_2xx = do_Proceeding_2xx

    def do_Proceeding_respond(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """respond in Proceeding. sip.proto:129, sip.proto:131"""
        return None

    _do_Proceeding_respond = do_Proceeding_respond

    def do_Proceeding_quiet(self) -> Awaitable[None] | None:
        """quiet in Proceeding. sip.proto:123"""
        return None

    def do_Completed_G(self) -> Awaitable[None] | None:
        """G in Completed. sip.proto:139"""
        return None

    def do_Completed_H(self) -> Awaitable[None] | None:
        """H in Completed. sip.proto:141"""
        return None

    def do_Confirmed_I(self) -> Awaitable[None] | None:
        """I in Confirmed. sip.proto:149"""
        return None

    def emit_invited(self, request: object, branch: str) -> object:
        """Tells what is above of `invited`. May return an awaitable. sip.proto:106"""
        return self.above.invited(request, branch)

    def emit_timeout(self, branch: str) -> object:
        """Tells what is above of `timeout`. May return an awaitable. sip.proto:106"""
        return self.above.timeout(branch)

    def emit_failure(self, branch: str) -> object:
        """Tells what is above of `failure`. May return an awaitable. sip.proto:106"""
        return self.above.failure(branch)


class NonInviteServer(Machine):
    """The non-INVITE server transaction, figure 8.

    sip.proto:154
    """

    __slots__ = ("absorb", "branch", "last", "reliable", "sent", "t1")

    _role = "NonInviteServer"
    _paths = {
        "Idle": ("Idle",),
        "Trying": ("Trying",),
        "Proceeding": ("Proceeding",),
        "Completed": ("Completed",),
        "Terminated": ("Terminated",),
    }
    _alphabet = {
        "request": "below",
        "transport_error": "below",
        "respond": "above",
        "J": "",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
    }
    _rows = (
        Row("do_Idle_request", "Idle", "request"),
        Row("do_Proceeding_request", "Proceeding", "request"),
        Row("do_Completed_request", "Completed", "request"),
        Row("do_Proceeding_transport_error", "Proceeding", "transport_error"),
        Row("do_Completed_transport_error", "Completed", "transport_error"),
        Row("_do_Trying_1xx", "Trying", "respond", "1xx"),
        Row("_do_Trying_respond", "Trying", "respond"),
        Row("_do_Proceeding_1xx", "Proceeding", "respond", "1xx"),
        Row("_do_Proceeding_respond", "Proceeding", "respond"),
        Row("do_Completed_J", "Completed", "J"),
    )
    _by = {"respond": 0}

    def __init__(self, branch: str, reliable: bool = False, t1: float = 0.5) -> None:
        super().__init__()
        self.below = Outlet(self.wire)
        self.branch = branch
        self.reliable = reliable
        self.t1 = t1
        self.sent: int = 0
        self.last: object = None
        self.absorb: float = 64 * self.t1
        self.state = "Idle"

    def request(self, request: object, branch: str) -> None:
        """`request` from below."""
        if self._busy:
            return self._later(self.request, request, branch)
        self._busy = True
        try:
            if self.state == "Idle":
                if self.reliable:
                    self._Idle_request(
                        self.do_Idle_request(request, branch), request, branch
                    )
                else:
                    self._Idle_request_2(
                        self.do_Idle_request(request, branch), request, branch
                    )
            elif self.state == "Trying":
                self._busy = False
            elif self.state == "Proceeding":
                self._Proceeding_request(
                    self.do_Proceeding_request(request, branch), request, branch
                )
            elif self.state == "Completed":
                self._Completed_request(
                    self.do_Completed_request(request, branch), request, branch
                )
            else:
                self._refuse("request", request, branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def transport_error(self, branch: str) -> None:
        """`transport_error` from below."""
        if self._busy:
            return self._later(self.transport_error, branch)
        self._busy = True
        try:
            if self.state == "Proceeding":
                self._Proceeding_transport_error(
                    self.do_Proceeding_transport_error(branch), branch
                )
            elif self.state == "Completed":
                self._Completed_transport_error(
                    self.do_Completed_transport_error(branch), branch
                )
            else:
                self._refuse("transport_error", branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def respond(self, code: int, response: object, branch: str) -> None:
        """`respond` asked for from above."""
        if self._busy:
            return self._later(self.respond, code, response, branch)
        self._busy = True
        try:
            if self.state == "Trying":
                if 100 <= code <= 199:
                    self._Trying_1xx(
                        self._do_Trying_1xx(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                else:
                    self._Trying_respond(
                        self._do_Trying_respond(code, response, branch),
                        code,
                        response,
                        branch,
                    )
            elif self.state == "Proceeding":
                if 100 <= code <= 199:
                    self._Proceeding_1xx(
                        self._do_Proceeding_1xx(code, response, branch),
                        code,
                        response,
                        branch,
                    )
                else:
                    self._Proceeding_respond(
                        self._do_Proceeding_respond(code, response, branch),
                        code,
                        response,
                        branch,
                    )
            elif self.state == "Completed":
                if 200 <= code <= 299:
                    self._busy = False
                elif 300 <= code <= 399:
                    self._busy = False
                elif 400 <= code <= 499:
                    self._busy = False
                elif 500 <= code <= 599:
                    self._busy = False
                elif 600 <= code <= 699:
                    self._busy = False
                else:
                    self._refuse("respond", code, response, branch)
            else:
                self._refuse("respond", code, response, branch)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _timer_J(self) -> None:
        """`J` ran out."""
        if self._busy:
            return self._later(self._timer_J)
        self._busy = True
        try:
            if self.state == "Completed":
                self._Completed_J(self.do_Completed_J())
            else:
                self._refuse("J")
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _Idle_request(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:166"""
        if answer is not None:
            return self._wait(answer, self._Idle_request, request, branch)
        self.absorb = 0
        self.state = "Trying"
        self._busy = False
        told = self.emit_asked(request, self.branch)
        if told is not None:
            self._hold(told)

    def _Idle_request_2(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:167"""
        if answer is not None:
            return self._wait(answer, self._Idle_request_2, request, branch)
        self.state = "Trying"
        self._busy = False
        told = self.emit_asked(request, self.branch)
        if told is not None:
            self._hold(told)

    def _Proceeding_request(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:175"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_request, request, branch)
        self._busy = False
        self.below.response(self.sent, self.last, self.branch)

    def _Completed_request(self, answer: object, request: object, branch: str) -> None:
        """sip.proto:182"""
        if answer is not None:
            return self._wait(answer, self._Completed_request, request, branch)
        self._busy = False
        self.below.response(self.sent, self.last, self.branch)

    def _Proceeding_transport_error(self, answer: object, branch: str) -> None:
        """sip.proto:178"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_transport_error, branch)
        self.state = "Terminated"
        self._tell((self.emit_failure, self.branch), (self._end,))

    def _Completed_transport_error(self, answer: object, branch: str) -> None:
        """sip.proto:184"""
        if answer is not None:
            return self._wait(answer, self._Completed_transport_error, branch)
        self.state = "Terminated"
        self._tell((self.emit_failure, self.branch), (self._end,))

    def _Trying_1xx(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:171"""
        if answer is not None:
            return self._wait(answer, self._Trying_1xx, code, response, branch)
        self.sent = code
        self.last = response
        self.state = "Proceeding"
        self._busy = False
        self.below.response(code, response, self.branch)

    def _Trying_respond(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:172"""
        if answer is not None:
            return self._wait(answer, self._Trying_respond, code, response, branch)
        self.sent = code
        self.last = response
        self.state = "Completed"
        self._start("J", self.absorb)
        self._busy = False
        self.below.response(code, response, self.branch)

    def _Proceeding_1xx(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:176"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_1xx, code, response, branch)
        self.sent = code
        self.last = response
        self._busy = False
        self.below.response(code, response, self.branch)

    def _Proceeding_respond(
        self, answer: object, code: int, response: object, branch: str
    ) -> None:
        """sip.proto:177"""
        if answer is not None:
            return self._wait(answer, self._Proceeding_respond, code, response, branch)
        self.sent = code
        self.last = response
        self.state = "Completed"
        self._start("J", self.absorb)
        self._busy = False
        self.below.response(code, response, self.branch)

    def _Completed_J(self, answer: object) -> None:
        """sip.proto:185"""
        if answer is not None:
            return self._wait(answer, self._Completed_J)
        self.state = "Terminated"
        self._busy = False
        self._end()

    def do_Idle_request(self, request: object, branch: str) -> Awaitable[None] | None:
        """request in Idle. sip.proto:166, sip.proto:167"""
        return None

    def do_Proceeding_request(
        self, request: object, branch: str
    ) -> Awaitable[None] | None:
        """request in Proceeding. sip.proto:175"""
        return None

    def do_Completed_request(
        self, request: object, branch: str
    ) -> Awaitable[None] | None:
        """request in Completed. sip.proto:182"""
        return None

    def do_Proceeding_transport_error(self, branch: str) -> Awaitable[None] | None:
        """transport_error in Proceeding. sip.proto:178"""
        return None

    def do_Completed_transport_error(self, branch: str) -> Awaitable[None] | None:
        """transport_error in Completed. sip.proto:184"""
        return None

    def do_Trying_1xx(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """1xx in Trying. sip.proto:171"""
        return None

    _do_Trying_1xx = do_Trying_1xx

    def do_Trying_respond(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """respond in Trying. sip.proto:172"""
        return None

    _do_Trying_respond = do_Trying_respond

    def do_Proceeding_1xx(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """1xx in Proceeding. sip.proto:176"""
        return None

    _do_Proceeding_1xx = do_Proceeding_1xx

    def do_Proceeding_respond(
        self, code: int, response: object, branch: str
    ) -> Awaitable[None] | None:
        """respond in Proceeding. sip.proto:177"""
        return None

    _do_Proceeding_respond = do_Proceeding_respond

    def do_Completed_J(self) -> Awaitable[None] | None:
        """J in Completed. sip.proto:185"""
        return None

    def emit_asked(self, request: object, branch: str) -> object:
        """Tells what is above of `asked`. May return an awaitable. sip.proto:158"""
        return self.above.asked(request, branch)

    def emit_failure(self, branch: str) -> object:
        """Tells what is above of `failure`. May return an awaitable. sip.proto:158"""
        return self.above.failure(branch)
