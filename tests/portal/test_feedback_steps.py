"""The life of a feedback item: who may do what, what follows, which clock runs, what stays in history."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from danhmuc.roles import Role
from hoso.models import Notice
from hoso.services import delivery
from hoso.services.errors import Refused
from portal.access import SENDER
from portal.lifecycle import ENDED, State
from portal.models import Feedback, FeedbackAnswer, FeedbackHolding
from portal.services.feedback import clock, following, intake, letters, watch
from portal.services.feedback.consequences import CONSEQUENCES
from portal.services.feedback.door import StepRefused, advance, label_of, steps_for
from tests.factories import World, moment, officer
from tests.portal.feedback_world import ANSWER, sent, staff, take, walked, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def f(w: World) -> World:
    return staff(w)


# -- The diagram ---------------------------------------------------------------------------------------------------


def test_every_step_has_a_label_consequences_and_somebody_who_may_take_it(f: World) -> None:
    transitions = list(Feedback().get_all_state_transitions())
    assert {t.name for t in transitions} == set(CONSEQUENCES)
    assert all(t.custom.get("label") for t in transitions)


def test_the_straight_way_leaves_one_event_a_step_and_a_signed_numbered_answer(f: World) -> None:
    feedback = walked(f, "publish")
    assert [e.name for e in feedback.events.all()] == [
        "submit",
        "accept",
        "assign",
        "propose",
        "sign",
        "publish",
    ]
    assert [e.seq for e in feedback.events.all()] == list(range(1, 7))
    answer = feedback.answers.get()
    assert answer.number.endswith("/TLPA-UBND")
    assert (answer.signed_by, answer.text) == (f.approver, ANSWER)
    assert feedback.state == State.PUBLISHED


RIGHTS = {
    "accept": {"handler", "second"},
    "reject": {"handler", "second"},
    "guide_elsewhere": {"handler", "second"},
    "ask_info": {"handler", "second"},
    "forward": {"handler", "second"},
    "note": {"handler", "second", "approver"},
    "urge": {"supervisor"},
}
PEOPLE = (
    "handler", "second", "other_handler", "triage", "case_officer", "approver", "division_head", "desk_officer", "clerk",
    "supervisor", "system_admin", "carrier", "citizen", "neighbour", "sender",
)  # fmt: skip


@pytest.mark.parametrize("step", RIGHTS)
def test_who_may_take_a_step_on_a_new_item(f: World, step: str) -> None:
    feedback = sent(f)
    for who in PEOPLE:
        person = SENDER if who == "sender" else f.more.get(who) or getattr(f, who)
        assert (step in steps_for(feedback, person)) == (who in RIGHTS[step]), who


def test_the_assigned_officer_may_draft_and_nobody_else_of_the_division(f: World) -> None:
    feedback = walked(f, "assign")
    assert {"draft", "propose", "note"} == set(steps_for(feedback, f.case_officer))
    assert steps_for(feedback, f.division_head) == []
    with pytest.raises(PermissionDenied):
        take(f, feedback, "propose", "division_head", text=ANSWER)


def test_only_the_approver_of_the_agency_signs(f: World) -> None:
    feedback = walked(f, "propose")
    stranger = officer("Vi Văn Ba", Role.APPROVER, f.other_commune)
    for who in (f.more["handler"], f.case_officer, stranger, f.supervisor):
        with pytest.raises(PermissionDenied):
            advance(feedback.pk, "sign", by=who)
    assert advance(feedback.pk, "sign", by=f.approver).state == State.ANSWERED


@pytest.mark.parametrize(
    ("step", "facts", "words_"),
    [
        ("reject", {}, "lý do không tiếp nhận"),
        ("ask_info", {"note": "gì"}, "thông tin cần bổ sung"),
        ("forward", {"note": "Không thuộc thẩm quyền của phường"}, "Chọn cơ quan khác"),
        ("note", {"note": " "}, "ghi chú"),
    ],
)
def test_a_step_without_its_reason_is_refused_in_words(
    f: World, step: str, facts: dict[str, Any], words_: str
) -> None:
    feedback = sent(f)
    with pytest.raises(Refused, match=words_):
        take(f, feedback, step, "handler", **facts)
    assert feedback.events.count() == 1


def test_nothing_is_forwarded_to_where_nobody_reads(f: World) -> None:
    feedback = sent(f)
    with pytest.raises(Refused, match="chưa có người xử lý phản ánh"):
        take(f, feedback, "forward", "handler", to=f.post, note="Thuộc bưu điện tỉnh")


def test_an_item_is_given_only_to_people_who_work_there(f: World) -> None:
    feedback = walked(f, "accept")
    for who in (f.other_case_officer, f.desk_officer, None):
        with pytest.raises(Refused, match="đang làm việc tại cơ quan này"):
            take(f, feedback, "assign", "handler", assignee=who)


def test_a_stale_page_is_told_who_was_faster(f: World) -> None:
    feedback = sent(f)
    seen = feedback.last_seq
    take(f, feedback, "accept", "handler", kind="behaviour", seen=seen)
    with pytest.raises(StepRefused, match="Nguyễn Thu Trang vừa thực hiện “Tiếp nhận”"):
        take(f, feedback, "reject", "second", note="Không thuộc thẩm quyền", seen=seen)


def test_a_complaint_is_guided_and_can_never_be_published(f: World) -> None:
    feedback = take(
        f, sent(f), "guide_elsewhere", "handler", which="to_cao", note="Gửi đơn đến thanh tra huyện"
    )
    assert feedback.state == State.NOT_FEEDBACK
    assert "publish" not in steps_for(feedback, f.more["handler"])
    with pytest.raises(StepRefused):
        take(f, feedback, "publish", "handler", title="a", content="b", answer="c")


def test_history_cannot_be_rewritten(f: World) -> None:
    feedback = walked(f, "sign")
    answer = feedback.answers.get()
    for change in (
        lambda: feedback.events.update(note="khác"),
        lambda: feedback.events.all().delete(),
        lambda: FeedbackAnswer.objects.filter(pk=answer.pk).update(text="khác"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# -- Clocks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2021-04-28 09:00", "2021-05-07"),  # E33
        ("2021-04-28 22:30", "2021-05-07"),  # the day of the event does not count, whatever the hour
        ("2026-10-05 09:00", "2026-10-12"),
        ("2026-10-10 09:00", "2026-10-16"),  # Saturday
        ("2026-02-13 16:00", "2026-02-27"),  # Tết
    ],
)
def test_the_answer_is_due_on_the_fifth_working_day(
    f: World, at: Callable[[str], datetime], received: str, due: str
) -> None:
    at(received)
    feedback = sent(f)
    assert timezone.localdate(feedback.due_at) == date.fromisoformat(due)


def test_the_sender_sees_how_the_date_was_counted(f: World, at: Callable[[str], datetime]) -> None:
    at("2021-04-28 09:00")
    feedback = sent(f)
    at("2021-05-06 10:00")
    (shown,) = following.clocks(feedback, list(feedback.events.all()), timezone.now())
    assert shown["title"].endswith("đã dùng 4 trên 5 ngày làm việc")
    assert [line.on.isoformat() for line in shown["lines"] if line.counts] == [
        "2021-04-29", "2021-05-04", "2021-05-05", "2021-05-06", "2021-05-07",
    ]  # fmt: skip


def test_national_items_run_on_both_clocks(f: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-07 09:00")
    feedback = intake.take_over(words(f), external_id="QG-1", sent_at=moment("2026-10-05 09:00"))
    days = [
        timezone.localdate(m) for m in (feedback.due_at, feedback.review_due_at, feedback.national_due_at)
    ]
    assert days == [date(2026, 10, 12), date(2026, 10, 7), date(2026, 10, 26)]
    titles = [c["title"] for c in following.clocks(feedback, list(feedback.events.all()), timezone.now())]
    assert [t.split(":")[0] for t in titles] == ["Thời hạn của tỉnh", "Thời hạn của hệ thống quốc gia"]
    at("2026-10-09 09:00")
    answered = walked(f, "sign", feedback)
    assert timezone.localdate(answered.publish_due_at) == date(2026, 10, 13)


def test_a_national_item_is_taken_over_once(f: World) -> None:
    first = intake.take_over(words(f), external_id="QG-7", sent_at=timezone.now())
    again = intake.take_over(
        words(f, content="Nội dung khác hẳn, gửi lần hai"), external_id="QG-7", sent_at=timezone.now()
    )
    assert first.pk == again.pk
    assert Feedback.objects.count() == 1
    with pytest.raises(Refused, match="Thiếu"):
        intake.take_over(words(f, content=" "), external_id="QG-8", sent_at=timezone.now())


def test_forwarding_begins_the_other_agencys_clock_and_coming_back_does_not_begin_ones_own(
    f: World, at: Callable[[str], datetime]
) -> None:
    at("2026-10-05 09:00")
    feedback = sent(f)
    at("2026-10-07 09:00")
    feedback = take(f, feedback, "forward", "handler", to=f.other_commune, note="Thuộc xã Phù Ninh")
    assert (feedback.state, feedback.agency) == (State.FORWARDED, f.other_commune)
    assert timezone.localdate(feedback.due_at) == date(2026, 10, 14)
    at("2026-10-08 09:00")
    feedback = take(f, feedback, "forward", "other_handler", to=f.commune, note="Thuộc phường Việt Trì")
    assert timezone.localdate(feedback.due_at) == date(2026, 10, 12)  # from the commune's first receipt
    assert FeedbackHolding.objects.filter(feedback=feedback).count() == 2


def test_forwarding_after_five_days_is_noted_as_late(f: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    feedback = sent(f)
    at("2026-10-13 09:00")
    feedback = take(f, feedback, "forward", "handler", to=f.other_commune, note="Thuộc xã Phù Ninh")
    assert feedback.events.get(name="forward").data["late"] is True


def test_days_of_waiting_for_the_sender_do_not_count(f: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    feedback = sent(f)
    at("2026-10-06 09:00")
    feedback = take(f, feedback, "ask_info", "handler", note="Cho biết ngày nộp hồ sơ")
    assert timezone.localdate(feedback.wait_until) == date(2026, 10, 13)
    at("2026-10-08 09:00")
    feedback = intake.give_info(feedback.pk, "Tôi nộp ngày 01/10", [], seen=feedback.last_seq)
    assert (feedback.state, feedback.wait_until) == (State.ACCEPTED, None)
    assert timezone.localdate(feedback.due_at) == date(2026, 10, 14)
    lines = clock.provincial(
        feedback, list(feedback.events.all()), feedback.received_at, timezone.now()
    ).lines
    assert sum(line.counts for line in lines) == 5
    assert sum("chờ người gửi" in line.text for line in lines) == 2


@pytest.mark.parametrize(
    ("answered", "timeliness"),
    [("2026-10-09 10:00", "EARLY"), ("2026-10-12 22:00", "ON_TIME"), ("2026-10-13 07:30", "OVERDUE")],
)
def test_timeliness_compares_days(
    f: World, at: Callable[[str], datetime], answered: str, timeliness: str
) -> None:
    at("2026-10-05 09:00")
    feedback = walked(f, "propose")
    at(answered)
    feedback = take(f, feedback, "sign", "approver")
    assert feedback.timeliness == timeliness
    assert feedback.events.get(name="sign").data["timeliness"] == timeliness


def test_reopened_once_with_a_clock_of_its_own_and_the_first_answer_stays(
    f: World, at: Callable[[str], datetime]
) -> None:
    at("2026-10-05 09:00")
    feedback = walked(f, "publish")
    at("2026-10-19 09:00")
    feedback = take(f, feedback, "reopen", SENDER, note="Câu trả lời chưa nói vì sao hồ sơ chậm.")
    assert (feedback.state, feedback.published_at) == (State.ACCEPTED, None)
    assert timezone.localdate(feedback.due_at) == date(2026, 10, 26)
    feedback = take(
        f, feedback, "propose", "case_officer", text="Bổ sung: hồ sơ chậm do cán bộ nghỉ ốm không bàn giao."
    )
    feedback = take(f, feedback, "sign", "approver")
    assert [a.seq for a in feedback.answers.all()] == [1, 2]
    assert feedback.first_answered_at == moment("2026-10-05 09:00")
    with pytest.raises(Refused, match="một lần"):
        take(f, feedback, "reopen", SENDER, note="Vẫn chưa đồng ý với câu trả lời.")
    assert "reopen" not in steps_for(feedback, SENDER)


def test_an_answer_is_questioned_within_thirty_days(f: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    feedback = walked(f, "sign")
    at("2026-11-05 09:00")
    with pytest.raises(Refused, match="30 ngày"):
        take(f, feedback, "reopen", SENDER, note="Câu trả lời chưa rõ ràng.")


def test_an_answer_is_rated_once(f: World) -> None:
    feedback = take(f, walked(f, "sign"), "rate", SENDER, rating="unsatisfied", note="Trả lời chung chung")
    assert (feedback.rating, feedback.state) == ("unsatisfied", State.ANSWERED)
    with pytest.raises(Refused, match="đã đánh giá"):
        take(f, feedback, "rate", SENDER, rating="satisfied")


# -- Who gets it ---------------------------------------------------------------------------------------------------


def test_what_nobody_is_named_for_goes_to_the_provincial_office(f: World) -> None:
    assert sent(f, agency=None).agency == f.province
    assert sent(f, agency=f.post).agency == f.province  # nobody handles feedback there
    assert sent(f, agency=f.post).asked_agency == f.post


def test_the_agency_of_the_dossier_is_taken_when_none_is_named(f: World) -> None:
    from tests.factories import draft, walk

    dossier = walk(f, draft(f), "accept")
    feedback = sent(f, agency=None, dossier_code=dossier.code, kind="service")
    assert (feedback.agency, feedback.dossier) == (f.commune, dossier)
    assert sent(f, agency=None, dossier_code="H44.27-991231-0001").dossier is None


# -- Messages ------------------------------------------------------------------------------------------------------


def test_the_sender_is_told_on_the_channel_they_left(f: World) -> None:
    feedback = walked(f, "sign")
    told = Notice.objects.filter(key__startswith=feedback.code, recipient=f.citizen)
    assert sorted(set(told.values_list("template", flat=True))) == [
        "feedback_accepted", "feedback_answered", "feedback_received",
    ]  # fmt: skip
    assert {row.channel for row in told} == {"portal", "email"}
    delivery.deliver()
    assert not told.exclude(state="sent").exists()
    mail = told.get(template="feedback_answered", channel="email")
    assert ANSWER in delivery.render(mail).email_text.replace("\n", " ")


def test_an_sms_never_carries_the_answer(f: World) -> None:
    feedback = walked(f, "sign", sent(f, email=""))
    row = Notice.objects.get(key__startswith=feedback.code, template="feedback_answered", channel="sms")
    assert "Hồ sơ của bà" not in delivery.render(row).sms


def test_handlers_are_warned_before_the_date_and_approvers_after_it_once(
    f: World, at: Callable[[str], datetime]
) -> None:
    f.more["handler"].email = "trang@example.vn"
    f.more["handler"].save()
    f.approver.email = "son@example.vn"
    f.approver.save()
    at("2026-10-05 09:00")
    feedback = walked(f, "accept")
    assert watch.warn_due() == 0
    at("2026-10-12 08:00")
    assert (watch.warn_due(), watch.warn_due()) == (1, 0)
    soon = Notice.objects.filter(template="feedback_office_soon", channel="email")
    assert [row.address for row in soon] == ["trang@example.vn"]
    at("2026-10-13 08:00")
    assert (watch.warn_due(), watch.warn_due()) == (1, 0)
    late = Notice.objects.filter(template="feedback_office_late", channel="email")
    assert sorted(row.address for row in late) == ["son@example.vn", "trang@example.vn"]
    take(f, feedback, "ask_info", "handler", note="Cho biết ngày nộp hồ sơ")
    at("2026-10-20 08:00")
    assert watch.warn_due() == 0  # it waits for the sender


def test_why_it_is_late_is_said_in_plain_words(f: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    feedback = sent(f)
    at("2026-10-15 09:00")
    take(f, feedback, "urge", "supervisor", note="Đề nghị trả lời ngay")
    feedback.refresh_from_db()
    text = following.why_late(feedback, list(feedback.events.all()), timezone.now())
    assert text == (
        "Ủy ban nhân dân phường Việt Trì chưa tiếp nhận, đã quá hạn trả lời 3 ngày làm việc. "
        "Cơ quan giám sát đã đôn đốc ngày 15/10/2026."
    )


# -- The letter ----------------------------------------------------------------------------------------------------


def test_the_letter_is_made_once_signed_by_a_person_and_kept(f: World) -> None:
    feedback = walked(f, "sign")
    assert letters.file_waiting() == 1
    assert letters.file_waiting() == 0
    answer = feedback.answers.get()
    assert answer.file is not None
    assert answer.file.pages == 1
    assert letters.file(answer).pk == answer.file.pk
    (signature,) = answer.file.signatures
    assert f.approver.full_name in str(signature)
    assert answer.facts["recipient"] == f.citizen.full_name


# -- Confirming ----------------------------------------------------------------------------------------------------


def test_what_nobody_has_confirmed_reaches_no_officer_and_is_forgotten(
    f: World, at: Callable[[str], datetime]
) -> None:
    at("2026-10-05 09:00")
    feedback = intake.send(words(f), once=uuid4(), sender=None, address="203.0.113.9")
    assert feedback.state == State.UNCONFIRMED
    assert not Feedback.objects.visible_to(f.more["handler"]).exists()
    assert feedback.events.count() == 0
    at("2026-10-06 10:00")
    assert intake.forget_unconfirmed() == 1
    assert not Feedback.objects.exists()


def test_the_same_page_sent_twice_is_one_item(f: World) -> None:
    once = uuid4()
    first = intake.send(words(f), once=once, sender=f.citizen)
    again = intake.send(words(f), once=once, sender=f.citizen)
    assert first.pk == again.pk
    assert [e.name for e in first.events.all()] == ["submit"]


def test_confirming_needs_the_code_of_the_message(f: World) -> None:
    feedback = intake.send(words(f), once=uuid4(), sender=None, address="203.0.113.9")
    code = Notice.objects.get(template="feedback_code").context["secret"]
    with pytest.raises(Refused, match="Mã chưa đúng"):
        intake.confirm(feedback.pk, f"{(int(code) + 1) % 1_000_000:06d}")
    assert intake.confirm(feedback.pk, code).state == State.NEW
    assert intake.confirm(feedback.pk, code).events.count() == 1


def test_codes_are_asked_for_within_bounds(f: World) -> None:
    feedback = intake.send(words(f), once=uuid4(), sender=None, address="203.0.113.9")
    for _ in range(intake.BY_ITEM):
        intake.send_code_again(feedback.pk, channel="email")
    with pytest.raises(intake.TooMany):
        intake.send_code_again(feedback.pk, channel="email")
    for number in range(intake.BY_ADDRESS - 1):
        intake.send(words(f, email=f"a{number}@example.vn"), once=uuid4(), sender=None, address="203.0.113.9")
    with pytest.raises(intake.TooMany):
        intake.send(words(f, email="b@example.vn"), once=uuid4(), sender=None, address="203.0.113.9")


# -- Who may read --------------------------------------------------------------------------------------------------


def test_officers_read_what_is_or_was_theirs(f: World) -> None:
    feedback = sent(f)

    def readers() -> set[str]:
        people = {name: f.more.get(name) or getattr(f, name) for name in PEOPLE if name != "sender"}
        return {
            n for n, p in people.items() if Feedback.objects.visible_to(p).filter(pk=feedback.pk).exists()
        }

    assert readers() == {"handler", "second", "approver", "supervisor"}
    take(f, feedback, "forward", "handler", to=f.other_commune, note="Thuộc xã Phù Ninh")
    assert readers() == {"handler", "second", "approver", "supervisor", "other_handler"}


def test_every_state_has_words_for_both_sides() -> None:
    from portal.views.feedback_office import LEVELS

    assert set(following.TAGS) == set(State) - {State.UNCONFIRMED}
    assert set(LEVELS) == set(State) - {State.UNCONFIRMED}
    assert set(ENDED) <= set(State)
    assert label_of("sign") == "Ký trả lời"
