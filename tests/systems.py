"""Systems made at random: machines over nothing that tell each other things, on links of all kinds.

Most have flaws. They are small: some hundred configurations.
"""

from __future__ import annotations

import random

FAULTS = ("lossy", "duplicating", "reordering", "corrupting")


class Made:
    """One text; all its choices are of `seed`."""

    def __init__(self, seed: int, fates: bool = True) -> None:
        self.random = random.Random(seed)
        self.fates = fates
        self.count = self.random.choice((2, 2, 2, 3))
        self.messages = [f"m{n}" for n in range(self.random.randint(1, 3))]
        self.valued = [name for name in self.messages if self.random.random() < 0.4]

    def chance(self, likelihood: float) -> bool:
        return self.random.random() < likelihood

    def text(self) -> str:
        """The spec."""
        lines = ["protocol P"]
        for number in range(self.count):
            lines += self.machine(number)
        return "\n".join([*lines, *self.system(), ""])

    def machine(self, number: int) -> list[str]:
        faces = ", ".join(f"{m}(k: 0..2)" if m in self.valued else m for m in self.messages)
        lines = [f"machine M{number} {{", f"    receives {faces}", f"    sends {faces}"]
        lines += ["    accepts go, stop"]
        has_timer, has_var = self.chance(0.4), self.chance(0.6)
        lines += ["    var n: 0..2 = 0"] if has_var else []
        lines += ["    timer again = 1s"] if has_timer else []
        if self.chance(0.5):
            lines.append(f"    otherwise {self.random.choice(('ignore', 'close'))}")
        names = [f"S{n}" for n in range(self.random.randint(1, 3))]
        ends = [*names, "END"] if self.chance(0.7) else names
        for place, name in enumerate(names):
            lines.append(f"    {'initial ' if not place else ''}state {name} {{")
            for event in ("go", "stop", *self.messages):
                if self.chance(0.75 if event in self.messages else 0.4):
                    lines += self.rows(event, ends, has_var, has_timer)
            if has_timer and self.chance(0.6):
                lines += self.rows("again", ends, has_var, has_timer)
            if self.chance(0.3):
                lines.append(f"        after 1s -> {self.random.choice(ends)}")
            lines.append("    }")
        lines += ["    final state END"] if "END" in ends else []
        return [*lines, "}"]

    def rows(self, event: str, ends: list[str], has_var: bool, has_timer: bool) -> list[str]:
        has_value = event in self.valued and self.chance(0.7)
        head = f"        on {event}{'(k)' if has_value else ''}"
        rows = []
        if has_var and self.chance(0.4):
            other = "k" if has_value else str(self.random.randint(0, 2))
            rows.append(f"{head} when n == {other}{self.deeds(ends, has_var, has_timer)}")
        if not rows and self.chance(0.25):
            yes, no = (self.deeds(ends, has_var, has_timer) for _ in range(2))
            return [head, f"            | yes{yes}", f"            | no{no}"]
        return [*rows, f"{head}{self.deeds(ends, has_var, has_timer)}"]

    def deeds(self, ends: list[str], has_var: bool, has_timer: bool) -> str:
        deeds = []
        if has_var and self.chance(0.4):
            deeds.append(self.random.choice(("n = 0", "n = 1", "n = (n + 1) % 3", "n = 2 - n")))
        for _ in range(self.random.choice((0, 1, 1, 2))):
            name = self.random.choice(self.messages)
            value = self.random.choice(("n", "1")) if has_var else "2"
            deeds.append(f"send {name}({value})" if name in self.valued else f"send {name}")
        if has_timer and self.chance(0.4):
            deeds.append("start again")
        to = f" -> {self.random.choice(ends)}" if self.chance(0.6) else ""
        return f"{to}{' / ' + ', '.join(deeds) if deeds else ''}"

    def system(self) -> list[str]:
        lines = ["system S {"]
        for number in range(self.count):
            fate = self.random.choice(("", "", "", "", " closing", " crashing"))
            if fate == " crashing" and self.chance(0.5):
                fate += " restarting"
            lines.append(f"    peer p{number}: M{number}{fate if self.fates else ''}")
        for number in range(1, self.count):
            faults = [fault for fault in FAULTS if self.chance(0.25)]
            lines.append(
                f"    link p0 <-> p{number} capacity {self.random.randint(1, 2)} {' '.join(faults)}"
            )
        if self.chance(0.5):
            lines.append("    never p0 in S0 and not p1 in S0")
        return [*lines, "    reachable not p0 in S0", "    p0 in S0 leads to p1 in S0", "}"]
