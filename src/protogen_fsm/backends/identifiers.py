"""Names and comments in the languages of other programs, made of the words of a spec."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Names:
    """Gives each thing a name of its own, as near to its words as may be.

    `taken`: what no name may be; `special`: what none may begin with.
    """

    def __init__(self, taken: Iterable[str], special: tuple[str, ...] = ()) -> None:
        self._taken, self._special = set(taken), special

    def take(self, words: str) -> str:
        """A name made of words, and taken by nothing else."""
        name = re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_") or "thing"
        if name[0].isdigit() or name.startswith(self._special):
            name = f"is_{name}"
        found, count = name, 1
        while found in self._taken:
            count += 1
            found = f"{name}_{count}"
        self._taken.add(found)
        return found

    def each(self, words: list[str]) -> list[str]:
        """Names for several; those with the same words are numbered."""
        count, seen = Counter(words), Counter[str]()
        found = []
        for one in words:
            seen[one] += 1
            found.append(self.take(f"{one}_{seen[one]}" if count[one] > 1 else one))
        return found


def comment(text: str) -> str:
    """A text that may stand in a comment of C or of TLA+, on one line."""
    for mark in ("*/", "/*", "(*", "*)", "\\*"):
        text = text.replace(mark, f"{mark[0]} {mark[1]}")
    return " ".join(text.split()).encode("ascii", "replace").decode()
