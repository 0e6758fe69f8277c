"""What the tests of the citizen pages share."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from tests.factories import World


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Figures remembered for a quarter of an hour belong to one test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def citizen(w: World) -> Client:
    """The citizen of the small province, signed in."""
    client = Client()
    client.force_login(w.citizen)
    return client
