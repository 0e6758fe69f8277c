"""Draws form controls. Selects of hundreds of places, peoples or sectors are written directly: a template an option
took most of the time of a page that has one.
"""

from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe


class Renderer(DjangoTemplates):
    """Django's renderer with a short way for selects; the HTML is the same."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """The HTML of one widget."""
        if template_name == "django/forms/widgets/select.html":
            return _select(context["widget"])
        return super().render(template_name, context, request)


def _select(widget: dict[str, Any]) -> SafeString:
    parts: list[str] = []
    for group, options, _ in widget["optgroups"]:
        if group:
            parts.append(format_html('<optgroup label="{}">', group))
        for option in options:
            value, label = conditional_escape(str(option["value"])), conditional_escape(option["label"])
            parts.append(f'<option value="{value}"{_attributes(option["attrs"])}>{label}</option>')
        if group:
            parts.append("</optgroup>")
    name = conditional_escape(widget["name"])
    # Every piece was escaped above.
    return mark_safe(f'<select name="{name}"{_attributes(widget["attrs"])}>{"".join(parts)}</select>')


def _attributes(attrs: dict[str, Any]) -> str:
    """Attributes as Django's own template writes them: True stands alone, False is left out."""
    written = []
    for name, value in attrs.items():
        if value is True:
            written.append(f" {name}")
        elif value is not False:
            written.append(f' {name}="{conditional_escape(str(value))}"')
    return "".join(written)
