"""The postal pages as people use them: valid, closed to others, safe against double taps and old pages."""

import pytest
from django.urls import reverse

from buuchinh.lifecycle import Leg, State
from buuchinh.models import HandoverRecord, Parcel
from buuchinh.services import delivery, handovers, pickup
from buuchinh.views import rounds
from danhmuc.roles import Role
from danhmuc.text import fold
from hoso.models import Dossier
from tests.buuchinh.conftest import Post
from tests.factories import World, officer
from tests.page import Visitor


def url(name: str, *args: object) -> str:
    return reverse(f"buuchinh:{name}", args=args)


def pickup_data(parcel: Parcel, **more: object) -> dict[str, object]:
    return {
        "seen": parcel.last_seq,
        "fee_shown": 8000,
        "papers": ["0"],
        "pay": "cash",
        "identity_checked": "on",
        "signed_name": parcel.contact,
    } | more


def delivery_data(parcel: Parcel, **more: object) -> dict[str, object]:
    return {
        "seen": parcel.last_seq,
        "fee_shown": 0,
        "outcome": "delivered",
        "who": "owner",
        "id_tail": parcel.dossier.owner_id[-4:],
        "money_taken": "on",
        "signed": "on",
    } | more


def test_the_round_shows_own_stops_in_order(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.booked(post.accepted())
    page = visit(url("home"), w.carrier)
    assert page.h1 == "Việc hôm nay"
    assert parcel.contact in page.text
    assert "Thu 42.000 ₫" in page.text.replace("\xa0", " "), "phí 8.000, cước 26.000, chuyển nộp phí 8.000"
    assert url("pickup", parcel.pk) in page.links
    assert parcel.contact not in visit(url("home"), w.other_carrier).text
    assert visit(url("tomorrow"), w.carrier).h1 == "Việc ngày mai"


def test_a_long_round_comes_in_pages_and_is_searched_without_marks(
    w: World, post: Post, visit: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "PAGE_SIZE", 3)
    names = ["Ngô Thị Hoa", "Cao Văn Hiệp", "Đinh Văn Cường", "Đặng Thùy Linh", "Vũ Đình Lộc"]
    for name in names[:2]:
        post.booked(post.accepted(submitter_name=name))
    few = len(visit(url("home"), w.carrier).queries)
    for name in names[2:]:
        post.booked(post.accepted(submitter_name=name))
    stops = list(Parcel.objects.on_route_of(w.carrier).order_by("wished_on", "registered_at", "pk"))
    first = visit(url("home"), w.carrier)
    assert len(first.queries) == few, "một điểm thêm không phải là một câu lệnh thêm"
    assert "Đã xong 0 trên 5 điểm" in first.text
    assert [url("pickup", p.pk) in first.links for p in stops] == [True, True, True, False, False]
    second = visit(url("home") + "?trang=2", w.carrier)
    assert [url("pickup", p.pk) in second.links for p in stops] == [False, False, False, True, True]
    fourth = second.one(f"//a[@href='{url('pickup', stops[3].pk)}']/ancestor::li/span[@class='dv-stop__n']")
    assert fourth.text == "4", "số thứ tự đi tiếp từ trang trước"
    assert "Tiếp theo" not in second.text
    sought = stops[4]
    found = visit(url("home") + "?q=" + fold(sought.contact).replace(" ", "+"), w.carrier)
    assert url("pickup", sought.pk) in found.links
    none = visit(url("home") + "?q=khong+co+ai", w.carrier)
    assert "0 điểm có “khong co ai”" in none.text
    assert "Xem cả tuyến" in none.text


def test_pickup_by_the_page(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.booked(post.accepted())
    page = visit(url("pickup", parcel.pk), w.carrier)
    assert "Giấy chứng sinh" in page.text
    assert page.button("Đã nhận đủ, gửi biên nhận") is not None
    done = visit.post(url("pickup", parcel.pk), pickup_data(parcel), w.carrier)
    parcel.refresh_from_db()
    assert (parcel.state, parcel.postage_taken, parcel.fee_receipt.amount) == (State.COLLECTED, 34000, 8000)
    assert parcel.tracking_number in done.text
    assert "Đã xong 1 trên 1 điểm" in done.text
    assert visit(url("parcel", parcel.pk), w.carrier).h1 == parcel.contact
    sheet = visit(url("note", parcel.pk), w.carrier)
    assert parcel.tracking_number in sheet.text
    pdf = visit.client(w.carrier).get(url("note", parcel.pk) + "?tep=1")
    assert pdf.content.startswith(b"%PDF")


def test_a_double_tap_ends_where_the_first_one_did(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.booked(post.accepted())
    data = pickup_data(parcel)
    visit.post(url("pickup", parcel.pk), data, w.carrier)
    again = visit.post(url("pickup", parcel.pk), data, w.carrier)
    assert again.url == url("parcel", parcel.pk)
    assert Parcel.objects.get(pk=parcel.pk).events.filter(name="collect").count() == 1
    assert parcel.dossier.payments.count() == 1


def test_an_old_page_says_who_was_faster(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.booked(post.accepted())
    data = pickup_data(parcel)
    pickup.assign(parcel.pk, by=w.coordinator, carrier=w.other_carrier)
    pickup.assign(parcel.pk, by=w.coordinator, carrier=w.carrier)
    page = visit.post(
        url("pickup", parcel.pk), data | {"signed_name": "Người ký khác"}, w.carrier, status=409
    )
    assert "Hà Thị Hạnh vừa thực hiện “Giao bưu tá”" in page.text
    assert page.one("//input[@name='signed_name']").get("value") == "Người ký khác", "điều đã gõ vẫn còn"
    parcel.refresh_from_db()
    assert parcel.state == State.ASSIGNED


def test_pickup_refusals_keep_what_was_typed(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.booked(post.accepted())
    for change, words in (
        ({"papers": []}, "Đánh dấu các giấy tờ đã cầm trên tay"),
        ({"identity_checked": ""}, "giấy tờ tùy thân"),
        ({"fee_shown": 5000}, "Số phí phải thu bây giờ là 8.000 ₫"),
        ({"signed_name": ""}, "Nhập họ tên người ký phiếu gửi"),
    ):
        page = visit.post(url("pickup", parcel.pk), pickup_data(parcel, **change), w.carrier, status=422)
        assert words in page.text
        assert page.title.startswith("Lỗi: ")
    parcel.refresh_from_db()
    assert parcel.state == State.ASSIGNED
    assert not parcel.dossier.payments.exists()


def test_fee_later_takes_postage_alone(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.booked(post.accepted())
    visit.post(url("pickup", parcel.pk), pickup_data(parcel, pay="later"), w.carrier)
    parcel.refresh_from_db()
    assert (parcel.state, parcel.postage_taken) == (State.COLLECTED, 26000)
    assert not hasattr(parcel, "fee_receipt")


def test_missed_by_the_page(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.booked(post.accepted())
    visit.post(url("miss", parcel.pk), {"seen": parcel.last_seq, "reason": "absent"}, w.carrier)
    parcel.refresh_from_db()
    assert parcel.attempts == 1
    bad = {"seen": parcel.last_seq, "reason": "absent", "again_on": "01/01/2020"}
    page = visit.post(url("miss", parcel.pk), bad, w.carrier, status=422)
    assert "từ hôm nay trở đi" in page.text


def test_another_day_is_agreed_on_the_telephone(w: World, post: Post, visit: Visitor, at) -> None:
    at("2026-10-05 08:00")
    parcel = post.booked(post.accepted())
    bad = {"seen": parcel.last_seq, "on": "01/10/2026", "part": ""}
    assert "từ hôm nay trở đi" in visit.post(url("schedule", parcel.pk), bad, w.carrier, status=422).text
    good = {"seen": parcel.last_seq, "on": "07/10/2026", "part": "morning"}
    visit.post(url("schedule", parcel.pk), good, w.carrier)
    visit.post(url("schedule", parcel.pk), good, w.carrier)
    parcel.refresh_from_db()
    assert (parcel.state, f"{parcel.wished_on:%d/%m}", parcel.attempts) == (State.ASSIGNED, "07/10", 0)
    assert parcel.events.filter(name="confirm").count() == 1
    assert parcel.contact not in visit(url("home"), w.carrier).text
    assert parcel.contact in visit(url("tomorrow"), w.carrier).text
    agree = {"viec": "hen", "seen": parcel.last_seq, "on": "06/10/2026", "part": ""}
    visit.post(url("coordinated", parcel.pk), agree, w.coordinator)
    parcel.refresh_from_db()
    assert f"{parcel.wished_on:%d/%m}" == "06/10"


def test_the_desk_counts_and_signs(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.collected(post.booked(post.accepted()))
    overview = visit(url("handover"), w.desk_officer)
    assert w.carrier.full_name in overview.text
    page = visit(f"{url('handover')}?buu_ta={w.carrier.pk}", w.desk_officer)
    assert "Giấy chứng sinh" in page.text
    assert "8.000" in page.text
    pk = parcel.pk
    data = {
        "buu_ta": w.carrier.pk, "quay": w.desk.pk, f"in_{pk}": "on", f"seen_{pk}": parcel.last_seq,
        f"papers_{pk}": ["0"], f"guidance_{pk}": "",
    }  # fmt: skip
    wrong = visit.post(url("handover"), data | {"code": "000"}, w.desk_officer, status=422)
    assert "chưa có mã bàn giao còn hiệu lực" in wrong.text
    code_page = visit.post(url("code"), {}, w.carrier)
    digits = code_page.one("//*[@class='dv-cash']").text
    wrong = visit.post(url("handover"), data | {"code": "12x"}, w.desk_officer, status=422)
    assert "Mã xác nhận chưa đúng, còn 4 lần nhập" in wrong.text
    short = visit.post(
        url("handover"), data | {"code": digits, f"papers_{pk}": []}, w.desk_officer, status=422
    )
    assert "ghi hướng dẫn để người nộp hoàn thiện" in short.text
    done = visit.post(url("handover"), data | {"code": digits}, w.desk_officer)
    record = HandoverRecord.objects.get()
    assert done.url == url("record", record.pk)
    assert "Đầy đủ" in done.text
    assert Dossier.objects.get(pk=parcel.dossier_id).paper_check == "received"
    again = visit.post(url("handover"), data | {"code": digits}, w.desk_officer)
    assert again.url == url("record", record.pk), "bấm hai lần vẫn một biên bản"
    assert record.number in visit(url("records"), w.desk_officer).text


def test_delivery_by_the_page(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.taken(post.decided())
    page = visit(url("deliver", parcel.pk), w.carrier)
    assert "Giấy khai sinh" in page.text
    assert "Đã thu 26.000 ₫" in page.text.replace("\xa0", " ")
    wrong = visit.post(
        url("deliver", parcel.pk), delivery_data(parcel, id_tail="0000"), w.carrier, status=422
    )
    assert "không khớp với chủ hồ sơ" in wrong.text
    visit.post(url("deliver", parcel.pk), delivery_data(parcel), w.carrier)
    parcel.refresh_from_db()
    assert (parcel.state, Dossier.objects.get(pk=parcel.dossier_id).state) == (State.DELIVERED, "completed")
    again = visit.post(url("deliver", parcel.pk), delivery_data(parcel, seen=parcel.last_seq - 1), w.carrier)
    assert again.url == url("parcel", parcel.pk)


def test_failed_delivery_by_the_page(w: World, post: Post, visit: Visitor, at) -> None:
    at("2026-10-01 09:00")
    parcel = post.taken(post.decided())
    at("2026-10-05 10:00")
    no_reason = {"seen": parcel.last_seq, "outcome": "failed"}
    page = visit.post(url("deliver", parcel.pk), no_reason, w.carrier, status=422)
    assert "Chọn lý do chưa phát được" in page.text
    visit.post(url("deliver", parcel.pk), no_reason | {"reason": "absent"}, w.carrier)
    page = visit(url("deliver", parcel.pk), w.carrier)
    assert "Phát lần 2." in page.text
    assert "12/10/2026" in page.text
    at("2026-10-12 08:00")
    delivery.invite_due()
    parcel.refresh_from_db()
    visit.post(url("start_return", parcel.pk), {"seen": parcel.last_seq}, w.carrier)
    parcel.refresh_from_db()
    assert parcel.state == State.RETURNING
    page = visit(f"{url('handover')}?buu_ta={w.carrier.pk}", w.desk_officer)
    assert "Kết quả chuyển hoàn (1)" in page.text


def test_money_page_and_its_confirmation(w: World, post: Post, visit: Visitor) -> None:
    post.collected(post.booked(post.accepted()))
    page = visit(url("money"), w.carrier)
    assert "8.000 ₫" in page.text.replace("\xa0", " ")
    visit.post(url("money"), {"agency": w.commune.pk}, w.carrier)
    twice = visit.post(url("money"), {"agency": w.commune.pk}, w.carrier)
    assert "Không có khoản thu hộ nào chờ nộp" in twice.text
    batch = (
        w.carrier.__class__.objects.get(pk=w.carrier.pk) and handovers.remittances.batches_of(w.carrier)[0]
    )
    desk = visit(url("handover"), w.cashier)
    assert batch.number in desk.text
    data = {"batch": batch.pk, "counted": "7.000", "explanation": ""}
    assert "ghi giải trình" in visit.post(url("confirm_money"), data, w.cashier).text
    visit.post(url("confirm_money"), data | {"explanation": "Tờ 1.000 đồng rách, đổi ngày mai"}, w.cashier)
    batch.refresh_from_db()
    assert (batch.counted, batch.confirmed_by) == (7000, w.cashier)


def test_coordinator_assigns_and_ends(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.booked(post.accepted())
    assert parcel.contact in visit(url("coordination"), w.coordinator).text
    page = visit(url("coordinated", parcel.pk), w.coordinator)
    assert w.other_carrier.full_name in page.text
    give = {"viec": "giao", "seen": parcel.last_seq, "carrier": w.other_carrier.pk}
    visit.post(url("coordinated", parcel.pk), give, w.coordinator)
    parcel.refresh_from_db()
    assert parcel.carrier == w.other_carrier
    stale = visit.post(url("coordinated", parcel.pk), give | {"carrier": w.carrier.pk}, w.coordinator)
    assert "vừa thực hiện" in stale.text
    end = {"viec": "dung", "seen": parcel.last_seq, "what": "abandon", "note": "Ba lần không gặp"}
    visit.post(url("coordinated", parcel.pk), end, w.coordinator)
    parcel.refresh_from_db()
    assert parcel.state == State.FAILED


def test_late_registration_says_match_or_no_match(w: World, post: Post, visit: Visitor) -> None:
    dossier = post.accepted()
    Dossier.objects.filter(pk=dossier.pk).update(return_by="counter")
    where = {"receiver": "Hoàng Văn Bình", "phone": "0912345678", "address": "Khu 3", "place": "Việt Trì"}
    wrong = where | {"code": dossier.code, "owner_name": dossier.owner_name, "owner_id": "025186000000"}
    hotline = officer("Tổng Đài", Role.HOTLINE_OPERATOR, w.province)
    page = visit.post(url("register"), wrong, hotline, status=422)
    assert "Không khớp" in page.text
    unknown = visit.post(url("register"), wrong | {"code": "H44.27-261005-9999"}, hotline, status=422)
    assert page.one("//*[@class='dv-errors']//li").text == unknown.one("//*[@class='dv-errors']//li").text
    right = wrong | {"owner_id": dossier.owner_id, "owner_name": "NGUYEN THI THANH HUONG"}
    told = visit.post(url("register"), right, hotline)
    assert "Khớp." in told.text
    assert dossier.owner_id not in told.html
    dossier.refresh_from_db()
    assert dossier.return_by == "post"
    assert dossier.postal.receiver == "Hoàng Văn Bình"
    last = dossier.events.get(seq=dossier.last_seq)
    assert (last.name, last.actor, last.data["channel"]) == ("register_post", hotline, "hotline")


def test_reception_at_a_post_counter(w: World, post: Post, visit: Visitor) -> None:
    visit(url("receive"), w.carrier)
    data = {
        "procedure": "1.001193", "desk": w.desk.pk, "owner_name": "Hoàng Văn Bình",
        "owner_id": w.neighbour.personal_id, "phone": "0912345678", "address": "Khu 3", "place": "phường Việt Trì, Phú Thọ",
    }  # fmt: skip
    page = visit.post(url("receive"), data, w.carrier)
    parcel = Parcel.objects.get()
    assert page.url == url("pickup", parcel.pk)
    assert (parcel.dossier.channel, parcel.dossier.applicant) == ("post", w.neighbour)
    wrong = visit.post(url("receive"), data | {"desk": w.centre.pk, "phone": "12"}, w.carrier, status=422)
    assert "Số điện thoại chưa đúng" in wrong.text


# -- Who may open what ------------------------------------------------------------------------------------------

PEOPLE = (
    "citizen",
    "desk_officer",
    "other_desk_officer",
    "case_officer",
    "cashier",
    "carrier",
    "other_carrier",
    "coordinator",
    "system_admin",
)
#: Page × person → status; whoever is not named gets the status under "*".
TABLE: dict[str, dict[str, int]] = {
    "home": {"carrier": 200, "other_carrier": 200, "coordinator": 302, "desk_officer": 302, "other_desk_officer": 302, "*": 403},
    "tomorrow": {"carrier": 200, "other_carrier": 200, "*": 403},
    "money": {"carrier": 200, "other_carrier": 200, "*": 403},
    "code": {"carrier": 200, "other_carrier": 200, "*": 403},
    "receive": {"carrier": 200, "other_carrier": 200, "*": 403},
    "register": {"carrier": 200, "other_carrier": 200, "coordinator": 200, "desk_officer": 200, "other_desk_officer": 200, "*": 403},
    "coordination": {"coordinator": 200, "*": 403},
    "coordinated": {"coordinator": 200, "*": 403},
    "handover": {"desk_officer": 200, "other_desk_officer": 200, "cashier": 200, "*": 403},
    "records": {"desk_officer": 200, "other_desk_officer": 200, "cashier": 200, "*": 403},
    "parcel": {"carrier": 200, "other_carrier": 404, "*": 403},
    "pickup": {"carrier": 302, "other_carrier": 404, "*": 403},
    "miss": {"carrier": 302, "other_carrier": 302, "*": 403},
    "schedule": {"carrier": 302, "other_carrier": 302, "*": 403},
    "deliver": {"carrier": 404, "other_carrier": 404, "*": 403},
    "start_return": {"carrier": 302, "other_carrier": 302, "*": 403},
    "note": {"carrier": 200, "other_carrier": 404, "coordinator": 200, "desk_officer": 200, "other_desk_officer": 404, "cashier": 404, "*": 403},
    "record": {"carrier": 200, "other_carrier": 404, "coordinator": 200, "desk_officer": 200, "other_desk_officer": 404, "cashier": 200, "*": 403},
    "give_back": {"desk_officer": 200, "other_desk_officer": 404, "cashier": 404, "*": 403},
    "confirm_money": {"desk_officer": 302, "other_desk_officer": 302, "cashier": 302, "*": 403},
}  # fmt: skip


def test_who_may_open_what(w: World, post: Post, visit: Visitor) -> None:
    from buuchinh import urls

    assert set(TABLE) == {pattern.name for pattern in urls.urlpatterns}
    parcel = post.collected(post.booked(post.accepted()))
    record = post.brought(parcel)
    wrong = []
    for name, expected in TABLE.items():
        args = {"record": (record.pk,)}.get(name, (parcel.pk,) if "<int:pk>" in str(_route(name)) else ())
        for who in PEOPLE:
            status = visit.client(getattr(w, who)).get(url(name, *args)).status_code
            if status != expected.get(who, expected["*"]):
                wrong.append(f"{name} {who}: {status}, mong đợi {expected.get(who, expected['*'])}")
        anonymous = visit.client().get(url(name, *args))
        if anonymous.status_code != 302 or "/dang-nhap/" not in anonymous.headers["Location"]:
            wrong.append(f"{name} chưa đăng nhập: {anonymous.status_code}")
    assert not wrong, "\n".join(wrong)


def _route(name: str) -> str:
    from buuchinh import urls

    return next(str(p.pattern) for p in urls.urlpatterns if p.name == name)


def test_nobody_signs_or_acts_for_another(w: World, post: Post, visit: Visitor) -> None:
    parcel = post.booked(post.accepted())
    assert (
        visit.client(w.other_carrier).post(url("pickup", parcel.pk), pickup_data(parcel)).status_code == 404
    )
    post.collected(parcel)
    stranger = visit.client(w.other_desk_officer).post(
        url("handover"), {"buu_ta": w.carrier.pk, f"in_{parcel.pk}": "on", "code": post.code()}
    )
    assert stranger.status_code == 422
    assert not HandoverRecord.objects.exists()


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("home", "carrier"),
        ("coordination", "coordinator"),
        ("handover", "desk_officer"),
        ("money", "carrier"),
    ],
)
def test_lists_cost_the_same_with_two_rows_and_with_twelve(
    w: World, post: Post, visit: Visitor, name: str, who: str
) -> None:
    def cost(number: int) -> int:
        for _ in range(number):
            parcel = post.booked(post.accepted())
            if name == "money":
                post.collected(parcel)
        return len(visit(url(name), getattr(w, who)).queries)

    assert cost(2) == cost(10)


def test_count_page_costs_the_same_for_more_parcels(w: World, post: Post, visit: Visitor) -> None:
    def cost(number: int) -> int:
        for _ in range(number):
            post.collected(post.booked(post.accepted()))
        return len(visit(f"{url('handover')}?buu_ta={w.carrier.pk}", w.desk_officer).queries)

    assert cost(2) == cost(6)
    assert Parcel.objects.filter(leg=Leg.PICKUP).count() == 8
