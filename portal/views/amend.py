"""Changing what was filed: freely until acceptance, after it by a request the desk answers (domain §6.5)."""

from typing import Any

from django.contrib import messages
from django.forms import CharField, Textarea
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from config.ui import sentence
from danhmuc.models import User
from hoso.forms import declaration
from hoso.forms.eform_fields import LongTextField
from hoso.models import Dossier, State
from hoso.services import amendments
from hoso.services.dossiers import advance
from hoso.services.errors import Refused, StepRefused
from portal.services import papers, tracking
from portal.views.base import STILL_HERE, KeepingMixin, own_dossier

REASON = "ly_do_sua"
Words = str | Promise


class AmendView(KeepingMixin, TemplateView):
    """What the pages of an amendment share: whose dossier, what waits, whether the desk has to agree."""

    dossier: Dossier
    applicant: User
    #: What the page is called while the dossier may be changed at once, and when the desk has to agree.
    headings: tuple[Words, Words] = ("", "")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The dossier and what is asked for already."""
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            assert isinstance(request.user, User)
            self.applicant = request.user
            self.dossier = own_dossier(request, kwargs["ref"])
            self.waiting = tracking.waiting_amendment(self.dossier)

    @property
    def asks(self) -> bool:
        """Whether the desk has to agree."""
        return self.dossier.accepted_at is not None

    @property
    def back(self) -> dict[str, Any]:
        """The way one came."""
        url = reverse("portal:dossier", kwargs={"ref": self.dossier.submission_ref})
        return {"url": url, "text": _("Trang theo dõi")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What portal/amend_base.html takes."""
        return {
            "dossier": self.dossier,
            "heading": self.headings[self.asks],
            "back": self.back,
            "asks": self.asks,
            "waiting": self.waiting,
            **kwargs,
        }

    def elsewhere(self) -> HttpResponse | None:
        """Back to the dossier when nothing can be changed here."""
        if tracking.may_amend(self.dossier):
            return None
        words = _("Hồ sơ này không sửa được nữa. Cần đính chính, hãy gọi Bộ phận Một cửa.")
        if self.dossier.state == State.DRAFT:
            return redirect("portal:draft", ref=self.dossier.submission_ref)
        messages.info(self.request, words)
        return redirect("portal:dossier", ref=self.dossier.submission_ref)


class Amend(AmendView):
    """The sections to choose from, and one of them to change."""

    template_name = "portal/amend.html"
    headings = gettext_lazy("Sửa tờ khai"), gettext_lazy("Đề nghị sửa tờ khai")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The section as it now stands, with what is asked for already; without an e-form there are papers alone."""
        if (elsewhere := self.elsewhere()) is None and not self.dossier.version.eform.get("sections"):
            return redirect("portal:amend_papers", ref=self.dossier.submission_ref)
        return elsewhere or self.show(self.form(typed=self.kept), seen=self.dossier.last_seq)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change it, or ask for the change."""
        if elsewhere := self.elsewhere():
            return elsewhere
        seen = int(request.POST["seen"]) if request.POST.get("seen", "").isdigit() else -1
        if {declaration.REFRESH, declaration.ADD, declaration.REMOVE} & request.POST.keys():
            return self.show(self.form(typed=request.POST), seen=seen)
        form = self.form(data=request.POST)
        valid = form.is_valid()
        if form.newly_asked:  # the answers just given ask for more: show it before anything is judged
            messages.info(request, _("Câu trả lời vừa chọn cần thêm thông tin; trang này có câu hỏi mới."))
            return self.show(self.form(typed=request.POST), seen=seen)
        if not valid:
            return self.show(form, seen=seen)
        try:
            self.keep(form, seen)
        except StepRefused as error:
            messages.warning(request, format_html("{} {}", error.told, STILL_HERE))
            return self.show(self.form(typed=request.POST), seen=self.dossier.last_seq)
        except Refused as error:
            form.add_error(None, error.told)
            return self.show(form, seen=seen)
        return redirect("portal:dossier", ref=self.dossier.submission_ref)

    def keep(self, form: declaration.SectionForm, seen: int) -> None:
        """One call of the service."""
        reason = form.cleaned_data[REASON]
        if self.asks:
            amendments.ask(self.dossier.pk, by=self.applicant, values=form.values, reason=reason, seen=seen)
            messages.success(
                self.request,
                _(
                    "Đã gửi đề nghị sửa. Bộ phận Một cửa sẽ xem xét và báo cho ông/bà; ngày hẹn trả không đổi."
                ),
            )
            return
        done = advance(
            self.dossier.pk, "amend", by=self.applicant, seen=seen, note=reason, changes=form.values
        )
        messages.success(self.request, _("Đã sửa tờ khai. Nội dung cũ vẫn lưu trong lịch sử hồ sơ."))
        for number, section in declaration.pages(done.version, done.answers):
            if number != form.number and declaration.missing(done.version, number, done.answers).unanswered:
                words = _("Sửa đổi này cần trả lời thêm ở phần “%(section)s”. Bấm “Sửa hồ sơ” để điền tiếp.")
                messages.warning(self.request, sentence(words, section=section["title"]))

    def form(self, **given: Any) -> declaration.SectionForm:
        """The section chosen by `?phan=`, the first one by default, with the reason."""
        dossier = self.dossier
        answers = {**dossier.answers, **(self.waiting.changes if self.waiting else {})}
        found = declaration.pages(dossier.version, answers)
        if not found:
            raise Http404
        wanted = self.request.GET.get("phan", "")
        number = next((n for n, _section in found if str(n) == wanted), found[0][0])
        form = declaration.SectionForm(dossier.version, number, answers, **given)
        field: CharField = LongTextField(
            label=_("Vì sao cần sửa"),
            required=self.asks,
            widget=Textarea({"rows": 2, "maxlength": 2000}),
            error_messages={"required": _("Ghi lý do sửa để Bộ phận Một cửa xem xét")},
        )
        form.fields[REASON] = field
        if self.waiting:
            form.initial[REASON] = self.waiting.reason
        if typed := given.get("typed"):
            form.initial[REASON] = typed.get(REASON, "")
        return form

    def show(self, form: declaration.SectionForm, *, seen: int) -> HttpResponse:
        """Draw the page."""
        return self.render_to_response(
            self.get_context_data(
                form=form,
                section=form.section,
                tabs=tabs(self.dossier, form.answers, form.number),
                reason=form[REASON],
                seen=seen,
            )
        )


def tabs(
    dossier: Dossier, answers: dict[str, Any] | None = None, current: int | str = "papers"
) -> list[dict[str, Any]]:
    """What one may change, for components/seg.html: the sections of the form, and the papers."""
    base = reverse("portal:amend", kwargs={"ref": dossier.submission_ref})
    found = [
        {"text": section["title"], "url": f"{base}?phan={number}", "current": number == current}
        for number, section in declaration.pages(dossier.version, answers or dossier.answers)
    ]
    if papers.boxes(dossier):
        url = reverse("portal:amend_papers", kwargs={"ref": dossier.submission_ref})
        found.append({"text": _("Giấy tờ"), "url": url, "current": current == "papers"})
    return found


class TakeBack(View):
    """The applicant takes the request back; pressing twice does no harm."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page the button stands on."""
        return redirect("portal:dossier", ref=own_dossier(request, kwargs["ref"]).submission_ref)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take it back."""
        dossier = own_dossier(request, kwargs["ref"])
        assert isinstance(request.user, User)
        try:
            amendments.take_back(dossier.pk, by=request.user)
            messages.success(request, _("Đã rút đề nghị sửa. Hồ sơ được giải quyết theo nội dung cũ."))
        except Refused as error:
            messages.info(request, error.told)
        return redirect("portal:dossier", ref=dossier.submission_ref)
