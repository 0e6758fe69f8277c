"""What the collecting bank says came in: statements imported by the cashier, line by line (domain §12.6)."""

from django.db import models
from django.db.models import Q

from danhmuc.models import User
from hoso.models.charges import Payment


class Statement(models.Model):
    """One import. The same file is not taken twice; a line is known by the bank's own number anyway."""

    name = models.CharField("tên tệp", max_length=160)
    sha256 = models.CharField("SHA-256", max_length=64, unique=True)
    account = models.CharField("tài khoản", max_length=40)
    imported_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người nhập")
    imported_at = models.DateTimeField("nhập lúc")

    class Meta:
        verbose_name = "sao kê"
        verbose_name_plural = "sao kê"
        ordering = ["-imported_at"]

    def __str__(self) -> str:
        return self.name


class BankLine(models.Model):
    """Money that came to the collecting account, and which payment it belongs to."""

    class Status(models.TextChoices):
        MATCHED = "matched", "Khớp giao dịch"
        REFUND = "refund", "Phải hoàn"
        UNMATCHED = "unmatched", "Chưa rõ của hồ sơ nào"
        SET_ASIDE = "set_aside", "Không phải phí, lệ phí"

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="lines")
    account = models.CharField("tài khoản", max_length=40)
    bank_ref = models.CharField("số tham chiếu của ngân hàng", max_length=80)
    booked_at = models.DateTimeField("ghi có lúc")
    amount = models.PositiveBigIntegerField("số tiền (đồng)")
    words = models.CharField("nội dung", max_length=500)
    status = models.CharField("tình trạng", max_length=10, choices=Status)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="bank_lines")
    note = models.CharField("ghi chú", max_length=500, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField("xử lý lúc", null=True, blank=True)

    class Meta:
        verbose_name = "dòng sao kê"
        verbose_name_plural = "dòng sao kê"
        ordering = ["-booked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "bank_ref"], name="bank_money_is_counted_once"),
            models.CheckConstraint(
                condition=Q(status__in=["matched", "refund"], payment__isnull=False)
                | Q(status__in=["unmatched", "set_aside"], payment=None),
                name="matched_bank_line_has_its_payment",
            ),
            models.CheckConstraint(
                condition=~Q(status="set_aside") | ~Q(note=""), name="line_set_aside_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["booked_at"], name="bank_line_waits", condition=Q(status="unmatched"))
        ]

    def __str__(self) -> str:
        return f"{self.bank_ref}: {self.amount}"
