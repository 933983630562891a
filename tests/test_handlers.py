"""Handlers are found by their names, the most specific first, and no name is for nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from generated import fed, machine, made, smtp, told

ASKING = machine(
    """
    accepts reply(code: int, text: str) by code, ping, go, quiet
    emits   did(what: str)
    initial state OUTER {
        on ping          / emit did("ping")
        on 250(text)     / emit did("250 " + text)
        on 4xx(text)     / emit did("4xx " + text)
        on reply(text)   / emit did("reply " + text)
        initial state A { on go -> B }
        state B {
            on 45x(text)
                | first              / emit did("45x first")
                | second(why: str)   / emit did("45x " + why)
            on go -> A
            on *                     / emit did("star")
        }
    }
    state LAST { on 5xx -> END }
    final state END
""",
)


def server(cls: Any) -> Any:
    one = cls("mx")
    one.receive_open()
    one.data_to_send()
    return one


def heard(**handlers: Any) -> Any:
    """A class of `ASKING.M` with handlers that write down what they are called with."""

    def noting(name: str) -> Any:
        def handler(self: Any, *args: Any) -> None:
            self.heard.append((name, *args))

        return handler

    named = {name: noting(name) for name in handlers}
    cls = type("Mine", (ASKING.M,), named)
    one = cls()
    one.heard = []
    return one


def names(*names: str) -> Any:
    return heard(**dict.fromkeys(names, True))


def test_a_handler_for_an_inner_state_serves_the_row_of_the_state_around_it() -> None:
    one = names("do_A_ping")
    one.ping()
    one.go()
    one.ping()
    assert one.heard == [("do_A_ping",)]
    assert told(one) == [("did", "ping"), ("did", "ping")]


@pytest.mark.parametrize(
    ("there", "called"),
    [
        (("do_ping", "do_A_default", "do_default"), ("do_ping",)),
        (("do_OUTER_ping", "do_ping"), ("do_OUTER_ping",)),
        (("do_A_ping", "do_OUTER_ping"), ("do_A_ping",)),
        (("do_A_default", "do_OUTER_default", "do_default"), ("do_A_default", "ping")),
        (("do_OUTER_default", "do_default"), ("do_OUTER_default", "ping")),
        (("do_default",), ("do_default", "ping")),
    ],
)
def test_the_most_specific_handler_is_called(
    there: tuple[str, ...], called: tuple[str, ...]
) -> None:
    one = names(*there)
    one.ping()
    assert one.heard == [called]


@pytest.mark.parametrize(
    ("there", "called"),
    [
        (("do_A_452", "do_A_45x"), ("do_A_452", "busy")),
        (("do_OUTER_452", "do_A_45x"), ("do_OUTER_452", "busy")),
        (("do_452", "do_A_45x"), ("do_452", "busy")),
        (("do_A_45x", "do_A_4xx"), ("do_A_45x", 452, "busy")),
        (("do_45x", "do_OUTER_4xx"), ("do_45x", 452, "busy")),
        (("do_OUTER_4xx", "do_A_reply"), ("do_OUTER_4xx", 452, "busy")),
        (("do_A_reply", "do_default"), ("do_A_reply", 452, "busy")),
        (("do_reply",), ("do_reply", 452, "busy")),
        (("do_default",), ("do_default", "reply", 452, "busy")),
    ],
)
def test_a_number_goes_before_its_classes(
    there: tuple[str, ...], called: tuple[object, ...]
) -> None:
    one = names(*there)
    one.reply(452, "busy")
    assert one.heard == [called]
    assert told(one) == [("did", "4xx busy")]


@pytest.mark.parametrize(
    ("code", "there", "called"),
    [
        (250, ("do_A_250",), ("do_A_250", "x")),
        (250, ("do_A_25x", "do_A_2xx"), ("do_A_25x", 250, "x")),
        (250, ("do_A_reply",), ("do_A_reply", 250, "x")),
        (300, ("do_A_300",), ("do_A_300", "x")),
        (300, ("do_A_3xx",), ("do_A_3xx", 300, "x")),
        (300, ("do_3xx",), ("do_3xx", 300, "x")),
    ],
)
def test_a_handler_may_be_for_a_number_where_the_spec_has_the_event(
    code: int, there: tuple[str, ...], called: tuple[object, ...]
) -> None:
    one = names(*there)
    one.reply(code, "x")
    assert one.heard == [called]


def test_a_handler_of_a_state_may_be_for_what_its_own_row_names() -> None:
    module = machine(
        """
        accepts told(kind: Kind, n: int) by kind
        emits   did(n: int)
        initial state A { on red(n) -> A / emit did(n)   on told(n) / emit did(0) }
        final state END
        """,
        before="enum Kind { red, blue }",
    )
    heard: list[Any] = []

    class Mine(module.M):  # type: ignore[misc]
        def do_A_red(self, n: int) -> None:
            heard.append(("red", n))

        def do_A_told(self, kind: str, n: int) -> None:
            heard.append((kind, n))

    one = Mine()
    one.told("red", 4)
    one.told("blue", 5)
    assert heard == [("red", 4), ("blue", 5)]
    assert told(one) == [("did", 4), ("did", 0)]


def test_a_row_for_anything_calls_the_handler_of_what_came() -> None:
    one = names("do_B_quiet", "do_B_default")
    one.go()
    one.quiet()
    assert one.heard == [("do_B_quiet",)]
    one = names("do_OUTER_quiet", "do_B_default")
    one.go()
    one.quiet()
    assert one.heard == [("do_OUTER_quiet",)]
    one = names("do_B_default")
    one.go()
    one.quiet()
    one.ping()
    assert one.heard == [("do_B_default", "quiet"), ("do_B_default", "ping")]


def test_a_class_s_handler_decides_for_the_number_it_is_called_for() -> None:
    class Mine(ASKING.M):  # type: ignore[misc]
        def do_B_452(self, text: str) -> Any:
            return ASKING.Second(text)

    one = Mine()
    one.go()
    one.reply(452, "full")
    one.reply(451, "else")
    assert told(one) == [("did", "45x full"), ("did", "45x first")]


def test_smtp_takes_handlers_more_specific_than_its_rows() -> None:
    smtp_ = smtp()

    class Mine(smtp_.Server):  # type: ignore[misc]
        noops = 0

        def do_READY_NOOP(self) -> None:
            self.noops += 1

        def do_VRFY(self, who: str) -> Any:
            return smtp_.Found(f"<{who}>")

    one = server(Mine)
    fed(one, [b"NOOP\r\nEHLO me\r\nNOOP\r\nMAIL FROM:<a>\r\nNOOP\r\n"])
    assert one.noops == 1
    assert fed(one, [b"VRFY you\r\n"]) == b"250 <you>\r\n"


# ---------------------------------------------------------------- inheritance


def test_classes_of_users_inherit_handlers_from_each_other() -> None:
    smtp_ = smtp()

    class Base(smtp_.Server):  # type: ignore[misc]
        def do_READY_NOOP(self) -> None:
            self.heard.append("base")

        def do_default(self, event: str, *args: object) -> None:
            self.heard.append(f"default {event}")

    class Mixin:
        heard: list[str]

        def do_READY_NOOP(self) -> None:
            self.heard.append("mixin")
            super().do_READY_NOOP()  # type: ignore[misc]

    class Last(Mixin, Base):
        def do_HELP(self) -> None:
            self.heard.append("help")

    one = server_of(Last)
    fed(one, [b"EHLO me\r\n"])
    one.heard.clear()
    fed(one, [b"NOOP\r\nHELP\r\nRSET\r\n"])
    assert one.heard == ["mixin", "base", "help", "default RSET"]
    one = server_of(Base)
    fed(one, [b"EHLO me\r\n"])
    one.heard.clear()
    fed(one, [b"NOOP\r\nHELP\r\nRSET\r\n"])
    assert one.heard == ["base", "default HELP", "default RSET"]


def server_of(cls: Any) -> Any:
    one = cls("mx")
    one.heard = []
    one.receive_open()
    return one


def test_a_more_specific_handler_of_a_class_goes_before_what_its_base_had() -> None:
    class Base(ASKING.M):  # type: ignore[misc]
        def do_default(self, event: str, *args: object) -> None:
            self.heard.append(f"default {event}")

    class Last(Base):
        def do_go(self) -> None:
            self.heard.append("go")

    one = Last()
    one.heard = []
    one.go()
    assert one.heard == ["go"]


def test_a_handler_may_call_that_of_the_class_it_stands_on() -> None:
    class Mine(ASKING.M):  # type: ignore[misc]
        def do_A_go(self) -> Any:
            return super().do_A_go()

        def do_OUTER_ping(self) -> Any:
            return super().do_OUTER_ping()

    one = Mine()
    one.ping()
    one.go()
    assert (one.state, told(one)) == ("B", [("did", "ping")])


# ---------------------------------------------------------------- names for nothing


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("do_READDY_NOOP", "do_READY_NOOP"),
        ("do_READY_NOP", "do_READY_NOOP"),
        ("do_NOPE", ""),
        ("do_CONNECTED_MAIL", ""),
        ("do_BODY_RCPT", ""),
        ("do_CLOSED_default", ""),
        ("do_ENVELOPE_452", ""),
        ("enter_REDY", "enter_READY"),
        ("exit_BODDY", "exit_BODY"),
        ("emit_mails", "emit_mail"),
    ],
)
def test_a_handler_that_nothing_can_call_is_refused_when_its_class_is_made(
    name: str, near: str
) -> None:
    with pytest.raises(TypeError, match=f"Mine.{name} is a handler that nothing") as caught:
        type("Mine", (smtp().Server,), {name: lambda self: None})
    if near:
        assert f"did you mean {near}?" in str(caught.value)


@pytest.mark.parametrize("name", ["do_LAST_250", "do_LAST_reply_250", "do_END_5xx"])
def test_a_number_that_no_row_takes_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match="nothing can ever call"):
        type("Mine", (ASKING.M,), {name: lambda self: None})


@pytest.mark.parametrize("name", ["do_LAST_550", "do_LAST_55x", "do_LAST_reply", "do_B_299"])
def test_a_number_that_some_row_takes_is_not(name: str) -> None:
    type("Mine", (ASKING.M,), {name: lambda self: None})


def test_helpers_of_other_names_are_the_user_s_own_business() -> None:
    type("Mine", (smtp().Server,), {"door": 1, "_do_it": 2, "re_enter_READY": 3})


# ---------------------------------------------------------------- hooks

NESTED = machine("""
    accepts inner, out, again, stay(n: int)
    emits   did(what: str)
    var n: int = 0
    var all: list[int] = []
    initial state A { on inner -> P / n += 1 }
    state P {
        on out -> A    / n = 0
        on again -> P
        initial state Q { on inner -> R / emit did("moved") }
        state R { on stay(n) / self.n = n  on inner -> S / n += 10, all += [n] }
        state S { entry -> T }
        state T { on stay(n) -> Q / all += [n], self.n = n, emit did("Q") }
    }
    final state END
""")

STATES = "APQRST"


def hooked(**more: Any) -> Any:
    def noting(name: str) -> Any:
        return lambda self: self.heard.append(f"{name} {self.n}")

    hooks = {f"{kind}_{state}": noting(f"{kind} {state}")
             for kind in ("enter", "exit") for state in STATES}  # fmt: skip
    cls = type("Hooked", (NESTED.M,), {"heard": [], **hooks, **more})
    one = cls()
    one.heard = []
    return one


def test_hooks_go_from_the_inside_out_and_from_the_outside_in() -> None:
    one = hooked()
    one.inner()
    assert one.heard == ["exit A 0", "enter P 1", "enter Q 1"]
    one.heard.clear()
    one.inner()
    assert one.heard == ["exit Q 1", "enter R 1"]
    one.heard.clear()
    one.stay(5)
    assert one.heard == []
    one.again()
    assert one.heard == ["exit R 5", "exit P 5", "enter P 5", "enter Q 5"]
    one.inner()
    one.heard.clear()
    one.inner()
    assert one.heard == ["exit R 5", "enter S 15", "exit S 15", "enter T 15"]
    one.heard.clear()
    one.out()
    assert one.heard == ["exit T 15", "exit P 15", "enter A 0"]


@pytest.mark.parametrize("hook", ["exit_T", "enter_Q"])
def test_a_hook_that_raises_undoes_the_step(hook: str) -> None:
    def fail(self: Any) -> None:
        if self.all:
            raise ZeroDivisionError

    one = hooked(**{hook: fail})
    for event in (one.inner, one.inner, one.inner):
        event()
    told(one)
    before = one.state, one.n, list(one.all)
    assert before == ("T", 11, [11])
    with pytest.raises(ZeroDivisionError):
        one.stay(9)
    assert (one.state, one.n, one.all) == before
    assert told(one) == []
    one.all = []
    one.out()
    assert one.state == "A"


def test_a_hook_that_raises_at_the_end_of_a_chain_of_entries_undoes_all_of_it() -> None:
    def fail(self: Any) -> None:
        raise ZeroDivisionError

    one = hooked(enter_T=fail)
    one.inner()
    one.inner()
    with pytest.raises(ZeroDivisionError):
        one.inner()
    assert (one.state, one.n, one.all) == ("R", 1, [])


def test_a_class_that_stands_on_one_with_hooks_may_have_more() -> None:
    base = hooked()
    more = type("More", (type(base),), {"enter_A": lambda self: self.heard.append("mine")})
    one = more()
    one.heard = []
    one.inner()
    one.out()
    assert one.heard[-1] == "mine"


def test_an_event_fired_in_a_hook_waits() -> None:
    def fire(self: Any) -> None:
        self.inner()
        assert self.state in ("A", "P", "Q")

    one = hooked(enter_P=fire)
    one.inner()
    assert one.state == "R"


def test_a_hook_has_nothing_to_decide() -> None:
    one = hooked(enter_P=lambda self: 5)
    with pytest.raises(TypeError, match="enter_P gave 5"):
        one.inner()
    assert (one.state, one.n) == ("A", 0)


ANSWERS = """accepts go(n: int?) emits did(what: str)
initial state A {
    on go(n) when n == none
        | first(text: str = "first", times: int = 2) / emit did(text + str(times))
        | second                                     / emit did("second")
    on go(n) when n != none and n > 3                / emit did(str(n + 1))
    on go
        | told(text: str)                            / emit did(text)
        | failure                                    / emit did("failure")
}"""


def test_what_is_asked_for_may_leave_out_what_has_a_default() -> None:
    spec = """
    protocol Jobs
    machine Worker {
        accepts work(what: str, times: int = 2), ask(what: str, loud: bool = false) answered by told
        emits   told(text: str)
        initial state IDLE {
            on work(what, times) when times > 1 -> IDLE / emit told(what + what)
            on work(what)                       -> IDLE / emit told(what)
            on ask(what, loud) when loud        -> IDLE / emit told(upper(what))
            on ask(what)                        -> IDLE / emit told(what)
        }
    }
    """
    worker = made(spec).Worker()
    worker.work("a")
    worker.work("a", 1)
    worker.work("a", times=2)
    assert [event.args for event in worker.events()] == [("aa",), ("a",), ("aa",)]
    assert worker.ask("b").result() == "b"
    assert worker.ask("b", loud=True).result() == "B"


def test_no_answer_is_the_first_outcome_with_what_it_is_told_by_default() -> None:
    module = machine(ANSWERS)
    one = module.M()
    one.go(None)
    assert told(one) == [("did", "first2")]
    assert module.First(times=3) == module.First("first", 3)


def test_no_answer_is_none_where_the_first_outcome_has_to_be_told_something() -> None:
    one = machine(ANSWERS).M()
    with pytest.raises(TypeError, match="None is no outcome"):
        one.go(1)
    assert told(one) == []


def test_what_a_guard_says_is_there_can_be_reckoned_with() -> None:
    one = machine(ANSWERS).M()
    one.go(4)
    assert told(one) == [("did", "5")]


@pytest.mark.parametrize("more", ["", ", raise on"])
def test_exits_see_the_machine_before_the_transition_s_actions_entries_after_them(
    more: str,
) -> None:
    spec = """
        accepts go(n: int)
        var n: int = 0
        var seen: list[int] = []
        initial state A { on go(n) -> B / self.n = n, seen += [n] MORE }
        state B { on on  on go(n) -> A / self.n = n, seen = [n] }
    """
    made = machine(spec.replace("MORE", more).replace("on on", "on on" if more else ""))

    class Watching(made.M):  # type: ignore[misc]
        said = ()

        def look(self, what: str) -> None:
            self.said += ((what, self.n, [*self.seen]),)

        def exit_A(self) -> None:
            self.look("exit A")

        def enter_B(self) -> None:
            self.look("enter B")

        def exit_B(self) -> None:
            self.look("exit B")

    one = Watching()
    one.go(1)
    one.go(2)
    assert one.said == (
        ("exit A", 0, []),
        ("enter B", 1, [1]),
        ("exit B", 1, [1]),
    )
    assert (one.n, one.seen) == (2, [2])


def test_a_name_of_the_machine_s_own_is_refused_to_a_class_above_it() -> None:
    with pytest.raises(TypeError, match=r"Mine\._pending is the machine's own: call yours .*"):

        class Mine(smtp().Server):  # type: ignore[misc]
            def _pending(self) -> None: ...

    with pytest.raises(TypeError, match=r"Late.do_READY_MAIL sets self\._calls, which is the mac"):

        class Late(smtp().Server):  # type: ignore[misc]
            def do_READY_MAIL(self, sender: str, parameters: str) -> None:
                self._calls: list[str] = [sender]

    class Fine(smtp().Server):  # type: ignore[misc]
        def __init__(self, other: Any) -> None:
            super().__init__("mx")
            self.__calls = [self._calls]
            other._calls = other.state = self.__calls
            self._mine = 1

    Fine(SimpleNamespace())


def test_a_machine_that_goes_on_while_it_is_made_is_heard_to() -> None:
    module = machine("""
        accepts go
        initial state A { entry -> B   on go -> B }
        state B { on go -> A  after 1h -> END }
        final state END
    """)
    log: list[str] = []

    def hook(name: str) -> Any:
        return lambda self: log.append(name)

    names = [f"{kind}_{state}" for kind in ("enter", "exit") for state in "AB"]
    mine = type("Mine", (module.M,), {name: hook(name) for name in names})
    one = mine()
    assert log == ["exit_A", "enter_B"]  # the first state itself is entered by nobody
    one.go()
    assert log[2:] == ["exit_B", "enter_A", "exit_A", "enter_B"]


@pytest.mark.parametrize("name", ["likes", "note"])
def test_a_predicate_or_an_action_that_would_take_time_is_refused_with_its_class(name: str) -> None:
    """A coroutine is true: `async def can_relay` would have let everybody relay."""
    module = machine("""
        accepts go(k: int)
        predicate likes(k: int)
        action note(k: int)
        initial state A { on go(k) when likes(k) -> B / note(k) }
        state B { on go -> A  after 1h -> END }
        final state END
    """)

    async def answer(self: Any, k: int) -> bool:
        return False

    with pytest.raises(TypeError, match=f"Mine.{name} cannot take time"):
        type("Mine", (module.M,), {name: answer})
    members = {"likes": lambda self, k: True, name: lambda self, k: True, "helps": answer}
    one = type("Mine", (module.M,), members)()
    one.go(1)
    assert one.state == "B"
