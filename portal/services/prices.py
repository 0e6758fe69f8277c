"""The price lists of the post as tables people read: what each weight costs over each distance, one way."""

from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.formats import vnd
from danhmuc.models import PostalTariff
from danhmuc.services import price_lists

Service = PostalTariff.Service
SCOPES: dict[str, str | Promise] = {
    "noi_huyen": gettext_lazy("Trong địa bàn"),
    "lien_huyen": gettext_lazy("Trong tỉnh"),
    "lien_tinh_noi_vung": gettext_lazy("Tỉnh khác, cùng vùng"),
    "lien_tinh_lien_vung": gettext_lazy("Tỉnh khác, vùng khác"),
    "bat_ky": gettext_lazy("Mọi nơi"),
}
CARRIED: dict[str, str | Promise] = {
    Service.SEND: gettext_lazy("Nhận hồ sơ tại nhà, gửi đến Bộ phận Một cửa"),
    Service.RETURN: gettext_lazy("Trả kết quả đến nhà"),
}


def lists() -> list[dict[str, Any]]:
    """The list in force, then those published for later days."""
    return [_shown(lines) for lines in price_lists()]


def usual() -> list[dict[str, Any]]:
    """The lightest bracket in force today, one row a distance."""
    lines = next(iter(price_lists()), [])
    prices = {(x.scope, x.service): x.price for x in lines if x.weight_from == 0}
    return [
        {
            "scope": words,
            "send": prices.get((scope, Service.SEND)),
            "back": prices.get((scope, Service.RETURN)),
        }
        for scope, words in SCOPES.items()
        if scope != "bat_ky" and {(scope, Service.SEND), (scope, Service.RETURN)} & prices.keys()
    ]


def _shown(lines: list[PostalTariff]) -> dict[str, Any]:
    since: date = max(line.valid_from for line in lines)
    return {
        "since": since,
        "tables": [_table(service, lines) for service in CARRIED if any(x.service == service for x in lines)],
        "remitting": next((line.price for line in lines if line.service == Service.REMIT), None),
        "sources": list(dict.fromkeys(line.source for line in lines if line.source)),
    }


def _table(service: str, lines: list[PostalTariff]) -> dict[str, Any]:
    own = [line for line in lines if line.service == service]
    scopes = [scope for scope in SCOPES if any(line.scope == scope for line in own)]
    weights = sorted({(line.weight_from, line.weight_to, line.step) for line in own}, key=lambda w: w[0])
    prices = {(line.weight_from, line.weight_to, line.step, line.scope): line.price for line in own}
    return {
        "title": CARRIED[service],
        "columns": [SCOPES[scope] for scope in scopes],
        "rows": [
            {
                "weight": _weight(*weight),
                "cells": [
                    {"column": SCOPES[scope], "price": vnd(price) if price is not None else "–"}
                    for scope in scopes
                    for price in [prices.get((*weight, scope))]
                ],
            }
            for weight in weights
        ],
    }


def _weight(first: int, last: int | None, step: int | None) -> str:
    if step:
        return _("Thêm mỗi %(step)s g") % {"step": step}
    if last is None:
        return _("Từ %(first)s g") % {"first": first}
    return _("Đến %(last)s g") % {"last": last}
