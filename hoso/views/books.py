"""The books of an office: the dossier register by desk and days, and the handovers to and from it."""

from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.utils import timezone

from danhmuc.models import Desk
from hoso.forms.lists import RegisterForm
from hoso.lifecycle import State
from hoso.models import Dossier, Handover
from hoso.views import queues
from hoso.views.base import OfficePage

PAGE_SIZE = 50
#: What a line of the register reads.
_COLUMNS = (
    "state", "submission_ref", "code", "owner_name", "address", "phone", "return_by", "accepted_at", "due_at",
    "completed_at", "version__name", "version__sets", "resolving_agency__name",
)  # fmt: skip


class Register(OfficePage):
    """Sổ theo dõi hồ sơ: a query over accepted dossiers, paged and printable (form 06 of 2018, 07 of 2025)."""

    template_name = "hoso/register.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One page of the book."""
        reach = queues.reach_of(self.officer)
        desks = list(desks_of(reach))
        form = RegisterForm(self.request.GET, desks=desks)
        desk, since, until = form.span()
        if desk is None:
            raise PermissionDenied
        start = timezone.make_aware(datetime.combine(since, time.min))
        end = timezone.make_aware(datetime.combine(until + timedelta(days=1), time.min))
        book = (
            Dossier.objects.visible_to(self.officer)
            .filter(desk=desk, accepted_at__gte=start, accepted_at__lt=end)
            .select_related("version", "resolving_agency")
            .only(*_COLUMNS)
            .order_by("accepted_at", "pk")
        )
        page = Paginator(book, PAGE_SIZE).get_page(self.request.GET.get("trang"))
        return super().get_context_data(**kwargs) | {
            "form": RegisterForm(initial={"quay": desk.pk, "tu": since, "den": until}, desks=desks),
            "desk": desk,
            "since": since,
            "until": until,
            "page_obj": page,
            "first": page.start_index(),
        }


def desks_of(reach: queues.Reach) -> Any:
    """Desks whose book an officer may read: the own ones, those their agencies stand behind, those below a supervisor."""
    allowed = Q(pk__in=reach.desks) | Q(serves_id__in=reach.agencies)
    for path in reach.paths:
        allowed |= Q(agency__path__startswith=path)
    return Desk.objects.filter(allowed).select_related("agency", "serves").order_by("agency__path")


class Handovers(OfficePage):
    """Sổ bàn giao: what is on its way to and from here, and what was signed for lately."""

    template_name = "hoso/handovers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Three lists, each bounded."""
        reach = queues.reach_of(self.officer)
        here = reach.agencies | reach.served
        if not here:
            raise PermissionDenied
        mine = Dossier.objects.visible_to(self.officer)
        shown = Handover.objects.filter(dossier__in=mine).select_related(
            "dossier__version", "from_agency", "to_agency", "from_user", "to_user", "signed_by"
        ).defer("dossier__answers", "dossier__version__eform", "dossier__version__steps_text")  # fmt: skip
        waiting = shown.filter(signed_at=None, recalled_at=None).order_by("sent_at", "pk")
        lately = timezone.now() - timedelta(days=7)
        # Through the open dossiers: the cost follows the open work, not the history of all handovers.
        running = Dossier.objects.filter(reach.here(state=State.PROCESSING) | reach.here(state=State.DECIDED))
        signed = shown.filter(dossier__in=running, signed_at__gte=lately)
        ready = queues.BY_KEY["ky-nhan"].rows(reach).values_list("pk", flat=True)
        return super().get_context_data(**kwargs) | {
            "incoming": waiting.filter(dossier_id__in=ready)[:PAGE_SIZE],
            "outgoing": waiting.filter(from_agency_id__in=here).exclude(dossier_id__in=ready)[:PAGE_SIZE],
            "signed": signed.order_by("-signed_at")[:PAGE_SIZE],
            "may_sign": reach.may("sign_for"),
        }
