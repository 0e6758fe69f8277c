"""The dossier: one application of one person for one procedure, on the version under which it came in."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import DateTimeRangeField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Case, F, Func, Q, Value, When

from danhmuc.models import User
from danhmuc.text import fold, prefix_query
from hoso import access
from hoso.clock import Timeliness
from hoso.lifecycle import OPEN, HoldKind, Lifecycle, State

#: States in which papers may still have to come and be compared with the e-copy (domain §11.4).
WITH_PAPERS = (State.PROCESSING, State.ON_HOLD, State.DECIDED)
#: From acceptance to finish, both included; without an end while it is not finished. A finish before the acceptance is
#: an error that `verify_history` and the reports' own check report; such a dossier was in hand at no time.
IN_HAND = Case(
    When(
        Q(finished_at=None) | Q(finished_at__gte=F("accepted_at")),
        then=Func(F("accepted_at"), F("finished_at"), Value("[]"), function="tstzrange"),
    ),
    output_field=DateTimeRangeField(),
)


class DossierQuerySet(models.QuerySet["Dossier"]):
    """What many dossiers have in common."""

    def visible_to(self, user: User) -> Self:
        """Those the user may read; the rest do not exist for them."""
        return self.filter(access.visible(user))

    def of(self, user: User) -> Self:
        """Those the user stands behind as applicant, alone or for an organisation."""
        return self.filter(access.own(user))

    def open(self) -> Self:
        """Work not yet ended."""
        return self.filter(state__in=OPEN)

    def awaiting_intake(self) -> Self:
        """Online submissions a desk has to look at, most urgent first."""
        return self.filter(state=State.SUBMITTED).order_by("intake_due_at", "pk")

    def awaiting_return(self) -> Self:
        """Results ready and not yet handed over."""
        return self.filter(state=State.DECIDED).order_by("decided_at", "pk")

    def overdue(self, now: datetime) -> Self:
        """In process past the promised moment; a paused clock cannot be late."""
        return self.filter(state=State.PROCESSING, due_at__lt=now)

    def in_hand(self, starts_at: datetime, ends_at: datetime) -> Self:
        """Those accepted before `ends_at` and not finished before `starts_at`."""
        return self.alias(in_hand=IN_HAND).filter(
            accepted_at__isnull=False, in_hand__overlap=DateTimeTZRange(starts_at, ends_at)
        )

    def matching(self, text: str) -> Self:
        """Those whose code, owner's name or identity number begin with the words typed, with or without marks."""
        query = prefix_query(text)
        return (
            self.filter(search=SearchQuery(query, search_type="raw", config="simple"))
            if query
            else self.none()
        )

    def for_list(self) -> Self:
        """What a row of any list shows, in one query."""
        return self.select_related(
            "procedure", "version", "resolving_agency", "desk__agency", "holder"
        ).defer(
            "answers",
            "search",
            "version__eform",
            "version__steps_text",
            "version__legal_basis",
            "procedure__search",
        )


class Dossier(Lifecycle):
    """State, due date and holder are columns for speed; events and handovers are the record behind them."""

    class Channel(models.TextChoices):
        """National values of KenhThucHien stand in `national`."""

        COUNTER = "counter", "Trực tiếp"
        ONLINE = "online", "Trực tuyến"
        POST = "post", "Bưu chính công ích"

    class ReturnBy(models.TextChoices):
        COUNTER = "counter", "Nhận tại Bộ phận Một cửa"
        POST = "post", "Bưu điện phát tận nơi"
        ELECTRONIC = "electronic", "Nhận bản điện tử"

    class PapersBy(models.TextChoices):
        NONE = "none", "Không nộp bản giấy"
        COUNTER = "counter", "Nộp bản giấy tại Bộ phận Một cửa"
        POST = "post", "Bưu điện đến nhận tận nơi"

    class PaperCheck(models.TextChoices):
        NOT_REQUIRED = "not_required", "Không phải đối chiếu"
        AWAITING_PAPER = "awaiting_paper", "Chờ bản giấy"
        RECEIVED = "received", "Đã nhận, chưa đối chiếu"
        MATCHED = "matched", "Khớp bản điện tử"
        MISMATCHED = "mismatched", "Không khớp"
        ACCEPTED_WITH_NOTE = "accepted_with_note", "Chấp nhận, có ghi chú"

    class OwnerKind(models.TextChoices):
        PERSON = "person", "Cá nhân"
        ORGANISATION = "organisation", "Tổ chức"

    # Identity
    submission_ref = models.CharField("mã nộp trực tuyến", max_length=20, unique=True)
    code = models.CharField("mã số hồ sơ", max_length=64, blank=True)
    issuing_system = models.CharField("hệ thống cấp mã", max_length=24, default="provincial")
    external_code = models.CharField("mã của hệ thống khác", max_length=64, blank=True)
    # What is asked, under which law
    procedure = models.ForeignKey("danhmuc.Procedure", models.PROTECT, related_name="dossiers")
    version = models.ForeignKey("danhmuc.ProcedureVersion", models.PROTECT, related_name="dossiers")
    field = models.ForeignKey("danhmuc.Field", models.PROTECT, related_name="+")
    rule_set = models.ForeignKey("danhmuc.RuleSet", models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField("kênh nộp", max_length=8, choices=Channel)
    online_level = models.PositiveSmallIntegerField("mức độ trực tuyến khi nộp", default=1)
    summary = models.CharField("trích yếu", max_length=1000, blank=True)
    answers = models.JSONField("tờ khai", default=dict)
    # Who
    applicant = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="dossiers", verbose_name="người nộp"
    )
    organisation = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisation_dossiers",
        db_index=False,  # d_organisation below holds the few rows that have one
        verbose_name="nộp cho tổ chức",
        help_text="Tài khoản tổ chức mà người nộp hành động thay; mọi thành viên hiện tại cùng theo dõi",
    )
    entered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="người nhập"
    )
    submitter_name = models.CharField("họ tên người nộp", max_length=160, blank=True)
    submitter_id = models.CharField("giấy tờ người nộp", max_length=20, blank=True)
    on_behalf = models.BooleanField("nộp thay người khác theo ủy quyền", default=False)
    authority_note = models.CharField("giấy ủy quyền", max_length=250, blank=True)
    owner_kind = models.CharField(
        "loại chủ hồ sơ", max_length=12, choices=OwnerKind, default=OwnerKind.PERSON
    )
    owner_name = models.CharField("chủ hồ sơ", max_length=200, blank=True)
    owner_id = models.CharField("số định danh, mã số thuế", max_length=20, blank=True)
    phone = models.CharField("điện thoại liên hệ", max_length=16, blank=True)
    email = models.EmailField("thư điện tử liên hệ", blank=True)
    address = models.CharField("địa chỉ", max_length=300, blank=True)
    place = models.ForeignKey("danhmuc.Place", models.PROTECT, null=True, blank=True, related_name="+")
    # Where
    desk = models.ForeignKey(
        "danhmuc.Desk", models.PROTECT, related_name="dossiers", verbose_name="nơi tiếp nhận"
    )
    resolving_agency = models.ForeignKey(
        "danhmuc.Agency", models.PROTECT, related_name="dossiers", verbose_name="cơ quan giải quyết"
    )
    holder_agency = models.ForeignKey(
        "danhmuc.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="đang giữ"
    )
    holder = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="held_dossiers",
        verbose_name="người đang giữ",
    )
    # When
    created_at = models.DateTimeField("bắt đầu lúc", auto_now_add=False)
    updated_at = models.DateTimeField("sửa lần cuối", null=True, blank=True)
    intake_due_at = models.DateTimeField("phải trả lời trước", null=True, blank=True)
    due_at = models.DateTimeField("hẹn trả", null=True, blank=True)
    original_due_at = models.DateTimeField("hẹn trả lần đầu", null=True, blank=True)
    wait_until = models.DateTimeField("chờ bổ sung đến", null=True, blank=True)
    timeliness = models.CharField(
        "đúng hạn", max_length=8, choices=[(t.value, t.value) for t in Timeliness], blank=True
    )
    # Facts beside the state
    papers_by = models.CharField("nộp bản giấy", max_length=8, choices=PapersBy, default=PapersBy.NONE)
    return_by = models.CharField("nhận kết quả", max_length=12, choices=ReturnBy, default=ReturnBy.COUNTER)
    paper_check = models.CharField(
        "đối chiếu", max_length=20, choices=PaperCheck, default=PaperCheck.NOT_REQUIRED
    )
    eid_checked = models.BooleanField("đã kiểm tra tài khoản định danh", default=False)
    result_issued_at = models.DateTimeField("phát hành kết quả lúc", null=True, blank=True)
    seen_by_desk_at = models.DateTimeField("Một cửa mở lần đầu", null=True, blank=True)
    last_seq = models.PositiveIntegerField("số sự kiện", default=0)
    search_key = models.CharField("khóa tìm kiếm", max_length=600, blank=True, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("search_key", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "hồ sơ"
        verbose_name_plural = "hồ sơ"
        constraints = [
            models.UniqueConstraint(
                fields=["issuing_system", "code"], condition=~Q(code=""), name="one_dossier_a_code"
            ),
            # Invariant 1: no code before acceptance. 3: a held dossier says why, and no other does.
            models.CheckConstraint(
                condition=~Q(state__in=["draft", "submitted", "intake_hold", "refused_intake"]) | Q(code=""),
                name="no_code_before_acceptance",
            ),
            models.CheckConstraint(
                condition=(Q(state="on_hold") & ~Q(hold_kind="")) | (~Q(state="on_hold") & Q(hold_kind="")),
                name="held_dossier_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["decided", "completed", "closed"]) | Q(finished_at__isnull=False),
                name="ended_dossier_has_its_finish",
            ),
        ]
        indexes = [
            models.Index(fields=["desk", "intake_due_at"], name="d_intake", condition=Q(state="submitted")),
            models.Index(
                fields=["desk", "wait_until"], name="d_intake_hold", condition=Q(state="intake_hold")
            ),
            models.Index(fields=["desk", "due_at"], name="d_desk_open", condition=Q(state="processing")),
            models.Index(
                fields=["desk", "wait_until", "state"], name="d_desk_hold", condition=Q(state="on_hold")
            ),
            models.Index(fields=["desk", "decided_at"], name="d_return", condition=Q(state="decided")),
            models.Index(
                fields=["resolving_agency", "due_at"], name="d_agency_open", condition=Q(state="processing")
            ),
            models.Index(
                fields=["resolving_agency", "state"],
                name="d_agency_rest",
                condition=Q(state__in=["on_hold", "decided"]),
            ),
            # Papers on their way, to be compared, or found to differ: few among the open work.
            models.Index(
                fields=["paper_check", "desk"],
                name="d_papers",
                condition=Q(
                    state__in=WITH_PAPERS, paper_check__in=["awaiting_paper", "received", "mismatched"]
                ),
            ),
            models.Index(fields=["holder", "due_at"], name="d_holder", condition=Q(state="processing")),
            models.Index(fields=["due_at"], name="d_clock", condition=Q(state="processing")),
            models.Index(
                fields=["wait_until"], name="d_wait", condition=Q(state__in=["on_hold", "intake_hold"])
            ),
            models.Index(fields=["applicant", "-created_at"], name="d_applicant"),
            models.Index(
                fields=["organisation", "-created_at"], name="d_organisation", condition=~Q(organisation=None)
            ),
            models.Index(fields=["desk", "-accepted_at"], name="d_register", condition=~Q(accepted_at=None)),
            models.Index(
                fields=["resolving_agency", "-accepted_at"],
                name="d_agency_register",
                condition=~Q(accepted_at=None),
            ),
            models.Index(fields=["accepted_at"], name="d_accepted", condition=~Q(accepted_at=None)),
            models.Index(fields=["finished_at"], name="d_finished", condition=~Q(finished_at=None)),
            # What was in hand at any time of a period: a table of last year reads that year's dossiers and no others.
            GistIndex(IN_HAND, name="d_in_hand", condition=~Q(accepted_at=None)),
            models.Index(
                fields=["version", "resolving_agency", "finished_at"],
                name="d_version_times",
                condition=Q(state="completed"),
            ),
            # The postal module comes each minute and looks for what wants to travel.
            models.Index(fields=["id"], name="d_by_post", condition=Q(papers_by="post", state__in=OPEN)),
            models.Index(
                fields=["id"], name="d_home_by_post", condition=Q(return_by="post", state="decided")
            ),
            models.Index(fields=["external_code"], name="d_external", condition=~Q(external_code="")),
            models.Index(fields=["updated_at"], name="d_drafts", condition=Q(state="draft")),
            GinIndex(fields=["search"], name="d_search", fastupdate=False),
        ]

    def __str__(self) -> str:
        return self.code or self.submission_ref

    @property
    def public_code(self) -> str:
        """What the applicant quotes: the dossier code once there is one, before that the submission reference."""
        return self.code or self.submission_ref

    @property
    def is_open(self) -> bool:
        """Not yet at an end."""
        return self.state in OPEN

    def is_of(self, user: User) -> bool:
        """Whether the user stands behind it as applicant, alone or for an organisation."""
        return access.is_own(self, user)

    @property
    def is_supplement_hold(self) -> bool:
        """Waiting for papers."""
        return self.state == State.ON_HOLD and self.hold_kind == HoldKind.SUPPLEMENT

    @property
    def travels_by_post(self) -> bool:
        """Some leg of it is carried by the public post."""
        return self.return_by == self.ReturnBy.POST or self.papers_by == self.PapersBy.POST

    @property
    def paper_check_settled(self) -> bool:
        """Whether papers no longer stand in the way of releasing the result."""
        return self.paper_check in {
            self.PaperCheck.NOT_REQUIRED,
            self.PaperCheck.MATCHED,
            self.PaperCheck.ACCEPTED_WITH_NOTE,
        }

    def involved_agency_ids(self) -> frozenset[int]:
        """The resolving agency and every agency that has or had a task; `tasks` may be prefetched."""
        cached: frozenset[int] | None = self.__dict__.get("_involved")
        if cached is None:
            asked = {t.agency_id for t in self.tasks.all() if t.status != "waiting"} if self.pk else set()
            cached = frozenset(asked | {self.resolving_agency_id})
            self.__dict__["_involved"] = cached
        return cached

    def index_for_search(self) -> None:
        """Refresh the words by which officers find it; services call this before saving."""
        words = [
            self.code,
            self.external_code,
            self.submission_ref,
            self.owner_name,
            self.submitter_name,
            self.owner_id,
            self.phone.replace("+84", "0", 1),
        ]
        self.search_key = fold(" ".join(filter(None, words)))[:600]


class PostalChoice(models.Model):
    """What the applicant asked of the public post (domain §11.1–11.2). The postal module comes and looks."""

    class Service(models.TextChoices):
        SEND = "SEND", "Gửi hồ sơ"
        RECEIVE = "RECEIVE", "Nhận kết quả"
        BOTH = "BOTH", "Gửi hồ sơ và nhận kết quả"

    dossier = models.OneToOneField(Dossier, models.CASCADE, related_name="postal")
    service = models.CharField("dịch vụ", max_length=8, choices=Service)
    pickup_address = models.CharField("địa chỉ nhận hồ sơ", max_length=300, blank=True)
    pickup_place = models.ForeignKey("danhmuc.Place", models.PROTECT, null=True, blank=True, related_name="+")
    pickup_on = models.DateField("ngày muốn bưu điện đến", null=True, blank=True)
    pickup_part = models.CharField(
        "buổi", max_length=10, blank=True, choices=[("morning", "Buổi sáng"), ("afternoon", "Buổi chiều")]
    )
    delivery_address = models.CharField("địa chỉ phát kết quả", max_length=300, blank=True)
    delivery_place = models.ForeignKey(
        "danhmuc.Place", models.PROTECT, null=True, blank=True, related_name="+"
    )
    receiver = models.CharField("người nhận", max_length=160, blank=True)
    phone = models.CharField("điện thoại", max_length=16, blank=True)
    registered_by = models.CharField("kênh đăng ký", max_length=12, default="online")
    registered_at = models.DateTimeField("đăng ký lúc")
    # A leg may be chosen anew until the post holds what travels on it; what was booked before a change is booked anew.
    papers_changed_at = models.DateTimeField("đổi nơi nhận hồ sơ lúc", null=True, blank=True)
    papers_taken_at = models.DateTimeField("bưu điện nhận hồ sơ lúc", null=True, blank=True)
    result_changed_at = models.DateTimeField("đổi nơi phát kết quả lúc", null=True, blank=True)
    result_taken_at = models.DateTimeField("bưu điện nhận kết quả lúc", null=True, blank=True)

    class Meta:
        verbose_name = "đăng ký bưu chính"
        verbose_name_plural = "đăng ký bưu chính"

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.service}"

    @property
    def wants_pickup(self) -> bool:
        """The post fetches papers from the applicant."""
        return self.service in {self.Service.SEND, self.Service.BOTH}

    @property
    def wants_delivery(self) -> bool:
        """The post brings the result."""
        return self.service in {self.Service.RECEIVE, self.Service.BOTH}


class AccessLog(models.Model):
    """Every reading of a person's data by staff (domain §19.4). Written in the request, never changed."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="readings")
    what = models.CharField("đọc gì", max_length=60)
    detail = models.CharField("chi tiết", max_length=160, blank=True)
    ip = models.GenericIPAddressField("địa chỉ mạng", null=True, blank=True)
    at = models.DateTimeField("lúc", db_index=True)

    class Meta:
        verbose_name = "nhật ký đọc"
        verbose_name_plural = "nhật ký đọc"
        indexes = [models.Index(fields=["dossier", "-at"], name="reading_by_dossier")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.what} {self.dossier_id}"


class NumberSeries(models.Model):
    """The last number given in a series; the row lock makes numbers gapless and unique (invariant 1, §14.2)."""

    key = models.CharField("dãy số", max_length=120, unique=True)
    last = models.PositiveBigIntegerField("số cuối", default=0)

    class Meta:
        verbose_name = "dãy số"
        verbose_name_plural = "dãy số"

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"
