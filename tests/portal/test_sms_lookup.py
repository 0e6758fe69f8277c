"""Looking up by text message: "TC <mã>" tells the degree of completion to whoever has the telephone or four digits."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from hoso.models import Dossier, Notice
from portal.services import sms_lookup
from tests.factories import World, draft, walk

pytestmark = pytest.mark.django_db
TOKEN = "khoa-nha-mang"


@pytest.fixture
def dossier(w: World) -> Dossier:
    return walk(w, draft(w), "accept")


def deliver(client: Client, message: Any, token: str = TOKEN) -> Any:
    body = message if isinstance(message, str) else json.dumps(message)
    return client.post(
        "/tin-nhan-den/", body, content_type="application/json", headers={"authorization": f"Bearer {token}"}
    )


def told() -> list[str]:
    return [
        notice.context["degree"] for notice in Notice.objects.filter(template="sms_lookup").order_by("pk")
    ]


@pytest.mark.parametrize("keyword", ["TC", "tc", "Tc"])
def test_the_owners_telephone_needs_the_code_alone(dossier: Dossier, keyword: str) -> None:
    words = sms_lookup.answer(dossier.phone, f"{keyword}  {dossier.code.lower()} ")
    assert words == f"Hồ sơ {dossier.code}: Đang giải quyết. Bước 4 trên 5: giải quyết."
    for secret in (dossier.owner_name, dossier.owner_id, dossier.version.name):
        assert secret not in words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TC {code} {digits}", "Đang giải quyết"),
        ("TC {code}", "Không có hồ sơ"),
        ("TC {code} 0000", "Không có hồ sơ"),
        ("TC H44.99-261005-0001 {digits}", "Không có hồ sơ"),
        ("TC", "Soạn TC <mã hồ sơ>"),
        ("Chào bạn", "Soạn TC <mã hồ sơ>"),
        ("", "Soạn TC <mã hồ sơ>"),
        ("\U0001f600 {code}", "Soạn TC <mã hồ sơ>"),
    ],
)
def test_another_telephone_needs_four_digits(dossier: Dossier, text: str, words: str) -> None:
    asked = text.format(code=dossier.code, digits=dossier.owner_id[-4:])
    assert words in sms_lookup.answer("+84987000111", asked)


def test_a_message_delivered_twice_is_answered_once(client: Client, dossier: Dossier, settings: Any) -> None:
    settings.SMS_INCOMING_TOKEN = TOKEN
    message = {"id": "mt-1", "from": dossier.phone, "text": f"TC {dossier.code}"}
    assert deliver(client, message).json() == {"answered": True}
    assert deliver(client, message).json() == {"answered": False}
    assert [words.split(":")[0] for words in told()] == [f"Hồ sơ {dossier.code}"]
    assert Notice.objects.get(template="sms_lookup").address == dossier.phone


def test_a_number_that_asks_too_often_is_left_without_answer(
    client: Client, dossier: Dossier, settings: Any
) -> None:
    settings.SMS_INCOMING_TOKEN = TOKEN
    answers = [
        deliver(client, {"id": f"mt-{n}", "from": "0987000111", "text": "TC X"}).json()["answered"]
        for n in range(sms_lookup.BY_NUMBER + 2)
    ]
    assert answers == [True] * sms_lookup.BY_NUMBER + [False, False]


@pytest.mark.parametrize(
    ("message", "token", "status"),
    [
        ({"id": "1", "from": "0912345678", "text": "TC X"}, "sai", 403),
        ({"id": "1", "from": "ngân hàng", "text": "TC X"}, TOKEN, 400),
        ({"from": "0912345678", "text": "TC X"}, TOKEN, 400),
        ({"id": "", "from": "0912345678", "text": "TC X"}, TOKEN, 400),
        ("không phải JSON", TOKEN, 400),
        ("[1, 2]", TOKEN, 400),
    ],
)
def test_what_is_no_message_is_refused(
    client: Client, settings: Any, message: Any, token: str, status: int
) -> None:
    settings.SMS_INCOMING_TOKEN = TOKEN
    assert deliver(client, message, token).status_code == status
    assert told() == []


def test_without_an_agreed_token_there_is_no_such_page(client: Client, settings: Any) -> None:
    settings.SMS_INCOMING_TOKEN = ""
    assert deliver(client, {"id": "1", "from": "0912345678", "text": "TC X"}, "").status_code == 404


def test_the_command_for_trials_prints_the_answer(dossier: Dossier) -> None:
    out = io.StringIO()
    call_command("sms", f"TC {dossier.code}", "--from", dossier.phone, stdout=out)
    assert "Đang giải quyết" in out.getvalue()
