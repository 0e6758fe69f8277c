"""The pages of the catalogue: agencies of both eras, forms to print, where a dossier may be filed, situations."""

import io

import pikepdf
import pytest
from django.test import override_settings

from danhmuc.models import Agency, LifeEvent, Procedure, ProcedureVersion
from portal.models import BlankForm
from portal.services import blank_forms
from portal.tasks import make_blank_forms
from tests.page import Visitor, text_of

pytestmark = pytest.mark.usefixtures("catalogue")


# -- Agencies ----------------------------------------------------------------------------------------------------


def names(page: object) -> list[str]:
    return [text_of(link) for link in page.all("//ul[contains(@class, 'dv-links')]//a")]  # type: ignore[attr-defined]


def test_agencies_of_today_with_the_centre_and_its_branches(visit: Visitor) -> None:
    page = visit("/co-quan/", budget=14)
    assert "Số 398 đường Trần Phú, phường Việt Trì, tỉnh Phú Thọ" in page.text
    assert "tel:02102222555" in page.links
    assert {"Sở Tư pháp", "Công an tỉnh Phú Thọ"} <= set(names(page))
    assert not any("Phòng " in name[:6] for name in names(page))
    communes = [link for link in page.links if link.startswith("/co-quan/UBND_X_")]
    assert len(communes) == 30, "mỗi trang 30 xã"
    assert visit("/co-quan/?page=5").links != page.links


def test_a_commune_is_found_without_marks_and_an_old_one_by_the_other_era(visit: Visitor) -> None:
    page = visit("/co-quan/?ten=viet tri")
    assert names(page) == ["Ủy ban nhân dân phường Việt Trì"]
    nothing = visit("/co-quan/?ten=tien cat")
    assert "Không có xã, phường nào tên “tien cat”" in nothing.text
    assert "?luc=truoc&ten=tien%20cat#xa" in nothing.links
    old = visit("/co-quan/?luc=truoc&ten=tien cat", budget=14)
    assert [name for name in names(old) if "nay là" in name]
    before = visit("/co-quan/?luc=truoc", budget=14)
    assert [name for name in names(before) if name.startswith("Ủy ban nhân dân huyện")]
    assert visit("/co-quan/?ten=%00&luc=gi&page=abc").h1


def test_an_agency_says_where_it_is_what_it_resolves_and_what_became_of_it(visit: Visitor) -> None:
    commune = Agency.objects.get(key="UBND_X_07900")
    page = visit("/co-quan/UBND_X_07900/", budget=12)
    assert page.h1 == commune.name
    assert "Bộ phận Một cửa" in page.text or "Trung tâm Phục vụ hành chính công" in page.text
    assert "Tổng đài 1022" in page.text
    assert "Nhận việc từ" in page.text
    assert len([link for link in page.links if link.startswith("/thu-tuc/1.")]) >= 10
    assert "/bao-cao/cong-khai/UBND_X_07900/" in page.links
    old = Agency.objects.filter(level="district", kind="ubnd").order_by("path")[0]
    gone = visit(f"/co-quan/{old.key}/", budget=12)
    assert "hoạt động đến hết ngày 30/06/2025" in gone.text
    assert "Việc còn lại do" in gone.text
    visit("/co-quan/BD_TINH/", status=404)
    visit("/co-quan/KHONG_CO/", status=404)


# -- Forms to print ----------------------------------------------------------------------------------------------


def test_a_form_is_a_real_pdf_with_the_legal_title_made_once(visit: Visitor) -> None:
    page = visit("/thu-tuc/1.001612/")
    assert "/thu-tuc/1.001612/mau/" in page.links
    answer = visit.client().get("/thu-tuc/1.001612/mau/")
    assert answer["Content-Type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert len(pdf.pages) >= 1
        assert pdf.docinfo["/Title"] == "Giấy đề nghị đăng ký hộ kinh doanh"
    made = BlankForm.objects.get()
    assert visit.client().get("/thu-tuc/1.001612/mau/").content == answer.content
    assert BlankForm.objects.get().made_at == made.made_at
    facts = blank_forms.facts(made.version)
    assert facts["form_no"] == "Mẫu số 1"
    assert "Thông tư 68/2025/TT-BTC" in facts["legal_source"]


def test_every_form_of_the_catalogue_has_plain_facts() -> None:
    versions = ProcedureVersion.objects.filter(status="published").select_related("procedure")
    forms = [version for version in versions if blank_forms.has_form(version)]
    assert len(forms) == 100
    for version in forms:
        facts = blank_forms.facts(version)
        assert facts["title"]
        assert all(field["label"] for section in facts["sections"] for field in section["fields"])


def test_forms_nobody_asked_for_are_made_at_night_once() -> None:
    wanted = ["1.001193", "1.001612"]
    others = Procedure.objects.exclude(code__in=wanted)
    others.update(is_current=False)
    assert make_blank_forms() == 2
    assert make_blank_forms() == 0
    numbered = blank_forms.facts(Procedure.objects.get(code="1.001612").current)  # type: ignore[arg-type]
    assert "Tên hộ kinh doanh" in [section["title"] for section in numbered["sections"]]


def test_without_a_form_the_page_says_where_to_get_it(visit: Visitor) -> None:
    version = next(
        v
        for v in ProcedureVersion.objects.filter(status="published").select_related("procedure")
        if not blank_forms.has_form(v)
    )
    page = visit(f"/thu-tuc/{version.procedure.code}/")
    assert "Lấy mẫu tại Bộ phận Một cửa" in page.text
    assert not [link for link in page.links if link.endswith("/mau/")]
    visit(f"/thu-tuc/{version.procedure.code}/mau/", status=404)
    visit("/thu-tuc/9.999999/mau/", status=404)


# -- A procedure's page ------------------------------------------------------------------------------------------


def test_fees_stand_by_the_way_of_applying(visit: Visitor) -> None:
    page = visit("/thu-tuc/1.001612/")
    table = page.one("//table[caption='Phí, lệ phí theo cách nộp']")
    heads = [text_of(head) for head in table.xpath(".//thead//th")]
    assert heads == ["Khoản thu", "Trực tuyến", "Bưu chính", "Trực tiếp", "Căn cứ"]
    cells = [text_of(cell).replace("\xa0", " ") for cell in table.xpath(".//tbody/tr[1]/td")]
    assert cells == ["150.000 ₫", "150.000 ₫", "50.000 ₫", "85/2019/TT-BTC"]


@pytest.mark.parametrize(
    ("mode", "code", "button"),
    [
        ("PORTAL_LOCAL", "1.001193", "/nop-ho-so/1.001193/"),
        ("PORTAL_LOCAL", "1.004194", "https://dichvucong.gov.vn"),  # the police's
        ("PORTAL_INFO", "1.001193", "https://dichvucong.gov.vn"),
        ("MIRROR", "1.001193", "https://dichvucong.gov.vn"),
    ],
)
def test_applying_is_offered_only_where_it_is_lawful(
    visit: Visitor, mode: str, code: str, button: str
) -> None:
    with override_settings(DEPLOYMENT_MODE=mode):
        page = visit(f"/thu-tuc/{code}/")
    big = {str(link) for link in page.tree.xpath("//a[contains(@class, 'btn-lg')]/@href")}
    assert big == {button}


def test_a_procedure_that_is_filed_on_paper_says_so(visit: Visitor) -> None:
    paper = Procedure.objects.for_people().filter(current__online_level=2).order_by("code")[0]
    page = visit(f"/thu-tuc/{paper.code}/")
    assert "Thủ tục này nộp trực tiếp" in page.text
    large = page.tree.xpath("//a[contains(@class, 'btn-lg')]")
    assert {text_of(a) for a in large} == {"Chuẩn bị hồ sơ, xem nơi nộp"}


# -- Situations --------------------------------------------------------------------------------------------------


def test_all_situations_are_one_page(visit: Visitor) -> None:
    page = visit("/viec/", budget=8)
    assert len(page.all("//a[contains(@class, 'dv-tile')]")) == LifeEvent.objects.count()
    one = visit("/viec/sinh_con/", budget=8)
    assert "Bảo hiểm xã hội giải quyết" in one.text
    assert "/viec/ket_hon/" in one.links


def test_the_pages_of_the_catalogue_keep_their_budgets(visit: Visitor) -> None:
    for address, budget in {"/": 10, "/thu-tuc/?q=khai sinh": 14, "/thu-tuc/1.001193/": 14}.items():
        visit(address, budget=budget)
