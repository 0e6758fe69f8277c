"""Template tags and filters that every page has (registered as builtins, so no `{% load %}`)."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.core.paginator import Page
from django.forms import BoundField, Field
from django.urls import NoReverseMatch, reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from config import formats
from config import retold as retelling
from config.icons import ICONS

register = template.Library()

for function in (
    formats.vndate,
    formats.vndaymonth,
    formats.vntime,
    formats.vndatetime,
    formats.vndate_long,
    formats.vndatetime_long,
    formats.weekday,
    formats.weekday_date,
    formats.isotime,
    formats.decimal_vi,
    formats.vnd,
    formats.dong,
    formats.vnd_words,
    formats.percent,
    formats.two_digits,
    formats.filesize_vi,
    formats.phone,
    formats.mask_name,
    formats.mask_id,
    formats.short_code,
):
    register.filter(function.__name__, function)

LEVEL_ICONS = {
    "ok": "clock",
    "soon": "hourglass",
    "late": "triangle",
    "wait": "pause",
    "info": "clock",
    "off": "",
}
SITE_DEFAULTS: dict[str, Any] = {
    "name": gettext_lazy("Cổng Dịch vụ công"),
    "province": gettext_lazy("tỉnh Phú Thọ"),
    "authority": gettext_lazy("Ủy ban nhân dân tỉnh Phú Thọ"),
    "centre": gettext_lazy("Trung tâm Phục vụ hành chính công tỉnh"),
    "address": gettext_lazy("số 398 đường Trần Phú, phường Việt Trì"),
    "hours": gettext_lazy("07:30–11:30 và 13:30–16:30, thứ Hai đến thứ Sáu"),
    "hotline": "1022",
    "demo_notice": "",
}

# ---------- Pieces of HTML ----------


@register.filter
def in_fields(problems: list[dict[str, str]]) -> bool:
    """Whether there is something to correct; else what was asked could not be done, whatever one types."""
    return any(problem["anchor"] for problem in problems)


@register.filter
def once_each(messages: Iterable[Any]) -> list[Any]:
    """Messages without those that say again what one before them said."""
    return list({str(message): message for message in reversed(list(messages))}.values())[::-1]


@register.simple_tag
@lru_cache(maxsize=512)  # a few dozen names and labels, all our own
def icon(name: str, label: str = "") -> SafeString:
    """An inline icon; decoration unless `label` says what a lone icon means."""
    shape = mark_safe(ICONS[name])  # our own constants, never input
    if label:
        return format_html(
            '<svg class="i" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', label, shape
        )
    return format_html('<svg class="i" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', shape)


@register.simple_tag
def code(value: Any, big: bool = False) -> SafeString:
    """A dossier code: the agency quiet, the part people read aloud bold, one copyable string."""
    text = str(value or "")
    size = " dv-code--big" if big else ""
    tail = formats.short_code(text)
    if tail == text:
        return format_html('<span class="dv-code{}"><b>{}</b></span>', size, text)
    return format_html(
        '<span class="dv-code{}"><span>{}</span><b>{}</b></span>', size, text.removesuffix(tail), tail
    )


@register.simple_tag
def tag(text: Any, level: str = "off", name: str = "") -> SafeString:
    """State of one thing in 1–3 words; `level` ok|soon|late|wait|info|off, `name` an icon."""
    if level not in LEVEL_ICONS:
        raise ValueError(f"Không có mức {level!r}")
    return format_html('<span class="dv-tag is-{}">{}{}</span>', level, icon(name) if name else "", text)


@register.simple_tag
def due(left: Any) -> SafeString:
    """A deadline in words, icon and colour: a `danhmuc.worktime.Left`, or its fields; nothing for none."""
    if not left:
        return mark_safe("")
    text, level = (left["text"], left["level"]) if isinstance(left, Mapping) else (left.text, left.level)
    return format_html(
        '<span class="dv-due is-{}">{}{}</span>', level, icon(LEVEL_ICONS[level] or "clock"), retold(text)
    )


#: Letters that only Vietnamese writes so; a text without any needs no other voice to read it aloud.
VIETNAMESE = re.compile(
    r"[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE
)


@register.filter
def vi(value: Any) -> Any:
    """Data kept in Vietnamese (names of procedures, agencies, papers): on a page in another language, marked as such.

    Components use it for whatever they are given; what is marked already, or was translated, stays as it is.
    """
    if not value or get_language() == "vi":
        return value
    text = str(value)
    if 'lang="vi"' in text or not VIETNAMESE.search(text):
        return value
    return format_html('<span lang="vi">{}</span>', value)


def sentence(text: str, /, **data: Any) -> SafeString:
    """A sentence of ours, `%(name)s` in it filled with data; on a page in another language the data is marked."""
    return mark_safe(
        conditional_escape(text) % {key: conditional_escape(vi(value)) for key, value in data.items()}
    )


#: The beginning of an option, or of a group of them, up to where an attribute may stand.
OPTION = re.compile(r'<option (?=[^>]*>(?P<text>[^<]*)</option>)|<optgroup (?=label="(?P<label>[^"]*)")')


def marked_options(html: SafeString) -> SafeString:
    """What a form draws; on a page in another language the options of lists that are Vietnamese data are marked."""
    if get_language() == "vi":
        return html
    return mark_safe(
        OPTION.sub(
            lambda m: f'{m[0]}lang="vi" ' if VIETNAMESE.search(m["label"] or m["text"]) else m[0], html
        )
    )


@register.filter
def retold(text: Any) -> Any:
    """What was put together in Vietnamese elsewhere (the working clock, stored words), in the language of the page."""
    return retelling.retold(str(text or ""), sentence)  # `str` of a `Said` is itself


@register.filter
def shown(value: Any) -> str:
    """A cell of an official table: whole numbers grouped, a missing one as a dash, text as it is."""
    if value is None or value == "":
        return "–"
    return formats.dong(value) if isinstance(value, int) else str(value)


@register.filter
def unlocalize(value: Any) -> str:
    """A number with a decimal point, for attributes of drawings."""
    return str(value)


@register.simple_tag
def level_icon(level: str) -> SafeString:
    """The icon that goes with a level, for components that show both."""
    name = LEVEL_ICONS[level]
    return icon(name) if name else mark_safe("")


@register.filter
def nowrap_syllables(value: Any) -> SafeString:
    """Join the syllables of a short name with non-breaking spaces, for large titles."""
    return mark_safe(conditional_escape(value).replace(" ", formats.NBSP))


# ---------- The site and its ways ----------


@register.simple_tag
def site() -> dict[str, Any]:
    """Names and contacts of this deployment: `settings.SITE` over our defaults.

    A tag and not a context processor, because the error pages are drawn without one.
    """
    return {**SITE_DEFAULTS, **getattr(settings, "SITE", {})}


@register.simple_tag(takes_context=True)
def navlink(
    context: Any, name: str, label: str, icon_name: str = "", cls: str = "", wrap: str = "li"
) -> SafeString:
    """A menu item for the URL called `name`, marked when one is on that page.

    Nothing where this deployment has no such page: the information mode, for one, takes no dossiers.
    """
    try:
        url = reverse(name)
    except NoReverseMatch:
        return mark_safe("")
    request = context.get("request")
    here = bool(request) and (request.path == url or (url != "/" and request.path.startswith(url)))
    link = format_html(
        '<a href="{}"{}{}>{}{}</a>',
        url,
        format_html(' class="{}"', cls) if cls else "",
        mark_safe(' aria-current="page"') if here else "",
        icon(icon_name) if icon_name else "",
        label,
    )
    return format_html("<li>{}</li>", link) if wrap == "li" else link


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: Any) -> str:
    """`?…` of the present page with some parameters changed, or dropped when None."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None:
            params.pop(key, None)
        else:
            params[key] = value
    return f"?{params.urlencode()}"


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Any, page: Page, name: str = "page") -> dict[str, Any]:
    """The pager of a list, keeping the filters in the address; `name` is the parameter of the page number."""
    kept = query(context, **{name: None})
    return {"page": page, "link": f"{kept}{'' if kept == '?' else '&'}{name}="}


# ---------- Forms ----------


@register.simple_tag
def field_kind(field: BoundField) -> str:
    """How components/field.html draws a field: hidden, check, radio, checks, group or control."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checks"
    if isinstance(widget, forms.RadioSelect):
        return "radio"
    return "group" if widget.use_fieldset else "control"


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The bare control of a field with its class; the label, hint and error stand around it."""
    widget = field.field.widget
    attrs: dict[str, str | bool] = {}
    if isinstance(widget, forms.CheckboxInput):
        kind = "form-check-input"
    else:
        kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
    if isinstance(widget, forms.MultiWidget):
        if described := field.aria_describedby:
            attrs["aria-describedby"] = described
    elif kind not in (given := widget.attrs.get("class", "")).split():
        attrs["class"] = f"{kind} {given}".strip()
    return marked_options(field.as_widget(attrs=attrs))


@register.simple_tag
def field_anchor(field: BoundField) -> str:
    """The id a line of the error summary leads to: the first control of a group, else the control."""
    if field.field.widget.use_fieldset:
        return f"{field.auto_id}_0"
    return field.id_for_label or field.auto_id


@register.simple_tag
def field_errors(field: BoundField) -> list[str]:
    """The errors of a field as a person reads them.

    Django's own "this field is required" and "not a valid choice" do not say what to do (design guide §8);
    a message the field was given stays as it is.
    """
    told = []
    for error in field.errors.as_data():
        if error.code in (
            "required",
            "invalid_choice",
        ) and error.message == field.field.default_error_messages.get(
            error.code, Field.default_error_messages.get(error.code)
        ):
            told.append(_what_to_do(field))
        else:
            told += [str(text) for text in error.messages]
    return [_with_label(text, str(field.label)) for text in told]


def _with_label(text: str, label: str) -> str:
    """An error that names its field: where the label is data, it is marked as the label itself is."""
    quiet = label[:1].lower() + label[1:]
    named = next((name for name in (label, quiet) if name in text), "")
    if get_language() == "vi" or not named:
        return text
    before, _name, after = text.partition(named)
    return format_html("{}{}{}", before, vi(named), after)


def _what_to_do(field: BoundField) -> str:
    label = str(field.label)
    if label.endswith("?") or label.startswith("Ông/bà "):
        return _("Trả lời câu hỏi “%(label)s”") % {"label": label}
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return _("Đánh dấu vào ô “%(label)s”") % {"label": label}
    if isinstance(widget, forms.FileInput):
        return _("Chọn tệp: %(label)s") % {"label": label}
    # A name or an abbreviation keeps its capitals, a sentence loses its first one.
    quiet = {"label": label if label[1:2].isupper() else label[:1].lower() + label[1:]}
    if isinstance(widget, forms.widgets.ChoiceWidget):
        return _("Chọn %(label)s") % quiet
    return _("Nhập %(label)s") % quiet


@register.simple_tag
def form_problems(form: forms.BaseForm) -> list[dict[str, str]]:
    """What must be put right, in the order of the form: `anchor` (empty for the whole form) and `text`."""
    problems = [{"anchor": "", "text": str(text)} for text in form.non_field_errors()]
    for field in form:
        problems += [
            {"anchor": "" if field.is_hidden else field_anchor(field), "text": str(text)}
            for text in field_errors(field)
        ]
    return problems
