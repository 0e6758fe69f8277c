"""My dossiers: the list, one dossier followed, a request answered, a dossier taken back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from danhmuc.models import User
from hoso.models import (
    Amendment,
    AmendmentFile,
    Charge,
    Document,
    Dossier,
    Notice,
    Paper,
    State,
    Supplement,
)
from hoso.services import amendments, postal
from hoso.services.case import Case
from hoso.services.dossiers import advance, steps_for
from hoso.services.errors import Refused, StepRefused
from portal.forms.dossiers import AnswerForm, WithdrawForm
from portal.services import answering, paying, surveys, timeline, told, tracking, uploads
from portal.views.base import KeepingMixin, own_dossier, was_taken_since
from portal.views.files import INTERNAL

PAGE = 20
#: From so many on one searches rather than scrolls.
MANY = 10
ENDED = (State.COMPLETED, State.REFUSED_INTAKE, State.WITHDRAWN, State.CLOSED, State.VOIDED)
VIEWS = {
    "": (gettext_lazy("Đang xử lý"), ~Q(state__in=[*ENDED, State.DRAFT])),
    "xong": (gettext_lazy("Đã xong"), Q(state__in=ENDED)),
    "nhap": (gettext_lazy("Nháp"), Q(state=State.DRAFT)),
}
WAITING = Q(state=State.INTAKE_HOLD) | Q(state=State.ON_HOLD)


class DossierList(TemplateView):
    """One's dossiers as slips, those that wait for the person first."""

    template_name = "portal/dossiers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Twenty a page."""
        assert isinstance(self.request.user, User)
        mine = Dossier.objects.of(self.request.user)
        words = self.request.GET.get("tim", "").strip()[:100]
        searchable = mine[: MANY + 1].count() > MANY
        if words:
            mine = mine.matching(words) | mine.filter(version__name__icontains=words)
        chosen = self.request.GET.get("xem", "")
        chosen = chosen if chosen in VIEWS else ""
        counts = mine.aggregate(**{f"n{key}": Count("pk", filter=q) for key, (_, q) in VIEWS.items()})
        rows = mine.filter(VIEWS[chosen][1]).for_list().select_related("organisation")
        rows = rows.order_by("-updated_at", "-pk")
        page = Paginator(rows, PAGE).get_page(self.request.GET.get("page"))
        dossiers = list(page.object_list)
        answered = set(
            Supplement.objects.filter(dossier__in=[d.pk for d in dossiers], status="answered").values_list(
                "dossier_id", flat=True
            )
        )
        unread = set(
            Notice.objects.filter(
                channel=Notice.Channel.PORTAL,
                read_at=None,
                dossier__in=[d.pk for d in dossiers],
            ).values_list("dossier_id", flat=True)
        )
        owing = set(
            Charge.objects.filter(
                dossier__in=[d.pk for d in dossiers if d.is_open], status=Charge.Status.DUE
            ).values_list("dossier_id", flat=True)
        )
        waiting = list(
            mine.filter(WAITING).exclude(supplements__status="answered").for_list().order_by("wait_until")[:5]
        )
        return super().get_context_data(
            page=page,
            tickets=[
                tracking.ticket(
                    d, url=address(d), answered=d.pk in answered, unread=d.pk in unread, owes=d.pk in owing
                )
                for d in dossiers
            ],
            seg=[
                {
                    "text": label,
                    "url": "?" + urlencode({k: v for k, v in (("xem", key), ("tim", words)) if v}),
                    "count": counts[f"n{key}"],
                    "current": key == chosen,
                }
                for key, (label, _) in VIEWS.items()
            ],
            waiting=[{"name": d.version.name, "url": address(d), "until": d.wait_until} for d in waiting],
            chosen=chosen,
            words=words,
            searchable=searchable or bool(words),
            **kwargs,
        )


def address(dossier: Dossier) -> str:
    """Where one goes on with it: the list of parts for a draft, else the page that follows it."""
    name = "portal:draft" if dossier.state == State.DRAFT else "portal:dossier"
    return reverse(name, kwargs={"ref": dossier.submission_ref})


class DossierPage(TemplateView):
    """One dossier: whose turn, which dates, what has happened, papers and money."""

    template_name = "portal/dossier.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page; a draft is followed where it is written."""
        dossier = own_dossier(request, kwargs["ref"])
        if dossier.state == State.DRAFT:
            return redirect("portal:draft", ref=dossier.submission_ref)
        return self.render_to_response(self.context(dossier))

    def context(self, dossier: Dossier) -> dict[str, Any]:
        """Everything the applicant may know."""
        assert isinstance(self.request.user, User)
        events = list(dossier.events.order_by("seq"))
        request = tracking.open_request(dossier)
        answered = request is not None and request.status == Supplement.Status.ANSWERED
        notices = list(dossier.notices.filter(channel=Notice.Channel.PORTAL).order_by("-pk")[:30])
        letters = told.letters(notices)
        unread = [n.pk for n in notices if n.read_at is None]
        if unread:  # what was shown has been read; officers see that it was
            Notice.objects.filter(pk__in=unread).update(read_at=timezone.now())
        charges = list(dossier.charges.exclude(status=Charge.Status.CANCELLED).order_by("seq"))
        papers = list(
            dossier.papers.exclude(kind__in=INTERNAL).exclude(kind=Paper.Kind.RESULT).order_by("-pk")
        )
        waiting = tracking.waiting_amendment(dossier) if dossier.accepted_at else None
        choice = getattr(dossier, "postal", None)
        money, refunds = paying.money_card(dossier, charges), paying.refunds_of(dossier)
        open_steps = {name for name, _ in steps_for(dossier, self.request.user)}
        return {
            "dossier": dossier,
            "version": dossier.version,
            "ticket": tracking.ticket(dossier, heading=1, answered=answered, owes=bool(money["due"])),
            "dates": tracking.dates(dossier),
            "request_open": request if request and not answered else None,
            "request_answered": request if answered else None,
            "steps": tracking.steps(dossier, answered=answered),
            "clock": tracking.clock(dossier, events),
            "history": timeline.history(dossier, events, [n for n in letters if n["postal"]]),
            "notices": letters,
            "postal": choice,
            "money": money,
            "refunds": refunds,
            "refund_asks": next((one for one in refunds if one["refund"].asks_account), None),
            "papers": [
                {
                    "name": p.get_kind_display(),
                    "url": reverse("portal:paper", kwargs={"ref": dossier.submission_ref, "pk": p.pk}),
                    "note": p.number,
                }
                for p in papers
            ],
            "files": [
                {
                    "name": d.name,
                    "url": reverse("portal:file", kwargs={"ref": dossier.submission_ref, "pk": d.pk}),
                    "size": d.size,
                    "note": d.title,
                }
                for d in dossier.documents.filter(
                    removed_at=None, replaced_by=None, kind__in=Document.GIVEN
                ).order_by("pk")
            ],
            "result": _result(dossier),
            "ending": tracking.ending(dossier, events),
            "holder": tracking.holder(dossier),
            "late": tracking.lateness(dossier, events),
            "ways_open": bool(postal.changeable(dossier, choice)),
            "may_amend": tracking.may_amend(dossier),
            "amendment": waiting,
            "amendment_rows": amendments.side_by_side(dossier, waiting.changes) if waiting else [],
            "amendment_papers": _papers_asked(dossier, waiting) if waiting else [],
            "may_withdraw": "withdraw" in open_steps,
            "survey_open": surveys.is_open(dossier),
            "letters": dossier.letters.aggregate(
                all=Count("pk"), unread=Count("pk", filter=Q(from_applicant=False, read_at=None))
            ),
            "contact": tracking.desk_contact(dossier),
        }


def _papers_asked(dossier: Dossier, waiting: Amendment) -> list[dict[str, Any]]:
    """The files of the change asked for, as one's own pages open them."""
    ref = dossier.submission_ref

    def url(file: Document | AmendmentFile) -> str:
        name = "portal:file" if isinstance(file, Document) else "portal:amendment_file"
        return reverse(name, kwargs={"ref": ref, "pk": file.pk})

    return amendments.papers_side_by_side(Case(dossier), waiting, url)


def _result(dossier: Dossier) -> dict[str, Any] | None:
    """The result to download, once it was handed over."""
    if dossier.state != State.COMPLETED:
        return None
    paper = dossier.papers.filter(kind=Paper.Kind.RESULT).order_by("-seq").first()
    if paper is None:
        return None
    url = reverse("portal:paper", kwargs={"ref": dossier.submission_ref, "pk": paper.pk})
    return {
        "name": paper.facts.get("kind") or dossier.version.result_name,
        "number": paper.number,
        "url": url,
        "code": paper.verify_code,
    }


class Answer(KeepingMixin, TemplateView):
    """A request for completion or supplement, answered item by item."""

    template_name = "portal/answer.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The dossier and the request that waits."""
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = own_dossier(request, kwargs["ref"])
            self.asked = tracking.open_request(self.dossier)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The items, each with a file box and a text box."""
        if self.asked is None:
            return self.nothing()
        initial: dict[str, Any] = {"seen": self.dossier.last_seq}
        for item in self.asked.items.all():
            initial[f"text-{item.order}"] = item.answer
        if self.kept is not None:
            initial |= {name: value for name, value in self.kept.items() if name.startswith("text-")}
        return self.show(self.make(initial=initial))

    def make(self, *args: Any, **kwargs: Any) -> AnswerForm:
        """The form, with the files that came with a page that could not be sent."""
        assert self.asked is not None
        assert isinstance(self.request.user, User)
        held = uploads.held(self.dossier, by=self.request.user)
        return AnswerForm(self.asked.items.all(), *args, held=held, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send the answers, all or none; what cannot be sent yet is kept, files and all."""
        if self.asked is None:
            return self.nothing()
        assert isinstance(request.user, User)
        form = self.make(request.POST, request.FILES)
        if form.is_valid() and "_drop" not in request.POST:
            given = {
                item.order: answering.Given(
                    text=form.cleaned_data[f"text-{item.order}"],
                    upload=next(iter(form.cleaned_data[f"file-{item.order}"]), None),
                    held=form.held.get(item.order),
                )
                for item in form.items
            }
            seen = form.cleaned_data["seen"]
            try:
                answering.answer(self.dossier, self.asked, given, by=request.user, seen=seen)
                messages.success(request, _("Đã gửi bổ sung. Bộ phận Một cửa sẽ kiểm tra và báo cho ông/bà."))
                return redirect("portal:dossier", ref=self.dossier.submission_ref)
            except answering.BadFiles as error:
                for order, text in error.by_item.items():
                    form.add_error(f"file-{order}", text)
            except answering.Unanswered as error:
                for order in error.orders:
                    form.add_error(
                        f"text-{order}", _("Mục %(n)s: tải giấy tờ lên hoặc trả lời bằng lời") % {"n": order}
                    )
            except StepRefused as error:
                return self.overtaken(error, seen, by=request.user)
            except Refused as error:
                form.add_error(None, error.told)
        return self.keep(form, request.user)

    def overtaken(self, error: StepRefused, seen: int | None, *, by: User) -> HttpResponse:
        """Somebody was faster. While the request still waits for this answer, words and files stay on the page."""
        before, self.dossier = self.asked, own_dossier(self.request, self.kwargs["ref"])
        self.asked = tracking.open_request(self.dossier)
        if self.asked != before or was_taken_since(self.dossier, seen, "resubmit", "answer_supplement"):
            messages.warning(self.request, error.told)
            return redirect("portal:dossier", ref=self.dossier.submission_ref)
        still = _("Nội dung và tệp vừa nhập vẫn còn ở dưới; xem lại rồi bấm gửi lần nữa.")
        messages.warning(self.request, format_html("{} {}", error.told, still))
        data = self.request.POST.copy()
        data["seen"] = str(self.dossier.last_seq)
        return self.keep(self.make(data, self.request.FILES), by)

    def keep(self, form: AnswerForm, by: User) -> HttpResponse:
        """The page again: its words, its good files, what is wrong."""
        if (gone := self.request.POST.get("_drop", "")).isdigit():
            uploads.release(self.dossier, [int(gone)], by=by)
        for item in form.items:
            name = f"file-{item.order}"
            file = next(iter(self.request.FILES.getlist(name)), None)
            if name in form.errors:
                uploads.release(self.dossier, [item.order], by=by)
            elif isinstance(file, UploadedFile):
                try:
                    uploads.hold(self.dossier, item.order, file, by=by)
                except Refused as error:
                    form.add_error(name, error.told)
        form.held = uploads.held(self.dossier, by=by)
        if "_drop" not in self.request.POST:
            return self.show(form)
        initial = {name: value for name, value in self.request.POST.items() if name in form.fields}
        return self.show(self.make(initial=initial))

    def show(self, form: AnswerForm) -> HttpResponse:
        """Draw the page."""
        return self.render_to_response({"form": form, "dossier": self.dossier, "asked": self.asked})

    def nothing(self) -> HttpResponse:
        """No request waits any more."""
        messages.info(self.request, _("Hồ sơ không có yêu cầu bổ sung nào đang chờ ông/bà."))
        return redirect("portal:dossier", ref=self.dossier.submission_ref)


class Withdraw(KeepingMixin, TemplateView):
    """Taking a dossier back before any decision (NĐ118 Art 21)."""

    template_name = "portal/withdraw.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The dossier."""
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = own_dossier(request, kwargs["ref"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The question whether it is meant."""
        if self.kept is not None:
            return self.show(WithdrawForm(initial=self.kept.dict()))
        return self.show(WithdrawForm(initial={"seen": self.dossier.last_seq}))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Withdraw."""
        assert isinstance(request.user, User)
        form = WithdrawForm(request.POST)
        if form.is_valid():
            try:
                advance(
                    self.dossier.pk,
                    "withdraw",
                    by=request.user,
                    seen=form.cleaned_data["seen"],
                    note=form.cleaned_data["note"],
                )
                messages.success(request, _("Đã rút hồ sơ."))
                return redirect("portal:dossier", ref=self.dossier.submission_ref)
            except StepRefused as error:
                messages.warning(request, error.told)
                self.dossier = own_dossier(request, self.kwargs["ref"])
                seen, note = self.dossier.last_seq, form.cleaned_data["note"]
                return self.show(WithdrawForm(initial={"seen": seen, "note": note}))
            except Refused as error:
                form.add_error(None, error.told)
        return self.show(form)

    def show(self, form: WithdrawForm) -> HttpResponse:
        """Draw the page, or say that it is too late."""
        assert isinstance(self.request.user, User)
        if "withdraw" not in {name for name, _ in steps_for(self.dossier, self.request.user)}:
            messages.info(self.request, _("Hồ sơ này không rút được nữa."))
            return redirect("portal:dossier", ref=self.dossier.submission_ref)
        charges = self.dossier.charges.all()
        context = {
            "form": form,
            "dossier": self.dossier,
            "paid": sum(c.amount for c in charges if c.status == Charge.Status.PAID),
            "due": sum(c.amount for c in charges if c.status == Charge.Status.DUE),
            "with_papers": self.dossier.channel != Dossier.Channel.ONLINE
            or self.dossier.paper_check
            not in {Dossier.PaperCheck.NOT_REQUIRED, Dossier.PaperCheck.AWAITING_PAPER},
        }
        return self.render_to_response(context)
