"""The counter corrects an account: found by a whole number, put right on a paper's word, on record, the holder told."""

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from danhmuc.models import User
from danhmuc.roles import Role
from danhmuc.services import sign_in
from hoso.models import Dossier, Notice
from hoso.services import delivery
from hoso.services.dossiers import advance
from portal.models import AccountChange, AccountCorrection, AccountReading, AccountRequest, EidLink
from portal.services import corrections
from tests.factories import World, draft, officer, organisation, person
from tests.page import Page, Visitor, text_of

pytestmark = pytest.mark.django_db
HOME = "/tai-khoan/tai-quay/"
RIGHT = "025186990098"


@pytest.fixture
def ha(w: World) -> User:
    """Somebody whose number was mistyped when registering, as people born in 1986 are numbered."""
    return person("Lê Thị Hà", username="025186990089", personal_id="025186990089")


def opened(visit: Visitor, w: World, account: User, who: User | None = None) -> str:
    """The address of the account's page, found by its number as at the counter."""
    answer = visit.client(who or w.desk_officer).post(
        HOME, {"q": account.personal_id or account.tax_code or account.phone}
    )
    assert answer.status_code == 302, "không tìm thấy đúng một tài khoản"
    return str(answer["Location"])


def form_data(account: User, **changed: Any) -> dict[str, Any]:
    """The page as it stands, with the paper, and with what the officer changes."""
    born = account.birth_date or date(1986, 5, 4)
    own = {
        "full_name": account.full_name,
        "birth_date_d": str(born.day),
        "birth_date_m": str(born.month),
        "birth_date_y": str(born.year),
        "gender": account.gender,
        "personal_id": account.personal_id,
        "paper": "card",
        "paper_number": changed.get("personal_id", account.personal_id),
        "paper_on_d": "12",
        "paper_on_m": "3",
        "paper_on_y": "2023",
        "reason": "Gõ nhầm hai số cuối khi đăng ký",
        "seen": "0",
    }
    return own | changed


def filed_by(w: World, account: User) -> Dossier:
    """A dossier of that person, waiting at the desk."""
    return advance(draft(w, by=account).pk, "submit", by=account)


def errors(page: Page) -> str:
    return text_of(page.one('//div[@class="dv-errors"]'))


# -- Finding ---------------------------------------------------------------------------------------------------------


def test_a_whole_number_leads_to_the_account_and_a_part_of_it_nowhere(
    w: World, ha: User, visit: Visitor
) -> None:
    filed = filed_by(w, ha)
    for typed in (
        "025186990089",
        "025 186 990 089",
        ha.phone.replace("+84", "0"),
        filed.submission_ref.lower(),
    ):
        answer = visit.client(w.desk_officer).post(HOME, {"q": typed})
        assert answer.status_code == 302, typed
        assert "Lê Thị Hà" in visit(answer["Location"], w.desk_officer).text
    for typed in ("0251869900", "Lê Thị Hà", "%", "NT-000000000"):
        page = visit.post(HOME, {"q": typed}, w.desk_officer)
        assert "Không có tài khoản nào với số này" in page.text, typed
        assert "Hà" not in page.text
    assert "Nhập số định danh" in errors(visit.post(HOME, {"q": " "}, w.desk_officer))


def test_a_dossier_of_another_desk_names_nobody(w: World, ha: User, visit: Visitor) -> None:
    filed = filed_by(w, ha)
    page = visit.post(HOME, {"q": filed.submission_ref}, w.other_desk_officer)
    assert "Không có tài khoản nào" in page.text


def test_people_who_share_a_telephone_are_listed_masked_and_the_look_is_kept(
    w: World, ha: User, visit: Visitor
) -> None:
    person("Lê Văn Hòa", phone=ha.phone)
    page = visit.post(HOME, {"q": ha.phone.replace("+84", "0")}, w.desk_officer)
    rows = [text_of(row) for row in page.all('//ul[@class="dv-links"]/li')]
    assert len(rows) == 2
    assert any("025*******89" in row for row in rows)
    assert ha.personal_id not in page.html
    assert ha.phone[-9:] not in page.text.replace(" ", "")
    assert AccountReading.objects.filter(what="thấy trong danh sách tìm", user=w.desk_officer).count() == 2


def test_no_officer_and_no_staff_account_is_found(w: World, visit: Visitor) -> None:
    page = visit.post(HOME, {"q": w.approver.phone.replace("+84", "0")}, w.desk_officer)
    assert "Không có tài khoản nào" in page.text


# -- Who may ---------------------------------------------------------------------------------------------------------


def test_only_those_who_serve_at_a_desk(w: World, ha: User, visit: Visitor) -> None:
    url = opened(visit, w, ha)
    assert visit(HOME, w.desk_head).h1 == "Tài khoản người dân"
    for path in (HOME, url):
        assert visit.client().get(path)["Location"].startswith("/dang-nhap/")
        refused = [ha, w.citizen, w.carrier, w.case_officer, w.approver, w.cashier, w.clerk, w.supervisor]
        refused += [w.system_admin, officer("Lưu Thị Nga", Role.HOTLINE_OPERATOR, w.province)]
        for who in refused:
            assert visit.client(who).get(path).status_code == 403, (path, who)
            assert visit.client(who).post(path, form_data(ha)).status_code == 403, (path, who)
    assert "Tài khoản người dân" in visit("/mot-cua/", w.desk_officer).html
    assert "Tài khoản người dân" not in visit("/mot-cua/", w.case_officer).html


def test_an_account_found_by_one_officer_opens_for_no_other(w: World, ha: User, visit: Visitor) -> None:
    url = opened(visit, w, ha)
    for address in (url, url[:-2] + "x/"):
        who = w.desk_head if address == url else w.desk_officer
        page = visit(address, who, follow=True)
        assert "Tìm lại tài khoản" in page.text
    before = ha.full_name
    visit.post(url, form_data(ha, full_name="Kẻ Gian"), w.desk_head)
    ha.refresh_from_db()
    assert ha.full_name == before


def test_opening_an_account_is_kept(w: World, ha: User, visit: Visitor) -> None:
    visit(opened(visit, w, ha), w.desk_officer, budget=22)
    reading = AccountReading.objects.get()
    assert (reading.user, reading.account, reading.ip) == (w.desk_officer, ha, "127.0.0.1")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE portal_accountreading SET what = ''")


# -- Correcting ------------------------------------------------------------------------------------------------------


def test_a_mistyped_number_is_put_right_recorded_and_told(w: World, ha: User, visit: Visitor) -> None:
    filed = filed_by(w, ha)
    url = opened(visit, w, ha)
    before = visit(url, w.desk_officer)
    assert "1 hồ sơ giữ nguyên thông tin lúc nộp" in before.text
    assert filed.submission_ref in before.text
    data = form_data(
        ha, personal_id="025 186 990 098", paper_number="025186990098", full_name="Lê Thị Thu Hà"
    )
    page = visit.post(url, data, w.desk_officer)
    assert "Đã sửa họ và tên, số định danh cá nhân" in page.text
    assert "025186990089 → 025186990098" in page.text
    assert "Thẻ căn cước, căn cước công dân số 025186990098, cấp 12/03/2023" in page.text

    ha.refresh_from_db()
    assert (ha.personal_id, ha.username, ha.full_name) == (RIGHT, RIGHT, "Lê Thị Thu Hà")
    assert ha.folded_name == "le thi thu ha"
    assert sign_in.find(RIGHT) == ha
    assert sign_in.find("025186990089") is None
    assert Client().login(username=RIGHT, password="Matkhau-123")

    made = AccountCorrection.objects.get()
    assert (made.by, made.desk, made.reason) == (w.desk_officer, w.desk, "Gõ nhầm hai số cuối khi đăng ký")
    assert made.changes == [
        {"field": "full_name", "label": "Họ và tên", "before": "Lê Thị Hà", "after": "Lê Thị Thu Hà"},
        {
            "field": "personal_id",
            "label": "Số định danh cá nhân",
            "before": "025186990089",
            "after": "025186990098",
        },
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        AccountCorrection.objects.update(reason="khác")
    history = visit("/tai-khoan/lich-su/", ha).text
    assert f"Số định danh cá nhân, sửa tại {w.desk.agency.name} 025*******89 025*******98" in history

    filed.refresh_from_db()
    assert (filed.owner_name, filed.owner_id) == ("Lê Thị Hà", "025186990089")

    told = Notice.objects.filter(template="account_corrected")
    assert {(n.channel, n.address) for n in told} == {("portal", ""), ("email", ha.email), ("sms", ha.phone)}
    for notice in told:
        words = delivery.render(notice)
        text = words.sms + words.email_text + words.subject
        assert "họ và tên, số định danh cá nhân" in words.sms
        assert not re.search(r"\d{9}", text)


def test_an_account_without_a_number_gets_its_first_one(w: World, visit: Visitor) -> None:
    old = person("Trần Văn Cũ", personal_id="", username="tranvancu", gender="male", phone_confirmed=False)
    url = opened(visit, w, old)
    page = visit(url, w.desk_officer)
    assert "Chưa có" in text_of(page.one('//aside//dl[@class="dv-facts"]'))
    visit.post(url, form_data(old, personal_id="025086000077", paper_number="025086000077"), w.desk_officer)
    old.refresh_from_db()
    assert (old.personal_id, old.username) == ("025086000077", "tranvancu")
    assert not Notice.objects.filter(template="account_corrected", channel="sms").exists()


def test_an_organisations_name_and_tax_code(w: World, visit: Visitor) -> None:
    firm = organisation("Cong ty Phu Tho", username="to-chuc-0100233488")
    url = opened(visit, w, firm)
    page = visit(url, w.desk_officer)
    assert not page.all('//input[@name="personal_id"] | //input[@name="gender"]')
    assert "Giấy khai sinh" not in page.text
    data = {
        "full_name": "Công ty TNHH Chè Phú Thọ",
        "tax_code": "0100233488",
        "paper": "registration",
        "paper_number": "0100233488",
        "paper_on_d": "1",
        "paper_on_m": "8",
        "paper_on_y": "2020",
        "reason": "Tên đăng ký không dấu",
        "seen": "0",
    }
    wrong = visit.post(url, data | {"tax_code": "0100233489"}, w.desk_officer)
    assert "sai chữ số kiểm tra" in errors(wrong)
    assert "Đã sửa tên tổ chức" in visit.post(url, data, w.desk_officer).text
    firm.refresh_from_db()
    assert (firm.full_name, firm.username) == ("Công ty TNHH Chè Phú Thọ", "to-chuc-0100233488")


def test_what_an_electronic_identity_says_is_not_changed_here_but_its_number_is(
    w: World, ha: User, visit: Visitor
) -> None:
    EidLink.objects.create(user=ha, provider="vneid", sub="1", linked_at=timezone.now())
    url = opened(visit, w, ha)
    page = visit(url, w.desk_officer)
    assert "lần đăng nhập sau tự cập nhật" in page.text
    assert not page.all('//input[@name="full_name"]')
    data = form_data(ha, personal_id=RIGHT, full_name="Tên Khác")
    visit.post(url, data, w.desk_officer)
    ha.refresh_from_db()
    assert (ha.full_name, ha.personal_id) == ("Lê Thị Hà", RIGHT)
    assert ha.eid_level == 2, "xem giấy tờ ở quầy không đổi mức định danh"


# -- Telephone and e-mail lost ----------------------------------------------------------------------------------------

LOST = {"phone": "0987 654 321", "reason": "Mất điện thoại, không còn dùng số cũ"}


def code_to(number: str, folder: Path) -> str:
    """The code of the last short message to that number."""
    delivery.deliver()
    sent = "".join(path.read_text() for path in sorted((folder / "outbox").glob("sms-*.jsonl")))
    found = re.findall(r"ông/bà: (\d{6})", "\n".join(line for line in sent.splitlines() if number in line))
    assert found, sent
    return str(found[-1])


def forgotten(client: Client, account: User, channel: str = "sms") -> str:
    """Asked for at the page anybody may open; where the code is typed."""
    asked = client.post(
        "/tai-khoan/quen-mat-khau/", {"name": account.personal_id or account.tax_code, "channel": channel}
    )
    return str(asked["Location"])


def test_a_lost_telephone_is_replaced_and_its_owner_gets_in_again(
    w: World, ha: User, visit: Visitor, settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    old, thief = ha.phone, Client()
    thief.force_login(ha)
    running = filed_by(w, ha)
    waiting = forgotten(Client(), ha)
    stale = code_to(old, tmp_path)
    url = opened(visit, w, ha)
    assert f"Đang lưu: *******{old[-3:]}, đã xác nhận" in visit(url, w.desk_officer).text
    page = visit.post(url, form_data(ha, **LOST), w.desk_officer)
    assert "Đã sửa điện thoại. Chủ tài khoản được báo. Mời người dân mở “Quên mật khẩu”" in page.text
    assert "*******321, chưa xác nhận" in page.text
    assert "987654321" not in page.text.replace(" ", "")

    ha.refresh_from_db()
    assert (ha.phone, ha.phone_confirmed, ha.email_confirmed) == ("+84987654321", False, True)
    running.refresh_from_db()
    assert running.phone == "+84987654321", "tin về hồ sơ thôi đến máy bị mất"
    assert thief.get("/tai-khoan/").status_code == 302, "máy bị mất đã bị đăng xuất"
    assert not Client().login(username=ha.username, password="Matkhau-123"), (
        "mật khẩu lưu trong máy hết hiệu lực"
    )
    assert Client().post(waiting, {"code": stale}).status_code == 404, "mã đang chờ ở máy cũ bị bỏ"
    made = AccountCorrection.objects.get()
    assert made.changes == [{"field": "phone", "label": "Điện thoại", "before": old, "after": "+84987654321"}]
    told = Notice.objects.filter(template="account_corrected")
    assert {(n.channel, n.address) for n in told} == {
        ("portal", ""),
        ("email", ha.email),
        ("sms", old),
        ("sms", "+84987654321"),
    }
    for notice in told:
        words = delivery.render(notice)
        assert "Quên mật khẩu trong 24 giờ" in words.sms
        assert "đặt mật khẩu mới" in words.email_text
        assert "321" not in words.sms + words.email_text

    owner = Client()
    typing = forgotten(owner, ha)
    assert owner.post(typing, {"code": "000000"}).status_code == 200
    ha.refresh_from_db()
    assert not ha.phone_confirmed
    chosen = owner.post(typing, {"code": code_to("+84987654321", tmp_path)})
    ha.refresh_from_db()
    assert ha.phone_confirmed
    owner.post(chosen["Location"], {"password1": "Hoa-man-trang-5", "password2": "Hoa-man-trang-5"})
    assert Client().login(username=ha.username, password="Hoa-man-trang-5")
    history = visit("/tai-khoan/lich-su/", User.objects.get(pk=ha.pk)).text
    assert f"Điện thoại, sửa tại {w.desk.agency.name} *******{old[-3:]} *******321" in history
    assert "Hết hiệu lực; mọi thiết bị bị đăng xuất" in history
    assert "*******321, đã xác nhận bằng mã" in history


def test_a_telephone_a_stranger_holds_is_removed_and_its_messages_stop(
    w: World, ha: User, visit: Visitor
) -> None:
    dossier, elsewhere = filed_by(w, ha), filed_by(w, ha)
    Dossier.objects.filter(pk=elsewhere.pk).update(phone="+84912000111")
    old, thief = ha.phone, Client()
    thief.force_login(ha)
    url = opened(visit, w, ha)
    data = form_data(ha, reason="Đã bỏ số, người khác đang dùng", drop_phone="on")
    page = visit.post(url, data, w.desk_officer)
    assert "Đã xóa điện thoại. Chủ tài khoản được báo. Mật khẩu cũ đã hết hiệu lực" in page.text
    assert f"Điện thoại: *******{old[-3:]} → đã xóa" in page.text
    ha.refresh_from_db()
    assert (ha.phone, ha.phone_confirmed, ha.email_confirmed) == ("", False, True)
    assert thief.get("/tai-khoan/").status_code == 302
    change = {"field": "phone", "label": "Điện thoại", "before": old, "after": ""}
    assert AccountCorrection.objects.get().changes == [change]
    told = Notice.objects.filter(template="account_corrected")
    assert {(n.channel, n.address) for n in told} == {("portal", ""), ("email", ha.email), ("sms", old)}
    words = delivery.render(told.get(channel="email"))
    assert "vừa sửa điện thoại (đã xóa)" in words.email_text
    assert "24 giờ" not in words.email_text + words.sms
    dossier.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (dossier.phone, elsewhere.phone) == ("", "+84912000111")
    assert not dossier.events.filter(name="amend").exists()
    history = visit("/tai-khoan/lich-su/", User.objects.get(pk=ha.pk)).text
    assert f"Điện thoại, sửa tại {w.desk.agency.name} *******{old[-3:]} Đã xóa" in history
    assert (
        "Đổi nơi nhận tin"
        in visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", User.objects.get(pk=ha.pk)).text
    )
    call_command("verify_history")


@pytest.mark.parametrize("left", ["nothing", "unconfirmed", "linked", "replaced"])
def test_a_contact_is_removed_only_while_its_holder_can_still_get_in(
    w: World, ha: User, visit: Visitor, left: str
) -> None:
    User.objects.filter(pk=ha.pk).update(
        email_confirmed=False, email="" if left != "unconfirmed" else ha.email
    )
    if left == "linked":
        EidLink.objects.create(user=ha, provider="vneid", sub="1")
    url = opened(visit, w, ha)
    data = form_data(ha, reason="Người khác đang dùng số", drop_phone="on")
    if left == "replaced":
        data |= {"email": "ha.moi@example.vn"}
    page = visit.post(url, data, w.desk_officer)
    ha.refresh_from_db()
    if left in {"nothing", "unconfirmed"}:
        assert "phải còn ít nhất một điện thoại hoặc thư đã xác nhận" in page.text
        assert ha.phone
        assert page.one("//input[@name='drop_phone']").get("checked") is not None
        assert not AccountCorrection.objects.exists()
    else:
        assert "Đã xóa điện thoại" in page.text or "Đã sửa thư điện tử. Đã xóa điện thoại." in page.text
        assert not ha.phone


def test_both_contacts_of_an_organisation_and_the_next_day_is_too_late(
    w: World, visit: Visitor, at: Callable[[str], datetime]
) -> None:
    at("2026-10-05 09:00")
    firm = organisation("Công ty TNHH Chè Phú Thọ", username="to-chuc-0100233488")
    data = {
        "full_name": firm.full_name,
        "tax_code": "0100233488",
        "phone": "0987654321",
        "email": "giamdoc@che.example.vn",
        "paper": "registration",
        "paper_number": "0100233488",
        "paper_on_d": "1",
        "paper_on_m": "8",
        "paper_on_y": "2020",
        "reason": "Người giữ điện thoại cũ đã nghỉ việc",
        "seen": "0",
    }
    assert "Đã sửa điện thoại, thư điện tử" in visit.post(opened(visit, w, firm), data, w.desk_officer).text
    forgotten(Client(), firm, "email")
    assert AccountRequest.objects.get().address == "giamdoc@che.example.vn"
    at("2026-10-06 09:01")
    forgotten(Client(), firm)
    assert AccountRequest.objects.latest("pk").address == "", "quầy ghi quá một ngày thì phải đến lại"


def test_a_number_never_confirmed_gets_its_code_when_the_desk_has_seen_its_owner(
    w: World, visit: Visitor
) -> None:
    lan = person("Trần Thị Lan", personal_id="025186990071", gender="female", phone_confirmed=False)
    forgotten(Client(), lan)
    assert AccountRequest.objects.get().address == ""
    visit.post(opened(visit, w, lan), form_data(lan, **LOST | {"phone": lan.phone}), w.desk_officer)
    assert AccountCorrection.objects.get().changes[0]["field"] == "phone"
    forgotten(Client(), lan)
    assert AccountRequest.objects.latest("pk").address == lan.phone
    assert not Notice.objects.filter(template="account_code", address="").exists()


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "Chưa có gì khác với thông tin đang lưu"),
    ({"personal_id": "02518600009"}, "gồm đúng 12 chữ số"),
    ({"personal_id": "000186000098"}, "không thể là 000"),
    ({"personal_id": RIGHT, "paper_number": "025186990089"}, "hai số đang khác nhau"),
    ({"personal_id": "025086000098", "paper_number": "025086000098"}, "Xem lại chỗ chưa khớp"),
    ({"full_name": "Lê Thị 3"}, "Họ và tên chỉ gồm chữ cái"),
    ({"full_name": "Lê Thị Hạ", "birth_date_d": "31", "birth_date_m": "2"}, "không có ngày 31/02/1986"),
    ({"full_name": "Lê Thị Hạ", "paper_on_y": "2999"}, "Ngày cấp"),
    ({"full_name": "Lê Thị Hạ", "paper": "registration"}, "Chọn giấy tờ người dân đưa xem"),
    ({"full_name": "Lê Thị Hạ", "paper_number": ""}, "Nhập số của giấy tờ"),
    ({"full_name": "Lê Thị Hạ", "reason": ""}, "Nhập lý do sửa"),
    ({"phone": "0210 3846 123"}, "Số này không nhận được tin nhắn"),
    ({"email": "ha@"}, "Thư điện tử"),
    ({"phone": "0987654321", "paper": "birth"}, "hộ chiếu có ảnh"),
    ({"phone": "0987654321", "paper_number": "025186990098"}, "hai số đang khác nhau"),
]


@pytest.mark.parametrize(("changed", "said"), BAD, ids=[said for _, said in BAD])
def test_bad_input_is_said_and_nothing_is_lost(
    w: World, ha: User, visit: Visitor, changed: dict[str, Any], said: str
) -> None:
    url = opened(visit, w, ha)
    page = visit.post(url, form_data(ha, **changed), w.desk_officer)
    assert said in errors(page)
    assert page.one('//input[@name="reason"]').get("value") == form_data(ha, **changed)[
        "reason"
    ] or not changed.get("reason", "x")
    assert not AccountCorrection.objects.exists()
    assert not AccountChange.objects.exists()


def test_a_number_that_does_not_fit_the_birth_year_passes_when_the_officer_insists(
    w: World, ha: User, visit: Visitor
) -> None:
    url = opened(visit, w, ha)
    odd = form_data(ha, personal_id="025187000098", paper_number="025187000098")
    assert "Số định danh cho biết năm sinh 1987" in visit.post(url, odd, w.desk_officer).text
    visit.post(url, odd | {"sure": "on"}, w.desk_officer)
    ha.refresh_from_db()
    assert ha.personal_id == "025187000098"


def test_a_number_somebody_else_has_says_what_to_do(w: World, ha: User, visit: Visitor) -> None:
    person("Lê Thị Hà", personal_id=RIGHT, username=RIGHT)
    url = opened(visit, w, ha)
    page = visit.post(url, form_data(ha, personal_id=RIGHT), w.desk_officer)
    assert "Số này đã thuộc một tài khoản khác" in errors(page)
    assert "hướng dẫn họ dùng tài khoản kia" in errors(page)
    assert "gọi 1022 để đối chiếu" in errors(page)
    ha.refresh_from_db()
    assert ha.personal_id == "025186990089"


def test_a_locked_account_is_not_corrected(w: World, ha: User, visit: Visitor) -> None:
    url = opened(visit, w, ha)
    User.objects.filter(pk=ha.pk).update(is_active=False)
    page = visit.post(url, form_data(ha, full_name="Lê Thị Hạ"), w.desk_officer)
    assert "đang khóa nên không sửa được" in errors(page)


def test_the_slower_officer_is_told_who_was_faster_and_keeps_what_was_typed(
    w: World, ha: User, visit: Visitor
) -> None:
    mine = opened(visit, w, ha)
    visit(mine, w.desk_officer)
    visit.post(opened(visit, w, ha, w.desk_head), form_data(ha, full_name="Lê Thị Hạ"), w.desk_head)
    page = visit.post(mine, form_data(ha, full_name="Lê Thị Thu Hà"), w.desk_officer, status=409)
    assert "Đỗ Quang Minh vừa sửa tài khoản này" in page.text
    assert page.one('//input[@name="full_name"]').get("value") == "Lê Thị Thu Hà"
    assert "Lê Thị Hạ" in text_of(page.one('//aside//dl[@class="dv-facts"]'))
    seen = page.one('//input[@name="seen"]').get("value")
    visit.post(mine, form_data(ha, full_name="Lê Thị Thu Hà", seen=seen), w.desk_officer)
    ha.refresh_from_db()
    assert ha.full_name == "Lê Thị Thu Hà"
    assert AccountCorrection.objects.count() == 2


def test_only_a_whole_number_opens_and_the_search_costs_the_same_for_many(w: World, visit: Visitor) -> None:
    for _ in range(corrections.MOST + 3):
        person("Lê Văn Chung", phone="+84912999888")
    page = visit.post(HOME, {"q": "0912999888"}, w.desk_officer)
    assert len(page.all('//ul[@class="dv-links"]/li')) == corrections.MOST
    assert "Chỉ hiện 10 tài khoản đầu" in page.text
