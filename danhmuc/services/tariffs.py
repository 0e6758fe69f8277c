"""What the post charges, by the price list in force (domain §11.7). Postage is never a fee of the State."""

from datetime import date

from django.db.models import Q
from django.utils import timezone

from danhmuc.models import PostalTariff

BOTH_WAYS = "hai_chieu"


class NoTariff(Exception):
    """No published price covers what was asked."""


def postage(service: str, scope: str, weight: int, on: date | None = None) -> int:
    """Price in đồng for `weight` grams on a day (default today).

    Both ways is the sum of the two. Above the last bracket each further step begun counts as a whole one [U].
    ValueError for a weight below 1 g, NoTariff when the list has no such line.
    """
    if weight < 1:
        raise ValueError("Khối lượng phải từ 1 gam.")
    day = on or timezone.localdate()
    services = PostalTariff.Service
    if service == BOTH_WAYS:
        return postage(services.SEND, scope, weight, day) + postage(services.RETURN, scope, weight, day)
    lines = list(
        PostalTariff.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=day),
            Q(scope=scope) | Q(scope="bat_ky"),
            service=service,
            valid_from__lte=day,
        ).order_by("-valid_from", "weight_from")
    )
    if not lines:
        raise NoTariff(f"Chưa có giá cước “{service}”, phạm vi “{scope}” cho ngày {day:%d/%m/%Y}.")
    newest = [line for line in lines if line.valid_from == lines[0].valid_from]
    brackets = [line for line in newest if line.step is None]
    for line in brackets:
        if weight >= line.weight_from and (line.weight_to is None or weight <= line.weight_to):
            return line.price
    further = next((line for line in newest if line.step), None)
    if further is None or not further.step or not brackets:
        raise NoTariff(f"Bảng giá không có mức cho {weight} gam.")
    last = max(brackets, key=lambda line: line.weight_to or 0)
    steps = -(-(weight - (last.weight_to or 0)) // further.step)
    return last.price + steps * further.price


def price_lists(on: date | None = None) -> list[list[PostalTariff]]:
    """The lines in force on a day (default today), then those published for each later day on which prices change."""
    day = on or timezone.localdate()
    lines = list(PostalTariff.objects.filter(Q(valid_to=None) | Q(valid_to__gte=day)))
    later = sorted({line.valid_from for line in lines if line.valid_from > day})
    return [standing for date_ in (day, *later) if (standing := _in_force(lines, date_))]


def _in_force(lines: list[PostalTariff], day: date) -> list[PostalTariff]:
    """Of each service and distance the newest list, as `postage` takes it."""
    valid = [x for x in lines if x.valid_from <= day and (x.valid_to is None or x.valid_to >= day)]
    newest: dict[tuple[str, str], date] = {}
    for line in valid:
        key = (line.service, line.scope)
        newest[key] = max(line.valid_from, newest.get(key, line.valid_from))
    return [line for line in valid if line.valid_from == newest[line.service, line.scope]]


def remittance_price(on: date | None = None) -> int:
    """Price in đồng for collecting and handing over the fees of one dossier."""
    return postage(PostalTariff.Service.REMIT, "bat_ky", 1, on)
