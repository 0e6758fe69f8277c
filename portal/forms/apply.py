"""Forms around the electronic form: which agency, which papers, which ways."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.formats import phone, weekday_date
from config.widgets import ChoiceLabel
from danhmuc import identifiers
from danhmuc.models import Agency, Place, ProcedureVersion, User
from danhmuc.services import NoTariff, postage, resolver_at, resolvers_for
from danhmuc.text import fold
from hoso.forms.eform_fields import CheckedField, TextField
from hoso.forms.eform_places import PlaceField, Places
from hoso.models import Dossier, PostalChoice
from hoso.services.postal import fetches_papers
from portal import identity

ReturnBy, PapersBy = Dossier.ReturnBy, Dossier.PapersBy
#: A set of papers weighs about this much; the price shown is for it.
USUAL_GRAMS = 100


class AgencyForm(forms.Form):
    """Which agency is to resolve it: the commune of residence first, the province's others by name."""

    use_required_attribute = False

    agency = forms.ModelChoiceField(
        label=gettext_lazy("Cơ quan giải quyết"),
        queryset=Agency.objects.none(),
        error_messages={"invalid_choice": gettext_lazy("Chọn một cơ quan trong danh sách")},
    )

    def __init__(
        self, version: ProcedureVersion, user: User, *args: Any, present: Agency | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        found = list(resolvers_for(version))
        self.nearest = resolver_at(version, user.place_id) if user.place_id else None
        self.only = found[0] if len(found) == 1 else None
        field = self.fields["agency"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = resolvers_for(version)
        field.choices = self._choices(found)
        first = present or self.nearest or self.only
        self.initial.setdefault("agency", first.pk if first else None)
        if any(agency.place_id for agency in found):
            field.help_text = _(
                "Thường là xã, phường nơi ông/bà cư trú. Có thể chọn nơi khác khi pháp luật cho phép."
            )

    def _choices(self, found: Sequence[Agency]) -> list[Any]:
        def rows(agencies: Iterable[Agency]) -> list[tuple[int, str]]:
            return [(a.pk, a.name) for a in sorted(agencies, key=lambda a: fold(a.name))]

        near = [a for a in found if self.nearest and a.pk == self.nearest.pk]
        local = [a for a in found if a.level == Agency.Level.COMMUNE and a not in near]
        others = [a for a in found if a.level != Agency.Level.COMMUNE and a not in near]
        groups = [
            (_("Nơi ông/bà cư trú"), near),
            (_("Xã, phường"), local),
            (_("Cấp tỉnh và cơ quan khác"), others),
        ]
        choices: list[Any] = [] if self.only else [("", _("Chọn cơ quan"))]
        return choices + [(label, rows(agencies)) for label, agencies in groups if agencies]


class ManyFilesInput(forms.ClearableFileInput):
    """A file box that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files; cleans to a list. What a file is worth is judged when it is taken in."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files chosen, empty ones left to the service, which says what is wrong with them."""
        if not data:
            return []
        return [file for file in (data if isinstance(data, list | tuple) else [data]) if file]


class WaysForm(forms.Form):
    """How the paper originals come and where the result goes; the post only where the procedure allows it."""

    use_required_attribute = False

    papers_by = forms.ChoiceField(
        label=gettext_lazy("Ông/bà muốn nộp bản giấy bằng cách nào?"), widget=forms.RadioSelect
    )
    pickup_on = forms.ChoiceField(label=gettext_lazy("Ngày hẹn bưu điện đến"), required=False)
    pickup_part = forms.ChoiceField(
        label=gettext_lazy("Buổi"),
        required=False,
        choices=[
            ("morning", gettext_lazy("Buổi sáng, 07:30–11:30")),
            ("afternoon", gettext_lazy("Buổi chiều, 13:00–17:00")),
        ],
    )
    return_by = forms.ChoiceField(
        label=gettext_lazy("Ông/bà muốn nhận kết quả ở đâu?"), widget=forms.RadioSelect
    )
    receiver = TextField(label=gettext_lazy("Người nhận kết quả"), required=False)
    telephone = CheckedField(
        label=gettext_lazy("Điện thoại để bưu điện gọi"),
        required=False,
        help_text=gettext_lazy("Chỉ cần khi có chọn bưu điện ở trên."),
        check=identifiers.phone,
        show=phone,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel", "class": "form-control num"}),
    )

    def __init__(self, dossier: Dossier, days: Sequence[date], *args: Any, **kwargs: Any) -> None:
        self.dossier, version = dossier, dossier.version
        super().__init__(*args, **kwargs)
        self.places = Places()
        self.fields["pickup"] = PlaceField(
            label=_("Nơi bưu điện đến nhận hồ sơ"), places=self.places, whole=True, required=False
        )
        self.fields["delivery"] = PlaceField(
            label=_("Nơi bưu điện phát kết quả"),
            places=self.places,
            whole=True,
            required=False,
            help_text=_("Để trống nếu cùng nơi nhận hồ sơ."),
        )
        self.asks_papers = version.paper_check_mode != ProcedureVersion.PaperCheckMode.NONE
        self.pickup_offered = self.asks_papers and fetches_papers(version)
        self.delivery_offered = version.postal_return_allowed
        self._offer(version)
        day_choices = [(day.isoformat(), _capital(weekday_date(day))) for day in days]
        self._choices("pickup_on", day_choices)
        self._start_values(dossier, day_choices)
        self._require()

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _offer(self, version: ProcedureVersion) -> None:
        desk = self.dossier.desk.agency.name
        papers: list[Any] = []
        if self.pickup_offered:
            price = self.price("nhan_gui_ho_so")
            papers.append(
                (
                    PapersBy.POST,
                    ChoiceLabel(_("Bưu điện đến nhà nhận"), _("Nhân viên bưu điện gọi trước khi đến"), price),
                )
            )
        papers.append((PapersBy.COUNTER, ChoiceLabel(_("Tôi nộp tại Bộ phận Một cửa"), desk, 0)))
        if version.paper_check_mode == ProcedureVersion.PaperCheckMode.AT_DELIVERY:
            papers.append(
                (
                    PapersBy.NONE,
                    ChoiceLabel(_("Giao khi nhận kết quả"), _("Bưu điện thu bản giấy lúc phát kết quả"), 0),
                )
            )
        if self.asks_papers:
            self._choices("papers_by", papers)
        else:
            del self.fields["papers_by"]
        returns: list[Any] = []
        if self.delivery_offered:
            price = self.price("chuyen_tra_ket_qua")
            returns.append(
                (
                    ReturnBy.POST,
                    ChoiceLabel(_("Tại nhà, qua bưu điện"), _("Trả cước khi nhận kết quả"), price),
                )
            )
        returns.append(
            (
                ReturnBy.COUNTER,
                ChoiceLabel(
                    _("Tại Bộ phận Một cửa"),
                    _("%(desk)s, mang theo căn cước công dân") % {"desk": desk},
                    0,
                ),
            )
        )
        if version.online_level >= ProcedureVersion.OnlineLevel.FULL:
            returns.append(
                (
                    ReturnBy.ELECTRONIC,
                    ChoiceLabel(_("Bản điện tử trên Cổng"), _("Tải về từ trang theo dõi"), 0),
                )
            )
        self._choices("return_by", returns)

    def _require(self) -> None:
        """What the post needs is asked for when the post is chosen; before a choice the labels say so."""
        fetch = self.pickup_offered and (not self.is_bound or self.data.get("papers_by") == PapersBy.POST)
        bring = not self.is_bound or self.data.get("return_by") == ReturnBy.POST
        needed = {
            "pickup": fetch,
            "pickup_on": fetch,
            "pickup_part": fetch,
            "receiver": bring,
            "delivery": bring and not fetch,
            "telephone": fetch or bring,
        }
        for name, required in needed.items():
            self.fields[name].required = required
        if needed["delivery"]:
            self.fields["delivery"].help_text = ""  # no other place to take it from

    def price(self, service: str) -> int | None:
        """One way for a usual set of papers within the province's list, in đồng; None when no price is published."""
        place = self.dossier.place or (self.dossier.applicant.place if self.dossier.applicant else None)
        same = place is not None and place.pk == self.dossier.resolving_agency.place_id
        try:
            return postage(service, "noi_huyen" if same else "lien_huyen", USUAL_GRAMS)
        except NoTariff:
            return None

    def postage(self) -> list[dict[str, Any]]:
        """Rows of components/money.html for the ways by post that are chosen now and have a published price."""
        note = _("Cước bưu chính một chiều, đến %(grams)s g; trả cho nhân viên bưu điện") % {
            "grams": USUAL_GRAMS
        }
        asked = (
            ("papers_by", PapersBy.POST, _("Cước nhận hồ sơ tại nhà"), "nhan_gui_ho_so"),
            ("return_by", ReturnBy.POST, _("Cước trả kết quả tại nhà"), "chuyen_tra_ket_qua"),
        )
        return [
            {"label": label, "amount": price, "note": note}
            for name, way, label, service in asked
            if name in self.fields and self[name].value() == way
            if (price := self.price(service)) is not None
        ]

    def _start_values(self, dossier: Dossier, days: list[tuple[str, str]]) -> None:
        postal = (
            PostalChoice.objects.filter(dossier=dossier)
            .select_related("pickup_place__parent", "delivery_place__parent")
            .first()
        )
        applicant = dossier.applicant
        own = dossier.answers.get("submitter_residence") or dossier.answers.get("requester_residence")
        own = own or (identity.address_of(applicant) if applicant else {})
        start: dict[str, Any] = {
            "return_by": dossier.return_by,
            "receiver": dossier.owner_name,
            "telephone": dossier.phone,
            "pickup": own,
            "delivery": {} if self.pickup_offered else own,
            "pickup_on": days[0][0] if days else "",
            "pickup_part": "morning",
        }
        if dossier.papers_by != PapersBy.NONE:
            start["papers_by"] = dossier.papers_by
        if postal is not None:
            start |= {
                "receiver": postal.receiver,
                "telephone": postal.phone,
                "pickup": _stored(postal.pickup_place, postal.pickup_address) or own,
                "delivery": _stored(postal.delivery_place, postal.delivery_address) or start["delivery"],
                "pickup_on": postal.pickup_on.isoformat() if postal.pickup_on else start["pickup_on"],
                "pickup_part": postal.pickup_part or "morning",
            }
        self.initial = {**start, **self.initial}

    def clean(self) -> dict[str, Any]:
        """A postman needs a whole address."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("pickup", "delivery"):
            address = cleaned.get(name)
            if address and (not address["commune"] or not address["detail"]):
                words = _("%(label)s: chọn xã, phường và ghi số nhà, thôn, khu")
                self.add_error(name, words % {"label": self.fields[name].label})
        return cleaned

    def postal(self) -> dict[str, Any] | None:
        """The fields of PostalChoice for what was chosen; None without the post."""
        data = self.cleaned_data
        fetch, bring = data.get("papers_by") == PapersBy.POST, data.get("return_by") == ReturnBy.POST
        if not fetch and not bring:
            return None
        service = PostalChoice.Service
        pickup = _place(data["pickup"]) if fetch else (None, "")
        delivery = (_place(data["delivery"]) if data["delivery"] else pickup) if bring else (None, "")
        return {
            "service": service.BOTH if fetch and bring else service.SEND if fetch else service.RECEIVE,
            "pickup_place": pickup[0],
            "pickup_address": pickup[1],
            "pickup_on": date.fromisoformat(data["pickup_on"]) if fetch else None,
            "pickup_part": data["pickup_part"] if fetch else "",
            "delivery_place": delivery[0],
            "delivery_address": delivery[1],
            "receiver": data["receiver"] if bring else "",
            "phone": data["telephone"],
        }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _place(address: dict[str, str]) -> tuple[Place, str]:
    """The commune, and the whole address in words."""
    place = Place.objects.select_related("parent__parent").get(
        era=address["units_version"], level=Place.Level.COMMUNE, code=address["commune"]
    )
    return place, f"{address['detail']}, {place.full_name}"[:300]


def _stored(place: Place | None, text: str) -> dict[str, str]:
    """The boxes of an address kept as words and a commune."""
    if place is None:
        return {}
    above = place.parent if place.era == Place.Era.TWO_LEVEL else (place.parent and place.parent.parent)
    return {
        "country": "VN",
        "province": above.code if above else "",
        "commune": place.code,
        "units_version": place.era,
        "detail": re.sub(re.escape(f", {place.full_name}") + "$", "", text, flags=re.IGNORECASE),
    }


class DeclareForm(forms.Form):
    """The applicant's own word before filing."""

    use_required_attribute = False

    declared = forms.BooleanField(
        error_messages={"required": gettext_lazy("Đánh dấu vào ô cam đoan trước khi nộp")}
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, text: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["declared"].label = text
