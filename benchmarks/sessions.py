"""The machine of `session.proto` once more, as one writes it by hand and with each rival library.

Each class has the events as methods and `fire(name, *args)` for a caller that holds the event's
name; each calls a handler for every event, and the handlers do nothing but what that way of writing
asks of them. The state's name is read with `state_of`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from automat import TypeMachineBuilder
from statemachine import State, StateMachine
from transitions import Machine

# ---------------------------------------------------------------- getattr, as in classic Twisted


class ByGetattr:
    """The handler is looked up by state and event, and names the next state itself."""

    def __init__(self) -> None:
        self.state = "GREETING"

    def fire(self, name: str, *args: Any) -> None:
        getattr(self, "do_%s_%s" % (self.state, name))(*args)  # noqa: UP031 - what is measured

    # A method for each event with its parameters spelt out: faster than going through `fire`.
    def EHLO(self, domain: str) -> None:
        getattr(self, "do_%s_EHLO" % self.state)(domain)  # noqa: UP031

    def MAIL(self, sender: str, parameters: str) -> None:
        getattr(self, "do_%s_MAIL" % self.state)(sender, parameters)  # noqa: UP031

    def RCPT(self, recipient: str) -> None:
        getattr(self, "do_%s_RCPT" % self.state)(recipient)  # noqa: UP031

    def DATA(self) -> None:
        getattr(self, "do_%s_DATA" % self.state)()  # noqa: UP031

    def RSET(self) -> None:
        getattr(self, "do_%s_RSET" % self.state)()  # noqa: UP031

    def NOOP(self) -> None:
        getattr(self, "do_%s_NOOP" % self.state)()  # noqa: UP031

    def QUIT(self) -> None:
        getattr(self, "do_%s_QUIT" % self.state)()  # noqa: UP031

    def block(self, body: bytes) -> None:
        getattr(self, "do_%s_block" % self.state)(body)  # noqa: UP031


class GetattrSession(ByGetattr):
    """The handlers of `ByGetattr`."""

    def do_GREETING_EHLO(self, domain: str) -> None:
        self.state = "READY"

    def do_READY_MAIL(self, sender: str, parameters: str) -> None:
        self.state = "ENVELOPE"

    def do_ENVELOPE_RCPT(self, recipient: str) -> None:
        pass

    def do_ENVELOPE_DATA(self) -> None:
        self.state = "BODY"

    def do_BODY_block(self, body: bytes) -> None:
        self.state = "READY"

    def do_GREETING_RSET(self) -> None:
        self.state = "READY"

    do_READY_RSET = do_ENVELOPE_RSET = do_GREETING_RSET

    def do_GREETING_NOOP(self) -> None:
        pass

    do_READY_NOOP = do_ENVELOPE_NOOP = do_GREETING_NOOP

    def do_GREETING_QUIT(self) -> None:
        self.state = "CLOSED"

    do_READY_QUIT = do_ENVELOPE_QUIT = do_GREETING_QUIT


# ---------------------------------------------------------------- a dict keyed by (state, event)


class ByTable:
    """A table of handlers and next states, made from the names in `rows` when the class is made."""

    rows: ClassVar[dict[tuple[str, str], tuple[str, str]]] = {
        ("GREETING", "EHLO"): ("do_GREETING_EHLO", "READY"),
        ("READY", "MAIL"): ("do_READY_MAIL", "ENVELOPE"),
        ("ENVELOPE", "RCPT"): ("do_ENVELOPE_RCPT", "ENVELOPE"),
        ("ENVELOPE", "DATA"): ("do_ENVELOPE_DATA", "BODY"),
        ("BODY", "block"): ("do_BODY_block", "READY"),
        **{
            (state, event): (f"do_SESSION_{event}", to or state)
            for state in ("GREETING", "READY", "ENVELOPE")
            for event, to in (("RSET", "READY"), ("NOOP", ""), ("QUIT", "CLOSED"))
        },
    }
    table: ClassVar[dict[tuple[str, str], tuple[Any, str]]]

    def __init__(self) -> None:
        self.state = "GREETING"

    def __init_subclass__(cls) -> None:
        cls.table = {key: (getattr(cls, name), to) for key, (name, to) in cls.rows.items()}

    def fire(self, name: str, *args: Any) -> None:
        handler, target = self.table[self.state, name]
        answer = handler(self, *args)
        self.state = target if answer is None else answer

    def EHLO(self, domain: str) -> None:
        handler, target = self.table[self.state, "EHLO"]
        answer = handler(self, domain)
        self.state = target if answer is None else answer

    def MAIL(self, sender: str, parameters: str) -> None:
        handler, target = self.table[self.state, "MAIL"]
        answer = handler(self, sender, parameters)
        self.state = target if answer is None else answer

    def RCPT(self, recipient: str) -> None:
        handler, target = self.table[self.state, "RCPT"]
        answer = handler(self, recipient)
        self.state = target if answer is None else answer

    def DATA(self) -> None:
        handler, target = self.table[self.state, "DATA"]
        answer = handler(self)
        self.state = target if answer is None else answer

    def RSET(self) -> None:
        handler, target = self.table[self.state, "RSET"]
        answer = handler(self)
        self.state = target if answer is None else answer

    def NOOP(self) -> None:
        handler, target = self.table[self.state, "NOOP"]
        answer = handler(self)
        self.state = target if answer is None else answer

    def QUIT(self) -> None:
        handler, target = self.table[self.state, "QUIT"]
        answer = handler(self)
        self.state = target if answer is None else answer

    def block(self, body: bytes) -> None:
        handler, target = self.table[self.state, "block"]
        answer = handler(self, body)
        self.state = target if answer is None else answer


class Handlers:
    """What the table's and the libraries' machines call; one of these is mixed into each."""

    def do_GREETING_EHLO(self, domain: str) -> None:
        return None

    def do_READY_MAIL(self, sender: str, parameters: str) -> None:
        return None

    def do_ENVELOPE_RCPT(self, recipient: str) -> None:
        return None

    def do_ENVELOPE_DATA(self) -> None:
        return None

    def do_BODY_block(self, body: bytes) -> None:
        return None

    def do_SESSION_RSET(self) -> None:
        return None

    def do_SESSION_NOOP(self) -> None:
        return None

    def do_SESSION_QUIT(self) -> None:
        return None


class TableSession(Handlers, ByTable):
    """`ByTable` with the handlers."""


# ---------------------------------------------------------------- automat


class Inputs(Protocol):
    """The events, as automat's typed interface asks for them."""

    def EHLO(self, domain: str) -> None: ...
    def MAIL(self, sender: str, parameters: str) -> None: ...
    def RCPT(self, recipient: str) -> None: ...
    def DATA(self) -> None: ...
    def RSET(self) -> None: ...
    def NOOP(self) -> None: ...
    def QUIT(self) -> None: ...
    def block(self, body: bytes) -> None: ...


def _automat() -> Any:
    builder = TypeMachineBuilder(Inputs, Handlers)
    greeting, ready, envelope, body, closed = map(
        builder.state, ("GREETING", "READY", "ENVELOPE", "BODY", "CLOSED")
    )

    @greeting.upon(Inputs.EHLO).to(ready)
    def _(inputs: Inputs, core: Handlers, domain: str) -> None:
        core.do_GREETING_EHLO(domain)

    @ready.upon(Inputs.MAIL).to(envelope)
    def _(inputs: Inputs, core: Handlers, sender: str, parameters: str) -> None:
        core.do_READY_MAIL(sender, parameters)

    @envelope.upon(Inputs.RCPT).loop()
    def _(inputs: Inputs, core: Handlers, recipient: str) -> None:
        core.do_ENVELOPE_RCPT(recipient)

    @envelope.upon(Inputs.DATA).to(body)
    def _(inputs: Inputs, core: Handlers) -> None:
        core.do_ENVELOPE_DATA()

    @body.upon(Inputs.block).to(ready)
    def _(inputs: Inputs, core: Handlers, body: bytes) -> None:
        core.do_BODY_block(body)

    for state in (greeting, ready, envelope):

        @state.upon(Inputs.RSET).to(ready)
        def _(inputs: Inputs, core: Handlers) -> None:
            core.do_SESSION_RSET()

        @state.upon(Inputs.NOOP).loop()
        def _(inputs: Inputs, core: Handlers) -> None:
            core.do_SESSION_NOOP()

        @state.upon(Inputs.QUIT).to(closed)
        def _(inputs: Inputs, core: Handlers) -> None:
            core.do_SESSION_QUIT()

    return builder.build()


_AUTOMAT = _automat()


def automat_session(handlers: type[Handlers] = Handlers) -> Any:
    """A machine of automat's typed interface."""
    return _AUTOMAT(handlers())


# ---------------------------------------------------------------- transitions


class TransitionsSession(Handlers):
    """A model of `transitions.Machine`, the flat kind, which is its fastest."""

    def __init__(self) -> None:
        session = ["GREETING", "READY", "ENVELOPE"]
        Machine(
            model=self,
            states=[*session, "BODY", "CLOSED"],
            initial="GREETING",
            auto_transitions=False,
            transitions=[
                {"trigger": trigger, "source": source, "dest": dest, "before": handler}
                for trigger, source, dest, handler in (
                    ("EHLO", "GREETING", "READY", "do_GREETING_EHLO"),
                    ("MAIL", "READY", "ENVELOPE", "do_READY_MAIL"),
                    ("RCPT", "ENVELOPE", None, "do_ENVELOPE_RCPT"),
                    ("DATA", "ENVELOPE", "BODY", "do_ENVELOPE_DATA"),
                    ("block", "BODY", "READY", "do_BODY_block"),
                    ("RSET", session, "READY", "do_SESSION_RSET"),
                    ("NOOP", session, None, "do_SESSION_NOOP"),
                    ("QUIT", session, "CLOSED", "do_SESSION_QUIT"),
                )
            ],
        )

    def fire(self, name: str, *args: Any) -> None:
        self.trigger(name, *args)  # type: ignore[attr-defined] # put there by Machine


# ---------------------------------------------------------------- python-statemachine


class StatemachineSession(Handlers, StateMachine):
    """python-statemachine's declarative class."""

    GREETING = State(initial=True)
    READY = State()
    ENVELOPE = State()
    BODY = State()
    CLOSED = State(final=True)

    EHLO = GREETING.to(READY, on="do_GREETING_EHLO")
    MAIL = READY.to(ENVELOPE, on="do_READY_MAIL")
    RCPT = ENVELOPE.to.itself(internal=True, on="do_ENVELOPE_RCPT")
    DATA = ENVELOPE.to(BODY, on="do_ENVELOPE_DATA")
    block = BODY.to(READY, on="do_BODY_block")
    RSET = (
        GREETING.to(READY, on="do_SESSION_RSET")
        | READY.to.itself(on="do_SESSION_RSET")
        | ENVELOPE.to(READY, on="do_SESSION_RSET")
    )
    NOOP = (
        GREETING.to.itself(internal=True, on="do_SESSION_NOOP")
        | READY.to.itself(internal=True, on="do_SESSION_NOOP")
        | ENVELOPE.to.itself(internal=True, on="do_SESSION_NOOP")
    )
    QUIT = (
        GREETING.to(CLOSED, on="do_SESSION_QUIT")
        | READY.to(CLOSED, on="do_SESSION_QUIT")
        | ENVELOPE.to(CLOSED, on="do_SESSION_QUIT")
    )

    def fire(self, name: str, *args: Any) -> None:
        self.send(name, *args)


def state_of(machine: Any) -> str:
    """The name of the state that a machine of any of these kinds is in."""
    if isinstance(machine, StateMachine):
        (state,) = machine.configuration
        return state.id
    if isinstance(machine, ByGetattr | ByTable | TransitionsSession):
        return machine.state  # type: ignore[no-any-return, union-attr] # put there by Machine
    return str(machine.__automat_transitioner__._state.name)
