"""Working calendars: sessions, holidays and make-up days, in numbered versions (domain §8.1).

A version is never edited. A change adds rows with `added_in` (and closes others with `removed_in`), so that every
date ever printed can be explained with the calendar as it was known that day.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Calendar(models.Model):
    """The national calendar (no agency, no base), or a province's or agency's own on top of it."""

    key = models.SlugField("khóa", max_length=40, unique=True)
    name = models.CharField("tên", max_length=120)
    agency = models.OneToOneField(
        "danhmuc.Agency", models.PROTECT, null=True, blank=True, related_name="calendar"
    )
    base = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="derived")

    class Meta:
        verbose_name = "lịch làm việc"
        verbose_name_plural = "lịch làm việc"

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """One state of a calendar; `pk` as text is the version that events name."""

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("số")
    base_version = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField("ban hành lúc", default=timezone.now)
    decision = models.CharField("văn bản", max_length=120, blank=True)
    note = models.CharField("ghi chú", max_length=250, blank=True)
    source_digest = models.CharField(
        "dấu tệp nguồn",
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 của tệp ngày nghỉ đã nạp; lịch chỉ theo tệp khi tệp đổi, không đè thay đổi tại chỗ",
    )

    class Meta:
        verbose_name = "phiên bản lịch"
        verbose_name_plural = "phiên bản lịch"
        ordering = ["calendar", "number"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "number"], name="one_calendar_version_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.calendar}, bản {self.number}"


class VersionedRow(models.Model):
    """A row that belongs to the versions from `added_in` until before `removed_in`."""

    added_in = models.ForeignKey(CalendarVersion, models.PROTECT, related_name="+")
    removed_in = models.ForeignKey(CalendarVersion, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


class CalendarDay(VersionedRow):
    """A day that differs from its weekday."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", "Nghỉ lễ"
        COMPENSATORY = "compensatory", "Nghỉ bù"
        SWAP_OFF = "swap_off", "Nghỉ hoán đổi"
        SWAP_WORK = "swap_work", "Làm bù"

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="days")
    date = models.DateField("ngày")
    kind = models.CharField("loại", max_length=16, choices=Kind)
    name = models.CharField("tên", max_length=160)
    decision = models.CharField("căn cứ", max_length=160, blank=True)
    projected = models.BooleanField("dự kiến", default=False)

    class Meta:
        verbose_name = "ngày nghỉ, ngày làm bù"
        verbose_name_plural = "ngày nghỉ, ngày làm bù"
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "date"], condition=Q(removed_in=None), name="one_current_kind_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.name}"


class WorkSession(VersionedRow):
    """A working session of a weekday (0 = Monday). Reception hours that do not run the clock say so."""

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="sessions")
    weekday = models.PositiveSmallIntegerField("thứ (0 = thứ Hai)")
    start = models.TimeField("từ")
    end = models.TimeField("đến")
    runs_clock = models.BooleanField("tính vào thời hạn", default=True)

    class Meta:
        verbose_name = "buổi làm việc"
        verbose_name_plural = "buổi làm việc"
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=models.F("start")), name="session_ends_after_start"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="session_weekday_0_to_6"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday}: {self.start:%H:%M}–{self.end:%H:%M}"
