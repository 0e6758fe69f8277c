"""Bank statements: read as banks write them, matched to payments by the reference in the words, nothing counted twice.

The bank's own number of a line is its identity. A line whose money belongs to a payment is recorded through the same
door as a call-back; a line nobody can place waits for the cashier.
"""

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from config.formats import vnd
from danhmuc.models import User
from danhmuc.text import fold
from hoso.gateways.payment import Answer
from hoso.models import BankLine, Charge, Dossier, Payment, Statement
from hoso.services import payments
from hoso.services.dossiers import locked
from hoso.services.errors import Refused

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MOST_LINES = 5000
Status = BankLine.Status
#: Column → words banks head it with, folded.
_HEADS: dict[str, tuple[str, ...]] = {
    "ref": (
        "so tham chieu",
        "so but toan",
        "ma giao dich",
        "so ct",
        "so chung tu",
        "reference",
        "ref no",
        "transaction id",
    ),
    "at": ("ngay giao dich", "ngay hach toan", "ngay", "transaction date", "date"),
    "amount": ("so tien ghi co", "ghi co", "phat sinh co", "co", "credit", "so tien", "amount"),
    "words": ("noi dung giao dich", "noi dung", "dien giai", "mo ta", "description", "remark"),
}
#: With blanks and signs taken out, a reference of ours: TT and twelve letters that nobody misreads.
_REFERENCE = re.compile(r"(?=(TT[2-9A-HJKMNP-Z]{12}))")


@dataclass(frozen=True)
class Line:
    """One credit of a statement."""

    number: int
    ref: str
    at: datetime
    amount: int
    words: str


@dataclass(frozen=True)
class Judged:
    """A line and what importing it would do."""

    line: Line
    verdict: str
    payment: Payment | None
    words: str


# -- Reading --------------------------------------------------------------------------------------------------------


def read(data: bytes) -> list[Line]:
    """The credits of a statement in CSV. Raises Refused naming the line and what is wrong with it."""
    rows = list(csv.reader(io.StringIO(text := _decode(data)), _dialect(text)))
    columns, start = _head(rows)
    lines: list[Line] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[start:], start=start + 1):
        cells = {name: row[i].strip() if i < len(row) else "" for name, i in columns.items()}
        if not any(cells.values()) or not cells["amount"].strip("0.,- "):
            continue  # blank, a total's frame, or a debit
        if not cells["ref"] and not cells["at"]:
            continue  # the total under the list
        amount = _amount(cells["amount"], number)
        if amount <= 0:
            continue
        if not cells["ref"]:
            raise Refused(
                f"Dòng {number}: thiếu số tham chiếu của ngân hàng nên không biết dòng này đã nhập chưa."
            )
        ref = cells["ref"][:80]
        if ref in seen:
            raise Refused(f"Dòng {number}: số tham chiếu {ref} đã có ở dòng {seen[ref]}.")
        seen[ref] = number
        lines.append(Line(number, ref, _moment(cells["at"], number), amount, _clean(cells["words"])[:500]))
    if not lines:
        raise Refused("Tệp không có dòng ghi có nào. Chọn tệp sao kê có cột “Ghi có”.")
    if len(lines) > MOST_LINES:
        raise Refused(f"Tệp có {len(lines)} dòng; chia thành nhiều tệp, mỗi tệp tối đa {MOST_LINES} dòng.")
    return lines


def _decode(data: bytes) -> str:
    if b"\x00" in data[:2000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("Đây không phải tệp CSV. Trong Excel chọn Lưu thành, CSV UTF-8.")
    for encoding in ("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("Không đọc được chữ trong tệp. Trong Excel chọn Lưu thành, CSV UTF-8.")


def _dialect(text: str) -> type[csv.Dialect]:
    try:
        return csv.Sniffer().sniff(text[:5000], delimiters=",;\t")
    except csv.Error:
        return csv.excel


def _head(rows: Sequence[Sequence[str]]) -> tuple[dict[str, int], int]:
    """Where each column stands, and the row below the head; banks print an account's data above it."""
    for index, row in enumerate(rows[:40]):
        heads = [fold(cell).strip(" .:") for cell in row]
        found: dict[str, int] = {}
        for name, words in _HEADS.items():
            at = next((heads.index(w) for w in words if w in heads), None)
            if at is None:
                at = next(
                    (i for w in words for i, head in enumerate(heads) if len(w) > 3 and w in head), None
                )
            if at is not None:
                found[name] = at
        if {"at", "amount", "words"} <= set(found):
            if "ref" not in found:
                raise Refused("Tệp thiếu cột số tham chiếu (số bút toán) của ngân hàng.")
            return found, index + 1
    raise Refused("Không thấy dòng tiêu đề có các cột ngày, số tham chiếu, ghi có và nội dung.")


def _amount(text: str, number: int) -> int:
    bare = re.sub(r"(?i)(vnd|đ|₫|\s|\+)", "", text)
    bare = re.sub(r"[.,]0{1,2}$", "", bare) if re.search(r"[.,]\d{1,2}$", bare) else bare
    digits = re.sub(r"[.,](?=\d{3}(?:[.,]|$))", "", bare)
    if not re.fullmatch(r"-?\d+", digits):
        raise Refused(f"Dòng {number}: số tiền “{text}” không đọc được.")
    return int(digits)


def _moment(text: str, number: int) -> datetime:
    found = re.match(r"(\d{1,4})[/-](\d{1,2})[/-](\d{1,4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", text)
    try:
        if not found:
            raise ValueError
        first, month, last = (int(found[i]) for i in (1, 2, 3))
        day = date(first, month, last) if first > 31 else date(last, month, first)
        clock = time(int(found[4] or 0), int(found[5] or 0), int(found[6] or 0))
    except ValueError:
        raise Refused(f"Dòng {number}: ngày “{text}” không đọc được, cần dạng 25/11/2026.") from None
    return datetime.combine(day, clock, HANOI)


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


# -- Judging --------------------------------------------------------------------------------------------------------


def judge(lines: Iterable[Line]) -> list[Judged]:
    """What importing each line would do now; nothing is written."""
    lines = list(lines)
    known = set(
        BankLine.objects.filter(
            account=settings.VIETQR_ACCOUNT, bank_ref__in=[ln.ref for ln in lines]
        ).values_list("bank_ref", flat=True)
    )
    mentioned = {ref for line in lines for ref in references(line.words)}
    found = (
        Payment.objects.select_related("dossier")
        .filter(reference__in=mentioned)
        .in_bulk(field_name="reference")
    )
    return [_judge(line, known, found) for line in lines]


def references(words: str) -> list[str]:
    """Every reference of ours the words may hold; banks put blanks and their own text around it."""
    folded = unicodedata.normalize("NFD", words.upper())
    return _REFERENCE.findall("".join(c for c in folded if c.isascii() and c.isalnum()))


def _judge(line: Line, known: set[str], found: dict[str, Payment]) -> Judged:
    if line.ref in known:
        return Judged(line, "known", None, "Đã nhập trước đây, bỏ qua")
    payment = next((found[ref] for ref in references(line.words) if ref in found), None)
    if payment is None:
        return Judged(
            line, "unmatched", None, "Không có mã giao dịch trong nội dung; chờ người thu phí tìm hồ sơ"
        )
    if payment.status not in {Payment.Status.STARTED, Payment.Status.FAILED}:
        return Judged(line, "again", payment, "Giao dịch này đã có tiền; tiền thừa được mở khoản hoàn")
    if payment.amount != line.amount:
        return Judged(
            line, "wrong", payment, f"Phải nộp {vnd(payment.amount)}; ghi sai số tiền và mở khoản hoàn"
        )
    return Judged(line, "matched", payment, "Khớp")


# -- Writing --------------------------------------------------------------------------------------------------------


def save(name: str, data_sha256: str, lines: Iterable[Line], *, by: User) -> Statement:
    """Import what was previewed. Each line stands or falls alone, so that one that was taken meanwhile stops nothing.

    Raises Refused when this very file was imported before.
    """
    try:
        with transaction.atomic():
            statement = Statement.objects.create(
                name=name[:160],
                sha256=data_sha256,
                account=settings.VIETQR_ACCOUNT,
                imported_by=by,
                imported_at=timezone.now(),
            )
    except IntegrityError:
        before = Statement.objects.select_related("imported_by").get(sha256=data_sha256)
        at = timezone.localtime(before.imported_at)
        raise Refused(
            f"Tệp này đã được {before.imported_by.full_name} nhập lúc {at:%H:%M} ngày {at:%d/%m/%Y}."
        ) from None
    for line in lines:
        _take(statement, line)
    return statement


def take_live(line: Line) -> BankLine:
    """One credit told by the bank's own server as it happens. The statement of the day, imported later, meets it by
    its number and counts it no second time; telling it again changes nothing.
    """
    day = timezone.localdate(line.at)
    statement, _ = Statement.objects.get_or_create(
        sha256=digest(f"vietqr:{settings.VIETQR_ACCOUNT}:{day}".encode()),
        defaults={
            "name": f"Báo có VietQR {day:%d/%m/%Y}",
            "account": settings.VIETQR_ACCOUNT,
            "imported_by": User.objects.system(),
            "imported_at": timezone.now(),
        },
    )
    _take(statement, line)
    return BankLine.objects.get(account=statement.account, bank_ref=line.ref)


def _take(statement: Statement, line: Line) -> None:
    if BankLine.objects.filter(account=statement.account, bank_ref=line.ref).exists():
        return
    try:
        with transaction.atomic():
            row = BankLine(
                statement=statement,
                account=statement.account,
                bank_ref=line.ref,
                booked_at=line.at,
                amount=line.amount,
                words=line.words,
                status=Status.UNMATCHED,
            )
            payment = Payment.objects.filter(reference__in=references(line.words)).first()
            if payment is not None:
                _settle(row, payment, statement.imported_by)
            row.save()
    except IntegrityError:
        return  # the same money came by another import at the same moment


def _settle(row: BankLine, payment: Payment, by: User) -> None:
    """Record the money of a line with its payment, or with one of its own when that has money already."""
    Dossier.objects.select_for_update().only("pk").get(pk=payment.dossier_id)
    payment = Payment.objects.get(pk=payment.pk)
    if payment.status not in {Payment.Status.STARTED, Payment.Status.FAILED}:
        payment = Payment.objects.create(
            dossier_id=payment.dossier_id,
            reference=_further(payment.reference),
            method=Payment.Method.TRANSFER,
            provider="vietqr",
            amount=row.amount,
            charges=payment.charges,
            status=Payment.Status.STARTED,
            started_at=timezone.now(),
        )
    done = payments.record(Answer(payment.reference, row.amount, True, row.bank_ref, row.words[:200]))
    row.payment, row.settled_by, row.settled_at = done, by, timezone.now()
    row.status = Status.MATCHED if done.status == Payment.Status.SUCCEEDED else Status.REFUND


def _further(reference: str) -> str:
    root = reference.partition("-")[0]
    return f"{root}-{Payment.objects.filter(Q(reference=root) | Q(reference__startswith=f'{root}-')).count() + 1}"


@transaction.atomic
def place(pk: int, code: str, *, by: User, desks: frozenset[int]) -> BankLine:
    """The cashier knows which dossier a waiting line belongs to. The right amount pays; another opens a refund.

    Raises Refused: no such dossier of the cashier's desks, or the line was dealt with meanwhile.
    """
    wanted = code.strip().upper()
    found = (
        Dossier.objects.filter(desk_id__in=desks)
        .filter(Q(code__iexact=wanted) | Q(submission_ref=wanted) | Q(payments__reference=wanted))
        .exclude(state="draft")
        .distinct()
        .first()
    )
    if found is None:
        raise Refused("Không có hồ sơ nào của Bộ phận Một cửa này với mã đó. Kiểm tra lại mã.")
    case = locked(found.pk)
    row = _waiting(pk)
    due = [c for c in case.charges if c.status == Charge.Status.DUE]
    if not case.charges:
        raise Refused("Hồ sơ này không có khoản thu nào. Ghi dòng này là không phải phí, lệ phí.")
    noted = found.payments.filter(
        status=Payment.Status.SUCCEEDED, method=Payment.Method.TRANSFER, amount=row.amount, bank_lines=None
    ).first()
    if noted is not None:  # the desk had taken note of this transfer before the statement came
        row.payment, row.status = noted, Status.MATCHED
        row.settled_by, row.settled_at = by, timezone.now()
        row.save()
        return row
    payment = Payment.objects.create(
        dossier=found,
        reference=f"SK-{row.pk}",
        method=Payment.Method.TRANSFER,
        provider="sao-ke",
        amount=row.amount,
        charges=[c.seq for c in due] or [c.seq for c in case.charges],
        status=Payment.Status.STARTED,
        started_at=timezone.now(),
    )
    _settle(row, payment, by)
    row.note = f"Tìm hồ sơ theo mã {wanted}"[:500]
    row.save()
    return row


@transaction.atomic
def set_aside(pk: int, note: str, *, by: User) -> BankLine:
    """The line is no fee (a settlement of the gateway, interest); the note says what it is."""
    if not note.strip():
        raise Refused("Ghi rõ khoản tiền này là gì.")
    row = _waiting(pk)
    row.status, row.note = Status.SET_ASIDE, note.strip()[:500]
    row.settled_by, row.settled_at = by, timezone.now()
    row.save()
    return row


def _waiting(pk: int) -> BankLine:
    row = BankLine.objects.select_for_update().filter(pk=pk, status=Status.UNMATCHED).first()
    if row is None:
        raise Refused("Dòng này đã được xử lý. Tải lại danh sách.")
    return row


def digest(data: bytes) -> str:
    """What a file is known by."""
    return hashlib.sha256(data).hexdigest()
