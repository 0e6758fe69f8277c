"""For whom a dossier is filed: oneself, an organisation, another with a paper of authority; what officers then see."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from danhmuc.models import Membership, User
from hoso.models import Document, Dossier
from portal import identity
from tests.factories import World, draft, member, organisation, person, procedure, step
from tests.page import Page, read_page
from tests.portal.helpers import PDF, draft_through_pages

pytestmark = pytest.mark.django_db
BINH = {
    "whom": "other",
    "name": "Hoàng Văn Bình",
    "number": "025 086 017 777",
    "note": "Số 12/GUQ ngày 01/10/2026",
}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def go(client: Client, url: str, data: dict[str, Any] | None = None) -> Page:
    answer = client.get(url, follow=True) if data is None else client.post(url, data, follow=True)
    assert answer.status_code == 200, (url, answer.status_code)
    return read_page(answer.content.decode(), answer.request["PATH_INFO"])


def paper(name: str = "uy-quyen.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def file_it(client: Client, ref: str) -> Page:
    page = go(client, f"/nop-ho-so/{ref}/kiem-tra/")
    hidden = {name: str(page.one(f'//input[@name="{name}"]').get("value")) for name in ("seen", "shown")}
    return go(client, f"/nop-ho-so/{ref}/kiem-tra/", {"declared": "on", **hidden})


def test_acting_for_another_needs_the_paper_and_officers_see_it(w: World) -> None:
    client = as_(w.citizen)
    ref = draft_through_pages(client, w)
    url = f"/nop-ho-so/{ref}/nop-cho-ai/"
    assert "Cho chính mình" in go(client, f"/nop-ho-so/{ref}/").text
    page = go(client, url, BINH)
    assert "Còn thiếu giấy ủy quyền; phải có trước khi nộp hồ sơ" in page.text
    assert "Thay Hoàng Văn Bình, theo ủy quyền" in page.text
    assert "Giấy ủy quyền của người được nộp thay" in file_it(client, ref).text
    assert Dossier.objects.get().state == "draft"
    page = go(client, url)
    assert page.one('//input[@name="number"]').get("value") == "025086017777"
    go(client, url, BINH | {"paper": paper()})
    dossier = Dossier.objects.get()
    assert (dossier.owner_name, dossier.owner_id) == ("Hoàng Văn Bình", "025086017777")
    assert (dossier.owner_kind, dossier.submitter_name) == ("person", w.citizen.full_name)
    assert file_it(client, ref).url == f"/nop-ho-so/{ref}/da-nop/"
    assert "uy-quyen.pdf" in go(client, f"/nop-ho-so/{ref}/da-nop/").text
    proof = dossier.papers.get()
    assert "uy-quyen.pdf" in [f["name"] for f in proof.facts["files"]]
    step(w, dossier, "accept", "desk_officer", {"eid_checked": True})
    page = go(as_(w.desk_officer), f"/mot-cua/ho-so/{dossier.submission_ref}/")
    assert f"{w.citizen.full_name}, nộp thay theo ủy quyền" in page.text
    assert "Số 12/GUQ ngày 01/10/2026" in page.text
    assert "Giấy ủy quyền Đã có" in page.text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"whom": ""}, "Chọn hồ sơ này là của ai"),
        ({"whom": "999"}, "Hồ sơ này là của ai"),
        ({"name": ""}, "Nhập họ tên hoặc tên tổ chức được nộp thay"),
        ({"number": ""}, "Nhập số định danh hoặc mã số thuế của người được nộp thay"),
        ({"number": "025"}, "Mã số thuế gồm 10 chữ số"),
        ({"number": "0100233489"}, "sai chữ số kiểm tra"),
        ({"note": "x" * 251}, "dài nhất 250 ký tự"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    w: World, changed: dict[str, str], sentence: str
) -> None:
    client = as_(w.citizen)
    ref = draft_through_pages(client, w)
    page = go(client, f"/nop-ho-so/{ref}/nop-cho-ai/", BINH | changed)
    assert page.title.startswith("Lỗi:")
    assert sentence in page.text
    kept = BINH | changed
    assert page.one('//input[@name="name"]').get("value", "") == kept["name"]
    assert page.one('//input[@name="number"]').get("value", "") == kept["number"]
    assert not Dossier.objects.get().on_behalf


def test_oneself_is_no_other_and_a_bad_file_is_told(w: World) -> None:
    client = as_(w.citizen)
    ref = draft_through_pages(client, w)
    url = f"/nop-ho-so/{ref}/nop-cho-ai/"
    page = go(client, url, BINH | {"number": w.citizen.personal_id})
    assert "Đây là số của chính ông/bà" in page.text
    page = go(client, url, BINH | {"paper": paper("uy-quyen.pdf", b"MZ\x90 not a pdf")})
    assert page.title.startswith("Lỗi:")
    assert page.one('//input[@name="name"]').get("value") == "Hoàng Văn Bình"
    assert "Tệp không có nội dung" in go(client, url, BINH | {"paper": paper("a.pdf", b"")}).text
    assert not Document.objects.filter(kind="authority").exists()


def test_changing_ones_mind_takes_the_paper_out_again(w: World) -> None:
    client = as_(w.citizen)
    ref = draft_through_pages(client, w)
    url = f"/nop-ho-so/{ref}/nop-cho-ai/"
    go(client, url, BINH | {"paper": paper()})
    document = Document.objects.get(kind="authority")
    go(client, url, {"_remove": str(document.pk)})
    assert "đã được xóa" in go(client, url, {"_remove": str(document.pk)}).text, "bấm lần hai"
    go(client, url, BINH | {"paper": paper()})
    page = go(client, url, {"whom": "self"})
    assert "Cho chính mình" in page.text
    dossier = Dossier.objects.get()
    assert (dossier.on_behalf, dossier.owner_name, dossier.authority_note) == (False, w.citizen.full_name, "")
    assert not Document.objects.filter(kind="authority", removed_at=None).exists()
    assert as_(w.neighbour).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_member_files_for_the_organisation(w: World) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    membership, colleague = member(company, w.citizen), w.neighbour
    member(company, colleague)
    client = as_(w.citizen)
    page = go(client, f"/nop-ho-so/{w.version.procedure.code}/", {"agency": w.commune.pk})
    ref = page.url.split("/")[2]
    assert page.url == f"/nop-ho-so/{ref}/nop-cho-ai/", "ai có thể nộp cho tổ chức thì được hỏi ngay"
    page = go(client, page.url, {"whom": str(company.pk)})
    assert "Cho Công ty cổ phần Chè Phú Thọ" in page.text
    dossier = Dossier.objects.get()
    assert (dossier.organisation, dossier.owner_kind) == (company, "organisation")
    assert (dossier.owner_name, dossier.owner_id) == (company.full_name, "0100233488")
    assert dossier.submitter_name == w.citizen.full_name
    page = go(as_(colleague), f"/nop-ho-so/{ref}/nop-cho-ai/")
    assert "chỉ người đó đổi được" in page.text
    page = go(as_(colleague), f"/nop-ho-so/{ref}/nop-cho-ai/", {"whom": "self"})
    assert "chỉ người đó đổi được" in page.text
    assert Dossier.objects.get().organisation == company
    membership.ended_at = membership.accepted_at
    membership.save()
    assert client.get(f"/nop-ho-so/{ref}/").status_code == 404
    assert go(as_(colleague), f"/nop-ho-so/{ref}/").h1


def test_an_organisation_acts_by_authority(w: World) -> None:
    company, stranger = organisation("Công ty Dịch vụ Hùng Vương"), organisation("Công ty B", "0100109106")
    member(company, w.citizen)
    client = as_(w.citizen)
    ref = draft_through_pages(client, w)
    url = f"/nop-ho-so/{ref}/nop-cho-ai/"
    page = go(client, url, BINH | {"by": str(stranger.pk), "paper": paper()})
    assert page.title.startswith("Lỗi:"), "chỉ tổ chức mình là thành viên"
    go(client, url, BINH | {"by": str(company.pk), "paper": paper()})
    dossier = Dossier.objects.get()
    assert (dossier.organisation, dossier.on_behalf, dossier.owner_name) == (company, True, "Hoàng Văn Bình")
    assert file_it(client, ref).url == f"/nop-ho-so/{ref}/da-nop/"
    page = go(as_(w.desk_officer), f"/mot-cua/ho-so/{ref}/")
    assert f"{w.citizen.full_name}, thay mặt {company.full_name}, nộp thay theo ủy quyền" in page.text
    assert ref in str(go(as_(company), "/ho-so-cua-toi/").links)


def test_membership_that_ends_while_the_page_is_open(w: World) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    member(company, w.citizen)
    client = as_(w.citizen)
    ref = draft_through_pages(client, w)
    Membership.objects.all().delete()
    page = go(client, f"/nop-ho-so/{ref}/nop-cho-ai/", {"whom": str(company.pk)})
    assert page.title.startswith("Lỗi:")
    assert Dossier.objects.get().organisation is None


def test_what_forms_are_offered(w: World) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ", place=w.place, address="Số 1")
    dossier = Dossier(organisation=company)
    offered = identity.sources(w.citizen, w.version, "UBND", dossier)
    assert offered["submitter.full_name"] == w.citizen.full_name
    assert offered["owner.organisation_name"] == offered["business.name"] == company.full_name
    assert offered["owner.tax_code"] == "0100233488"
    assert offered["owner.address"]["detail"] == "Số 1"
    assert "owner.person_id" not in offered
    dossier = Dossier(
        on_behalf=True, owner_name="Hoàng Văn Bình", owner_id="025086017777", owner_kind="person"
    )
    offered = identity.sources(w.citizen, w.version, "UBND", dossier)
    assert (offered["owner.full_name"], offered["owner.person_id"]) == ("Hoàng Văn Bình", "025086017777")
    assert "owner.birth_date" not in offered
    assert offered["submitter.person_id"] == w.citizen.personal_id
    own = identity.sources(w.citizen, w.version, "UBND")
    assert own["owner.full_name"] == w.citizen.full_name
    assert identity.sources(company, w.version, "UBND")["owner.kind"] == "to_chuc"
    assert person("Lê Thị Mơ").full_name not in str(offered)


CAPACITY: dict[str, Any] = {
    "title": "Đơn",
    "rules": [],
    "sections": [
        {
            "title": "Người nộp",
            "fields": [
                {
                    "key": "submitter_role",
                    "label": "Ông/bà nộp hồ sơ với tư cách",
                    "type": "choice",
                    "required": True,
                    "choices": [
                        {"value": "chu_ho_so", "label": "Chính chủ hồ sơ"},
                        {"value": "dai_dien", "label": "Người đại diện theo pháp luật"},
                        {"value": "uy_quyen", "label": "Người được ủy quyền"},
                    ],
                }
            ],
        },
        {
            "title": "Người đại diện",
            "show_if": {"field": "submitter_role", "equals": ["dai_dien", "uy_quyen"]},
            "fields": [
                {
                    "key": "rep_basis",
                    "label": "Căn cứ đại diện",
                    "type": "choice",
                    "required": True,
                    "choices": [
                        {"value": "phap_luat", "label": "Đại diện theo pháp luật"},
                        {"value": "uy_quyen", "label": "Văn bản ủy quyền"},
                    ],
                }
            ],
        },
    ],
}


def test_in_which_capacity_one_files_is_not_asked_from_nothing(w: World) -> None:
    """The form was published before it could say where its answer is known from."""
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    member(company, w.citizen)
    version = procedure("1.009994", "Thủ tục hỏi tư cách", eform=CAPACITY)
    ref = draft(w, version=version, answers={}, paper=False).submission_ref
    client, url = as_(w.citizen), f"/nop-ho-so/{ref}/nop-cho-ai/"

    def chosen(number: int = 1) -> tuple[list[str], str]:
        page = go(client, f"/nop-ho-so/{ref}/to-khai/{number}/")
        return [str(box.get("value")) for box in page.all("//input[@type='radio'][@checked]")], page.text

    assert chosen()[0] == ["chu_ho_so"]
    go(client, url, {"whom": str(company.pk)})
    assert chosen()[0] == [], "thành viên có thể là người đại diện theo pháp luật, có thể không"
    go(client, url, BINH | {"by": str(company.pk), "paper": paper()})
    role, words = chosen()
    assert role == ["uy_quyen"]
    assert "Lấy từ phần “Nộp cho ai”, sửa nếu chưa đúng." in words
    go(client, f"/nop-ho-so/{ref}/to-khai/1/", {"_shown": "submitter_role", "submitter_role": role[0]})
    assert chosen(2)[0] == ["uy_quyen"]
