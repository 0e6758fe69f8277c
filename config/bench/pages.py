"""Which pages are measured, as whom, and over which dossiers."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from config.bench import contract
from config.bench.contract import Limits
from config.demo.cast import CITIZEN, NAMED
from danhmuc.models import Position, Procedure, User
from danhmuc.roles import Role
from danhmuc.text import fold
from hoso.models import Dossier

SPREAD = 60


@dataclass(frozen=True)
class Page:
    """A page to measure: as whom (None: nobody signed in), at which addresses in turn.

    A list may never read a whole table of history; a figure over a period may, when the period is most of it.
    """

    name: str
    person: str | None
    paths: list[str]
    limits: Limits = contract.PAGE
    is_list: bool = True
    measures_growth: bool = False


@dataclass(frozen=True)
class People:
    """Sign-in names of those who measure."""

    desk_officer: str
    division_head: str
    case_officer: str
    approver: str
    supervisor: str
    carrier: str
    citizen: str

    def everybody(self) -> list[str]:
        """All of them."""
        return [
            self.desk_officer,
            self.case_officer,
            self.approver,
            self.supervisor,
            self.carrier,
            self.citizen,
        ]


def people() -> People:
    """The named people of the demonstration's busiest office, and the citizen."""
    by_role = {str(role): username for username, _, role, _, _ in NAMED}
    return People(
        desk_officer=by_role[Role.DESK_OFFICER],
        division_head=by_role[Role.DIVISION_HEAD],
        case_officer=by_role[Role.CASE_OFFICER],
        approver=by_role[Role.APPROVER],
        supervisor=by_role[Role.SUPERVISOR],
        carrier=by_role[Role.POST_CARRIER],
        citizen=CITIZEN[0],
    )


def pages(cast: People) -> list[Page]:
    """Everything that is fetched."""
    officer = User.objects.get(username=cast.desk_officer)
    position = Position.objects.filter(user=officer).exclude(desk=None).select_related("desk__serves").get()
    desk, agency = position.desk, Position.objects.get(user__username=cast.case_officer).agency
    at_desk = Dossier.objects.filter(desk=desk).exclude(state="draft")
    at_agency = Dossier.objects.filter(resolving_agency=agency, accepted_at__isnull=False)
    inbox, search = reverse("hoso:home"), reverse("hoso:search")
    names = _folded_names(at_desk)
    codes = list(at_desk.exclude(code="").order_by("-accepted_at").values_list("code", flat=True)[:SPREAD])

    def queue(key: str) -> list[str]:
        return [f"{inbox}?muc={key}"]

    found = [
        Page("hộp việc Một cửa", cast.desk_officer, [inbox], measures_growth=True),
        *(
            Page(
                f"hộp việc: {words}", cast.desk_officer, queue(key), measures_growth=key == "dang-giai-quyet"
            )
            for key, words in (
                ("truc-tuyen-moi", "trực tuyến mới"),
                ("dang-giai-quyet", "đang giải quyết"),
                ("qua-han", "quá hạn"),
                ("cho-tra", "chờ trả"),
            )
        ),
        Page("việc của người thụ lý", cast.case_officer, queue("viec-cua-toi"), measures_growth=True),
        Page("hồ sơ chờ ký", cast.approver, queue("cho-ky")),
        Page(
            "tìm theo tên không dấu", cast.desk_officer, [f"{search}?q={n.replace(' ', '+')}" for n in names]
        ),
        Page("tìm theo mã", cast.case_officer, [f"{search}?q={code}" for code in codes]),
        Page("trang hồ sơ (Một cửa)", cast.desk_officer, _dossier_pages("hoso:dossier", at_desk)),
        Page("trang hồ sơ (thụ lý)", cast.case_officer, _dossier_pages("hoso:dossier", at_agency)),
        Page("sổ theo dõi hồ sơ", cast.desk_officer, [reverse("hoso:register")]),
        *_public_pages(),
        Page("hồ sơ của tôi", cast.citizen, [reverse("portal:dossiers")]),
        Page(
            "theo dõi một hồ sơ",
            cast.citizen,
            _dossier_pages(
                "portal:dossier",
                Dossier.objects.filter(applicant__username=cast.citizen).exclude(state="draft"),
            ),
        ),
        Page("bưu tá: việc hôm nay", cast.carrier, [reverse("buuchinh:home")]),
        *_reports(cast),
    ]
    return [page for page in found if page.paths]


def _public_pages() -> list[Page]:
    codes = list(
        Procedure.objects.exclude(current=None)
        .order_by("code")
        .values_list("code", flat=True)[: SPREAD * 10 : 10]
    )
    words = ("khai sinh", "dang ky kinh doanh", "dat dai", "chung thuc", "ket hon", "giay phep xay dung")
    listing = reverse("portal:procedures")
    return [
        Page("trang chủ", None, [reverse("portal:home")], is_list=False),
        Page("tìm thủ tục", None, [f"{listing}?q={word.replace(' ', '+')}" for word in words], is_list=False),
        Page(
            "trang thủ tục", None, [reverse("portal:procedure", args=[code]) for code in codes], is_list=False
        ),
    ]


def _reports(cast: People) -> list[Page]:
    """The month's table of the whole province and a list behind one of its figures."""
    month = timezone.localdate().replace(day=1) - timedelta(days=1)
    period = f"ky={month:%Y-%m}"
    table, listing, home = reverse("baocao:table"), reverse("baocao:dossiers"), reverse("baocao:home")
    return [
        Page("báo cáo: tháng này", cast.supervisor, [home], contract.REPORT, is_list=False),
        Page(
            "biểu 07a, tháng trước, cả tỉnh",
            cast.supervisor,
            [f"{table}?{period}"],
            contract.REPORT,
            is_list=False,
        ),
        Page(
            "danh sách sau một số của biểu", cast.supervisor, [f"{listing}?{period}&cot=3"], contract.REPORT
        ),
        Page(
            "biểu 07a của một cơ quan", cast.approver, [f"{table}?{period}"], contract.REPORT, is_list=False
        ),
    ]


def _dossier_pages(name: str, dossiers: QuerySet[Dossier]) -> list[str]:
    """Pages of recent and of old dossiers in equal parts."""
    half = SPREAD // 2
    refs = [
        *dossiers.order_by("-created_at").values_list("submission_ref", flat=True)[:half],
        *dossiers.filter(created_at__lt=timezone.now() - timedelta(days=60))
        .order_by("created_at")
        .values_list("submission_ref", flat=True)[:half],
    ]
    return [reverse(name, args=[ref]) for ref in dict.fromkeys(refs)]


def _folded_names(dossiers: QuerySet[Dossier]) -> list[str]:
    names = dossiers.exclude(owner_name="").order_by("-pk").values_list("owner_name", flat=True)[: SPREAD * 3]
    return list(dict.fromkeys(fold(name) for name in names))[:SPREAD]
