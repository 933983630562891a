"""A step is a transaction, and steps never nest."""

from __future__ import annotations

import re
from typing import Any

import pytest

from generated import machine, smtp, told
from protogen_fsm.backends.python import names
from protogen_fsm.runtime import core
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError

COUNTER = machine("""
    accepts go(n: int), check(n: int), say(text: str), stop
    emits   done(n: int), said(text: str)
    predicate fits(n: int)
    action  note(n: int)
    var total: int = 0
    var all: list[int] = []
    initial state A {
        on go(n)                          -> B / all += [n], total += n, emit done(total)
        on check(n) when fits(n)          -> B / total += n
        on check(n)                            / all += [n], note(n), total -= n, emit done(n)
        on say(text)
            | fine
            | other(what: str)            -> B / total += 100, all += [1], emit said(what)
    }
    state B { on stop -> END / emit done(all[5])   on go(n) -> A }
    final state END
""")


def known(one: Any) -> tuple[Any, ...]:
    return one.state, one.total, list(one.all), told(one)


def test_a_handler_that_raises_has_changed_nothing() -> None:
    class Mine(COUNTER.M):  # type: ignore[misc]
        def do_A_go(self, n: int) -> None:
            raise ZeroDivisionError

    one = Mine()
    with pytest.raises(ZeroDivisionError):
        one.go(3)
    assert known(one) == ("A", 0, [], [])
    one.check(5)
    assert known(one) == ("A", -5, [5], [("done", 5)])


def test_a_predicate_that_raises_has_changed_nothing() -> None:
    class Mine(COUNTER.M):  # type: ignore[misc]
        def fits(self, n: int) -> bool:
            raise KeyError(n)

    one = Mine()
    with pytest.raises(KeyError):
        one.check(3)
    assert known(one) == ("A", 0, [], [])
    one.go(3)
    assert known(one) == ("B", 3, [3], [("done", 3)])


def test_an_action_that_raises_has_changed_nothing() -> None:
    class Mine(COUNTER.M):  # type: ignore[misc]
        def note(self, n: int) -> None:
            raise KeyError(n)

    one = Mine()
    with pytest.raises(KeyError):
        one.check(3)
    assert known(one) == ("A", 0, [], [])


def test_an_expression_that_fails_has_changed_nothing() -> None:
    one = COUNTER.M()
    one.go(1)
    told(one)
    with pytest.raises(IndexError):
        one.stop()
    assert known(one) == ("B", 1, [1], [])


def test_none_means_the_first_outcome_and_what_is_none_of_them_is_a_type_error() -> None:
    class Mine(COUNTER.M):  # type: ignore[misc]
        answer: Any = None

        def do_A_say(self, text: str) -> Any:
            return self.answer

    one = Mine()
    one.say("x")
    assert known(one) == ("A", 0, [], [])
    one.answer = COUNTER.Fine()
    one.say("x")
    assert known(one) == ("A", 0, [], [])
    for wrong in (False, 0, "fine", COUNTER.Other, object()):
        one.answer = wrong
        with pytest.raises(TypeError, match="is no outcome of M's A_say"):
            one.say("x")
        assert known(one) == ("A", 0, [], [])
    one.answer = COUNTER.Other("thing")
    one.say("x")
    assert known(one) == ("B", 100, [1], [("said", "thing")])


def test_a_handler_of_a_row_without_outcomes_has_nothing_to_answer() -> None:
    class Mine(COUNTER.M):  # type: ignore[misc]
        def do_A_go(self, n: int) -> Any:
            return COUNTER.Fine()

    one = Mine()
    with pytest.raises(TypeError, match="is no outcome"):
        one.go(1)
    assert known(one) == ("A", 0, [], [])


def test_an_outcome_that_cannot_be_printed_has_changed_nothing() -> None:
    for text in ("no\r\n250 OK", "no\n", "\ud800"):

        class Mine(smtp().Server):  # type: ignore[misc]
            def do_ENVELOPE_RCPT(self, recipient: str, text: str = text) -> Any:
                return smtp().Reject(text) if recipient != "good" else None

            def handler_failed(self, error: Exception) -> None:
                raise AssertionError("the spec says what is done then") from error

        server = Mine("mx")
        server.receive_open()
        server.receive_data(b"EHLO me\r\nMAIL FROM:<a>\r\n")
        server.data_to_send()
        server.receive_data(b"RCPT TO:<bad>\r\n")
        assert server.data_to_send() == b"451 Local error in processing\r\n"
        assert (server.state, server.recipients) == ("ENVELOPE", [])
        server.receive_data(b"RCPT TO:<good>\r\n")
        assert server.data_to_send() == b"250 OK\r\n"
        assert server.recipients == ["good"]


def test_where_the_spec_has_no_row_for_it_the_handler_s_error_goes_to_handler_failed() -> None:
    failures: list[Exception] = []

    class Mine(COUNTER.M):  # type: ignore[misc]
        def do_A_go(self, n: int) -> None:
            raise ZeroDivisionError

        def handler_failed(self, error: Exception) -> None:
            failures.append(error)

    one = Mine()
    one.go(1)
    assert [type(error) for error in failures] == [ZeroDivisionError]
    assert known(one) == ("A", 0, [], [])
    one.check(1)
    assert known(one) == ("A", -1, [1], [("done", 1)])


def test_what_a_handler_that_raises_had_fired_happens_all_the_same() -> None:
    class Mine(COUNTER.M):  # type: ignore[misc]
        def do_A_go(self, n: int) -> None:
            self.check(n)
            raise ZeroDivisionError

    one = Mine()
    with pytest.raises(ZeroDivisionError):
        one.go(3)
    assert known(one) == ("A", -3, [3], [("done", 3)])


FAILING = machine("""
    accepts go, again
    emits   told(reason: str)
    initial state A {
        on go
        on failed(reason) -> B / emit told(reason)
    }
    state B { on again -> A }
    final state END
""")


def test_a_failed_row_answers_what_a_handler_raised(caplog: pytest.LogCaptureFixture) -> None:
    class Mine(FAILING.M):  # type: ignore[misc]
        def do_A_go(self) -> None:
            raise ValueError("no")

    one = Mine()
    one.go()
    assert one.state == "B"
    assert told(one) == [("told", "ValueError: no")]
    assert "M in A: a handler failed" in caplog.text


def test_a_handler_of_failed_that_raises_itself_goes_to_handler_failed() -> None:
    class Mine(FAILING.M):  # type: ignore[misc]
        def do_default(self, event: str, *args: object) -> None:
            raise ValueError(event)

    one = Mine()
    with pytest.raises(ValueError, match="failed"):
        one.go()
    assert one.state == "A"


# ---------------------------------------------------------------- order

WAITING = machine("""
    accepts first, second, third
    emits   did(what: str)
    initial state A {
        on first  -> B / emit did("first")
        on second      / emit did("second in A")
    }
    state B {
        on second -> A / emit did("second in B")
        on third       / emit did("third")
    }
    final state END
""")


def test_events_fired_inside_a_handler_wait_their_turn() -> None:
    class Mine(WAITING.M):  # type: ignore[misc]
        def do_A_first(self) -> None:
            self.third()
            self.second()
            assert self.state == "A"
            assert told(self) == []

    one = Mine()
    one.first()
    assert [args[1] for args in told(one)] == ["first", "third", "second in B"]
    assert one.state == "A"


def test_an_emission_may_call_back_into_the_machine() -> None:
    class Mine(WAITING.M):  # type: ignore[misc]
        said: list[str]

        def emit_did(self, what: str) -> None:
            self.said.append(f"{what}, {self.state}")
            if what == "first":
                self.third()
                self.second()

    one = Mine()
    one.said = []
    one.first()
    assert one.said == ["first, B", "third, B", "second in B, A"]


BACK = machine("""
    accepts first, second
    emits   did(what: str)
    initial state A {
        on first  / emit did("one"), emit did("two")
        on second / emit did("three")
    }
    final state END
""")


def test_what_an_emission_calls_back_for_comes_after_the_rest_of_the_step() -> None:
    class Mine(BACK.M):  # type: ignore[misc]
        def emit_did(self, what: str) -> None:
            self.above.did(what)
            if what == "one":
                self.second()

    one = Mine()
    one.first()
    assert [args[1] for args in told(one)] == ["one", "two", "three"]


def test_an_event_that_waited_and_is_refused_does_not_keep_those_behind_it() -> None:
    class Mine(WAITING.M):  # type: ignore[misc]
        def do_A_first(self) -> None:
            self.first()
            self.third()

    one = Mine()
    with pytest.raises(LocalProtocolError, match="first is not expected"):
        one.first()
    assert [args[1] for args in told(one)] == ["first", "third"]


# ---------------------------------------------------------------- chains

CHAINED = machine("""
    accepts go(n: int), plain, loop
    emits   did(what: str)
    action  note(n: int)
    var left: int = 0
    var all: list[int] = [7]
    var other: list[int] = [8]
    initial state A {
        on go(n)  -> B / left = n, all += [n], other = all, emit did("go"), raise turn(n)
        on loop        / raise turn(0)
        on turn(n) when n < 5000 / raise turn(n + 1)
        on plain       / emit did("plain")
    }
    state B {
        entry / emit did("in B")
        on turn(n) when n > 0 / all += [n], left -= 1, note(n), emit did("turn"), raise turn(n - 1)
        on turn(n) -> A       / emit did("end")
    }
    final state END
""")


def test_what_is_raised_comes_before_anything_else_and_is_told_at_the_end() -> None:
    seen: list[Any] = []

    class Mine(CHAINED.M):  # type: ignore[misc]
        def do_B_turn(self, n: int) -> None:
            seen.append((n, told(self)))
            if n == 2:
                self.plain()

    one = Mine()
    one.go(2)
    assert seen == [(2, []), (1, []), (0, [])]
    said = [args[1] for args in told(one)]
    assert said == ["go", "in B", "turn", "turn", "end", "plain"]
    assert (one.state, one.left, one.all, one.other) == ("A", 0, [7, 2, 2, 1], [7, 2])


@pytest.mark.parametrize("who", ["handler", "action"])
def test_a_chain_that_fails_at_its_end_is_undone_from_its_beginning(who: str) -> None:
    class Mine(CHAINED.M):  # type: ignore[misc]
        def do_B_turn(self, n: int) -> None:
            if n == 0 and who == "handler":
                raise ZeroDivisionError

        def note(self, n: int) -> None:
            if n == 1 and who == "action":
                raise ZeroDivisionError

    one = Mine()
    with pytest.raises(ZeroDivisionError):
        one.go(3)
    assert (one.state, one.left, one.all, one.other) == ("A", 0, [7], [8])
    assert told(one) == []
    one.plain()
    assert told(one) == [("did", "plain")]


def test_a_chain_without_an_end_is_an_error_that_names_it() -> None:
    one = CHAINED.M()
    with pytest.raises(RuntimeError, match=r"M in A: a chain of more than 1000 steps.*turn"):
        one.loop()
    assert (one.state, told(one)) == ("A", [])
    one.plain()
    assert told(one) == [("did", "plain")]


def test_a_long_chain_that_ends_is_none() -> None:
    one = CHAINED.M()
    one.go(998)
    assert (one.state, len(one.all)) == ("A", 1000)


def test_an_event_that_nobody_takes_in_a_chain_undoes_it_or_is_passed_over() -> None:
    body = """
    accepts go
    emits   did(what: str)
    var n: int = 0
    {otherwise}
    initial state A {{
        on go -> B / n += 1, raise turn, raise back
        on turn
    }}
    state B {{ on back -> A / emit did("back") }}
    final state END
    """
    one = machine(body.format(otherwise="")).M()
    with pytest.raises(RemoteProtocolError, match="turn is not expected"):
        one.go()
    assert (one.state, one.n, told(one)) == ("A", 0, [])

    class Mine(machine(body.format(otherwise="otherwise ignore")).M):  # type: ignore[misc]
        def do_B_back(self) -> None:
            if self.n == 1:
                self.go()
            assert self.state == "B"

    one = Mine()
    one.go()
    assert (one.state, one.n, told(one)) == ("A", 2, [("did", "back"), ("did", "back")])


# ---------------------------------------------------------------- entry, exit

CROSSING = machine("""
    accepts go, inner, out, again, on_
    emits   did(what: str)
    initial state A {
        exit / emit did("exit A")
        on go -> P / emit did("go")
    }
    state P {
        entry / emit did("entry P")
        exit  / emit did("exit P")
        on out -> A   / emit did("out")
        on again -> P / emit did("again")
        initial state Q {
            entry / emit did("entry Q")
            exit  / emit did("exit Q")
            on inner -> R / emit did("inner")
        }
        state R {
            entry / emit did("entry R")
            exit  / emit did("exit R")
            on inner     / emit did("stay")
            on on_ -> S  / emit did("on")
        }
    }
    state S {
        entry / emit did("entry S")
        exit  / emit did("exit S")
        entry -> A
    }
    final state END
""")


def test_exit_goes_from_the_inside_out_then_actions_then_entry_from_the_outside_in() -> None:
    one = CROSSING.M()
    assert said_by(one, "go") == ["exit A", "go", "entry P", "entry Q"]
    assert said_by(one, "inner") == ["exit Q", "inner", "entry R"]
    assert said_by(one, "inner") == ["stay"]
    assert said_by(one, "again") == ["exit R", "exit P", "again", "entry P", "entry Q"]
    assert one.state == "Q"
    assert said_by(one, "out") == ["exit Q", "exit P", "out"]


def test_entry_with_a_target_goes_on_at_once() -> None:
    one = CROSSING.M()
    for event in ("go", "inner"):
        said_by(one, event)
    assert said_by(one, "on_") == ["exit R", "exit P", "on", "entry S", "exit S"]
    assert one.state == "A"


def said_by(one: Any, event: str) -> list[str]:
    getattr(one, event)()
    return [args[1] for args in told(one)]


def test_a_new_machine_has_entered_its_initial_state() -> None:
    module = machine("""
        accepts go
        emits   did(what: str)
        var n: int = 0
        timer tick = 5s
        initial state P {
            entry / n = 1, start tick
            on tick  / emit did("tick")
            initial state A { entry / n += 2, emit did("here")   entry -> B }
            state B { entry / n += 4   on go -> END }
        }
        final state END
    """)
    one = module.M()
    assert (one.state, one.n, told(one)) == ("B", 7, [("did", "here")])
    one.advance(5)
    assert told(one) == [("did", "tick")]


# ---------------------------------------------------------------- parameters of states


def test_a_state_s_parameters_live_as_long_as_it_does_and_are_its_own() -> None:
    module = machine("""
        accepts go(n: int, names: list[str]), add(name: str), show, back
        emits   shown(n: int, names: list[str], kept: list[str])
        var kept: list[str] = []
        initial state A {
            on go(n, names) -> B(n + 1, kept) / kept = names
            on show / emit shown(0, [], kept)
        }
        state B(n: int, names: list[str]) {
            on add(name)    / names += [name], n += 1
            on show         / emit shown(n, names, kept)
            on back -> A    / kept += names
        }
        final state END
    """)
    one = module.M()
    mine = ["a"]
    one.go(1, mine)
    one.add("x")
    one.show()
    assert told(one) == [("shown", 3, ["a", "x"], ["a"])]
    one.back()
    mine.append("z")
    one.show()
    assert told(one)[0][3][:1] == ["a"]
    assert "z" not in one.kept


def test_a_state_s_parameter_may_be_called_as_an_event_that_it_takes() -> None:
    module = machine("""
        accepts go(n: int), item(k: int)
        emits   did(n: int)
        initial state next { on go(n) -> W(n) }
        state W(item: int) { on item(k) -> next / emit did(item + k) }
        final state END
    """)
    one = module.M()
    one.go(3)
    one.item(4)
    assert told(one) == [("did", 7)]


def test_no_state_with_an_event_is_called_as_the_runtime_calls_its_own() -> None:
    classes = (core.Machine, core.StreamMachine, core.Chained)
    members = {name for cls in classes for name in dir(cls) if re.fullmatch("_[^_].*_.*", name)}
    assert members <= names.RUNTIME


def test_a_state_s_argument_is_a_value_not_the_variable() -> None:
    module = machine("""
        accepts go, add, show
        emits   shown(names: list[str])
        var kept: list[str] = ["a"]
        initial state A { on go -> B(kept) }
        state B(names: list[str]) {
            on add / kept += ["x"]
            on show / emit shown(names)
        }
        final state END
    """)
    one = module.M()
    one.go()
    one.add()
    one.show()
    assert told(one) == [("shown", ["a"])]


def test_what_was_told_stays_what_it_was() -> None:
    module = machine("""
        accepts add
        emits   shown(names: list[str], twice: list[list[str]])
        var kept: list[str] = []
        initial state A { on add / kept += ["x"], emit shown(kept, [kept, kept]) }
        final state END
    """)
    one = module.M()
    one.add()
    first = told(one)
    one.add()
    assert first == [("shown", ["x"], [["x"], ["x"]])]
