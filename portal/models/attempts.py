"""What the public pages remember: how often somebody asked, and a page typed while signed out."""

from django.db import models

from danhmuc.models import User


class Attempt(models.Model):
    """How often something was tried within a stretch of time; in the database, so that it works without the broker."""

    key = models.CharField("việc", max_length=120, unique=True)
    count = models.PositiveIntegerField("số lần", default=0)
    since = models.DateTimeField("từ lúc", db_index=True)

    class Meta:
        verbose_name = "số lần thử"
        verbose_name_plural = "số lần thử"

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class KeptPage(models.Model):
    """What somebody had typed when their session turned out to be over. Offered once after signing in, then gone."""

    token = models.CharField("mã", max_length=64, unique=True)
    path = models.CharField("trang", max_length=300)
    data = models.TextField("đã gõ")
    had_files = models.BooleanField("có kèm tệp", default=False)
    kept_at = models.DateTimeField("lúc", db_index=True)
    typed_by = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="người gõ",
        help_text="Cán bộ bị đăng xuất vì không thao tác; trống khi phiên đã mất",
    )  # fmt: skip

    class Meta:
        verbose_name = "trang giữ lại"
        verbose_name_plural = "trang giữ lại"

    def __str__(self) -> str:
        return self.path
