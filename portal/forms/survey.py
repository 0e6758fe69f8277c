"""Four questions and a remark; only the first must be answered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hoso.forms.eform_fields import LongTextField
from hoso.models import Dossier
from portal.models import SurveyAnswer

GRADES = [
    (SurveyAnswer.Grade.VERY_SATISFIED, _("Rất hài lòng")),
    (SurveyAnswer.Grade.SATISFIED, _("Hài lòng")),
    (SurveyAnswer.Grade.NEUTRAL, _("Bình thường")),
    (SurveyAnswer.Grade.UNSATISFIED, _("Không hài lòng")),
]


def _grade(label: Any, *, required: bool = False) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=GRADES, coerce=int, required=required, empty_value=None, widget=forms.RadioSelect
    )


class SurveyForm(forms.Form):
    """The criteria of NĐ118 Art 33 that the person can judge in this dossier."""

    use_required_attribute = False

    overall = _grade(_("Nói chung, ông/bà có hài lòng không?"), required=True)
    a = _grade(_("Thời gian trả kết quả so với ngày hẹn"))
    d = _grade(_("Hướng dẫn và thông tin công khai"))
    dd = _grade(_("Thái độ của cán bộ"))
    h = _grade(_("Dịch vụ trực tuyến"))
    post = _grade(_("Nhân viên bưu điện nhận hồ sơ, trả kết quả"))
    extra_money = forms.TypedChoiceField(
        label=_("Có ai yêu cầu ông/bà trả tiền ngoài phí, lệ phí, cước đã công khai không?"),
        choices=[("0", _("Không")), ("1", _("Có"))],
        coerce=lambda text: text == "1",
        required=False,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    remark = LongTextField(
        label=_("Điều cần làm tốt hơn"), required=False, widget=forms.Textarea({"rows": 4})
    )

    def __init__(self, dossier: Dossier, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["overall"].error_messages["required"] = _("Chọn một mức hài lòng chung")
        if dossier.channel != Dossier.Channel.ONLINE:
            del self.fields["h"]
        if not dossier.travels_by_post:
            del self.fields["post"]

    def given(self) -> dict[str, Any]:
        """What the service keeps."""
        data = self.cleaned_data
        letters = {"a": "a", "d": "d", "dd": "đ", "h": "h", "post": "bưu chính"}
        return {
            "overall": data["overall"],
            "criteria": {letters[name]: data[name] for name in letters if data.get(name)},
            "extra_money": data.get("extra_money"),
            "remark": data.get("remark", ""),
        }
