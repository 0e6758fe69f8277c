"""The applicant chooses anew until the post has begun; the post finds it by itself."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from buuchinh.lifecycle import Leg, State
from buuchinh.models import Parcel
from buuchinh.services import booking
from hoso.models import Dossier, PostalChoice
from hoso.services import postal
from hoso.services.errors import Refused
from tests.buuchinh.conftest import Post
from tests.factories import World
from tests.page import Visitor, read_page

pytestmark = pytest.mark.django_db


def change(
    w: World, dossier: Dossier, papers_by: str | None = None, return_by: str | None = None, **to: Any
) -> None:
    facts = {
        "phone": "+84912345678",
        "pickup_address": "Số 1, phố Mới",
        "pickup_place": w.place,
        "pickup_on": None,
        "pickup_part": "morning",
        "delivery_address": "Số 2, phố Mới",
        "delivery_place": w.place,
        "receiver": "Hoàng Văn Bình",
    } | to
    postal.change(dossier.pk, by=w.citizen, papers_by=papers_by, return_by=return_by, postal=facts)


def minute() -> None:
    booking.cancel_idle()
    booking.book_due()


def live(dossier: Dossier, leg: Leg) -> list[str]:
    return list(Parcel.objects.live().filter(dossier=dossier, leg=leg).values_list("address", flat=True))


def test_another_address_is_where_the_carrier_goes(w: World, post: Post) -> None:
    dossier = post.accepted()
    first = post.booked(dossier)
    change(w, dossier, papers_by="post")
    minute()
    first.refresh_from_db()
    assert first.state == State.CANCELLED
    assert live(dossier, Leg.PICKUP) == ["Số 1, phố Mới"]
    minute()
    assert Parcel.objects.filter(dossier=dossier).count() == 2  # and it is booked anew once


def test_there_and_back_again(w: World, post: Post) -> None:
    dossier = post.accepted()
    post.booked(dossier)
    change(w, dossier, papers_by="counter", return_by="counter")
    assert not PostalChoice.objects.filter(dossier=dossier).exists()
    minute()
    assert live(dossier, Leg.PICKUP) == []
    change(w, dossier, papers_by="post", return_by="post")
    minute()
    assert live(dossier, Leg.PICKUP) == ["Số 1, phố Mới"]


def test_once_the_carrier_holds_the_papers_only_the_result_is_open(
    w: World, post: Post, visit: Visitor
) -> None:
    dossier = post.accepted()
    post.collected(post.booked(dossier))
    with pytest.raises(Refused, match="không đổi cách nộp được nữa"):
        change(w, dossier, papers_by="counter")
    page = visit(f"/ho-so-cua-toi/{dossier.submission_ref}/cach-nhan/", w.citizen)
    assert "chỉ còn đổi được nơi nhận kết quả" in page.text
    assert not page.all("//input[@name='papers_by']")
    change(w, dossier, return_by="counter")
    dossier.refresh_from_db()
    assert (dossier.papers_by, dossier.return_by) == ("post", "counter")


def test_once_the_post_holds_the_result_nothing_is_open(w: World, post: Post) -> None:
    dossier = post.decided()
    waiting = post.booked(dossier, Leg.RETURN)
    change(w, dossier, return_by="post")
    minute()
    waiting.refresh_from_db()
    assert waiting.state == State.CANCELLED
    assert live(dossier, Leg.RETURN) == ["Số 2, phố Mới"]
    parcel = Parcel.objects.live().get(dossier=dossier)
    carrier = parcel.carrier
    post.sign(outgoing=[parcel.pk], carrier=carrier)
    with pytest.raises(Refused, match="1022"):
        change(w, dossier, return_by="counter")
    client = Client()
    client.force_login(w.citizen)
    answer = client.get(f"/ho-so-cua-toi/{dossier.submission_ref}/cach-nhan/", follow=True)
    assert "Bưu điện đã nhận kết quả để phát" in read_page(answer.content.decode()).text


def test_a_choice_overtaken_by_something_else_stays_on_the_page(w: World, post: Post, visit: Visitor) -> None:
    dossier = post.accepted()
    url = f"/ho-so-cua-toi/{dossier.submission_ref}/cach-nhan/"
    data = {"papers_by": "counter", "return_by": "counter", "seen": dossier.last_seq - 1}
    page = visit.post(url, data, w.citizen)
    assert "vẫn còn ở dưới" in page.text
    assert page.one('//input[@name="papers_by"][@value="counter"]').get("checked") is not None
    assert page.one('//input[@name="seen"]').get("value") == str(dossier.last_seq)


def test_the_applicant_changes_on_the_page_and_sees_the_sum_anew(
    w: World, post: Post, visit: Visitor
) -> None:
    dossier = post.accepted()
    url = f"/ho-so-cua-toi/{dossier.submission_ref}/cach-nhan/"
    assert url in visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen).links
    assert "60.000" in visit(url, w.citizen).text  # the fee and both ways of the post
    client = Client()
    client.force_login(w.citizen)
    data = {"papers_by": "counter", "return_by": "counter", "seen": dossier.last_seq}
    page = read_page(client.post(url, data | {"_refresh": "tien"}).content.decode())
    assert "60.000" not in page.text
    dossier.refresh_from_db()
    assert dossier.return_by == "post"  # only worked out, not saved
    answer = client.post(url, data, follow=True)
    text = read_page(answer.content.decode()).text
    assert "Đã đổi cách nộp" in text
    dossier.refresh_from_db()
    assert (dossier.papers_by, dossier.return_by) == ("counter", "counter")
    answer = client.post(url, data | {"return_by": "post", "delivery_p": "25", "delivery_e": "2"})
    assert "Nhập" in read_page(answer.content.decode()).text
    stranger = Client()
    stranger.force_login(w.neighbour)
    assert stranger.get(url).status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [({"return_by": "electronic"}, "bản điện tử"), ({"return_by": "counter", "papers_by": "counter"}, "")],
)
def test_only_what_the_procedure_allows(w: World, post: Post, given: dict[str, str], words: str) -> None:
    dossier = post.accepted()
    if words:
        with pytest.raises(Refused, match=words):
            change(w, dossier, **given)
        return
    change(w, dossier, **given)
    with pytest.raises(Refused, match="chưa có gì khác"):
        change(w, dossier, **given)


def test_a_leg_that_began_before_its_moment_was_noted_is_closed_all_the_same(w: World, post: Post) -> None:
    going, waiting, brought = post.accepted(), post.accepted(), post.decided()
    post.collected(post.booked(going))
    post.booked(waiting)
    post.taken(brought)
    PostalChoice.objects.update(papers_taken_at=None, result_taken_at=None)
    earlier = import_module("buuchinh.migrations.0003_legs_begun_before").FORWARD
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute(earlier)
    taken = Parcel.objects.get(dossier=going).collected_at
    assert taken is not None
    assert PostalChoice.objects.get(dossier=going).papers_taken_at == taken
    with pytest.raises(Refused, match="không đổi cách nộp được nữa"):
        change(w, going, papers_by="counter")
    with pytest.raises(Refused, match="1022"):
        change(w, brought, return_by="counter")
    change(w, waiting, papers_by="counter")
