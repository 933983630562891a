"""A run that the search found as a test: it replays in the generated classes, step for step."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from protogen_fsm.backends.python.names import camel
from protogen_fsm.backends.templates import template
from protogen_fsm.model import expressions as ex
from protogen_fsm.model.types import BOOL, BYTES, STR, Enum, ListOf, Optional, Range, is_int
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.chart import item_text
from protogen_fsm.verify.properties import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from protogen_fsm.model.types import Type
    from protogen_fsm.verify.judge import Finding
    from protogen_fsm.verify.peer import Carried, Outcome
    from protogen_fsm.verify.system import Composition, Config, Deed


class CannotReplay(Exception):
    """What a test cannot do: the reason goes on from "the run cannot be replayed: "."""


def as_test(composition: Composition, finding: Finding, title: str, made: str, spec: str) -> str:
    """The text of a pytest file; `spec` is the way to the spec from where the file stands.

    CannotReplay for streams and datagrams, environments, crashes, and what fails.
    """
    run = _Run(composition, finding)
    lines = list(run.lines())
    return template("chart/replay.py.j2").render(
        title=_plain(title), made=_plain(made), spec=quoted(spec), name=run.name(), lines=lines
    )


def tried(text: str, path: Path) -> None:
    """Runs the test once; CannotReplay if it fails: time goes otherwise than the run has it."""
    names: dict[str, Any] = {"__file__": str(path.resolve()), "__name__": "replay"}
    try:
        exec(compile(text, str(path), "exec"), names)
    except ImportError as missing:
        raise CannotReplay(f"{missing.name} is not installed") from None
    failed = names["pytest"].fail.Exception if "pytest" in names else AssertionError
    try:
        next(value for name, value in names.items() if name.startswith("test_"))()
    except (failed, AssertionError, ValueError, TypeError, RuntimeError) as problem:
        words = f"the generated classes go another way: {problem}".rstrip(": ")
        raise CannotReplay(words) from problem


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("\\", "/").replace('"""', "'''")


class _Run:
    def __init__(self, composition: Composition, finding: Finding) -> None:
        self.composition, self.finding = composition, finding
        self.names = [re.sub(r"\W+", "_", peer.name).strip("_") for peer in composition.peers]
        if len(set(self.names) | {"spec", "pytest"}) < len(self.names) + 2:
            self.names = [f"peer_{number}" for number in range(len(self.names))]
        self.count = 0
        self.on_wire: list[list[tuple[Carried, str]]] = [[] for _ in composition.wires]
        for peer in composition.peers:
            if peer.over != "nothing" or len(peer.levels) > 1:
                raise CannotReplay(f"`{peer.name}` stands on other layers")

    def name(self) -> str:
        return re.sub(r"\W+", "_", self.composition.system.name).strip("_").lower()

    def lines(self) -> Iterator[str]:
        composition, finding = self.composition, self.finding
        if any(deed.is_fate for deed, _ in finding.run):
            raise CannotReplay("something crashes, leaves or breaks")
        begin = finding.begin or composition.begin()[0][1]
        for at, peer in enumerate(composition.peers):
            if composition.says_anything(at):
                raise CannotReplay(f"`{peer.name}` says anything")
            args = "".join(f", {quoted(getattr(arg, 'value', None))}" for arg in peer.declared.args)
            machine = peer.declared.machine.name
            yield f"{self.names[at]} = spec.machine({quoted(machine)}{args})"
            if composition.state(begin, at).opened:
                yield f"{self.names[at]}.opens()"
        for number, wire in enumerate(composition.wires):
            if composition.word(begin, number):
                raise CannotReplay(f"`{composition.peers[wire.sender].name}` begins to speak")
        config = begin
        for at, (deed, after) in enumerate(finding.run):
            yield ""
            if finding.again == at:
                yield "# From here on, over and over:"
            yield from self.happens(deed, config, after)
            config = after or config
        yield ""
        yield from self.ending(config)

    # ------------------------------------------------------------ one step

    def happens(self, deed: Deed, before: Config, after: Config | None) -> Iterator[str]:
        outcome, me = deed.outcome, self.names[deed.peer]
        message = ""
        if deed.wire >= 0 and deed.item is not None:
            message = self.takes(deed, deed.item)
            if deed.kind == "lose":
                yield f"# {message} is lost: {item_text(deed.item)}"
                return
        assert outcome is not None
        if outcome.kind == "dropped":
            yield f"# {message} comes to one that is at its end"
            return
        answers = list(self.answers(outcome, me))
        if answers:
            yield f"{me}.answers[:] = [{', '.join(answers)}]"
        call = self.call(deed, outcome, message)
        span = outcome.rows[0].span if outcome.rows else None  # type: ignore[attr-defined]
        place = f"  # line {span.line}" if span is not None else ""
        if outcome.refused:
            if outcome.refused != "unexpected":
                raise CannotReplay("a step fails")
            yield f"with pytest.raises(RemoteProtocolError):  # {_plain(outcome.cause)}"
            yield f"    {call}"
            return
        yield f"{call}{place}"
        yield from self.says(deed, outcome)
        yield from self.comes_round(deed.peer, before, after or before)
        was, now = (
            self.composition.state(c, deed.peer).locals[0].leaf.name
            for c in (before, after or before)
        )
        if was != now:
            yield f"assert {me}.state == {quoted(now)}"
        yield from self.held(deed.peer, before, after or before)

    def held(self, peer: int, before: Config, after: Config) -> Iterator[str]:
        """The instances that are somewhere else now, or gone."""
        was, now = (
            {one[:2]: one.local.leaf.name for one in self.composition.state(c, peer).locals[0].held}
            for c in (before, after)
        )
        for (many, key), state in now.items():
            if was.get((many, key)) != state:
                place = f"{self.names[peer]}.{many}[{quoted(key)}]"
                yield f"assert {place}.state == {quoted(state)}"
        for many, key in was.keys() - now.keys():
            yield f"assert {quoted(key)} not in {self.names[peer]}.{many}"

    def comes_round(self, peer: int, before: Config, after: Config) -> Iterator[str]:
        """Of a large type few keys are followed: a number that counts them is first again early."""
        stepper = self.composition.peers[peer].top
        pools = self.composition.relevance.keys.pools
        was, now = (self.composition.state(c, peer).locals[0].vars for c in (before, after))
        for variable, old, new in zip(stepper.variables, was, now, strict=True):
            both = isinstance(old, int) and isinstance(new, int)
            if both and new < old and ("var", variable) in pools:
                yield f"{self.names[peer]}.machine.{variable.name} = {new}  # it has come round"

    def takes(self, deed: Deed, item: Carried) -> str:
        carried = self.on_wire[deed.wire]
        at = next(number for number, (one, _) in enumerate(carried) if one == item)
        stays = deed.kind == "copy"
        return carried[at][1] if stays else carried.pop(at)[1]

    def call(self, deed: Deed, outcome: Outcome, message: str) -> str:
        me = self.names[deed.peer]
        if message:
            return f"{me}.hears({message})"
        if outcome.kind.startswith("time"):
            return f"{me}.waits()"
        if outcome.kind == "open":
            return f"{me}.opens()"
        if outcome.kind not in ("call", "world") or not outcome.taken:
            raise CannotReplay(f"`{outcome.cause}` is not done by anybody")
        event = outcome.taken[0].event
        assert event is not None
        assert event.event is not None
        args = [
            quoted(concrete(arg, param.type))
            for arg, param in zip(event.args, event.event.params, strict=True)
        ]
        if outcome.kind == "call":
            return f"{me}.{event.event.name}({', '.join(args)})"
        return f"{me}.told({', '.join([quoted(event.event.name), *args])})"

    def answers(self, outcome: Outcome, me: str) -> Iterator[str]:
        """What handlers and predicates answer in this step, in their order."""
        branches = [b for b in outcome.branches if b.outcome is not None]  # type: ignore[attr-defined]
        given = [choice for choice in outcome.choices if choice.kind == "outcome"]
        if any(choice.kind == "failure" for choice in outcome.choices):
            raise CannotReplay("a handler fails")
        chosen = {
            text: value
            for text, equals, value in (one.text.partition(" = ") for one in given)
            if equals
        }
        told: list[str] = [
            repr(choice.text.endswith("is true"))
            for choice in outcome.choices
            if choice.kind == "predicate"
        ]
        for branch in branches:
            found = branch.outcome  # type: ignore[attr-defined]
            args = [
                quoted(parsed(chosen.get(f"{found.name}({p.name})"), p.type)) for p in found.params
            ]
            told.append(f"{me}.outcome({', '.join([quoted(camel(found.name)), *args])})")
        yield from told

    def says(self, deed: Deed, outcome: Outcome) -> Iterator[str]:
        if not outcome.said:
            return
        names = []
        for item in outcome.said:
            self.count += 1
            name = f"message_{self.count}"
            names.append(name)
            for number in self.composition.from_peer[deed.peer]:
                wire = self.composition.wires[number]
                if self.composition.hears(wire.receiver, item.name):
                    self.on_wire[number].append((item, name))
        for number in deed.lost:  # a link that is full loses what comes last
            self.on_wire[number].pop()
        texts = ", ".join(item_text(item) for item in outcome.said)
        heard = f"({names[0]},)" if len(names) == 1 else ", ".join(names)
        yield f"{heard} = {self.names[deed.peer]}.sent()  # {_plain(texts)}"

    # ------------------------------------------------------------ behind the run

    def ending(self, config: Config) -> Iterator[str]:
        composition, finding = self.composition, self.finding
        if finding.kind == "unspecified":
            return
        for at, name in enumerate(self.names):
            state = composition.state(config, at).locals[0].leaf
            yield f"assert {name}.state == {quoted(state.name)}"
        if finding.kind == "deadlock":
            for at, name in enumerate(self.names):
                local = composition.state(config, at).locals[0]
                held = [one.local for one in local.held]
                if not any(one.waits or one.timers for one in (local, *held)):
                    yield f"assert {name}.deadline() is None  # and so it stays"
        asked = finding.asked
        for side in () if asked is None else (asked.left, asked.right):
            for one in () if side is None else ex.walk(side):
                if isinstance(one, ex.PeerVar):
                    value = value_of(one, config, composition)
                    if vl.is_exact(value) and not isinstance(value, tuple):
                        for number in composition.numbers[one.peer]:
                            if one.index in (None, composition.peers[number].index):
                                name = self.names[number]
                                yield f"assert {name}.{one.variable.name} == {quoted(value)}"


def quoted(value: Any) -> str:
    """A value as a formatter would leave it."""
    text = repr(value)
    is_plain = isinstance(value, str) and '"' not in text and "\\" not in text
    return f'"{value}"' if is_plain else text


def concrete(value: Any, type_: Type) -> Any:
    """Some value of a type that is what is known of it."""
    if isinstance(value, vl.Between):
        return value.low if value.low is not None else value.high or 0
    if isinstance(value, tuple):
        item = type_.item if isinstance(type_, ListOf) else STR
        return [concrete(vl.ANY, item) for _ in value]
    return value if vl.is_exact(value) else _some(type_)


def parsed(text: str | None, type_: Type) -> Any:
    """The value that a choice is told as."""
    if text is None or not text:
        return _some(type_)
    if text in ("true", "false"):
        return text == "true"
    if isinstance(type_, Optional):
        return None if text == "none" else parsed(text, type_.item)
    if isinstance(type_, ListOf):
        return [_some(type_.item)] * int(text.split()[0])
    if is_int(type_):
        return int(text.partition("..")[0])
    return text


def _some(type_: Type) -> Any:
    if isinstance(type_, Range):
        return type_.low
    if isinstance(type_, Enum):
        return type_.members[0]
    if isinstance(type_, ListOf):
        return []
    if type_ == BOOL:
        return False
    return 0 if is_int(type_) else "a" if type_ == STR else b"" if type_ == BYTES else None
