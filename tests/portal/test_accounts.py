"""Registering, forgotten passwords, one's own account: what a person sees, what a stranger cannot learn."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from danhmuc import identifiers
from danhmuc.models import Place, PlaceSuccession, SignInGuard, User
from danhmuc.roles import Role
from hoso.models import Notice
from hoso.services import delivery
from portal.forms.accounts import OrganisationForm, PersonForm
from portal.models import AccountChange, AccountRequest, KeptPage
from portal.services import accounts
from tests.factories import World, officer, organisation, person
from tests.page import Page, Visitor, read_page

pytestmark = pytest.mark.django_db
REGISTER, FORGOTTEN = "/tai-khoan/dang-ky/ca-nhan/", "/tai-khoan/quen-mat-khau/"
MO = {
    "full_name": "Lê Thị Mơ",
    "personal_id": "025186012345",
    "birth_date_d": "4",
    "birth_date_m": "5",
    "birth_date_y": "1986",
    "gender": "female",
    "channel": "email",
    "email": "mo@example.vn",
    "phone": "",
}
NEW = {"password1": "Hoa-man-trang-5", "password2": "Hoa-man-trang-5"}
At = Callable[[str], datetime]


@pytest.fixture(autouse=True)
def _own_outbox(settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path


def go(client: Client, url: str, data: dict[str, Any] | None = None, status: int = 200) -> Page:
    """Ask or answer, follow where it leads; the checked page with its address."""
    answer = client.get(url, follow=True) if data is None else client.post(url, data, follow=True)
    assert answer.status_code == status, (url, answer.status_code)
    return read_page(answer.content.decode(), answer.request["PATH_INFO"])


def code_to(address: str) -> str:
    """The code of the last letter to that address."""
    delivery.deliver()
    letters = [m for m in mail.outbox if m.to == [address] and "Mã xác nhận" in m.subject]
    found = re.search(r"\b(\d{6})\b", letters[-1].body)
    assert found, letters[-1].body
    return found[1]


def register(client: Client, data: dict[str, Any] = MO, kind: str = "ca-nhan") -> Page:
    """The whole way, with the code from the letter."""
    page = go(client, f"/tai-khoan/dang-ky/{kind}/", data)
    assert page.h1 == "Nhập mã xác nhận"
    page = go(client, page.url, {"code": code_to(data["email"])})
    assert page.h1 == "Đặt mật khẩu"
    return go(client, page.url, NEW)


def sign_in(client: Client, name: str, password: str = NEW["password1"]) -> Page:
    return go(client, "/dang-nhap/", {"username": name, "password": password})


# -- Registering -----------------------------------------------------------------------------------------------


def test_a_citizen_registers_and_signs_in(client: Client) -> None:
    page = register(client)
    assert page.h1 == "Đã nhận đăng ký"
    user = User.objects.get(personal_id="025186012345")
    assert (user.kind, user.full_name, user.birth_date) == ("citizen", "Lê Thị Mơ", date(1986, 5, 4))
    assert (user.email_confirmed, user.phone_confirmed) == (True, False)
    assert [c.what for c in user.changes.all()] == ["Tạo tài khoản"]
    for name in ("025186012345", "025 186 012 345", "mo@example.vn", "MO@example.vn"):
        assert sign_in(Client(), name).h1 == "Hồ sơ của tôi", name
    delivery.deliver()
    told = [m for m in mail.outbox if m.to == ["mo@example.vn"]]
    assert [m.subject for m in told] == [
        "Mã xác nhận Cổng Dịch vụ công",
        "Đã tạo tài khoản trên Cổng Dịch vụ công",
    ]
    for letter in told:
        assert NEW["password1"] not in letter.body
        assert "025186012345" not in letter.body


def test_an_organisation_registers_by_tax_code_and_sms(client: Client, settings: Any) -> None:
    data = {"full_name": "Công ty cổ phần Chè Phú Thọ", "tax_code": "0100233488", "channel": "sms"}
    page = go(client, "/tai-khoan/dang-ky/to-chuc/", data | {"phone": "", "email": ""})
    assert "Nhập số điện thoại di động để nhận mã" in page.text
    page = go(client, "/tai-khoan/dang-ky/to-chuc/", data | {"phone": "0912 345 678", "email": ""})
    assert "0912 345 678" in page.text
    delivery.deliver()
    sent = next((settings.VAR_DIR / "outbox").glob("sms-*.jsonl")).read_text()
    found = re.search(r"ông/bà: (\d{6})", sent)
    assert found, sent
    page = go(client, page.url, {"code": found[1]})
    assert go(client, page.url, NEW).h1 == "Đã nhận đăng ký"
    user = User.objects.get(tax_code="0100233488")
    assert (user.kind, user.phone, user.phone_confirmed) == ("organisation", "+84912345678", True)
    assert sign_in(client, "0100233488").h1 == "Hồ sơ của tôi"


def test_the_answers_never_tell_whether_an_account_exists(client: Client) -> None:
    holder = person("Lê Thị Mơ", personal_id="025186012345", email="chu@example.vn")
    taken = register(client)
    free = register(Client(), MO | {"personal_id": "025186099999", "email": "khac@example.vn"})
    assert taken.text == free.text
    assert User.objects.filter(personal_id="025186012345").get() == holder
    holder.refresh_from_db()
    assert holder.check_password("Matkhau-123"), "mật khẩu của chủ tài khoản không đổi"
    delivery.deliver()
    assert [m.subject for m in mail.outbox if m.to == ["chu@example.vn"]] == [
        "Có người vừa đăng ký bằng số giấy tờ của ông/bà"
    ]
    assert {m.subject for m in mail.outbox if m.to == ["mo@example.vn"]} == {"Mã xác nhận Cổng Dịch vụ công"}


def test_what_does_not_fit_the_number_is_asked_again_and_passed_when_sure(client: Client) -> None:
    odd = MO | {"birth_date_y": "1990", "gender": "male"}
    page = go(client, REGISTER, odd)
    assert "Số định danh cho biết năm sinh 1986, ngày sinh đã khai là năm 1990." in page.text
    assert "Số định danh cho biết giới tính nữ" in page.text
    assert page.one('//input[@name="full_name"]').get("value") == "Lê Thị Mơ"
    assert page.one('//input[@name="birth_date_y"]').get("value") == "1990"
    assert go(client, REGISTER, odd | {"sure": "on"}).h1 == "Nhập mã xác nhận"
    assert "sure" not in go(client, REGISTER).html


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"full_name": ""}, "Nhập họ và tên"),
        ({"full_name": "Mơ 5"}, "Họ và tên chỉ gồm chữ cái"),
        ({"full_name": "Mơ 🙂"}, "Họ và tên chỉ gồm chữ cái"),
        ({"full_name": "M" * 161}, "dài nhất 160 ký tự"),
        ({"personal_id": ""}, "Nhập số định danh cá nhân"),
        ({"personal_id": "02518601234"}, "đúng 12 chữ số"),
        ({"personal_id": "000186012345"}, "không thể là 000"),
        ({"birth_date_d": "31", "birth_date_m": "2"}, "Ngày sinh"),
        ({"birth_date_y": "2126"}, "Ngày sinh phải là ngày trong quá khứ"),
        ({"gender": ""}, "Chọn giới tính"),
        ({"gender": "x"}, "Giới tính"),
        ({"channel": ""}, "Chọn nơi nhận mã xác nhận"),
        ({"email": ""}, "Nhập thư điện tử để nhận mã"),
        ({"email": "mo@"}, "Thư điện tử phải có dạng"),
        ({"phone": "02103846123"}, "không nhận được tin nhắn"),
        ({"phone": "12"}, "Số điện thoại chưa đúng"),
    ],
)
def test_what_a_person_may_not_type(client: Client, changed: dict[str, str], sentence: str) -> None:
    page = go(client, REGISTER, MO | changed)
    assert page.title.startswith("Lỗi:")
    assert sentence in page.text
    assert not AccountRequest.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["Mơ", "H'Hen Niê", "Nguyễn Thị Thanh Hương", "  Lê   Thị\tMơ ", "Le\u0302 Thi\u0323 Mo\u031b", "Y-Blim"],
)
def test_names_as_people_have_them(name: str) -> None:
    form = PersonForm(MO | {"full_name": name})
    assert form.is_valid(), form.errors
    assert "  " not in form.cleaned_data["full_name"]
    assert form.cleaned_data["full_name"] in {
        "Mơ",
        "H'Hen Niê",
        "Nguyễn Thị Thanh Hương",
        "Lê Thị Mơ",
        "Y-Blim",
    }


@given(st.integers(0, 10**9 - 1))
@hypothesis_settings(deadline=None, max_examples=30)
def test_a_tax_code_needs_its_check_digit(start: int) -> None:
    base = {"full_name": "Công ty A", "channel": "email", "email": "a@example.vn"}
    good = []
    for digit in range(10):
        code = f"{start:09d}{digit}"
        form = OrganisationForm(base | {"tax_code": code})
        valid = form.is_valid()
        good += [code] if valid else []
        if valid:
            assert form.cleaned_data["tax_code"] == identifiers.tax_code(code)
    assert len(good) <= 1


def test_an_organisation_is_no_person() -> None:
    form = OrganisationForm(
        {"full_name": "A", "tax_code": "025186012345", "channel": "email", "email": "a@b.vn"}
    )
    assert "đăng ký tài khoản cá nhân" in str(form.errors["tax_code"])


# -- Codes -----------------------------------------------------------------------------------------------------


def test_codes_are_few_short_lived_and_not_kept(client: Client, at: At) -> None:
    at("2026-10-05 09:00")
    page = go(client, REGISTER, MO)
    code = code_to("mo@example.vn")
    assert code not in str(list(Notice.objects.values_list("context", flat=True)))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert "Mã chưa đúng hoặc đã hết hạn" in go(client, page.url, {"code": wrong}).text
    assert "Mã chưa đúng" in go(client, page.url, {"code": code}).text, (
        "sau năm lần sai, mã đúng cũng không dùng được"
    )
    assert "Mã vừa được gửi. Đợi một phút" in go(client, page.url, {"_again": "1"}).text
    at("2026-10-05 09:02")
    assert "Đã gửi mã mới" in go(client, page.url, {"_again": "1"}).text
    second = code_to("mo@example.vn")
    at("2026-10-05 09:18")
    assert "đã hết hạn" in go(client, page.url, {"code": second}).text
    assert "Mã xác nhận gồm 6 chữ số" in go(client, page.url, {"code": "12"}).text
    at("2026-10-06 09:30")
    assert client.get(page.url).status_code == 404


def test_codes_cannot_be_asked_for_without_end(client: Client, at: At) -> None:
    at("2026-10-05 09:00")
    for _ in range(5):
        assert go(client, REGISTER, MO).h1 == "Nhập mã xác nhận"
    page = go(client, REGISTER, MO, status=429)
    assert "Đã yêu cầu mã quá nhiều lần" in page.text
    assert page.one('//input[@name="email"]').get("value") == "mo@example.vn"
    delivery.deliver()
    assert len(mail.outbox) == 5


def test_only_the_browser_that_typed_the_code_chooses_the_password(client: Client) -> None:
    page = go(client, REGISTER, MO)
    page = go(client, page.url, {"code": code_to("mo@example.vn")})
    assert Client().get(page.url).status_code == 404
    assert Client().post(page.url, NEW).status_code == 404
    weak = go(client, page.url, {"password1": "12345678", "password2": "12345678"})
    assert weak.title.startswith("Lỗi:")
    assert "không giống nhau" in go(client, page.url, NEW | {"password2": "Khac-123"}).text
    assert "giống" in go(client, page.url, {"password1": "025186012345", "password2": "025186012345"}).text
    assert go(client, page.url, NEW).h1 == "Đã nhận đăng ký"
    assert go(client, page.url, NEW | {"password1": "Khac-hoan-toan-9"}).h1 == "Đã nhận đăng ký"
    user = User.objects.get(personal_id="025186012345")
    assert user.check_password(NEW["password1"]), "bấm lần hai không đổi gì"
    assert client.get("/tai-khoan/mat-khau/khong-co/").status_code == 404


# -- Forgotten passwords ---------------------------------------------------------------------------------------


def test_a_forgotten_password(client: Client) -> None:
    user = person("Lê Thị Mơ", email="mo@example.vn")
    elsewhere = Client()
    elsewhere.force_login(user)
    for _ in range(5):
        locked = sign_in(client, user.username, "sai")
    assert "Đã nhập sai 5 lần nên đăng nhập tạm dừng" in locked.text
    assert "kể cả khi mật khẩu đúng" in locked.text
    page = go(client, FORGOTTEN, {"name": user.personal_id, "channel": "email"})
    assert "mo@example.vn" not in page.html
    page = go(client, page.url, {"code": code_to("mo@example.vn")})
    page = go(client, page.url, NEW)
    assert page.url == "/dang-nhap/"
    assert "Đã đặt mật khẩu mới" in page.text
    assert not SignInGuard.objects.exists()
    assert elsewhere.get("/tai-khoan/").status_code == 302, "mọi thiết bị khác bị đăng xuất"
    assert sign_in(client, user.username).h1 == "Hồ sơ của tôi"
    delivery.deliver()
    assert mail.outbox[-1].subject == "Mật khẩu Cổng Dịch vụ công vừa được đổi"
    assert user.changes.get().what == "Mật khẩu"


def test_a_forgotten_password_tells_nothing(w: World, client: Client) -> None:
    known = person("Lê Thị Mơ", email="mo@example.vn")
    unconfirmed = person("Hà Văn Sáu", email="sau@example.vn", email_confirmed=False)
    worker = officer("Trần Văn Tám", Role.CASE_OFFICER, w.commune)
    User.objects.filter(pk=worker.pk).update(email="tam@example.vn", email_confirmed=True)
    locked = person("Bùi Văn Khóa", email="khoa@example.vn", is_active=False)
    names = [known.personal_id, unconfirmed.personal_id, worker.username, locked.personal_id, "025999999999"]
    pages = [go(Client(), FORGOTTEN, {"name": name, "channel": "email"}) for name in names]
    assert len({page.text for page in pages}) == 1
    delivery.deliver()
    assert {tuple(m.to) for m in mail.outbox} == {("mo@example.vn",)}
    nobody = pages[-1]
    assert "Mã chưa đúng" in go(client, nobody.url, {"code": "123456"}).text


def test_letters_to_one_account_are_bounded_under_all_its_names(client: Client) -> None:
    user = person("Lê Thị Mơ", email="mo@example.vn")
    for name in (user.personal_id, user.username, user.email):
        for _ in range(4):
            assert go(Client(), FORGOTTEN, {"name": name, "channel": "email"}).h1 == "Nhập mã xác nhận"
    delivery.deliver()
    assert len(mail.outbox) == accounts.BY_NAME


# -- Periods and deployments (domain §1.2, §19.2) ----------------------------------------------------------------


@pytest.mark.parametrize("mode", ["BACKOFFICE", "MIRROR"])
def test_an_office_system_gives_no_accounts(client: Client, settings: Any, mode: str) -> None:
    settings.DEPLOYMENT_MODE = mode
    for address in ("/tai-khoan/dang-ky/", REGISTER, "/tai-khoan/dang-ky/to-chuc/"):
        page = go(client, address)
        assert page.url == "/tai-khoan/dang-ky/"
        assert "Hệ thống này không cấp tài khoản cho người dân" in page.text
        assert "https://dichvucong.gov.vn" in page.links
    assert client.post(REGISTER, MO).status_code == 302
    assert not AccountRequest.objects.exists()


def test_accounts_of_the_portal_end_with_their_period(
    w: World, client: Client, settings: Any, at: At
) -> None:
    settings.LOCAL_PERSONS_UNTIL, settings.LOCAL_ORGANISATIONS_UNTIL = date(2024, 6, 30), date(2025, 6, 30)
    citizen, company = person("Lê Thị Mơ"), organisation("Công ty cổ phần Chè Phú Thọ")
    worker = officer("Hà Văn Sáu", Role.CASE_OFFICER, w.province)
    opens = {
        "2024-06-30 23:00": {"persons": True, "organisations": True},
        "2024-07-01 00:30": {"persons": False, "organisations": True},
        "2025-07-01 00:30": {"persons": False, "organisations": False},
    }
    for moment, open_to in opens.items():
        at(moment)
        page = go(client, "/tai-khoan/dang-ky/")
        assert (REGISTER in page.links) is open_to["persons"], moment
        assert ("/tai-khoan/dang-ky/to-chuc/" in page.links) is open_to["organisations"], moment
        for user, may in ((citizen, open_to["persons"]), (company, open_to["organisations"]), (worker, True)):
            page = sign_in(Client(), user.username, "Matkhau-123")
            assert (page.url != "/dang-nhap/") is may, (moment, user)
            if not may:
                assert "không còn dùng để đăng nhập (Nghị định 69/2024/NĐ-CP, Điều 40)" in page.text
        if not open_to["persons"]:
            assert go(Client(), REGISTER).url == "/tai-khoan/dang-ky/"
            go(Client(), FORGOTTEN, {"name": citizen.personal_id, "channel": "email"})
    delivery.deliver()
    assert not mail.outbox, "không có mã cho tài khoản không còn dùng được"
    assert "Cán bộ" in go(client, "/dang-nhap/").text


# -- One's own account -----------------------------------------------------------------------------------------


def test_the_account_page(w: World, visit: Visitor) -> None:
    page = visit("/tai-khoan/", w.citizen, budget=14)
    for text in (
        w.citizen.full_name,
        w.citizen.personal_id,
        "04/05/1986, Nữ",
        "Khu 6, phường Việt Trì, tỉnh Phú Thọ",
    ):
        assert text in page.text
    menu = visit("/ho-so-cua-toi/", w.citizen).one('//header//details[@class="dv-who"]')
    assert menu.xpath(".//a/@href") == ["/tai-khoan/", "/tai-khoan/to-chuc/"]
    for address in (
        "thong-tin",
        "dia-chi",
        "thu-dien-tu",
        "dien-thoai",
        "lich-su",
        "to-chuc",
        "doi-mat-khau",
    ):
        visit(f"/tai-khoan/{address}/", w.citizen, budget=14)
        assert visit.client().get(f"/tai-khoan/{address}/").status_code == 302
        assert visit.client(w.desk_officer).get(f"/tai-khoan/{address}/").status_code == 302


def test_name_birth_date_and_history(w: World) -> None:
    client = Client()
    client.force_login(w.citizen)
    data = {
        "full_name": "Nguyễn Thị Hương",
        "birth_date_d": "1",
        "birth_date_m": "2",
        "birth_date_y": "1987",
        "gender": "female",
    }
    page = go(client, "/tai-khoan/thong-tin/", data)
    assert "năm sinh 1986" in page.text
    page = go(client, "/tai-khoan/thong-tin/", data | {"sure": "on"})
    assert "Đã lưu." in page.text
    assert "Nguyễn Thị Hương" in page.text
    history = go(client, "/tai-khoan/lich-su/").text
    assert "Nguyễn Thị Thanh Hương Nguyễn Thị Hương" in history
    assert "04/05/1986, Nữ 01/02/1987, Nữ" in history
    go(client, "/tai-khoan/thong-tin/", data | {"sure": "on"})
    assert w.citizen.changes.count() == 2, "lưu lại không đổi gì thì không thêm dòng"


def test_a_new_address_counts_once_the_code_is_typed(w: World) -> None:
    client = Client()
    client.force_login(w.citizen)
    old = w.citizen.email
    page = go(client, "/tai-khoan/thu-dien-tu/", {"address": "Moi@Example.vn"})
    w.citizen.refresh_from_db()
    assert w.citizen.email == old
    assert visit_as(w.neighbour, page.url) == 404
    assert Client().get(page.url).status_code == 302
    page = go(client, page.url, {"code": code_to("Moi@example.vn")})
    assert "Đã xác nhận" in page.text
    w.citizen.refresh_from_db()
    assert (w.citizen.email, w.citizen.email_confirmed) == ("Moi@example.vn", True)
    delivery.deliver()
    warned = [m for m in mail.outbox if m.to == [old]]
    assert "thành M***@example.vn" in warned[-1].body
    row = AccountChange.objects.get(user=w.citizen)
    assert "Moi@example.vn" not in row.after
    assert go(client, "/tai-khoan/dien-thoai/", {"address": "0210 3846 123"}).title.startswith("Lỗi:")


def visit_as(user: User, url: str) -> int:
    client = Client()
    client.force_login(user)
    return client.get(url).status_code


def test_changing_the_password_ends_other_sessions(w: World) -> None:
    here, elsewhere = Client(), Client()
    here.force_login(w.citizen)
    elsewhere.force_login(w.citizen)
    data = {
        "old_password": "Matkhau-123",
        "new_password1": NEW["password1"],
        "new_password2": NEW["password1"],
    }
    page = go(here, "/doi-mat-khau/")
    assert page.url == "/tai-khoan/doi-mat-khau/"
    assert "Mật khẩu hiện nay chưa đúng." in go(here, page.url, data | {"old_password": "sai"}).text
    page = go(here, page.url, data)
    assert page.url == "/tai-khoan/"
    assert "Các thiết bị khác đã bị đăng xuất" in page.text
    assert elsewhere.get("/tai-khoan/").status_code == 302
    delivery.deliver()
    assert mail.outbox[-1].to == [w.citizen.email]
    assert NEW["password1"] not in mail.outbox[-1].body


# -- Addresses of both eras --------------------------------------------------------------------------------------


@pytest.fixture
def eras(w: World) -> dict[str, Place]:
    """Two communes of before went into the present one, one of them was divided."""
    made: dict[str, Place] = {"new": w.place}
    province = Place.objects.create(
        era="3", level="province", code="25", name="Tỉnh Phú Thọ", folded_name="phu tho"
    )
    district = Place.objects.create(
        era="3",
        level="district",
        code="227",
        name="Thành phố Việt Trì",
        folded_name="viet tri",
        parent=province,
    )
    for code, name in (("07888", "Phường Dữu Lâu"), ("07891", "Phường Vân Cơ"), ("07999", "Xã Lẻ Loi")):
        made[code] = Place.objects.create(
            era="3", level="commune", code=code, name=name, folded_name=name.lower(), parent=district
        )
    PlaceSuccession.objects.create(old=made["07888"], new=w.place)
    PlaceSuccession.objects.create(old=made["07891"], new=w.place, split=True)
    return made


def test_an_old_address_is_shown_in_the_units_of_today(w: World, eras: dict[str, Place]) -> None:
    client = Client()
    client.force_login(w.citizen)
    typed = {"address_e": "3", "address_p": "25", "address_c": "07888", "address_t": "Tổ 4"}
    page = go(client, "/tai-khoan/dia-chi/", typed)
    assert page.url == "/tai-khoan/"
    assert "Theo đơn vị hành chính hiện nay Tổ 4, phường Việt Trì, tỉnh Phú Thọ" in page.text
    assert "Theo đơn vị trước 01/7/2025 Tổ 4, phường Dữu Lâu, thành phố Việt Trì, tỉnh Phú Thọ" in page.text
    page = go(client, "/tai-khoan/dia-chi/", typed | {"address_c": "07891"})
    assert "Phường Vân Cơ đã chia cho nhiều xã, phường" in page.text
    page = go(client, "/tai-khoan/dia-chi/", typed | {"address_c": "07999"})
    assert "Chưa có dữ liệu chuyển đổi" in page.text
    w.citizen.refresh_from_db()
    assert w.citizen.place == eras["07999"]


def test_a_new_address_asks_what_it_was_before(w: World, eras: dict[str, Place]) -> None:
    client = Client()
    client.force_login(w.citizen)
    User.objects.filter(pk=w.citizen.pk).update(place=None, address="")
    typed = {"address_e": "2", "address_p": "25", "address_c": "07900", "address_t": "Khu 6"}
    page = go(client, "/tai-khoan/dia-chi/", typed)
    assert page.url == "/tai-khoan/dia-chi/"
    assert "chọn thêm nơi này trước 01/7/2025" in page.text
    page = go(client, "/tai-khoan/dia-chi/", typed | {"before": str(eras["07888"].pk)})
    assert "phường Dữu Lâu" in page.text
    assert "chọn xã, phường" in go(client, "/tai-khoan/dia-chi/", typed | {"address_c": ""}).text
    page = go(client, "/tai-khoan/dia-chi/", typed | {"address_e": "3", "address_c": "", "_refresh": "x"})
    assert "Phường Dữu Lâu" in page.text, "danh sách xã cũ hiện ra"
    assert page.one('//input[@name="address_t"]').get("value") == "Khu 6"
    assert (
        "trong nước"
        in go(
            client,
            "/tai-khoan/dia-chi/",
            {"address_p": "ngoai", "address_n": "LA", "address_t": "Viêng Chăn"},
        ).text
    )


# -- Nothing typed is lost ---------------------------------------------------------------------------------------


def test_what_was_typed_in_a_window_left_open_is_offered_again() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(REGISTER, MO, HTTP_ORIGIN="http://testserver")
    assert answer["Location"] == REGISTER
    page = read_page(client.get(REGISTER).content.decode())
    assert page.one('//input[@name="personal_id"]').get("value") == "025186012345"
    assert not AccountRequest.objects.exists()


def test_passwords_are_never_kept_for_later(client: Client) -> None:
    page = go(client, REGISTER, MO)
    page = go(client, page.url, {"code": code_to("mo@example.vn")})
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(page.url, NEW, HTTP_ORIGIN="http://testserver").status_code == 403
    assert not KeptPage.objects.exists()


def test_a_change_of_address_survives_the_end_of_the_session(w: World) -> None:
    client = Client()
    data = {"full_name": "Nguyễn Thị Hương", "birth_date_d": "4", "birth_date_m": "5", "birth_date_y": "1986"}
    answer = client.post("/tai-khoan/thong-tin/", data | {"gender": "female"})
    assert answer["Location"] == "/dang-nhap/?next=/tai-khoan/thong-tin/"
    client.force_login(w.citizen)
    page = go(client, "/tai-khoan/thong-tin/")
    assert page.one('//input[@name="full_name"]').get("value") == "Nguyễn Thị Hương"
    assert "chưa lưu" in page.text
