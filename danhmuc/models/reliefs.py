"""Exemptions and reductions of fees: rows with dates and a legal basis, never a branch in code (domain §0.3, §12.1)."""

from datetime import date

from django.db import models
from django.db.models import Q


class ChargeReliefQuerySet(models.QuerySet["ChargeRelief"]):
    """Reliefs by date."""

    def in_force(self, on: date) -> "ChargeReliefQuerySet":
        """Those that apply to a fee raised that day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=on), valid_from__lte=on)


class ChargeRelief(models.Model):
    """One reason to pay less: for whom, how much less, for which fees, from when to when."""

    class Condition(models.TextChoices):
        EID_LEVEL_2 = "eid_level_2", "Chủ hồ sơ có tài khoản định danh điện tử mức độ 2 (tự áp dụng)"
        CLAIM = "claim", "Người nộp đề nghị kèm giấy tờ, Bộ phận Một cửa xác nhận"

    key = models.SlugField("khóa", max_length=40, unique=True)
    name = models.CharField("đối tượng", max_length=200)
    basis = models.CharField("căn cứ", max_length=250)
    percent = models.PositiveSmallIntegerField("mức giảm (%)", help_text="100 là miễn")
    condition = models.CharField("điều kiện", max_length=12, choices=Condition)
    paper = models.CharField("giấy tờ chứng minh", max_length=200, blank=True)
    kinds = models.JSONField(
        "loại khoản thu", default=list, help_text="phi, le_phi, obligation; trống là mọi loại"
    )
    procedures = models.JSONField("mã thủ tục", default=list, blank=True, help_text="Trống là mọi thủ tục")
    central_only = models.BooleanField(
        "chỉ khoản do trung ương quy định",
        default=False,
        help_text="Không áp dụng khoản do HĐND tỉnh quyết định",
    )
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    objects = ChargeReliefQuerySet.as_manager()

    class Meta:
        verbose_name = "miễn, giảm phí, lệ phí"
        verbose_name_plural = "miễn, giảm phí, lệ phí"
        ordering = ["-percent", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100), name="relief_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=~Q(condition="claim") | ~Q(paper=""), name="claimed_relief_names_its_paper"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def covers(self, kind: str, procedure_code: str, *, central: bool) -> bool:
        """Whether a fee of this kind and procedure falls under the row."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.procedures or procedure_code in self.procedures)
            and (central or not self.central_only)
        )

    def reduced(self, amount: int) -> int:
        """What is left of an amount, in whole đồng, rounded down in favour of the payer."""
        return amount * (100 - self.percent) // 100
