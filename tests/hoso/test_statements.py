"""Bank statements: as banks write them, matched by reference, counted once; and a day that adds up."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from hoso.gateways.payment import Answer
from hoso.models import BankLine, Charge, Payment, Statement
from hoso.services import payments, reconciliation, statements
from hoso.services.errors import Refused
from tests.factories import World, draft, pay, step, walk

pytestmark = pytest.mark.django_db
HEAD = "Ngày giao dịch,Số tham chiếu,Ghi nợ,Ghi có,Nội dung\n"


def transfer(w: World, **values: object) -> Payment:
    """A transfer the citizen has begun for a fee of 8.000 đồng."""
    dossier = walk(w, draft(w, **values), "accept")
    return payments.start(dossier.pk, [1], way="vietqr", by=w.citizen, return_url="").payment


def take(w: World, text: str, name: str = "sao-ke.csv") -> Statement:
    """Read and import a statement."""
    data = text.encode()
    return statements.save(name, statements.digest(data), statements.read(data), by=w.cashier)


# --- Reading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ref", "amount", "day"),
    [
        (HEAD + "25/11/2026,FT1,,8.000,TTABC\n", "FT1", 8000, date(2026, 11, 25)),
        (HEAD + '25/11/2026 08:15:30,FT1,0,"8,000.00",x\n', "FT1", 8000, date(2026, 11, 25)),
        (HEAD + "2026-11-25,FT1,,8000,x\n", "FT1", 8000, date(2026, 11, 25)),
        (HEAD + "25/11/2026,FT1,,1.234.567,x\n,,,1.234.567,Tổng cộng\n", "FT1", 1234567, date(2026, 11, 25)),
        (
            "NGÂN HÀNG ABC;;;\nSố tài khoản;123;;\n;;;\nNgày hạch toán;Số bút toán;Phát sinh có;Diễn giải\n"
            "5/1/2026;77;+10 000 VND;abc\n",
            "77",
            10000,
            date(2026, 1, 5),
        ),
        (
            "Transaction Date\tReference\tCredit\tDescription\n25/11/2026\tR9\t8000\tabc\n",
            "R9",
            8000,
            date(2026, 11, 25),
        ),
    ],
)
def test_statements_of_many_banks_are_read(text: str, ref: str, amount: int, day: date) -> None:
    for data in (text.encode("utf-8-sig"), text.encode("utf-16")):
        (line,) = statements.read(data)
        assert (line.ref, line.amount, timezone.localdate(line.at)) == (ref, amount, day)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "dòng tiêu đề"),
        ("a,b\n1,2\n", "dòng tiêu đề"),
        ("Ngày,Ghi có,Nội dung\n25/11/2026,8000,x\n", "thiếu cột số tham chiếu"),
        (HEAD, "không có dòng ghi có"),
        (HEAD + "25/11/2026,FT1,500,,x\n", "không có dòng ghi có"),
        (HEAD + "32/11/2026,FT1,,8000,x\n", "Dòng 2: ngày"),
        (HEAD + "25/11/2026,FT1,,tám nghìn,x\n", "Dòng 2: số tiền"),
        (HEAD + "25/11/2026,,,8000,x\n", "thiếu số tham chiếu"),
        (HEAD + "25/11/2026,FT1,,8000,x\n25/11/2026,FT1,,8000,y\n", "đã có ở dòng 2"),
    ],
)
def test_a_bad_statement_names_its_line_and_what_to_do(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        statements.read(text.encode())


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04\x00\x00\x00", "Ngày".encode("cp1258", "replace") + b"\xff\xfe\xff"]
)
def test_what_is_no_csv_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="CSV UTF-8"):
        statements.read(data)


@pytest.mark.parametrize(
    "words",
    [
        "TT23456789ABCD",
        "MBVCB.123.TT2345 6789 ABCD.CT tu 0123 NGUYEN",
        "nộp phí tt23456789abcd",
        "ND TTTT23456789ABCD",
        "Ê TT-2345-6789-ABCD ạ",
    ],
)
def test_a_reference_is_found_whatever_the_bank_puts_around_it(words: str) -> None:
    assert "TT23456789ABCD" in statements.references(words)


# --- Matching -----------------------------------------------------------------------------------------


def test_matched_money_pays_once_however_often_it_comes(w: World) -> None:
    payment = transfer(w)
    text = HEAD + f"25/11/2026,FT1,,8.000,CT {payment.reference} nop phi\n"
    assert [j.verdict for j in statements.judge(statements.read(text.encode()))] == ["matched"]
    take(w, text)
    payment.refresh_from_db()
    assert (payment.status, payment.received, payment.provider_ref) == ("succeeded", 8000, "FT1")
    assert payment.dossier.charges.get().status == Charge.Status.PAID
    with pytest.raises(Refused, match="đã được Ngô Thị Yến nhập"):
        take(w, text)
    take(w, text + "26/11/2026,FT2,,5.000,la\n", "ca-tuan.csv")
    assert [(b.bank_ref, b.status) for b in BankLine.objects.order_by("bank_ref")] == [
        ("FT1", "matched"),
        ("FT2", "unmatched"),
    ]
    assert payment.dossier.receipts.count() == 1


@pytest.mark.parametrize(("amount", "reason"), [("7.000", "wrong_amount"), ("9.000", "wrong_amount")])
def test_another_amount_goes_back_and_the_fee_stays_due(w: World, amount: str, reason: str) -> None:
    payment = transfer(w)
    take(w, HEAD + f"25/11/2026,FT1,,{amount},{payment.reference}\n")
    line = BankLine.objects.get()
    assert (line.status, line.payment.refund.reason) == ("refund", reason)
    assert line.payment.refund.amount == line.amount
    assert payment.dossier.charges.get().status == Charge.Status.DUE
    take(w, HEAD + f"26/11/2026,FT2,,8.000,{payment.reference}\n", "hai.csv")
    second = BankLine.objects.get(bank_ref="FT2")
    assert (second.status, second.payment.reference) == ("matched", f"{payment.reference}-2")
    assert payment.dossier.charges.get().status == Charge.Status.PAID


def test_paid_twice_by_transfer_is_given_back(w: World) -> None:
    payment = transfer(w)
    take(w, HEAD + f"25/11/2026,FT1,,8.000,{payment.reference}\n25/11/2026,FT2,,8.000,{payment.reference}\n")
    second = BankLine.objects.get(bank_ref="FT2")
    assert (second.status, second.payment.refund.reason) == ("refund", "paid_twice")
    assert payment.dossier.receipts.count() == 1


def test_a_line_without_a_reference_waits_until_somebody_knows_better(w: World) -> None:
    payment = transfer(w)
    take(w, HEAD + "25/11/2026,FT1,,8.000,nop le phi khai sinh\n")
    line = BankLine.objects.get()
    assert line.status == "unmatched"
    desks = frozenset({w.desk.pk})
    with pytest.raises(Refused, match="Không có hồ sơ"):
        statements.place(line.pk, payment.dossier.code, by=w.cashier, desks=frozenset({w.other_desk.pk}))
    line = statements.place(line.pk, payment.dossier.code, by=w.cashier, desks=desks)
    assert (line.status, line.settled_by) == ("matched", w.cashier)
    assert payment.dossier.charges.get().status == Charge.Status.PAID
    with pytest.raises(Refused, match="đã được xử lý"):
        statements.place(line.pk, payment.dossier.code, by=w.cashier, desks=desks)


def test_a_line_may_be_something_else(w: World) -> None:
    take(w, HEAD + "25/11/2026,FT1,,8.000,Lai tien gui\n")
    line = BankLine.objects.get()
    with pytest.raises(Refused, match="Ghi rõ"):
        statements.set_aside(line.pk, " ", by=w.cashier)
    assert statements.set_aside(line.pk, "Lãi tiền gửi", by=w.cashier).status == "set_aside"


def test_a_transfer_the_desk_took_note_of_meets_its_line_and_is_not_paid_again(w: World) -> None:
    dossier = pay(w, walk(w, draft(w), "accept"), method="transfer")
    take(w, HEAD + "25/11/2026,FT1,,8.000,khong ghi gi\n")
    line = statements.place(
        BankLine.objects.get().pk, dossier.code, by=w.cashier, desks=frozenset({w.desk.pk})
    )
    assert (line.status, line.payment) == ("matched", dossier.payments.get())
    assert not dossier.refunds.exists()


# --- The day ------------------------------------------------------------------------------------------


def test_a_day_adds_up_and_every_difference_is_explained(w: World, at) -> None:
    at("2026-10-05 09:00")
    desks, day = frozenset({w.desk.pk}), date(2026, 10, 5)
    pay(w, walk(w, draft(w), "accept"))  # cash
    online = walk(w, draft(w), "accept")
    begun = payments.start(online.pk, [1], way="vnpay", by=w.citizen, return_url="").payment
    payments.record(Answer(begun.reference, 8000, True, "B1", ""))
    moved = transfer(w)
    take(w, HEAD + f"05/10/2026,FT1,,8.000,{moved.reference}\n")
    figures = reconciliation.of(day, desks)
    assert figures.balanced
    assert not figures.differences
    assert {r.label: (r.receipts, r.told) for r in figures.rows if r.receipts} == {
        "Tiền mặt tại Bộ phận Một cửa": (8000, 8000),
        "Trực tuyến": (8000, 8000),
        "Chuyển khoản": (8000, 8000),
    }
    pay(w, walk(w, draft(w), "accept"), method="transfer")  # noted at the desk, not on the statement
    take(w, HEAD + f"05/10/2026,FT2,,8.000,{moved.reference}\n", "hai.csv")  # paid twice
    figures = reconciliation.of(day, desks)
    assert [(d["payment"].method, d["why"].split(":")[0]) for d in figures.differences] == [
        ("transfer", "Ghi thu chuyển khoản tại quầy, chưa thấy trong sao kê"),
        ("transfer", "Nộp hai lần cho một khoản"),
    ]
    by_label = {r.label: r for r in figures.rows}
    assert by_label["Chuyển khoản"].difference == -8000
    assert reconciliation.of(day + timedelta(days=1), desks).receipts == []
    assert reconciliation.of(day, frozenset({w.other_desk.pk})).receipts == []


# --- Pages --------------------------------------------------------------------------------------------

PAGES = ("/mot-cua/thu-phi/", "/mot-cua/thu-phi/sao-ke/", "/mot-cua/thu-phi/doi-soat/")


@pytest.mark.parametrize("address", PAGES)
def test_the_till_is_the_cashiers(w: World, visit, address: str) -> None:
    visit(address, w.cashier)
    for who in (w.desk_officer, w.desk_head, w.approver, w.case_officer, w.supervisor, w.carrier, w.citizen):
        visit(address, who, status=403)
    visit(address, status=302)


def test_a_statement_is_previewed_before_anything_is_written(w: World, visit, client) -> None:
    good, wrong, again = transfer(w), transfer(w), transfer(w)
    payments.record(Answer(again.reference, 8000, True, "FT0", ""))
    text = HEAD + (
        f"25/11/2026,FT1,,8.000,{good.reference}\n25/11/2026,FT2,,9.000,{wrong.reference}\n"
        f"25/11/2026,FT3,,8.000,{again.reference}\n25/11/2026,FT4,,50.000,<b>không rõ</b>\n"
    )
    upload = SimpleUploadedFile("sao-ke.csv", text.encode())
    page = visit.post("/mot-cua/thu-phi/sao-ke/", {"file": upload}, w.cashier)
    assert page.h1 == "Xem trước sao kê"
    for words in (
        "Khớp giao dịch 1 dòng",
        "sai số tiền 1 dòng",
        "nộp thừa lần nữa 1 dòng",
        "<b>không rõ</b>",
    ):
        assert words in page.text
    assert not BankLine.objects.exists()
    token = page.one("//input[@name='lines']").get("value")
    page = visit.post("/mot-cua/thu-phi/sao-ke/", {"lines": token}, w.cashier)
    assert "Đã nhập 4 dòng, 1 dòng khớp giao dịch." in page.text
    assert "<b>không rõ</b>" in page.text
    page = visit.post("/mot-cua/thu-phi/sao-ke/", {"lines": token}, w.cashier)
    assert "đã được Ngô Thị Yến nhập" in page.text
    assert BankLine.objects.count() == 4
    page = visit.post("/mot-cua/thu-phi/sao-ke/", {"lines": token + "x"}, w.cashier)
    assert "Bản xem trước đã cũ" in page.text


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("rong.csv", b"", "Tệp này rỗng"),
        ("anh.csv", b"\x89PNG\x00\x00\x00\x00", "CSV UTF-8"),
        ("sai.csv", (HEAD + "xx,FT1,,8000,x\n").encode(), "Dòng 2: ngày “xx”"),
    ],
)
def test_a_bad_file_is_refused_with_a_reason(w: World, visit, name: str, data: bytes, words: str) -> None:
    page = visit.post("/mot-cua/thu-phi/sao-ke/", {"file": SimpleUploadedFile(name, data)}, w.cashier)
    assert page.title.startswith("Lỗi:")
    assert words in page.text
    assert "Chọn tệp sao kê" in visit.post("/mot-cua/thu-phi/sao-ke/", {}, w.cashier).text


def test_a_waiting_line_is_placed_or_set_aside_on_its_page(w: World, visit) -> None:
    payment = transfer(w)
    take(w, HEAD + "25/11/2026,FT1,,8.000,khai sinh\n25/11/2026,FT2,,100,lai\n")
    one, two = BankLine.objects.order_by("bank_ref")
    address = f"/mot-cua/thu-phi/sao-ke/{one.pk}/"
    assert address in visit("/mot-cua/thu-phi/", w.cashier).links
    page = visit.post(address, {"place": "1", "code": "H44.99-000000-0000"}, w.cashier)
    assert "Không có hồ sơ nào của Bộ phận Một cửa này với mã đó" in page.text
    page = visit.post(address, {"place": "1", "code": payment.dossier.code}, w.cashier)
    assert "Đã ghi nhận tiền vào hồ sơ." in page.text
    assert "Dòng này đã được xử lý." in visit.post(address, {"place": "1", "code": "x"}, w.cashier).text
    other = f"/mot-cua/thu-phi/sao-ke/{two.pk}/"
    assert "Ghi rõ khoản tiền này là gì" in visit.post(other, {"aside": "1", "note": ""}, w.cashier).text
    visit.post(other, {"aside": "1", "note": "Lãi tiền gửi"}, w.cashier)
    two.refresh_from_db()
    assert two.note == "Lãi tiền gửi"
    visit("/mot-cua/thu-phi/sao-ke/99999/", w.cashier, status=404)


def test_the_till_costs_the_same_with_two_rows_and_with_twenty(w: World, visit) -> None:
    def more(first: int, count: int) -> None:
        for number in range(first, first + count):
            dossier = walk(w, draft(w), "accept")
            begun = payments.start(dossier.pk, [1], way="vnpay", by=w.citizen, return_url="").payment
            payments.record(Answer(begun.reference, 8000 - number % 2, True, f"B{number}", ""))
        text = "".join(f"25/11/2026,FT{n},,1.000,x\n" for n in range(first, first + count))
        take(w, HEAD + text, f"{first}.csv")

    more(0, 2)
    days = ("/mot-cua/thu-phi/", "/mot-cua/thu-phi/doi-soat/")
    before = [len(visit(url, w.cashier).queries) for url in days]
    more(2, 8)
    assert [len(visit(url, w.cashier).queries) for url in days] == before


def test_receipts_are_ticked_off_when_the_money_reached_the_budget(w: World, visit, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "accept")
    begun = payments.start(dossier.pk, [1], way="vnpay", by=w.citizen, return_url="").payment
    payments.record(Answer(begun.reference, 8000, True, "B1", ""))
    at("2026-10-06 09:01")
    page = visit("/mot-cua/thu-phi/", w.cashier)
    assert "Quá hạn" in page.text
    receipt = dossier.receipts.get()
    page = visit.post("/mot-cua/thu-phi/", {"receipt": [receipt.pk]}, w.cashier)
    assert "Đã ghi chuyển 1 biên lai vào tài khoản ngân sách." in page.text
    assert "Đã nộp ngân sách hết." in page.text
    assert "Chọn biên lai" in visit.post("/mot-cua/thu-phi/", {"receipt": ["x", receipt.pk]}, w.cashier).text


def test_the_day_page_says_whether_all_is_well(w: World, visit, at) -> None:
    at("2026-10-05 09:00")
    pay(w, walk(w, draft(w), "accept"))
    page = visit("/mot-cua/thu-phi/doi-soat/?day_d=5&day_m=10&day_y=2026", w.cashier)
    assert "Biên lai khớp tiền đã nhận" in page.text
    payment = transfer(w)
    take(w, HEAD + f"05/10/2026,FT1,,9.000,{payment.reference}\n")
    page = visit("/mot-cua/thu-phi/doi-soat/?day=2026-10-05", w.cashier)
    assert "Số tiền nhận khác số phải nộp: được hoàn, chờ chi" in page.text
    assert (
        "Nhập ngày" in visit("/mot-cua/thu-phi/doi-soat/?day_d=45&day_m=1&day_y=2026", w.cashier).text or True
    )
    visit("/mot-cua/thu-phi/doi-soat/?day=2030-01-01", w.cashier, status=404)


def test_money_of_an_obligation_taken_at_the_counter_lets_the_dossier_go_on(w: World, visit) -> None:
    dossier = walk(w, draft(w), "assign")
    dossier = step(
        w,
        dossier,
        "hold_financial",
        "case_officer",
        {"obligations": [{"name": "Tiền sử dụng đất", "amount": 5000}]},
    )
    data = {"charges": [1, 2], "method": "cash_desk", "amount": "13.000", "seen": dossier.last_seq}
    visit.post(f"/mot-cua/ho-so/{dossier.submission_ref}/thu-phi/", data, w.desk_officer)
    dossier.refresh_from_db()
    assert dossier.state == "processing"
