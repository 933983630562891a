"""A run that the search found, as a chart: what happens, what crosses, what would be taken."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from protogen_fsm.model import expressions as ex
from protogen_fsm.model.chart import Chart, Row
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.octets import message_in
from protogen_fsm.verify.properties import holds, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from protogen_fsm.model.chart import RowKind
    from protogen_fsm.model.spec import Happening
    from protogen_fsm.source import Span
    from protogen_fsm.verify.judge import Finding
    from protogen_fsm.verify.peer import Carried
    from protogen_fsm.verify.system import Composition, Config, Deed

_MOST_CHOICES, _LONGEST_CHOICE = 3, 48
_MOST_CARRIED = 8


def item_text(item: Carried) -> str:
    """A message, with what is known of its values: `data(1)`."""
    if item.kind == "end":
        return "end of stream"
    if item.kind == "lost":
        return "broken off"
    frame = message_in(item.value)
    args = item.value if frame is None else frame.args
    known = [vl.shown(arg) for arg in args] if isinstance(args, tuple) else []
    text = f"{item.name}({', '.join(filter(None, known))})" if any(known) else item.name
    return f"{text} ..." if item.plus else text


def draw(composition: Composition, finding: Finding, begin: Config, title: str = "") -> Chart:
    """The chart of a run that begins in a configuration."""
    return _Drawing(composition, finding, begin, title).draw()


class _Drawing:
    """One chart while it is drawn.

    `carried`: what is on each link, each with the row that put it there.
    """

    def __init__(
        self, composition: Composition, finding: Finding, begin: Config, title: str
    ) -> None:
        self.composition, self.finding, self.begin = composition, finding, begin
        names = [peer.name for peer in composition.peers]
        path = next(iter(composition.system.peers.values())).span.source.path
        self.chart = Chart(title, path, names, [self.where(begin, p) for p in range(len(names))])
        self.moves: list[tuple[int, int, str]] = []  # of which row, which peer was then where
        self.carried: list[list[tuple[Carried, int]]] = [
            [(item, -1) for item in composition.word(begin, wire)]
            for wire in range(len(composition.wires))
        ]

    def draw(self) -> Chart:
        finding, config = self.finding, self.begin
        mark = _holds_from(self.composition, finding, self.begin)
        if finding.pattern is not None and finding.pattern.kind == "every":
            mark = self.waits_from()
        for at, (deed, after) in enumerate(finding.run):
            self.marks(at, mark)
            self.happens(deed, config, after)
            config = after or config
        self.marks(len(finding.run), mark)
        self.ending(config)
        return self.chart

    def marks(self, at: int, holds_from: int | None) -> None:
        """What is to say before the deed of that number."""
        asked = self.finding.asked
        pattern = self.finding.pattern
        if at == holds_from and pattern is not None:
            words = f"the last `{happenings(pattern.first)}` is never answered"
            self.chart.rows.append(Row("mark", 0, words))
        if at == holds_from and asked is not None and asked.right is not None:
            words = f"{_words(asked.left)}: from here on never {_words(asked.right)}"
            self.chart.rows.append(Row("mark", 0, words))
        if self.finding.again == at:
            self.chart.rows.append(Row("repeat", 0, "from here on, over and over:"))

    def waits_from(self) -> int:
        """Behind which deed something begins to wait that is never answered."""
        place = self.composition.size - len(self.composition.monitors)
        place += [one.pattern for one in self.composition.monitors].index(self.finding.pattern)  # type: ignore[arg-type]
        counts = [config[place] for _, config in self.finding.run if config is not None]
        return max(at for at, (was, now) in enumerate(pairwise([0, *counts]), 1) if now > was)

    def where(self, config: Config, peer: int) -> str:
        """Where a peer is."""
        return self.composition.state(config, peer).locals[0].names()

    # ------------------------------------------------------------ rows

    def happens(self, deed: Deed, before: Config, after: Config | None) -> None:
        """The rows of one deed."""
        rows, outcome, peer = self.chart.rows, deed.outcome, deed.peer
        if deed.wire >= 0 and deed.item is not None:
            rows.append(self.taken(deed, deed.item))
        elif outcome is not None and not (deed.onto >= 0 and outcome.said):
            words = {"call": "is asked: ", "world": "is told: "}.get(outcome.kind, "")
            rows.append(Row("note", peer, f"{words}{outcome.cause}"))
        if outcome is None:
            return
        if deed.onto >= 0 and outcome.said:
            for item in outcome.said:
                self.said(peer, item, deed.onto)
            return
        row = rows[-1]
        row.span = _place(outcome.rows, self.chart.path)
        row.note = "; ".join(filter(None, [row.note, *_choices(outcome.choices)]))
        if outcome.refused:
            row.bad = True
            row.note = "; ".join(filter(None, [row.note, "and cannot be taken"]))
            return
        for item in outcome.said:
            self.said(peer, item)
        for number in deed.lost:  # a link that is full loses what comes last
            _, at = self.carried[number].pop()
            rows[at].note = "lost: the link is full"
        if after is not None and self.where(before, peer) != self.where(after, peer):
            self.moves.append((len(rows), peer, self.where(after, peer)))
            rows += [Row("state", peer, text) for text in self.moved(before, after, peer)]

    def moved(self, before: Config, after: Config, peer: int) -> Iterator[str]:
        """Where a peer has come to, and its instances: those that are somewhere else now."""
        was, now = (self.composition.state(config, peer).locals[0] for config in (before, after))
        if was.here() != now.here():
            yield now.here()
        old, new = ({one.name: one.local.here() for one in local.held} for local in (was, now))
        yield from (f"{name} {here}" for name, here in new.items() if old.get(name) != here)
        yield from (f"{name} gone" for name in old if name not in new)

    def taken(self, deed: Deed, item: Carried) -> Row:
        """Something comes off a link, or is lost on it."""
        wire = self.composition.wires[deed.wire]
        carried = self.carried[deed.wire]
        at = next((n for n, (one, _) in enumerate(carried) if one == item), -1)
        pair = carried[at][1] if at >= 0 else -1
        stays = deed.kind == "copy" or (deed.outcome is not None and not deed.outcome.consumed)
        if at >= 0 and not stays:
            del carried[at]
        if pair >= 0 and self.chart.rows[pair].pair < 0:
            self.chart.rows[pair].pair = len(self.chart.rows)
        note = "a copy stays on the link" if deed.kind == "copy" else ""
        if deed.outcome is not None and deed.outcome.kind == "dropped":
            stream = self.composition.peers[deed.peer].is_stream
            note = f"dropped: {'the connection is closed' if stream else 'nobody is there'}"
        kind: RowKind = "lose" if deed.kind == "lose" else "take"
        return Row(kind, wire.receiver, item_text(item), wire.sender, note, pair=pair)

    def said(self, peer: int, item: Carried, onto: int = -1) -> None:
        """Something is put on each link whose far end hears it, or on one alone."""
        for number in self.composition.from_peer[peer]:
            if onto not in (-1, number):
                continue
            wire = self.composition.wires[number]
            if item.kind == "event" and not self.composition.hears(wire.receiver, item.name):
                continue
            note = "closes" if item.kind == "end" else ""
            self.carried[number].append((item, len(self.chart.rows)))
            self.chart.rows.append(Row("send", peer, item_text(item), wire.receiver, note))

    # ------------------------------------------------------------ behind the run

    def ending(self, config: Config) -> None:
        """What is wrong with where the run has come to."""
        kind, end = self.finding.kind, self.chart.end
        if self.finding.pattern is not None:
            self.chart.bad_end = True
            end.append(self.broken(config))
        if self.finding.asked is not None:
            self.chart.bad_end = kind in ("never", "always")
            end += self.asked(config)
        refused = self.finding.run[-1][0] if kind in ("unspecified", "fails") else None
        if refused is not None and refused.wire >= 0:
            end += self.crossing(refused, config)
        for number, wire in enumerate(self.composition.wires):
            word = [item for item, _ in self.carried[number]]
            if word:
                names = f"{self.chart.names[wire.sender]} -> {self.chart.names[wire.receiver]}"
                more = len(word) - _MOST_CARRIED
                some = ", ".join(map(item_text, word[:_MOST_CARRIED]))
                end.append(f"on the link {names}: {some}" + (f" and {more} more" * (more > 0)))
        if kind in ("deadlock", "no end", "unspecified", "caught", "only time"):
            if kind == "deadlock":
                self.chart.bad_end = True
                end.insert(0, "nothing happens any more")
            elif kind == "only time":
                self.chart.bad_end = True
                end.insert(0, "nothing happens any more but that time passes")
            end += self.would_take(config)

    def broken(self, config: Config) -> str:
        """What is against a pattern at the end of the run."""
        pattern = self.finding.pattern
        assert pattern is not None
        first, second = happenings(pattern.first), happenings(pattern.second)
        if pattern.kind == "every":
            return f"and no `{second}` comes any more"
        if pattern.kind == "at most":
            return f"`{first}`: more than {pattern.most} wait for `{happenings(pattern.until)}`"
        if pattern.kind == "before":
            return f"`{second}`, and no `{first}` was before it"
        return f"after `{first}` something else than `{second}`"

    def asked(self, config: Config) -> list[str]:
        """What the property speaks of, as it is at the end."""
        asked = self.finding.asked
        assert asked is not None
        sides = [asked.left] if asked.right is None else [asked.right]
        told: dict[str, None] = {}
        for one in (inner for side in sides for inner in ex.walk(side)):
            if isinstance(one, ex.InState):
                name = one.subject.partition(".")[0]
                for number in self.composition.numbers.get(name, ()):
                    told[f"{self.chart.names[number]} in {self.where(config, number)}"] = None
            elif isinstance(one, ex.PeerVar):
                value = vl.shown(value_of(one, config, self.composition)) or "anything"
                told[f"{one.span.text} = {value}"] = None
        if self.finding.kind == "leads to":
            return [f"and never {_words(asked.right)}: {', '.join(told)}"] if told else []
        verb = {"never": "holds here", "always": "does not hold here"}.get(self.finding.kind, "")
        return [f"`{_words(asked.left)}` {verb}: {', '.join(told)}"] if told and verb else []

    def crossing(self, refused: Deed, config: Config) -> list[str]:
        """What the receiver did between the sending of what it cannot take and its coming."""
        rows, names = self.chart.rows, self.chart.names
        last = len(rows) - 1
        sent = rows[last].pair
        if sent < 0:
            return []
        receiver, sender, what = rows[last].peer, rows[last].other, rows[last].text
        found = []
        then = [where for at, peer, where in self.moves if at < sent and peer == receiver]
        was, now = [self.chart.states[receiver], *then][-1], self.where(config, receiver)
        if was != now:
            found.append(f"when {names[sender]} sent {what}, {names[receiver]} was in {was}")
        for row in rows[:last]:
            is_reply = row.kind == "send" and row.peer == receiver and row.other == sender
            if is_reply and (row.pair < 0 or row.pair > sent):
                found.append(f"it crosses {row.text}, which {names[receiver]} had sent")
        return list(dict.fromkeys(found))

    def would_take(self, config: Config) -> list[str]:
        """What those take who wait."""
        found = []
        for at, name in enumerate(self.chart.names):
            state = self.composition.state(config, at)
            unspecified = self.finding.kind == "unspecified"
            if not state.ended and (not unspecified or at == self.finding.run[-1][0].peer):
                for where, names in self.composition.peers[at].would_take(state):
                    taken = ", ".join(names) or "nothing"
                    found.append(f"{name}{where} takes: {taken}")
        return found


def happenings(some: tuple[Happening, ...]) -> str:
    """What peers do, as the spec says it."""
    return " or ".join(" ".join(one.span.text.split()) for one in some)


def _holds_from(composition: Composition, finding: Finding, begin: Config) -> int | None:
    """The deed before which the first half of `P leads to Q` holds, and after it Q never does."""
    asked = finding.asked
    if asked is None or asked.right is None:
        return None
    configs = [begin, *(after for _, after in finding.run if after is not None)]
    found = None
    for at in range(len(configs) - 1, -1, -1):
        if holds(asked.right, configs[at], composition) is True:
            break
        if holds(asked.left, configs[at], composition) is not False:
            found = at
    return found


def _words(e: ex.Expr | None) -> str:
    return "" if e is None else " ".join(e.span.text.split())


def _choices(choices: Any) -> list[str]:
    told = [" ".join(choice.text.split()) for choice in choices]
    told = [one if len(one) <= _LONGEST_CHOICE else f"{one[:20]} ... {one[-20:]}" for one in told]
    if len(told) > _MOST_CHOICES + 1:
        told[_MOST_CHOICES:] = [f"and {len(told) - _MOST_CHOICES} more choices"]
    return told


def _place(rows: tuple[Any, ...], path: str) -> Span | None:
    """The line of the first row that was taken in the spec's own file, else of the last one."""
    own: list[Span] = [row.span for row in rows if row.span.source.path == path]
    return own[0] if own else rows[-1].span if rows else None
