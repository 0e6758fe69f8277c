"""The officers' path through the pages: from a new submission to the result in the applicant's hand."""

from typing import Any

import pytest
from django.urls import reverse

from hoso.lifecycle import State
from hoso.models import AccessLog, Dossier, Payment
from tests.factories import World, draft, walk
from tests.page import Page, Visitor, text_of


def address(dossier: Dossier, name: str = "dossier") -> str:
    return reverse(f"hoso:{name}", args=[dossier.submission_ref])


def fields_of(page: Page) -> dict[str, Any]:
    """What a browser would send from the page's own form, as it stands."""
    form = page.one("//main//form[@method='post']")
    data: dict[str, Any] = {}
    for control in form.xpath(".//input | .//select | .//textarea"):
        name, kind = control.get("name"), control.get("type", "text")
        if not name or kind in {"submit", "file"}:
            continue
        if kind in {"checkbox", "radio"}:
            if control.get("checked") is not None:
                data.setdefault(name, [])
                data[name] = [*data[name], control.get("value", "on")]
        elif control.tag == "select":
            chosen = control.xpath(".//option[@selected]") or control.xpath(".//option")[:1]
            data[name] = chosen[0].get("value", "") if chosen else ""
        elif control.tag == "textarea":
            data[name] = (control.text or "").strip()
        else:
            data[name] = control.get("value", "")
    data.pop("csrfmiddlewaretoken", None)
    return data


def take(visit: Visitor, dossier: Dossier, step: str, user: Any, **typed: Any) -> Page:
    """Open the page of a step as this person, fill it in and send it."""
    url = address(dossier, step)
    page = visit(url, user, budget=45)
    return visit.post(url, fields_of(page) | typed, user)


def says(page: Page) -> str:
    return " ".join(text_of(note) for note in page.all("//*[contains(@class,'dv-note')]"))


@pytest.mark.django_db
def test_the_whole_path_by_pages(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "submit")
    home = visit(reverse("hoso:home"), w.desk_officer)
    assert dossier.submission_ref in home.html
    page = take(visit, dossier, "accept", w.desk_officer, eid_checked="on")
    assert "Đã tiếp nhận, mã hồ sơ H44.27-" in says(page)
    take(visit, dossier, "hand_over", w.desk_officer)
    take(visit, dossier, "sign_for", w.division_head)
    take(visit, dossier, "assign", w.division_head, assignee=w.case_officer.pk)
    take(visit, dossier, "finish_task", w.case_officer, result="Đủ điều kiện.")
    page = visit(address(dossier, "decide"), w.approver, budget=45)
    assert "Đủ điều kiện." in page.text
    take(visit, dossier, "decide", w.approver, body="Đã đăng ký khai sinh.")
    take(visit, dossier, "issue_result", w.clerk)
    take(visit, dossier, "sign_for", w.desk_officer)
    take(visit, dossier, "receive_papers", w.desk_officer, papers=["Giấy chứng sinh"])
    checked = {f"matches_{c.pk}": "yes" for c in w.version.components.exclude(is_eform=True)}
    take(visit, dossier, "check_papers", w.desk_officer, **checked)
    take(visit, dossier, "record_payment", w.cashier)
    page = take(visit, dossier, "complete", w.desk_officer)
    assert "Hồ sơ hoàn tất" in says(page)
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.state == State.COMPLETED
    assert Payment.objects.get(dossier=dossier).amount == 8000
    assert AccessLog.objects.filter(dossier=dossier, user=w.approver).exists()
