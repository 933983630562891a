"""A peer with instances: which events come to them, and what becomes of what they tell.

docs/language.md, section 6. What an instance sends goes below as if its host had sent it; what it
emits comes to the host at once, or is the host's own emission.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from protogen_fsm.model.instances import routes, taken_by
from protogen_fsm.verify import values as vl
from protogen_fsm.verify.instances import field_of
from protogen_fsm.verify.local import Choice, Effect, Event, Held, Local, Unfollowed
from protogen_fsm.verify.peer import Outcome, Peer, State, Task, behind, taken_in
from protogen_fsm.verify.stepper import Stepper

if TYPE_CHECKING:
    from protogen_fsm.model import machine as mc
    from protogen_fsm.model.spec import Peer as Declared
    from protogen_fsm.verify.relevance import Item, Relevance

Ways = list[tuple[Outcome, tuple[Task, ...]]]
Who = tuple[str, Any]


class Host(Peer):
    """The steps of one peer of a system, some of whose machines hold instances."""

    levels: list[Stepper]  # type: ignore[assignment]

    def __init__(
        self, declared: Declared, index: int | None, relevance: Relevance, dropped: set[Item]
    ) -> None:
        super().__init__(declared, index, relevance, dropped)
        self._routes: dict[mc.Event, list[mc.Many]] = {
            event: routes(level.machine, event)
            for level in self.levels
            for event in level.machine.events.values()
        }

    # ------------------------------------------------------------ what happens

    def spontaneous(self, state: State) -> list[Outcome]:
        """All that may happen by itself: time may run out for instances, too."""
        found = super().spontaneous(state)
        if state.ended or state.closed or state.shaking:
            return found
        for at, local in enumerate(state.locals):
            for one in local.held:
                who, events = (one.many, one.key), self._steps_of(at, one).machine.events
                for name in sorted(one.local.timers):
                    cause = Outcome(
                        f"timer {name} of {one.name}", state, kind=f"time {at} {one.name} {name}"
                    )
                    found += self._play(cause, (Task(at, Event(events[name]), who=who),))
                for track in sorted(one.local.waits):
                    cause = Outcome(
                        f"time-out of {one.name}", state, kind=f"time {at} {one.name} {track}"
                    )
                    found += self._play(cause, (Task(at, Event(None, (), track), who=who),))
        return found

    def would_take(self, state: State) -> list[tuple[str, list[str]]]:
        """The events that some row takes where the peer is, and where each of its instances is."""
        held = state.locals[0].held
        own = super().would_take(state)
        return [
            *own,
            *((f", {one.name} in {one.local.here()}", taken_in(one.local)) for one in held),
        ]

    def _takes(self, local: Local, level: int, event: mc.Event) -> bool:
        if super()._takes(local, level, event):
            return True
        manys = {many.name for many in self._routes[event]}
        return any(one.many in manys for one in local.held)

    def _built_in(self, cause: Outcome, name: str) -> list[Outcome]:
        found = super()._built_in(cause, name)
        if name != "lost":
            return found
        end = tuple(Task(at, None, Effect("end", None)) for at in range(len(self.levels)))
        done = [each for one in found if not one.refused for each in self._play(one, end)]
        return [*done, *(one for one in found if one.refused)]

    # ------------------------------------------------------------ events

    def _event(
        self, now: Outcome, task: Task, rest: tuple[Task, ...], found: list[Outcome]
    ) -> Ways:
        if task.who is not None:
            return self._to(now, task, rest, found)
        if task.event is None or task.event.event is None:
            return super()._event(now, task, rest, found)
        ways: Ways = []
        local = now.state.locals[task.level]
        for many in self._routes[task.event.event]:
            at = field_of(many, task.event.event)
            key, keys = task.event.args[at], [h.key for h in local.held if h.many == many.name]
            if vl.is_exact(key):
                if key in keys:
                    return [*ways, self._routed(now, task, many, key, rest)]
                continue
            for one in keys:
                told = Choice("value", f"{many.by} is {vl.shown(one)}")
                sure = now._replace(choices=(*now.choices, told))
                ways.append(self._routed(sure, task, many, one, rest))
            if keys:
                told = Choice("value", f"{many.by} is another")
                now = now._replace(choices=(*now.choices, told))
        own = super()._event(now, task, rest, found)
        if task.event.event.name == "lost":
            own = [(told, self._before_end(task.level, tasks, len(rest))) for told, tasks in own]
        return ways + own

    def _before_end(self, level: int, tasks: tuple[Task, ...], rest: int) -> tuple[Task, ...]:
        """The connection is gone: instances hear of it when their host has told all of its step."""
        said = len(tasks) - rest
        kept = (at for at, one in enumerate(tasks) if one.effect and one.effect.kind == "kept")
        at = min(said, next(kept, said))
        return (*tasks[:at], Task(level, None, Effect("end", None), who=("", None)), *tasks[at:])

    def _routed(
        self, now: Outcome, task: Task, many: mc.Many, key: Any, rest: tuple[Task, ...]
    ) -> tuple[Outcome, tuple[Task, ...]]:
        """An event that goes to an instance."""
        assert task.event is not None
        assert task.event.event is not None
        at = field_of(many, task.event.event)
        args = (*task.event.args[:at], key, *task.event.args[at + 1 :])
        if not task.inner:
            came = task._replace(event=task.event._replace(args=args))
            now = now._replace(taken=(*now.taken, came))
        event = Event(taken_by(many, task.event.event), args)
        return now, behind(rest, task._replace(event=event, who=(many.name, key), inner=True))

    def _to(self, now: Outcome, task: Task, rest: tuple[Task, ...], found: list[Outcome]) -> Ways:
        """An event comes to an instance, if it is still there."""
        held = self._find(now.state, task)
        if held is None or held.local.leaf.final:
            return [(now, rest)]
        return self._step(now, task, held, rest, found)

    def _step(
        self,
        now: Outcome,
        task: Task,
        held: Held,
        rest: tuple[Task, ...],
        found: list[Outcome],
        is_lost: bool = False,
    ) -> Ways:
        assert task.event is not None
        stepper = self._steps_of(task.level, held)
        ways: Ways = []
        for one in stepper.fire(held.local, task.event):
            told = now._replace(
                rows=(*now.rows, *one.rows),
                branches=(*now.branches, *one.branches),
                choices=(*now.choices, *one.choices),
                event=task.event.event or now.event,
                taken=now.taken if task.inner else (*now.taken, task),
                told=(*now.told, task.event) if task.level == 0 else now.told,
            )
            if one.refused:
                where = stepper.machine, held.local.leaf
                found.append(told._replace(refused=one.refused, by=where))
                continue
            if task.plus and (
                one.local != held.local or any(e.kind in ("close", "leave") for e in one.effects)
            ):
                raise Unfollowed(f"`{stepper.machine.name}` is told something any number of times")
            effects = tuple(e._replace(plus=e.plus or task.plus) for e in one.effects)
            if is_lost:
                effects = tuple(e for e in effects if not self._is_heard(task.level, e))
            else:
                own = self.levels[task.level].kinds[held.many].needed(held.own, one.local)
                told = self._with(told, task, held._replace(own=own, local=one.local))
            ways.append(
                (told, (*(Task(task.level, None, e, who=task.who) for e in effects), *rest))
            )
        return ways

    # ------------------------------------------------------------ effects

    def _told(self, now: Outcome, task: Task, rest: tuple[Task, ...], found: list[Outcome]) -> Ways:
        effect, level = task.effect, task.level
        assert effect is not None
        if effect.kind == "begin":
            name, key, effects = effect.args
            who = name, key
            said = (*(Task(level, None, e, who=who) for e in effects),)
            return [(now, (*said, Task(level, None, Effect("begun", None), who=who), *rest))]
        if effect.kind == "hand":
            name, key, event = effect.args
            handed = Task(level, event, who=(name, key), inner=True)
            return [(now, behind(rest, handed))]
        if effect.kind == "kept":
            again = Task(level, effect.args[0], who=task.who, inner=True)
            return [(now, (again, *rest))]
        if effect.kind in ("begun", "leave"):
            held = self._find(now.state, task)
            is_over = held is not None and held.local.leaf.final
            return [(self._with(now, task, None) if is_over else now, rest)]
        if effect.kind == "end":
            return [self._ended(now, level, rest)]
        if effect.kind == "lost":
            (held,) = effect.args
            event = self._steps_of(level, held).machine.events.get("lost")
            if event is None or not self._steps_of(level, held).takes(held.local, event):
                return [(now, rest)]
            args = (vl.ANY,) * len(event.params)
            lost = Task(level, Event(event, args), who=task.who, inner=True)
            return self._step(now, lost, held, rest, found, is_lost=True)
        if task.who is not None and effect.kind == "emit":
            return self._emitted(now, task, rest)
        if effect.kind == "close":
            ends = (Task(at, None, Effect("end", None)) for at in range(level, len(self.levels)))
            return self._effect(now, level, effect, (*ends, *rest))
        return self._effect(now, level, effect, rest)

    def _emitted(self, now: Outcome, task: Task, rest: tuple[Task, ...]) -> Ways:
        """What an instance emits: an event of the host, or else its emission."""
        assert task.effect is not None
        assert task.effect.output is not None
        held = self._find(now.state, task)
        if held is not None and held.local.leaf.final:
            now = self._with(now, task, None)  # its key is free for whoever hears of its end
        host = self.levels[task.level].machine
        heard = host.events.get(task.effect.output.name)
        if heard is not None:
            event = Event(heard, task.effect.args)
            return [(now, behind(rest, Task(task.level, event, inner=True)))]
        output = host.emits[task.effect.output.name]
        return self._effect(now, task.level, task.effect._replace(output=output), rest)

    def _is_heard(self, level: int, effect: Effect) -> bool:
        """Whether an instance emits something for its host."""
        output = effect.output if effect.kind == "emit" else None
        return output is not None and output.name in self.levels[level].machine.events

    def _ended(
        self, now: Outcome, level: int, rest: tuple[Task, ...]
    ) -> tuple[Outcome, tuple[Task, ...]]:
        """All instances of a machine go, and hear of it."""
        held = now.state.locals[level].held
        if not held:
            return now, rest
        told = (
            Task(level, None, Effect("lost", None, (one,)), who=(one.many, one.key)) for one in held
        )
        return self._set(now, level, ()), (*told, *rest)

    # ------------------------------------------------------------ what is held

    def _steps_of(self, level: int, held: Held) -> Stepper:
        return self.levels[level].kinds[held.many].steps(held.own)

    def _find(self, state: State, task: Task) -> Held | None:
        held = state.locals[task.level].held
        return next((one for one in held if (one.many, one.key) == task.who), None)

    def _with(self, now: Outcome, task: Task, held: Held | None) -> Outcome:
        """With an instance as it is now, or without it."""
        new = () if held is None else (held,)
        return self._set(
            now,
            task.level,
            tuple(
                each
                for one in now.state.locals[task.level].held
                for each in (new if (one.many, one.key) == task.who else (one,))
            ),
        )

    def _set(self, now: Outcome, level: int, held: tuple[Held, ...]) -> Outcome:
        locals_ = list(now.state.locals)
        locals_[level] = locals_[level]._replace(held=held)
        return now._replace(state=now.state._replace(locals=tuple(locals_)))
