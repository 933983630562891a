"""A generated machine and the slow reading of its model, side by side."""

from __future__ import annotations

import copy
import pickle
import random
from typing import TYPE_CHECKING, Any

from generated import apart
from interpreter import FOREVER, Interpreter, Refused
from meaning import Failed, Unprintable, printed
from protogen_fsm.model.types import ListOf, Optional, Struct
from protogen_fsm.runtime.core import LocalProtocolError, Record, RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from protogen_fsm.runtime.wire import Wire


class Disagreement(Exception):
    """The generated machine and the model differ."""


class Below:
    """What stands beneath the generated machine here: it only writes down."""

    def __init__(self, told: list[Any], wire: Wire) -> None:
        self._told, self._wire = told, wire

    def __getattr__(self, name: str) -> Any:
        ask = getattr(self._wire, "_ask_octets", lambda data: None)  # of datagrams: too long?
        if name == "_ask_octets":
            return ask
        if name.startswith("_ask_"):  # whether it would be taken
            return lambda *args: None

        def tell(*args: Any) -> None:
            if name == "octets":
                ask(*args)
            self._told.append((name, *args))

        return tell


def plain(value: Any) -> Any:
    """Records as the interpreter has them."""
    if isinstance(value, Record):
        return {name: plain(getattr(value, name)) for name in value.__slots__}
    return [plain(one) for one in value] if isinstance(value, list) else value


class Walk:
    """A generated machine and the interpreter, side by side.

    Messages are printed by the interpreter; if `prints`, by the module. If `hooks`, the machine,
    but for its instances, hears which states are entered and left. If it `wanders`, it is pickled
    before each step, and goes on as what comes of that.
    """

    def __init__(
        self,
        module: Any,
        model: Any,
        seed: int,
        *args: Any,
        prints: bool = False,
        hooks: bool = False,
        wanders: bool = False,
    ) -> None:
        module = apart(module.__name__) if model.many else module
        self.module, self.hooks, self.wanders = module, hooks, wanders
        self.crossed: list[str] = []
        self.handed: list[tuple[Any, Any]] = []
        self.random = random.Random(seed)
        self.model, self.script, self.told = model, [], []
        self.other = Interpreter(
            model,
            lambda kind, name, count: self.random.randrange(count),
            *args,
            print=self.print if prints else printed,
        )
        self.script[:] = self.other.asked
        types = [param.type for param in model.params]
        self.one = self.class_of(module)(*map(self.real, types, args))
        if self.one.wire.closing:  # before anybody could hear it
            self.told.append(("close",))
            self.other.told = [one for one in self.other.told if one != ("close",)] + [("close",)]
        self.one.below = Below(self.told, self.one.wire)
        self.log: list[str] = []
        self.agree("at the beginning")
        self.advance(0.0)  # a clock begins when it is first told

    def class_of(self, module: Any) -> Any:
        """The machine's class, whose questions follow the interpreter's script.

        So do those of its instances, which the module makes by their names.
        """
        originals = vars(module).setdefault("_originals", {})
        for inner in self.holding(self.model):
            generated = originals.setdefault(inner.name, getattr(module, inner.name))
            mine = self.subclass(generated, inner, is_instance=True)
            setattr(module, inner.name, mine)
        generated = originals.get(self.model.name, getattr(module, self.model.name))
        return self.subclass(generated, self.model)

    def holding(self, model: Any) -> list[Any]:
        """The machines of which it holds many, and of which those do."""
        found = [many.machine for many in model.many.values()]
        return [*found, *(one for inner in found for one in self.holding(inner))]

    def subclass(self, generated: Any, model: Any, *, is_instance: bool = False) -> Any:
        walk, module = self, self.module

        def handler(name: str) -> Any:
            def handle(machine: Any, *args: Any) -> Any:
                walk.hand(args)
                while walk.script[0][0] != name and walk.script[0][1] is None:
                    walk.script.pop(0)  # a row of a table of moves asks nobody who is not there
                expected, answer = walk.script.pop(0)
                walk.same("", "asked", name, expected)
                if isinstance(answer, tuple):
                    outcome, given = answer
                    cls = "".join(part[:1].upper() + part[1:] for part in outcome.split("_"))
                    params = model.outcomes[outcome].params
                    types = [param.type for param in params]
                    return getattr(module, cls)(*map(walk.real, types, given))
                return answer

            return handle

        def emission(name: str) -> Any:
            def emit(machine: Any, *args: Any) -> None:
                walk.hand(args)
                walk.told.append((name, *args))

            return emit

        members = {name: handler(name) for name in model.questions}
        if not is_instance:
            members |= {f"emit_{name}": emission(name) for name in model.emits}

        def hook(name: str) -> Any:
            return lambda machine: walk.crossed.append(name)

        if self.hooks and not is_instance:
            names = [f"{kind}_{s.name}" for s in model.every_state() for kind in ("enter", "exit")]
            members |= {name: hook(name) for name in names}
        mine = type("Mine", (generated,), members)
        for row in generated._rows:  # not by overriding, so that each row asks for itself
            setattr(mine, row.slot, handler(row.slot.removeprefix("_")))
        return findable(mine) if self.wanders else mine

    def fire(self, name: str, *args: Any) -> None:
        self.log.append(f"{name}{args}")
        types = [param.type for param in self.model.events[name].params]
        given = [self.real(type_, arg) for type_, arg in zip(types, args, strict=True)]
        self.hand(given)
        self.both(lambda: self.other.fire(name, *args), lambda: getattr(self.one, name)(*given))

    def hand(self, values: Iterable[Any]) -> None:
        """Keeps what went out or came in: it is not changed afterwards."""
        kept = [*values]
        self.handed.append((kept, copy.deepcopy(plain(kept))))

    def real(self, type_: Any, value: Any) -> Any:
        """A value as the generated machine has it."""
        if isinstance(type_, Optional):
            return None if value is None else self.real(type_.item, value)
        if isinstance(type_, ListOf):
            return [self.real(type_.item, one) for one in value]
        if isinstance(type_, Struct):
            fields = [self.real(field.type, value[field.name]) for field in type_.fields]
            return getattr(self.module, type_.name)(*fields)
        return value

    def print(self, message: Any, args: list[Any]) -> bytes:
        """The frame that the module makes of a message."""
        types = [param.type for param in message.params]
        encode = getattr(self.module, f"encode_{message.name}")
        try:
            return encode(*map(self.real, types, args))
        except (LocalProtocolError, ValueError, TypeError) as error:
            raise Unprintable(str(error)) from error

    def advance(self, seconds: float) -> None:
        now = self.other.now + seconds
        self.log.append(f"advance({now})")
        self.both(lambda: self.other.advance(now), lambda: self.one.advance(now))

    def secured(self) -> None:
        self.log.append("secured")
        self.both(self.other.secured, self.one.receive_secured)

    def both(self, other: Any, one: Any) -> None:
        if self.other.broken:  # nobody knows what was told, nor to whom
            return
        self.other.asked.clear()
        theirs = outcome_of(other)
        self.script[:] = self.other.asked
        if self.wanders:
            self.wander()
        ours = outcome_of(one)
        if self.other.broken:
            return
        if not (theirs == "failed" and ours != ""):
            self.same("", "error", ours, theirs)
        self.agree("")

    def wander(self) -> None:
        """The machine goes on elsewhere; what writes down what it says stays here."""
        self.one.below = self.one.wire
        self.one = pickle.loads(pickle.dumps(self.one))
        self.one.below = Below(self.told, self.one.wire)

    def agree(self, when: str) -> None:
        one, other = self.one, self.other
        self.same(when, "told", [plain([*one]) for one in self.told], [[*t] for t in other.told])
        self.agree_on(when, "", one, other)
        self.same(
            when,
            "handed out",
            [plain([*one]) for one, _ in self.handed],
            [[*one] for _, one in self.handed],
        )
        due = other.due()
        self.same(when, "deadline", one.deadline(), None if due == FOREVER else due)
        if self.hooks and self.log and not other.has_undone:
            self.same(when, "crossed", self.crossed, other.crossed)
        other.has_undone = False
        for heard in (self.told, other.told, self.crossed, other.crossed):
            heard.clear()

    def agree_on(self, when: str, of: str, one: Any, other: Interpreter) -> None:
        """The state of a machine, and of the instances that it holds."""
        self.same(when, f"{of}state", one.state, other.state.name)
        for region in one._regions:
            leaf = other.memory.where.get(region)
            self.same(when, of + region, getattr(one, region), "" if leaf is None else leaf.name)
        stack = getattr(one, "_stack", None)
        self.same(when, f"{of}stack", stack[0] if stack else 0, len(other.memory.stack))
        values = {name: plain(getattr(one, name)) for name in other.memory.vars}
        mine = [call.emissions for call in one._calls or ()]
        self.same(when, f"{of}calls", mine, [answers for _, answers in other.calls])
        self.same(when, f"{of}variables", values, other.memory.vars)
        for state in other.active():
            for param in state.params:
                mine = plain(getattr(one, f"_{state.name}_{param.name}"))
                theirs = other.memory.params[state.name, param.name]
                self.same(when, f"{of}{state.name}.{param.name}", mine, theirs)
        for name, held in other.memory.held.items():
            instances = getattr(one, name)
            self.same(when, of + name, list(instances), list(held))
            for key in held:
                self.agree_on(when, f"{of}{name}[{key}].", instances[key], held[key])
                due = instances[key]._next_due()
                self.same(when, f"{of}{name}[{key}] is due", due, held[key].due())

    def same(self, when: str, what: str, ours: object, theirs: object) -> None:
        if ours != theirs:
            raise Disagreement(f"{what}: {ours}, the model says {theirs}; {self.story(when)}")

    def story(self, when: str) -> str:
        return f"{when} {' '.join(self.log)} in {self.other.state.name}"


def findable(cls: type) -> type:
    """The class where pickle finds it, though a function has made it."""
    cls.__module__, cls.__qualname__ = __name__, f"{cls.__name__}_{id(cls)}"
    globals()[cls.__qualname__] = cls
    return cls


def outcome_of(act: Any) -> str:
    try:
        act()
    except (LocalProtocolError, RemoteProtocolError) as error:
        return "ours" if isinstance(error, LocalProtocolError) else "theirs"
    except Refused as error:
        return "ours" if error.ours else "theirs"
    except Failed:
        return "failed"
    except (ArithmeticError, LookupError, RuntimeError, ValueError):
        return "failed"
    return ""
