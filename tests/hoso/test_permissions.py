"""Who may open what in the back office: address × person × answer. Another's dossier is not found; another's step is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from hoso.lifecycle import State
from hoso.models import AccessLog, Dossier
from tests.factories import World, dossier_at, draft, step, walk

pytestmark = pytest.mark.django_db

PEOPLE = (
    "desk_officer",
    "desk_head",
    "cashier",
    "case_officer",
    "division_head",
    "approver",
    "clerk",
    "supervisor",
    "other_desk_officer",
    "other_case_officer",
    "system_admin",
    "carrier",
    "coordinator",
    "citizen",
    "neighbour",
)
OFFICE = (
    "desk_officer",
    "desk_head",
    "cashier",
    "case_officer",
    "division_head",
    "approver",
    "clerk",
    "supervisor",
)
STRANGERS = ("other_desk_officer", "other_case_officer", "system_admin")
OUTSIDERS = ("carrier", "coordinator", "citizen", "neighbour")


def row(**statuses: int) -> dict[str, int]:
    """Statuses for everybody: officers of other places 404, people who are no officers 403, the rest as named."""
    given = dict.fromkeys(OFFICE, 403) | dict.fromkeys(STRANGERS, 404) | dict.fromkeys(OUTSIDERS, 403)
    return given | statuses


ALL_OFFICE = dict.fromkeys(OFFICE, 200)
DESK = {"desk_officer": 200, "desk_head": 200}
WORKING = {"case_officer": 200, "division_head": 200}

#: (page, where the dossier stands) → status for each person. A step is tried where somebody may take it.
PAGES: list[tuple[str, str, dict[str, int]]] = [
    ("dossier", "submit", row(**ALL_OFFICE)),
    ("dossier", "assign", row(**ALL_OFFICE)),
    ("dossier", "complete", row(**ALL_OFFICE)),
    ("control_slip", "accept", row(**ALL_OFFICE)),
    ("accept", "submit", row(**DESK)),
    ("ask_completion", "submit", row(**DESK)),
    ("refuse_intake", "submit", row(**DESK)),
    ("redirect", "submit", row(**DESK)),
    ("hand_over", "accept", row(**DESK, case_officer=302, division_head=302)),
    (
        "recall_handover",
        "hand_over",
        row(desk_officer=200, desk_head=302, case_officer=302, division_head=302),
    ),
    (
        "sign_for",
        "hand_over",
        row(division_head=200, case_officer=302, approver=302, clerk=302, desk_officer=302, desk_head=302),
    ),
    ("assign", "sign_for", row(division_head=200, approver=302)),
    ("finish_task", "assign", row(case_officer=200, division_head=302, approver=302)),
    ("return_task", "finish_task", row(approver=200, case_officer=302, division_head=302)),
    ("consult", "assign", row(case_officer=200, division_head=302)),
    ("verify_on_site", "assign", row(case_officer=200, division_head=302)),
    ("propose_hold", "assign", row(case_officer=200, division_head=302)),
    ("hold_financial", "assign", row(**DESK, **WORKING)),
    ("sign_hold", "assign", row(approver=302)),
    ("hold", "assign", row(desk_officer=302, desk_head=302)),
    ("extend", "assign", row(approver=200)),
    ("decide", "finish_task", row(approver=200)),
    ("issue_result", "decide", row(clerk=200)),
    ("complete", "issue_result", row(**DESK)),
    ("record_payment", "accept", row(**DESK, cashier=200)),
    ("decide_relief", "accept", row(desk_officer=302, desk_head=302, cashier=302)),
    ("decide_refund", "accept", row(approver=302)),
    ("give_refund_account", "accept", row(desk_officer=302, desk_head=302, cashier=302)),
    ("pay_refund", "accept", row(cashier=302)),
    ("replace_receipt", "accept", row(cashier=302)),
    ("receive_papers", "accept", row(**DESK)),
    ("check_papers", "accept", row(desk_officer=302, desk_head=302)),
    ("decide_paper_mismatch", "accept", row(approver=302)),
    ("amend", "accept", row(**DESK)),
    ("withdraw", "accept", row(**DESK)),
    ("void", "accept", row(desk_head=200)),
    ("urge", "accept", row(desk_head=200, supervisor=200)),
    ("report_error", "complete", row(**DESK)),
    ("finish_correction", "complete", row(approver=302)),
]


@pytest.mark.parametrize(("name", "until", "expected"), PAGES, ids=[f"{p[0]}-{p[1]}" for p in PAGES])
def test_pages_of_a_dossier(w: World, client: Any, name: str, until: str, expected: dict[str, int]) -> None:
    dossier = walk(w, draft(w), until)
    if until == "complete":
        assert dossier.state == State.COMPLETED
    url = reverse(f"hoso:{name}", args=[dossier.submission_ref])
    got = {}
    for who in PEOPLE:
        client.force_login(getattr(w, who))
        got[who] = client.get(url).status_code
    assert got == expected
    client.logout()
    answer = client.get(url)
    assert answer.status_code == 302
    assert answer.url.startswith("/dang-nhap/?next=/mot-cua/")


@pytest.mark.parametrize("who", ["case_officer", "cashier", "supervisor", "clerk"])
def test_sending_a_step_that_is_not_ones_own_is_refused(w: World, client: Any, who: str) -> None:
    dossier = walk(w, draft(w), "submit")
    client.force_login(getattr(w, who))
    url = reverse("hoso:accept", args=[dossier.submission_ref])
    assert client.post(url, {"seen": dossier.last_seq, "eid_checked": "on"}).status_code == 403
    assert Dossier.objects.get(pk=dossier.pk).state == State.SUBMITTED


@pytest.mark.parametrize("who", [*STRANGERS, *OUTSIDERS])
def test_sending_to_anothers_dossier_changes_nothing(w: World, client: Any, who: str) -> None:
    dossier = walk(w, draft(w), "submit")
    client.force_login(getattr(w, who))
    url = reverse("hoso:accept", args=[dossier.submission_ref])
    expected = 404 if who in STRANGERS else 403
    assert client.post(url, {"seen": dossier.last_seq, "eid_checked": "on"}).status_code == expected
    client.post(reverse("hoso:bulk"), {"step": "sign_for", "hs": [dossier.submission_ref]})
    assert Dossier.objects.get(pk=dossier.pk).last_seq == dossier.last_seq


GENERAL: list[tuple[str, dict[str, int]]] = [
    ("home", dict.fromkeys((*OFFICE, *STRANGERS), 200) | dict.fromkeys(OUTSIDERS, 403)),
    ("search", dict.fromkeys((*OFFICE, *STRANGERS), 200) | dict.fromkeys(OUTSIDERS, 403)),
    (
        "reception",
        row(
            desk_officer=200, desk_head=200, other_desk_officer=200, other_case_officer=403, system_admin=403
        ),
    ),
    ("register", row(**ALL_OFFICE, other_desk_officer=200, other_case_officer=200, system_admin=403)),
    (
        "handovers",
        row(**ALL_OFFICE)
        | {"supervisor": 403, "other_desk_officer": 200, "other_case_officer": 200, "system_admin": 403},
    ),
]


@pytest.mark.parametrize(("name", "expected"), GENERAL, ids=[g[0] for g in GENERAL])
def test_pages_of_the_office(w: World, client: Any, name: str, expected: dict[str, int]) -> None:
    got = {}
    for who in PEOPLE:
        client.force_login(getattr(w, who))
        got[who] = client.get(reverse(f"hoso:{name}")).status_code
    assert got == expected
    client.logout()
    assert client.get(reverse(f"hoso:{name}")).status_code == 302


def test_files_and_papers_are_as_closed_as_their_dossier(w: World, client: Any) -> None:
    dossier = walk(w, draft(w), "accept")
    urls = [
        reverse("hoso:paper", args=[dossier.papers.get(kind="acceptance_slip").pk]),
        reverse("hoso:document", args=[dossier.documents.get(kind="upload").pk]),
    ]
    for who in STRANGERS:
        client.force_login(getattr(w, who))
        assert [client.get(url).status_code for url in urls] == [404, 404], who
    for who in OUTSIDERS:
        client.force_login(getattr(w, who))
        assert [client.get(url).status_code for url in urls] == [403, 403], who
    client.force_login(w.case_officer)
    slip = client.get(urls[0])
    assert slip.status_code == 200
    assert b"".join(slip.streaming_content).startswith(b"%PDF")
    assert AccessLog.objects.filter(user=w.case_officer, dossier=dossier, what="mở giấy tờ").exists()


def test_the_asked_agency_sees_the_dossier_from_then_on(w: World, client: Any) -> None:
    dossier = walk(w, draft(w), "assign")
    url = reverse("hoso:dossier", args=[dossier.submission_ref])
    client.force_login(w.other_case_officer)
    assert client.get(url).status_code == 404
    facts = {
        "agency": w.other_commune,
        "content": "Xác minh cư trú",
        "due_at": timezone.now() + timedelta(days=3),
    }
    step(w, dossier, "consult", "case_officer", facts)
    assert client.get(url).status_code == 200


def test_a_draft_is_its_writers_alone(w: World, client: Any) -> None:
    dossier = dossier_at(w, State.DRAFT)
    for who in OFFICE:
        client.force_login(getattr(w, who))
        assert client.get(reverse("hoso:dossier", args=[dossier.submission_ref])).status_code == 404


def test_every_opening_by_staff_is_kept(w: World, client: Any) -> None:
    dossier = walk(w, draft(w), "submit")
    client.force_login(w.supervisor)
    client.get(reverse("hoso:dossier", args=[dossier.submission_ref]))
    assert AccessLog.objects.get(dossier=dossier, user=w.supervisor).what == "mở hồ sơ"
