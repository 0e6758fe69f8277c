"""The people of the demonstration on the whole catalogue, and their machines."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser

from buuchinh.services import tracking
from config.demo.cast import CITIZEN, NAMED, gather
from danhmuc.models import Agency, User
from tests.journeys.hands import Story


@pytest.fixture
def people(catalogue: None, transactional_db: None) -> dict[str, User]:
    """Everybody by sign-in name, officers by role too, the citizen with a name as "citizen"."""
    from tests import catalogue as reference_data

    reference_data.put_in()
    gather(Random(1), offices=1, citizens=3, on=timezone.localdate(), say=lambda line: None)
    tracking.open_pool(Agency.objects.get(key="BD_TINH"), first=1, last=9999)
    # A level-2 account owes no fee these months (TT 117/2026/TT-BTC); these stories are about ones that do.
    User.objects.filter(username=CITIZEN[0]).update(eid_level=1)
    found = {user.username: user for user in User.objects.exclude(kind=User.Kind.SYSTEM)}
    return found | {str(role): found[name] for name, _, role, _, _ in NAMED} | {"citizen": found[CITIZEN[0]]}


@pytest.fixture
def story(
    request: pytest.FixtureRequest,
    chromium: Browser,
    live_server: Any,
    people: dict[str, User],
    shoot: Any,
    axe: Any,
) -> Iterator[Story]:
    """The actors; pictures are named after the file that tells the story."""
    cache.clear()  # what is remembered for a while belongs to one story
    name = request.module.__name__.rpartition(".test_")[2].replace("_", "-")
    told = Story(name, chromium, live_server.url, people, shoot, axe)
    yield told
    told.close()
