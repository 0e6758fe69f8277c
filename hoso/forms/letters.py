"""A message about a dossier."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hoso.forms.eform_fields import LongTextField


class LetterForm(forms.Form):
    """One box; the service judges length and number."""

    use_required_attribute = False

    text = LongTextField(
        label=_("Nội dung tin"),
        required=True,
        error_messages={"required": _("Viết nội dung tin trước khi gửi")},
        widget=forms.Textarea({"rows": 4, "maxlength": 2000}),
    )
