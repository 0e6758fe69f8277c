"""Members of an organisation through the pages: invited, in, out, and what each sees."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from danhmuc.models import Membership, User
from hoso.services import delivery
from tests.factories import World, draft, member, organisation, person
from tests.page import Page, Visitor, read_page

pytestmark = pytest.mark.django_db


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def go(client: Client, url: str, data: dict[str, Any] | None = None) -> Page:
    answer = client.get(url, follow=True) if data is None else client.post(url, data, follow=True)
    assert answer.status_code == 200, (url, answer.status_code)
    return read_page(answer.content.decode(), answer.request["PATH_INFO"])


@pytest.fixture
def company(db: None) -> User:
    return organisation("Công ty cổ phần Chè Phú Thọ")


def test_from_invitation_to_leaving(w: World, company: User) -> None:
    boss, mo = as_(company), as_(w.citizen)
    members = f"/tai-khoan/to-chuc/{company.pk}/"
    assert go(boss, "/tai-khoan/to-chuc/").url == members
    page = go(boss, members, {"who": w.citizen.personal_id, "role": "manager"})
    assert "Đã mời. Người được mời thấy lời mời khi đăng nhập" in page.text
    assert w.citizen.full_name not in page.text, "lời mời không cho biết số định danh là của ai"
    delivery.deliver()
    assert mail.outbox[-1].to == [w.citizen.email]
    assert w.citizen.personal_id not in mail.outbox[-1].body
    assert mo.get(members).status_code == 404, "chưa nhận lời thì chưa thấy gì"
    assert "Có lời mời làm thành viên" in go(mo, "/tai-khoan/").text
    pk = Membership.objects.get().pk
    assert "không còn" in go(as_(w.neighbour), "/tai-khoan/to-chuc/", {"_accept": str(pk)}).text
    page = go(mo, "/tai-khoan/to-chuc/", {"_accept": str(pk)})
    assert f"Ông/bà đã là thành viên của {company.full_name}" in page.text
    assert "đã trả lời" in go(mo, "/tai-khoan/to-chuc/", {"_accept": str(pk)}).text, "bấm lần hai"
    theirs = draft(w, by=company)
    assert theirs.submission_ref in str(go(mo, "/ho-so-cua-toi/?xem=nhap").links)
    page = go(mo, members)
    assert "Quản lý, từ" in page.text
    assert w.citizen.full_name in page.text
    page = go(mo, members, {"_end": str(pk)})
    assert f"Ông/bà đã rời {company.full_name}" in page.text
    assert mo.get(members).status_code == 404
    assert theirs.submission_ref not in str(go(mo, "/ho-so-cua-toi/?xem=nhap").links)


def test_invited_by_e_mail_before_there_is_an_account(w: World, company: User) -> None:
    members = f"/tai-khoan/to-chuc/{company.pk}/"
    first = go(as_(company), members, {"who": "Moi@Example.vn", "role": "member"})
    unknown = go(as_(company), members, {"who": "025186999999", "role": "member"})
    said = "Đã mời. Người được mời thấy lời mời khi đăng nhập và tự nhận lời hoặc từ chối."
    assert said in first.text
    assert said in unknown.text
    delivery.deliver()
    assert [m.to for m in mail.outbox] == [["moi@example.vn"]]
    newcomer = person("Lê Thị Mơ", email="moi@example.vn", email_confirmed=False)
    assert "Chưa tham gia tổ chức nào" in go(as_(newcomer), "/tai-khoan/to-chuc/").text, "thư chưa xác nhận"
    User.objects.filter(pk=newcomer.pk).update(email_confirmed=True)
    page = go(as_(newcomer), "/tai-khoan/to-chuc/")
    assert f"Lời mời của {company.full_name}" in page.text
    pk = Membership.objects.get(invited_email="moi@example.vn").pk
    assert "Đã từ chối lời mời" in go(as_(newcomer), "/tai-khoan/to-chuc/", {"_decline": str(pk)}).text
    assert "Chưa có thành viên" in go(as_(company), members).text


def test_who_may_change_what(w: World, company: User) -> None:
    manager, plain, stranger = w.citizen, w.neighbour, person("Lê Thị Mơ")
    chief, other = member(company, manager, "manager"), member(company, plain)
    members = f"/tai-khoan/to-chuc/{company.pk}/"
    page = go(as_(plain), members)
    assert "Mời thành viên" not in page.text
    assert not page.all(f'//button[@value="{chief.pk}"]')
    for data in ({"who": "025186999999", "role": "member"}, {"_role": str(other.pk), "role": "manager"}):
        assert as_(plain).post(members, data).status_code == 404
    assert as_(plain).post(members, {"_end": str(chief.pk)}).status_code == 404
    for client in (as_(stranger), as_(w.desk_officer)):
        assert client.get(members).status_code in {302, 404}
    assert Client().get(members)["Location"] == f"/dang-nhap/?next={members}"
    assert "Đã đổi vai trò" in go(as_(manager), members, {"_role": str(other.pk), "role": "manager"}).text
    assert (
        "Không tự đổi vai trò" in go(as_(manager), members, {"_role": str(chief.pk), "role": "member"}).text
    )
    assert (
        "Chọn vai trò trong danh sách"
        in go(as_(company), members, {"_role": str(other.pk), "role": "x"}).text
    )
    assert "Đã cho thôi thành viên" in go(as_(manager), members, {"_end": str(other.pk)}).text
    delivery.deliver()
    assert mail.outbox[-1].subject.startswith("Ông/bà không còn là thành viên")
    assert go(as_(manager), members, {"_end": str(other.pk)}).url == members, "bấm lần hai"
    assert as_(plain).get(members).status_code == 404


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("", "Nhập số định danh cá nhân hoặc thư điện tử"),
        ("12", "đúng 12 chữ số"),
        ("a@b", "Thư điện tử phải có dạng"),
    ],
)
def test_whom_one_cannot_invite(company: User, who: str, sentence: str) -> None:
    page = go(as_(company), f"/tai-khoan/to-chuc/{company.pk}/", {"who": who, "role": "member"})
    assert sentence in page.text
    assert page.one('//input[@name="who"]').get("value", "") == who
    assert not Membership.objects.exists()


def test_inviting_again_and_taking_back(w: World, company: User) -> None:
    members, client = f"/tai-khoan/to-chuc/{company.pk}/", as_(company)
    for role in ("member", "manager"):
        page = go(client, members, {"who": w.citizen.personal_id, "role": role})
    one = Membership.objects.get()
    assert one.role == "manager"
    assert "Đã thu hồi lời mời" in go(client, members, {"_end": str(one.pk)}).text
    assert "không còn" in go(as_(w.citizen), "/tai-khoan/to-chuc/", {"_accept": str(one.pk)}).text
    member(company, w.citizen)
    page = go(client, members, {"who": w.citizen.personal_id, "role": "member"})
    assert "Người này đã là thành viên" in page.text


def test_as_many_queries_for_twenty_members_as_for_two(company: User, visit: Visitor) -> None:
    members = f"/tai-khoan/to-chuc/{company.pk}/"
    counts = []
    for number in (2, 18):
        for _ in range(number):
            member(company, person("Người Thứ Mấy"))
            Membership.objects.create(
                organisation=company, invited_id=person("Ai").personal_id, invited_by=company
            )
        counts.append(len(visit(members, company, budget=14).queries))
    assert counts[0] == counts[1]
