"""A place in Việt Nam of either era, or an address anywhere: the boxes that ask for it, with and without script."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from danhmuc import lists
from danhmuc.models import Place
from danhmuc.text import fold, nfc
from hoso.services.answers import ABROAD, Spec

LONGEST_DETAIL = 500


class Places:
    """The units a page of a form needs, read once a page however many addresses it has."""

    def __init__(self) -> None:
        self._provinces: dict[str, list[tuple[str, str]]] = {}
        self._communes: dict[tuple[str, str], list[tuple[str, list[tuple[str, str]]]]] = {}
        self._known: dict[tuple[str, str, str], bool] = {}

    def provinces(self, era: str) -> list[tuple[str, str]]:
        """(code, name), the own province first, then by name without its kind."""
        if era not in self._provinces:
            rows = Place.objects.filter(era=era, level=Place.Level.PROVINCE).values_list("code", "name")
            self._provinces[era] = sorted(
                rows, key=lambda row: (row[0] != home_province(), _bare(row[1]), row[0])
            )
        return self._provinces[era]

    def communes(self, era: str, province: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """(district, [(code, name)]); the district is empty in the two-level era."""
        key = (era, province)
        if key not in self._communes:
            chosen = self._of(era, province)
            groups: dict[str, list[tuple[str, str]]] = {}
            for code, name, above in chosen.values_list("code", "name", "parent__name"):
                group = above if era == Place.Era.THREE_LEVEL else ""
                groups.setdefault(group, []).append((code, name))
            self._communes[key] = [
                (name, sorted(rows, key=lambda row: (_bare(row[1]), row[0])))
                for name, rows in sorted(groups.items(), key=lambda item: _bare(item[0]))
            ]
        return self._communes[key]

    def has(self, era: str, province: str, commune: str) -> bool:
        """Whether the commune lies in the province."""
        key = (era, province, commune)
        if key not in self._known:
            self._known[key] = self._of(era, province).filter(code=commune).exists()
        return self._known[key]

    @staticmethod
    def _of(era: str, province: str) -> QuerySet[Place]:
        chosen = Place.objects.filter(era=era, level=Place.Level.COMMUNE)
        if era == Place.Era.THREE_LEVEL:
            return chosen.filter(parent__parent__code=province)
        return chosen.filter(parent__code=province)


def _bare(name: str) -> str:
    return re.sub(r"^(tinh|thanh pho|quan|huyen|thi xa|xa|phuong|thi tran|dac khu) ", "", fold(name))


def home_province() -> str:
    """Code of the province this deployment serves; the same before and after 01/7/2025 for Phú Thọ."""
    return str(settings.HOME_PROVINCE)


class PlaceWidget(forms.Widget):
    """Province, commune and, for an address, the detail. Works without script: a button lists the communes anew."""

    template_name = "dv/place.html"
    use_fieldset = True

    def __init__(self, places: Places, *, whole: bool) -> None:
        """`whole` for an address, with its detail and the way abroad."""
        self.places, self.whole = places, whole
        super().__init__()

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Spec | None:
        """What was chosen and typed, as it is stored; None when the boxes were not on the page."""
        if f"{name}_p" not in data:
            return None
        era = str(data.get(f"{name}_e") or "2")
        value: Spec = {
            "province": str(data.get(f"{name}_p") or ""),
            "commune": str(data.get(f"{name}_c") or ""),
            "units_version": era if era in Place.Era.values else "2",
        }
        if self.whole:
            value |= {
                "detail": str(data.get(f"{name}_t") or ""),
                "country": str(data.get(f"{name}_n") or "VN"),
            }
        return value

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the page did not ask."""
        return f"{name}_p" not in data

    def id_for_label(self, id_: str, index: str = "0") -> str:
        """The first box."""
        return f"{id_}_{index}" if id_ else id_

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """The lists the boxes offer for what is chosen now."""
        context = super().get_context(name, value, attrs)
        chosen: Spec = value if isinstance(value, dict) else {}
        era = chosen.get("units_version", "2")
        province = chosen["province"] if "province" in chosen else home_province()
        abroad = province == ABROAD
        context["widget"] |= {
            "era": era,
            "eras": [("2", _("Tên hiện nay")), ("3", _("Tên cũ, trước 01/7/2025"))],
            "province": province,
            "provinces": self.places.provinces(era) + ([(ABROAD, _("Ở nước ngoài"))] if self.whole else []),
            "commune": chosen.get("commune", ""),
            "communes": [] if abroad or not province else self.places.communes(era, province),
            "abroad": abroad,
            "countries": [c for c in lists.choices("countries") if c[0] != "VN"] if abroad else [],
            "country": chosen.get("country", ""),
            "detail": chosen.get("detail", ""),
            "whole": self.whole,
            "described": (attrs or {}).get("aria-describedby", ""),
        }
        return context

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        return mark_safe(render_to_string(template_name, context))


class PlaceField(forms.Field):
    """A place, or an address, of either era; stored {province, commune, units_version[, country, detail]}."""

    def __init__(self, *, places: Places, whole: bool, **kwargs: Any) -> None:
        self.places, self.whole = places, whole
        super().__init__(widget=PlaceWidget(places, whole=whole), **kwargs)

    def clean(self, value: Any) -> Any:
        """The stored form; {} for nothing. A province nobody touched counts as nothing."""
        given: Spec = value if isinstance(value, dict) else {}
        province, commune = str(given.get("province", "")), str(given.get("commune", ""))
        era, detail = str(given.get("units_version", "2")), nfc(str(given.get("detail", "")))
        if self.whole and province == ABROAD:
            return self._abroad(given, detail)
        untouched = province in {"", home_province()} and not commune
        if untouched and not detail:
            if self.required:
                raise self._refusal(_("chọn xã, phường"), code="incomplete")
            return {}
        if untouched and not self.required:  # "Đã chết" and the like stand alone
            province = ""
        elif not any(code == province for code, _ in self.places.provinces(era)):
            raise self._refusal(_("chọn tỉnh, thành phố"))
        elif not self.places.has(era, province, commune):
            raise self._refusal(_("chọn xã, phường thuộc tỉnh, thành phố đã chọn"))
        if len(detail) > LONGEST_DETAIL:
            raise self._refusal(
                _("số nhà, đường, thôn, khu dài nhất %(most)d ký tự, đang có %(n)d")
                % {"most": LONGEST_DETAIL, "n": len(detail)}
            )
        found = {"province": province, "commune": commune, "units_version": era}
        return found | {"country": "VN", "detail": detail} if self.whole else found

    def _refusal(self, words: str, *, code: str = "") -> ValidationError:
        return ValidationError(_("%(label)s: %(words)s") % {"label": self.label, "words": words}, code=code)

    def _abroad(self, given: Spec, detail: str) -> Spec:
        country = str(given.get("country", ""))
        if country == "VN" or country not in dict(lists.choices("countries")):
            raise self._refusal(_("chọn nước"))
        if not detail:
            raise self._refusal(_("ghi địa chỉ ở nước ngoài"))
        return {
            "province": ABROAD,
            "commune": "",
            "units_version": "2",
            "country": country,
            "detail": detail,
        }
