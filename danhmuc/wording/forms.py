"""What the procedure controller types."""

import re
from typing import Any

from django import forms

from danhmuc.models import LifeEvent, Procedure, Synonym
from danhmuc.services import wording
from danhmuc.text import fold

_KEY = re.compile(r"[a-z0-9_]{2,60}")
KINDS = [("citizen", "Trong đời sống"), ("business", "Trong kinh doanh")]


class SynonymForm(forms.Form):
    """One everyday name and where it leads."""

    use_required_attribute = False

    phrase = forms.CharField(
        label="Cách gọi",
        max_length=160,
        help_text="Như người dân nói, có dấu; không cần ghi thêm dạng không dấu.",
        error_messages={"required": "Nhập cách gọi, ví dụ “sổ đỏ”."},
    )
    target_kind = forms.ChoiceField(label="Dẫn tới", choices=Synonym.Target.choices)
    target = forms.CharField(
        label="Đích",
        max_length=60,
        help_text="Mã thủ tục như 1.001193; mã lĩnh vực như G15-TP07; khóa việc như sinh_con; tên ngắn của nơi khác.",
        error_messages={"required": "Nhập đích: mã thủ tục, mã lĩnh vực hoặc khóa việc đời người."},
    )
    weight = forms.IntegerField(
        label="Trọng số",
        min_value=1,
        max_value=100,
        initial=80,
        help_text="100: đúng tên thủ tục; 60: chỉ gần nghĩa.",
        error_messages={
            "required": "Nhập trọng số từ 1 đến 100.",
            "invalid": "Trọng số là số nguyên từ 1 đến 100.",
            "min_value": "Trọng số từ 1 đến 100.",
            "max_value": "Trọng số từ 1 đến 100.",
        },
    )
    note = forms.CharField(
        label="Lưu ý cho người dân",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Hiện trên kết quả tìm, ví dụ việc nay do cơ quan khác giải quyết.",
    )

    def clean_phrase(self) -> str:
        """A name needs a letter to be found by."""
        phrase: str = self.cleaned_data["phrase"]
        if not fold(phrase):
            raise forms.ValidationError("Cách gọi phải có ít nhất một chữ.")
        return phrase

    def clean(self) -> dict[str, Any]:
        """Where it leads must exist; what others decide must say where to go."""
        data: dict[str, Any] = super().clean() or {}
        kind, target = data.get("target_kind"), data.get("target")
        if kind and target and not wording.known_target(kind, target):
            words = Synonym.Target(kind).label.lower()
            self.add_error("target", f"Không có {words} “{target}”. Xem lại mã.")
        if kind == Synonym.Target.ELSEWHERE and not data.get("note"):
            self.add_error("note", "Nhập nơi giải quyết việc này để người dân biết đi đâu.")
        return data


class LifeEventForm(forms.Form):
    """A situation in life."""

    use_required_attribute = False

    key = forms.CharField(
        label="Khóa",
        max_length=60,
        help_text="Chữ thường không dấu, số, gạch dưới; nằm trong địa chỉ trang, đặt xong không đổi.",
        error_messages={"required": "Nhập khóa, ví dụ “sinh_con”."},
    )
    title = forms.CharField(
        label="Tên việc", max_length=160, error_messages={"required": "Nhập tên việc, ví dụ “Sinh con”."}
    )
    summary = forms.CharField(
        label="Tóm tắt", max_length=400, error_messages={"required": "Nhập một câu tóm tắt."}
    )
    kind = forms.ChoiceField(label="Nhóm", choices=KINDS)
    order = forms.IntegerField(
        label="Thứ tự",
        min_value=0,
        max_value=999,
        initial=50,
        error_messages={"required": "Nhập thứ tự, từ 0 đến 999.", "invalid": "Thứ tự là số nguyên."},
    )

    def __init__(self, *args: Any, event: LifeEvent | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if event is not None:
            del self.fields["key"]

    def clean_key(self) -> str:
        """It becomes part of an address."""
        key: str = self.cleaned_data["key"]
        if not _KEY.fullmatch(key):
            raise forms.ValidationError("Khóa chỉ gồm chữ thường không dấu, số và gạch dưới.")
        return key


class StepForm(forms.Form):
    """One procedure of a situation; an empty line is passed over."""

    use_required_attribute = False

    code = forms.CharField(
        label="Mã thủ tục", max_length=24, error_messages={"required": "Nhập mã thủ tục của dòng này."}
    )
    line = forms.CharField(
        label="Giải thích một dòng",
        max_length=200,
        error_messages={"required": "Nhập một dòng giải thích cho thủ tục này."},
    )
    when = forms.CharField(label="Khi nào", max_length=120, required=False)
    handled_by = forms.CharField(label="Cơ quan khác giải quyết", max_length=80, required=False)
    optional = forms.BooleanField(label="Nếu cần", required=False)

    def clean_code(self) -> str:
        """Only procedures of the catalogue."""
        code: str = self.cleaned_data["code"].strip()
        if not Procedure.objects.filter(code=code).exists():
            raise forms.ValidationError(f"Không có thủ tục mã {code}.")
        return code


StepFormSet = forms.formset_factory(
    StepForm, extra=3, can_delete=True, can_order=True, max_num=40, validate_max=True, absolute_max=60
)


def steps_of(formset: Any) -> list[dict[str, Any]]:
    """The lines that stay, by the place typed beside each, as they are stored."""
    lines = [form.cleaned_data for form in formset if form.cleaned_data.get("code")]
    lines = [line for line in lines if not line.get("DELETE")]
    lines.sort(key=lambda line: (line.get("ORDER") is None, line.get("ORDER") or 0))
    steps = []
    for line in lines:
        step = {"code": line["code"], "line": line["line"]}
        step |= {name: line[name] for name in ("when", "handled_by") if line[name]}
        steps.append(step | ({"optional": True} if line["optional"] else {}))
    return steps
