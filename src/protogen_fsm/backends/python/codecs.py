"""Messages of codecs: functions around somebody else's code, which is not taken at its word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protogen_fsm.backends.python import binary, layout
from protogen_fsm.backends.python.decoders import signature
from protogen_fsm.backends.python.expressions import literal
from protogen_fsm.backends.python.names import annotation, unique
from protogen_fsm.model.messages import Codec
from protogen_fsm.model.types import INT, OBJECT, Enum, ListOf, Optional, Range, Struct

if TYPE_CHECKING:
    from protogen_fsm.backends.python.binary import Support
    from protogen_fsm.model.messages import Message
    from protogen_fsm.model.types import Type


def prepared(name: str, message: Message) -> list[str]:
    """The codec, as the runtime finds it with the first frame."""
    assert isinstance(message.pattern, Codec)
    fields = [literal(param.name) for param in message.params]
    path = literal(f"{message.pattern.module}:{message.pattern.name}")
    told = f"({', '.join(fields)}{',' if len(fields) == 1 else ''})"
    return layout.call(f"{name} = Codec", [literal(message.name), path, told])


def decoder(support: Support, name: str, codec: str, message: Message) -> list[str]:
    """The function that has a frame decoded, and checks what comes of it."""
    names = binary.named(message.params)
    taken = {*names.values(), *binary.CALLED}
    body = _doc(support, message)
    own = [names[param.name] for param in message.params]
    if not own:
        body += [f"{codec}.decode(frame)", "return ()"]
    else:
        given = f"({own[0]},)" if len(own) == 1 else ", ".join(own)
        body.append(f"{given} = {codec}.decode(frame)")
        for param in message.params:
            value = names[param.name]
            test = _holds(param.type, value, taken)
            if test:
                body += layout.condition("if", [f"not {_within(test)}"], "or", 0)
                why = f"{param.name} is no {param.type}"
                body.append(f"    raise ValueError({literal(why)})")
        body.append(f"return {given}")
    types = [annotation(param.type) for param in message.params]
    return [*signature(name, types), *layout.render(body, 4)]


def encoder(support: Support, name: str, codec: str, message: Message) -> list[str]:
    """The function that has a frame encoded, and proves it by decoding it."""
    names = binary.named(message.params)
    frame = unique("frame", {*names.values()})
    typed = [f"{names[param.name]}: {annotation(param.type)}" for param in message.params]
    head = layout.call(f"def {name}", typed, 0, " -> bytes:")
    given = [f"{param.name}={names[param.name]}" for param in message.params]
    values = ", ".join(names[param.name] for param in message.params)
    values += "," if len(message.params) == 1 else ""
    body = [
        *_doc(support, message),
        *layout.call(f"{frame} = {codec}.encode", given),
        *layout.call(
            f"{codec}.prove", [frame, name.replace("encode_", "decode_", 1), f"({values})"]
        ),
        f"return {frame}",
    ]
    return [*layout.render(head, 0), *layout.render(body, 4)]


def _doc(support: Support, message: Message) -> list[str]:
    doc = message.doc or f"The message {message.name}"
    return layout.docstring(f"{doc.rstrip('.')}. {support.where(message.span)}", 4)


def _within(test: str) -> str:
    return f"({test})" if " and " in test or " or " in test or " <= " in test else test


def _holds(type_: Type, value: str, taken: set[str]) -> str:
    """Whether a value is of a type, as Python; empty where any is."""
    if type_ == OBJECT:
        return ""
    if isinstance(type_, Optional):
        test = _holds(type_.item, value, taken)
        return f"{value} is None or {_within(test)}" if test else ""
    if isinstance(type_, Range):
        return f"isinstance({value}, int) and {type_.low} <= {value} <= {type_.high}"
    if isinstance(type_, Enum):
        members = ", ".join(map(literal, type_.members))
        return f"{value} in ({members}{',' if len(type_.members) == 1 else ''})"
    if isinstance(type_, ListOf):
        one = unique("one", taken)
        test = _holds(type_.item, one, taken)
        every = f" and all({test} for {one} in {value})" if test else ""
        return f"isinstance({value}, list){every}"
    if isinstance(type_, Struct):
        return f"isinstance({value}, {type_.name})"
    kind = str(type_)
    if type_ == INT:
        return f"isinstance({value}, int)"
    return f"isinstance({value}, {'float | int' if kind == 'float' else kind})"
