"""What is worked out beforehand for the pages of the catalogue: real processing times, blank forms."""

from django.db import models
from django.db.models import Q

from danhmuc.models import Agency, Procedure, ProcedureVersion


class ProcessingTime(models.Model):
    """How many working days dossiers of a procedure really took over the last year, at one agency or at all of them.

    Counted at night from the events; days on which the applicant was waited for are left out.
    """

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="+", verbose_name="thủ tục")
    agency = models.ForeignKey(
        Agency, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="cơ quan"
    )
    dossiers = models.PositiveIntegerField("số hồ sơ")
    median = models.PositiveSmallIntegerField("một nửa xong trong (ngày làm việc)")
    ninth_tenth = models.PositiveSmallIntegerField("chín phần mười xong trong (ngày làm việc)")
    counted_at = models.DateTimeField("tính lúc")

    class Meta:
        verbose_name = "thời gian giải quyết thực tế"
        verbose_name_plural = "thời gian giải quyết thực tế"
        constraints = [
            models.UniqueConstraint(fields=["procedure", "agency"], name="one_time_an_agency"),
            models.UniqueConstraint(
                fields=["procedure"], condition=Q(agency=None), name="one_time_for_all_agencies"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id}: {self.median}, {self.ninth_tenth}"


class BlankForm(models.Model):
    """A version's form as a PDF to print and fill in by hand; made on first need. A published version never changes."""

    version = models.OneToOneField(
        ProcedureVersion, models.CASCADE, related_name="+", verbose_name="bản thủ tục"
    )
    layout = models.CharField("mẫu in", max_length=16)
    pdf = models.BinaryField("tệp PDF")
    made_at = models.DateTimeField("lập lúc")

    class Meta:
        verbose_name = "mẫu để trống"
        verbose_name_plural = "mẫu để trống"

    def __str__(self) -> str:
        return str(self.version_id)
