"""What is remembered of a page of the form as it was drawn, for the time its window may stay open."""

from django.db import models

from hoso.models import Dossier


class SavedPage(models.Model):
    """What one page of a draft, in one window, has had saved. The reply to a saving may be lost on its way, or another
    saving be on its way at the same moment: the page is then sent again without having heard of it, and nobody is in
    conflict with oneself. Written under the lock of the dossier, so two tabs of one session do not lose each other's.
    """

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="+")
    page = models.CharField("trang", max_length=16)
    #: Question by question, `drafts.mark_of` the answer stored in this page's own words.
    marks = models.JSONField("đã lưu", default=dict)
    saved_at = models.DateTimeField("lúc", db_index=True)

    class Meta:
        verbose_name = "trang tờ khai đã lưu"
        verbose_name_plural = "trang tờ khai đã lưu"
        constraints = [
            models.UniqueConstraint(fields=["dossier", "page"], name="one_row_a_page_as_drawn"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.page}"
