"""Trees of specs compared by what they say, not by where they say it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from protogen_fsm.source import Source, Span
from protogen_fsm.syntax import tree
from protogen_fsm.syntax.parse import parse


def read(text: str) -> tree.File:
    return parse(Source("spec.proto", text))


def said(node: object) -> Any:
    """A tree as nested tuples, without its places."""
    if isinstance(node, tree.Comment):
        return node.text
    if isinstance(node, list):
        return [said(each) for each in node]
    if is_dataclass(node) and not isinstance(node, type):
        return (
            type(node).__name__,
            *(
                said(getattr(node, field.name))
                for field in fields(node)
                if field.name not in ("span", "source", "comments")
            ),
        )
    assert not isinstance(node, Source | Span)
    return node


def comments(file: tree.File) -> list[str]:
    return sorted(comment.text for comment in file.comments)
