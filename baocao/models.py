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


class UnitMonth(models.Model):
    """The figures of one agency in one month as the public page shows them (PT Art 5.2); counted by table 07a."""

    period = models.CharField("kỳ", max_length=8)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="+", verbose_name="đơn vị")
    received = models.PositiveIntegerField("tiếp nhận trong kỳ")
    online = models.PositiveIntegerField("trong đó trực tuyến")
    early = models.PositiveIntegerField("giải quyết trước hạn")
    on_time = models.PositiveIntegerField("giải quyết đúng hạn")
    overdue = models.PositiveIntegerField("giải quyết quá hạn")

    class Meta:
        verbose_name = "kết quả công khai"
        verbose_name_plural = "kết quả công khai"
        constraints = [models.UniqueConstraint(fields=["period", "agency"], name="one_public_figure_a_month")]

    def __str__(self) -> str:
        return f"{self.period} {self.agency_id}"

    @property
    def resolved(self) -> int:
        """All that were finished."""
        return self.early + self.on_time + self.overdue

    @property
    def share(self) -> float | None:
        """Early or on time, of all resolved; None where there was nothing."""
        return (self.early + self.on_time) / self.resolved if self.resolved else None


class PublicPeriod(models.Model):
    """A month whose figures are published, and when they were counted last."""

    period = models.CharField("kỳ", max_length=8, unique=True)
    title = models.CharField("tên kỳ", max_length=40)
    first_day = models.DateField("từ ngày")
    last_day = models.DateField("đến ngày")
    counted_at = models.DateTimeField("tính lúc")

    class Meta:
        verbose_name = "kỳ công khai"
        verbose_name_plural = "kỳ công khai"
        ordering = ["-last_day"]

    def __str__(self) -> str:
        return self.title
