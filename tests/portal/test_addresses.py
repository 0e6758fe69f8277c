"""Addresses of both eras over the shipped conversion of 01/7/2025."""

import pytest

from danhmuc.models import PlaceSuccession
from portal.services import addresses

pytestmark = pytest.mark.usefixtures("catalogue")


def test_every_known_conversion_goes_both_ways() -> None:
    rows = PlaceSuccession.objects.filter(is_default=True).select_related("old", "new").order_by("pk")
    for row in rows[:400:20]:
        place, old, unsure = addresses.both(row.old)
        assert (place, old, unsure) == (row.new, row.old, row.split)
        assert row.old in addresses.came_from(row.new)
        again, kept, asked = addresses.both(row.new, row.old)
        assert (again, kept, asked) == (row.new, row.old, False)
    assert addresses.both(None) == (None, None, False)
