"""Systems of machines that read a stream of bytes themselves: what comes may be anything."""

from __future__ import annotations

import pytest

from protogen_fsm import pipeline
from protogen_fsm.source import Source
from protogen_fsm.verify import Report, verify


def against_anybody(reader: str) -> Report:
    text = f"""protocol P
message Kind(kind: 0..15) = {{
    bits(4) = 0
    kind: bits(4)
}}
machine Speaker over bytes {{
    sends octets(data: bytes)
    accepts say
    initial state A reads chunk {{ on say / send octets("PING") ignore data }}
}}
machine Reader over bytes {{ {reader} }}
system S {{ environment peer speaker: Speaker peer reader: Reader link speaker <-> reader }}"""
    (report,) = verify(pipeline.understand(Source("s.proto", text)))
    return report


def flaws(report: Report) -> list[tuple[str, str]]:
    return [(diagnostic.code, diagnostic.title) for diagnostic, _ in report.told]


@pytest.mark.parametrize("how", ["chunk", "bytes(3)", "u16", "line(max: 9)", 'until(";", 9)'])
def test_what_is_read_may_be_a_frame_of_anything(how: str) -> None:
    taken = f"initial state A reads {how} {{ on data -> Z on malformed, eof -> Z }} final state Z"
    assert against_anybody(taken).explored.verdict == "proved"
    missing = f"initial state A reads {how} {{ on malformed, eof -> Z }} final state Z"
    assert [code for code, _ in flaws(against_anybody(missing))] == ["PG411"]


@pytest.mark.parametrize(
    ("how", "is_taken"),
    [("chunk", True), ("bytes(3)", False), ("u16", False), ("line(max: 9)", False)],
)
def test_a_stream_may_end_within_a_frame_but_not_within_what_is_there(
    how: str, is_taken: bool
) -> None:
    report = against_anybody(
        f"initial state A reads {how} {{ ignore data on eof -> Z }} final state Z"
    )
    assert (report.explored.verdict == "proved") is is_taken, flaws(report)


def test_who_reads_nothing_hears_nothing_but_the_end_of_the_stream() -> None:
    report = against_anybody(
        "accepts go_on initial state A reads nothing { on go_on -> B on eof -> Z }"
        " state B reads chunk { ignore data on eof -> Z } final state Z"
    )
    assert report.explored.verdict == "proved", flaws(report)


def test_what_differs_in_octets_is_decided_on_where_it_matters() -> None:
    """A field of a frame that nobody knows is one value, in a guard and wherever it goes."""
    for least, verdict in (("2", "proved"), ("1", "bounded")):
        report = against_anybody(
            f"""receives Kind
    initial state A reads bytes(1) receives Kind {{
        on Kind(kind) when kind < 2 -> B(kind)
        on Kind, malformed, eof -> Z
    }}
    state B(kind: 0..15) reads bytes(1) receives Kind {{
        on Kind when kind < {least} -> Z
        on malformed, eof -> Z
    }}
    final state Z"""
        )
        assert report.explored.verdict == verdict, flaws(report)


def test_a_message_without_a_line_end_fits_into_a_line() -> None:
    text = """protocol P
message WORD(text: str) = text:r"[a-z]*"
message ANY(text: str) = text:r".*"
machine Cutter over bytes {
    sends octets(data: bytes)
    accepts line(text: bytes)
    emits line(text: bytes)
    on line(text) when not "\\r" in text and not "\\n" in text / send octets(text + "\\r\\n")
    initial state A reads line(max: 99) { on data(octets) / emit line(octets) ignore malformed }
}
machine Talker over Cutter {
    receives ANY
    sends WORD, ANY
    var text: str
    initial state A { after 1s -> A / send %s(text) on ANY, malformed on eof -> Z }
    final state Z
}
system S { peer left: Talker environment peer right: Talker link left <-> right }"""
    for message, verdict in (("WORD", "proved"), ("ANY", "bounded")):
        (report,) = verify(pipeline.understand(Source("s.proto", text % message)))
        assert report.explored.verdict == verdict, flaws(report)


def test_numbers_that_no_guard_tells_apart_are_one() -> None:
    text = """protocol P
machine Asker { sends ask(n: 0..15) accepts go(n: 0..15)
    initial state A { on go(n) -> Z / send ask(n) } final state Z }
machine Answerer { receives ask(n: 0..15)
    initial state A { on ask(n) when n == 3 -> Z on ask -> Z } final state Z }
system S { peer l: Asker peer r: Answerer link l <-> r capacity 1 }"""
    (report,) = verify(pipeline.understand(Source("s.proto", text)))
    assert report.explored.verdict == "proved"
    composition = report.explored.composition
    assert composition is not None
    assert len(composition.words_of(0)) == 1 + 3  # nothing; below 3, 3, above it
