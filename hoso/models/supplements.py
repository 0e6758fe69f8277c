"""What is asked of the applicant, item by item, with reasons; one consolidated request (NĐ118 16.3, 19.5)."""

from django.db import models
from django.db.models import Q

from danhmuc.models import User


class Supplement(models.Model):
    """A request for completion (before acceptance) or supplement (after). One each a dossier without override."""

    class Kind(models.TextChoices):
        INTAKE = "intake", "Hoàn thiện hồ sơ trước khi tiếp nhận"
        PROCESSING = "processing", "Bổ sung trong quá trình giải quyết"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Đề xuất"
        SIGNED = "signed", "Đã ký, chờ Một cửa gửi"
        SENT = "sent", "Đã gửi người nộp"
        ANSWERED = "answered", "Người nộp đã gửi bổ sung"
        COMPLETE = "complete", "Đã đủ"
        EXPIRED = "expired", "Quá hạn"
        DROPPED = "dropped", "Không gửi"

    dossier = models.ForeignKey("hoso.Dossier", models.CASCADE, related_name="supplements")
    seq = models.PositiveIntegerField("lần")
    kind = models.CharField("loại", max_length=10, choices=Kind)
    status = models.CharField("tình trạng", max_length=10, choices=Status)
    guidance = models.TextField("hướng dẫn", blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField("gửi lúc", null=True, blank=True)
    wait_until = models.DateTimeField("chờ đến", null=True, blank=True)
    answered_at = models.DateTimeField("trả lời lúc", null=True, blank=True)
    override_reason = models.CharField("lý do yêu cầu lần nữa", max_length=500, blank=True)
    phone_call_note = models.CharField("ghi nhận cuộc gọi", max_length=250, blank=True)

    class Meta:
        verbose_name = "yêu cầu bổ sung"
        verbose_name_plural = "yêu cầu bổ sung"
        ordering = ["dossier", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "seq"], name="one_supplement_a_place"),
            models.UniqueConstraint(
                fields=["dossier"],
                condition=Q(status__in=["proposed", "signed", "sent", "answered"]),
                name="one_open_supplement",
            ),
            # Invariant 5: a second request of a kind needs a written reason.
            models.UniqueConstraint(
                fields=["dossier", "kind"],
                condition=Q(override_reason="") & ~Q(status="dropped"),
                name="one_request_a_kind_without_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["status", "dossier"],
                name="supplement_to_do",
                condition=Q(status__in=["proposed", "signed", "answered"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} lần {self.seq}"


class SupplementItem(models.Model):
    """One thing asked for: which paper, what is wrong, and what came back."""

    class Reason(models.TextChoices):
        MISSING = "missing", "Chưa có"
        UNREADABLE = "unreadable", "Mờ, không đọc được"
        WRONG_PAPER = "wrong_paper", "Không đúng loại giấy tờ"
        EXPIRED = "expired", "Hết giá trị sử dụng"
        UNSIGNED = "unsigned", "Thiếu chữ ký, con dấu"
        INCONSISTENT = "inconsistent", "Thông tin không thống nhất"
        REVERIFY = "reverify", "Xác minh lại"
        OTHER = "other", "Lý do khác"

    supplement = models.ForeignKey(Supplement, models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField("thứ tự")
    component = models.ForeignKey(
        "danhmuc.Component", models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField("giấy tờ, thông tin", max_length=1000)
    reason = models.CharField("lý do", max_length=16, choices=Reason)
    explanation = models.CharField("cụ thể", max_length=1000)
    answer = models.TextField("trả lời", blank=True)
    document = models.ForeignKey("hoso.Document", models.PROTECT, null=True, blank=True, related_name="+")
    settled = models.BooleanField("đã đạt", default=False)

    class Meta:
        verbose_name = "mục cần bổ sung"
        verbose_name_plural = "mục cần bổ sung"
        ordering = ["supplement", "order"]
        constraints = [
            models.CheckConstraint(condition=~Q(explanation=""), name="every_item_says_what_is_wrong"),
        ]

    def __str__(self) -> str:
        return self.name


class CorrectionCase(models.Model):
    """An error in an issued result and its correction within three working days (NĐ118 23.1)."""

    dossier = models.ForeignKey("hoso.Dossier", models.CASCADE, related_name="corrections")
    found_by = models.CharField(
        "ai phát hiện", max_length=10, choices=[("applicant", "Người dân"), ("agency", "Cơ quan")]
    )
    error = models.TextField("sai sót")
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField("chuyển lúc")
    due_at = models.DateTimeField("hạn đính chính")
    corrected_at = models.DateTimeField("đính chính lúc", null=True, blank=True)
    corrected_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    old_document = models.ForeignKey("hoso.Document", models.PROTECT, null=True, related_name="+")
    new_document = models.ForeignKey("hoso.Document", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "đính chính kết quả"
        verbose_name_plural = "đính chính kết quả"
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(corrected_at=None), name="one_open_correction"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.error[:40]}"
