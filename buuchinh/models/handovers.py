"""What the post and a desk signed together: the joint count, line by line."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from buuchinh.models.parcels import Parcel
from danhmuc.models import User


class HandoverRecord(models.Model):
    """Biên bản giao nhận hồ sơ (QĐ45 7.3; TT17 5.1g). `signed_at` is the legal moment of a postal submission."""

    number = models.CharField("số", max_length=40)
    desk = models.ForeignKey("danhmuc.Desk", models.PROTECT, related_name="postal_records")
    unit = models.ForeignKey("danhmuc.Agency", models.PROTECT, related_name="+")
    officer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="cán bộ Một cửa ký")
    carrier = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="nhân viên bưu điện ký")
    code = models.OneToOneField(
        "buuchinh.HandoverCode", models.PROTECT, related_name="record", verbose_name="mã xác nhận đã dùng"
    )
    signed_at = models.DateTimeField("ký lúc")
    fees = models.PositiveBigIntegerField("phí, lệ phí bàn giao (đồng)", default=0)
    facts = models.JSONField("nội dung", default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "biên bản giao nhận"
        verbose_name_plural = "biên bản giao nhận"
        ordering = ["-signed_at"]
        constraints = [models.UniqueConstraint(fields=["desk", "number"], name="one_record_a_number")]
        indexes = [models.Index(fields=["desk", "-signed_at"], name="record_by_desk")]

    def __str__(self) -> str:
        return self.number


class HandoverLine(models.Model):
    """One parcel of a record and what the joint count found."""

    class Way(models.TextChoices):
        IN = "in", "Bưu điện giao hồ sơ"
        OUT = "out", "Một cửa giao kết quả"
        BACK = "back", "Bưu điện chuyển hoàn"

    record = models.ForeignKey(HandoverRecord, models.PROTECT, related_name="lines")
    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="handover_lines")
    way = models.CharField("chiều", max_length=4, choices=Way)
    counted = models.JSONField("kiểm đếm", default=list, help_text="[{name, original, copy, present}]")
    complete = models.BooleanField("đầy đủ")
    note = models.CharField("ghi chú", max_length=500, blank=True)

    class Meta:
        verbose_name = "dòng biên bản"
        verbose_name_plural = "dòng biên bản"
        ordering = ["record", "pk"]
        constraints = [models.UniqueConstraint(fields=["record", "parcel"], name="one_line_a_parcel")]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.parcel_id}"


class HandoverCode(models.Model):
    """The carrier's signature at the desk: six digits on the carrier's own phone, used once, for a few minutes.

    The digits are worked out from the row and the installation's key, so the table never holds them.
    """

    carrier = models.ForeignKey(User, models.CASCADE, related_name="+")
    nonce = models.CharField("số ngẫu nhiên", max_length=32)
    made_at = models.DateTimeField("tạo lúc")
    expires_at = models.DateTimeField("dùng được đến")
    wrong = models.PositiveSmallIntegerField("số lần nhập sai", default=0)
    used_at = models.DateTimeField("đã dùng lúc", null=True, blank=True)

    class Meta:
        verbose_name = "mã bàn giao"
        verbose_name_plural = "mã bàn giao"
        indexes = [models.Index(fields=["carrier", "-made_at"], name="code_by_carrier")]

    def __str__(self) -> str:
        return f"{self.carrier_id} {self.made_at:%d/%m %H:%M}"
