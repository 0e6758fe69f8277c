"""The staff and citizens of the demo province, made once and found again on a second run."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction

from config.demo import people
from danhmuc.models import Agency, Desk, Place, Position, RouteStep, User
from danhmuc.roles import Role
from danhmuc.services import agencies
from danhmuc.text import fold

PASSWORD = "Demo-2026!"
SINCE = date(2021, 1, 10)
Say = Callable[[str], None]

#: People with names of their own, shown in the table of `make run`: sign-in name, name, role, where, what to try.
NAMED = (
    (
        "lananh.viettri",
        "Phạm Thị Lan Anh",
        Role.DESK_OFFICER,
        "UBND_X_07900",
        "Tiếp nhận, đối chiếu, trả kết quả",
    ),
    ("quangminh.viettri", "Đỗ Quang Minh", Role.DESK_HEAD, "UBND_X_07900", "Theo dõi cả Bộ phận Một cửa"),
    ("ducthang.viettri", "Lê Đức Thắng", Role.DIVISION_HEAD, "UBND_X_07900", "Phân công hồ sơ"),
    ("thuha.viettri", "Trần Thu Hà", Role.CASE_OFFICER, "UBND_X_07900", "Thụ lý hồ sơ"),
    ("ngocson.viettri", "Vũ Ngọc Sơn", Role.APPROVER, "UBND_X_07900", "Ký kết quả"),
    ("thiyen.viettri", "Ngô Thị Yến", Role.CASHIER, "UBND_X_07900", "Hoàn phí, nhập sao kê, đối soát"),
    ("thimai.viettri", "Bùi Thị Mai", Role.RECORDS_CLERK, "UBND_X_07900", "Đóng dấu, phát hành"),
    (
        "thanhtung.vpubnd",
        "Tạ Thanh Tùng",
        Role.PROCEDURE_CONTROLLER,
        "VP_UBND",
        "Sửa cách gọi, việc đời người trong tìm kiếm",
    ),
    (
        "thutrang.viettri",
        "Nguyễn Thu Trang",
        Role.FEEDBACK_HANDLER,
        "UBND_X_07900",
        "Xử lý phản ánh, kiến nghị",
    ),
    ("hongnga.vpubnd", "Lưu Hồng Nga", Role.FEEDBACK_HANDLER, "VP_UBND", "Phân loại, chuyển phản ánh"),
    ("kimlien.vpubnd", "Đào Kim Liên", Role.HOTLINE_OPERATOR, "VP_UBND", "Ghi phản ánh qua điện thoại, thư"),
    ("dinhkhanh.ubndtinh", "Phùng Đình Khánh", Role.SUPERVISOR, "UBND_TINH", "Xem báo cáo cả tỉnh"),
    (
        "vantam.buudien",
        "Nguyễn Văn Tám",
        Role.POST_CARRIER,
        "BDVHX_07900",
        "Nhận hồ sơ, phát kết quả tận nhà",
    ),
    ("thihanh.buudien", "Hà Thị Hạnh", Role.POST_COORDINATOR, "BD_TINH", "Điều phối bưu tá"),
    ("quantri.hethong", "Quản trị hệ thống", Role.SYSTEM_ADMIN, "UBND_TINH", "Danh mục (không đọc hồ sơ)"),
)
#: The one organisation; it signs in by its tax code.
COMPANY = ("2600123455", "Công ty TNHH Chè Hùng Vương")
CITIZEN = ("thanhhuong", "Nguyễn Thị Thanh Hương", "025186004317")

_STAFF = (
    (Role.DESK_OFFICER, 2),
    (Role.DESK_HEAD, 1),
    (Role.CASHIER, 1),
    (Role.DIVISION_HEAD, 1),
    (Role.CASE_OFFICER, 3),
    (Role.APPROVER, 2),
    (Role.RECORDS_CLERK, 1),
    (Role.FEEDBACK_HANDLER, 1),
)


@dataclass
class Office:
    """One resolving agency, the desk that receives for it, and its people by role."""

    agency: Agency
    desk: Desk
    staff: dict[str, list[User]] = field(default_factory=lambda: defaultdict(list))

    def one(self, role: str, rng: Random) -> User:
        """Somebody in that role."""
        return rng.choice(self.staff[role])


@dataclass
class Cast:
    """Everybody who acts in the demo."""

    offices: list[Office]
    citizens: list[User]
    carriers: list[User]
    system: User
    partners: dict[int, User] = field(default_factory=dict)


def demo_people() -> list[tuple[str, str, str, str, str]]:
    """(sign-in name, full name, position, agency, what to try) of the people with names, citizen first."""
    names = [row[0] for row in NAMED]
    found = {
        p.user.username: p
        for p in Position.objects.filter(user__username__in=names).select_related(
            "user", "agency", "desk__agency"
        )
    }
    rows = [
        (CITIZEN[0], CITIZEN[1], "Người dân", "Phường Việt Trì", "Nộp và theo dõi hồ sơ trực tuyến"),
        (*COMPANY, "Tổ chức", "Phường Việt Trì", "Thành viên, hồ sơ nộp thay theo ủy quyền"),
    ]
    for username, _, _, _, what in NAMED:
        position = found.get(username)
        if position is not None:
            where = position.desk.agency.name if position.desk else position.agency.name
            rows.append((username, position.user.full_name, position.get_role_display(), where, what))
    return rows


@transaction.atomic
def gather(rng: Random, *, offices: int, citizens: int, on: date, say: Say) -> Cast:
    """Find or make the cast: `offices` resolving agencies (named one first) and their staff, and citizens.

    Deterministic for one random state and one catalogue; a second call with the same data only reads.
    """
    chosen = _choose(rng, offices, on)
    say(f"Cán bộ của {len(chosen)} cơ quan …")
    cast = Cast([Office(a, d) for a, d in chosen], [], [], User.objects.system())
    password = make_password(PASSWORD)
    _staff(cast, rng, password)
    say(f"{citizens} người dân …")
    cast.citizens = _citizens(cast, rng, citizens, password, on)
    return cast


def _choose(rng: Random, number: int, on: date) -> list[tuple[Agency, Desk]]:
    communes = list(
        Agency.objects.valid_on(on).filter(resolver_key="UBND_XA", level="commune").order_by("key")
    )
    first = [a for a in communes if a.key == NAMED[0][3]]
    others = [a for a in communes if a.key != NAMED[0][3]]
    rng.shuffle(others)
    departments = list(Agency.objects.valid_on(on).filter(kind="so").exclude(resolver_key="").order_by("key"))
    wanted = first + others[: max(0, number - len(first) - len(departments))] + departments
    pairs = [(a, agencies.desk_for(a, on)) for a in wanted[: max(number, 1)]]
    return [(a, d) for a, d in pairs if d is not None]


def _staff(cast: Cast, rng: Random, password: str) -> None:
    known = {u.username: u for u in User.objects.exclude(kind__in=["citizen", "organisation"])}
    fresh: list[User] = []
    places: list[tuple[User, str, Agency, Desk | None]] = []
    shared: dict[int, Office] = {}

    def engage(username: str, name: str, role: str, where: Agency, desk: Desk | None) -> User:
        user = known.get(username)
        if user is None:
            kind = User.Kind.POST if role.startswith("post_") else User.Kind.STAFF
            user = User(
                username=username,
                full_name=name,
                folded_name=fold(name),
                kind=kind,
                password=password,
                is_staff=role == Role.SYSTEM_ADMIN,
                is_superuser=role == Role.SYSTEM_ADMIN,
            )
            known[username] = user
            fresh.append(user)
        places.append((user, role, where, desk))
        return user

    named = {(row[2], row[3]): row for row in NAMED}
    for office in cast.offices:
        first_at_desk = shared.setdefault(office.desk.pk, office)
        for role, count in _STAFF:
            at_desk = role in {Role.DESK_OFFICER, Role.DESK_HEAD, Role.CASHIER}
            if at_desk and first_at_desk is not office:
                office.staff[role] = first_at_desk.staff[role]
                continue
            for index in range(count):
                row = named.get((role, office.agency.key)) if index == 0 else None
                username = (
                    row[0] if row else f"{role.replace('_', '')}{index + 1}.{office.agency.key.lower()}"
                )
                name = row[1] if row else people.full_name(rng, rng.choice(["male", "female"]))
                where, desk = (office.desk.agency, office.desk) if at_desk else (office.agency, None)
                office.staff[role].append(engage(username, name, role, where, desk))
    post = Agency.objects.get(key="BD_TINH")
    elsewhere = {
        key: Agency.objects.get(key=key) for key in ("UBND_TINH", "VP_UBND", "BD_TINH", "BDVHX_07900")
    }
    for username, name, role, key, _ in NAMED:
        if key in elsewhere:
            user = engage(username, name, role, elsewhere[key], None)
            if role == Role.POST_CARRIER:
                cast.carriers.append(user)
    for index in range(9):
        name = people.full_name(rng, "male")
        cast.carriers.append(engage(f"buuta{index + 1}.buudien", name, Role.POST_CARRIER, post, None))
    partners = Agency.objects.filter(
        pk__in=RouteStep.objects.exclude(agency=None).values("agency_id")
    ).order_by("key")
    for agency in partners:
        name = people.full_name(rng, rng.choice(["male", "female"]))
        cast.partners[agency.pk] = engage(
            f"phoihop.{agency.key.lower()}", name, Role.CASE_OFFICER, agency, None
        )
    User.objects.bulk_create(fresh)
    held = set(Position.objects.values_list("user_id", "role"))
    Position.objects.bulk_create(
        [
            Position(user=user, role=role, agency=where, desk=desk, valid_from=SINCE)
            for user, role, where, desk in places
            if (user.pk, role) not in held
        ]
    )


def _citizens(cast: Cast, rng: Random, number: int, password: str, on: date) -> list[User]:
    by_commune = [o.agency.place for o in cast.offices if o.agency.place_id]
    places: list[Place] = [p for p in by_commune if p is not None]
    fresh: list[User] = []
    known = {
        u.username: u
        for u in User.objects.filter(username__startswith="congdan").select_related("place__parent")
    }
    found: list[User] = []
    username, name, personal_id = CITIZEN
    first = User.objects.filter(username=username).select_related("place__parent").first() or User(
        username=username,
        full_name=name,
        folded_name=fold(name),
        kind=User.Kind.CITIZEN,
        personal_id=personal_id,
        birth_date=date(1986, 5, 4),
        gender="female",
        phone="+84912345678",
        phone_confirmed=True,
        email="thanhhuong@example.vn",
        email_confirmed=True,
        place=places[0],
        address="Khu 6",
        eid_level=2,
        password=password,
    )
    if first._state.adding:
        fresh.append(first)
    for serial in range(1, number + 1):
        place = places[serial % len(places)]
        one = people.person(rng, serial)
        user = known.get(f"congdan{serial}")
        if user is None:
            user = User(
                username=f"congdan{serial}",
                kind=User.Kind.CITIZEN,
                full_name=one.full_name,
                folded_name=fold(one.full_name),
                personal_id=one.personal_id,
                birth_date=one.birth_date,
                gender=one.gender,
                phone=one.phone,
                phone_confirmed=True,
                email=one.email,
                email_confirmed=bool(one.email),
                place=place,
                address=one.address,
                eid_level=2,
                password=password,
            )
            fresh.append(user)
        found.append(user)
    User.objects.bulk_create(fresh, batch_size=2000)
    return [first, *found]


def warm(users: Iterable[User]) -> None:
    """Load everybody's positions at once, so that rights cost no query while stories are told."""
    users = [u for u in users if u.pk]
    by_user: dict[int, list[Position]] = defaultdict(list)
    rows = Position.objects.filter(user__in=users).select_related("agency", "desk")
    for position in rows:
        by_user[position.user_id].append(position)
    for user in users:
        user._positions = by_user[user.pk]
