"""Machines made by hand for the tests of pictures: a helper that says them briefly."""

from __future__ import annotations

from protogen_fsm.model import machine as mc
from protogen_fsm.model.expressions import Expr, Local, Value
from protogen_fsm.model.types import INT, STR, Param
from protogen_fsm.source import Source, Span

HERE = Span(Source("test.proto", ""), 0, 0)


def raw(words: str) -> Expr:
    """An expression of which only the words matter."""
    return Local(words, "event", INT, HERE)


def state(name: str, *inner: mc.State, doc: str = "", **given: object) -> mc.State:
    made = mc.State(name, doc, False, False, (), None, None, HERE, HERE, states=list(inner))
    for key, value in given.items():
        setattr(made, key, value)
    for one in inner:
        one.parent = made
    return made


def machine(name: str, *states: mc.State, doc: str = "", **given: object) -> mc.Machine:
    made = mc.Machine(name, doc, (), HERE, HERE, "test.proto", False, states=list(states))
    for key, value in given.items():
        setattr(made, key, value)
    return made


def act(words: str) -> mc.Action:
    """`send X(…)`, or an action of the user's code."""
    verb, _, rest = words.partition(" ")
    if verb == "send":
        name, _, args = rest.rstrip(")").partition("(")
        given = (raw(args),) if args else ()
        return mc.Send(mc.Output(name, (), "sends", HERE), given, HERE)
    variable = mc.Variable(verb, INT, None, "", HERE)
    return mc.Assign(variable, "=", raw(rest.removeprefix("= ")), HERE)


def event(name: str, *names: str) -> mc.Event:
    return mc.Event(name, tuple(Param(n, STR, HERE) for n in names), "below", HERE)


def branch(to: mc.State | mc.Target | None, *actions: str, outcome: str = "") -> mc.Branch:
    target = mc.Goto(to, (), HERE) if isinstance(to, mc.State) else to
    name, _, params = outcome.rstrip(")").partition("(")
    given = (Param(params, STR, HERE),) if params else ()
    chosen = mc.Outcome(name, given, HERE) if outcome else None
    return mc.Branch(chosen, target, tuple(map(act, actions)), HERE)


def on(where: mc.State, trigger: str, *branches: mc.Branch, when: str = "") -> mc.Transition:
    """Adds `on EVENT(names) when GUARD`, or `on *`, to the state."""
    name, _, listed = trigger.rstrip(")").partition("(")
    names = tuple(listed.split(", ")) if listed else ()
    match = mc.Match(None if name == "*" else event(name, *names), "", name, HERE)
    guard = raw(when) if when else None
    made = mc.Transition(where, "on", match, names, guard, branches, HERE)
    where.transitions.append(made)
    return made


def after(where: mc.State, seconds: int, *branches: mc.Branch) -> mc.Transition:
    match = mc.Match(None, "", "after", HERE)
    value = Value(seconds, INT, HERE)
    made = mc.Transition(where, "after", match, (), None, branches, HERE, duration=value)
    where.timeouts.append(made)
    return made


def smtp_server() -> mc.Machine:
    """The example of section 1 of docs/language.md."""
    connected, closed = state("CONNECTED", initial=True), state("CLOSED", final=True)
    greeting, ready, envelope = state("GREETING"), state("READY"), state("ENVELOPE")
    session = state(
        "SESSION", greeting, ready, envelope, doc="Everything between greeting and farewell."
    )
    block = event("block", "body")
    body = state("BODY", receives=(block,))
    on(
        connected,
        "open",
        branch(greeting, "send 220(host)", outcome="accept"),
        branch(closed, "send 554(text)", outcome="refuse(text)"),
    )
    on(session, "NOOP", branch(None, 'send 250("OK")'))
    on(session, "RSET", branch(ready, 'send 250("OK")'))
    on(session, "QUIT", branch(closed, 'send 221("Bye")'))
    on(session, "malformed", branch(None, 'send 500("Syntax error")'))
    on(session, "*", branch(None, 'send 503("Bad sequence of commands")'))
    after(session, 300, branch(closed, 'send 421("Timeout")'))
    on(greeting, "EHLO(domain)", branch(ready, 'send 250("Hello")'))
    on(
        ready,
        "MAIL(sender, parameters)",
        branch(
            envelope, "sender = sender", "recipients = []", 'send 250("OK")', outcome="accept"
        ),
        branch(None, "send 550(text)", outcome="reject(text)"),
    )
    on(
        envelope,
        "RCPT(recipient)",
        branch(None, 'send 452("Too many recipients")'),
        when="size(recipients) >= 100",
    )
    on(
        envelope,
        "RCPT(recipient)",
        branch(None, "recipients = [recipient]", 'send 250("OK")', outcome="accept"),
        branch(None, "send 550(text)", outcome="reject(text)"),
    )
    on(
        envelope,
        "DATA",
        branch(None, 'send 554("No valid recipients")'),
        when="size(recipients) == 0",
    )
    on(
        envelope,
        "DATA",
        branch(body, r'send block("\r\n.\r\n", 32MiB)', 'send 354("Go ahead")'),
    )
    on(
        body,
        "block(body)",
        branch(
            ready,
            "mail = mail(sender, recipients, body)",
            'send 250("Queued")',
            outcome="accept",
        ),
        branch(ready, "send 554(text)", outcome="reject(text)"),
    )
    after(body, 600, branch(closed, 'send 421("Timeout")'))
    lines = machine("Lines", below=mc.Below("bytes", None, {}, None, None, HERE))
    below = mc.Below("machine", lines, {}, None, None, HERE)
    return machine(
        "Server", connected, session, body, closed, doc="The side that takes mail.", below=below
    )
