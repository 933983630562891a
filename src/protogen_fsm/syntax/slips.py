"""The slips that people make, each with what to say of it and, where it is plain, how to go on."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING

from protogen_fsm.diagnostics import Diagnostic, Label
from protogen_fsm.source import Span
from protogen_fsm.syntax import tree
from protogen_fsm.syntax.expected import DECLARATIONS, ITEMS, LINES, NAMES, ROWS
from protogen_fsm.syntax.place import Place, Resume
from protogen_fsm.syntax.tokens import Token, scan

if TYPE_CHECKING:
    from collections.abc import Callable

Judgement = tuple[Diagnostic, Resume | None]

_PARTNERS = {")": "(", "]": "[", "}": "{", "(": ")", "[": "]", "{": "}"}

# What those write who come from other languages: what is meant, and what to type.
_HABITS = {
    "=>": ("->", "write `->`"),
    "→": ("->", "write `->`"),
    "&&": ("and", "write `and`"),
    "||": ("or", "write `or`"),
    "&": ("and", "write `and`"),
    ";": ("", "take it out: nothing stands between two lines"),
    "“": ("", 'write `"`'),
    "”": ("", 'write `"`'),
    "'": ("", 'write `"…"`'),
    "//": ("", "write `#` before a comment"),
    "/*": ("", "write `#` before a comment, on each of its lines"),
    "++": ("", "write `+= 1`"),
    "--": ("", "write `-= 1`"),
}
_MISTAKEN = (("=", ":"), ("=", "=="), (":", "="), ("==", "="), (":", "->"), ("->", "<->"))
_SYNONYMS = {
    "default": "otherwise",
    "delay": "after",
    "emit": "emits",
    "enter": "entry",
    "event": "on",
    "func": "action",
    "goto": "->",
    "if": "when",
    "import": "use",
    "include": "use",
    "leave": "exit",
    "let": "var",
    "receive": "receives",
    "record": "struct",
    "send": "sends",
    "timeout": "after",
    "transition": "on",
    "type": "struct",
    "where": "when",
}


def _unterminated(place: Place) -> Judgement | None:
    if place.token.type != "UNTERMINATED":
        return None
    diagnostic = Diagnostic(
        "PG002",
        "this string has no end",
        place.span(place.token),
        "the line ends, and the string does not",
        help='close it with `"`; a line end within a string is written `\\n`',
    )
    return diagnostic, None


def _no_protocol(place: Place) -> Judgement | None:
    if place.values:
        return None
    token = place.token
    misspelt = token.type == "NAME" and _nearest(token.text, ["protocol"])
    diagnostic = Diagnostic(
        "PG008",
        "the file does not start with `protocol NAME`",
        place.span(token),
        "it starts so",
        help="did you mean `protocol`?" if misspelt else "write `protocol NAME` above it",
    )
    protocol = place.keyword("protocol")
    if misspelt:
        return diagnostic, Resume(token.end, (protocol,))
    return diagnostic, Resume(token.start, (protocol, Token("NAME", "", token.start, token.start)))


def _swallowed(place: Place) -> Judgement | None:
    """The keyword of this line was read as the name that is missing on the line above."""
    if len(place.before) != 1 or place.is_first or place.last() not in LINES:
        return None
    keyword = place.before[0]
    taken = place.values[-1] if place.values else None
    if isinstance(taken, Token) and taken.start == keyword.start and taken.type != "NAME":
        return None
    above = Place(place.source, place.table, keyword, place.stack, place.values)
    name = NAMES.get(above.last(), "")
    if above.last() == "," and (not place.open or place.open[-1].text == "{"):
        name = "one more name"
    if not name or not above.is_first:
        return None
    title = f"expected {name}, found `{keyword.text}`"
    place.token = keyword  # the parser goes on from here
    return Diagnostic("PG001", title, place.span(keyword), "the next line already"), None


def _closes_nothing(place: Place) -> Judgement | None:
    token = place.token
    opener = _PARTNERS.get(token.text, "") if token.text in (")", "]", "}") else ""
    if not opener or any(bracket.text == opener for bracket in place.open):
        return None
    diagnostic = Diagnostic(
        "PG003",
        f"this `{token.text}` closes nothing",
        place.span(token),
        f"no `{opener}` is open here",
        help=f"take it out, or see whether a `{opener}` is missing above",
    )
    return diagnostic, Resume(token.end)


def _unclosed_parenthesis(place: Place) -> Judgement | None:
    token = place.token
    if not place.open or place.open[-1].text == "{":
        return None
    opener = place.open[-1]
    ends = token.type == "$END" or token.text == "}" or (place.is_first and token.text in LINES)
    if not ends and token.text not in (")", "]"):
        return None
    if token.text == _PARTNERS[opener.text]:
        return None
    diagnostic = Diagnostic(
        "PG003",
        f"this `{opener.text}` is never closed",
        place.span(opener),
        "opened here",
        (Label(place.span(token), f"{place.found} does not belong inside"),),
        help=f"write `{_PARTNERS[opener.text]}` where it ends",
    )
    return diagnostic, None


def _unclosed_brace(place: Place) -> Judgement | None:
    token = place.token
    at_margin = place.line_start == token.start and token.text in ITEMS
    if not place.open or not (token.type == "$END" or at_margin):
        return None
    brace = _suspect(place)
    seen = "the file ends" if token.type == "$END" else f"`{token.text}` stands outside"
    diagnostic = Diagnostic(
        "PG003",
        f"the braces of {_owner(place, brace)} are never closed",
        place.span(brace),
        "opened here",
        (Label(place.span(token), seen),),
        help="write `}` where they end",
    )
    return diagnostic, None


def _suspect(place: Place) -> Token:
    """The brace that was meant to be closed: its `}` stands further out than its line begins."""
    text = place.source.text

    def indent(offset: int) -> int:
        start = text.rfind("\n", 0, offset) + 1
        return len(text[start:offset]) - len(text[start:offset].lstrip())

    braces: list[Token] = []
    for token in scan(text, place.open[0].start):
        if token.start >= place.token.start:
            break
        if token.text == "{":
            braces.append(token)
        elif token.text == "}" and braces:
            brace = braces.pop()
            alone = not text[text.rfind("\n", 0, token.start) + 1 : token.start].strip()
            if alone and indent(token.start) < indent(brace.start):
                return brace
    return next(bracket for bracket in reversed(place.open) if bracket.text == "{")


def _owner(place: Place, brace: Token) -> str:
    """Whose braces they are."""
    line_start = place.source.text.rfind("\n", 0, brace.start) + 1
    words = [token for token in scan(place.source.text, line_start) if token.end <= brace.start]
    for keyword, name in pairwise(words):
        if keyword.text in LINES and name.type == "NAME" and name.text not in LINES:
            return f"{keyword.text} `{name.text}`"
    return "this `{`"


def _misplaced_item(place: Place) -> Judgement | None:
    token = place.token
    if not place.is_first or token.text not in ITEMS - {"allow"} or not place.open:
        return None
    help = f"move `{token.text}` out of the braces, to the margin"
    return place.say(help, f"`{token.text}` stands outside of machines and systems"), None


def _outside(place: Place) -> Judgement | None:
    token = place.token
    if place.open or not place.is_first or token.text not in ROWS | DECLARATIONS:
        return None
    help = "see whether a `}` above closes too much"
    return place.say(help, f"`{token.text}` stands outside of any machine"), None


def _late_declaration(place: Place) -> Judgement | None:
    token = place.token
    if token.text not in DECLARATIONS or not place.is_first:
        return None
    if not any(isinstance(v, Token) and v.text == "machine" for v in place.values):
        return None
    labels: tuple[Label, ...] = ()
    for value in place.values:
        if isinstance(value, list) and value and isinstance(value[0], tree.State | tree.On):
            labels = (Label(value[0].span, "the first state"),)
            break
        if isinstance(value, Token) and value.text == "state":
            labels = (Label(place.span(value), "the first state"),)
            break
    help = f"move `{token.text}` up, before the first state"
    if token.text == "receives" and place.last() == "{":
        help = "what a state receives stands before its `{`"
    diagnostic = Diagnostic(
        "PG010",
        f"`{token.text}` stands after the first state",
        place.span(token),
        "a declaration",
        labels,
        help=help,
    )
    return diagnostic, None


def _habit(place: Place) -> Judgement | None:
    text, token, before = place.source.text, place.token, place.before
    start = token.start
    if before and before[-1].end == start and before[-1].text + token.text in _HABITS:
        start = before[-1].start
    written = next(
        (text[start : start + n] for n in (2, 1) if text[start : start + n] in _HABITS), ""
    )
    if not written or (len(written) == 1 and token.type != "STRANGE"):
        return None
    meant, help = _HABITS[written]
    span = Span(place.source, start, start + len(written))
    diagnostic = place.say(help, f"`{written}` cannot stand here", span)
    if meant and start == token.start and place.takes(meant):
        return diagnostic, Resume(span.end, (place.keyword(meant, len(written)),))
    return diagnostic, Resume(span.end) if written == ";" else None


def _division(place: Place) -> Judgement | None:
    token = place.token
    divides = place.last() == "/" and (token.type in ("INT", "FLOAT") or token.text == "(")
    compares = place.last(2) == "/" and token.text in ("==", "!=", "<", "<=", ">", ">=")
    if not (divides or compares or (token.text == "/" and "/" in map(_text, place.before))):
        return None
    help = "there is no division sign: `/` begins the actions, and `,` stands between them"
    return place.say(help), None


def _order(place: Place) -> Judgement | None:
    before = [token.text for token in place.before]
    if place.token.text == "->" and "/" in before:
        help = "the order is `on EVENT when GUARD -> STATE / actions`"
        return place.say(help, "`->` stands before the actions"), None
    if place.token.text == "when" and ("->" in before or "/" in before):
        help = "the order is `on EVENT when GUARD -> STATE / actions`"
        return place.say(help, "`when` stands before `->` and `/`"), None
    late = place.token.text in ("reads", "receives") and place.before
    if late and place.before[-1].type == "STRING" and place.takes("{"):
        help = 'the order is `state NAME(parameters) reads … receives … "doc" {`'
        return place.say(help, f"`{place.token.text}` stands before the state's doc"), None
    return None


def _misspelt(place: Place) -> Judgement | None:
    token = place.token
    if token.type != "NAME" and token.type not in place.table.texts:
        return None
    if not token.text.isidentifier():
        return None
    words = [word for word in place.table.terminals if word.isidentifier() and place.takes(word)]
    near = _nearest(token.text, words)
    meant = _SYNONYMS.get(token.text.lower(), "")
    if not near and meant and place.takes(meant):
        near = meant
    if not near:
        return None
    return place.say(f"did you mean `{near}`?"), Resume(
        token.end, (place.keyword(near, len(token.text)),)
    )


def _mistaken_sign(place: Place) -> Judgement | None:
    found = place.token.text
    for sign, meant in _MISTAKEN:
        if found != sign or not place.takes(meant):
            continue
        if meant == ":" and place.last(2) not in ("(", ",") and place.takes("=="):
            continue
        resume = Resume(place.token.end, (place.keyword(meant, len(found)),))
        return place.say(f"write `{meant}`"), resume
    return None


def _missing_sign(place: Place) -> Judgement | None:
    if place.is_first:
        return None
    follows = place.next.text if place.next else ""
    for sign in ("->", ",", ":", "="):
        if not place.takes_behind(sign) or (sign == "->" and follows in ("->", "when")):
            continue
        resume = Resume(place.token.start, (place.keyword(sign),))
        return place.say(f"write `{sign}` before it"), resume
    return None


def _text(token: Token) -> str:
    return token.text


def _nearest(word: str, words: list[str]) -> str:
    # Tighter than the nearest of all names: a keyword is short, and so is much else.
    return next(iter(get_close_matches(word.lower(), words, 1, 0.75)), "")


SLIPS: tuple[Callable[[Place], Judgement | None], ...] = (
    _unterminated,
    _no_protocol,
    _swallowed,
    _closes_nothing,
    _unclosed_parenthesis,
    _unclosed_brace,
    _misplaced_item,
    _outside,
    _late_declaration,
    _habit,
    _division,
    _order,
    _misspelt,
    _mistaken_sign,
    _missing_sign,
)
