"""What the applicant asks to have changed in an accepted dossier; the desk accepts or refuses it (domain §6.5)."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from danhmuc.models import User


class Amendment(models.Model):
    """One request: answers by field key, as asked for. At most one of a dossier waits; the rest are kept."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Chờ Bộ phận Một cửa"
        ACCEPTED = "accepted", "Đã chấp nhận"
        REFUSED = "refused", "Không chấp nhận"
        TAKEN_BACK = "taken_back", "Người nộp đã rút"
        LAPSED = "lapsed", "Hết hiệu lực vì hồ sơ đã có quyết định hoặc đã kết thúc"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="amendments")
    changes = models.JSONField("nội dung đề nghị sửa", default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField("lý do", max_length=2000)
    status = models.CharField("tình trạng", max_length=10, choices=Status, default=Status.WAITING)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người đề nghị")
    asked_at = models.DateTimeField("đề nghị lúc")
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="người trả lời"
    )
    settled_at = models.DateTimeField("trả lời lúc", null=True, blank=True)
    answer = models.TextField("trả lời", max_length=2000, blank=True)

    class Meta:
        verbose_name = "đề nghị sửa hồ sơ"
        verbose_name_plural = "đề nghị sửa hồ sơ"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(status="waiting"), name="one_amendment_waits"
            ),
            models.CheckConstraint(
                condition=Q(status="waiting") | Q(settled_at__isnull=False),
                name="settled_amendment_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.get_status_display()}"
