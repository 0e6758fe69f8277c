"""The address of an account in the units of today and in those before 01/7/2025, joined where the conversion is known."""

from dataclasses import dataclass
from typing import Any

from danhmuc.models import Place, PlaceSuccession, User


@dataclass(frozen=True)
class Address:
    """One address in both eras; a side nobody knows is empty."""

    detail: str
    new: Place | None
    old: Place | None

    @property
    def today(self) -> str:
        """In the units of two levels."""
        return _words(self.detail, self.new)

    @property
    def before(self) -> str:
        """In the units of three levels."""
        return _words(self.detail, self.old)


def _words(detail: str, place: Place | None) -> str:
    return ", ".join(filter(None, [detail, place.full_name])) if place else ""


def of(user: User) -> Address:
    """The account's address; its places should be loaded with their parents."""
    place = user.place
    if place is not None and place.era == Place.Era.THREE_LEVEL:
        return Address(user.address, None, place)
    return Address(user.address, place, user.old_place)


def given(answer: dict[str, Any]) -> Place | None:
    """The commune of a form's answer, with the units above it."""
    if not answer.get("commune"):
        return None
    found = Place.objects.select_related("parent__parent").filter(
        era=answer["units_version"], level=Place.Level.COMMUNE, code=answer["commune"]
    )
    return found.first()


def became(old: Place) -> tuple[Place | None, bool]:
    """(what a commune of before became by default, whether it was divided between several)."""
    row = (
        PlaceSuccession.objects.filter(old=old, is_default=True).select_related("new__parent__parent").first()
    )
    return (row.new, row.split) if row else (None, False)


def came_from(new: Place) -> list[Place]:
    """The communes of before that went into this one, by name."""
    rows = PlaceSuccession.objects.filter(new=new).select_related("old__parent__parent")
    return sorted((row.old for row in rows), key=lambda place: place.folded_name)


def both(place: Place | None, chosen_before: Place | None = None) -> tuple[Place | None, Place | None, bool]:
    """(place to keep, its older unit, whether somebody should look) for a commune of either era.

    A commune of before is kept by what it became; a new one keeps the older unit chosen for it, or the only one there is.
    """
    if place is None:
        return None, None, False
    if place.era == Place.Era.THREE_LEVEL:
        new, split = became(place)
        return (new, place, split) if new else (place, None, False)
    older = came_from(place)
    if chosen_before in older:
        return place, chosen_before, False
    return place, older[0] if len(older) == 1 else None, len(older) > 1
