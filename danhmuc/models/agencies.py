"""Agencies of both eras in one tree, what became of them, and the one-stop desks."""

from datetime import date

from django.db import connection, models
from django.db.models import Q


class AgencyQuerySet(models.QuerySet["Agency"]):
    """Agencies by date."""

    def valid_on(self, on: date) -> "AgencyQuerySet":
        """Those that existed that day."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_to=None) | Q(valid_to__gte=on))


class Agency(models.Model):
    """A node of the agency tree: committee, department, division, vertical agency or postal unit (domain §4.1)."""

    class Level(models.TextChoices):
        PROVINCE = "province", "Cấp tỉnh"
        DISTRICT = "district", "Cấp huyện"
        COMMUNE = "commune", "Cấp xã"
        CENTRAL_VERTICAL = "central_vertical", "Ngành dọc"
        MINISTRY = "ministry", "Bộ, ngành"
        POST = "post", "Bưu điện"

    key = models.SlugField("khóa dữ liệu", max_length=60, unique=True)
    identifier = models.CharField("mã định danh", max_length=35, blank=True)
    legacy_identifier = models.CharField("mã định danh cũ", max_length=35, blank=True)
    identifier_is_sample = models.BooleanField("mã tự đặt cho dữ liệu mẫu", default=False)
    name = models.CharField("tên", max_length=250)
    folded_name = models.CharField("tên không dấu", max_length=250, editable=False)
    short_name = models.CharField("tên ngắn", max_length=120, blank=True)
    kind = models.CharField("loại", max_length=32)
    level = models.CharField("cấp", max_length=20, choices=Level)
    resolver_key = models.CharField(
        "vai trong thủ tục",
        max_length=40,
        blank=True,
        help_text="Nhóm cơ quan có thẩm quyền mà thủ tục nêu, ví dụ UBND_XA, SO_TP",
    )
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(
        "đường dẫn trong cây", max_length=200, editable=False, help_text="Khóa từ gốc tới nút: /1/27/301/"
    )
    place = models.ForeignKey("danhmuc.Place", models.PROTECT, null=True, blank=True, related_name="agencies")
    address = models.CharField("địa chỉ", max_length=250, blank=True)
    phone = models.CharField("điện thoại", max_length=20, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    source = models.CharField("nguồn số liệu", max_length=20, blank=True)
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = "cơ quan, đơn vị"
        verbose_name_plural = "cơ quan, đơn vị"
        ordering = ["path"]
        indexes = [
            models.Index(fields=["path"], name="agency_path", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["resolver_key"], name="agency_resolver", condition=~Q(resolver_key="")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(level="district") | Q(valid_to__isnull=False, valid_to__lte=date(2025, 6, 30)),
                name="no_district_after_june_2025",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    #: Kinds of nodes that work within a body and have no dossiers of their own.
    DIVISION_KINDS = frozenset({"phong", "don_vi_truc_thuoc"})

    @property
    def body_id(self) -> int:
        """Key of the agency that answers outwardly: a division stands for the body above it."""
        if self.kind in self.DIVISION_KINDS and self.parent_id:
            return self.parent_id
        return self.pk

    def exists_on(self, on: date) -> bool:
        """Whether the agency existed that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


_PREDECESSORS = """
    WITH RECURSIVE chain (body, old) AS (
        SELECT new_id, old_id FROM danhmuc_agencysuccession WHERE is_default AND new_id = ANY(%s)
        UNION
        SELECT chain.body, s.old_id
        FROM chain JOIN danhmuc_agencysuccession AS s ON s.new_id = chain.old AND s.is_default
    )
    SELECT body, old FROM chain WHERE old <> body
"""


class SuccessionQuerySet(models.QuerySet["AgencySuccession"]):
    """Who took over from whom."""

    def predecessors_of(self, bodies: set[int]) -> dict[int, frozenset[int]]:
        """Agencies whose open work each body took over, however many successions back."""
        found: dict[int, set[int]] = {body: set() for body in bodies}
        if bodies:
            with connection.cursor() as cursor:
                cursor.execute(_PREDECESSORS, [list(bodies)])
                for body, old in cursor.fetchall():
                    found[body].add(old)
        return {body: frozenset(old) for body, old in found.items()}


class AgencySuccession(models.Model):
    """Who took over from whom. Open dossiers of `old` are finished by `new` (domain §4.1)."""

    old = models.ForeignKey(Agency, models.PROTECT, related_name="successors")
    new = models.ForeignKey(Agency, models.PROTECT, related_name="predecessors")
    from_date = models.DateField("từ ngày")
    is_default = models.BooleanField("nơi nhận việc còn lại", default=True)
    share = models.PositiveSmallIntegerField("phần (%)", default=100)

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        verbose_name = "kế thừa cơ quan"
        verbose_name_plural = "kế thừa cơ quan"
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="one_succession_a_pair"),
            models.UniqueConstraint(
                fields=["old"], condition=Q(is_default=True), name="one_default_successor"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"


class Desk(models.Model):
    """A one-stop desk or one of its reception points (NĐ118 Art 7; PT Art 1)."""

    class Operator(models.TextChoices):
        STATE = "state", "Cơ quan nhà nước"
        POST = "post", "Doanh nghiệp bưu chính"

    agency = models.OneToOneField(Agency, models.PROTECT, related_name="desk", verbose_name="Bộ phận Một cửa")
    serves = models.ForeignKey(Agency, models.PROTECT, related_name="desks", verbose_name="thuộc cơ quan")
    branch_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="branches")
    operator = models.CharField("đơn vị vận hành", max_length=8, choices=Operator, default=Operator.STATE)
    operator_from = models.DateField("vận hành từ ngày", null=True, blank=True)
    saturday_reception = models.BooleanField("nhận hồ sơ sáng thứ Bảy", default=False)

    class Meta:
        verbose_name = "Bộ phận Một cửa"
        verbose_name_plural = "Bộ phận Một cửa"

    def __str__(self) -> str:
        return self.agency.name
