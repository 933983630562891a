"""Messages: a name, its fields, and the pattern that is both their parser and their printer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from protogen_fsm.model.expressions import Expr
    from protogen_fsm.model.types import Param, Struct, Type
    from protogen_fsm.source import Span


@dataclass(slots=True, eq=False, repr=False)
class Words:
    """A literal of a text pattern."""

    text: str
    ignore_case: bool
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Slot:
    """A field's place in a text pattern; `regex` if the spec gives one."""

    param: Param
    regex: str | None
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Skipped:
    """A nameless `r"…"` in an optional group: taken when it is there, and never printed."""

    regex: str
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Group:
    """`[…]`: there, or not (then its fields are empty, or none where they are optional)."""

    parts: tuple[Part, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Repeat:
    """`(…)*`: once for each item of a list, as often as it is there.

    Its slots are the fields of the list's struct, or one that is the whole item (`item`).
    """

    param: Param
    parts: tuple[Part, ...]
    span: Span

    def slots(self) -> list[Slot]:
        """Where the fields of an item stand, in order."""
        return [part for part in self.parts if isinstance(part, Slot)]


Part: TypeAlias = Words | Slot | Skipped | Group | Repeat


@dataclass(slots=True, eq=False, repr=False)
class Text:
    """A text pattern."""

    parts: tuple[Part, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Layout:
    """How a binary field lies.

    `kind`: `u8 u16 u24 u32 u64 i8 … f32 f64` (with `le` at the end for little-endian), `bits`,
    `varint`, `bytes`, `str`, `cstr`, `rest`, `struct`.
    """

    kind: str
    size: Expr | Layout | None  # bytes(n), bits(n): an Expr; bytes(u16): the Layout of the length
    struct: Struct | None
    repeat: Expr | None  # T[n]
    repeat_rest: bool  # T[rest]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Cell:
    """A binary field: `param` None for a nameless constant."""

    param: Param | None
    layout: Layout
    constant: Expr | None
    condition: Expr | None
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Binary:
    """A binary pattern."""

    cells: tuple[Cell, ...]
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Codec:
    """`by codec "package.module:Name"`."""

    module: str
    name: str
    span: Span


@dataclass(slots=True, eq=False, repr=False)
class Message:
    """A message; `by` is the field whose value names the event."""

    name: str
    doc: str
    params: tuple[Param, ...]
    by: Param | None
    pattern: Text | Binary | Codec | None
    span: Span
    name_span: Span

    def type_of(self, name: str) -> Type:
        """The type of the field `name`."""
        return next(param.type for param in self.params if param.name == name)
