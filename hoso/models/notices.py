"""The outbox: everything that leaves the building is first a row here (domain §15)."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from danhmuc.models import User


class Notice(models.Model):
    """One message to one person on one channel. `key` keeps it from being queued twice."""

    class Channel(models.TextChoices):
        PORTAL = "portal", "Trên cổng"
        EMAIL = "email", "Thư điện tử"
        SMS = "sms", "Tin nhắn"
        PHONE_CALL = "phone_call", "Gọi điện"
        OFFICE = "office", "Trong hệ thống"

    class State(models.TextChoices):
        QUEUED = "queued", "Chờ gửi"
        SENT = "sent", "Đã gửi"
        FAILED = "failed", "Gửi không được"
        GIVEN_UP = "given_up", "Đã dừng gửi"

    key = models.CharField("khóa", max_length=120, unique=True)
    dossier = models.ForeignKey("hoso.Dossier", models.CASCADE, null=True, blank=True, related_name="notices")
    event_seq = models.PositiveIntegerField("theo sự kiện số", default=0)
    recipient = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="notices")
    channel = models.CharField("kênh", max_length=10, choices=Channel)
    address = models.CharField("địa chỉ nhận", max_length=160, blank=True)
    template = models.CharField("mẫu", max_length=60)
    context = models.JSONField("số liệu", default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField("tình trạng", max_length=8, choices=State, default=State.QUEUED)
    due_at = models.DateTimeField("gửi lúc", default=timezone.now)
    attempts = models.PositiveSmallIntegerField("số lần gửi", default=0)
    sent_at = models.DateTimeField("đã gửi lúc", null=True, blank=True)
    read_at = models.DateTimeField("đã đọc lúc", null=True, blank=True)
    provider_id = models.CharField("mã của nhà cung cấp", max_length=120, blank=True)
    answer = models.CharField("trả lời", max_length=500, blank=True)

    class Meta:
        verbose_name = "thông báo"
        verbose_name_plural = "thông báo"
        ordering = ["pk"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="notice_queue",
                condition=Q(state__in=["queued", "failed"]) & ~Q(channel="phone_call"),
            ),
            # A call to make waits for an officer, not for a carrier.
            models.Index(
                fields=["dossier"],
                name="notice_call_waiting",
                condition=Q(channel="phone_call", state="queued"),
            ),
            models.Index(fields=["dossier", "-id"], name="notice_by_dossier"),
            models.Index(
                fields=["recipient", "-id"],
                name="notice_unread",
                condition=Q(read_at=None, channel__in=["portal", "office"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} → {self.address or self.recipient_id}"
