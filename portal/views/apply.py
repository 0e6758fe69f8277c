"""Applying: choose the agency, see what is left to do, throw a draft away."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from config.formats import vndate
from config.ui import sentence
from danhmuc.models import Procedure, ProcedureVersion, User
from hoso.models import Dossier, State
from hoso.services import expiry, organisations
from hoso.services.errors import Refused, StepRefused
from portal.forms.apply import AgencyForm
from portal.services import drafts
from portal.views.base import DraftView, KeepingMixin
from portal.views.flow import FlowView, mark, parts_of

#: Filed and not decided: who begins again may have forgotten it.
UNDER_WAY = (State.SUBMITTED, State.INTAKE_HOLD, State.PROCESSING, State.ON_HOLD)


class Start(KeepingMixin, TemplateView):
    """The first question: which agency. The answer makes the draft."""

    template_name = "portal/start.html"
    procedure: Procedure
    version: ProcedureVersion

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The procedure with the version one would apply under."""
        super().setup(request, *args, **kwargs)
        self.procedure = get_object_or_404(Procedure.objects.select_related("current"), code=kwargs["code"])
        if self.procedure.current is None:
            raise Http404
        self.version = self.procedure.current

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What is not taken in online is prepared by hand; nobody need sign in to learn that."""
        if not self.version.can_apply_online:
            return redirect("portal:by_hand", code=self.procedure.code)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The choice of agencies, with the drafts one already has."""
        return self.elsewhere() or self.render_to_response(self.context(self.form(self.kept)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Begin, or go on with the empty draft a first press has made."""
        form = self.form(request.POST)
        if elsewhere := self.elsewhere():
            return elsewhere
        if form.is_valid():
            try:
                draft = drafts.start(self.version, by=self.person, agency=form.cleaned_data["agency"])
                # Who may choose between oneself and an organisation is asked at once.
                page = "portal:on_behalf" if organisations.acts_for_any(self.person) else "portal:draft"
                return redirect(page, ref=draft.submission_ref)
            except Refused as error:
                form.add_error(None, error.told)
        return self.render_to_response(self.context(form))

    @property
    def person(self) -> User:
        """The signed-in person."""
        assert isinstance(self.request.user, User)
        return self.request.user

    def form(self, data: Any) -> AgencyForm:
        """The choice."""
        if not self.person.is_applicant:
            raise PermissionDenied
        return AgencyForm(self.version, self.person, data)

    def elsewhere(self) -> HttpResponse | None:
        """To the national portal where this deployment takes no submissions (domain §1.2)."""
        if drafts.may_apply_here(self.procedure):
            return None
        return redirect(drafts.NATIONAL_PORTAL)

    def context(self, form: AgencyForm) -> dict[str, Any]:
        """The page."""
        mine = Dossier.objects.of(self.person).filter(procedure=self.procedure).order_by("-updated_at")
        return {
            "form": form,
            "procedure": self.procedure,
            "version": self.version,
            "drafts": mine.filter(state=State.DRAFT).exclude(answers={})[:5],
            "filed": mine.filter(state__in=UNDER_WAY)[:3],
            "days": settings.DRAFT_DAYS,
            "title": sentence(_("Nộp hồ sơ: %(name)s"), name=self.version.name),
        }


class TaskList(FlowView):
    """The parts of a draft, in any order, each with its state."""

    template_name = "portal/draft.html"
    reads = ("version__components",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Carry the draft over to the procedure's new content, or keep it longer."""
        if elsewhere := self.elsewhere():
            return elsewhere
        try:
            if "_keep" in request.POST:
                kept = drafts.keep(self.dossier.pk, by=self.applicant)
                until = vndate(expiry.kept_until(kept))
                messages.success(request, _("Bản nháp được giữ đến hết ngày %(day)s.") % {"day": until})
            elif drafts.is_outdated(self.dossier):
                drafts.renew(self.dossier.pk, by=self.applicant)
                messages.success(
                    request,
                    _("Đã chuyển sang nội dung mới. Những gì còn dùng được đã giữ; xem lại từng phần."),
                )
        except StepRefused as error:
            return self.stale(error)
        except Refused as error:
            messages.error(request, error.told)
        return redirect("portal:draft", ref=self.dossier.submission_ref)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The parts under their headings, and what is still to be done."""
        groups: dict[str, list[dict[str, Any]]] = {}
        undone: list[str] = []
        parts = parts_of(self.dossier)
        for part in parts:
            state, note = part.look()
            row = {"title": part.title, "note": note, "url": part.url} | mark(state)
            groups.setdefault(str(part.heading), []).append(row)
            if state != "done":
                undone.append(part.url)
        check = {"title": _("Kiểm tra lại và nộp"), "url": "" if undone else self.address("check")}
        check |= (
            {"note": _("Mở khi các phần trên đã xong"), "text": _("Chưa mở"), "level": "off", "icon": ""}
            if undone
            else {"note": _("Chưa nộp"), "text": _("Sẵn sàng"), "level": "info", "icon": ""}
        )
        groups[_("Nộp hồ sơ")] = [check]
        return super().get_context_data(
            groups=groups.items(),
            done=len(parts) - len(undone),
            total=len(parts) + 1,
            next=undone[0] if undone else self.address("check"),
            ready=not undone,
            outdated=drafts.is_outdated(self.dossier),
            ending=expiry.is_ending(self.dossier),
            keep_days=settings.DRAFT_DAYS,
            **kwargs,
        )


class Discard(DraftView):
    """Delete a draft, after a second look."""

    template_name = "portal/discard.html"
    title = gettext_lazy("Xóa bản nháp này?")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """A second press on the button finds the draft gone, which is what was wanted."""
        self.gone = request.method == "POST" and request.session.get("discarded") == kwargs["ref"]
        if self.gone:
            View.setup(self, request, *args, **kwargs)
        else:
            super().setup(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete it."""
        drafts_list = f"{reverse('portal:dossiers')}?xem=nhap"
        if self.gone:
            return redirect(drafts_list)
        if elsewhere := self.elsewhere():
            return elsewhere
        try:
            expiry.discard(self.dossier.pk, by=self.applicant)
        except Refused as error:
            messages.error(request, error.told)
        else:
            request.session["discarded"] = self.dossier.submission_ref
            messages.success(request, _("Đã xóa bản nháp."))
        return redirect(drafts_list)


class AgencyPage(DraftView):
    """Another agency for the draft."""

    template_name = "portal/draft_agency.html"
    title = gettext_lazy("Nơi giải quyết")

    def show(self, **context: Any) -> HttpResponse:
        """With the agency chosen before."""
        context.setdefault("form", self.form(self.kept))
        return super().show(**context)

    def form(self, data: Any) -> AgencyForm:
        """The choice."""
        return AgencyForm(self.dossier.version, self.applicant, data, present=self.dossier.resolving_agency)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep it."""
        if elsewhere := self.elsewhere():
            return elsewhere
        form = self.form(request.POST)
        if form.is_valid():
            try:
                drafts.choose_agency(self.dossier.pk, by=self.applicant, agency=form.cleaned_data["agency"])
                messages.success(request, _("Đã lưu nơi giải quyết."))
                return redirect("portal:draft", ref=self.dossier.submission_ref)
            except StepRefused as error:
                return self.stale(error)
            except Refused as error:
                form.add_error(None, error.told)
        return self.show(form=form)
