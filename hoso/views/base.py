"""What the pages of the back office share: officers only, one dossier, one step."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from danhmuc.models import User
from hoso import access
from hoso.forms.steps import StepForm
from hoso.models import AccessLog, Dossier
from hoso.services import documents, dossiers
from hoso.services.case import Case
from hoso.services.errors import Refused, StepRefused
from hoso.services.known import Known

_WHOLE = ("version", "procedure", "field", "rule_set", "desk", "place")
_PEOPLE = ("resolving_agency", "holder_agency", "holder", "applicant", "organisation")
WATCHED = timedelta(minutes=10)


class OfficerRequired(View):
    """The back office is for officers; a citizen or postman who tries an address of it is refused."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse other accounts (403); signing in was asked for before."""
        user = request.user
        if not (isinstance(user, User) and user.is_officer):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def officer(self) -> User:
        """Who is asking."""
        user = self.request.user
        assert isinstance(user, User)
        return user


class OfficePage(OfficerRequired, TemplateView):
    """A plain page of the back office."""


class DossierView(OfficerRequired):
    """A page about one dossier, fetched among those the officer may read: another's is a 404."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Keep the reference named by the address."""
        super().setup(request, *args, **kwargs)
        self.reference: str = kwargs["ref"]

    def get_dossier(self) -> Dossier:
        """The dossier with what any page about it reads."""
        whole = Dossier.objects.visible_to(self.officer).select_related(*_WHOLE)
        try:
            found = whole.get(submission_ref=self.reference)
        except Dossier.DoesNotExist:
            raise Http404("Không có hồ sơ với mã này.") from None
        known = Known()
        known.fill([(found, _PEOPLE), (found.desk, ("agency", "serves"))])
        return found

    def note_reading(self, dossier: Dossier, what: str) -> None:
        """Every reading by staff is kept (domain §19.4)."""
        AccessLog.objects.create(
            user=self.officer, dossier=dossier, what=what[:60], ip=address_of(self.request), at=timezone.now()
        )


def address_of(request: HttpRequest) -> str | None:
    """Network address of the asker."""
    return request.META.get("REMOTE_ADDR") or None


def others_reading(dossier: Dossier, user: User) -> list[str]:
    """Names of the colleagues who opened the dossier in the last minutes."""
    since = timezone.now() - WATCHED
    rows = (
        AccessLog.objects.filter(dossier=dossier, at__gte=since)
        .exclude(user=user)
        .exclude(user__kind__in=[User.Kind.CITIZEN, User.Kind.ORGANISATION])
        .values_list("user__full_name", flat=True)
    )
    return sorted(set(rows))


class StepView(DossierView):
    """One step of a dossier as a page: a form, what it leads to, and one call of the service.

    A class names `step`, its form and wording; everything else is shared. What was typed stays when the step is
    refused, and a slower officer sees who was faster beside the dossier as it now is.
    """

    step: str
    form_class: type[StepForm] = StepForm
    title = ""
    submit = ""
    lead = ""
    fragment = ""
    success_message = "Đã ghi nhận."
    danger = False
    #: The colour and key of its button on the dossier page.
    style = "outline-primary"
    icon = "next"
    key = ""
    template_name = "hoso/step.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The empty form, or back to the dossier with a word when it no longer stands at this step."""
        dossier = self.get_dossier()
        case = Case(dossier)
        if (answer := self._not_now(case)) is not None:
            return answer
        self.note_reading(dossier, f"mở bước {self.heading(dossier)}")
        return self.show(case, self.make_form(case))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take the step."""
        dossier = self.get_dossier()
        case = Case(dossier)
        dossier.acting_at = timezone.now()
        if not access.may_take(dossier, self.officer, self.step):
            raise PermissionDenied
        form = self.make_form(case, request.POST, request.FILES)
        if (
            self._seen() != dossier.last_seq
        ):  # told before anything typed is judged by a state it was not typed for
            return self.too_late(form, dossiers.overtaken(case))
        if not form.is_valid():
            return self.show(case, form, seen=self._seen())
        try:
            done = self.take(dossier, form)
        except StepRefused as refused:
            return self.too_late(form, refused)
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.show(Case(self.get_dossier()), form, seen=self._seen())
        messages.success(request, self.told(done))
        return HttpResponseRedirect(self.next_page(done))

    def take(self, dossier: Dossier, form: StepForm) -> Dossier:
        """Call the service: files first, then the step, in one transaction."""
        received = {name: documents.receive(upload) for name, upload in form.uploads().items()}
        with transaction.atomic():
            facts = form.facts()
            if received:
                case = dossiers.locked(dossier.pk)
                for name, file in received.items():
                    facts[name] = documents.take_in(case, file, by=self.officer, **form.kinds[name])
                facts = form.with_files(facts)
            return dossiers.advance(
                dossier.pk,
                self.step,
                by=self.officer,
                seen=self._seen(),
                note=form.cleaned_data.get("note", ""),
                **facts,
            )

    # -- Wording and ways, for classes to change ---------------------------------------------------------------

    def heading(self, dossier: Dossier) -> str:
        """The page's title."""
        return self.title or dossiers.label_of(self.step)

    def told(self, dossier: Dossier) -> str:
        """What the officer reads after the step."""
        return self.success_message

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """More for the template."""
        return {}

    def next_page(self, dossier: Dossier) -> str:
        """Back to the dossier; to the queue when it left the officer's sight."""
        if Dossier.objects.visible_to(self.officer).filter(pk=dossier.pk).exists():
            return reverse("hoso:dossier", args=[dossier.submission_ref])
        return reverse("hoso:home")

    # -- Shared --------------------------------------------------------------------------------------------------

    def make_form(self, case: Case, *data: Any) -> StepForm:
        """The bound or empty form of this step."""
        return self.form_class(*data, case=case, user=self.officer)

    def _seen(self) -> int:
        try:
            return int(self.request.POST["seen"])
        except (KeyError, ValueError):
            return -1  # a page without it is older than any event

    def _not_now(self, case: Case) -> HttpResponseBase | None:
        dossier = case.dossier
        dossier.acting_at = timezone.now()
        if not access.may_take(dossier, self.officer, self.step):
            raise PermissionDenied
        if self.step in dict(dossiers.steps_for(dossier, self.officer, case)):
            return None
        messages.warning(
            self.request,
            f"“{self.heading(dossier)}” không thực hiện được lúc này. Trang dưới đây là tình trạng hiện tại của hồ sơ.",
        )
        return HttpResponseRedirect(reverse("hoso:dossier", args=[dossier.submission_ref]))

    def too_late(self, form: StepForm, refused: StepRefused) -> HttpResponse:
        """Somebody was faster: their name, the dossier as it now is, and everything typed still there."""
        case = Case(self.get_dossier())
        still = self.step in dict(dossiers.steps_for(case.dossier, self.officer, case))
        return self.show(case, form, status=409, stale=str(refused), still=still)

    def show(
        self,
        case: Case,
        form: forms.BaseForm,
        *,
        status: int = 200,
        seen: int | None = None,
        stale: str = "",
        still: bool = True,
    ) -> HttpResponse:
        """Draw the page. A page shown again after a mistake keeps the number of the event its reader has seen."""
        dossier = case.dossier
        context = {
            "form": form,
            "dossier": dossier,
            "title": self.heading(dossier),
            "submit": self.submit or dossiers.label_of(self.step),
            "lead": self.lead,
            "fragment": self.fragment,
            "danger": self.danger,
            "seen": dossier.last_seq if seen is None else seen,
            "stale": stale,
            "still": still,
            "others": others_reading(dossier, self.officer),
            "last": case.last,
            "last_label": dossiers.label_of(case.last.name) if case.last else "",
            **self.extra(case, form),  # type: ignore[arg-type]
        }
        return render(self.request, self.template_name, context, status=status)
