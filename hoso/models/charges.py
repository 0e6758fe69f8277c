"""What is owed (Charge) and each attempt to pay it (Payment). Whole đồng; postage is never here (domain §11.7)."""

from django.db import models
from django.db.models import Q

from danhmuc.models import ChargeRule, ProcedureVersion, User


class Charge(models.Model):
    """A fee or obligation of a dossier with its legal basis."""

    class Status(models.TextChoices):
        DUE = "due", "Chưa nộp"
        PAID = "paid", "Đã nộp"
        EXEMPT = "exempt", "Được miễn"
        CANCELLED = "cancelled", "Không thu nữa"
        REFUNDED = "refunded", "Đã hoàn"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="charges")
    seq = models.PositiveIntegerField("số")
    kind = models.CharField("loại", max_length=12, choices=ChargeRule.Kind)
    code = models.CharField("mã", max_length=40, blank=True)
    name = models.CharField("tên khoản thu", max_length=250)
    basis = models.CharField("căn cứ", max_length=250, blank=True)
    amount = models.PositiveBigIntegerField("số tiền (đồng)")
    stage = models.CharField("thời điểm thu", max_length=16, choices=ProcedureVersion.FeeTiming)
    status = models.CharField("tình trạng", max_length=10, choices=Status, default=Status.DUE)
    status_reason = models.CharField("lý do miễn, hủy", max_length=250, blank=True)
    raised_at = models.DateTimeField("lập lúc")
    settled_at = models.DateTimeField("xong lúc", null=True, blank=True)

    class Meta:
        verbose_name = "khoản phải thu"
        verbose_name_plural = "khoản phải thu"
        ordering = ["dossier", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "seq"], name="one_charge_a_number"),
            models.CheckConstraint(
                condition=Q(status="due") | Q(settled_at__isnull=False), name="settled_charge_has_its_moment"
            ),
        ]
        indexes = [models.Index(fields=["dossier"], name="charge_due", condition=Q(status="due"))]

    def __str__(self) -> str:
        return f"{self.name}: {self.amount}"


class Payment(models.Model):
    """One attempt to pay. Idempotent by reference; a browser's return never marks anything paid (domain §12.6)."""

    class Method(models.TextChoices):
        CASH_DESK = "cash_desk", "Tiền mặt tại Bộ phận Một cửa"
        CASH_POST = "cash_post", "Tiền mặt qua bưu điện"
        TRANSFER = "transfer", "Chuyển khoản"
        ONLINE = "online", "Trực tuyến"

    class Status(models.TextChoices):
        STARTED = "started", "Đang chờ"
        SUCCEEDED = "succeeded", "Thành công"
        FAILED = "failed", "Không thành"
        MISMATCHED = "mismatched", "Sai số tiền"
        REFUND_DUE = "refund_due", "Phải hoàn"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="payments")
    reference = models.CharField("mã giao dịch", max_length=40, unique=True)
    method = models.CharField("cách nộp", max_length=10, choices=Method)
    provider = models.CharField("kênh thanh toán", max_length=24, blank=True)
    provider_ref = models.CharField("mã của kênh thanh toán", max_length=80, blank=True)
    amount = models.PositiveBigIntegerField("số tiền (đồng)")
    status = models.CharField("tình trạng", max_length=12, choices=Status)
    charges = models.JSONField("các khoản", default=list, help_text="Số thứ tự các khoản thu của hồ sơ")
    received_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField("bắt đầu lúc")
    settled_at = models.DateTimeField("xong lúc", null=True, blank=True)
    receipt_no = models.CharField("số biên lai", max_length=40, blank=True)
    answer = models.JSONField("trả lời của kênh", default=dict)

    class Meta:
        verbose_name = "giao dịch nộp tiền"
        verbose_name_plural = "giao dịch nộp tiền"
        ordering = ["dossier", "pk"]
        indexes = [models.Index(fields=["started_at"], name="payment_waiting", condition=Q(status="started"))]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"
