"""RESP.

Made by protogen from spec.proto; build it again to change it.
"""

from __future__ import annotations

from protogen_fsm.runtime.core import (
    NEVER,
    Call,
    Chained,
    Machine,
    OneLine,
    OneOf,
    Pattern,
    Row,
    StreamMachine,
    Take,
    between,
    reading,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable


_simple = Pattern(
    "simple", rb"\+([^\r\n]*)", lambda text: (text.decode(),), begins=b"+"
)
_fault = Pattern("fault", rb"\-([^\r\n]*)", lambda text: (text.decode(),), begins=b"-")
_number = Pattern(
    "number", b":(-?[0-9]{1,20})", lambda value: (int(value),), begins=b":"
)
_bulk = Pattern(
    "bulk", rb"\$(-?[0-9]{1,9})", lambda n: (between(n, -1, 536870912),), begins=b"$"
)
_array = Pattern(
    "array", rb"\*(-?[0-9]{1,7})", lambda n: (between(n, -1, 1048576),), begins=b"*"
)
_payload = Pattern("payload", rb"(.*)\r\n", lambda value: (value,))
_Values_receives = OneOf(_simple, _fault, _number, _bulk, _array)
_Values_receives_2 = OneOf(_payload)


class Values(Chained, StreamMachine):
    """The machine Values.

    spec.proto:9
    """

    __slots__ = ("_ARRAY_items", "_ARRAY_left", "_BULK_n", "_stack", "_finishing")

    _role = "Values"
    _paths = {
        "VALUE": ("VALUE",),
        "ITEM": ("ITEM",),
        "BULK": ("BULK",),
        "ARRAY": ("ARRAY",),
    }
    _alphabet = {
        "simple": "below",
        "fault": "below",
        "number": "below",
        "bulk": "below",
        "array": "below",
        "payload": "below",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "item": "",
    }
    _rows = (
        Row("do_ITEM_simple", "ITEM", "simple"),
        Row("do_ITEM_fault", "ITEM", "fault"),
        Row("do_ITEM_number", "ITEM", "number"),
        Row("do_ITEM_bulk", "ITEM", "bulk"),
        Row("do_ITEM_array", "ITEM", "array"),
        Row("do_BULK_payload", "BULK", "payload"),
        Row("do_VALUE_item", "VALUE", "item"),
        Row("do_ARRAY_item", "ARRAY", "item"),
    )
    _received = {"BULK": _Values_receives_2}
    _reads_ITEM = reading(OneLine, b"\r\n", 65536)
    _depth = 8
    _variables = ("_ARRAY_items", "_ARRAY_left", "_BULK_n", "_stack")
    _lists = ("_ARRAY_items",)

    def __init__(self) -> None:
        super().__init__()
        self._BULK_n: int = 0
        self._ARRAY_left: int = 0
        self._ARRAY_items: list[object] = []
        self._stack: object = None
        self.state = "VALUE"
        self._begin()
        self._push("ITEM")
        self.read(self._reads_ITEM)
        self._finish()

    def data(self, octets: bytes) -> None:
        """A frame from below; as an event it is the message it decodes to."""
        if self._busy:
            return self._later(self.data, octets)
        event, args = self._received.get(self.state, _Values_receives).event(octets)
        getattr(self, event)(*args)

    def simple(self, text: str) -> None:
        """`simple` from below."""
        if self._busy:
            return self._later(self.simple, text)
        self._busy = True
        try:
            if self.state == "ITEM":
                self._ITEM_simple(self.do_ITEM_simple(text), text)
            else:
                self._refuse("simple", text)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def fault(self, text: str) -> None:
        """`fault` from below."""
        if self._busy:
            return self._later(self.fault, text)
        self._busy = True
        try:
            if self.state == "ITEM":
                self._ITEM_fault(self.do_ITEM_fault(text), text)
            else:
                self._refuse("fault", text)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def number(self, value: int) -> None:
        """`number` from below."""
        if self._busy:
            return self._later(self.number, value)
        self._busy = True
        try:
            if self.state == "ITEM":
                self._ITEM_number(self.do_ITEM_number(value), value)
            else:
                self._refuse("number", value)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def bulk(self, n: int) -> None:
        """`bulk` from below."""
        if self._busy:
            return self._later(self.bulk, n)
        self._busy = True
        try:
            if self.state == "ITEM":
                if n < 0:
                    self._ITEM_bulk(self.do_ITEM_bulk(n), n)
                else:
                    self._ITEM_bulk_2(self.do_ITEM_bulk(n), n)
            else:
                self._refuse("bulk", n)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def array(self, n: int) -> None:
        """`array` from below."""
        if self._busy:
            return self._later(self.array, n)
        self._busy = True
        try:
            if self.state == "ITEM":
                if n <= 0:
                    self._ITEM_array(self.do_ITEM_array(n), n)
                else:
                    self._ITEM_array_2(self.do_ITEM_array(n), n)
            else:
                self._refuse("array", n)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def payload(self, value: bytes) -> None:
        """`payload` from below."""
        if self._busy:
            return self._later(self.payload, value)
        self._busy = True
        try:
            if self.state == "BULK":
                self._BULK_payload(self.do_BULK_payload(value), value)
            else:
                self._refuse("payload", value)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def _take_item(self, v: object) -> None:
        """`item` raised by the machine itself."""
        if self.state == "VALUE":
            self._VALUE_item(self.do_VALUE_item(v), v)
        elif self.state == "ARRAY":
            if self._ARRAY_left > 1:
                self._ARRAY_item(self.do_ARRAY_item(v), v)
            else:
                self._ARRAY_item_2(self.do_ARRAY_item(v), v)
        else:
            self._refuse("item", v)

    def _ITEM_simple(self, answer: object, text: str) -> None:
        """spec.proto:17"""
        if answer is not None:
            return self._wait(answer, self._ITEM_simple, text)
        self._begin()
        self._raise(self._take_item, text)
        self._pop()
        self._finish()

    def _ITEM_fault(self, answer: object, text: str) -> None:
        """spec.proto:18"""
        if answer is not None:
            return self._wait(answer, self._ITEM_fault, text)
        self._begin()
        self._raise(self._take_item, text)
        self._effect(self.emit_error, text)
        self._pop()
        self._finish()

    def _ITEM_number(self, answer: object, value: int) -> None:
        """spec.proto:19"""
        if answer is not None:
            return self._wait(answer, self._ITEM_number, value)
        self._begin()
        self._raise(self._take_item, value)
        self._pop()
        self._finish()

    def _ITEM_bulk(self, answer: object, n: int) -> None:
        """spec.proto:20"""
        if answer is not None:
            return self._wait(answer, self._ITEM_bulk, n)
        self._begin()
        self._raise(self._take_item, None)
        self._pop()
        self._finish()

    def _ITEM_bulk_2(self, answer: object, n: int) -> None:
        """spec.proto:21"""
        if answer is not None:
            return self._wait(answer, self._ITEM_bulk_2, n)
        self._BULK_n = n
        self.state = "BULK"
        self.read(reading(Take, n + 2))
        self._busy = False

    def _ITEM_array(self, answer: object, n: int) -> None:
        """spec.proto:22"""
        if answer is not None:
            return self._wait(answer, self._ITEM_array, n)
        self._begin()
        self._raise(self._take_item, [])
        self._pop()
        self._finish()

    def _ITEM_array_2(self, answer: object, n: int) -> None:
        """spec.proto:23"""
        if answer is not None:
            return self._wait(answer, self._ITEM_array_2, n)
        self._begin()
        self._ARRAY_left = n
        self._ARRAY_items = []
        self.state = "ARRAY"
        self._push("ITEM", ("_ARRAY_left", "_ARRAY_items"))
        self.read(self._reads_ITEM)
        self._finish()

    def _BULK_payload(self, answer: object, value: bytes) -> None:
        """spec.proto:26"""
        if answer is not None:
            return self._wait(answer, self._BULK_payload, value)
        self._begin()
        self._raise(self._take_item, value)
        self._pop()
        self._finish()

    def _VALUE_item(self, answer: object, v: object) -> None:
        """spec.proto:14"""
        if answer is not None:
            return self._wait(answer, self._VALUE_item, v)
        self._effect(self.emit_value, v)
        self.state = "VALUE"
        self._push("ITEM")
        self.read(self._reads_ITEM)

    def _ARRAY_item(self, answer: object, v: object) -> None:
        """spec.proto:30"""
        if answer is not None:
            return self._wait(answer, self._ARRAY_item, v)
        self._ARRAY_left -= 1
        self._ARRAY_items.append(v)
        self._push("ITEM", ("_ARRAY_left", "_ARRAY_items"))
        self.read(self._reads_ITEM)

    def _ARRAY_item_2(self, answer: object, v: object) -> None:
        """spec.proto:31"""
        if answer is not None:
            return self._wait(answer, self._ARRAY_item_2, v)
        self._ARRAY_items.append(v)
        self._raise(self._take_item, [*self._ARRAY_items])
        self._pop()

    def do_ITEM_simple(self, text: str) -> Awaitable[None] | None:
        """simple in ITEM. spec.proto:17"""
        return None

    def do_ITEM_fault(self, text: str) -> Awaitable[None] | None:
        """fault in ITEM. spec.proto:18"""
        return None

    def do_ITEM_number(self, value: int) -> Awaitable[None] | None:
        """number in ITEM. spec.proto:19"""
        return None

    def do_ITEM_bulk(self, n: int) -> Awaitable[None] | None:
        """bulk in ITEM. spec.proto:20, spec.proto:21"""
        return None

    def do_ITEM_array(self, n: int) -> Awaitable[None] | None:
        """array in ITEM. spec.proto:22, spec.proto:23"""
        return None

    def do_BULK_payload(self, value: bytes) -> Awaitable[None] | None:
        """payload in BULK. spec.proto:26"""
        return None

    def do_VALUE_item(self, v: object) -> Awaitable[None] | None:
        """item in VALUE. spec.proto:14"""
        return None

    def do_ARRAY_item(self, v: object) -> Awaitable[None] | None:
        """item in ARRAY. spec.proto:30, spec.proto:31"""
        return None

    def emit_value(self, v: object) -> object:
        """Tells what is above of `value`. May return an awaitable. spec.proto:11"""
        return self.above.value(v)

    def emit_error(self, text: str) -> object:
        """Tells what is above of `error`. May return an awaitable. spec.proto:11"""
        return self.above.error(text)


class Client(Machine):
    """The machine Client.

    spec.proto:35
    """

    __slots__ = ()

    _role = "Client"
    _paths = {"READY": ("READY",), "WAITING": ("WAITING",), "CLOSED": ("CLOSED",)}
    _alphabet = {
        "value": "below",
        "error": "below",
        "command": "above",
        "open": "",
        "eof": "",
        "lost": "",
        "malformed": "",
        "failed": "",
        "unsolicited": "",
        "timeout": "",
    }
    _rows = (
        Row("do_WAITING_value", "WAITING", "value"),
        Row("do_WAITING_error", "WAITING", "error"),
        Row("do_READY_command", "READY", "command"),
        Row("do_READY_eof", "READY", "eof"),
        Row("do_WAITING_eof", "WAITING", "eof"),
        Row("do_WAITING_timeout", "WAITING", "timeout"),
    )

    def __init__(self) -> None:
        super().__init__(Values())
        self.state = "READY"

    def value(self, v: object) -> None:
        """`value` from below."""
        if self._busy:
            return self._later(self.value, v)
        self._busy = True
        try:
            if self.state == "WAITING":
                self._WAITING_value(self.do_WAITING_value(v), v)
            else:
                self._refuse("value", v)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def error(self, text: str) -> None:
        """`error` from below."""
        if self._busy:
            return self._later(self.error, text)
        self._busy = True
        try:
            if self.state == "WAITING":
                self._WAITING_error(self.do_WAITING_error(text), text)
            else:
                self._refuse("error", text)
        except Exception as error:
            self._failed(error)
        finally:
            if self._waiting is not None:
                self._next()

    def command(self, args: list[bytes]) -> Call[object]:
        """`command` asked for from above. Answered by `result`."""
        call = self._call("command", ("result",))
        try:
            self._on_command(args)
        except BaseException:
            self._drop(call)
            raise
        finally:
            if self._waiting is not None:
                self._next()
        return call

    def _on_command(self, args: list[bytes]) -> None:
        """The step of `command`."""
        if self._busy:
            return self._later(self._on_command, args)
        self._busy = True
        try:
            if self.state == "READY":
                self._READY_command(self.do_READY_command(args), args)
            elif self.state == "WAITING":
                self._busy = False
                self._defer(self._on_command, args)
            else:
                self._refuse("command", args)
        except Exception as error:
            self._failed(error)

    def eof(self) -> None:
        """The peer will send nothing more."""
        if self._busy:
            return self._later(self.eof)
        self._busy = True
        try:
            if self.state == "READY":
                self._READY_eof(self.do_READY_eof())
            elif self.state == "WAITING":
                self._WAITING_eof(self.do_WAITING_eof())
            else:
                self._refuse("eof")
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

    def _WAITING_value(self, answer: object, v: object) -> None:
        """spec.proto:44"""
        if answer is not None:
            return self._wait(answer, self._WAITING_value, v)
        self._owed("result")
        self.state = "READY"
        self._due = NEVER
        self._recall()
        self._tell((self.emit_result, v), (self._answer, "result", v))

    def _WAITING_error(self, answer: object, text: str) -> None:
        """spec.proto:45"""
        if answer is not None:
            return self._wait(answer, self._WAITING_error, text)
        self._busy = False

    def _READY_command(self, answer: object, args: list[bytes]) -> None:
        """spec.proto:40"""
        if answer is not None:
            return self._wait(answer, self._READY_command, args)
        self.state = "WAITING"
        self._due = self.wire.due(30.0)
        self._recall()
        self._busy = False

    def _READY_eof(self, answer: object) -> None:
        """spec.proto:41"""
        if answer is not None:
            return self._wait(answer, self._READY_eof)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._busy = False
        self._end()

    def _WAITING_eof(self, answer: object) -> None:
        """spec.proto:47"""
        if answer is not None:
            return self._wait(answer, self._WAITING_eof)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._busy = False
        self._end()

    def _WAITING_timeout(self, answer: object) -> None:
        """spec.proto:48"""
        if answer is not None:
            return self._wait(answer, self._WAITING_timeout)
        self.state = "CLOSED"
        self._due = NEVER
        self._recall()
        self._busy = False
        self._end()

    def do_WAITING_value(self, v: object) -> Awaitable[None] | None:
        """value in WAITING. spec.proto:44"""
        return None

    def do_WAITING_error(self, text: str) -> Awaitable[None] | None:
        """error in WAITING. spec.proto:45"""
        return None

    def do_READY_command(self, args: list[bytes]) -> Awaitable[None] | None:
        """command in READY. spec.proto:40"""
        return None

    def do_READY_eof(self) -> Awaitable[None] | None:
        """eof in READY. spec.proto:41"""
        return None

    def do_WAITING_eof(self) -> Awaitable[None] | None:
        """eof in WAITING. spec.proto:47"""
        return None

    def do_WAITING_timeout(self) -> Awaitable[None] | None:
        """The time-out in WAITING. spec.proto:48"""
        return None

    def emit_result(self, v: object) -> object:
        """Tells what is above of `result`. May return an awaitable. spec.proto:38"""
        return self.above.result(v)
