"""What the applicant and the desk write to each other about a dossier. Written once, never changed."""

from django.db import models
from django.db.models import Q

from danhmuc.models import User


class Letter(models.Model):
    """One message. `from_applicant` says which way it went; the other side's first reading is on record."""

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="letters")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    from_applicant = models.BooleanField("của người nộp")
    text = models.TextField("nội dung", max_length=2000)
    at = models.DateTimeField("lúc")
    read_at = models.DateTimeField("bên kia đọc lúc", null=True, blank=True)
    read_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "tin trao đổi"
        verbose_name_plural = "tin trao đổi"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["dossier", "id"], name="letter_by_dossier"),
            models.Index(
                fields=["dossier"], name="letter_to_desk", condition=Q(read_at=None, from_applicant=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.text[:40]}"
