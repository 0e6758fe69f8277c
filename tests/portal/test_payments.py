"""Paying from home through the pages, against the bundled bank: what is owed, the attempt, paying less, giving back."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from config.vnpay_simulator import ledger, protocol
from danhmuc.models import ChargeRelief
from hoso.lifecycle import State
from hoso.models import Charge, Dossier, Payment, Refund
from hoso.services.dossiers import advance
from tests.factories import World, draft, procedure, step, walk
from tests.page import text_of
from tests.portal.helpers import PDF, draft_through_pages, post

pytestmark = pytest.mark.django_db
Status = Payment.Status


def page_of(dossier: Dossier, more: str = "") -> str:
    """The money page of a dossier."""
    return f"/ho-so-cua-toi/{dossier.submission_ref}/thanh-toan/{more}"


def at_the_bank(client: Client, dossier: Dossier, **data: Any) -> str:
    """Press “Nộp tiền” and stand at the bank; the reference there."""
    answer = client.post(page_of(dossier), {"way": "vnpay", "charges": [1]} | data)
    assert answer.status_code == 302, answer.content.decode()
    asked = dict(parse_qsl(urlsplit(answer.url).query))
    assert protocol.is_signed(asked)
    assert client.get(answer.url).status_code == 200
    return asked["vnp_TxnRef"]


def bank_says(
    client: Client, reference: str, *, status: str = "00", code: str = "00", amount: int = 0
) -> str:
    """The simulated bank decides and tells our server; how it was answered."""
    ledger.settle(reference, status=status, code=code, paid=protocol.stamp(), amount=amount or None)
    order = ledger.find(reference)
    assert order is not None
    return str(client.get("/thanh-toan/vnpay/ipn/", protocol.result(order)).json()["RspCode"])


def test_what_is_owed_says_for_what_why_and_how(w: World, visit) -> None:
    dossier = walk(w, draft(w), "accept")
    page = visit(page_of(dossier), w.citizen)
    assert page.h1 == "Nộp phí, lệ phí"
    assert "Lệ phí đăng ký khai sinh Căn cứ: Nghị quyết của Hội đồng nhân dân tỉnh. 8.000 ₫" in page.text
    assert "Nộp khi hồ sơ được tiếp nhận" in page.text
    assert "Thẻ hoặc tài khoản ngân hàng qua VNPAY (mô phỏng, không có tiền thật)" in page.text
    assert "Quét mã VietQR hoặc chuyển khoản (mô phỏng, không có tiền thật)" in page.text
    tracking = visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen)
    assert page_of(dossier) in tracking.links


def test_only_the_applicant_sees_it(w: World, visit) -> None:
    dossier = walk(w, draft(w), "accept")
    addresses = (page_of(dossier), page_of(dossier, "TTABCDEFGHJKLM/"))
    for address in addresses:
        visit(address, w.neighbour, status=404)
        visit(address, status=302)
    visit(page_of(draft(w)), w.citizen, status=404)
    assert Client().post(page_of(dossier), {"way": "vnpay", "charges": [1]}).status_code == 302
    assert not Payment.objects.exists()


def test_a_prepaid_fee_leads_from_filing_straight_to_paying(w: World, citizen: Client, visit, at) -> None:
    at("2026-10-13 09:00")
    w.version = procedure("1.009999", "Cấp bản sao trích lục", fee_timing="before_intake")
    ref = draft_through_pages(citizen, w)
    dossier = Dossier.objects.get(submission_ref=ref)
    check = citizen.get(f"/nop-ho-so/{ref}/kiem-tra/")
    assert check.status_code == 200
    answer = post(citizen, f"/nop-ho-so/{ref}/kiem-tra/", {"declared": "on", "seen": dossier.last_seq})
    assert answer.request["PATH_INFO"] == page_of(dossier)
    page = visit(page_of(dossier), w.citizen)
    assert "Hồ sơ đã nộp, đang chờ tiền" in page.text
    assert "08 giờ làm việc" in page.text
    at("2026-10-13 15:30")
    reference = at_the_bank(citizen, dossier)
    assert bank_says(citizen, reference) == "00"
    dossier.refresh_from_db()
    assert timezone.localtime(dossier.intake_due_at).isoformat() == "2026-10-14T15:30:00+07:00"  # E09
    done = visit(page_of(dossier, f"{reference}/"), w.citizen)
    assert done.h1 == "Đã nộp tiền"
    assert "15:30 ngày 14/10/2026" in done.text or "15:30 14/10/2026" in done.text


def test_a_browsers_return_proves_nothing(w: World, citizen: Client, visit) -> None:
    dossier = walk(w, draft(w), "accept")
    reference = at_the_bank(citizen, dossier)
    ledger.settle(reference, status="00", code="00", paid=protocol.stamp())
    order = ledger.find(reference)
    assert order is not None
    back = urlsplit(protocol.return_address(order))
    assert back.path == page_of(dossier, f"{reference}/")
    answer = citizen.get(f"{back.path}?{back.query}", follow=True)
    assert answer.request["QUERY_STRING"] == ""
    assert "Đang chờ ngân hàng xác nhận" in answer.content.decode()
    assert dossier.charges.get().status == Charge.Status.DUE
    page = visit(back.path, w.citizen)
    assert "đừng nộp lần nữa" in page.text
    page.button("Hỏi ngân hàng ngay")
    assert bank_says(citizen, reference) == "00"
    assert visit(back.path, w.citizen).h1 == "Đã nộp tiền"
    assert bank_says(citizen, reference) == "02"


@pytest.mark.parametrize(
    ("code", "words"),
    [("24", "Ông/bà đã hủy giao dịch."), ("51", "không đủ số dư"), ("99", "không thành công")],
)
def test_an_attempt_that_failed_says_why_and_may_be_repeated(
    w: World, citizen: Client, visit, code: str, words: str
) -> None:
    dossier = walk(w, draft(w), "accept")
    reference = at_the_bank(citizen, dossier)
    bank_says(citizen, reference, status="02", code=code)
    page = visit(page_of(dossier, f"{reference}/"), w.citizen)
    assert page.h1 == "Chưa nộp được tiền"
    assert words in page.text
    assert at_the_bank(citizen, dossier) != reference


def test_a_wrong_amount_is_told_and_given_back(w: World, citizen: Client, visit) -> None:
    dossier = walk(w, draft(w), "accept")
    reference = at_the_bank(citizen, dossier)
    assert bank_says(citizen, reference, amount=7000) == "04"
    page = visit(page_of(dossier, f"{reference}/"), w.citizen)
    assert page.h1 == "Tiền sẽ được trả lại"
    assert "7.000 ₫" in page.text
    refund = visit(f"/ho-so-cua-toi/{dossier.submission_ref}/hoan-tien/1/", w.citizen)
    assert "không cần xét duyệt" in refund.text
    assert dossier.charges.get().status == Charge.Status.DUE


def test_a_transfer_shows_code_amount_and_reference(w: World, citizen: Client, visit) -> None:
    dossier = walk(w, draft(w), "accept")
    answer = citizen.post(page_of(dossier), {"way": "vietqr", "charges": [1]})
    payment = Payment.objects.get()
    assert answer.url == page_of(dossier, f"{payment.reference}/")
    page = visit(answer.url, w.citizen)
    assert page.h1 == "Chuyển khoản nộp phí"
    for words in (payment.reference, "8.000 ₫", "MOPHONG0001", "MÔ PHỎNG"):
        assert words in page.text
    assert page.one("//*[@role='img']").get("aria-label").endswith(payment.reference)
    assert page.all("//*[@role='img']/*[local-name()='svg']")


def test_what_cannot_be_begun_is_said_and_nothing_is_lost(w: World, citizen: Client, visit) -> None:
    dossier = walk(w, draft(w), "accept")
    page = visit.post(page_of(dossier), {"charges": [1]}, w.citizen)
    assert page.title.startswith("Lỗi:")
    assert "Chọn cách nộp" in page.text
    page = visit.post(page_of(dossier), {"way": "vang", "charges": [1]}, w.citizen)
    assert "Chọn cách nộp" in page.text
    step(
        w,
        dossier,
        "record_payment",
        "cashier",
        {"charges": [1], "amount": 8000, "method": "cash_desk", "reference": "T1"},
    )
    page = visit.post(page_of(dossier), {"way": "vnpay", "charges": [1]}, w.citizen)
    assert "Không còn khoản nào phải nộp." in page.text
    assert Payment.objects.count() == 1


def test_several_obligations_are_chosen_and_the_last_lets_the_dossier_go_on(
    w: World, citizen: Client, visit
) -> None:
    dossier = walk(w, draft(w), "assign")
    owed = [{"name": "Tiền sử dụng đất", "amount": 5_000_000}, {"name": "Lệ phí trước bạ", "amount": 20_000}]
    step(w, dossier, "hold_financial", "case_officer", {"obligations": owed})
    page = visit(page_of(dossier), w.citizen)
    assert "Thời hạn giải quyết đang tạm dừng" in page.text
    assert len(page.all("//input[@type='checkbox']")) == 3
    assert "5.028.000 ₫" in page.text
    tracking = visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen)
    assert "Ông/bà cần nộp 5.028.000 ₫" in tracking.text
    bank_says(citizen, at_the_bank(citizen, dossier, charges=[2]))
    dossier.refresh_from_db()
    assert dossier.state == State.ON_HOLD
    reference = at_the_bank(citizen, dossier, charges=[1, 3])
    bank_says(citizen, reference)
    dossier.refresh_from_db()
    assert dossier.state == State.PROCESSING
    assert "Hồ sơ được giải quyết tiếp." in visit(page_of(dossier, f"{reference}/"), w.citizen).text


def test_the_receipt_can_be_downloaded(w: World, citizen: Client, visit) -> None:
    dossier = walk(w, draft(w), "accept")
    bank_says(citizen, at_the_bank(citizen, dossier))
    page = visit(page_of(dossier), w.citizen)
    assert "Biên lai BL-" in page.text
    paper = dossier.papers.get(kind="fee_receipt")
    link = f"/ho-so-cua-toi/{dossier.submission_ref}/phieu/{paper.pk}/"
    assert link in page.links
    assert b"".join(citizen.get(link).streaming_content).startswith(b"%PDF")
    assert (paper.facts["form"], paper.facts["charges_total"]) == ("01BLP", 8000)


def test_each_payment_shows_its_own_receipt(w: World, citizen: Client, visit) -> None:
    dossier = walk(w, draft(w), "assign")
    owed = [{"name": f"Khoản {i}", "amount": 1000 + i} for i in range(2)]
    step(w, dossier, "hold_financial", "case_officer", {"obligations": owed})
    references = [at_the_bank(citizen, dossier, charges=[number]) for number in (1, 2)]
    for reference in references:
        bank_says(citizen, reference)
    for reference in references:
        receipt = Payment.objects.get(reference=reference).receipts.get()
        page = visit(page_of(dossier, f"{reference}/"), w.citizen)
        assert f"số {receipt.number}" in page.text


def relief(**more: Any) -> ChargeRelief:
    """A reason to pay less."""
    values = {
        "key": "ho-ngheo",
        "name": "Người thuộc hộ nghèo",
        "basis": "Điều 10 Luật Phí và lệ phí 2015",
        "percent": 100,
        "condition": "claim",
        "paper": "Giấy chứng nhận hộ nghèo",
        "kinds": ["le_phi"],
        "valid_from": "2017-01-01",
    }
    return ChargeRelief.objects.create(**(values | more))


def test_a_relief_is_claimed_with_a_paper_and_confirmed_by_the_desk(w: World, citizen: Client, visit) -> None:
    row = relief()
    dossier = walk(w, draft(w), "accept")
    address = f"/ho-so-cua-toi/{dossier.submission_ref}/mien-giam/"
    assert address in visit(page_of(dossier), w.citizen).links
    page = visit(address, w.citizen)
    assert "Miễn toàn bộ. Giấy tờ: giấy chứng nhận hộ nghèo." in page.text
    visit(address, w.neighbour, status=404)

    page = visit.post(address, {"relief": row.pk, "seen": dossier.last_seq}, w.citizen)
    assert "Chọn tệp giấy tờ chứng minh" in page.text
    bad = SimpleUploadedFile("giay.pdf", b"khong phai pdf")
    page = visit.post(address, {"relief": row.pk, "paper": bad, "seen": dossier.last_seq}, w.citizen)
    assert page.title.startswith("Lỗi:")

    good = SimpleUploadedFile("ho-ngheo.pdf", PDF)
    answer = post(citizen, address, {"relief": row.pk, "paper": good, "seen": dossier.last_seq})
    assert answer.request["PATH_INFO"] == page_of(dossier)
    page = visit(page_of(dossier), w.citizen)
    assert "Chờ Bộ phận Một cửa xem xét" in page.text
    assert address not in page.links

    dossier.refresh_from_db()
    desk = f"/mot-cua/ho-so/{dossier.submission_ref}/mien-giam/"
    shown = visit(desk, w.desk_officer)
    assert "ho-ngheo.pdf" in shown.text
    refused = visit.post(desk, {"granted": "no", "seen": dossier.last_seq}, w.desk_officer)
    assert "Ghi lý do không chấp nhận" in refused.text
    visit.post(desk, {"granted": "yes", "seen": dossier.last_seq}, w.desk_officer)
    charge = dossier.charges.get()
    assert (charge.status, charge.amount, charge.full_amount) == (Charge.Status.EXEMPT, 0, 8000)
    page = visit(page_of(dossier), w.citizen)
    assert "Được miễn: Người thuộc hộ nghèo (Điều 10 Luật Phí và lệ phí 2015)" in page.text
    assert dossier.notices.filter(template="relief_decided").exists()


def paid(w: World, citizen: Client, until: str = "accept") -> Dossier:
    """A dossier whose fee was paid online."""
    dossier = walk(w, draft(w), until)
    bank_says(citizen, at_the_bank(citizen, dossier))
    dossier.refresh_from_db()
    return dossier


def test_from_withdrawal_to_the_money_back(w: World, citizen: Client, visit) -> None:
    dossier = paid(w, citizen)
    post(
        citizen,
        f"/ho-so-cua-toi/{dossier.submission_ref}/rut/",
        {"sure": "on", "note": "Đổi ý", "seen": dossier.last_seq},
    )
    address = f"/ho-so-cua-toi/{dossier.submission_ref}/hoan-tien/1/"
    assert address in visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen).links
    page = visit(address, w.citizen)
    assert "Có thể được hoàn tới 8.000 ₫" in page.text
    assert "Lãnh đạo cơ quan xem xét" in page.text
    visit(address, w.neighbour, status=404)

    dossier.refresh_from_db()
    wrong = {
        "way": "transfer",
        "bank": "",
        "account": "12",
        "holder": "Hoàng Văn Bình",
        "seen": dossier.last_seq,
    }
    page = visit.post(address, wrong, w.citizen)
    for words in ("Chọn ngân hàng", "Số tài khoản gồm 6 đến 19 chữ số", "Tên này khác tên người nộp"):
        assert words in page.text
    assert page.one("//input[@name='account']").get("value") == "12"
    right = wrong | {"bank": "970405", "account": "2205 1234 5678", "holder": "NGUYEN THI THANH HUONG"}
    page = visit.post(address, right, w.citizen)
    assert "Agribank ···5678" in page.text

    def officer(name: str, who: str, data: dict[str, Any]) -> Any:
        dossier.refresh_from_db()
        return visit.post(
            f"/mot-cua/ho-so/{dossier.submission_ref}/{name}/",
            data | {"seen": dossier.last_seq},
            getattr(w, who),
        )

    page = officer(
        "hoan-phi", "approver", {"refund": 1, "granted": "yes", "amount": "9.000", "note": "Chưa thụ lý"}
    )
    assert "không hoàn quá số này" in page.text
    officer(
        "hoan-phi", "approver", {"refund": 1, "granted": "yes", "amount": "5.000", "note": "Chưa thụ lý xong"}
    )
    page = visit(address, w.citizen)
    assert "Được hoàn 5.000 ₫" in page.text
    assert "Chưa thụ lý xong" in page.text
    officer("chi-tien-hoan", "cashier", {"refund": 1, "reference": "UNC-15"})
    page = visit(address, w.citizen)
    assert "UNC-15" in page.text
    assert not page.all("//form[.//input[@name='way']]")
    refund = Refund.objects.get()
    assert (refund.status, refund.amount, refund.paid_by) == ("paid", 5000, w.cashier)
    assert sorted(r.amount for r in dossier.receipts.all()) == [-5000, 8000]
    assert dossier.notices.filter(template="refund_paid", channel="sms").exists()
    listed = visit(page_of(dossier), w.citizen)
    assert "Biên lai điều chỉnh giảm" in listed.text
    paper = dossier.papers.filter(kind="fee_receipt").latest("pk")
    assert paper.facts["kind"] == "adjustment"


def test_refusing_to_give_back_is_told_with_its_reason(w: World, citizen: Client, visit) -> None:
    dossier = paid(w, citizen)
    advance(dossier.pk, "withdraw", by=w.citizen, note="")
    advance(
        dossier.pk,
        "decide_refund",
        by=w.approver,
        refund=1,
        granted=False,
        note="Đã thẩm định xong, hồ sơ không đạt.",
    )
    page = visit(f"/ho-so-cua-toi/{dossier.submission_ref}/hoan-tien/1/", w.citizen)
    assert "Quyết định không hoàn" in page.text
    assert "Đã thẩm định xong" in page.text
    assert not page.all("//form[.//input[@name='way']]")


def test_a_claim_overtaken_by_something_else_asks_for_its_paper_again(w: World, visit) -> None:
    row = relief()
    dossier = walk(w, draft(w), "accept")
    address = f"/ho-so-cua-toi/{dossier.submission_ref}/mien-giam/"
    good = SimpleUploadedFile("ho-ngheo.pdf", PDF)
    page = visit.post(address, {"relief": row.pk, "paper": good, "seen": dossier.last_seq - 1}, w.citizen)
    assert "Chọn tệp giấy tờ chứng minh" in page.text
    assert page.one(f'//input[@name="relief"][@value="{row.pk}"]').get("checked") is not None
    assert page.one('//input[@name="seen"]').get("value") == str(dossier.last_seq)
    assert not dossier.relief_claims.exists()


def test_where_the_money_goes_overtaken_by_something_else_is_still_on_the_page(
    w: World, citizen: Client, visit
) -> None:
    dossier = paid(w, citizen)
    advance(dossier.pk, "withdraw", by=w.citizen, note="Đổi ý")
    dossier.refresh_from_db()
    address = f"/ho-so-cua-toi/{dossier.submission_ref}/hoan-tien/1/"
    given = {"way": "transfer", "bank": "970436", "account": "0123456789", "holder": w.citizen.full_name}
    page = visit.post(address, {**given, "seen": dossier.last_seq - 1}, w.citizen)
    assert "vẫn còn ở dưới" in page.text
    assert page.one('//input[@name="account"]').get("value") == "0123456789"
    answer = post(citizen, address, {**given, "seen": page.one('//input[@name="seen"]').get("value")})
    assert "Đã ghi nhận nơi nhận tiền hoàn" in answer.content.decode()
    again = post(citizen, address, {**given, "seen": dossier.last_seq})  # the same press once more
    assert again.request["PATH_INFO"] == address
    assert "vẫn còn ở dưới" not in again.content.decode()


def test_the_page_costs_the_same_for_two_and_for_twenty(w: World, citizen: Client, visit) -> None:
    dossier = walk(w, draft(w), "assign")
    owed = [{"name": f"Khoản {i}", "amount": 1000 + i} for i in range(20)]
    step(w, dossier, "hold_financial", "case_officer", {"obligations": owed})
    before = len(visit(page_of(dossier), w.citizen, budget=16).queries)
    for number in range(1, 10):
        bank_says(citizen, at_the_bank(citizen, dossier, charges=[number]))
    after = len(visit(page_of(dossier), w.citizen, budget=16).queries)
    assert after <= before


def test_the_bank_that_is_not_real_says_so_on_every_page(w: World, citizen: Client, visit) -> None:
    dossier = walk(w, draft(w), "accept")
    address = citizen.post(page_of(dossier), {"way": "vnpay", "charges": [1]}).url
    page = visit(address)
    assert "không có tiền nào được chuyển" in page.text
    assert {text_of(b) for b in page.all("//form//button")} >= {"Thanh toán thành công", "Hủy giao dịch"}
    visit(address.replace("vnp_Amount=800000", "vnp_Amount=100"), status=400)
    assert "không có tiền nào được chuyển" in visit("/mo-phong-vnpay/").text.lower()
