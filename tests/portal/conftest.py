"""What the tests of the citizen pages share."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Figures remembered for a quarter of an hour belong to one test."""
    cache.clear()
    yield
    cache.clear()
