"""What one may narrow the list of procedures by."""

from typing import Any

from django import forms

from portal.services import catalogue


class SearchForm(forms.Form):
    """A GET form; wrong values are passed over, a shared address never fails."""

    use_required_attribute = False

    q = forms.CharField(label="Tìm thủ tục", required=False, max_length=300)
    online = forms.MultipleChoiceField(
        label="Nộp trực tuyến",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[
            (str(level), text) for level, text in sorted(catalogue.ONLINE.items(), reverse=True) if level > 1
        ],
    )
    post = forms.MultipleChoiceField(
        label="Bưu chính công ích",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("pickup", "Nhận hồ sơ tại nhà"), ("return", "Trả kết quả tại nhà")],
    )
    level = forms.ChoiceField(
        label="Nơi giải quyết", required=False, choices=[("", "Tất cả các cấp"), *catalogue.LEVELS.items()]
    )
    field = forms.ChoiceField(label="Lĩnh vực", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sector = self.fields["field"]
        assert isinstance(sector, forms.ChoiceField)
        sector.choices = [("", "Tất cả lĩnh vực"), *catalogue.sectors()]

    @classmethod
    def read(cls, data: Any) -> tuple[dict[str, Any], "SearchForm"]:
        """What is wanted, and the form that shows it; what makes no sense in the address is passed over."""
        asked = cls(data)
        asked.is_valid()
        return asked.cleaned_data, cls(initial=asked.cleaned_data)

    @property
    def chosen(self) -> int:
        """How many filters are on."""
        return sum(bool(self.initial.get(name)) for name in ("online", "post", "level", "field"))
