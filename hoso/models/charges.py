"""What is owed (Charge), who asks to owe less (ReliefClaim), each attempt to pay (Payment). Whole đồng; no postage here."""

from django.db import models
from django.db.models import F, Q

from danhmuc.models import ChargeRelief, ChargeRule, ProcedureVersion, User


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
    full_amount = models.PositiveBigIntegerField(
        "mức đầy đủ (đồng)", default=0, help_text="Trước khi miễn, giảm"
    )
    central = models.BooleanField("do trung ương quy định", default=True)
    relief = models.ForeignKey(
        ChargeRelief, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="diện miễn, giảm"
    )
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
            models.CheckConstraint(
                condition=Q(amount__lte=F("full_amount")), name="relief_never_raises_a_charge"
            ),
        ]
        indexes = [models.Index(fields=["dossier"], name="charge_due", condition=Q(status="due"))]

    def __str__(self) -> str:
        return f"{self.name}: {self.amount}"


class ReliefClaim(models.Model):
    """An applicant's wish to be exempted or to pay less, with the paper that shows the right; the desk confirms it."""

    class Status(models.TextChoices):
        CLAIMED = "claimed", "Chờ Bộ phận Một cửa xem xét"
        GRANTED = "granted", "Được chấp nhận"
        REFUSED = "refused", "Không được chấp nhận"
        DROPPED = "dropped", "Không xét vì đã nộp đủ"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="relief_claims")
    seq = models.PositiveIntegerField("số")
    relief = models.ForeignKey(ChargeRelief, models.PROTECT, related_name="+", verbose_name="diện miễn, giảm")
    document = models.ForeignKey(
        "hoso.Document", models.PROTECT, related_name="+", verbose_name="giấy tờ chứng minh"
    )
    status = models.CharField("tình trạng", max_length=8, choices=Status, default=Status.CLAIMED)
    claimed_at = models.DateTimeField("đề nghị lúc")
    decided_at = models.DateTimeField("xem xét lúc", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField("lý do", max_length=2000, blank=True)

    class Meta:
        verbose_name = "đề nghị miễn, giảm"
        verbose_name_plural = "đề nghị miễn, giảm"
        ordering = ["dossier", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "seq"], name="one_relief_claim_a_number"),
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(status="claimed"), name="one_open_relief_claim_a_dossier"
            ),
            models.CheckConstraint(
                condition=Q(status="claimed") | Q(decided_at__isnull=False),
                name="decided_relief_has_its_moment",
            ),
        ]
        indexes = [models.Index(fields=["dossier"], name="relief_open", condition=Q(status="claimed"))]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.relief_id}"


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

    #: Attempts that brought money which is there, whatever became of it.
    WITH_MONEY = (Status.SUCCEEDED, Status.MISMATCHED, Status.REFUND_DUE)

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="payments")
    reference = models.CharField("mã giao dịch", max_length=40, unique=True)
    method = models.CharField("cách nộp", max_length=10, choices=Method)
    provider = models.CharField("kênh thanh toán", max_length=24, blank=True)
    provider_ref = models.CharField("mã của kênh thanh toán", max_length=80, blank=True)
    amount = models.PositiveBigIntegerField("số tiền (đồng)")
    received = models.PositiveBigIntegerField(
        "số tiền đã nhận (đồng)", default=0, help_text="Theo lời của ngân hàng, có thể khác số phải nộp"
    )
    status = models.CharField("tình trạng", max_length=12, choices=Status)
    charges = models.JSONField("các khoản", default=list, help_text="Số thứ tự các khoản thu của hồ sơ")
    received_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField("bắt đầu lúc")
    asked_at = models.DateTimeField("hỏi kênh thanh toán lúc", null=True, blank=True)
    settled_at = models.DateTimeField("xong lúc", null=True, blank=True)
    receipt_no = models.CharField("số biên lai", max_length=40, blank=True)
    answer = models.JSONField("trả lời của kênh", default=dict)

    class Meta:
        verbose_name = "giao dịch nộp tiền"
        verbose_name_plural = "giao dịch nộp tiền"
        ordering = ["dossier", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["started", "failed"]) | Q(received__gt=0),
                name="money_that_came_is_counted",
            ),
        ]
        indexes = [
            models.Index(fields=["started_at"], name="payment_waiting", condition=Q(status="started")),
            models.Index(fields=["settled_at"], name="payment_settled", condition=Q(received__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"
