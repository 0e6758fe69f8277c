"""Who has the dossier and who comes next: handovers and the tasks of its own route."""

from django.db import models
from django.db.models import Q

from danhmuc.models import User
from danhmuc.roles import Role


class Handover(models.Model):
    """Who passed what to whom, and who signed for it. Custody is not a state (domain §7.1)."""

    class What(models.TextChoices):
        DOSSIER = "dossier", "Hồ sơ"
        PAPERS = "papers", "Bản giấy"
        RESULT = "result", "Kết quả"

    dossier = models.ForeignKey("hoso.Dossier", models.CASCADE, related_name="handovers")
    seq = models.PositiveIntegerField("thứ tự")
    what = models.CharField("giao gì", max_length=8, choices=What, default=What.DOSSIER)
    from_agency = models.ForeignKey("danhmuc.Agency", models.PROTECT, related_name="+")
    from_user = models.ForeignKey(User, models.PROTECT, related_name="+")
    to_agency = models.ForeignKey("danhmuc.Agency", models.PROTECT, related_name="+")
    to_user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    to_role = models.CharField("vị trí nhận", max_length=24, choices=Role, blank=True)
    sent_at = models.DateTimeField("giao lúc")
    due_at = models.DateTimeField("phải nhận trước", null=True, blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField("nhận lúc", null=True, blank=True)
    recalled_at = models.DateTimeField("thu hồi lúc", null=True, blank=True)
    papers = models.JSONField("giấy tờ kèm theo", default=list)
    note = models.CharField("ghi chú", max_length=500, blank=True)

    class Meta:
        verbose_name = "bàn giao"
        verbose_name_plural = "bàn giao"
        ordering = ["dossier", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "seq"], name="one_handover_a_place"),
            models.UniqueConstraint(
                fields=["dossier", "what"],
                condition=Q(signed_at=None, recalled_at=None),
                name="one_open_handover_a_thing",
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None) | Q(recalled_at=None), name="handover_signed_or_recalled"
            ),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="handover_signature_has_a_name",
            ),
        ]
        indexes = [
            models.Index(
                fields=["to_agency", "sent_at"],
                name="handover_open",
                condition=Q(signed_at=None, recalled_at=None),
            ),
            models.Index(
                fields=["to_agency", "to_role"],
                name="handover_to_role",
                condition=Q(signed_at=None, recalled_at=None),
            ),
            models.Index(
                fields=["to_user"],
                name="handover_to_me",
                condition=Q(signed_at=None, recalled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.from_agency_id} → {self.to_agency_id}"

    @property
    def is_open(self) -> bool:
        """Sent, not yet signed for and not taken back."""
        return self.signed_at is None and self.recalled_at is None


class AgencyTask(models.Model):
    """One step of a dossier's own route, or one agency's part of an inter-agency plan, with its due time."""

    class Status(models.TextChoices):
        WAITING = "waiting", "Chưa đến lượt"
        SENT = "sent", "Đã chuyển, chờ nhận"
        SIGNED_FOR = "signed_for", "Đang làm"
        DONE = "done", "Đã xong"
        RETURNED = "returned", "Đã trả lại"
        CANCELLED = "cancelled", "Không làm nữa"

    class Kind(models.TextChoices):
        TRANSFER = "transfer", "Chuyển hồ sơ"
        ASSIGN = "assign", "Phân công"
        WORK = "work", "Thụ lý"
        REVIEW = "review", "Thẩm tra"
        APPROVE = "approve", "Phê duyệt"
        ISSUE = "issue", "Phát hành"
        PARTNER = "partner", "Phối hợp"
        CONSULT = "consult", "Cho ý kiến"
        VISIT = "visit", "Kiểm tra thực địa"

    dossier = models.ForeignKey("hoso.Dossier", models.CASCADE, related_name="tasks")
    seq = models.PositiveIntegerField("số")
    order = models.PositiveSmallIntegerField("thứ tự")
    kind = models.CharField("loại việc", max_length=10, choices=Kind)
    name = models.CharField("việc", max_length=160)
    agency = models.ForeignKey("danhmuc.Agency", models.PROTECT, related_name="tasks")
    role = models.CharField("vị trí", max_length=24, choices=Role)
    assignee = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="tasks")
    status = models.CharField("tình trạng", max_length=10, choices=Status, default=Status.WAITING)
    share = models.PositiveSmallIntegerField("phần thời gian (%)", default=0)
    needed = models.BooleanField("phải xong trước khi quyết định", default=True)
    content = models.TextField("nội dung", blank=True)
    result = models.TextField("kết quả", blank=True)
    started_at = models.DateTimeField("đến lượt lúc", null=True, blank=True)
    due_at = models.DateTimeField("hạn của bước", null=True, blank=True)
    done_at = models.DateTimeField("xong lúc", null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "việc của cơ quan"
        verbose_name_plural = "việc của cơ quan"
        ordering = ["dossier", "order", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "seq"], name="one_task_a_number"),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(done_at__isnull=False), name="done_task_has_its_moment"
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "role", "due_at"],
                name="task_open",
                condition=Q(status__in=["sent", "signed_for"]),
            ),
            models.Index(
                fields=["assignee", "due_at"],
                name="task_mine",
                condition=Q(status__in=["sent", "signed_for"]),
            ),
            models.Index(
                fields=["due_at"], name="task_clock", condition=Q(status__in=["sent", "signed_for"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}: {self.name}"

    @property
    def is_open(self) -> bool:
        """Somebody has to do it now."""
        return self.status in {self.Status.SENT, self.Status.SIGNED_FOR}
