"""Finding a procedure: the search with its filters, and the situations in life."""

from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from config.formats import dong, vnd
from config.paging import KnownPaginator
from config.ui import retold, vi
from danhmuc.models import ChargeRule, LifeEvent, Procedure, ProcedureVersion
from portal.forms.search import SearchForm
from portal.services import catalogue, figures, search
from portal.views.base import PublicMixin

PAGE = 20
LONGEST_NAME = 220


class ProcedureList(PublicMixin, TemplateView):
    """Search and browse: twenty a page, filters beside. The script asks for the results alone while one types."""

    template_name = "portal/procedures.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, or the part that changes."""
        if request.headers.get("X-Part") == "ket-qua":
            self.template_name = "portal/procedures_found.html"
        answer = self.render_to_response(self.get_context_data(**kwargs))
        answer["Vary"] = "X-Part, Cookie"
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The page of results with what everyday words mean; ways on when there are none."""
        wanted, form = SearchForm.read(self.request.GET)
        text = " ".join(str(wanted.get("q") or "").split())
        found = search.find(text, wanted)
        counts = search.counts(found.procedures) if text else {}
        pages = KnownPaginator(found.procedures, PAGE, known=counts.get("all"))
        page = pages.get_page(self.request.GET.get("page"))
        prefetch = Prefetch("current__charge_rules", queryset=ChargeRule.objects.order_by("pk"))
        page.object_list = list(page.object_list.prefetch_related(prefetch))  # type: ignore[attr-defined]
        nothing = not page.object_list
        title = _("Tìm thủ tục: %(text)s") % {"text": text} if text else _("Tìm thủ tục")
        return super().get_context_data(
            form=form,
            text=text,
            page=page,
            status=_status(page.paginator.count, bool(text)),
            rows=[row(p) for p in page.object_list],
            found=found,
            counts=_counted(counts) if counts and not nothing else "",
            fields=search.near_fields(text) if nothing else [],
            used=figures.most_used() if nothing else [],
            title=title,
            **kwargs,
        )


def _counted(counts: dict[str, int]) -> str:
    """How many of them can be done from home, the ways that none has left out; nothing when there are none."""
    told = [
        words % {"n": dong(counts[key])}
        for key, words in (
            ("online_4", _("%(n)s nộp trực tuyến toàn trình")),
            ("online_3", _("%(n)s trực tuyến một phần")),
            ("post_pickup", _("%(n)s nhận hồ sơ tại nhà")),
        )
        if counts[key]
    ]
    return _("Trong đó %(what)s.") % {"what": ", ".join(told)} if told else ""


def _status(count: int, asked: bool) -> str:
    if not count:
        return _("Không có thủ tục nào phù hợp.")
    words = (
        ngettext(
            "%(n)s thủ tục phù hợp, xếp theo mức độ liên quan.",
            "%(n)s thủ tục phù hợp, xếp theo mức độ liên quan.",
            count,
        )
        if asked
        else ngettext("%(n)s thủ tục.", "%(n)s thủ tục.", count)
    )
    return words % {"n": dong(count)}


def row(procedure: Procedure) -> dict[str, Any]:
    """One result."""
    version = procedure.current
    if version is None:
        return {
            "procedure": procedure,
            "name": short_name(procedure.name),
            "theirs": False,
            "online": None,
            "post": "",
            "facts": _dotted(vi(procedure.executing[:120].rstrip(".")), retold(procedure.time_text)),
        }
    post = version.postal_intake_allowed or version.postal_return_allowed
    theirs = procedure.processing_system == Procedure.ProcessingSystem.MINISTRY
    return {
        "procedure": procedure,
        "name": short_name(version.name),
        "online": level_tag(version),
        "theirs": theirs,
        "post": _("Có bưu chính công ích") if post else "",
        "facts": _dotted(
            vi(version.executing[:120].rstrip(".")),
            retold(version.limit),
            _("Phí, lệ phí: %(fee)s") % {"fee": fee_text(version)},
        ),
    }


def _dotted(*facts: str) -> SafeString:
    return format_html_join("\u00a0· ", "{}", ((fact,) for fact in facts if fact))


def short_name(name: str) -> str:
    """A name as lists show it: without the words every name could begin with, cut where it fills a paragraph."""
    short = name.removeprefix("Thủ tục ").strip()
    return Truncator(short[:1].upper() + short[1:]).chars(LONGEST_NAME)


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
        return _("do Hội đồng nhân dân tỉnh quy định") if local else _("không thu")
    if len(amounts) == 1:
        return vnd(amounts[0])
    return _("từ %(least)s đến %(most)s") % {"least": vnd(amounts[0]), "most": vnd(amounts[-1])}


class LifeEventPage(PublicMixin, TemplateView):
    """The procedures of a situation in life, in the order one needs them."""

    template_name = "portal/life_event.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Steps whose procedure the catalogue holds."""
        event = LifeEvent.objects.filter(key=kwargs["key"], is_removed=False).first()
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
                "name": short_name(procedure.current.name if procedure.current else procedure.name),
                "url": reverse("portal:procedure", kwargs={"code": procedure.code}),
                "line": s.get("line", ""),
                "when": s.get("when", ""),
                "by": s.get("handled_by", ""),
                "optional": bool(s.get("optional")),
            }
            for s in event.steps
            if (procedure := known.get(s["code"]))
        ]
        others = LifeEvent.objects.filter(is_removed=False, kind=event.kind).exclude(pk=event.pk)
        return super().get_context_data(event=event, steps=steps, others=others[:20], **kwargs)


class LifeEvents(PublicMixin, TemplateView):
    """Every situation, for people and for those in business."""

    template_name = "portal/life_events.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """In two groups, in the order they are kept in."""
        rows = list(LifeEvent.objects.filter(is_removed=False)[:100])
        groups = [
            (_("Trong đời sống"), tiles(e for e in rows if e.kind != "business")),
            (_("Trong kinh doanh"), tiles(e for e in rows if e.kind == "business")),
        ]
        return super().get_context_data(groups=[g for g in groups if g[1]], **kwargs)


#: Situations in life with the icon each has in the design.
ICONS = {
    "sinh_con": "birth",
    "ket_hon": "rings",
    "nguoi_than_qua_doi": "heart",
    "con_di_hoc": "document",
    "xay_nha": "house",
    "mua_ban_dat": "land",
    "tuoi_gia": "user",
    "kho_khan": "group",
    "nguoi_co_cong": "star",
    "mat_viec": "briefcase",
    "mo_ho_kinh_doanh": "shop",
    "mo_quan_an": "shop",
}


def tiles(events: Any) -> list[dict[str, str]]:
    """Situations as the tiles of a page."""
    return [
        {
            "title": e.title,
            "summary": e.summary,
            "icon": ICONS.get(e.key, "list"),
            "url": reverse("portal:life_event", kwargs={"key": e.key}),
        }
        for e in events
    ]
