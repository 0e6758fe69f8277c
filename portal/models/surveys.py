"""What people thought of the service (NĐ118 Art 29.3, 33). An answer is confidential: it names no dossier and no person."""

from uuid import uuid4

from django.db import models
from django.db.models import Q


class SurveyTaken(models.Model):
    """That a dossier's survey has been answered, and nothing of what was said: one answer a dossier."""

    # No number of its own: the order in which people answered is nobody's business.
    dossier = models.OneToOneField(
        "hoso.Dossier", models.CASCADE, related_name="survey_taken", primary_key=True
    )

    class Meta:
        verbose_name = "đã trả lời khảo sát"
        verbose_name_plural = "đã trả lời khảo sát"

    def __str__(self) -> str:
        return str(self.dossier_id)


class SurveyAnswer(models.Model):
    """One answer: where, for which procedure, in which month; not whose. What was said is never changed; the rows of an
    agency and month are written anew with each new one (`portal.services.surveys`).
    """

    class Grade(models.IntegerChoices):
        """Three grades and a middle one (TT32 Art 12; domain §17.1)."""

        VERY_SATISFIED = 4, "Rất hài lòng"
        SATISFIED = 3, "Hài lòng"
        NEUTRAL = 2, "Bình thường"
        UNSATISFIED = 1, "Không hài lòng"

    # Not a running number: the order of answers would tell the order of dossiers.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    agency = models.ForeignKey("danhmuc.Agency", models.PROTECT, related_name="+")
    desk = models.ForeignKey("danhmuc.Desk", models.PROTECT, related_name="+")
    version = models.ForeignKey("danhmuc.ProcedureVersion", models.PROTECT, related_name="+")
    channel = models.CharField("kênh nộp", max_length=8)
    month = models.DateField("tháng trả lời", help_text="Ngày đầu tháng")
    overall = models.PositiveSmallIntegerField("chung", choices=Grade)
    # Criteria a–h of NĐ118 Art 33 that were asked and answered, by letter.
    criteria = models.JSONField("từng tiêu chí", default=dict)
    extra_money = models.BooleanField("có chi phí ngoài quy định", null=True)
    remark = models.TextField("điều cần làm tốt hơn", blank=True)

    class Meta:
        verbose_name = "ý kiến khảo sát"
        verbose_name_plural = "ý kiến khảo sát"
        indexes = [models.Index(fields=["agency", "month"], name="survey_agency_month")]
        constraints = [
            models.CheckConstraint(condition=Q(overall__gte=1, overall__lte=4), name="survey_grade_1_to_4")
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.month:%m/%Y}: {self.overall}"
