"""Finding and reading procedures."""

import re
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView

from config.formats import two_digits, vnd
from danhmuc.models import ChargeRule, Component, LifeEvent, PostalTariff, Procedure, ProcedureVersion
from danhmuc.services import resolvers_for
from portal.forms.search import SearchForm
from portal.services import catalogue, drafts
from portal.views.base import PublicMixin

PAGE = 20
SCOPES = {
    "noi_huyen": "Trong địa bàn",
    "lien_huyen": "Trong tỉnh",
    "lien_tinh_noi_vung": "Tỉnh khác, cùng vùng",
    "lien_tinh_lien_vung": "Tỉnh khác, vùng khác",
}


class ProcedureList(PublicMixin, TemplateView):
    """Search and browse: twenty a page, filters beside."""

    template_name = "portal/procedures.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page of results with what everyday words mean."""
        wanted, form = SearchForm.read(self.request.GET)
        text = str(wanted.get("q") or "")
        found = catalogue.find(text, wanted)
        page = Paginator(found.procedures, PAGE).get_page(self.request.GET.get("page"))
        prefetch = Prefetch("current__charge_rules", queryset=ChargeRule.objects.order_by("pk"))
        page.object_list = list(page.object_list.prefetch_related(prefetch))  # type: ignore[attr-defined]
        return super().get_context_data(
            form=form,
            text=text,
            page=page,
            rows=[row(p) for p in page.object_list],
            notes=found.notes,
            life_events=found.life_events,
            title=f"Tìm thủ tục: {text}" if text else "Tìm thủ tục",
            **kwargs,
        )


def row(procedure: Procedure) -> dict[str, Any]:
    """One result."""
    version = procedure.current
    if version is None:
        return {
            "procedure": procedure,
            "name": procedure.name,
            "online": None,
            "post": "",
            "facts": " · ".join(filter(None, [procedure.executing[:120], procedure.time_text])),
        }
    post = version.postal_intake_allowed or version.postal_return_allowed
    return {
        "procedure": procedure,
        "name": version.name,
        "online": level_tag(version),
        "post": "Có bưu chính công ích" if post else "",
        "facts": " · ".join(
            [version.executing[:120], str(version.limit), f"Phí, lệ phí: {fee_text(version)}"]
        ),
    }


def level_tag(version: ProcedureVersion) -> dict[str, Any]:
    """Words and class of the service level."""
    return {
        "text": catalogue.ONLINE[version.online_level],
        "css": "dv-level--4" if version.online_level >= ProcedureVersion.OnlineLevel.FULL else "",
    }


def fee_text(version: ProcedureVersion) -> str:
    """The fees in one phrase: nothing, one amount, or from–to."""
    amounts = sorted({rule.amount for rule in version.charge_rules.all() if rule.amount})
    if not amounts:
        local = any(rule.set_locally for rule in version.charge_rules.all())
        return "do Hội đồng nhân dân tỉnh quy định" if local else "không thu"
    return vnd(amounts[0]) if len(amounts) == 1 else f"từ {vnd(amounts[0])} đến {vnd(amounts[-1])}"


class ProcedurePage(PublicMixin, TemplateView):
    """Everything required of a procedure page (PT Art 5.1b); of others what the national index knows."""

    def get_template_names(self) -> list[str]:
        """Full or index only."""
        return ["portal/procedure.html" if self.version else "portal/procedure_index.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The parts of the page."""
        procedure = get_object_or_404(
            Procedure.objects.select_related("field", "current").defer("search"), code=kwargs["code"]
        )
        self.version = procedure.current
        here = drafts.may_apply_here(procedure)
        context = {
            "procedure": procedure,
            "version": self.version,
            "here": here,
            "national": drafts.NATIONAL_PORTAL,
            "crumb": [
                {"text": "Trang chủ", "url": "/"},
                {
                    "text": procedure.field.name,
                    "url": f"{reverse('portal:procedures')}?field={procedure.field.code}",
                },
                {"text": "Thủ tục", "url": ""},
            ],
            "levels": [catalogue.LEVELS.get(level, level) for level in procedure.levels],
        }
        if self.version is not None:
            context |= self.full(procedure, self.version)
        return super().get_context_data(**context, **kwargs)

    def full(self, procedure: Procedure, version: ProcedureVersion) -> dict[str, Any]:
        """Papers, fees, prices of the post, agencies, the usual time."""
        agencies = list(resolvers_for(version).values_list("name", flat=True)[:13])
        return {
            "tag": level_tag(version),
            # The national index writes the day of a decision the machine's way.
            "decision": re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\3/\2/\1", version.decision),
            "post": _post(version),
            "fee": fee_text(version),
            "papers": [_paper(c) for c in version.components.all()],
            "fees": list(version.charge_rules.order_by("channel", "pk")),
            "tariffs": _tariffs() if version.postal_intake_allowed or version.postal_return_allowed else [],
            "usual": catalogue.usual_time(version),
            "agencies": agencies[:12],
            "more_agencies": len(agencies) > 12,
            "can_apply": version.can_apply_online,
            "steps": [line for line in version.steps_text.split("\n") if line.strip()],
            "methods": [line for line in version.methods_text.split("\n") if line.strip()],
            "conditions": [line for line in version.conditions_text.split("\n") if line.strip()],
        }


def _post(version: ProcedureVersion) -> str:
    if version.postal_intake_allowed and version.postal_return_allowed:
        return "Nhận và trả qua bưu chính công ích"
    if version.postal_return_allowed:
        return "Trả kết quả qua bưu chính công ích"
    return "Nhận hồ sơ qua bưu chính công ích" if version.postal_intake_allowed else ""


def _paper(component: Component) -> dict[str, Any]:
    counts = []
    if component.originals:
        counts.append(f"{two_digits(component.originals)} bản chính")
    if component.copies:
        counts.append(f"{two_digits(component.copies)} bản sao")
    if component.from_database:
        how = "Không phải nộp: cơ quan tự tra trong cơ sở dữ liệu"
    elif component.is_eform:
        how = "Điền trên Cổng khi nộp trực tuyến"
    else:
        how = component.get_kind_display() if not component.required else "Bắt buộc khi nộp trực tuyến"
    return {"name": component.name, "case": component.case, "counts": ", ".join(counts), "how": how}


def _tariffs() -> list[dict[str, Any]]:
    """The usual bracket of the price list, one row a distance."""
    prices: dict[str, dict[str, int]] = {}
    for line in PostalTariff.objects.filter(weight_from=0, scope__in=SCOPES, valid_to=None):
        prices.setdefault(line.scope, {})[line.service] = line.price
    return [
        {
            "scope": words,
            "send": prices[scope].get("nhan_gui_ho_so"),
            "back": prices[scope].get("chuyen_tra_ket_qua"),
        }
        for scope, words in SCOPES.items()
        if scope in prices
    ]


class LifeEventPage(PublicMixin, TemplateView):
    """The procedures of a situation in life, in the order one needs them."""

    template_name = "portal/life_event.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Steps whose procedure the catalogue holds."""
        event = LifeEvent.objects.filter(key=kwargs["key"]).first()
        if event is None:
            raise Http404
        known = {
            p.code: p
            for p in Procedure.objects.filter(code__in=[s["code"] for s in event.steps])
            .select_related("current")
            .defer("search", "current__eform")
        }
        steps = [
            {
                "name": known[s["code"]].name
                if known[s["code"]].current is None
                else known[s["code"]].current.name,  # type: ignore[union-attr]
                "url": reverse("portal:procedure", kwargs={"code": s["code"]}),
                "line": s.get("line", ""),
                "when": s.get("when", ""),
                "by": s.get("handled_by", ""),
                "optional": bool(s.get("optional")),
            }
            for s in event.steps
            if s["code"] in known
        ]
        return super().get_context_data(event=event, steps=steps, **kwargs)
