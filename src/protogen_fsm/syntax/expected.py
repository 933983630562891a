"""What could have stood at a place, in words of the field instead of names of terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protogen_fsm.syntax.table import Table
    from protogen_fsm.syntax.tokens import Token


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ITEMS = _words("use const enum struct message machine system scenario allow")
FACES = _words("receives sends accepts emits")
DECLARATIONS = FACES | _words("var timer predicate action otherwise many allow")
ROWS = _words("on after entry exit ignore defer urgent state initial final region allow")
SYSTEM_LINES = _words("peer environment link never always reachable allow")
LINES = ITEMS | DECLARATIONS | ROWS | SYSTEM_LINES

_OPERATORS = _words("+ - * % == != < <= > >= and or in . [")
_ACTIONS = _words("send emit raise start stop close starttls")

_SIGNS = (":", "=", "->", "/", "|", ",", "(", ")", "[", "]", "{")

# What a name would be after each of these.
NAMES = dict.fromkeys(_words("on send emit raise ignore defer urgent") | FACES, "an event") | {
    "protocol": "the name of the protocol",
    "machine": "the name of the machine",
    "message": "the name of the message",
    "state": "the name of the state",
    "region": "the name of the region",
    "system": "the name of the system",
    "struct": "the name of the struct",
    "enum": "the name of the enum",
    "const": "the name of the constant",
    "var": "the name of the variable",
    "timer": "the name of the timer",
    "start": "the name of a timer",
    "stop": "the name of a timer",
    "over": "the layer below",
    "use": "the name of a machine",
    "for": "the name of a system",
    "reads": "what to read, such as `line`",
    "->": "the name of a state",
    "push": "the name of a state",
    "then": "the name of a state",
    "history": "the name of a state",
    "|": "the name of an outcome",
    "peer": "the name of the peer",
    "link": "the name of a peer",
    "<->": "the name of a peer",
    "allow": "the name of a warning",
    "otherwise": "`error`, `ignore` or `close`",
    "scope": "`layer`",
    "by": "the name of a field",
    ":": "a type",
    "=": "a value",
    "+=": "a value",
    "-=": "a value",
    "when": "a guard",
    "after": "a duration",
    "/": "an action",
}


def expected(table: Table, stack: list[int], before: Token | None, new_line: bool) -> list[str]:
    """The phrases for what can stand here, `before` being the token before.

    On a new line what begins an item counts, on the same line what goes on with it.
    """
    can = {
        table.texts.get(terminal, terminal)
        for terminal in table.states[stack[-1]]
        if terminal.isupper() and table.takes(stack, terminal)
    }
    begins = _begins(can)
    goes_on = _goes_on(can, before)
    if new_line or not goes_on:
        return begins + ([] if begins else goes_on)
    return goes_on


def _begins(can: set[str]) -> list[str]:
    phrases = []
    if len(can & ITEMS) > 4:
        phrases += ["a message", "a machine", "another item"]
    if len(can & DECLARATIONS) > 4:
        phrases.append("a declaration")
    if "on" in can:
        phrases.append("a transition")
    if "state" in can:
        phrases.append("a state")
    for word in ("after", "entry", "region"):
        if word in can:
            phrases.append(f"`{word}`")
    if "peer" in can:
        phrases += ["a peer", "a link", "a property"]
    if "}" in can:
        phrases.append("`}`")
    if "$END" in can and not phrases:
        phrases.append("the end of the file")
    return phrases


def _goes_on(can: set[str], before: Token | None) -> list[str]:
    phrases = []
    # `keep` is for `on lost` alone, and few events say how they are called.
    rest = can - LINES - {"}", "$END", "CLASS", "keep", "unasked", "cancel"}
    if "send" in can:
        phrases.append("an action")
        rest -= _ACTIONS | {"NAME", "self"}
    elif "CLASS" in can:
        phrases.append("an event")
        rest -= {"NAME", "INT", "*"}
    elif ("not" in can and "FLOAT" in can) or "self" in can:
        phrases.append("a value")
        rest -= {"NAME", "INT", "FLOAT", "DURATION", "SIZE", "STRING", "self"}
        rest -= {"true", "false", "none", "not", "-", "[", "("}
    elif "list" in can:
        phrases.append("a type")
        rest -= {"NAME", "list", "INT", "FLOAT", "DURATION", "SIZE", "-"}
    elif "FLOAT" in can:
        phrases.append("a number")
        rest -= {"INT", "FLOAT", "DURATION", "SIZE", "-"}
    if "NAME" in rest and "peer" not in can:
        phrases.append(NAMES.get(before.text if before else "", "a name"))
    rest -= {"NAME"}
    if len(rest & _OPERATORS) > 4:
        phrases.append("an operator")
        rest -= _OPERATORS | {"NOT_IN", "LEADS_TO"}
    if ("STRING" in rest and rest & {"{", "=", "ISTRING"}) or rest == {"STRING"}:
        phrases.append("a string")
    rest -= {"STRING", "ISTRING", "RSTRING", "LEADS_TO", "NOT_IN"}
    signs = [sign for sign in _SIGNS if sign in rest]
    words = sorted(rest.difference(_SIGNS))
    return phrases + [f"`{text}`" for text in words + signs]


def either(phrases: list[str]) -> str:
    """The phrases as a list that ends in `or`."""
    if len(phrases) < 2:
        return "".join(phrases)
    return ", ".join(phrases[:-1]) + " or " + phrases[-1]
