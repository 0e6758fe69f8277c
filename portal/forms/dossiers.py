"""Answering a request, taking a dossier back, choosing anew how it travels."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hoso.forms.eform_fields import LongTextField
from hoso.models import Dossier, SupplementItem
from hoso.services.postal import Changeable
from portal.forms.apply import ManyFilesField, WaysForm
from portal.forms.papers import PapersForm
from portal.models import Upload
from portal.services.papers import Box


class AnswerForm(forms.Form):
    """For each thing asked: a file, words, or both."""

    use_required_attribute = False

    def __init__(
        self, items: Iterable[SupplementItem], *args: Any, held: Mapping[int, Upload], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.items, self.held = list(items), held
        self.fields["seen"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
        for item in self.items:
            upload = ManyFilesField(label=_("Tải giấy tờ lên"), required=False)
            upload.widget.attrs = {"accept": ".pdf,.jpg,.jpeg,.png,.docx,.xlsx"}
            upload.widget.allow_multiple_selected = False  # one better file in place of the other
            words = LongTextField(
                label=_("Trả lời bằng lời"), required=False, widget=forms.Textarea({"rows": 3})
            )
            upload.one_of = words.one_of = True  # type: ignore[attr-defined]  # not "(không bắt buộc)": one is needed
            self.fields[f"file-{item.order}"], self.fields[f"text-{item.order}"] = upload, words

    @property
    def cards(self) -> list[dict[str, Any]]:
        """One block an item for the page."""
        return [
            {
                "item": item,
                "file": self[f"file-{item.order}"],
                "text": self[f"text-{item.order}"],
                "held": self.held.get(item.order),
            }
            for item in self.items
        ]


class AmendPapersForm(PapersForm):
    """A box a paper, and why; after acceptance the desk wants to know."""

    reason = LongTextField(
        label=gettext_lazy("Vì sao cần sửa"), widget=forms.Textarea({"rows": 2, "maxlength": 2000})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, boxes: Iterable[Box], limit: str, asks: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(boxes, limit, *args, **kwargs)
        self.fields["reason"].required = asks
        self.fields["reason"].error_messages["required"] = _("Ghi lý do sửa để Bộ phận Một cửa xem xét")


class WithdrawForm(forms.Form):
    """Why, if one likes to say so, and that it is meant."""

    use_required_attribute = False

    note = LongTextField(
        label=gettext_lazy("Lý do rút hồ sơ"), required=False, widget=forms.Textarea({"rows": 3})
    )
    sure = forms.BooleanField(
        label=gettext_lazy("Tôi muốn rút hồ sơ này và hiểu rằng muốn làm lại phải nộp hồ sơ mới"),
        error_messages={"required": gettext_lazy("Đánh dấu vào ô xác nhận để rút hồ sơ")},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ChangeWaysForm(WaysForm):
    """The ways chosen anew: a way on which the post has begun, or that is done, is not asked about any more."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, dossier: Dossier, days: Sequence[date], free: Changeable, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(dossier, days, *args, **kwargs)
        self.free = free
        closed: list[str] = []
        if not free.papers or not self.asks_papers:
            self.asks_papers = self.pickup_offered = False
            closed += ["papers_by", "pickup", "pickup_on", "pickup_part"]
        if not free.result:
            self.delivery_offered = False
            closed += ["return_by", "delivery", "receiver"]
        for name in closed:
            self.fields.pop(name, None)
        if "pickup" not in self.fields and "delivery" in self.fields:  # no other place to take it from
            self.fields["delivery"].help_text = ""
            self.fields["delivery"].required = self.fields["receiver"].required
