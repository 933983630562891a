"""What all tests share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="accept what was made as golden")


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether the goldens are to be written rather than compared with."""
    return bool(request.config.getoption("--bless"))
