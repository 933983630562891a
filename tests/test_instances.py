"""Instances: many machines of one kind in another, one for each value of a field."""

from __future__ import annotations

import asyncio
import copy
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generated import made, told
from protogen_fsm import pipeline
from protogen_fsm.diagnostics import SpecError
from protogen_fsm.runtime import aio
from protogen_fsm.runtime.core import LocalProtocolError, RemoteProtocolError
from protogen_fsm.source import Source

MAIL = """protocol P
use Lines from "lines.proto"

message PUB(id: int, text: str) = "PUB " id " " text
message ACK(id: int) = "ACK " id
message REL(id: int) = "REL " id
message DONE(id: int) = "DONE " id

machine Receipt(id: int, patience: float) {
    receives PUB, REL
    sends    ACK, DONE
    emits    got(id: int, text: str), gone(id: int), lost_one(id: int)

    var text: str

    initial state NEW {
        on PUB(id, text) -> WAITING / self.text = text, send ACK(id)
    }
    state WAITING {
        on PUB                      / send ACK(id)
        on REL -> END               / send DONE(id), emit got(id, text)
        on lost -> END              / emit lost_one(id)
        after patience -> END       / emit gone(id)
    }
    final state END
}

machine Server over Lines {
    receives PUB, REL
    sends    ACK, DONE
    emits    got(id: int, text: str), again(count: int), lost_one(id: int)

    var dropped: int = 0
    many receipts: Receipt(patience: 10s) by id limit 3

    initial state OPEN {
        on PUB(id) when id < 0  / start receipts(id), send DONE(id)
        on PUB(id)              / start receipts(id)
        on gone(id)             / dropped += 1, start receipts(id), emit again(size(receipts))
        on REL(id) when id == 99 -> CLOSED
        on REL(id)              / send DONE(id)
        on malformed(data, reason) -> OPEN / emit got(0, reason)
        on eof -> CLOSED
        after 1h -> CLOSED
    }
    final state CLOSED
}
"""


def server() -> Any:
    one = made(MAIL).Server()
    one.receive_open()
    return one


def say(one: Any, *lines: bytes) -> bytes:
    one.receive_data(b"".join(line + b"\r\n" for line in lines))
    return one.data_to_send()


# ---------------------------------------------------------------- where events go


def test_the_event_that_starts_an_instance_is_its_first() -> None:
    one = server()
    assert say(one, b"PUB 1 a", b"PUB 2 b") == b"ACK 1\r\nACK 2\r\n"
    assert sorted(one.receipts) == [1, 2]
    assert one.receipts[1].state == "WAITING"
    assert one.state == "OPEN"


def test_an_event_goes_to_the_instance_of_its_key_and_to_the_host_where_there_is_none() -> None:
    one = server()
    say(one, b"PUB 1 a")
    assert say(one, b"PUB 1 other") == b"ACK 1\r\n"  # the instance's row, which starts nothing
    assert say(one, b"REL 7") == b"DONE 7\r\n"  # the host's
    assert told(one) == []
    assert say(one, b"REL 1") == b"DONE 1\r\n"
    assert told(one) == [("got", 1, "a")]


def test_one_that_reaches_a_final_state_is_gone_and_its_key_is_free() -> None:
    one = server()
    for text in ("a", "b"):
        assert say(one, b"PUB 1 " + text.encode(), b"REL 1") == b"ACK 1\r\nDONE 1\r\n"
        assert told(one) == [("got", 1, text)]
        assert not one.receipts


def test_what_the_host_sends_in_the_step_goes_before_what_the_instance_answers() -> None:
    assert say(server(), b"PUB -1 a") == b"DONE -1\r\nACK -1\r\n"


def test_past_the_limit_the_event_is_undone_and_malformed() -> None:
    one = server()
    say(one, b"PUB 1 a", b"PUB 2 a", b"PUB 3 a")
    assert say(one, b"PUB 4 a") == b""
    assert told(one) == [("got", 0, "too many")]
    assert sorted(one.receipts) == [1, 2, 3]
    say(one, b"REL 2")
    assert say(one, b"PUB 4 a") == b"ACK 4\r\n"


def test_an_event_that_an_instance_does_not_take_falls_to_its_own_otherwise() -> None:
    text = MAIL.replace("on PUB                      / send ACK(id)\n", "")
    one = made(text).Server()
    one.receive_open()
    say(one, b"PUB 1 a")
    with pytest.raises(RemoteProtocolError, match="Receipt in WAITING: PUB is not expected"):
        say(one, b"PUB 1 a")
    one = made(
        text.replace("    var text: str\n", "    var text: str\n    otherwise ignore\n")
    ).Server()
    one.receive_open()
    assert say(one, b"PUB 1 a", b"PUB 1 a") == b"ACK 1\r\n"


# ---------------------------------------------------------------- time


def test_each_instance_has_a_time_out_of_its_own() -> None:
    one = server()
    assert one.deadline() == 3600.0
    say(one, b"PUB 1 a")
    one.advance(4.0)
    say(one, b"PUB 2 b")
    assert one.deadline() == 10.0
    one.advance(10.0)
    assert one.dropped == 1
    assert one.deadline() == 14.0
    one.advance(20.0)
    assert one.dropped == 2
    assert one.deadline() == 3600.0


def test_what_an_instance_emits_is_an_event_of_its_host_where_it_has_a_row_for_it() -> None:
    one = server()
    say(one, b"PUB 1 a", b"PUB 2 b")
    one.advance(10.0)  # the host starts the key anew that has just become free
    assert told(one) == [("again", 2), ("again", 2)]
    assert {key: each.state for key, each in one.receipts.items()} == {1: "NEW", 2: "NEW"}


def test_deadlines_of_many_instances_cost_no_more_than_the_logarithm_of_their_number() -> None:
    one = made(MAIL.replace("limit 3", "limit 100000")).Server()
    one.receive_open()
    for number in range(3000):
        one.advance(number / 1000)
        one.PUB(number, "x")
        one.PUB(number, "x")
    held = one.receipts
    asked = 0
    really = type(held[0])._next_due

    def counted(instance: Any) -> float:
        nonlocal asked
        asked += 1
        return really(instance)

    type(held[0])._next_due = counted
    try:
        for number in range(3000):
            assert one.deadline() == pytest.approx(10 + number / 1000)
            one.advance(10 + number / 1000)
    finally:
        del type(held[0])._next_due
    assert one.dropped == 3000
    assert asked < 3000 * 20


def test_what_waits_no_more_is_forgotten() -> None:
    text = MAIL.replace(
        "on PUB                      / send ACK(id)", "on PUB -> WAITING / send ACK(id)"
    )
    one = made(text).Server()
    one.receive_open()
    say(one, b"PUB 1 a")
    for second in range(5000):
        one.advance(second / 1000)
        one.PUB(1, "a")
    assert len(one.receipts._clocks) < 200
    assert one.deadline() == 4.999 + 10


# ---------------------------------------------------------------- the end


def test_with_the_connection_all_instances_end_and_hear_of_it() -> None:
    one = server()
    say(one, b"PUB 1 a", b"PUB 2 b")
    one.receive_lost("reset")
    assert told(one) == [("lost_one", 1), ("lost_one", 2)]
    assert not one.receipts


def test_with_the_final_state_of_the_host_they_end_too() -> None:
    one = server()
    say(one, b"PUB 1 a", b"REL 99")
    assert one.state == "CLOSED"
    assert told(one) == [("lost_one", 1)]
    assert not one.receipts
    assert one.deadline() is None


def test_closing_ends_them() -> None:
    one = server()
    say(one, b"PUB 1 a")
    one.close()
    assert told(one) == [("lost_one", 1)]
    assert not one.receipts


# ---------------------------------------------------------------- what users write


def test_a_subclass_of_the_host_says_which_class_its_instances_have() -> None:
    module = made(MAIL)

    class Mine(module.Receipt):  # type: ignore[misc,name-defined]
        def do_WAITING_REL(self, id: int) -> None:
            self.below.octets(b"ACK 1000")

    class Server(module.Server):  # type: ignore[misc,name-defined]
        def make_receipts(self, id: int, below: Any) -> Any:
            return Mine(id, 1.0, below=below)

    one = Server()
    one.receive_open()
    say(one, b"PUB 1 a")
    assert one.deadline() == 1.0
    assert say(one, b"REL 1") == b"ACK 1000\r\nDONE 1\r\n"


def test_an_instance_that_does_not_stand_on_its_host_is_refused() -> None:
    module = made(MAIL)

    class Server(module.Server):  # type: ignore[misc,name-defined]
        def make_receipts(self, id: int, below: Any) -> Any:
            return module.Receipt(id, 1.0)

    one = Server()
    one.receive_open()
    with pytest.raises(TypeError, match="does not stand where make_receipts was told"):
        say(one, b"PUB 1 a")
    assert not one.receipts


def test_what_fails_in_the_making_undoes_the_step() -> None:
    module = made(MAIL)

    class Server(module.Server):  # type: ignore[misc,name-defined]
        def make_receipts(self, id: int, below: Any) -> Any:
            raise OSError("disk full")

    one = Server()
    one.receive_open()
    with pytest.raises(OSError, match="disk full"):
        say(one, b"PUB -1 a")
    assert one.data_to_send() == b""
    assert not one.receipts


def test_what_fails_in_a_handler_of_an_instance_goes_to_the_host() -> None:
    module = made(MAIL)
    failed = []

    class Receipt(module.Receipt):  # type: ignore[misc,name-defined]
        def do_WAITING_REL(self, id: int) -> None:
            raise OSError("disk full")

    class Server(module.Server):  # type: ignore[misc,name-defined]
        def make_receipts(self, id: int, below: Any) -> Any:
            return Receipt(id, 1.0, below=below)

        def handler_failed(self, error: Exception) -> None:
            failed.append(error)

    one = Server()
    one.receive_open()
    assert say(one, b"PUB 1 a", b"REL 1") == b"ACK 1\r\n"
    assert len(failed) == 1
    assert one.receipts[1].state == "WAITING"


def test_a_machine_with_instances_can_be_pickled_and_goes_on() -> None:
    one = server()
    one.advance(1.0)
    say(one, b"PUB 1 a", b"PUB 2 b")
    for other in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):
        assert other.deadline() == 11.0
        assert say(other, b"REL 1") == b"DONE 1\r\n"
        other.advance(11.0)
        assert other.dropped == 1
        assert sorted(other.receipts) == [2]
    assert sorted(one.receipts) == [1, 2]
    assert repr(one) == (
        "<Server in OPEN, receipts {1: <Receipt in WAITING>, 2: <Receipt in WAITING>}>"
    )


def test_while_the_handler_of_one_is_pending_only_its_own_events_wait() -> None:
    module = made(MAIL)

    async def story() -> None:
        let_go = asyncio.Event()

        class Receipt(module.Receipt):  # type: ignore[misc,name-defined]
            async def do_WAITING_REL(self, id: int) -> None:
                if id == 1:
                    await let_go.wait()

        class Server(module.Server):  # type: ignore[misc,name-defined]
            def make_receipts(self, id: int, below: Any) -> Any:
                return Receipt(id, 60.0, below=below)

        listening = await aio.serve(Server, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"PUB 1 a\r\nPUB 2 b\r\nREL 1\r\nPUB 1 a\r\nREL 2\r\n")
        lines = [await reader.readline() for _ in range(3)]
        assert lines == [b"ACK 1\r\n", b"ACK 2\r\n", b"DONE 2\r\n"]
        let_go.set()
        assert await reader.readline() == b"DONE 1\r\n"
        writer.close()
        await writer.wait_closed()
        listening.close()
        await listening.wait_closed()

    asyncio.run(story())


# ---------------------------------------------------------------- calls, keys, layers


CALLS = """protocol P
use Lines from "lines.proto"
message PUT(id: 1..4, text: str) = "PUT " id " " text
message OK(id: 1..4) = "OK " id

machine Flight(id: 1..4, text: str, retry: float) "Sends until it is answered." {
    receives OK
    sends    PUT
    emits    delivered(id: int)

    timer again = 1s
    initial state SENT {
        entry         / send PUT(id, text), start again(retry)
        on again      / send PUT(id, text), start again(retry)
        on OK -> DONE / stop again, emit delivered(id)
    }
    final state DONE
}

machine Client over Lines {
    receives OK
    sends    PUT
    accepts  put(text: str) answered by delivered
    emits    delivered(id: int)

    var next: 1..4 = 1
    many flights: Flight(retry: 2s) by id limit 3

    initial state OPEN {
        on put(text) when next in flights / next = next % 4 + 1, raise put(text)
        on put(text) / start flights(next, text), next = next % 4 + 1
        ignore OK
        on eof -> CLOSED
        on malformed -> CLOSED
        after 1h -> CLOSED
    }
    final state CLOSED
}
"""


def client() -> Any:
    one = made(CALLS).Client()
    one.receive_open()
    return one


def test_what_an_instance_says_as_it_begins_leaves_with_the_step_that_makes_it() -> None:
    one = client()
    calls = [one.put("a"), one.put("b")]
    assert one.data_to_send() == b"PUT 1 a\r\nPUT 2 b\r\n"
    one.advance(2.0)
    assert one.data_to_send() == b"PUT 1 a\r\nPUT 2 b\r\n"
    assert say(one, b"OK 2", b"OK 2") == b""
    assert told(one) == [("delivered", 2)]
    assert [call.done for call in calls] == [True, False]
    say(one, b"OK 1")
    assert [call.result() for call in calls] == [2, 1]
    assert one.deadline() == 3600.0


def test_keys_that_are_taken_are_gone_over() -> None:
    one = client()
    for text in "abc":
        one.put(text)
    say(one, b"OK 2")
    one.put("d")  # 4
    say(one, b"OK 3")
    one.put("e")  # 1 and 2: the first is still there
    assert sorted(one.flights) == [1, 2, 4]
    assert one.flights[2].text == "e"


def test_past_the_limit_a_call_is_refused_and_nothing_changes() -> None:
    one = client()
    for text in "abc":
        one.put(text)
    one.data_to_send()
    with pytest.raises(LocalProtocolError, match="more than 3 flights"):
        one.put("d")
    assert one.data_to_send() == b""
    assert sorted(one.flights) == [1, 2, 3]
    assert one.next == 4


def test_a_message_that_would_not_read_back_undoes_the_step_that_starts_an_instance() -> None:
    one = client()
    with pytest.raises(LocalProtocolError):
        one.put("a\r\nQUIT")
    assert one.data_to_send() == b""
    assert not one.flights
    assert one.next == 1
    one.put("b")
    assert one.data_to_send() == b"PUT 1 b\r\n"


def test_a_key_that_is_there_is_not_started_again() -> None:
    text = CALLS.replace("when next in flights ", "when size(flights) > 9 ").replace(
        ", next = next % 4 + 1\n", "\n"
    )
    one = made(text).Client()
    one.receive_open()
    one.put("a")
    with pytest.raises(RuntimeError, match="flights has 1 already"):
        one.put("b")
    assert one.flights[1].text == "a"


NESTED = """protocol P
machine Leaf(id: int, sub: int) {
    receives go(id: int, sub: int), stop(id: int, sub: int)
    emits    went(id: int, sub: int)
    initial state A { on go -> B }
    state B { after 5s -> Z / emit went(id, sub)  on stop -> Z }
    final state Z
}
machine Branch(id: int) {
    receives go(id: int, sub: int), stop(id: int, sub: int)
    emits    went(id: int, sub: int)
    many leaves: Leaf by sub
    initial state A { on go(id, sub) / start leaves(sub)  ignore stop }
}
machine Root {
    accepts go(id: int, sub: int), stop(id: int, sub: int)
    emits   went(id: int, sub: int)
    many branches: Branch by id
    initial state A { on go(id, sub) / start branches(id)  ignore stop }
}
"""


def test_instances_may_hold_instances() -> None:
    text = NESTED.replace("start leaves(sub)", "start leaves(sub, id)").replace(
        "Leaf(id: int, sub: int)", "Leaf(sub: int, id: int)"
    )
    root = made(text).Root()
    root.go(1, 1)
    root.advance(2.0)
    root.go(1, 2)
    root.go(2, 1)
    assert root.deadline() == 5.0
    root.advance(5.0)
    assert told(root) == [("went", 1, 1)]
    root.stop(1, 2)
    root.advance(8.0)
    assert told(root) == [("went", 2, 1)]
    assert not any(branch.leaves for branch in root.branches.values())
    assert root.deadline() is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["PUB", "REL"]), st.integers(0, 4)),
            st.tuples(st.just("wait"), st.integers(1, 6)),
        ),
        max_size=40,
    )
)
def test_instances_do_as_a_dict_of_single_machines_would(story: list[tuple[str, int]]) -> None:
    """A slow host: each key's machine is looked up, made and dropped by hand."""
    one = server()
    states: dict[int, float] = {}  # when each will have waited too long
    again: set[int] = set()
    now, dropped = 0.0, 0
    for what, number in story:
        if what == "wait":
            now += number
            one.advance(now)
            for key in sorted(k for k, due in states.items() if due <= now):
                dropped += 1
                del states[key]
                again.add(key)
            continue
        expected = b""
        if what == "PUB" and (number in states or number in again):
            expected = b"ACK %d\r\n" % number
            if number in again:
                again.remove(number)
                states[number] = now + 10
        elif what == "PUB" and len(states) + len(again) < 3:
            expected, states[number] = b"ACK %d\r\n" % number, now + 10
        elif what == "REL" and number not in again:
            expected = b"DONE %d\r\n" % number
            states.pop(number, None)
        if what == "REL" and number in again:
            with pytest.raises(RemoteProtocolError):
                say(one, b"REL %d" % number)
        else:
            assert (
                say(one, b"%s %d%s" % (what.encode(), number, b" x" * (what == "PUB"))) == expected
            )
        assert sorted(one.receipts) == sorted({*states, *again})
    assert one.dropped == dropped


# ---------------------------------------------------------------- what is wrong with a spec


def codes(text: str) -> list[str]:
    try:
        return [found.code for found in pipeline.check(Source("spec.proto", text))]
    except SpecError as error:
        return [found.code for found in error.diagnostics]


@pytest.mark.parametrize(
    ("there", "instead", "code"),
    [
        ("Receipt(patience: 10s) by id", "Receipt(patience: 10s, id: 4) by id", "PG107"),
        ("Receipt(patience: 10s) by id", "Receipt(patience: 10s, x: 4) by id", "PG107"),
        ("Receipt(patience: 10s) by id", "Receipt(10s, 4) by id", "PG107"),
        ("Receipt(patience: 10s) by id", "Receipt by id", "PG107"),
        ("Receipt(patience: 10s) by id", "Receipt(patience: 10s) by ident", "PG108"),
        ("limit 3", "limit 0", "PG106"),
        ("start receipts(id), send", "start receipts, send", "PG107"),
        ("start receipts(id), send", 'start receipts("a"), send', "PG106"),
        ("start receipts(id), send", "start receipts(id, 5), send", "PG107"),
        ("size(receipts)", "receipts", "PG103"),
        ("when id < 0", 'when "a" in receipts', "PG106"),
        ("patience: float) {", "patience: float) over bytes {", "PG330"),
        ("sends    ACK, DONE\n    emits    got(id: int, text: str), again",
         "sends    DONE\n    emits    got(id: int, text: str), again", "PG330"),
        (", lost_one(id: int)\n\n    var dropped", "\n\n    var dropped", "PG330"),
        (", lost_one(id: int)\n\n    var dropped",
         ", lost_one(id: str)\n\n    var dropped", "PG330"),
        ("REL\n    sends    ACK, DONE\n    emits    got(id: int, text: str), gone",
         "REL, SUB(id: int)\n    sends    ACK, DONE\n    emits    got(id: int, text: str), gone",
         "PG331"),
    ],
)  # fmt: skip
def test_a_mistake_about_instances_is_told(there: str, instead: str, code: str) -> None:
    assert codes(MAIL) == []
    assert MAIL.count(there) == 1
    assert code in codes(MAIL.replace(there, instead))
