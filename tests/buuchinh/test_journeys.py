"""The short journeys of domain §24 that travel by post: nos. 1, 3 and 8."""

import pytest

from buuchinh.lifecycle import Leg, State
from buuchinh.models import FeeReceipt, Parcel
from buuchinh.services import booking, delivery, pickup, reception, remittances, verify
from hoso.models import Dossier, Notice
from hoso.services.errors import Refused
from tests.buuchinh.conftest import Post
from tests.factories import World, step


def told(dossier) -> list[str]:
    found = Notice.objects.filter(dossier=dossier, channel="portal", template__startswith="postal_")
    return list(found.order_by("pk").values_list("template", flat=True))


def test_online_partial_with_the_post_and_no_visit(w: World, post: Post, at) -> None:
    at("2026-10-05 08:00")
    dossier = post.accepted()
    parcel = post.booked(dossier)
    assert (parcel.state, parcel.unit, parcel.carrier) == (State.ASSIGNED, w.post, w.carrier)
    assert [p["name"] for p in parcel.papers] == ["Giấy chứng sinh"]

    at("2026-10-05 14:00")
    parcel = post.collected(parcel)
    assert parcel.tracking_number == "EP000000014VN"
    assert parcel.note.facts["charges_total"] == 8000
    dossier.refresh_from_db()
    payment = dossier.payments.get()
    assert (payment.method, payment.status, payment.received_by) == ("cash_post", "succeeded", w.carrier)
    assert parcel.fee_receipt.receipt_no == payment.receipt_no

    at("2026-10-06 08:30")
    record = post.brought(parcel)
    dossier.refresh_from_db()
    assert dossier.paper_check == "received"
    assert record.fees == 8000
    assert record.remittance.total == 8000
    step(
        w, dossier, "check_papers", "desk_officer", {"items": [{"name": "Giấy chứng sinh", "matches": True}]}
    )
    for name, who, facts in (
        ("hand_over", "desk_officer", {}),
        ("sign_for", "division_head", {}),
        ("assign", "division_head", {"assignee": "case_officer"}),
        ("finish_task", "case_officer", {"result": "Đủ điều kiện", "proposed_outcome": "granted"}),
        ("decide", "approver", {"outcome": "granted", "title": "Giấy khai sinh", "body": "Đã đăng ký."}),
        ("issue_result", "clerk", {}),
    ):
        dossier = step(w, dossier, name, who, facts)

    at("2026-10-08 09:00")
    back = post.taken(dossier)
    assert back.state == State.COLLECTED
    assert [p["name"] for p in back.papers] == ["Giấy khai sinh", "Giấy chứng sinh"]
    back = delivery.deliver(
        back.pk,
        by=w.carrier,
        receiver_name="",
        is_owner=True,
        id_tail=dossier.owner_id[-4:],
        postage_taken=26000,
    )
    dossier.refresh_from_db()
    assert (back.state, dossier.state) == (State.DELIVERED, "completed")
    last = dossier.events.get(seq=dossier.last_seq)
    assert (last.actor, last.data["tracking_number"]) == (w.carrier, back.tracking_number)
    assert told(dossier) == [
        "postal_pickup_booked",
        "postal_collected",
        "postal_handed_over",
        "postal_result_taken",
    ]


def test_village_post_point_and_a_copy_missing_at_the_count(w: World, post: Post, at) -> None:
    at("2026-10-05 09:00")
    parcel = reception.receive(
        by=w.carrier,
        version=w.version,
        desk=w.desk,
        agency=w.commune,
        owner_name="Hoàng Văn Bình",
        owner_id=w.neighbour.personal_id,
        phone="+84912000001",
        address="Khu 3, phường Việt Trì",
        place=w.place,
        wants_result=True,
    )
    assert parcel.dossier.state == "draft"
    assert parcel.dossier.channel == "post"
    parcel = post.collected(parcel, signed_name="Hoàng Văn Bình")
    receipt = FeeReceipt.objects.get(parcel=parcel)
    assert (receipt.amount, receipt.recorded_at) == (8000, None)

    at("2026-10-06 10:00")
    short = post.sign(incoming=[_short(parcel)])
    parcel.refresh_from_db()
    assert parcel.state == State.REJECTED_AT_COUNT
    assert not short.lines.get().complete
    assert parcel.dossier.accepted_at is None
    assert remittances.held(w.carrier).count() == 1, "tiền của hồ sơ chưa tiếp nhận vẫn ở bưu tá"

    at("2026-10-07 08:15")
    record = post.sign(incoming=[post.counted(parcel, eid_checked=True)])
    parcel.refresh_from_db()
    dossier = parcel.dossier
    dossier.refresh_from_db()
    assert parcel.state == State.HANDED_OVER
    assert dossier.accepted_at == record.signed_at, "thời điểm nộp là thời điểm ký biên bản (QĐ45 7.4)"
    assert dossier.state == "processing"
    assert dossier.code
    receipt.refresh_from_db()
    assert receipt.receipt_no
    assert record.fees == 8000
    assert not remittances.held(w.carrier).exists()
    assert dossier.charges.get().status == "paid"


def _short(parcel: Parcel):
    from buuchinh.services.handovers import Counted

    return Counted(parcel.pk, frozenset(), guidance="Nộp thêm bản chính Giấy chứng sinh trong ngày mai.")


def test_failed_delivery_two_invitations_and_back_to_the_agency(w: World, post: Post, at) -> None:
    at("2026-10-01 09:00")
    dossier = post.decided()
    parcel = post.taken(dossier)
    at("2026-10-05 10:40")
    delivery.fail(parcel.pk, by=w.carrier, reason="absent")
    days = list(parcel.invitations.values_list("due_on", flat=True))
    assert [f"{day:%d/%m}" for day in days] == ["07/10", "09/10"]
    parcel.refresh_from_db()
    assert f"{parcel.return_from:%d/%m}" == "12/10"
    for day, sent in (("06", 0), ("07", 1), ("08", 0), ("09", 1)):
        at(f"2026-10-{day} 08:00")
        assert delivery.invite_due() == sent
        with pytest.raises(Refused):
            delivery.start_return(parcel.pk, by=w.carrier)
    at("2026-10-12 08:00")
    delivery.start_return(parcel.pk, by=w.carrier)
    post.sign(back=[parcel.pk])
    parcel.refresh_from_db()
    dossier.refresh_from_db()
    assert (parcel.state, dossier.state) == (State.RETURNED_TO_AGENCY, "decided")
    assert told(dossier)[-4:] == [
        "postal_attempt_failed",
        "postal_invitation",
        "postal_invitation",
        "postal_returned",
    ]
    assert booking.book_due() == 0, "không tự đặt chuyến mới"
    done = step(
        w, dossier, "complete", "desk_officer", {"receiver_name": dossier.owner_name, "relation": "chính chủ"}
    )
    assert done.state == "completed"


def test_pickup_missed_comes_again(w: World, post: Post, at) -> None:
    at("2026-10-05 08:00")
    dossier = post.accepted()
    parcel = post.booked(dossier)
    pickup.miss(parcel.pk, by=w.carrier, reason="absent")
    parcel.refresh_from_db()
    assert (parcel.state, parcel.attempts) == (State.ASSIGNED, 1)
    assert post.collected(parcel).state == State.COLLECTED
    assert Parcel.objects.filter(dossier=dossier, leg=Leg.PICKUP).count() == 1


def test_replaying_every_parcel_finds_nothing_wrong(w: World, post: Post, at) -> None:
    """The check an administrator runs holds for what the services write (invariants 2, 8, 10, 11)."""
    at("2026-10-05 08:00")
    done = post.taken(post.decided())
    delivery.deliver(
        done.pk, by=w.carrier, receiver_name="", is_owner=True, id_tail=done.dossier.owner_id[-4:]
    )
    back = post.taken(post.decided())
    delivery.fail(back.pk, by=w.carrier, reason="refused")
    delivery.start_return(back.pk, by=w.carrier)
    post.sign(back=[back.pk])
    assert [str(p) for p in verify.problems(Dossier.objects.all())] == []
