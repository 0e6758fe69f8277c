"""Background work against a real database: early signals said once, waits proposed for closing, dates moved later."""

import socket
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from kombu import Connection

from danhmuc.models import Calendar, User
from danhmuc.services.calendars import Day, publish_calendar_change
from hoso import tasks
from hoso.gateways import antivirus
from hoso.lifecycle import State
from hoso.models import Document, Dossier, Notice, Paper
from hoso.services import documents, watch
from hoso.services.dossiers import advance
from hoso.services.errors import Refused
from tests.conftest import wait_until
from tests.factories import World, dossier_at, draft, hold, moment, pay, procedure, step, walk
from tests.hoso.test_documents import pdf, sent


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def office(dossier: Dossier, template: str) -> list[Notice]:
    return list(dossier.notices.filter(template=template).order_by("pk"))


# --- Early signals (domain §7.3) ------------------------------------------------------------------


def test_an_unopened_submission_is_pointed_out_three_times(w: World, at) -> None:
    at("2026-10-05 08:00")
    dossier = walk(w, draft(w), "submit")
    for clock, count in (("09:59", 0), ("10:00", 1), ("13:29", 1), ("13:30", 2), ("16:30", 3), ("16:55", 3)):
        at(f"2026-10-05 {clock}")
        watch.warn_due()
        tasks.warn_due()
        assert len(office(dossier, "office_intake_unopened")) == count, clock
    assert office(dossier, "office_intake_unopened")[0].address == f"agency:{w.commune.pk}"


def test_once_opened_nobody_is_reminded(w: World, at) -> None:
    at("2026-10-05 08:00")
    dossier = walk(w, draft(w), "submit")
    Dossier.objects.filter(pk=dossier.pk).update(seen_by_desk_at=timezone.now())
    at("2026-10-05 16:00")
    assert watch.warn_due() == 0


def test_a_step_is_pointed_out_at_80_and_100_percent(w: World, at) -> None:
    at("2026-10-05 08:00")
    dossier = walk(w, draft(w), "assign")
    task = dossier.tasks.get(kind="work")
    assert (task.assignee, timezone.localtime(task.due_at).date()) == (w.case_officer, date(2026, 10, 9))
    seen: dict[str, tuple[int, int]] = {}
    for clock in ("2026-10-06 10:00", "2026-10-08 16:00", "2026-10-09 16:59"):
        at(clock)
        watch.warn_due()
        watch.warn_due()
        seen[clock] = (len(office(dossier, "office_step_soon")), len(office(dossier, "office_step_late")))
    assert next(iter(seen.values())) == (0, 0)
    assert list(seen.values())[-1] == (2, 2)  # the officer and the head, once each
    assert {n.recipient for n in office(dossier, "office_step_late")} == {w.case_officer, None}


def test_a_coming_date_is_pointed_out_two_days_and_one_day_before(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "accept")  # due on Monday 12/10
    for clock, count in (
        ("2026-10-07 17:00", 0),
        ("2026-10-08 07:30", 1),
        ("2026-10-09 07:29", 1),
        ("2026-10-09 07:30", 2),
        ("2026-10-12 18:00", 2),
    ):
        at(clock)
        watch.warn_due()
        assert len(office(dossier, "office_due_soon")) == count, clock
    assert office(dossier, "office_due_soon")[0].context["left"].startswith("Còn")


def test_a_late_opinion_goes_to_the_lead_and_the_desk(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "assign")
    facts = {
        "agency": w.department,
        "content": "Xác minh tình trạng hôn nhân",
        "due_at": moment("2026-10-07 17:00"),
    }
    dossier = step(w, dossier, "consult", "case_officer", facts)
    at("2026-10-07 16:00")
    watch.warn_due()
    assert not office(dossier, "office_opinion_late")
    at("2026-10-07 17:30")
    watch.warn_due()
    watch.warn_due()
    (told,) = office(dossier, "office_opinion_late")  # here the desk belongs to the lead agency
    assert told.context["agency"] == "Sở Tư pháp"


def test_a_result_that_waits_is_recalled_after_3_10_and_30_days(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "issue_result")
    counts = []
    for clock in (
        "2026-10-07 10:00",
        "2026-10-08 10:00",
        "2026-10-15 10:00",
        "2026-11-04 10:00",
        "2026-11-05 08:00",
    ):
        at(clock)
        watch.warn_due()
        watch.warn_due()
        counts.append(dossier.notices.filter(template="result_waiting", channel="sms").count())
    assert counts == [0, 1, 2, 3, 3]


def test_signals_cost_no_query_per_dossier(w: World, at, django_assert_max_num_queries) -> None:
    at("2026-10-05 08:00")
    for _ in range(12):
        walk(w, draft(w), "submit")
    at("2026-10-05 10:30")
    watch.warn_due()
    with django_assert_max_num_queries(16):
        watch.warn_due()


# --- Waits, calendars, files ----------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.INTAKE_HOLD, State.ON_HOLD])
def test_a_wait_that_ended_is_proposed_for_closing_once(w: World, at, state: State) -> None:
    at("2026-10-05 09:00")
    dossier = dossier_at(w, state)
    at(f"{timezone.localtime(dossier.wait_until):%Y-%m-%d} 23:00")
    assert watch.propose_closing() == 0
    at("2026-10-21 05:30")
    assert watch.propose_closing() == 1
    tasks.propose_closing()
    assert len(office(dossier, "office_close_proposed")) == 1
    dossier.refresh_from_db()
    assert dossier.state == state  # a person confirms


def test_an_answered_request_is_not_proposed(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = hold(w, walk(w, draft(w), "assign"))
    step(w, dossier, "answer_supplement", "citizen", {"answers": {1: {"text": "Đã nộp lại"}}})
    at("2026-10-23 05:30")
    assert watch.propose_closing() == 0


def rest_day(on: date) -> None:
    publish_calendar_change(
        Calendar.objects.get(base=None),
        add=[Day(on, "holiday", "Nghỉ đột xuất", "QĐ thử")],
        decision="QĐ thử",
    )


def test_a_new_holiday_moves_the_dates_it_touches_and_no_other(w: World, at) -> None:
    at("2026-10-05 09:00")
    touched, untouched = walk(w, draft(w), "accept"), walk(w, draft(w, version=w.version), "accept")
    advance(untouched.pk, "withdraw", by=w.citizen, note="Không cần nữa")
    paused = hold(w, walk(w, draft(w), "assign"))
    at("2026-10-07 10:00")
    assert watch.recalculate_open() == 0
    rest_day(date(2026, 10, 9))
    assert watch.recalculate_open() == 1
    assert watch.recalculate_open() == 0
    touched.refresh_from_db()
    assert timezone.localtime(touched.due_at).isoformat() == "2026-10-13T17:00:00+07:00"
    event = touched.events.get(name="recalculate")
    assert event.actor == User.objects.system()
    assert touched.notices.filter(template="date_moved", channel="sms").exists()
    paused.refresh_from_db()
    assert not paused.events.filter(name="recalculate").exists()


def test_a_calendar_that_would_shorten_changes_nothing(w: World, at) -> None:
    at("2026-10-05 09:00")
    rest_day(date(2026, 10, 9))
    dossier = walk(w, draft(w), "accept")
    before = dossier.due_at
    at("2026-10-06 09:00")
    publish_calendar_change(Calendar.objects.get(base=None), remove=[date(2026, 10, 9)], decision="Bãi bỏ")
    tasks.recalculate_after_calendar_change()
    dossier.refresh_from_db()
    assert dossier.due_at == before


class Clamd:
    """A stand-in for ClamAV's daemon: speaks INSTREAM on a port of this machine."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            with connection, connection.makefile("rb") as stream:
                if (command := stream.read(10)) != b"zINSTREAM\0":
                    assert command == b""
                    return
                data = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    data += stream.read(size)
                bad = b"EICAR" in data
                connection.sendall(b"stream: Eicar-Test-Signature FOUND\0" if bad else b"stream: OK\0")

    def stop(self) -> None:
        socket.create_connection(self.socket.getsockname()).close()
        self.thread.join()
        self.socket.close()


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    daemon = Clamd()
    yield daemon
    daemon.stop()


def test_files_are_scanned_by_the_daemon_and_malware_is_told(w: World, settings, clamd: Clamd) -> None:
    dossier = dossier_at(w, State.INTAKE_HOLD)
    Document.objects.update(virus_check="clean")
    good = documents.attach(dossier.pk, sent(pdf()), by=w.citizen)
    bad = documents.attach(dossier.pk, sent(pdf() + b"\n%EICAR"), by=w.citizen)
    settings.CLAMAV_URL = clamd.url
    assert documents.scan_waiting() == 2
    tasks.recheck_viruses()
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.virus_check, bad.virus_check) == ("clean", "infected")
    (told,) = office(dossier, "office_infected")
    assert told.context["answer"] == "Eicar-Test-Signature"
    with pytest.raises(Refused, match="có mã độc"):
        step(w, dossier, "resubmit", "citizen", {"answers": {}})


@pytest.mark.parametrize("url", ["tcp://127.0.0.1:1", "unix:///khong/co", ""])
def test_without_a_scanner_files_stay_visibly_unchecked(w: World, settings, url: str) -> None:
    settings.CLAMAV_URL = url
    document = documents.attach(draft(w, paper=False).pk, sent(pdf()), by=w.citizen)
    assert documents.scan_waiting() == 0
    document.refresh_from_db()
    assert document.virus_check == antivirus.UNCHECKED
    assert document.get_virus_check_display() == "Chưa quét mã độc"


def test_vanished_bytes_are_reported(w: World, caplog) -> None:
    document = documents.attach(draft(w, paper=False).pk, sent(pdf()), by=w.citizen)
    documents.path_of(document).unlink()
    tasks.verify_sample()
    tasks.sweep_files()
    assert f"Tệp của giấy tờ {document.pk} mất hoặc đã thay đổi" in caplog.text


# --- The broker -----------------------------------------------------------------------------------


def test_people_submit_while_the_broker_is_down_and_the_rest_follows(
    transactional_db: None, settings, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Nothing a step leaves behind needs the broker; when a worker is back, it finds everything in our own tables."""
    w: World = request.getfixturevalue("w")
    with Connection("redis://127.0.0.1:1/0", connect_timeout=1) as dead:
        assert tasks.deliver_notices.apply_async(connection=dead) is None  # forgiven, as in a request
    dossier = walk(w, draft(w), "accept")
    assert set(dossier.notices.values_list("state", flat=True)) == {"queued"}
    assert dossier.papers.filter(document=None).count() == 2

    request.getfixturevalue("worker")
    tasks.deliver_notices.delay()
    tasks.file_papers.delay()
    wait_until(lambda: not Notice.objects.exclude(state="sent").exists(), what="thông báo được gửi")
    wait_until(lambda: not Paper.objects.filter(document=None).exists(), what="phiếu được tạo")
    answers = dossier.notices.filter(channel="sms").values_list("answer", flat=True)
    assert all("Mô phỏng" in answer for answer in answers)


# --- Electronic return ----------------------------------------------------------------------------


def test_an_electronic_result_is_returned_once_it_is_signed_and_paid(w: World) -> None:
    dossier = walk(
        w,
        draft(
            w,
            version=procedure("1.000077", "Toàn trình", online_level=4, paper_check_mode="none"),
            return_by="electronic",
        ),
        "decide",
    )
    tasks.return_electronically()
    assert Dossier.objects.get(pk=dossier.pk).state == State.DECIDED
    step(w, dossier, "issue_result", "clerk")
    tasks.file_papers()
    tasks.return_electronically()
    assert Dossier.objects.get(pk=dossier.pk).state == State.DECIDED
    pay(w, dossier)
    tasks.return_electronically()
    tasks.return_electronically()
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert (dossier.state, dossier.events.filter(name="complete").count()) == (State.COMPLETED, 1)
    assert dossier.events.get(name="complete").actor == w.system
