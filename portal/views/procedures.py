"""One procedure: everything required of its page (PT Art 5.1b), and its form to print."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from config.formats import two_digits, vnd
from config.ui import vi
from danhmuc.models import ChargeRule, Component, Procedure, ProcedureVersion
from danhmuc.services import resolvers_for
from portal.services import blank_forms, catalogue, drafts, prices, times
from portal.views.base import PublicMixin
from portal.views.finding import fee_text, level_tag

CHANNELS: dict[str, str | Promise] = {
    ChargeRule.Channel.ONLINE: gettext_lazy("Trực tuyến"),
    ChargeRule.Channel.POST: gettext_lazy("Bưu chính"),
    ChargeRule.Channel.COUNTER: gettext_lazy("Trực tiếp"),
}
AGENCIES = 12
_NUMBERED = re.compile(r"^\d+\.\s*")


class ProcedurePage(PublicMixin, TemplateView):
    """Everything required of a procedure page; of those that are only in the national index, what that knows."""

    version: ProcedureVersion | None = None

    def get_template_names(self) -> list[str]:
        """Full or index only."""
        return ["portal/procedure.html" if self.version else "portal/procedure_index.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The parts of the page."""
        procedure = get_object_or_404(
            Procedure.objects.select_related("field", "current").defer("search"), code=kwargs["code"]
        )
        self.version = procedure.current
        context = {
            "procedure": procedure,
            "version": self.version,
            "here": drafts.may_apply_here(procedure),
            "theirs": procedure.processing_system == Procedure.ProcessingSystem.MINISTRY,
            "national": drafts.NATIONAL_PORTAL,
            "crumb": [
                {"text": _("Trang chủ"), "url": "/"},
                {
                    "text": vi(procedure.field.name),
                    "url": f"{reverse('portal:procedures')}?field={procedure.field.code}",
                },
                {"text": _("Thủ tục"), "url": ""},
            ],
            "levels": [catalogue.LEVELS.get(level, level) for level in procedure.levels],
        }
        if self.version is not None:
            context |= self.full(procedure, self.version)
        return super().get_context_data(**context, **kwargs)

    def full(self, procedure: Procedure, version: ProcedureVersion) -> dict[str, Any]:
        """Papers, fees, prices of the post, agencies, the usual time."""
        resolvers = resolvers_for(version).only("key", "name")
        agencies = list(resolvers[: AGENCIES + 1])
        rules = list(version.charge_rules.order_by("pk"))
        return {
            "tag": level_tag(version),
            # The national index writes the day of a decision the machine's way.
            "decision": re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\3/\2/\1", version.decision),
            "post": _post(version),
            "fee": fee_text(version),
            "papers": [_paper(c) for c in version.components.all()],
            "fees": _fees(rules),
            "tariffs": prices.usual()
            if version.postal_intake_allowed or version.postal_return_allowed
            else [],
            "times": times.of(procedure, self.request.GET.get("noi", "")),
            "agencies": agencies[:AGENCIES],
            # A list of every commune says less than their number and where to choose one.
            "agency_count": resolvers.count() if len(agencies) > AGENCIES else len(agencies),
            "many_agencies": len(agencies) > AGENCIES,
            "can_apply": version.can_apply_online and not procedure.other_province,
            "has_form": blank_forms.has_form(version),
            "steps": [_NUMBERED.sub("", line) for line in _lines(version.steps_text)],
            "methods": [_method(line) for line in _lines(version.methods_text)],
            "conditions": _lines(version.conditions_text),
            "source": version.source.get("url", ""),
        }


class BlankFormFile(PublicMixin, View):
    """The form of a procedure to print and fill in by hand."""

    def get(self, request: HttpRequest, code: str) -> HttpResponseBase:
        """The PDF of the version in force; 404 where the catalogue has no form."""
        procedure = get_object_or_404(
            Procedure.objects.select_related("current").defer("search"), code=code, current__isnull=False
        )
        assert procedure.current is not None
        procedure.current.procedure = procedure
        try:
            pdf = blank_forms.pdf_of(procedure.current)
        except blank_forms.NoForm:
            raise Http404(_("Thủ tục này chưa có mẫu để tải.")) from None
        answer = HttpResponse(pdf, content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="mau-{code}.pdf"'
        answer["Cache-Control"] = "public, max-age=3600"
        return answer


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _method(line: str) -> dict[str, str]:
    """A way to apply: its name before the colon, time and fee after it."""
    name, colon, rest = line.partition(":")
    return {"name": name, "text": rest.strip().rstrip(".")} if colon else {"name": "", "text": line}


def _post(version: ProcedureVersion) -> str:
    if version.postal_intake_allowed and version.postal_return_allowed:
        return _("Nhận và trả qua bưu chính công ích")
    if version.postal_return_allowed:
        return _("Trả kết quả qua bưu chính công ích")
    return _("Nhận hồ sơ qua bưu chính công ích") if version.postal_intake_allowed else ""


def paper_counts(component: Component) -> str:
    """How many originals and copies, in words."""
    counts = []
    if component.originals:
        counts.append(_("%(n)s bản chính") % {"n": two_digits(component.originals)})
    if component.copies:
        counts.append(_("%(n)s bản sao") % {"n": two_digits(component.copies)})
    return ", ".join(counts)


def _paper(component: Component) -> dict[str, Any]:
    if component.from_database:
        how = _("Không phải nộp: cơ quan tự tra trong cơ sở dữ liệu")
    elif component.is_eform:
        how = _("Điền trên Cổng khi nộp trực tuyến")
    elif component.required:
        how = _("Bắt buộc khi nộp trực tuyến")
    elif component.kind == Component.Kind.PRESENT:
        how = _("Giấy tờ phải xuất trình")
    else:
        how = _("Giấy tờ phải nộp")
    return {
        "name": component.name,
        "case": component.case,
        "counts": paper_counts(component),
        "how": how,
        "is_form": component.is_eform,
    }


def _fees(rules: list[ChargeRule]) -> dict[str, Any]:
    """Charges as lines over the ways of applying that they name; a charge for every way fills all columns."""
    named = [channel for channel in CHANNELS if any(rule.channel == channel for rule in rules)]
    lines: dict[tuple[str, ...], dict[str, Any]] = {}
    for rule in rules:
        # "Lệ phí online" and "Lệ phí post" of the source are one charge over two ways.
        key = (rule.kind, rule.case, rule.per, rule.basis)
        line = lines.setdefault(
            key,
            {
                "name": _(rule.get_kind_display()) if rule.channel else rule.name,
                "case": rule.case,
                "per": rule.per,
                "basis": rule.basis,
                "suspect": False,
                "cells": dict.fromkeys(named, ""),
                "any": "",
            },
        )
        line["suspect"] = line["suspect"] or rule.suspect
        amount = _("do HĐND tỉnh quy định") if rule.set_locally and not rule.amount else vnd(rule.amount)
        for channel in [rule.channel] if rule.channel else named:
            line["cells"][channel] = "; ".join(filter(None, [line["cells"][channel], amount]))
        if not rule.channel and not named:
            line["any"] = "; ".join(filter(None, [line["any"], amount]))
    return {
        "columns": [CHANNELS[ChargeRule.Channel(channel)] for channel in named] or [_("Mọi cách nộp")],
        "lines": [
            line
            | {
                "cells": [
                    {"column": CHANNELS[ChargeRule.Channel(channel)], "text": text or "–"}
                    for channel, text in line["cells"].items()
                ]
                or [{"column": _("Mọi cách nộp"), "text": line["any"]}]
            }
            for line in lines.values()
        ],
    }
