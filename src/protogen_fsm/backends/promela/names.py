"""Names that may stand in a Promela model."""

from __future__ import annotations

import re

# The words of the language, those of its formulas, and those that the verifier's C code holds.
_WORDS = """active always assert atomic bit bool break byte c_code c_decl c_expr c_state c_track
chan d_step do else empty enabled equivalent eval eventually false fi for full get_priority goto
hidden if implies in init inline int len local ltl mtype nempty never next nfull nonprogress
notrace np_ od of pc_value pid print printf printm priority proctype provided release return run
select set_priority short show skip strong stronguntil timeout trace true typedef unless unsigned
until weakuntil xr xs U V W X _ _last _nr_pr _pid NULL auto case char const continue default double
enum extern float inline long register restrict signed sizeof static struct switch union void
volatile while"""
_OURS = """BEGIN way network observer mark marked begun at_rest left_over grown put_or_lose
put_sorted_or_lose put_once_or_lose put_once put_unless_broken flush c item most broken fates
refusing waiting fair spoiled"""
RESERVED = frozenset({*_WORDS.split(), *_OURS.split()})
_SPECIAL = ("end", "accept", "progress")  # a label that begins so means something to SPIN


class Names:
    """Gives each thing a name of its own, as near to its words as may be."""

    def __init__(self, taken: frozenset[str] = RESERVED) -> None:
        self._taken = set(taken)

    def take(self, words: str) -> str:
        """A name made of words, and taken by nothing else."""
        name = re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_") or "thing"
        if name[0].isdigit() or name.startswith(_SPECIAL):
            name = f"is_{name}"
        found, count = name, 1
        while found in self._taken:
            count += 1
            found = f"{name}_{count}"
        self._taken.add(found)
        return found


def comment(text: str) -> str:
    """A text that may stand in a comment, on one line."""
    return (
        " ".join(text.replace("*/", "* /").replace("/*", "/ *").split())
        .encode("ascii", "replace")
        .decode()
    )
