"""How far the post carries something, and how long it may take (TT17 Art 7). Everyone who promises a day asks here."""

from danhmuc.models import Place, PlaceSuccession

NEAR, PROVINCE, REGION, COUNTRY = "noi_huyen", "lien_huyen", "lien_tinh_noi_vung", "lien_tinh_lien_vung"
#: J + n working days at most, J being the day on the note.
CARRIAGE_DAYS = {NEAR: 1, PROVINCE: 2, REGION: 4, COUNTRY: 4}


def distance_between(one: Place | None, other: Place | None) -> str:
    """The distance class of two communes.

    Districts ended on 30/6/2025 and no text says what replaces them; the old district map is kept as the map of
    delivery zones (domain §22 O12): two communes are near when parts of both lay in one old district.
    """
    if one is None or other is None:
        return PROVINCE
    if one.pk == other.pk:
        return NEAR
    if one.parent_id != other.parent_id:
        return COUNTRY
    return NEAR if _zones(one) & _zones(other) else PROVINCE


def _zones(place: Place) -> set[int]:
    pairs = PlaceSuccession.objects.filter(new=place, old__parent__isnull=False)
    return {district for district in pairs.values_list("old__parent_id", flat=True) if district}
