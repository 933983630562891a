"""All rules over one spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from protogen_fsm.checks import (
    conflicts,
    events,
    handlers,
    hiding,
    instances,
    layers,
    layouts,
    loops,
    messages,
    names,
    outcomes,
    reachability,
    replies,
    securing,
    shapes,
    slow_regexes,
    stack,
    unused,
    variables,
    waiting,
)
from protogen_fsm.checks.moves import Moves
from protogen_fsm.checks.silence import silence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from protogen_fsm.diagnostics import Diagnostic
    from protogen_fsm.model.spec import Spec

Rule: TypeAlias = "Callable[[Moves], Iterator[Diagnostic]]"

MACHINE_RULES: tuple[Rule, ...] = (
    reachability.unreachable_states,
    reachability.states_without_an_end,
    conflicts.rows_that_compete,
    conflicts.rows_never_reached,
    conflicts.two_time_outs,
    conflicts.taken_twice,
    conflicts.final_states_that_go_on,
    events.never_handled,
    events.deferred_forever,
    events.raised_never_taken,
    unused.declared_and_unused,
    waiting.waits_without_timeout,
    loops.entry_cycles,
    loops.raise_cycles,
    shapes.histories_of_simple_states,
    shapes.targets_in_other_regions,
    shapes.durations_not_above_zero,
    shapes.initial_states_with_parameters,
    shapes.messages_that_nothing_reads,
    securing.starttls_without_stream,
    securing.learnt_in_the_clear,
    stack.pops_with_nothing_pushed,
    stack.pushes_without_bound,
    outcomes.unreachable_outcomes,
    variables.read_before_set,
    handlers.handler_collisions,
    handlers.members,
    handlers.state_parameters,
    hiding.hidden_functions,
    instances.instances_that_do_not_fit,
    instances.events_that_reach_no_instance,
    layers.emitted_never_taken,
    layers.answers_never_given,
    layers.line_ends_in_messages,
    layers.ends_of_datagrams,
    messages.shadowed_messages,
    messages.reads_without_bound,
    replies.replies_without_request,
    slow_regexes.guards_that_backtrack,
)
SPEC_RULES: tuple[Callable[[Spec], Iterator[Diagnostic]], ...] = (
    names.reserved_names,
    handlers.class_collisions,
    hiding.hidden_classes,
    messages.prints_that_do_not_parse_back,
    layouts.layouts,
    slow_regexes.messages_that_backtrack,
    unused.unused_in_the_file,
)


def check(spec: Spec) -> list[Diagnostic]:
    """Everything that is wrong or suspicious in a spec, in the order of the text.

    Only its own machines: those of the files it uses are checked where they are written.
    """
    layers_used = {
        machine.below.machine for machine in spec.machines.values() if machine.below is not None
    }
    layers_used |= {
        many.machine for machine in spec.machines.values() for many in machine.many.values()
    }
    found: list[Diagnostic] = []
    for machine in spec.machines.values():
        moves = Moves(machine, is_layer=machine in layers_used)
        for rule in MACHINE_RULES:
            found += rule(moves)
    for of_spec in SPEC_RULES:
        found += of_spec(spec)
    return sorted(silence(spec, _once(found)), key=_place)


def _once(found: list[Diagnostic]) -> list[Diagnostic]:
    """Without what is said twice of one place."""
    return list({_place(one): one for one in reversed(found)}.values())


def _place(diagnostic: Diagnostic) -> tuple[str, int, str]:
    span = diagnostic.span
    return (span.source.path if span else "", span.start if span else 0, diagnostic.code)
