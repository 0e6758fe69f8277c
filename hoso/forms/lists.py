"""Filters above the lists of the back office. What cannot be read as a filter is left out, never an error page."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone

from danhmuc.models import Desk, Field, Procedure
from hoso.models import Dossier
from hoso.models.dossiers import DossierQuerySet


class QueueFilter(forms.Form):
    """Narrows one queue."""

    muc = forms.CharField(required=False, widget=forms.HiddenInput)
    chu = forms.CharField(label="Mã, họ tên", required=False, max_length=80)
    linh_vuc = forms.TypedChoiceField(label="Lĩnh vực", required=False, coerce=int, empty_value=None)
    thu_tuc = forms.CharField(label="Mã thủ tục", required=False, max_length=24)
    kenh = forms.ChoiceField(
        label="Kênh nộp", required=False, choices=[("", "Mọi kênh"), *Dossier.Channel.choices]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Only fields that procedures here belong to."""
        super().__init__(*args, **kwargs)
        in_use = Field.objects.filter(
            Exists(Procedure.objects.filter(field=OuterRef("pk"), current__isnull=False))
        )
        self.fields["linh_vuc"].choices = [  # type: ignore[attr-defined]
            ("", "Tất cả lĩnh vực"),
            *in_use.values_list("pk", "name"),
        ]
        self.is_valid()

    @property
    def is_narrowing(self) -> bool:
        """Whether anything beyond the queue itself was chosen."""
        return any(self.cleaned_data.get(name) for name in ("chu", "linh_vuc", "thu_tuc", "kenh"))

    def apply(self, found: DossierQuerySet) -> DossierQuerySet:
        """The queue with what was chosen."""
        data = self.cleaned_data
        if data.get("chu"):
            found = found.matching(data["chu"])
        if data.get("linh_vuc"):
            found = found.filter(field=data["linh_vuc"])
        if data.get("thu_tuc"):
            found = found.filter(procedure__code=data["thu_tuc"].strip())
        if data.get("kenh"):
            found = found.filter(channel=data["kenh"])
        return found


class SearchForm(forms.Form):
    """The box in the bar."""

    q = forms.CharField(required=False, max_length=200, strip=True)

    def words(self) -> str:
        """What was typed, cut to what a search reads."""
        return self.cleaned_data["q"] if self.is_valid() else str(self.data.get("q", ""))[:200]


def _day(label: str) -> forms.DateField:
    """A day in one box, as a filter wants it."""
    box = forms.DateInput(
        format="%d/%m/%Y",
        attrs={"inputmode": "numeric", "class": "form-control num", "placeholder": "05/10/2026"},
    )
    return forms.DateField(label=label, required=False, widget=box, input_formats=["%d/%m/%Y", "%Y-%m-%d"])


class RegisterForm(forms.Form):
    """Which book, from when to when: by default this month."""

    quay = forms.TypedChoiceField(label="Bộ phận Một cửa", coerce=int, required=False, empty_value=None)
    tu = _day("Từ ngày")
    den = _day("Đến ngày")

    def __init__(self, *args: Any, desks: Sequence[Desk], **kwargs: Any) -> None:
        """`desks` are those whose book the officer may read."""
        super().__init__(*args, **kwargs)
        self.fields["quay"].choices = [(desk.pk, str(desk)) for desk in desks]  # type: ignore[attr-defined]
        self.desks = desks

    def span(self) -> tuple[Desk | None, date, date]:
        """Desk and days; the first desk and this month where nothing (or nonsense) was chosen."""
        self.is_valid()
        data = getattr(self, "cleaned_data", {})
        today = timezone.localdate()
        until = data.get("den") or today
        since = data.get("tu") or until.replace(day=1)
        if since > until:
            since, until = until, since
        desk = next((d for d in self.desks if d.pk == data.get("quay")), next(iter(self.desks), None))
        return desk, since, min(until, since + timedelta(days=366))
