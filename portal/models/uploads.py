"""A file on its way into a draft, from its first byte until it is a paper of the dossier."""

from typing import Any
from uuid import uuid4

from django.db import models

from danhmuc.models import User
from hoso.models import AmendmentFile, Document, Dossier


class Upload(models.Model):
    """One file coming in pieces. How far it has come is the length of its file on the disk (`partial`), not a column."""

    class State(models.TextChoices):
        RECEIVING = "receiving", "đang tải lên"
        READY = "ready", "đang xử lý"
        DONE = "done", "đã nhận"
        REFUSED = "refused", "không nhận được"

    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="uploads")
    owner = models.ForeignKey(User, models.CASCADE, related_name="+")
    box = models.CharField("ô chọn tệp", max_length=80)
    #: The file it becomes further pages of: a paper of a draft or a dossier, or one held apart for an amendment.
    adding_to = models.ForeignKey(Document, models.CASCADE, null=True, blank=True, related_name="+")
    adding_to_prepared = models.ForeignKey(
        AmendmentFile, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField("tên tệp", max_length=255)
    size = models.PositiveBigIntegerField("dung lượng (byte)")
    sha256 = models.CharField("mã băm bên gửi", max_length=64, blank=True)
    state = models.CharField("tình trạng", max_length=10, choices=State, default=State.RECEIVING)
    #: Files finished together; their photographs become one PDF in this order.
    batch = models.UUIDField("lượt", null=True, blank=True)
    position = models.PositiveSmallIntegerField("thứ tự", default=0)
    refusal = models.CharField("vì sao không nhận", max_length=600, blank=True)
    #: What the sentence was made of (`config.said`), to tell it in another language.
    refusal_facts = models.JSONField("dữ kiện", null=True, blank=True)
    document = models.ForeignKey(Document, models.CASCADE, null=True, blank=True, related_name="+")
    begun_at = models.DateTimeField("bắt đầu lúc")
    touched_at = models.DateTimeField("động đến lần cuối lúc", db_index=True)

    class Meta:
        verbose_name = "tệp đang tải lên"
        verbose_name_plural = "tệp đang tải lên"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["touched_at"], name="upload_ready", condition=models.Q(state="ready"))
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_state_display()})"

    @property
    def grows(self) -> Document | AmendmentFile | None:
        """The file it becomes further pages of."""
        return self.adding_to or self.adding_to_prepared

    @staticmethod
    def growing(file: Document | AmendmentFile | None) -> dict[str, Any]:
        """The columns that say so."""
        prepared = isinstance(file, AmendmentFile)
        return {"adding_to": None if prepared else file, "adding_to_prepared": file if prepared else None}
