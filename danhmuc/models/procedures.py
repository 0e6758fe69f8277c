"""Procedures and their versions. A published version is frozen: the database refuses to change it."""

from datetime import date
from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from danhmuc.worktime import TimeLimit, Unit


class Field(models.Model):
    """Sector (lĩnh vực); a row of every report."""

    code = models.CharField("mã", max_length=40, unique=True)
    name = models.CharField("tên", max_length=250)
    folded_name = models.CharField("tên không dấu", max_length=250, editable=False)

    class Meta:
        verbose_name = "lĩnh vực"
        verbose_name_plural = "lĩnh vực"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class ProcedureQuerySet(models.QuerySet["Procedure"]):
    """Procedures by whom they concern."""

    def for_people(self) -> Self:
        """Those a person or an organisation may ask for in this province."""
        return self.filter(is_current=True, is_internal=False, other_province="")


class Procedure(models.Model):
    """A procedure of the national index. Those with a published version can be applied for."""

    class ProcessingSystem(models.TextChoices):
        PROVINCIAL = "provincial", "Hệ thống của tỉnh"
        MINISTRY = "ministry", "Hệ thống của bộ"
        NATIONAL_PORTAL = "national_portal", "Cổng Dịch vụ công quốc gia"

    code = models.CharField("mã", max_length=24, unique=True)
    name = models.CharField("tên", max_length=1500)
    field = models.ForeignKey(Field, models.PROTECT, related_name="procedures", verbose_name="lĩnh vực")
    promulgating = models.CharField("cơ quan công bố", max_length=250, blank=True)
    levels = models.JSONField("cấp thực hiện", default=list)
    executing = models.CharField("cơ quan thực hiện", max_length=700, blank=True)
    channels = models.JSONField("kênh nộp", default=list)
    subjects = models.JSONField("đối tượng", default=list)
    results = models.CharField("mã kết quả", max_length=400, blank=True)
    documents = models.PositiveSmallIntegerField("số giấy tờ", default=0)
    service_level = models.CharField("mức cung cấp", max_length=16, blank=True)
    time_text = models.CharField("thời hạn theo danh mục", max_length=120, blank=True)
    decision_no = models.CharField("quyết định công bố", max_length=120, blank=True)
    vertical = models.BooleanField("ngành dọc", default=False)
    non_territorial = models.BooleanField("phi địa giới", default=False)
    processing_system = models.CharField(
        "hệ thống giải quyết", max_length=16, choices=ProcessingSystem, default=ProcessingSystem.PROVINCIAL
    )
    portal_updated_on = models.DateField("cổng quốc gia cập nhật", null=True, blank=True)
    source_id = models.CharField("khóa nguồn", max_length=40, blank=True)
    other_province = models.CharField(
        "chỉ áp dụng ở",
        max_length=80,
        blank=True,
        help_text="Tỉnh khác đã ban hành thủ tục đặc thù này; trống khi áp dụng ở đây",
    )
    is_internal = models.BooleanField("nội bộ giữa các cơ quan", default=False)
    is_current = models.BooleanField("còn trong danh mục", default=True)
    current = models.ForeignKey(
        "ProcedureVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="bản đang áp dụng",
    )
    search = SearchVectorField(null=True, editable=False)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = "thủ tục hành chính"
        verbose_name_plural = "thủ tục hành chính"
        ordering = ["code"]
        indexes = [GinIndex(fields=["search"], name="procedure_search")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


#: No name of a document is longer; more is a description of one.
LONGEST_TITLE = 150


class ProcedureVersion(models.Model):
    """The content of a procedure between two dates, as published. Dossiers stay on the version they were received under."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Đang soạn"
        PUBLISHED = "published", "Đã công khai"
        RETIRED = "retired", "Hết hiệu lực"

    class OnlineLevel(models.IntegerChoices):
        INFORMATION = 1, "Cung cấp thông tin"
        FORMS = 2, "Mức độ 2 – tải biểu mẫu"
        PARTIAL = 3, "Mức độ 3 – trực tuyến một phần"
        FULL = 4, "Mức độ 4 – trực tuyến toàn trình"

    class FeeTiming(models.TextChoices):
        NONE = "none", "Không thu"
        BEFORE_INTAKE = "before_intake", "Nộp trước khi tiếp nhận"
        AT_INTAKE = "at_intake", "Nộp khi tiếp nhận"
        DURING = "during", "Nộp theo thông báo trong quá trình giải quyết"
        BEFORE_RETURN = "before_return", "Nộp trước khi trả kết quả"
        POSTPAID = "postpaid", "Nộp sau"

    class PaperCheckMode(models.TextChoices):
        NONE = "none", "Không đối chiếu"
        BEFORE_RELEASE = "before_release", "Đối chiếu trước khi trả kết quả"
        AT_DELIVERY = "at_delivery", "Thu giấy tờ khi phát kết quả"

    class SupplementMode(models.TextChoices):
        RESTART = "RESTART", "Tính lại từ đầu"
        CONTINUE = "CONTINUE", "Tính tiếp"

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="versions", verbose_name="thủ tục")
    number = models.PositiveIntegerField("bản số")
    status = models.CharField("tình trạng", max_length=10, choices=Status, default=Status.DRAFT)
    valid_from = models.DateField("áp dụng từ")
    valid_to = models.DateField("đến", null=True, blank=True)
    name = models.CharField("tên", max_length=700)
    online_level = models.PositiveSmallIntegerField("mức độ trực tuyến", choices=OnlineLevel)
    partial_reason = models.CharField("vì sao chỉ một phần", max_length=400, blank=True)
    time_value = models.PositiveSmallIntegerField("thời hạn")
    time_unit = models.CharField("đơn vị thời hạn", max_length=16, choices=[(u.value, u.value) for u in Unit])
    time_note = models.CharField("ghi chú thời hạn", max_length=400, blank=True)
    steps_text = models.TextField("trình tự thực hiện", blank=True)
    methods_text = models.TextField("cách thức thực hiện", blank=True)
    subjects = models.JSONField("đối tượng", default=list)
    executing = models.CharField("cơ quan thực hiện", max_length=700, blank=True)
    agency_roles = models.JSONField("nhóm cơ quan giải quyết", default=list)
    result_code = models.CharField("mã kết quả", max_length=40, blank=True)
    result_name = models.CharField("kết quả", max_length=700, blank=True)
    conditions_text = models.TextField("yêu cầu, điều kiện", blank=True)
    legal_basis = models.JSONField("căn cứ pháp lý", default=list)
    decision = models.CharField("quyết định công bố", max_length=120, blank=True)
    sets = models.PositiveSmallIntegerField("số bộ hồ sơ", default=1)
    postal_intake_allowed = models.BooleanField("nhận hồ sơ qua bưu chính", default=False)
    postal_return_allowed = models.BooleanField("trả kết quả qua bưu chính", default=False)
    postal_reason = models.CharField("vì sao không qua bưu chính", max_length=300, blank=True)
    presence_required = models.BooleanField("phải có mặt", default=False)
    fee_timing = models.CharField("thời điểm thu", max_length=16, choices=FeeTiming, default=FeeTiming.NONE)
    paper_check_mode = models.CharField(
        "đối chiếu bản giấy", max_length=16, choices=PaperCheckMode, default=PaperCheckMode.NONE
    )
    supplement_mode = models.CharField(
        "thời hạn sau bổ sung", max_length=10, choices=SupplementMode, default=SupplementMode.RESTART
    )
    delegated_to_desk = models.BooleanField("giao Bộ phận Một cửa giải quyết", default=False)
    eform = models.JSONField(
        "tờ khai điện tử",
        default=dict,
        help_text="Mẫu đã ghép xong các khối dùng chung: title, sections, declaration, rules",
    )
    source = models.JSONField("nguồn từng phần", default=dict)
    fingerprint = models.CharField(
        "dấu nội dung",
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 của nội dung nạp từ danh mục; trống khi bản do cán bộ soạn",
    )
    published_at = models.DateTimeField("công khai lúc", null=True, blank=True)

    class Meta:
        verbose_name = "bản thủ tục"
        verbose_name_plural = "bản thủ tục"
        ordering = ["procedure", "number"]
        constraints = [
            models.UniqueConstraint(fields=["procedure", "number"], name="one_version_a_number"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(published_at__isnull=False),
                name="published_version_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(online_level__gte=1, online_level__lte=4), name="online_level_1_to_4"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure_id} bản {self.number}"

    @property
    def result_title(self) -> str:
        """What the result is called on its own page; some of the source tell in whole sentences what will be done."""
        if len(self.result_name) > LONGEST_TITLE:
            return "Thông báo kết quả giải quyết"
        return self.result_name or "Văn bản trả lời"

    @property
    def limit(self) -> TimeLimit:
        """The legal time limit."""
        return TimeLimit(self.time_value, Unit(self.time_unit))

    @property
    def can_apply_online(self) -> bool:
        """Level 3 or 4 and in force; whether this deployment may take it is the portal's question."""
        return self.status == self.Status.PUBLISHED and self.online_level >= self.OnlineLevel.PARTIAL

    def is_in_force(self, on: date) -> bool:
        """Whether the version applies to a dossier received that day."""
        return (
            self.status != self.Status.DRAFT
            and self.valid_from <= on
            and (self.valid_to is None or on <= self.valid_to)
        )


class Component(models.Model):
    """A required paper (thành phần hồ sơ). Nothing outside this list can be demanded."""

    class Kind(models.TextChoices):
        SUBMIT = "submit", "Giấy tờ phải nộp"
        PRESENT = "present", "Giấy tờ phải xuất trình"

    version = models.ForeignKey(ProcedureVersion, models.CASCADE, related_name="components")
    order = models.PositiveSmallIntegerField("thứ tự")
    code = models.CharField("mã giấy tờ", max_length=60, blank=True)
    name = models.CharField("tên giấy tờ", max_length=1000)
    case = models.CharField("trường hợp", max_length=500, blank=True)
    kind = models.CharField("loại", max_length=8, choices=Kind, default=Kind.SUBMIT)
    originals = models.PositiveSmallIntegerField("bản chính", default=1)
    copies = models.PositiveSmallIntegerField("bản sao", default=0)
    required = models.BooleanField("bắt buộc khi nộp trực tuyến", default=False)
    is_eform = models.BooleanField("là tờ khai điện tử", default=False)
    from_database = models.BooleanField("lấy được từ cơ sở dữ liệu, không yêu cầu nộp", default=False)

    class Meta:
        verbose_name = "thành phần hồ sơ"
        verbose_name_plural = "thành phần hồ sơ"
        ordering = ["version", "order"]
        constraints = [models.UniqueConstraint(fields=["version", "order"], name="one_component_a_place")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_handed_in(self) -> bool:
        """A paper that leaves the applicant's hands: not one shown in person, filled in on the page or held by the
        State.
        """
        return self.kind == self.Kind.SUBMIT and not self.is_eform and not self.from_database


class ChargeRule(models.Model):
    """A fee of a version: what is owed, on what basis, at which channel."""

    class Kind(models.TextChoices):
        PHI = "phi", "Phí"
        LE_PHI = "le_phi", "Lệ phí"
        OBLIGATION = "obligation", "Nghĩa vụ tài chính khác"

    class Channel(models.TextChoices):
        ANY = "", "Mọi kênh"
        COUNTER = "counter", "Trực tiếp"
        ONLINE = "online", "Trực tuyến"
        POST = "post", "Bưu chính"

    version = models.ForeignKey(ProcedureVersion, models.CASCADE, related_name="charge_rules")
    kind = models.CharField("loại", max_length=12, choices=Kind)
    code = models.CharField("mã", max_length=40, blank=True)
    name = models.CharField("tên khoản thu", max_length=250)
    channel = models.CharField("kênh nộp", max_length=8, choices=Channel, default=Channel.ANY, blank=True)
    amount = models.PositiveBigIntegerField("số tiền (đồng)")
    per = models.CharField("đơn vị tính", max_length=60, blank=True)
    case = models.CharField(
        "trường hợp",
        max_length=160,
        blank=True,
        help_text="Chỉ tự tính khoản để trống ô này; khoản có trường hợp do cán bộ chọn khi tiếp nhận",
    )
    basis = models.CharField("căn cứ", max_length=250, blank=True)
    set_locally = models.BooleanField("do HĐND tỉnh quyết định", default=False)
    suspect = models.BooleanField("số liệu nguồn cần đối chiếu", default=False)

    class Meta:
        verbose_name = "khoản thu"
        verbose_name_plural = "khoản thu"

    def __str__(self) -> str:
        return self.name


class RouteStep(models.Model):
    """One step of a version's route (quy trình điện tử): who, in which order, with what share of the time.

    Steps with the same `order` run side by side. Shares are percent of the time limit; along the longest path they
    make 100 at most (domain §9.2 rule 2). A route decides who holds the dossier; it never adds a state.
    """

    class At(models.TextChoices):
        DESK = "desk", "Bộ phận Một cửa"
        RESOLVER = "resolver", "Cơ quan giải quyết"
        AGENCY = "agency", "Cơ quan nêu tên"

    version = models.ForeignKey(ProcedureVersion, models.CASCADE, related_name="route")
    order = models.PositiveSmallIntegerField("thứ tự")
    name = models.CharField("tên bước", max_length=160)
    at = models.CharField("nơi làm", max_length=10, choices=At, default=At.RESOLVER)
    agency = models.ForeignKey(
        "danhmuc.Agency", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="cơ quan"
    )
    role = models.CharField("vị trí", max_length=24)
    share = models.PositiveSmallIntegerField("phần thời gian (%)")
    kind = models.CharField(
        "việc",
        max_length=12,
        default="work",
        help_text="work: làm việc; approve: ký; issue: phát hành, trả về Một cửa",
    )

    class Meta:
        verbose_name = "bước quy trình"
        verbose_name_plural = "bước quy trình"
        ordering = ["version", "order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(share__lte=100), name="share_is_a_percentage"),
            models.CheckConstraint(
                condition=~Q(at="agency") | Q(agency__isnull=False), name="named_agency_step_has_its_agency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.name}"
