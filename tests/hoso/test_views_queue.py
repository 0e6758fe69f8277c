"""The work queue: every list holds what it says, counters are exact, and the cost follows neither rows nor history."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from danhmuc.models import User
from hoso.lifecycle import State
from hoso.models import Dossier
from hoso.services.dossiers import advance
from hoso.views import queues
from tests.factories import ITEMS, World, dossier_at, draft, hold, step, walk
from tests.hoso.test_views_journey import says
from tests.page import Visitor

pytestmark = pytest.mark.django_db
HOME = "/mot-cua/"


def listed(user: User, key: str) -> set[str]:
    """References in a list, as a fresh request would see them."""
    reach = queues.reach_of(User.objects.get(pk=user.pk))
    queue = queues.BY_KEY[key]
    return set(queue.rows(reach).values_list("submission_ref", flat=True)) if queue.is_for(reach) else set()


def propose(w: World, dossier: Dossier) -> Dossier:
    return step(w, dossier, "propose_hold", "case_officer", {"items": ITEMS})


#: list, who reads it, how a dossier comes there.
PLACES: list[tuple[str, str, Any]] = [
    ("truc-tuyen-moi", "desk_officer", lambda w: walk(w, draft(w), "submit")),
    ("viec-cua-toi", "division_head", lambda w: walk(w, draft(w), "sign_for")),
    ("viec-cua-toi", "case_officer", lambda w: walk(w, draft(w), "assign")),
    ("cho-ky", "approver", lambda w: walk(w, draft(w), "finish_task")),
    ("cho-phat-hanh", "clerk", lambda w: walk(w, draft(w), "decide")),
    ("ky-nhan", "division_head", lambda w: walk(w, draft(w), "hand_over")),
    ("ky-nhan", "desk_officer", lambda w: walk(w, draft(w), "issue_result")),
    ("ky-bo-sung", "approver", lambda w: propose(w, walk(w, draft(w), "assign"))),
    (
        "gui-bo-sung",
        "desk_officer",
        lambda w: step(w, propose(w, walk(w, draft(w), "assign")), "sign_hold", "approver"),
    ),
    (
        "da-bo-sung",
        "desk_officer",
        lambda w: advance(
            dossier_at(w, State.ON_HOLD).pk, "answer_supplement", by=w.citizen, answers={1: {"text": "Đây"}}
        ),
    ),
    (
        "doi-chieu",
        "desk_officer",
        lambda w: step(w, walk(w, draft(w), "accept"), "receive_papers", "desk_officer", {"papers": []}),
    ),
    ("cho-ban-giay", "desk_officer", lambda w: walk(w, draft(w), "accept")),
    ("cho-tra", "desk_officer", lambda w: walk(w, draft(w), "issue_result")),
    ("thu-phi", "cashier", lambda w: walk(w, draft(w), "accept")),
    ("dang-giai-quyet", "supervisor", lambda w: walk(w, draft(w), "accept")),
    ("cho-hoan-thien", "desk_officer", lambda w: dossier_at(w, State.INTAKE_HOLD)),
    ("cho-bo-sung", "case_officer", lambda w: dossier_at(w, State.ON_HOLD)),
]


@pytest.mark.parametrize(("key", "who", "make"), PLACES, ids=[f"{p[0]}-{p[1]}" for p in PLACES])
def test_a_dossier_is_in_the_list_of_whoever_must_act(
    w: World, visit: Visitor, key: str, who: str, make: Any
) -> None:
    dossier = make(w)
    user = getattr(w, who)
    assert dossier.submission_ref in listed(user, key)
    page = visit(f"{HOME}?muc={key}", user)
    assert dossier.submission_ref in page.html
    assert "1 hồ sơ, xếp theo hạn" in page.text
    for stranger in (w.other_desk_officer, w.other_case_officer, w.system_admin):
        assert not listed(stranger, key)


def test_late_and_soon(w: World, at: Any) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "assign")
    ref = dossier.submission_ref
    assert not listed(w.case_officer, "sap-den-han")
    at("2026-10-12 08:00")
    assert listed(w.case_officer, "sap-den-han") == {ref}
    at("2026-10-13 08:00")
    assert listed(w.case_officer, "qua-han") == listed(w.desk_head, "qua-han") == {ref}
    assert not listed(w.case_officer, "sap-den-han")
    hold(w, walk(w, draft(w), "assign"))
    at("2026-11-30 08:00")
    assert listed(w.desk_officer, "het-han-bo-sung")
    assert listed(w.desk_officer, "qua-han") == {ref}


def test_on_its_first_day_a_dossier_has_its_whole_limit_and_not_more(
    w: World, visit: Visitor, at: Any
) -> None:
    """The day of acceptance does not count (C3), so a limit of five days is not announced as six."""
    at("2026-10-05 07:10")
    dossier = walk(w, draft(w), "accept")
    days = dossier.version.time_value
    whole = f"Còn {days} ngày làm việc"
    assert whole in visit(f"{HOME}?muc=dang-giai-quyet", w.desk_officer).text
    assert whole in visit(reverse("hoso:dossier", args=[dossier.submission_ref]), w.desk_officer).text


def test_counters_are_exact_and_one_query(w: World) -> None:
    for until in ("submit", "submit", "accept", "assign", "issue_result"):
        walk(w, draft(w), until)
    hold(w, walk(w, draft(w), "assign"))
    for who in (
        "desk_officer",
        "case_officer",
        "approver",
        "supervisor",
        "clerk",
        "cashier",
        "division_head",
    ):
        reach = queues.reach_of(User.objects.get(pk=getattr(w, who).pk))
        with CaptureQueriesContext(connection) as captured:
            counted = queues.counts(reach)
        assert len(captured) == 1
        for queue in queues.queues_of(reach):
            assert counted.get(queue.key, 0) == queue.rows(reach).count(), (who, queue.key)
    assert queues.counts(reach) is counted


@pytest.mark.parametrize("who", ["desk_officer", "case_officer", "supervisor"])
def test_the_cost_of_a_list_does_not_grow_with_its_rows(w: World, visit: Visitor, who: str) -> None:
    def cost() -> dict[str, int]:
        user = getattr(w, who)
        urls = [
            f"{HOME}?muc=dang-giai-quyet",
            reverse("hoso:search") + "?q=nguyen+thi",
            reverse("hoso:register"),
        ]
        if who != "supervisor":
            urls.append(reverse("hoso:handovers"))
        return {url: len(visit(url, user).queries) for url in urls}

    for _ in range(2):
        walk(w, draft(w), "assign")
    before = cost()
    for number in range(18):
        walk(w, draft(w), "assign" if number % 2 else "hand_over")
    after = cost()
    assert after == before


def test_the_cost_of_a_dossier_does_not_grow_with_its_history(w: World, visit: Visitor) -> None:
    short = walk(w, draft(w), "assign")
    long = walk(w, draft(w), "assign")
    for _ in range(6):
        long = step(w, long, "urge", "supervisor", {"note": "Đề nghị giải quyết sớm."})
    pages = [
        visit(reverse("hoso:dossier", args=[d.submission_ref]), w.case_officer, budget=45)
        for d in (short, long)
    ]
    assert len(pages[0].queries) == len(pages[1].queries)


def test_filters_narrow_and_can_be_left(w: World, visit: Visitor) -> None:
    kept = walk(w, draft(w), "submit")
    names = {"owner_name": "Hoàng Văn Bình", "submitter_name": "Hoàng Văn Bình"}
    gone = walk(w, draft(w, **names), "submit")
    page = visit(f"{HOME}?muc=truc-tuyen-moi&chu=thanh+huong", w.desk_officer)
    assert kept.submission_ref in page.html
    assert gone.submission_ref not in page.html
    assert f"{HOME}?muc=truc-tuyen-moi" in page.links
    page = visit(f"{HOME}?muc=truc-tuyen-moi&kenh=counter", w.desk_officer)
    assert "Không còn hồ sơ trực tuyến nào" in page.text
    visit(f"{HOME}?muc=khong-co&linh_vuc=abc&trang=999", w.desk_officer)


def test_many_at_once_each_with_its_own_outcome(w: World, visit: Visitor) -> None:
    good, other = walk(w, draft(w), "hand_over"), walk(w, draft(w), "hand_over")
    late = walk(w, draft(w), "sign_for")
    chosen = [d.submission_ref for d in (good, other, late)]
    data = {"step": "sign_for", "hs": chosen, "back": f"{HOME}?muc=ky-nhan"}
    page = visit.post(reverse("hoso:bulk"), data, w.division_head)
    assert "Đã ký nhận 2 hồ sơ." in says(page)
    assert "Không có bàn giao nào đang chờ ký nhận" in says(page)
    assert not listed(w.division_head, "ky-nhan")
    page = visit.post(
        reverse("hoso:bulk"), {"step": "sign_for", "back": "https://example.com/"}, w.division_head
    )
    assert "Đánh dấu ít nhất một hồ sơ" in says(page)
    assert page.h1 == "Hộp việc"
    assert (
        visit.client(w.division_head).post(reverse("hoso:bulk"), {"step": "void", "hs": chosen}).status_code
        == 403
    )


@pytest.mark.parametrize("name", ["hoso:bulk", "hoso:shortcuts"])
def test_going_back_to_a_button_shows_the_page_it_stands_on(w: World, visit: Visitor, name: str) -> None:
    w.desk_officer.refresh_from_db()
    keys = w.desk_officer.shortcut_keys
    assert visit(reverse(name), w.desk_officer, follow=True).h1 == "Hộp việc"
    w.desk_officer.refresh_from_db()
    assert w.desk_officer.shortcut_keys == keys


def test_the_desk_hands_over_many(w: World, visit: Visitor) -> None:
    dossiers = [walk(w, draft(w), "accept") for _ in range(3)]
    data = {"step": "hand_over", "hs": [d.submission_ref for d in dossiers], "back": HOME}
    page = visit.post(reverse("hoso:bulk"), data, w.desk_officer)
    assert "3 hồ sơ" in says(page)
    assert len(listed(w.division_head, "ky-nhan")) == 3


def test_search_finds_by_everything_and_only_ones_own(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "accept")
    for words in (
        dossier.code,
        dossier.submission_ref,
        "thanh huong",
        "Hương",
        w.citizen.personal_id,
        "09120",
    ):
        page = visit(reverse("hoso:search") + f"?q={words}", w.desk_officer)
        assert dossier.submission_ref in page.html, words
    page = visit(reverse("hoso:search") + f"?q={dossier.code}", w.other_desk_officer)
    assert "Không có hồ sơ nào khớp" in page.text
    visit(reverse("hoso:search"), w.desk_officer)
    visit(reverse("hoso:search") + "?q=%00%27%29%3B--", w.desk_officer, follow=True)


def test_the_register_lists_what_was_accepted(w: World, visit: Visitor, at: Any) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "accept")
    page = visit(reverse("hoso:register"), w.desk_officer)
    assert dossier.code in page.text
    page = visit(reverse("hoso:register") + "?tu=01/09/2026&den=2026-09-30", w.desk_officer)
    assert "Không có hồ sơ tiếp nhận" in page.text
    visit(reverse("hoso:register") + "?tu=99&quay=abc", w.desk_officer)
    assert dossier.code not in visit(reverse("hoso:register"), w.other_desk_officer).text


def test_handover_book_shows_both_directions(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "hand_over")
    url = reverse("hoso:handovers")
    assert dossier.submission_ref in visit(url, w.division_head).html
    page = visit(url, w.desk_officer)
    assert "Đã giao, bên nhận chưa ký (1)" in page.text
    step(w, dossier, "sign_for", "division_head")
    assert "Đã ký nhận trong 7 ngày (1)" in visit(url, w.desk_officer).text


def test_letter_keys_can_be_switched_off(w: World, visit: Visitor) -> None:
    assert not visit(HOME, w.desk_officer).all("//body[@data-keys='off']")
    page = visit.post(reverse("hoso:shortcuts"), {}, w.desk_officer)
    assert page.all("//body[@data-keys='off']")
    assert page.button("Bật phím tắt") is not None
