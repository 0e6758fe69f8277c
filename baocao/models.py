"""What reports keep: the figures of a closed period, as they were on the day it was closed."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from danhmuc.models import Agency, User


class Snapshot(models.Model):
    """A closed period of one agency. The database refuses to change it; later corrections are restatements."""

    report = models.CharField("biểu", max_length=16)
    period = models.CharField("kỳ", max_length=8)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="đơn vị")
    regime = models.CharField("chế độ báo cáo", max_length=24)
    starts_at = models.DateTimeField("từ")
    ends_at = models.DateTimeField("đến trước")
    content = models.JSONField("số liệu", encoder=DjangoJSONEncoder)
    sha256 = models.CharField("mã băm số liệu", max_length=64)
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người chốt")
    closed_at = models.DateTimeField("chốt lúc")

    class Meta:
        verbose_name = "kỳ báo cáo đã chốt"
        verbose_name_plural = "kỳ báo cáo đã chốt"
        ordering = ["-ends_at", "agency"]
        constraints = [
            models.UniqueConstraint(fields=["report", "period", "agency"], name="one_closing_a_period"),
            models.CheckConstraint(
                condition=models.Q(closed_at__gte=models.F("ends_at")), name="closed_after_its_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.period} {self.agency}"
