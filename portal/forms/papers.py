"""Forms for files: a box a paper, and the pages of a file made of photographs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _

from hoso.services import files
from hoso.services.intake import Leaf
from portal.forms.apply import ManyFilesField
from portal.services.papers import Box


def file_box(label: str, limit: str, hint: str = "") -> ManyFilesField:
    """A box for several files. The card's heading says which paper; the box repeats it for those who hear the page."""
    field = ManyFilesField(
        label=format_html('{}<span class="visually-hidden">: {}</span>', _("Chọn tệp"), label),
        help_text=hint
        or _("Mỗi tệp đến %(limit)s. Nhiều ảnh chọn cùng lúc được ghép thành một tệp PDF.")
        % {"limit": limit},
        required=False,
    )
    field.required = True  # no "(không bắt buộc)" beside it: whether the paper is needed, the card says
    field.widget.attrs |= {"accept": files.ACCEPTED}
    return field


class PapersForm(forms.Form):
    """One file box a paper."""

    use_required_attribute = False

    def __init__(self, boxes: Iterable[Box], limit: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for box in boxes:
            self.fields[box.name] = file_box(box.label, limit)


class PagesForm(forms.Form):
    """Where each page goes, how it is turned, whether it stays, and more pages."""

    use_required_attribute = False

    def __init__(self, count: int, limit: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.count = count
        places = [(str(n), str(n)) for n in range(1, count + 1)]
        turns = [
            ("0", _("Không xoay")),
            ("90", _("Xoay phải")),
            ("270", _("Xoay trái")),
            ("180", _("Quay ngược")),
        ]

        def named(text: str, number: int) -> str:
            return format_html(
                '{}<span class="visually-hidden"> {}</span>', text, _("của trang %(n)d") % {"n": number}
            )

        for n in range(1, count + 1):
            self.fields[f"place_{n}"] = forms.ChoiceField(
                label=named(_("Thứ tự"), n), choices=places, initial=str(n)
            )
            self.fields[f"turn_{n}"] = forms.ChoiceField(
                label=named(_("Chiều"), n), choices=turns, initial="0"
            )
            self.fields[f"out_{n}"] = forms.BooleanField(label=named(_("Bỏ trang"), n), required=False)
        self.fields["more"] = file_box(
            _("thêm trang"), limit, _("Chụp hoặc chọn ảnh, mỗi ảnh đến %(limit)s.") % {"limit": limit}
        )
        self.fields["more"].label = _("Chụp thêm trang")

    def clean(self) -> dict[str, Any]:
        """A file without pages is no file."""
        cleaned: dict[str, Any] = super().clean() or {}
        if all(cleaned.get(f"out_{n}") for n in range(1, self.count + 1)):
            raise ValidationError(
                _("Giữ lại ít nhất một trang. Muốn bỏ cả tệp, bấm “Không đổi” rồi bỏ tệp ở trang giấy tờ.")
            )
        return cleaned

    def arranged(self, leaves: Sequence[Leaf]) -> list[Leaf] | None:
        """The pages as they are wanted; None when everything stays."""
        data = self.cleaned_data
        wanted: list[tuple[tuple[int, int, int], Leaf]] = []
        changed = False
        for n, leaf in enumerate(leaves, start=1):
            place, turn = int(data[f"place_{n}"]), int(data[f"turn_{n}"])
            changed = changed or place != n or bool(turn) or data[f"out_{n}"]
            if not data[f"out_{n}"]:
                # A page moved up comes before the one it takes the place of, a page moved down after it.
                moved = (place > n) - (place < n)
                wanted.append(((place, moved, n), replace(leaf, turn=turn)))
        return [leaf for _key, leaf in sorted(wanted, key=lambda pair: pair[0])] if changed else None
