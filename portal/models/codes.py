"""Codes sent to an address or a telephone, to be typed back once."""

from django.db import models


class OneTimeCode(models.Model):
    """The one code now in force for a matter (`key`); only a keyed hash of it is kept."""

    key = models.CharField("việc", max_length=120, unique=True)
    digest = models.CharField("dấu của mã", max_length=64)
    sent_at = models.DateTimeField("gửi lúc", db_index=True)
    tries = models.PositiveSmallIntegerField("số lần gõ sai", default=0)

    class Meta:
        verbose_name = "mã dùng một lần"
        verbose_name_plural = "mã dùng một lần"

    def __str__(self) -> str:
        return self.key
