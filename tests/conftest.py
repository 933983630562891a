"""What all tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clocks import begin_at_zero
from loops import RUNTIMES, Runtime
from protogen_fsm.runtime.wire import Wire

Wire.__init__ = begin_at_zero  # type: ignore[method-assign]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="accept what was made as golden")


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether the goldens are to be written rather than compared with."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="module", params=RUNTIMES, ids=lambda runtime: runtime.__name__)
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    """Each main loop in turn, running."""
    one = request.param()
    with one.running():
        yield one
