"""Receipts for money taken (Receipt) and money given back (Refund). Neither is ever deleted (domain §12.4, §12.5)."""

from django.db import models
from django.db.models import F, Q

from config import said
from danhmuc.models import User
from hoso.models.charges import Payment


class Receipt(models.Model):
    """Biên lai thu phí, lệ phí: one a successful payment; put right by another row, never edited away.

    An adjustment carries the difference, a negative amount when money went back, so that the sum of the rows that
    stand is the money kept.
    """

    class Kind(models.TextChoices):
        ORIGINAL = "original", "Biên lai"
        REPLACEMENT = "replacement", "Biên lai thay thế"
        ADJUSTMENT = "adjustment", "Biên lai điều chỉnh giảm"

    class Status(models.TextChoices):
        ISSUED = "issued", "Có hiệu lực"
        ADJUSTED = "adjusted", "Đã điều chỉnh"
        CANCELLED = "cancelled", "Đã hủy"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="receipts")
    seq = models.PositiveIntegerField("thứ tự")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="receipts")
    kind = models.CharField("loại", max_length=12, choices=Kind, default=Kind.ORIGINAL)
    collector = models.ForeignKey(
        "danhmuc.Agency", models.PROTECT, related_name="+", verbose_name="đơn vị thu"
    )
    form = models.CharField("mẫu số", max_length=20)
    symbol = models.CharField("ký hiệu", max_length=20)
    number = models.CharField("số", max_length=20)
    amount = models.BigIntegerField("số tiền (đồng)")
    payer = models.CharField("người nộp tiền", max_length=200)
    payer_address = models.CharField("địa chỉ", max_length=400, blank=True)
    status = models.CharField("tình trạng", max_length=10, choices=Status, default=Status.ISSUED)
    reason = models.CharField("lý do hủy, điều chỉnh", max_length=500, blank=True)
    #: What the sentence was made of (`config.said`), to tell it in another language; none of a person's own words.
    reason_facts = models.JSONField("dữ kiện của lý do", null=True, blank=True)
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        verbose_name="sửa cho biên lai",
    )
    event_seq = models.PositiveIntegerField("bước đã lập")
    issued_at = models.DateTimeField("lập lúc")
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người lập")
    cancelled_at = models.DateTimeField("hủy lúc", null=True, blank=True)
    provider = models.CharField("nhà cung cấp biên lai điện tử", max_length=40, blank=True)
    provider_number = models.CharField("số của nhà cung cấp", max_length=40, blank=True)
    provider_link = models.URLField("nơi tra cứu của nhà cung cấp", max_length=300, blank=True)
    registered_at = models.DateTimeField("báo nhà cung cấp lúc", null=True, blank=True)
    provider_failures = models.PositiveSmallIntegerField("số lần báo không được", default=0)
    provider_answer = models.CharField("trả lời của nhà cung cấp", max_length=300, blank=True)
    remit_due_at = models.DateTimeField("nộp ngân sách trước", null=True, blank=True)
    remitted_at = models.DateTimeField("nộp ngân sách lúc", null=True, blank=True)
    remitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "biên lai"
        verbose_name_plural = "biên lai"
        ordering = ["dossier", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "seq"], name="one_receipt_a_place"),
            models.UniqueConstraint(fields=["collector", "symbol", "number"], name="one_receipt_a_number"),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(kind__in=["original", "replacement"]) & ~Q(status="cancelled"),
                name="one_standing_receipt_a_payment",
            ),
            models.CheckConstraint(
                condition=Q(kind="adjustment", amount__lt=0) | (~Q(kind="adjustment") & Q(amount__gt=0)),
                name="only_an_adjustment_takes_away",
            ),
            models.CheckConstraint(
                condition=~Q(status="cancelled") | (Q(cancelled_at__isnull=False) & ~Q(reason="")),
                name="cancelled_receipt_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["issued_at"], name="receipt_by_day"),
            models.Index(
                fields=["remit_due_at"],
                name="receipt_to_remit",
                condition=Q(remit_due_at__isnull=False, remitted_at=None),
            ),
            models.Index(fields=["id"], name="receipt_to_register", condition=Q(registered_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.number}: {self.amount}"

    @property
    def reason_said(self) -> str:
        """Why it does not stand as it was written, as a sentence that can be told in another language."""
        return said.read(self.reason, self.reason_facts)


class Refund(models.Model):
    """Money to give back from one payment: at most once, never more than came (domain §12.4)."""

    class Reason(models.TextChoices):
        WITHDRAWN = "withdrawn", "Người nộp rút hồ sơ"
        CLOSED = "closed", "Hồ sơ đóng vì không bổ sung"
        REFUSED_INTAKE = "refused_intake", "Hồ sơ không được tiếp nhận"
        NOT_COMPLETED = "not_completed", "Cơ quan không hoàn thành việc giải quyết"
        PAID_TWICE = "paid_twice", "Nộp hai lần cho một khoản"
        TOO_LATE = "too_late", "Tiền đến khi khoản thu không còn"
        WRONG_AMOUNT = "wrong_amount", "Số tiền nhận khác số phải nộp"

    #: Money that never was owed goes back without anybody's decision.
    UNDUE = (Reason.PAID_TWICE, Reason.TOO_LATE, Reason.WRONG_AMOUNT)

    class Status(models.TextChoices):
        TO_DECIDE = "to_decide", "Chờ quyết định"
        APPROVED = "approved", "Được hoàn, chờ chi"
        DECLINED = "declined", "Không hoàn"
        PAID = "paid", "Đã hoàn"

    class Way(models.TextChoices):
        TRANSFER = "transfer", "Chuyển khoản"
        CASH = "cash", "Tiền mặt tại Bộ phận Một cửa"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="refunds")
    seq = models.PositiveIntegerField("số")
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="refund")
    reason = models.CharField("lý do", max_length=16, choices=Reason)
    received = models.PositiveBigIntegerField("số tiền đã nhận (đồng)")
    amount = models.PositiveBigIntegerField("số tiền hoàn (đồng)")
    status = models.CharField("tình trạng", max_length=10, choices=Status)
    opened_at = models.DateTimeField("mở lúc")
    way = models.CharField("cách nhận", max_length=8, choices=Way, blank=True)
    bank = models.CharField("mã ngân hàng", max_length=6, blank=True)
    account = models.CharField("số tài khoản", max_length=19, blank=True)
    holder = models.CharField("chủ tài khoản", max_length=100, blank=True)
    other_holder = models.BooleanField("tài khoản của người khác", default=False)
    account_given_at = models.DateTimeField("cho số tài khoản lúc", null=True, blank=True)
    decision_no = models.CharField("số quyết định", max_length=40, blank=True)
    decision_note = models.CharField("lý do quyết định", max_length=2000, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("quyết định lúc", null=True, blank=True)
    paid_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    paid_at = models.DateTimeField("chi lúc", null=True, blank=True)
    paid_reference = models.CharField("số chứng từ chi", max_length=60, blank=True)

    class Meta:
        verbose_name = "khoản hoàn"
        verbose_name_plural = "khoản hoàn"
        ordering = ["dossier", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "seq"], name="one_refund_a_number"),
            models.CheckConstraint(
                condition=Q(amount__lte=F("received")), name="refund_is_at_most_what_came"
            ),
            models.CheckConstraint(
                condition=Q(status="declined") | Q(amount__gt=0), name="refund_is_not_empty"
            ),
            models.CheckConstraint(
                condition=~Q(status="paid")
                | (Q(paid_at__isnull=False, paid_by__isnull=False) & ~Q(paid_reference="") & ~Q(way="")),
                name="paid_refund_has_its_voucher",
            ),
            models.CheckConstraint(
                condition=~Q(way="transfer") | (~Q(bank="") & ~Q(account="") & ~Q(holder="")),
                name="transferred_refund_has_an_account",
            ),
        ]
        indexes = [
            models.Index(
                fields=["opened_at"], name="refund_open", condition=Q(status__in=["to_decide", "approved"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.amount}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has something to do."""
        return self.status in {self.Status.TO_DECIDE, self.Status.APPROVED}

    @property
    def asks_account(self) -> bool:
        """Whether the citizen still has to say where the money goes."""
        return self.is_open and not self.way
