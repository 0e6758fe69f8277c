"""Feedback and questions from people (domain §16): the item, its history, who held it, its files and its answers."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from danhmuc.models import Agency, Field, User
from danhmuc.text import prefix_query
from hoso.models import Dossier, StoredFile
from portal import access
from portal.lifecycle import OPEN, Lifecycle, State

OPEN_STATES = [str(state) for state in OPEN]


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """What many items have in common."""

    def visible_to(self, user: User) -> Self:
        """Those an officer may read; the rest do not exist for them."""
        return self.filter(access.visible(user))

    def open(self) -> Self:
        """Work not yet ended."""
        return self.filter(state__in=OPEN_STATES)

    def taken_in_by(self, user: User) -> Self:
        """Those an officer wrote down for somebody."""
        return self.filter(events__seq=1, events__actor=user, source__in=Feedback.WRITTEN_DOWN)

    def public(self) -> Self:
        """What stands on the public page."""
        return self.filter(state=State.PUBLISHED)

    def matching(self, text: str) -> Self:
        """Those whose published words begin with the words typed, with or without marks."""
        query = prefix_query(text)
        if not query:
            return self.none()
        return self.filter(search=SearchQuery(query, search_type="raw", config="simple"))


class Feedback(Lifecycle):
    """One item. State, agency and due date are columns for speed; events and holdings are the record behind them."""

    class Kind(models.TextChoices):
        BEHAVIOUR = "behaviour", "Hành vi hành chính"
        REGULATION = "regulation", "Quy định hành chính"
        SERVICE = "service", "Về một hồ sơ cụ thể"
        TECHNICAL = "technical", "Lỗi kỹ thuật của Cổng"
        QUESTION = "question", "Hỏi về thủ tục"

    class Source(models.TextChoices):
        PORTAL = "portal", "Cổng Dịch vụ công"
        NATIONAL = "national", "Hệ thống phản ánh, kiến nghị quốc gia"
        PHONE = "phone", "Điện thoại"
        LETTER = "letter", "Thư, văn bản"
        IN_PERSON = "in_person", "Trực tiếp tại cơ quan"

    #: Ways on which an officer writes down what somebody says or has written (PT 17.2).
    WRITTEN_DOWN = (Source.PHONE, Source.LETTER, Source.IN_PERSON)

    class Timeliness(models.TextChoices):
        EARLY = "EARLY", "Trước hạn"
        ON_TIME = "ON_TIME", "Đúng hạn"
        OVERDUE = "OVERDUE", "Quá hạn"

    code = models.CharField("mã phản ánh", max_length=16, unique=True)
    once = models.UUIDField("mã của trang gửi", null=True, blank=True, unique=True)
    source = models.CharField("nguồn", max_length=12, choices=Source, default=Source.PORTAL)
    external_id = models.CharField("mã ở hệ thống gửi đến", max_length=80, blank=True)
    kind = models.CharField("loại", max_length=12, choices=Kind)
    field = models.ForeignKey(
        Field, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="lĩnh vực"
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="feedback", verbose_name="cơ quan đang xử lý"
    )
    asked_agency = models.ForeignKey(
        Agency,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="cơ quan người gửi chọn",
        help_text="Trống khi người gửi không biết cơ quan nào có trách nhiệm",
    )
    dossier_code = models.CharField("mã hồ sơ liên quan", max_length=64, blank=True)
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, null=True, blank=True, related_name="feedback", verbose_name="hồ sơ"
    )
    sender = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="feedback", verbose_name="tài khoản gửi"
    )
    sender_name = models.CharField("người gửi", max_length=160)
    phone = models.CharField("điện thoại", max_length=16, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    address = models.CharField("địa chỉ", max_length=250, blank=True)
    reply_by = models.CharField(
        "báo tin qua", max_length=5, choices=[("email", "Thư điện tử"), ("sms", "Tin nhắn")], blank=True
    )
    content = models.TextField("nội dung")
    # Silence is no consent, nor is a box ticked beforehand (NĐ13/2023 Art 11; Luật 91/2025/QH15).
    agrees_to_publish = models.BooleanField("đồng ý công khai", default=False)
    assignee = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="người xử lý"
    )
    due_at = models.DateTimeField("hạn trả lời", null=True, blank=True)
    review_due_at = models.DateTimeField("hạn tiếp nhận hoặc trả lại (quốc gia)", null=True, blank=True)
    national_due_at = models.DateTimeField("hạn của hệ thống quốc gia", null=True, blank=True)
    publish_due_at = models.DateTimeField("hạn công khai (quốc gia)", null=True, blank=True)
    wait_until = models.DateTimeField("chờ người gửi đến", null=True, blank=True)
    first_answered_at = models.DateTimeField("trả lời lần đầu lúc", null=True, blank=True)
    timeliness = models.CharField("xếp loại", max_length=8, choices=Timeliness, blank=True)
    rating_note = models.TextField("nhận xét", blank=True)
    public_title = models.CharField("tiêu đề công khai", max_length=200, blank=True)
    public_content = models.TextField("nội dung công khai", blank=True)
    public_answer = models.TextField("trả lời công khai", blank=True)
    search_key = models.TextField("khóa tìm", blank=True, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("search_key", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    last_seq = models.PositiveIntegerField("số sự kiện cuối", default=0)
    created_at = models.DateTimeField("tạo lúc")
    updated_at = models.DateTimeField("thay đổi lúc")

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = "phản ánh, kiến nghị"
        verbose_name_plural = "phản ánh, kiến nghị"
        constraints = [
            models.CheckConstraint(
                condition=~Q(phone="")
                | ~Q(email="")
                | (~Q(address="") & Q(source__in=["phone", "letter", "in_person"])),
                name="feedback_sender_can_be_reached",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="one_feedback_an_external_item",
            ),
            models.CheckConstraint(
                condition=Q(state="unconfirmed") | Q(received_at__isnull=False, due_at__isnull=False),
                name="feedback_in_hand_has_its_clock",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(agrees_to_publish=True), name="published_with_consent"
            ),
        ]
        indexes = [
            models.Index(
                fields=["agency", "due_at"], name="feedback_open", condition=Q(state__in=OPEN_STATES)
            ),
            models.Index(fields=["agency", "-received_at"], name="feedback_by_agency"),
            models.Index(fields=["assignee"], name="feedback_assigned", condition=Q(assignee__isnull=False)),
            models.Index(fields=["-published_at"], name="feedback_public", condition=Q(state="published")),
            models.Index(
                fields=["created_at"], name="feedback_unconfirmed", condition=Q(state="unconfirmed")
            ),
            GinIndex(fields=["search"], name="feedback_search"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        """The first words of what was written, for lists."""
        line = " ".join(self.content.split())
        return line if len(line) <= 110 else f"{line[:110].rsplit(' ', 1)[0]}…"

    @property
    def is_written_down(self) -> bool:
        """Taken down by an officer, so that what the sender adds is taken down too."""
        return self.source in self.WRITTEN_DOWN

    @property
    def answers_by_letter(self) -> bool:
        """Reached neither by e-mail nor by short message nor on the portal: the answer goes out on paper."""
        return not self.reply_by and self.sender_id is None

    @property
    def is_from_nation(self) -> bool:
        """Runs on the national clocks beside the provincial one."""
        return self.source == self.Source.NATIONAL


class FeedbackEvent(models.Model):
    """Append-only history: one row a step; the database refuses to change or delete it."""

    feedback = models.ForeignKey(Feedback, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField("thứ tự")
    name = models.CharField("bước", max_length=20)
    source = models.CharField("từ tình trạng", max_length=12, choices=State)
    target = models.CharField("đến tình trạng", max_length=12, choices=State)
    actor = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="người làm",
        help_text="Trống khi người gửi làm mà không đăng nhập",
    )
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="tại cơ quan")
    at = models.DateTimeField("lúc")
    recorded_at = models.DateTimeField("ghi lúc", auto_now_add=True)
    note = models.TextField("nội dung", blank=True)
    data = models.JSONField("số liệu", default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "sự kiện phản ánh"
        verbose_name_plural = "sự kiện phản ánh"
        ordering = ["feedback", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["feedback", "seq"], name="one_feedback_event_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.feedback_id}#{self.seq} {self.name}"


class FeedbackHolding(models.Model):
    """An agency and the moment it first received an item: from then its clock counts, however often it comes back."""

    feedback = models.ForeignKey(Feedback, models.PROTECT, related_name="holdings")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name="cơ quan")
    received_at = models.DateTimeField("nhận lần đầu lúc")
    due_at = models.DateTimeField("hạn tại cơ quan", null=True, blank=True)
    left_at = models.DateTimeField("chuyển đi lúc", null=True, blank=True)

    class Meta:
        verbose_name = "cơ quan đã nhận phản ánh"
        verbose_name_plural = "cơ quan đã nhận phản ánh"
        ordering = ["received_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["feedback", "agency"], name="one_first_receipt_an_agency"),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("received_at")), name="left_after_received"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feedback_id} {self.agency_id}"


class FeedbackFile(StoredFile):
    """A file that came with an item, or the signed answer."""

    class Kind(models.TextChoices):
        SENT = "sent", "Người gửi đính kèm"
        ANSWER = "answer", "Văn bản trả lời"

    feedback = models.ForeignKey(Feedback, models.CASCADE, related_name="files")
    kind = models.CharField("loại", max_length=8, choices=Kind, default=Kind.SENT)
    event_seq = models.PositiveIntegerField("theo sự kiện số", default=1)

    class Meta:
        verbose_name = "tệp của phản ánh"
        verbose_name_plural = "tệp của phản ánh"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["sha256"], name="feedback_file_by_hash"),
            models.Index(
                fields=["added_at"], name="feedback_file_unchecked", condition=Q(virus_check="unchecked")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="feedback_file_hash_is_sha256"
            ),
        ]


class FeedbackAnswer(models.Model):
    """A reply: drafted, then signed with a number; its PDF is made on first need and kept (as hoso's papers are)."""

    feedback = models.ForeignKey(Feedback, models.PROTECT, related_name="answers")
    seq = models.PositiveSmallIntegerField("lần trả lời")
    text = models.TextField("nội dung trả lời")
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người soạn")
    drafted_at = models.DateTimeField("soạn lúc")
    number = models.CharField("số, ký hiệu", max_length=60, blank=True)
    signed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="người ký"
    )
    signed_at = models.DateTimeField("ký lúc", null=True, blank=True)
    facts = models.JSONField("nội dung văn bản", default=dict)
    file = models.OneToOneField(
        FeedbackFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="văn bản"
    )

    class Meta:
        verbose_name = "trả lời phản ánh"
        verbose_name_plural = "trả lời phản ánh"
        ordering = ["feedback", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["feedback", "seq"], name="one_answer_a_round"),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None, number="")
                | (Q(signed_at__isnull=False, signed_by__isnull=False) & ~Q(number="")),
                name="signed_answer_names_signer_and_number",
            ),
        ]
        indexes = [
            models.Index(
                fields=["signed_at"],
                name="feedback_answer_to_file",
                condition=Q(file=None, signed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feedback_id}: {self.number or 'dự thảo'}"


class FeedbackReading(models.Model):
    """Every reading of a sender's data by staff (domain §19.4). Written in the request, never changed."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    feedback = models.ForeignKey(Feedback, models.CASCADE, related_name="readings")
    what = models.CharField("đọc gì", max_length=160)
    ip = models.GenericIPAddressField("địa chỉ mạng", null=True, blank=True)
    at = models.DateTimeField("lúc", db_index=True)

    class Meta:
        verbose_name = "nhật ký đọc phản ánh"
        verbose_name_plural = "nhật ký đọc phản ánh"
        indexes = [models.Index(fields=["feedback", "-at"], name="feedback_reading")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.what} {self.feedback_id}"
