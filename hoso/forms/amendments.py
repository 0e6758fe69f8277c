"""The desk's answer to a change the applicant asks for."""

from django import forms

from hoso.forms.steps import text_area


class AmendmentForm(forms.Form):
    """Made or not made; why not, in words the applicant reads."""

    use_required_attribute = False

    answer = forms.CharField(
        label="Lý do không chấp nhận",
        required=False,
        max_length=2000,
        widget=text_area(3),
        help_text="Chỉ ghi khi không chấp nhận. Người nộp đọc được nội dung này.",
    )
