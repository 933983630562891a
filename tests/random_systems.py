"""Systems made at random: peers that say and take what they like, over links of all kinds."""

from __future__ import annotations

import random

MESSAGES = ("m0", "m1(v: 0..2)", "m2(text: str)", "m3")
FAULTS = ("lossy", "duplicating", "reordering", "corrupting")
NAMES = ("m0", "m1", "m2", "m3")


class System:
    """The text of one system; all its choices are of `seed`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.machines = self.random.randint(1, 2)

    def text(self) -> str:
        """A spec that may well be flawed, and can be explored."""
        machines = [self._machine(at) for at in range(self.machines)]
        peers = [(f"p{at}", at % self.machines, 1) for at in range(2)]
        if self._chance(0.25):
            peers[1] = ("p1", peers[1][1], 2)
        declared = "\n".join(
            f"    peer {name}{f'[{count}]' if count > 1 else ''}: M{machine}{self._fates()}"
            for name, machine, count in peers
        )
        return "\n".join(
            ["protocol P", *machines, "system S {", declared, self._link(), *self._asked(), "}"]
        )

    def _chance(self, of: float) -> bool:
        return self.random.random() < of

    def _fates(self) -> str:
        fate = self.random.choice(("closing", "crashing", "crashing restarting"))
        return f" {fate}" if self._chance(0.1) else ""

    def _link(self) -> str:
        words = "    link p0 <-> p1"
        if self._chance(0.85):
            words += f" capacity {self.random.randint(1, 3)}"
        faults = [fault for fault in FAULTS if self._chance(0.2)]
        return f"{words} {' '.join(faults)}".rstrip()

    def _asked(self) -> list[str]:
        def place() -> str:
            return f"p0 in {self._state()}" if self._chance(0.5) else f"p1 in {self._state()}"

        def claim() -> str:
            kind = self.random.randrange(4)
            words = [place(), f"{place()} and {place()}", f"not {place()}", "p0.n == 1"]
            return words[kind]

        found = []
        for kind in ("never", "always", "reachable"):
            if self._chance(0.5):
                found.append(f"    {kind} {claim()}")
        if self._chance(0.4):
            found.append(f"    {claim()} leads to {claim()}")
        return found

    def _state(self) -> str:
        return self.random.choice(["A", "B", "C"])

    def _machine(self, at: int) -> str:
        otherwise = "" if self._chance(0.4) else "    otherwise ignore\n"
        names = ", ".join(MESSAGES)
        text = (
            f"machine M{at} {{\n    receives {names}\n    sends {names}\n"
            "    accepts go, try(k: 0..1)\n"
            f"{otherwise}    predicate is_fine(v: int)\n    var n: 0..2 = 0\n    var s: str\n"
            "    timer again = 1s\n"
        )
        for name in ("A", "B", "C"):
            first = "initial " if name == "A" else "final " if name == "C" and self.ends else ""
            rows = "" if first == "final " else "".join(self._rows())
            text += f"    {first}state {name} {{\n{rows}    }}\n" if rows else (
                f"    {first}state {name}\n"
            )  # fmt: skip
        return text + "}"

    @property
    def ends(self) -> bool:
        """Whether there is an end to come to; the same for all machines of a system."""
        if not hasattr(self, "_ends"):
            self._ends = self._chance(0.7)
        return self._ends

    def _rows(self) -> list[str]:
        rows = []
        for event in NAMES:
            if self._chance(0.55):
                rows.append(self._row(event))
            elif self._chance(0.3):
                rows.append(f"        {self.random.choice(['ignore', 'defer'])} {event}\n")
        if self._chance(0.5):
            rows.append(self._row("go"))
        if self._chance(0.3):
            rows.append(self._row("try(k)"))
        if self._chance(0.3):
            rows.append(self._row("again"))
        if self._chance(0.2):
            rows.append(f"        after 1s -> {self._state()}{self._deeds('')}\n")
        return rows

    def _row(self, event: str) -> str:
        takes = {"m1": "m1(v)", "m2": "m2(text)"}.get(event, event)
        known = {"m1": "v", "try(k)": "k"}.get(event, "")
        guards = ["", "", "", "n < 2", "is_fine(n)"]
        if known:
            guards += [f"{known} == n", f"{known} > 0"]
        if event == "m2":
            guards += ["size(text) > 3", 'text == "x"']
        guard = self.random.choice(guards)
        words = f"        on {takes}" + (f" when {guard}" if guard else "")
        if self._chance(0.15) and not guard:
            branches = [f"\n            | {o}{self._onward()}" for o in ("yes", "no")]
            return words + "".join(branches) + "\n"
        text = words + self._onward(known) + "\n"
        if guard and self._chance(0.5):
            text += f"        on {event.partition('(')[0]}{self._onward()}\n"
        return text

    def _onward(self, known: str = "") -> str:
        goto = f" -> {self._state()}" if self._chance(0.6) else ""
        deeds = self._deeds(known)
        return goto + deeds if goto or deeds else " / n = 0"

    def _deeds(self, known: str) -> str:
        choices = ["n = 0", "n = (n + 1) % 3", "send m0", "send m1(n)", 'send m2("x")',
                   "send m2(s)", "send m3", "start again", "stop again"]  # fmt: skip
        if known:
            choices += [f"send m1({known})", f"n = {known}"]
        count = self.random.choice([0, 1, 1, 1, 2])
        deeds = [self.random.choice(choices) for _ in range(count)]
        return f" / {', '.join(deeds)}" if deeds else ""


class Holding(System):
    """The same with machines that hold instances, told apart by the field of `m4`."""

    def text(self) -> str:
        """A spec that may well be flawed, and can be explored."""
        key = self.random.choice(["0..1", "0..1", "1..65535"])
        faces = ", ".join(MESSAGES)
        text = super().text().replace(f" {faces}\n", f" {faces}, m4(id: {key})\n")
        text = text.replace("try(k: 0..1)\n", f"try(k: 0..1), make(id: {key})\n    emits h\n")
        text = text.replace(
            "    timer again = 1s\n", "    many some: I by id limit 2\n    timer again = 1s\n"
        )
        lines = []
        for line in text.splitlines():
            lines.append(line)
            if line.startswith("    ") and " state " in f" {line}" and line.endswith("{"):
                lines += self._starts()
        return "\n".join([lines[0], self._instance(key), *lines[1:]])

    def _starts(self) -> list[str]:
        found = [
            self.random.choice(
                [
                    "        on m4(id) / start some(id)",
                    "        on m4(id) when size(some) < 2 / send m0, start some(id)",
                    f"        on m4(id) -> {self._state()} / start some(id)",
                    "        ignore m4",
                    "        defer m4",
                ]
            )
        ]
        if self._chance(0.6):
            goto = f" -> {self._state()}" if self._chance(0.3) else ""
            found.append(
                f"        on make(id) when id not in some{goto} / start some(id), send m4(id)"
            )
        if self._chance(0.3):
            found.append(f"        on h{self._onward()}")
        return found

    def _instance(self, key: str) -> str:
        def deed() -> str:
            some = ["send m0", "send m4(id)", "emit h", "close", "send m3"]
            return self.random.choice(some)

        kept = f"        after 1s -> OVER / {deed()}\n" if self._chance(0.5) else ""
        lost = f"        on lost -> OVER / {deed()}\n" if self._chance(0.4) else ""
        otherwise = "" if self._chance(0.5) else "    otherwise ignore\n"
        first = f"        entry / {deed()}\n" if self._chance(0.5) else ""
        return (
            f"machine I(id: {key}) {{\n    receives m4(id: {key})\n"
            f"    sends m0, m3, m4(id: {key})\n    emits h\n{otherwise}"
            f"    initial state NEW {{\n{first}        on m4 -> KEPT / {deed()}\n{kept}    }}\n"
            f"    state KEPT {{\n        on m4 -> OVER / {deed()}\n{lost}    }}\n"
            "    final state OVER\n}"
        )
