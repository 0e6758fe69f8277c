"""The outbox: every text whole with any fact missing, each message sent once, hopeless ones made a task."""

import json
import re
import smtplib
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from hoso.gateways import sms
from hoso.lifecycle import State
from hoso.models import Notice
from hoso.services import delivery, notices
from hoso.services.consequences import CONSEQUENCES
from hoso.services.errors import Refused
from tests.factories import World, dossier_at, draft, moment, walk
from tests.outside import Server
from tests.page import parse

TEMPLATES = Path(settings.BASE_DIR) / "templates/notices"
ALL = sorted(p.parent.name for p in TEMPLATES.glob("*/subject.txt"))
APPLICANT = {template: channels for template, channels in notices.APPLICANT.values()} | notices.POSTAL
FULL: dict[str, Any] = dict.fromkeys(delivery.FACTS, "x") | {
    "code": "H44.20.15-261005-0027",
    "procedure": "Cấp giấy xác nhận tình trạng hôn nhân <&>",
    "agency": "Ủy ban nhân dân phường Việt Trì",
    "desk": "Trung tâm Phục vụ hành chính công phường Việt Trì",
    "desk_phone": "02103846123",
    "carrier_phone": "+84912000111",
    "amount": 1250000,
    "items": [{"name": "Giấy chứng sinh", "reason": "unreadable", "explanation": "Ảnh mờ, chụp lại."}],
    "place": "khu 6, phường Việt Trì",
    "timeliness": "EARLY",
    "return_by": "counter",
} | dict.fromkeys(
    ("at", "received_at", "due_at", "old_due_at", "visit_at", "intake_due_at", "wait_until", "until", "on"),
    "2026-10-05T16:30:00+07:00",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _own_outbox(settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def notice(template: str, context: dict[str, Any], channel: str = "email") -> Notice:
    return Notice(template=template, context=context, channel=channel, address="a@example.vn", key="k")


def test_every_template_a_step_names_has_its_texts() -> None:
    told = {
        f"office_{name}"
        for name, follows in CONSEQUENCES.items()
        if {notices.tell_desk, notices.tell_agency} & set(follows)
    }
    assert told | set(APPLICANT) <= set(ALL)
    for template, channels in APPLICANT.items():
        assert (TEMPLATES / template / "email.html").is_file()
        if "sms" in channels:
            assert (TEMPLATES / template / "sms.txt").is_file(), template


def contexts() -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = [
        ("tất cả", FULL),
        ("không có gì", {}),
        ("None", dict.fromkeys(FULL)),
    ]
    for name in sorted(FULL):
        found.append((f"thiếu {name}", {k: v for k, v in FULL.items() if k != name}))
    for way in ("post", "electronic", "counter"):
        found.append((f"trả {way}", FULL | {"return_by": way}))
    return found


@pytest.mark.parametrize("template", ALL)
def test_every_text_is_whole_whatever_is_missing(template: str) -> None:
    for what, context in contexts():
        words = delivery.render(notice(template, context))
        texts = [words.subject, words.sms, words.email_text]
        for text in texts:
            assert "None" not in text, what
            assert not re.search(r"\{\{|\{%|&amp;|&lt;|&quot;| ,| \.|\.\.|\( *\)|:\.", text), (what, text)
        assert words.subject, what
        assert len(words.subject) <= 90, words.subject
        parse(words.email_html, f"{template}: {what}")
        assert "<script" not in words.portal


@pytest.mark.parametrize("template", [t for t in ALL if (TEMPLATES / t / "sms.txt").is_file()])
def test_short_messages_are_short_and_say_nothing_private(template: str) -> None:
    words = delivery.render(notice(template, FULL, "sms")).sms
    assert sms.parts(words) <= 3, (len(words), words)
    assert FULL["procedure"] not in words
    source = (TEMPLATES / template / "sms.txt").read_text()
    assert not re.search(r"\b(note|owner|personal_id|items|outcome|answer)\b", source)


def test_identity_numbers_and_decisions_never_reach_a_notice(w: World) -> None:
    dossier = dossier_at(w, State.COMPLETED)
    for row in dossier.notices.all():
        told = json.dumps(row.context, ensure_ascii=False)
        words = delivery.render(row)
        for text in (told, words.sms, words.email_html, words.subject):
            assert w.citizen.personal_id not in text
            assert "Đã đăng ký khai sinh" not in text


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("ă" * 70, 1),
        ("ă" * 71, 2),
        ("ă" * 134, 2),
        ("ă" * 135, 3),
    ],
)
def test_parts_of_a_message_are_counted_as_networks_do(text: str, count: int) -> None:
    assert sms.parts(text) == count


def test_due_notices_are_sent_and_keep_their_proof(w: World, tmp_path: Path) -> None:
    dossier = walk(w, draft(w), "accept")
    settled = delivery.deliver()
    rows = {(n.template, n.channel): n for n in dossier.notices.all()}
    assert settled == len(rows)
    assert {n.state for n in rows.values()} == {"sent"}
    letter = rows["accepted", "email"]
    message = next(m for m in mail.outbox if m.extra_headers["Message-ID"] == letter.provider_id)
    assert message.to == [w.citizen.email]
    assert message.subject == f"Đã tiếp nhận hồ sơ {dossier.code}"
    assert "hẹn trả kết quả" in message.body
    assert "<p>" not in message.body
    lines = [json.loads(x) for x in next((tmp_path / "outbox").glob("sms-*.jsonl")).read_text().splitlines()]
    assert {line["id"] for line in lines} == {n.provider_id for n in rows.values() if n.channel == "sms"}
    assert "Mô phỏng" in rows["accepted", "sms"].answer
    assert delivery.deliver() == 0
    assert len(mail.outbox) == 2


def test_a_message_leads_to_the_dossier_it_speaks_of(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    for found in dossier.notices.exclude(channel="office"):
        assert f"/ho-so-cua-toi/{dossier.submission_ref}/" in delivery.render(found).email_text


def test_what_is_not_due_waits(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "submit")
    Notice.objects.update(due_at=moment("2026-10-05 09:01"))
    assert delivery.deliver() == 0
    at("2026-10-05 09:01")
    assert delivery.deliver() == dossier.notices.count()


def test_a_sick_carrier_is_tried_again_and_then_the_desk_is_told(w: World, settings, at) -> None:
    with Server() as carrier:
        settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_TOKEN = carrier.url, "bi-mat"
        at("2026-10-05 09:00")
        dossier = walk(w, draft(w), "submit")
        message = dossier.notices.get(channel="sms")
        carrier.answers = [(503, {"message": "bảo trì"})] * 9
        delivery.deliver()
        message.refresh_from_db()
        assert (message.state, message.attempts) == ("failed", 1)
        assert message.answer.startswith("503")
        assert message.due_at == moment("2026-10-05 09:01")
        for wait in delivery.RETRIES:
            at(f"{timezone.localtime(message.due_at):%Y-%m-%d %H:%M}")
            delivery.deliver()
            message.refresh_from_db()
            assert wait
        assert (message.state, message.attempts) == ("given_up", 6)
    task = dossier.notices.get(template="office_undelivered")
    assert task.address == f"agency:{w.commune.pk}"
    assert (
        delivery.subject_of(task) == f"Không gửi được tin nhắn cho người nộp hồ sơ {dossier.submission_ref}"
    )
    assert len(carrier.received) == 6


def test_a_refused_number_is_given_up_at_once(w: World, settings) -> None:
    with Server() as carrier:
        settings.SMS_GATEWAY_URL = carrier.url
        carrier.answers = [(422, {"message": "số không tồn tại"})]
        dossier = walk(w, draft(w), "submit")
        delivery.deliver()
    assert dossier.notices.get(channel="sms").state == "given_up"
    assert len(carrier.received) == 1


def test_the_real_gateway_gets_what_it_needs(w: World, settings) -> None:
    with Server() as carrier:
        settings.SMS_GATEWAY_URL, settings.SMS_GATEWAY_TOKEN, settings.SMS_SENDER = (
            carrier.url,
            "bi-mat",
            "PHUTHO",
        )
        carrier.answers = [(200, {"id": "abc-1", "message": "queued"})]
        dossier = walk(w, draft(w), "submit")
        delivery.deliver()
    message = dossier.notices.get(channel="sms")
    assert (message.state, message.provider_id, message.answer) == ("sent", "abc-1", "queued")
    (headers, body) = carrier.received[0]
    assert headers["Authorization"] == "Bearer bi-mat"
    assert body["to"] == w.citizen.phone
    assert (body["sender"], body["reference"], body["unicode"]) == ("PHUTHO", message.key, True)


def test_mail_servers_answers_are_kept(w: World, settings, monkeypatch) -> None:
    def refuse(self, messages):
        raise smtplib.SMTPRecipientsRefused({w.citizen.email: (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    dossier = walk(w, draft(w), "submit")
    delivery.deliver()
    letter = dossier.notices.get(channel="email")
    assert (letter.state, letter.answer) == ("given_up", "550 no such user")
    assert dossier.notices.filter(template="office_undelivered").count() == 1


def test_production_without_carriers_says_so_and_floods_nobody(w: World, settings) -> None:
    settings.DEV = False
    dossier = walk(w, draft(w), "submit")
    delivery.deliver()
    for channel in ("sms", "email"):
        row = dossier.notices.get(channel=channel, template="submitted")
        assert row.state == "given_up"
        assert row.answer.startswith("Chưa cấu hình")
    assert not dossier.notices.filter(template="office_undelivered").exists()


def test_one_unwritable_text_stops_nobody(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    bad = dossier.notices.get(channel="email")
    Notice.objects.filter(pk=bad.pk).update(template="khong_co")
    delivery.deliver()
    bad.refresh_from_db()
    assert (bad.state, bad.attempts) == ("failed", 1)
    assert dossier.notices.get(channel="sms").state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_message_once(w: World) -> None:
    for _ in range(6):
        walk(w, draft(w), "submit")
    gate = threading.Barrier(3)

    def work() -> None:
        try:
            gate.wait()
            delivery.deliver()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not Notice.objects.exclude(state="sent").exists()
    assert set(Notice.objects.values_list("attempts", flat=True)) == {1}
    ids = [m.extra_headers["Message-ID"] for m in mail.outbox]
    assert len(ids) == len(set(ids)) == 6


def test_a_crash_in_mid_send_repeats_the_message_later(w: World, at) -> None:
    at("2026-10-05 09:00")
    walk(w, draft(w), "submit")
    claimed = delivery._claim(20)  # and the process dies here
    assert len(claimed) == 2
    delivery.deliver()
    assert not mail.outbox
    at("2026-10-05 09:04")
    delivery.deliver()
    assert len(mail.outbox) == 1


def test_calls_are_ticked_by_the_desk(w: World) -> None:
    dossier = dossier_at(w, State.INTAKE_HOLD)
    delivery.deliver()
    assert [n.dossier for n in delivery.calls_waiting(w.desk_officer)] == [dossier]
    assert not delivery.calls_waiting(w.other_desk_officer).exists()
    call = dossier.notices.get(channel="phone_call")
    with pytest.raises(PermissionDenied):
        delivery.record_call(call.pk, by=w.other_desk_officer, reached=True, note="x")
    with pytest.raises(Refused, match="Ghi ngắn gọn"):
        delivery.record_call(call.pk, by=w.desk_officer, reached=True)
    assert delivery.record_call(call.pk, by=w.desk_officer, reached=False).state == "queued"
    done = delivery.record_call(
        call.pk, by=w.desk_officer, reached=True, note="Đã dặn chụp lại giấy chứng sinh"
    )
    assert done.state == "sent"
    assert "Phạm Thị Lan Anh" in done.answer
    with pytest.raises(Refused, match="đã được ghi nhận"):
        delivery.record_call(call.pk, by=w.desk_officer, reached=True, note="x")


def test_the_queue_is_read_from_its_own_index(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    Notice.objects.bulk_create(
        Notice(key=f"cu{n}", dossier=dossier, channel="sms", template="submitted", state="sent")
        for n in range(3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE hoso_notice")
    due = delivery._queue().filter(channel__in=["email", "sms"]).order_by("due_at", "pk")[:20]
    assert "notice_queue" in due.explain()


@pytest.mark.django_db
def test_a_message_without_a_dossier_is_told_once_and_its_code_is_gone_after_it() -> None:
    once = {"key": "xac-nhan:1", "channel": "email", "address": "huong@example.vn", "secret": "482913"}
    assert notices.tell_person("submitted", **once)
    assert not notices.tell_person("submitted", **once)
    row = Notice.objects.get()
    assert row.context["secret"] == "482913"
    assert delivery.deliver() == 1
    row.refresh_from_db()
    assert (row.state, mail.outbox[0].to, "secret" in row.context) == ("sent", ["huong@example.vn"], False)
