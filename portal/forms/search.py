"""What one may narrow the list of procedures by."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.services import catalogue

FILTERS = ("online", "post", "level", "subject", "field")


class SearchForm(forms.Form):
    """A GET form; wrong values are passed over, a shared address never fails."""

    use_required_attribute = False

    q = forms.CharField(label=_("Tìm thủ tục"), required=False, max_length=300)
    online = forms.MultipleChoiceField(
        label=_("Nộp trực tuyến"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (str(level), text) for level, text in sorted(catalogue.ONLINE.items(), reverse=True) if level > 1
        ],
    )
    post = forms.MultipleChoiceField(
        label=_("Bưu chính công ích"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=list(catalogue.POST.items()),
    )
    subject = forms.ChoiceField(
        label=_("Dành cho"), required=False, choices=[("", _("Mọi đối tượng")), *catalogue.FOR_WHOM.items()]
    )
    level = forms.ChoiceField(
        label=_("Nơi giải quyết"),
        required=False,
        choices=[("", _("Tất cả các cấp")), *catalogue.LEVELS.items()],
    )
    field = forms.ChoiceField(label=_("Lĩnh vực"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sector = self.fields["field"]
        assert isinstance(sector, forms.ChoiceField)
        sector.choices = [("", _("Tất cả lĩnh vực")), *catalogue.sectors()]

    @classmethod
    def read(cls, data: QueryDict) -> tuple[dict[str, Any], "SearchForm"]:
        """What is wanted, and the form that shows it; what makes no sense in the address is passed over."""
        asked = cls(data)
        asked.is_valid()
        wanted = dict(asked.cleaned_data)
        if "q" not in wanted:  # a pasted page is cut, not refused
            wanted["q"] = data.get("q", "").replace("\x00", "")[:300]
        return wanted, cls(initial=wanted)

    @property
    def chosen(self) -> int:
        """How many filters are on."""
        return sum(bool(self.initial.get(name)) for name in FILTERS)

    @property
    def address(self) -> str:
        """The filters that are on, as they stand in an address."""
        query = QueryDict(mutable=True)
        for name in FILTERS:
            value = self.initial.get(name)
            query.setlist(name, value if isinstance(value, list) else [value] if value else [])
        return query.urlencode()
