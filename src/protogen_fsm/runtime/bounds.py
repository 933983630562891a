"""How long, and how slowly, a peer may keep a connection: the `bounds` of every main loop."""

from __future__ import annotations

from .wire import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LEAST_RATE = 1024.0  # octets a second, of a peer that is to take what is left at the end


class Bounds:
    """What a peer may not wear out, in seconds and octets a second; None is no bound.

    `session` is the whole connection's, from its beginning. `idle` is how long nothing may come
    while nothing but the peer is waited for. `rate` is how fast at least the peer sends what it
    has begun (a line, a frame, a body), and takes what it is sent; for `leeway` seconds of either
    it may be slower. `closing` is how long the end of a connection may take, with a second more
    for each `rate` octets (each KiB without one) that the peer has let pile up.

    Raises ValueError for what is not more than 0.
    """

    __slots__ = ("closing", "idle", "leeway", "rate", "session")

    def __init__(
        self,
        *,
        session: float | None = None,
        idle: float | None = None,
        rate: float | None = None,
        leeway: float = 10.0,
        closing: float | None = 30.0,
    ) -> None:
        given = {"session": session, "idle": idle, "rate": rate, "closing": closing}
        for name, value in {**given, "leeway": leeway}.items():
            if value is not None and not value > 0:
                raise ValueError(f"{name} is {value!r}: a bound is more than 0, or None for none")
        self.session, self.idle, self.rate = session, idle, rate
        self.leeway, self.closing = leeway, closing

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"Bounds({said})"

    @property
    def from_the_start(self) -> bool:
        """Whether there is anything to look at before the connection ends."""
        return not (self.session is self.idle is self.rate is None)


USUAL = Bounds()


class Patience:
    """What is left of the bounds of one connection: each a time by its clock, or NEVER."""

    __slots__ = (
        "_bounds",
        "_clock",
        "_heard",
        "_sending",
        "_session",
        "_taking",
        "owed",
        "why",
    )

    def __init__(self, bounds: Bounds, clock: Callable[[], float]) -> None:
        self._bounds, self._clock = bounds, clock
        self._heard = now = clock()
        self._session = NEVER if bounds.session is None else now + bounds.session
        self._sending = self._taking = NEVER
        self.owed = 0  # octets that the peer has let pile up
        self.why = ""  # the bound that ran out

    def came(self, octets: int) -> None:
        """The peer has sent so much; what is faster than the rate is not saved up."""
        self._heard = now = self._clock()
        if self._sending != NEVER and self._bounds.rate is not None:
            later = self._sending + octets / self._bounds.rate
            self._sending = min(later, now + self._bounds.leeway)

    def begun(self, has_begun: bool) -> None:
        """Whether something is there of which more has to come."""
        if not has_begun or self._bounds.rate is None:
            self._sending = NEVER
        elif self._sending == NEVER:
            self._sending = self._clock() + self._bounds.leeway

    def owes(self, octets: int) -> None:
        """The peer has more to take than there is room for, this among it."""
        self.owed += octets
        if self._bounds.rate is not None:
            if self._taking == NEVER:
                self._taking = self._clock() + self._bounds.leeway
            self._taking += octets / self._bounds.rate

    def took(self) -> None:
        """The peer has taken enough that there is room again."""
        self.owed, self._taking, self._heard = 0, NEVER, self._clock()

    def due(self) -> float:
        """When to ask again whether one has run out."""
        idle = NEVER if self._bounds.idle is None else self._heard + self._bounds.idle
        return min(self._session, self._sending, self._taking, idle)

    def runs_out(self, is_busy: Callable[[], bool]) -> str:
        """Which bound has run out, in words; "" if none has. While we are busy none is idle."""
        now, bounds = self._clock(), self._bounds
        why = ""
        if self._session <= now:
            why = f"the session has taken {bounds.session:g} s"
        elif self._sending <= now:
            why = f"what was begun comes slower than {bounds.rate:g} octets a second"
        elif self._taking <= now:
            why = f"what was sent is taken slower than {bounds.rate:g} octets a second"
        elif bounds.idle is not None and self._heard + bounds.idle <= now:
            if is_busy():
                self._heard = now
            else:
                why = f"nothing has come for {bounds.idle:g} s"
        self.why = self.why or why
        return why
