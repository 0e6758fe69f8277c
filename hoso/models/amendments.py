"""What the applicant asks to have changed in an accepted dossier; the desk accepts or refuses it (domain §6.5)."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from danhmuc.models import User
from hoso.models.documents import Document, StoredFile


class Amendment(models.Model):
    """One request: answers by field key, files to add and to leave out, as asked for. At most one of a dossier is
    being written and one waits; the rest are kept.
    """

    class Status(models.TextChoices):
        WRITING = "writing", "Đang chuẩn bị, chưa gửi"
        WAITING = "waiting", "Chờ Bộ phận Một cửa"
        ACCEPTED = "accepted", "Đã chấp nhận"
        REFUSED = "refused", "Không chấp nhận"
        TAKEN_BACK = "taken_back", "Người nộp đã rút"
        LAPSED = "lapsed", "Hết hiệu lực vì hồ sơ đã có quyết định hoặc đã kết thúc"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="amendments")
    changes = models.JSONField("nội dung đề nghị sửa", default=dict, encoder=DjangoJSONEncoder)
    #: Ids of documents that are to go; the better ones are `files`.
    dropped = models.JSONField("tệp đề nghị bỏ", default=list)
    reason = models.TextField("lý do", max_length=2000, blank=True)
    status = models.CharField("tình trạng", max_length=10, choices=Status, default=Status.WAITING)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người đề nghị")
    asked_at = models.DateTimeField("đề nghị lúc")
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="người trả lời"
    )
    settled_at = models.DateTimeField("trả lời lúc", null=True, blank=True)
    answer = models.TextField("trả lời", max_length=2000, blank=True)

    class Meta:
        verbose_name = "đề nghị sửa hồ sơ"
        verbose_name_plural = "đề nghị sửa hồ sơ"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(status="waiting"), name="one_amendment_waits"
            ),
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(status="writing"), name="one_amendment_is_written"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["writing", "waiting"]) | Q(settled_at__isnull=False),
                name="settled_amendment_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.get_status_display()}"


class AmendmentFile(StoredFile):
    """A file that is to be part of the dossier, held apart from its papers until it is."""

    amendment = models.ForeignKey(Amendment, models.CASCADE, related_name="files")
    component = models.ForeignKey(
        "danhmuc.Component", models.PROTECT, null=True, blank=True, related_name="+"
    )
    title = models.CharField("tên giấy tờ", max_length=1000, blank=True)
    originals = models.JSONField("tệp gốc", default=list)
    source = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="dùng lại từ"
    )
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    document = models.OneToOneField(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="proposed",
        verbose_name="đã thành giấy tờ",
    )

    class Meta:
        verbose_name = "tệp của đề nghị sửa"
        verbose_name_plural = "tệp của đề nghị sửa"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["sha256"], name="amendment_file_by_hash"),
            models.Index(
                fields=["added_at"], name="amendment_file_unchecked", condition=Q(virus_check="unchecked")
            ),
        ]
