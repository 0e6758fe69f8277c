"""Fees the post collected for the State and how they were handed over. Postage is the post's own and never here."""

from django.db import models
from django.db.models import F, Q

from buuchinh.models.parcels import Parcel
from danhmuc.models import User


class FeeReceipt(models.Model):
    """Fees taken with one parcel. The dossier's charges are settled at once, or when they are raised at acceptance."""

    parcel = models.OneToOneField(Parcel, models.PROTECT, related_name="fee_receipt")
    collector = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người thu")
    agency = models.ForeignKey("danhmuc.Agency", models.PROTECT, related_name="+", verbose_name="tiền của")
    amount = models.PositiveBigIntegerField("số tiền (đồng)")
    reference = models.CharField("mã giao dịch", max_length=40, unique=True)
    receipt_no = models.CharField("số biên lai", max_length=40, blank=True)
    taken_at = models.DateTimeField("thu lúc")
    recorded_at = models.DateTimeField("ghi vào hồ sơ lúc", null=True, blank=True)

    class Meta:
        verbose_name = "khoản bưu điện thu hộ"
        verbose_name_plural = "khoản bưu điện thu hộ"
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="fee_receipt_is_not_empty")]
        indexes = [
            models.Index(fields=["collector", "taken_at"], name="fee_by_collector"),
            models.Index(fields=["id"], name="fee_unrecorded", condition=Q(recorded_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount}"


class RemittanceBatch(models.Model):
    """Fees handed over by one collector to one agency (QĐ45 15.2). Each line is one receipt (invariant 8)."""

    number = models.CharField("số bảng kê", max_length=40)
    unit = models.ForeignKey("danhmuc.Agency", models.PROTECT, related_name="+")
    agency = models.ForeignKey(
        "danhmuc.Agency", models.PROTECT, related_name="+", verbose_name="cơ quan nhận"
    )
    collector = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người nộp")
    record = models.OneToOneField(
        "buuchinh.HandoverRecord", models.PROTECT, null=True, blank=True, related_name="remittance"
    )
    total = models.PositiveBigIntegerField("tổng các biên lai (đồng)")
    counted = models.PositiveBigIntegerField("thực nhận (đồng)", null=True, blank=True)
    explanation = models.CharField("giải trình chênh lệch", max_length=500, blank=True)
    handed_at = models.DateTimeField("nộp lúc")
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField("xác nhận lúc", null=True, blank=True)

    class Meta:
        verbose_name = "bảng kê nộp tiền"
        verbose_name_plural = "bảng kê nộp tiền"
        ordering = ["-handed_at"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "number"], name="one_remittance_a_number"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None, counted=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False, counted__isnull=False),
                name="confirmed_remittance_has_a_name",
            ),
            models.CheckConstraint(
                condition=Q(counted=None) | Q(counted=F("total")) | ~Q(explanation=""),
                name="remittance_difference_is_explained",
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "handed_at"], name="remittance_open", condition=Q(confirmed_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.number


class RemittanceLine(models.Model):
    """One receipt in a batch; a receipt is handed over once."""

    batch = models.ForeignKey(RemittanceBatch, models.PROTECT, related_name="lines")
    receipt = models.OneToOneField(FeeReceipt, models.PROTECT, related_name="remittance")
    amount = models.PositiveBigIntegerField("số tiền (đồng)")

    class Meta:
        verbose_name = "dòng bảng kê"
        verbose_name_plural = "dòng bảng kê"
        ordering = ["batch", "pk"]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.receipt_id}"
