"""What the law says between two dates (domain §0.3): rule sets, form sets and report sets are rows, not code."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q


def _period() -> Func:
    return Func(
        F("valid_from"),
        F("valid_to"),
        RangeBoundary(inclusive_lower=True, inclusive_upper=True),
        function="daterange",
        output_field=DateRangeField(),
    )


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    """Rule sets by date."""

    def in_force(self, kind: str, on: date) -> "RuleSet":
        """The one set of that kind in force that day. Raises RuleSet.DoesNotExist when the law is silent."""
        return self.get(
            Q(valid_to=None) | Q(valid_to__gte=on),
            kind=kind,
            valid_from__lte=on,
        )


class RuleSet(models.Model):
    """One set of rules with its period; a dossier stays on the set of its acceptance date."""

    class Kind(models.TextChoices):
        RULES = "rules", "Quy tắc giải quyết"
        FORMS = "forms", "Biểu mẫu"
        REPORTS = "reports", "Chế độ báo cáo"

    kind = models.CharField("loại", max_length=8, choices=Kind)
    key = models.CharField("khóa", max_length=24, unique=True)
    name = models.CharField("tên", max_length=160)
    legal_basis = models.CharField("căn cứ", max_length=250)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True, blank=True)
    values = models.JSONField("giá trị", default=dict)

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = "bộ quy tắc"
        verbose_name_plural = "bộ quy tắc"
        ordering = ["kind", "valid_from"]
        # Two sets of one kind may never be in force on one day. The kind is a condition and not an operand
        # because that would need an extension that embedded servers do not carry.
        constraints = [
            ExclusionConstraint(
                name=f"one_{kind}_set_a_day",
                expressions=[(_period(), RangeOperators.OVERLAPS)],
                condition=Q(kind=kind),
            )
            for kind in ("rules", "forms", "reports")
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.name}"
