"""The parser's table, which lark makes of grammars/protogen.lark, kept in the user's cache.

Making it takes half a second and lark's import another tenth; reading it back takes milliseconds.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from protogen_fsm.resources import grammars

_FORMAT = 2


class Rule(NamedTuple):
    """One alternative of the grammar, reduced by calling the builder's method of its name."""

    origin: str
    size: int
    name: str | None  # None: the only symbol's value is the value
    places: list[int | None] | None  # which symbol goes where, None for one left out; None: as is


class Table:
    """An LALR(1) table: what to do in a state at a terminal.

    A step of 0 or more is the state to go to; one below 0 is the complement of the rule to reduce.
    """

    def __init__(
        self,
        states: list[dict[str, int]],
        rules: list[Rule],
        terminals: dict[str, str],
        start: int,
        end: int,
    ) -> None:
        self.states = states
        self.rules = rules
        self.terminals = terminals  # the keywords and signs, by their text
        self.texts = {name: text for text, name in terminals.items()}
        self.start = start
        self.end = end

    def takes(self, stack: list[int], terminal: str) -> bool:
        """Whether a parser with this stack can take the terminal next."""
        return self.after(stack, terminal) is not None

    def after(self, stack: list[int], terminal: str) -> list[int] | None:
        """The stack once the terminal is taken, None if it cannot be."""
        states, stack = self.states, stack.copy()
        while True:
            step = states[stack[-1]].get(terminal)
            if step is None:
                return stack if terminal == "$END" and stack[-1] == self.end else None
            if step >= 0:
                stack.append(step)
                return stack
            rule = self.rules[~step]
            if rule.size:
                del stack[-rule.size :]
            stack.append(states[stack[-1]][rule.origin])


@cache
def load() -> Table:
    """The table of the grammar."""
    grammar = (grammars() / "protogen.lark").read_text("utf-8")
    kept = _kept(grammar)
    table = _read(kept, grammar) if kept else None
    if table is None:
        table = make(grammar)
        if kept:
            _write(kept, grammar, table)
    return table


def make(grammar: str) -> Table:
    """Let lark make the table of a grammar."""
    import lark
    from lark.lexer import PatternStr
    from lark.parsers.lalr_analysis import Shift

    made = lark.Lark(
        grammar,
        parser="lalr",
        lexer="basic",  # never run: syntax.tokens cuts the text
        start="file",
        keep_all_tokens=True,
        maybe_placeholders=True,
    )
    conf = made.parse_interactive().parser_state.parse_conf
    numbers = {rule: number for number, rule in enumerate(made.rules)}
    rules = []
    for rule in made.rules:
        options, size = rule.options, len(rule.expansion)
        symbols = iter(range(size))
        left_out = options.empty_indices or [False] * size
        places = [None if empty else next(symbols) for empty in left_out]
        name = rule.alias or options.template_source or rule.origin.name
        passes = options.expand1 and not rule.alias and places == [0]
        rules.append(
            Rule(
                str(rule.origin.name),
                size,
                None if passes else str(name),
                places if None in places else None,
            )
        )
    indices = {state: index for index, state in enumerate(conf.states)}
    states = [
        {
            str(symbol): indices[to] if action is Shift else ~numbers[to]
            for symbol, (action, to) in steps.items()
        }
        for steps in conf.states.values()
    ]
    terminals = {
        terminal.pattern.value: str(terminal.name)
        for terminal in made.terminals
        if isinstance(terminal.pattern, PatternStr)
    }
    return Table(states, rules, terminals, indices[conf.start_state], indices[conf.end_state])


def folder() -> Path | None:
    """Where tables are kept between runs; None if the user has no home."""
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "protogen"
    except RuntimeError:
        return None


def _kept(grammar: str) -> Path | None:
    within = folder()
    return within and within / f"grammar-{_FORMAT}-{crc32(grammar.encode()):08x}.json"


def _read(kept: Path, grammar: str) -> Table | None:
    try:
        with kept.open(encoding="utf-8") as file:
            found = json.load(file)
        if found["grammar"] != grammar:
            return None
        rules = [Rule(*rule) for rule in found["rules"]]
        return Table(found["states"], rules, found["terminals"], found["start"], found["end"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(kept: Path, grammar: str, table: Table) -> None:
    text = json.dumps(
        {
            "grammar": grammar,
            "start": table.start,
            "end": table.end,
            "terminals": table.terminals,
            "rules": table.rules,
            "states": table.states,
        }
    )
    new = kept.with_name(f".{kept.name}.{os.getpid()}")
    try:
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.write_text(text, "utf-8")
        new.replace(kept)
    except OSError:
        # Without a cache everything works, only slower.
        new.unlink(missing_ok=True) if new.exists() else None
