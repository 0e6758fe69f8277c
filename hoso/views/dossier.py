"""One dossier as an officer sees it: papers on the left, everything known and everything one may do on the right."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from config.formats import vndate, vndatetime
from danhmuc.models import User
from danhmuc.worktime import counting_since
from hoso.lifecycle import State
from hoso.models import Document
from hoso.services import answers, clocks, dossiers
from hoso.services.case import Case
from hoso.views import amend, intake, money, panels, processing, results
from hoso.views.base import DossierView, StepView, others_reading
from hoso.views.reach import reach_of
from hoso.views.rows import time_left

#: Every step with a page, in the order of its button: what moves the dossier on comes first.
STEP_VIEWS: dict[str, type[StepView]] = {
    view.step: view
    for _, view in (*intake.STEPS, *processing.STEPS, *results.STEPS, *money.STEPS, *amend.STEPS)
}
MAIN = (
    "sign_for",
    "sign_hold",
    "hold",
    "resume",
    "decide",
    "assign",
    "finish_task",
    "issue_result",
    "complete",
    "accept",
    "resubmit",
    "hand_over",
    "check_papers",
    "decide_relief",
    "decide_refund",
    "pay_refund",
    "record_payment",
)
_SHOWN_INLINE = {"application/pdf": "pdf", "image/jpeg": "image", "image/png": "image"}


class DossierPage(DossierView):
    """The page of one dossier; every opening is kept in the reading log."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Everything about it, each part read once."""
        dossier = self.get_dossier()
        if dossier.state == State.DRAFT:  # the officer's own, begun at the counter
            return HttpResponseRedirect(f"{reverse('hoso:reception')}?nhap={dossier.submission_ref}")
        case = Case(dossier, law=reach_of(self.officer).law)
        case.read_whole()
        others = others_reading(dossier, self.officer)
        self.note_reading(dossier, "mở hồ sơ")
        now = timezone.now()
        shown = viewer(case, request.GET.get("tep", ""))
        context = {
            "dossier": dossier,
            "buttons": buttons(case, self.officer),
            "others": others,
            "viewer": shown,
            # What is to be judged first lies open: the answers before acceptance, and where there is no file to read.
            "answers_open": dossier.accepted_at is None or shown["document"] is None,
            "clock": clock_card(case, now),
            "facts": panels.facts(dossier, case),
            "sections": answers.display(dossier.version, dossier.answers) if dossier.answers else [],
            "checklist": panels.checklist(case),
            "stages": panels.stages(case),
            "timeline": panels.timeline(case),
            "log": panels.custody(case),
            "notices": panels.notices_of(case),
            "money": panels.money(case),
            "requests": panels.requests_of(case),
            "papers": panels.papers_of(case),
            "corrections": case.corrections,
            "amendment": case.amendment,
            "letters": {
                "all": len(case.letters),
                "unread": sum(theirs and read_at is None for theirs, read_at in case.letters),
            },
        }
        return render(request, "hoso/dossier.html", context)


def buttons(case: Case, user: User) -> list[dict[str, Any]]:
    """The steps this officer may take now, the one that moves the dossier on first; one main button at most."""
    found = {name for name, _ in dossiers.steps_for(case.dossier, user, case) if name in STEP_VIEWS}
    places = (*MAIN, *STEP_VIEWS)
    made, main_given, keys = [], False, set()
    for name in sorted(found, key=places.index):
        view = STEP_VIEWS[name]
        style = view.style
        if style == "primary":
            style = "outline-primary" if main_given else "primary"
            main_given = True
        key = view.key if view.key not in keys else ""
        keys.add(key)
        made.append(
            {
                "label": view.title or dossiers.label_of(name),
                "url": reverse(f"hoso:{name}", args=[case.dossier.submission_ref]),
                "style": style,
                "icon": view.icon,
                "key": key,
            }
        )
    return made


def viewer(case: Case, wanted: str) -> dict[str, Any]:
    """Tabs of the current files and the one being read: the one asked for, else the first that can be shown."""
    current = [d for d in case.current_documents if d.virus_check != Document.Verdict.INFECTED]
    chosen = next((d for d in current if str(d.pk) == wanted), None) or next(
        (d for d in current if d.media_type in _SHOWN_INLINE), next(iter(current), None)
    )
    tabs = [
        {
            "text": f"{number}. {_short(document.title or document.name)}",
            "url": f"?tep={document.pk}",
            "icon": "stamp" if document.kind in {"result", "draft_result"} else "document",
            "current": document is chosen,
        }
        for number, document in enumerate(current, start=1)
    ]
    shown = None
    if chosen is not None:
        shown = {
            "url": panels.document_url(chosen),
            "name": chosen.name,
            "kind": _SHOWN_INLINE.get(chosen.media_type, "other"),
            "size": chosen.size,
        }
    return {"tabs": tabs, "document": shown, "meta": chosen}


def _short(text: str, most: int = 26) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def clock_card(case: Case, now: datetime) -> dict[str, Any]:
    """The clock with its explanation, line by line (domain §8.9)."""
    dossier = case.dossier
    if dossier.accepted_at is None:
        left, note = time_left(dossier, now, case.law)
        return {
            "promise": "",
            "title": note or dossier.get_state_display(),
            "percent": 0,
            "level": (left or {}).get("level", "off"),
            "left": left,
            "note": "Thời gian kiểm tra hồ sơ: 08 giờ làm việc.",
            "lines": [],
        }
    found = clocks.explain(dossier, case.events, at=now, law=case.law, now=now)
    left, _ = time_left(dossier, now, case.law, counting_since(found.lines, now))
    running = case.open_tasks[0] if case.open_tasks and dossier.state == State.PROCESSING else None
    notes = [found.used_text]
    if found.paused_since:
        notes.append(f"Tạm dừng từ {vndatetime(found.paused_since)}.")
    if dossier.original_due_at and dossier.due_at and dossier.original_due_at != dossier.due_at:
        notes.append(f"Hẹn lần đầu {vndate(dossier.original_due_at)}.")
    if running is not None and running.due_at:
        notes.append(f"Bước này đến {vndatetime(running.due_at)}.")
    if found.projected:
        notes.append("Có ngày nghỉ mới dự kiến, chưa có quyết định chính thức.")
    level = (left or {}).get("level", "off")
    return {
        "promise": vndatetime(dossier.due_at) if dossier.due_at else "",
        "title": f"Hẹn trả {vndatetime(dossier.due_at)}" if dossier.due_at else dossier.get_state_display(),
        "percent": found.percent,
        "level": level,
        "left": left,
        "note": " ".join(n if n.endswith(".") else f"{n}." for n in notes if n),
        "lines": found.lines,
    }
