"""A page for developers with every component and its examples; only while DEBUG is on.

`templates/components/<name>.toml` holds the examples of `<name>.html`: `[[example]]` with `title` and, under
`[example.with]`, what the component takes. The tests draw the same examples. A text that begins with "@"
stands for an object a text file cannot hold: `@field birth`, `@failed birth` (the same field after a failed
post), `@form`, `@failed`, `@option delivery`, `@page 3` and `@messages`.
"""

import tomllib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.views.generic import TemplateView

from config.icons import ICONS
from config.widgets import ChoiceLabel, MoneyField, VietnameseDateField

FOLDER = Path(settings.BASE_DIR) / "templates" / "components"


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label="Tên hộ kinh doanh", help_text="Không cần ghi cụm từ “Hộ kinh doanh”.", initial="Thanh Hương"
    )
    capital = MoneyField(
        label="Vốn kinh doanh", help_text="Tổng số tiền bỏ ra kinh doanh.", initial=80_000_000
    )
    birth = VietnameseDateField(
        label="Ngày sinh", past_only=True, help_text="Ví dụ 15 09 1986", initial="1986-09-15"
    )
    trade = forms.ChoiceField(
        label="Ngành, nghề chính", choices=[("", "Chọn một ngành"), ("4711", "4711 – Bán lẻ tổng hợp")]
    )
    delivery = forms.ChoiceField(
        label="Nhận kết quả ở đâu?",
        widget=forms.RadioSelect,
        choices=[
            ("POST", ChoiceLabel("Tại nhà, qua bưu điện", "Nhân viên gọi trước khi đến", 26_000)),
            ("DESK", ChoiceLabel("Tại Bộ phận Một cửa", "Mang theo căn cước và giấy hẹn", 0)),
        ],
        initial="POST",
    )
    channels = forms.MultipleChoiceField(
        label="Báo tin qua",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("sms", "Tin nhắn"), ("email", "Thư điện tử")],
    )
    note = forms.CharField(label="Lời nhắn", required=False, widget=forms.Textarea({"rows": 3}))
    paper = forms.FileField(label="Ảnh hoặc tệp PDF", help_text="Mỗi tệp đến 10 MB.")
    agree = forms.BooleanField(label="Tôi cam đoan các nội dung trên là đúng sự thật")
    token = forms.CharField(widget=forms.HiddenInput, required=False, initial="x")


class SampleFilter(forms.Form):
    """What stands above a list."""

    field = forms.ChoiceField(
        label="Lĩnh vực", required=False, choices=[("", "Tất cả lĩnh vực"), ("HT", "Hộ tịch")]
    )
    state = forms.ChoiceField(label="Trạng thái", required=False, choices=[("", "Tất cả trạng thái")])
    mine = forms.BooleanField(label="Chỉ việc của tôi", required=False)


_numbers = count(1)
SPOILED = {"birth_d": "31", "birth_m": "02", "birth_y": "1986", "capital": "tám mươi", "delivery": "X"}


def _sample(form: type[forms.Form] = SampleForm, data: dict[str, str] | None = None) -> forms.Form:
    """A form whose names and ids are its own, for many examples share the page."""
    prefix = f"m{next(_numbers)}"
    typed = None if data is None else {f"{prefix}-{name}": value for name, value in data.items()}
    return form(typed, prefix=prefix)


def _object(text: str) -> Any:
    """The object an "@" text of an example stands for."""
    kind, _, rest = text[1:].partition(" ")
    match kind:
        case "field":
            return _sample()[rest]
        case "failed":
            failed = _sample(data=SPOILED)
            return failed[rest] if rest else failed
        case "form":
            return _sample()
        case "filter":
            return _sample(SampleFilter)
        case "option":
            return _sample()[rest].subwidgets[0]
        case "page":
            return Paginator(range(1042), 20).page(int(rest))
        case "messages":
            return [Message(25, "Đã gửi yêu cầu bổ sung."), Message(40, "Chưa lưu được, hãy thử lại.")]
    raise ValueError(f"Không hiểu {text!r}")


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item) for item in value]
    return _object(value) if isinstance(value, str) and value.startswith("@") else value


def examples() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Component, title of the example, and what the component takes; in the order of the file names."""
    for path in sorted(FOLDER.glob("*.toml")):
        for example in tomllib.loads(path.read_text(encoding="utf-8"))["example"]:
            yield path.stem, example["title"], _filled(example.get("with", {}))


def drawn(component: str, taken: dict[str, Any]) -> str:
    """The HTML of a component with these values and nothing else in its context."""
    return render_to_string(f"components/{component}.html", taken)


@method_decorator(login_not_required, name="dispatch")
class Gallery(TemplateView):
    """All components; `?dense=1` shows them as the back office does."""

    template_name = "gallery.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A page for developers: it does not exist in production."""
        if not settings.DEBUG:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Examples by component, and the icons."""
        pieces: dict[str, list[dict[str, str]]] = {}
        for component, title, taken in examples():
            pieces.setdefault(component, []).append({"title": title, "html": drawn(component, taken)})
        return super().get_context_data(
            pieces=[{"name": name, "examples": shown} for name, shown in pieces.items()],
            icons=sorted(ICONS),
            dense="dense" in self.request.GET,
            **kwargs,
        )
