"""People: citizens, officers and postal staff in one table, and the positions that give officers their rights."""

from datetime import date

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from danhmuc.models.agencies import AgencySuccession
from danhmuc.roles import Role


class UserManager(BaseUserManager["User"]):
    """Creates accounts; passwords are always hashed."""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """Make an account; without a password it cannot sign in."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: object) -> "User":
        """Make the first administrator of a deployment."""
        return self.create_user(
            username, password, **{"kind": User.Kind.STAFF, "is_staff": True, "is_superuser": True, **fields}
        )

    def system(self) -> "User":
        """The actor of automatic steps, so that history never has a blank name."""
        user, _ = self.get_or_create(
            username="he-thong",
            defaults={"full_name": "Hệ thống", "kind": User.Kind.SYSTEM, "is_active": False},
        )
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person (or an organisation's account, or the system itself) who can act."""

    class Kind(models.TextChoices):
        CITIZEN = "citizen", "Công dân"
        ORGANISATION = "organisation", "Tổ chức"
        STAFF = "staff", "Cán bộ"
        POST = "post", "Nhân viên bưu điện"
        SYSTEM = "system", "Hệ thống"

    #: Who applies on the portal.
    APPLICANTS = (Kind.CITIZEN, Kind.ORGANISATION)

    class Gender(models.TextChoices):
        MALE = "male", "Nam"
        FEMALE = "female", "Nữ"

    username = models.CharField(_("tên đăng nhập"), max_length=80, unique=True)
    full_name = models.CharField("họ và tên", max_length=160)
    folded_name = models.CharField("họ tên không dấu", max_length=160, blank=True, editable=False)
    kind = models.CharField("loại tài khoản", max_length=16, choices=Kind, default=Kind.CITIZEN)
    personal_id = models.CharField("số định danh cá nhân", max_length=12, blank=True)
    tax_code = models.CharField("mã số thuế", max_length=14, blank=True)
    birth_date = models.DateField("ngày sinh", null=True, blank=True)
    gender = models.CharField("giới tính", max_length=8, choices=Gender, blank=True)
    phone = models.CharField(
        "điện thoại", max_length=16, blank=True, help_text="Dạng E.164, ví dụ +84912345678"
    )
    phone_confirmed = models.BooleanField("điện thoại đã xác nhận", default=False)
    email = models.EmailField(_("thư điện tử"), blank=True)
    email_confirmed = models.BooleanField("thư điện tử đã xác nhận", default=False)
    place = models.ForeignKey(
        "danhmuc.Place", models.PROTECT, null=True, blank=True, verbose_name="xã, phường", related_name="+"
    )
    old_place = models.ForeignKey(
        "danhmuc.Place",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="xã, phường trước 01/7/2025",
        related_name="+",
    )
    address = models.CharField("địa chỉ", max_length=250, blank=True)
    eid_level = models.PositiveSmallIntegerField("mức định danh điện tử", default=0)
    must_change_password = models.BooleanField("phải đổi mật khẩu", default=False)
    temporary_until = models.DateTimeField(
        "mật khẩu tạm dùng được đến",
        null=True,
        blank=True,
        help_text="Trống khi mật khẩu do chính người dùng đặt",
    )
    shortcut_keys = models.BooleanField("dùng phím tắt", default=True)
    is_staff = models.BooleanField("vào trang quản trị", default=False)
    is_active = models.BooleanField("đang hoạt động", default=True)
    date_joined = models.DateTimeField("ngày tạo", default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = "người dùng"
        verbose_name_plural = "người dùng"
        constraints = [
            models.UniqueConstraint(
                fields=["personal_id"],
                condition=Q(kind="citizen") & ~Q(personal_id=""),
                name="one_citizen_account_a_personal_id",
            ),
            models.UniqueConstraint(
                fields=["tax_code"],
                condition=Q(kind="organisation") & ~Q(tax_code=""),
                name="one_organisation_account_a_tax_code",
            ),
        ]
        indexes = [
            # Signing in by e-mail: several people may share one address, so it is no unique name.
            models.Index(Lower("email"), name="user_by_email", condition=Q(email_confirmed=True)),
        ]

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        """Name as people read it (Django's admin asks for this)."""
        return self.full_name

    def get_short_name(self) -> str:
        """Given name, which stands last."""
        return self.full_name.rsplit(" ", 1)[-1]

    @property
    def short_name(self) -> str:
        """What fits a menu: the middle and given name of a person, the beginning of an organisation's name."""
        if self.kind == self.Kind.ORGANISATION:
            return self.full_name if len(self.full_name) <= 20 else f"{self.full_name[:19].rstrip()}…"
        return " ".join(self.full_name.split()[-2:])

    @property
    def is_officer(self) -> bool:
        """Works in the back office."""
        return self.kind == self.Kind.STAFF

    @property
    def is_applicant(self) -> bool:
        """May apply on the portal."""
        return self.kind in self.APPLICANTS

    def positions_on(self, day: date | None = None) -> list["Position"]:
        """Positions in office that day (default today), loaded once a request and kept with their agencies."""
        cached: list[Position] | None = getattr(self, "_positions", None)
        if cached is None:
            loaded = "positions" in getattr(self, "_prefetched_objects_cache", {})
            cached = list(self.positions.all() if loaded else self.positions.select_related("agency", "desk"))
            self._positions = cached
        on = day or timezone.localdate()
        return [p for p in cached if p.is_in_office(on)]

    def predecessors_of(self, bodies: set[int]) -> dict[int, frozenset[int]]:
        """Agencies whose open work bodies this user serves took over; read once a request."""
        known: dict[int, frozenset[int]] = self.__dict__.setdefault("_predecessors", {})
        if unknown := bodies - known.keys():
            known |= AgencySuccession.objects.predecessors_of(unknown)
        return {body: known[body] for body in bodies}


class Position(models.Model):
    """Who serves where, as what, from when to when (PT 25.1; NĐ118 Art 11.4 for postings at a desk)."""

    class Employer(models.TextChoices):
        STATE = "state", "Cơ quan nhà nước"
        POST = "post", "Doanh nghiệp bưu chính"

    user = models.ForeignKey(User, models.CASCADE, related_name="positions", verbose_name="người")
    agency = models.ForeignKey(
        "danhmuc.Agency", models.PROTECT, related_name="positions", verbose_name="cơ quan"
    )
    desk = models.ForeignKey(
        "danhmuc.Desk",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="positions",
        verbose_name="Bộ phận Một cửa",
    )
    role = models.CharField("vị trí", max_length=24, choices=Role)
    title = models.CharField("chức danh", max_length=120, blank=True)
    employer = models.CharField("đơn vị trả lương", max_length=8, choices=Employer, default=Employer.STATE)
    fields = models.ManyToManyField("danhmuc.Field", blank=True, verbose_name="lĩnh vực phụ trách")
    document_no = models.CharField("quyết định, giấy ủy quyền", max_length=80, blank=True)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    class Meta:
        verbose_name = "vị trí công tác"
        verbose_name_plural = "vị trí công tác"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
                name="position_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=["desk_officer", "desk_head", "cashier"]) | Q(desk__isnull=False),
                name="desk_roles_name_their_desk",
            ),
            models.CheckConstraint(
                condition=~Q(employer="post") | ~Q(role__in=["case_officer", "division_head", "approver"]),
                name="the_post_never_appraises_or_approves",
            ),
        ]
        indexes = [models.Index(fields=["agency", "role"], name="position_agency_role")]

    def __str__(self) -> str:
        return f"{self.user} – {self.get_role_display()}, {self.agency}"

    def is_in_office(self, on: date) -> bool:
        """Whether the position is held on that day, both ends included."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class SignInGuard(models.Model):
    """Failed sign-ins of one typed account name, so that guessing a password is slow (domain §19.1).

    The name is kept as typed (folded), whether or not such an account exists: the answer must not tell which do.
    """

    account = models.CharField("tài khoản đã gõ", max_length=80, unique=True)
    failures = models.PositiveSmallIntegerField("số lần sai", default=0)
    first_at = models.DateTimeField("sai lần đầu lúc", default=timezone.now)
    locked_until = models.DateTimeField("tạm khóa đến", null=True, blank=True)

    class Meta:
        verbose_name = "đăng nhập sai"
        verbose_name_plural = "đăng nhập sai"

    def __str__(self) -> str:
        return f"{self.account}: {self.failures}"
