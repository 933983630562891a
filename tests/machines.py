"""Machines made at random: texts of specs that mean something, though nobody would write them.

A text is a list of lines, each with its braces balanced but for those of states and regions.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EVENTS = {
    "e0": (),
    "e1": ("k",),
    "e2": ("k", "j"),
    "e3": ("b",),
    "e4": ("ks",),
    "got": ("k",),
    "r0": (),
    "r1": ("k",),
    "r2": ("ks",),
    "tick": (),
    "tock": (),
    "malformed": ("data", "reason"),
    "failed": ("reason",),
    "open": (),
    "eof": (),
    "lost": ("reason",),
    "unsolicited": ("answer",),
    "in0": (),
    "in1": ("k",),
    "h0": (),
    "h1": ("k",),
}
NUMBERS = ("k", "j", "code")
FEATURES = ("chained", "defers", "timers", "times_out", "outcomes", "onwards", "builtins", "push",
            "history", "regions", "urgent", "calls", "many")  # fmt: skip


@dataclass
class Node:
    """A state to be written. `pushed`: entered by `push` alone, so that it may `pop`."""

    name: str
    params: tuple[tuple[str, str], ...] = ()
    parent: Node | None = None
    region: str = ""
    initial: bool = False
    final: bool = False
    pushed: bool = False
    states: list[Node] = field(default_factory=list)
    regions: dict[str, list[Node]] = field(default_factory=dict)
    index: int = 0

    def around(self) -> Iterator[Node]:
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent

    def inside(self) -> list[Node]:
        """The states in it, each before those in that."""
        inner = [*self.states, *(one for states in self.regions.values() for one in states)]
        return [one for child in inner for one in (child, *child.inside())]


class Maker:
    """Makes one text; all its choices are of `seed`.

    A host holds instances of another machine by `id`, which `e2` and `got` carry; it hears their
    `h0` and `h1`.
    """

    more: Sequence[str] = ()  # actions beside those of all machines
    outside: Sequence[str] = ("e0", "e1", "e2", "e3", "e4", "e0", "e1", "20x", "205", "got")
    begins = "e0", "e1(k)"  # what leads away from the state that nothing leads to, and to the end

    def __init__(self, seed: int, features: Sequence[str] = FEATURES) -> None:
        self.random = random.Random(seed)
        self.has = {name: self.chance(0.4) for name in features}
        self.count = 0
        self.regions: dict[str, list[Node]] = {}
        self.tops = self.some_states()
        self.end = Node("END", final=True)
        self.nodes = [one for top in self.tops for one in (top, *top.inside())]
        for index, node in enumerate(self.nodes):
            node.index = index
        self.nodes.append(self.end)
        self.end.index = len(self.nodes)

    def on(self, feature: str) -> bool:
        return self.has.get(feature, False)

    def hears(self) -> bool:
        """Whether it stands on another machine, from which replies come."""
        return self.on("calls") and not self.on("many")

    def chance(self, likely: float) -> bool:
        return self.random.random() < likely

    def one(self, options: Sequence[str]) -> str:
        return self.random.choice(options)

    # ------------------------------------------------------------ states

    def some_states(self) -> list[Node]:
        tops = [self.node(None, 0) for _ in range(self.random.randint(2, 4))]
        self.begin(tops)
        if self.on("push"):
            for _ in range(self.random.randint(1, 3)):
                pushed = self.node(None, 1)
                tops.append(pushed)
                for one in (pushed, *pushed.inside()):
                    one.pushed = True
        return tops

    def node(self, parent: Node | None, depth: int, in_region: bool = False) -> Node:
        self.count += 1
        node = Node(f"S{self.count}", parent=parent)
        if self.chance(0.4):
            kinds = [self.one(["int", "list[int]"]) for _ in range(self.random.randint(1, 2))]
            node.params = tuple((f"p{self.count}{'ab'[i]}", kind) for i, kind in enumerate(kinds))
        if depth < 2 and self.chance(0.4):
            if self.on("regions") and not in_region and self.chance(0.6):
                for _ in range(self.random.randint(2, 3)):
                    name = f"R{len(self.regions) + 1}"
                    self.regions[name] = []
                    inner = self.several(node, depth, in_region=True)
                    for one in inner:
                        one.region = name
                    node.regions[name] = inner
                    self.regions[name] += [s for one in inner for s in (one, *one.inside())]
            else:
                node.states = self.several(node, depth, in_region)
        return node

    def several(self, parent: Node, depth: int, in_region: bool = False) -> list[Node]:
        inner = [self.node(parent, depth + 1, in_region) for _ in range(self.random.randint(1, 3))]
        self.begin(inner)
        if self.chance(0.05) and not self.on("push"):  # nothing is to come back from an end
            self.count += 1
            inner.append(Node(f"S{self.count}", parent=parent, final=True))
        return inner

    def begin(self, nodes: list[Node]) -> None:
        first = self.random.choice(nodes)
        first.initial, first.params = True, ()

    # ------------------------------------------------------------ values

    def names(self, event: str, node: Node | None, kind: str) -> list[str]:
        around = list(node.around()) if node is not None else []
        found = [name for one in around for name, type_ in one.params if type_ == kind]
        if kind == "list[int]":
            found += ["ks"] if event in ("e4", "r2") else []
        else:
            found += [name for name in EVENTS.get(event, ()) if name in NUMBERS]
            found += ["code"] if event == "got" else []
        return found

    def number(self, event: str, node: Node | None) -> str:
        own = self.names(event, node, "int")
        lists = ["xs", *self.names(event, node, "list[int]")]
        if own and self.chance(0.4):
            return self.one(own)
        if self.chance(0.3):
            return str(self.random.randint(-2, 9))
        of = self.one(lists)
        if self.on("many") and self.chance(0.2):
            return self.one(["size(ones)", "size(twos)"])
        return self.one(["n", "m", f"size({of})", "n + m", "m - 1", "n % 3", f"{of}[0]", "xs[m]",
             "-n", "most", "min(n, m)", "max(xs)", f"sum({of})", "n * m - most",
             "n - (m - 1)"])  # fmt: skip

    def numbers(self, event: str, node: Node | None) -> str:
        lists = self.names(event, node, "list[int]")
        if lists and self.chance(0.5):
            some = [f"[x + n for x in {lists[0]} if x > m]", f"[{self.number(event, node)}]"]
            return self.one([lists[0], f"{lists[-1]} + [1]", *some])
        return self.one(
            [
                "[x * m for x in xs]",
                "[most for most in zs if most != 1]",
                "xs",
                "zs",
                "[]",
                f"[{self.number(event, node)}, n]",
            ]
        )

    def value(self, kind: str, event: str, node: Node | None) -> str:
        return self.number(event, node) if kind == "int" else self.numbers(event, node)

    def test(self, event: str, node: Node) -> str:
        def small() -> str:
            sign = self.one(["<", "==", ">=", "!="])
            return f"{self.number(event, node)} {sign} {self.number(event, node)}"

        kinds = ["compare", "compare", "ask", "in", "and", "or", "not", "box"]
        kinds += ["held"] * 2 * self.on("many")
        kind = self.one(kinds + ["region"] * 4 * bool(self.regions))
        if kind == "ask":
            return f"likes({self.number(event, node)})"
        if kind == "in":
            return f"{self.number(event, node)} in {self.numbers(event, node)}"
        if kind in ("and", "or"):
            return f"{small()} {kind} {small()}"
        if kind == "not":
            return f"not likes({self.number(event, node)})"
        if kind == "box":
            own = ["b != none and b.n > 1", "b == box"] if event == "e3" else []
            return self.one(["box == none", "box != none", *own * 2])
        if kind == "held":
            word = self.one(["in", "not in"])
            return f"{self.number(event, node)} {word} {self.one(['ones', 'twos'])}"
        if kind == "region":
            name = self.one(list(self.regions))
            return f"{name} in {self.random.choice(self.regions[name]).name}"
        return small()

    # ------------------------------------------------------------ lines

    def action(self, event: str, node: Node | None) -> str:
        kinds = ["n = {}", "m = {}", "n += {}", "m -= {}", "xs += [{}]", "xs = [{}, {}]", "xs = []",
                 "emit did({})", "emit did({})", "emit all(xs, {})", "note({})", "zs = xs",
                 "zs += [{}]", "emit all(zs, {})", "box = Box({}, xs)", "box = Box({}, zs)",
                 "box = none", "emit boxed(box)", "emit boxed(Box({}, zs))",
                 "tell(xs)"]  # fmt: skip
        if not self.on("chained"):  # a chain would double them a thousand times
            kinds += ["xs += xs + [{}]", "zs += xs"]
        elif event not in ("r1", "r2"):
            kinds += ["raise r1({})", *([] if event == "r0" else ["raise r0"]), "raise r2(xs)"] * 2
        if self.on("timers"):
            kinds += ["start tick", "start tock", "start tock(3s)", "stop tick"] * 2
        if self.on("many"):
            key = "k" if event in ("e1", "e2", "got", "h1") else self.number(event, node)
            kinds += [f"start {one}({key}, {{}})" for one in ("ones", "ones", "twos")] * 4
            kinds += ["close"]
        kinds += self.more
        if event == "e3":
            kinds += ["box = b", "emit boxed(b)"] * 2
        template = self.one(kinds)
        for name in self.names("", node, "int"):
            if self.chance(0.1):
                template = self.one([f"{name} = {{}}", f"{name} += {{}}", f"emit did({name})"])
        own = self.names("", node, "list[int]")
        for name in own + self.names(event, None, "list[int]"):
            if name not in own and self.chance(0.3):
                template = self.one([f"zs = {name}", f"emit all({name}, {{}})", f"xs = {name}"])
            elif name in own and self.chance(0.1):
                template = self.one([f"{name} += [{{}}]", f"{name} = xs", f"zs = {name}",
                                     f"emit all({name}, {{}})", f"xs = {name}"])  # fmt: skip
        return template.format(*(self.number(event, node) for _ in range(template.count("{}"))))

    def actions(self, event: str, node: Node, most: int = 4, least: int = 0) -> str:
        found = [self.action(event, node) for _ in range(self.random.randint(least, most))]
        return " / " + ", ".join(found) if found else ""

    def called(self, to: Node, event: str, node: Node) -> str:
        if not to.params:
            return to.name
        return f"{to.name}({', '.join(self.value(kind, event, node) for _, kind in to.params)})"

    def may_enter(self, to: Node, node: Node) -> bool:
        """Whether everything around the target has its parameters; no region leads into another."""
        around = list(node.around())
        if any(one.params for one in list(to.around())[1:] if one not in around):
            return False
        home = next((one for one in around if one.region), None)
        there = next((one for one in to.around() if one.region), None)
        if there is None:
            return True
        return home is None or home.region == there.region

    def target(self, event: str, node: Node, *, after: int = -1) -> str:
        """A target of a row in `node`; of its `entry ->`, one behind it, so that it has an end."""
        places = [one for one in self.nodes if one.index > after and self.may_enter(one, node)]
        plain = [one for one in places if node.pushed or not one.pushed]
        plain = [one for one in plain if not one.final or self.chance(0.3)]
        options = [f" -> {self.called(one, event, node)}" for one in plain]
        if self.on("push"):
            pushed = [one for one in places if one.pushed and self.may_push(one, node)]
            for one in pushed * (1 + len(options) // 4):
                then = ""
                if plain and self.chance(0.3):
                    then = f" then {self.called(self.random.choice(plain), event, node)}"
                options.append(f" -> push {self.called(one, event, node)}{then}")
            if self.may_pop(node) and after < 0:
                options += [" -> pop"] * (1 + len(options) // 3)
        if self.on("history") and (after < 0 or not any(one.region for one in node.around())):
            composite = [one for one in plain if one.states and not one.params]
            for one in composite:
                options += [f" -> history {one.name}"] * 3
        return self.one(options) if options else ""

    def may_push(self, to: Node, node: Node) -> bool:
        """A region alone is not suspended, and nothing is pushed into one."""
        return not any(one.region for one in (*to.around(), *node.around()))

    def may_pop(self, node: Node) -> bool:
        return node.pushed and not any(one.region for one in node.around())

    def row(self, event: str, node: Node) -> str:
        inner = "got" if event in ("205", "20x", "2xx") else "" if event == "*" else event
        names = EVENTS.get(inner, ())
        bound = f"({', '.join(names)})" if names else ""
        guard = f" when {self.test(inner, node)}" if self.chance(0.6) else ""
        if self.on("outcomes") and event != "lost" and self.chance(0.3):
            branches = ""
            for outcome in ("yes", "no", "so_so(why: int)")[: self.random.randint(1, 3)]:
                to = self.target(inner, node) if self.chance(0.5) else ""
                branches += f" | {outcome}{to}{self.actions(inner, node)}"
            return f"on {event}{bound}{guard}{branches}"
        to = self.target(inner, node) if self.chance(0.6) else ""
        return f"on {event}{bound}{guard}{to}{self.actions(inner, node)}"

    def lines(self, node: Node) -> Iterator[str]:
        """What is written in a state, but for the states in it."""
        if self.chance(0.35):
            yield f"entry{self.actions('', node, 2, 1)}"
        if self.chance(0.35):
            actions = self.actions("", node, 2, 1)
            if "start ones" not in actions and "start twos" not in actions:  # which tell no event
                yield f"exit{actions}"
        events = list(self.outside)
        if self.on("many"):
            events += ["h0", "h1", "e2", "e2", "got"]
        if self.on("calls"):
            events += ["in0", "in1", "in1", "in1"] * self.hears() + ["unsolicited"]
        if self.on("chained"):
            events += ["r0", "r1", "r2"] * 2
        if self.on("timers"):
            events += ["tick", "tock"]
        if self.on("builtins"):
            events += ["malformed", "failed", "open", "eof", "lost"]
        if self.on("push"):
            events += ["malformed"]
        for _ in range(self.random.randint(0, 4)):
            yield self.row(self.one(events), node)
        if self.chance(0.2):
            yield self.row("*", node)
        if self.may_pop(node) and self.chance(0.6):
            event = self.one([self.outside[0], self.outside[1], "*"])
            yield f"on {event} -> pop{self.actions('', node)}"
        if self.on("times_out") and self.chance(0.5):
            duration = self.one(["1s", "3s", "8s"])
            yield f"after {duration}{self.target('', node)}{self.actions('', node)}"
        if self.chance(0.3):
            yield f"ignore {self.one([*self.outside[:2], '2xx', 'got'])}"
        if self.on("defers") and self.chance(0.5):
            yield f"defer {self.one([self.outside[0], 'e2', '205', 'got'])}"
        if self.on("urgent") and self.chance(0.4) and not any(one.region for one in node.around()):
            yield f"urgent {self.one([self.outside[0], 'e2', 'got'])}"
        if self.on("onwards") and self.chance(0.25):
            to = self.target("", node, after=node.index)
            if to:
                yield f"entry{to}"

    def state(self, node: Node) -> Iterator[str]:
        if node.final:
            yield f"final state {node.name}"
            return
        initial = "initial " if node.initial else ""
        params = ", ".join(f"{name}: {kind}" for name, kind in node.params)
        yield f"{initial}state {node.name}{f'({params})' if params else ''} {{"
        yield from self.lines(node)
        for one in node.states:
            yield from self.state(one)
        for name, inner in node.regions.items():
            yield f"region {name} {{"
            for one in inner:
                yield from self.state(one)
            yield "}"
        yield "}"

    def head(self) -> Iterator[str]:
        """What is declared before the variables."""
        depth = f" depth {self.random.randint(1, 3)}" if self.on("push") else ""
        yield f"machine M(most: int){' over L' if self.hears() else ''}{depth} {{"
        calls = self.on("calls")
        e0 = "e0 answered by did" if calls else "e0"
        e1 = "e1(k: int) answered by did, boxed cancel closes" if calls else "e1(k: int)"
        yield (
            f"accepts {e0}, {e1}, e2(id: int, j: int), e3(b: Box?), e4(ks: list[int]), "
            "got(code: 0..999, id: int) by code"
        )
        boxed = "boxed(box: Box?) unasked" if calls else "boxed(box: Box?)"
        yield f"emits   did(k: int), all(ks: list[int], k: int), {boxed}"
        if self.hears():
            yield "receives in0, in1"
        if self.on("many"):
            yield f"many ones: I(most: {self.random.randint(0, 3)}) by id limit 3"
            yield "many twos: I(most: 1) by id limit 2"

    def body(self) -> Iterator[str]:
        yield from self.head()
        yield "predicate likes(k: int)"
        yield "action note(k: int)"
        yield "action tell(ks: list[int])"
        yield "var n: int = 0"
        yield "var m: int = most"
        yield "var xs: list[int] = [1]"
        yield "var zs: list[int] = []"
        yield "var box: Box? = none"
        yield f"otherwise {self.one(['error', 'ignore', 'close'])}"
        if self.on("timers"):
            yield from ("timer tick = 2s", "timer tock = 5s")
        for top in self.tops:
            yield from self.state(top)
        first = self.tops[0].name
        to = "" if self.tops[0].params else f" -> {first}"
        uses = "raise r0, raise r1(n), raise r2(zs)" if self.on("chained") else "n = 0"
        yield f"state E {{ on {self.begins[0]}{to} / {uses}"
        yield f"on {self.begins[1]} -> END }}"
        yield "final state END"
        if self.on("many"):
            yield "on h0 / n += 1"
            yield f"on h1(k){self.actions('h1', self.end)}"
        yield "}"

    def text(self) -> list[str]:
        lines = ["protocol P", "struct Box { n: int, ns: list[int] }"]
        if self.hears():
            lines += ["machine L { accepts out emits in0, in1(k: int)"]
            lines += ["initial state A { on out / emit in0, emit in1(0) } }"]
        if self.on("many"):
            lines += Instance(self.random.randrange(2**30), FEATURES[:-2]).body()
        return [*lines, *self.body()]


class Instance(Maker):
    """Makes the machine of which another one holds many."""

    outside = ("e2", "got", "e2", "205", "20x", "lost")
    begins = "got", "e2(k)"
    more = ("emit did(id)", "emit h0", "emit h1({})", "emit h1(id)", "close")

    def head(self) -> Iterator[str]:
        depth = f" depth {self.random.randint(1, 3)}" if self.on("push") else ""
        yield f"machine I(id: int, most: int, of: int){depth} {{"
        yield "accepts e2(id: int, j: int), got(code: 0..999, id: int) by code"
        yield "emits   did(k: int), all(ks: list[int], k: int), boxed(box: Box?), h0, h1(k: int)"


def walk(seed: int) -> list[tuple[object, ...]]:
    """Events and times, at random."""
    r = random.Random(seed)
    found: list[tuple[object, ...]] = []
    for _ in range(r.randint(3, 30)):
        kind = r.choice(
            ["e0", "e0", "e0", "e1", "e1", "e2", "e3", "e4", "got", "got", "advance", "built in"]
        )
        if kind == "e0":
            found.append(("e0",))
        elif kind == "e1":
            found.append(("e1", r.randint(-1, 3)))
        elif kind == "e2":
            found.append(("e2", r.randint(-1, 3), r.randint(0, 2)))
        elif kind == "e3":
            found.append(("e3", r.choice([None, {"n": r.randint(0, 3), "ns": [1, 2]}])))
        elif kind == "e4":
            found.append(("e4", [r.randint(0, 3) for _ in range(r.randint(0, 2))]))
        elif kind == "got":
            found.append(("got", r.choice([205, 206, 299, 404]), r.randint(0, 2)))
        elif kind == "advance":
            found.append(("advance", r.choice([1, 1, 2, 3, 9])))
        elif r.random() < 0.5:
            found.append(r.choice([("in0",), ("in1", r.randint(-1, 3))]))
        elif r.random() < 0.3:
            found.append(r.choice([("open",), ("malformed", b"?", "no message")]))
        elif r.random() < 0.1:
            found.append(r.choice([("eof",), ("lost", "gone")]))
    return found
