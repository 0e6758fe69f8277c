"""Changing the papers of a filed dossier: files are prepared here, then sent together (domain §6.5)."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.generic import View

from config.ui import sentence
from hoso.models import Amendment, AmendmentFile, Document
from hoso.services import amended_papers, amendments, expiry, preparing, serving
from hoso.services.errors import Refused, StepRefused
from portal.forms.dossiers import AmendPapersForm
from portal.services import papers, uploads
from portal.views import files
from portal.views.amend import AmendView, tabs
from portal.views.base import own_dossier
from portal.views.papers import OFFERED_AT_ONCE, offer_row
from portal.views.taking import TakingMixin, file_row

#: Buttons of one file: nothing is sent by them, and what was typed stays.
ACTS = ("_out", "_in", "_remove", "_drop", "_reuse", "_keep")


class AmendPapers(TakingMixin, AmendView):
    """One card a paper: what is in the dossier, what goes, what comes."""

    template_name = "portal/amend_papers.html"
    headings = gettext_lazy("Sửa giấy tờ"), gettext_lazy("Đề nghị sửa giấy tờ")

    def elsewhere(self) -> HttpResponse | None:
        """Where to go when nothing can be changed, or the procedure asks for no paper."""
        if found := super().elsewhere():
            return found
        return None if self.boxes else redirect("portal:amend", ref=self.dossier.submission_ref)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The cards, with what was prepared before."""
        return self.elsewhere() or self.show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Prepare something, or send it all."""
        if elsewhere := self.elsewhere():
            return elsewhere
        act = next((name for name in ACTS if name in request.POST), "")
        if act:
            return self.prepare(act, request.POST[act])
        form = self.form(request.POST, request.FILES)
        valid, taken = form.is_valid(), 0
        for box in self.boxes:
            came, wrong = self.take(box.name, form.cleaned_data.get(box.name) or [])
            taken += came
            for text in wrong:
                form.add_error(box.name, text)
        if "_upload" in request.POST or form.errors or not valid:
            return self.stay(form, taken)
        return self.send(form)

    def prepare(self, act: str, value: str) -> HttpResponse:
        """One file in or out; pressing twice does no harm."""
        pk, by = self.dossier.pk, self.applicant
        try:
            if reason := self.request.POST.get("reason", "").strip():
                preparing.keep_reason(pk, reason, by=by)
            if act == "_keep":
                preparing.keep_longer(pk, by=by)
            elif act == "_drop":
                uploads.drop(self.dossier, UUID(value), by=by)
            elif act == "_reuse":
                held, _colon, name = value.partition(":")
                box = next(b for b in self.boxes if b.name == name)
                file = papers.prepare_again(self.dossier, int(held), box, by=by)
                words = sentence(_("Đã chọn dùng lại %(name)s, chưa gửi."), name=file.name)
                messages.success(self.request, words)
            elif act == "_remove":
                preparing.forget_file(pk, int(value), by=by)
            else:
                preparing.leave_out(pk, int(value), by=by, out=act == "_out")
        except (ValueError, StopIteration, Document.DoesNotExist):
            raise Http404 from None
        except Refused as error:
            messages.error(self.request, error.told)
        return self.again()

    def stay(self, form: AmendPapersForm, taken: int) -> HttpResponse:
        """Files were taken in and nothing is sent: what is wrong stands beside its box."""
        if reason := form.cleaned_data.get("reason", "").strip():
            preparing.keep_reason(self.dossier.pk, reason, by=self.applicant)
        if taken:
            words = ngettext("Đã lưu %(n)d tệp, chưa gửi.", "Đã lưu %(n)d tệp, chưa gửi.", taken)
            messages.success(self.request, words % {"n": taken})
        if "_upload" in self.request.POST:
            form.errors.pop("reason", None)  # asked for only when it is sent
        return self.show(form) if form.errors else self.again()

    def send(self, form: AmendPapersForm) -> HttpResponse:
        """One call of the service."""
        reason = form.cleaned_data["reason"]
        unfinished = self.dossier.uploads.filter(
            owner=self.applicant, state__in=["receiving", "ready"], box__in=[box.name for box in self.boxes]
        )
        if unfinished.exists():
            form.add_error(
                None, _("Có tệp chưa tải lên hết hoặc đang xử lý. Chờ ít giây, hoặc bấm “Bỏ” ở tệp ấy.")
            )
            return self.show(form)
        writing = preparing.being_written(self.dossier)
        values = papers.answers_after(self.dossier, writing) if writing else {}
        try:
            amendments.send(
                self.dossier.pk,
                by=self.applicant,
                reason=reason,
                values=values,
                seen=form.cleaned_data["seen"],
            )
        except StepRefused as error:
            if reason.strip():
                preparing.keep_reason(self.dossier.pk, reason, by=self.applicant)
            again = _("Tệp đã chọn vẫn còn ở dưới; xem lại rồi gửi lần nữa.")
            messages.warning(self.request, format_html("{} {}", error.told, again))
            return self.again()
        except Refused as error:
            form.add_error(None, error.told)
            return self.show(form)
        if self.asks:
            words = _(
                "Đã gửi đề nghị sửa. Bộ phận Một cửa sẽ xem xét và báo cho ông/bà; ngày hẹn trả không đổi."
            )
        else:
            words = _("Đã sửa giấy tờ của hồ sơ. Tệp cũ vẫn lưu trong lịch sử hồ sơ.")
        messages.success(self.request, words)
        return redirect("portal:dossier", ref=self.dossier.submission_ref)

    def again(self) -> HttpResponse:
        """The page anew."""
        return redirect("portal:amend_papers", ref=self.dossier.submission_ref)

    def form(self, *data: Any, **kwargs: Any) -> AmendPapersForm:
        """Boxes for files and the reason."""
        return AmendPapersForm(self.boxes, self.limit, self.asks, *data, **kwargs)

    def show(self, form: AmendPapersForm | None = None) -> HttpResponse:
        """Draw the page."""
        writing = preparing.being_written(self.dossier)
        if form is None:
            typed = self.kept.get("reason", "") if self.kept is not None else ""
            said = [request.reason for request in (writing, self.waiting) if request is not None]
            reason = next(filter(None, [typed, *said]), "")
            form = self.form(initial={"seen": self.dossier.last_seq, "reason": reason})
        cards = self.cards(form, writing)
        prepared = writing is not None and (
            writing.reason or writing.dropped or any(card["new"] for card in cards)
        )
        return self.render_to_response(
            self.get_context_data(
                form=form,
                cards=cards,
                tabs=tabs(self.dossier, current="papers"),
                until=expiry.kept_until(writing) if writing and prepared else None,
                ending=writing is not None and expiry.is_ending(writing),
                keep_days=settings.AMENDMENT_DAYS,
                limit=self.limit,
                busy=any(row["busy"] for card in cards for row in card["coming"]),
                sending=self.sending(),
            )
        )

    def cards(self, form: AmendPapersForm, writing: Amendment | None) -> list[dict[str, Any]]:
        """What portal/amend_card.html takes, one a paper."""
        present = list(
            self.dossier.documents.filter(
                replaced_by=None, removed_at=None, kind__in=[Document.Kind.UPLOAD, Document.Kind.SCAN]
            )
            .select_related("source__dossier")
            .order_by("pk")
        )
        coming = self.coming()
        held = list(papers.reusable(self.dossier, self.applicant)[: papers.MOST_OFFERED])
        prepared, asked = _files(writing), _files(self.waiting)
        out = set(writing.dropped if writing else ())
        asked_out = set(self.waiting.dropped if self.waiting else ())
        cards = []
        for number, box in enumerate(self.boxes, start=1):
            mine = [d for d in present if box.holds(d)]
            new = [f for f in prepared if box.holds(f)]
            rows = [row for row in coming if row["box"] == box.name]
            offered = [o for o in papers.offers(box, held) if o.suits][:OFFERED_AT_ONCE]
            level, mark, icon = _state(mine, new, out)
            if form.errors.get(box.name) or any(row["wrong"] for row in rows):
                level, mark, icon = "late", _("Cần sửa"), "triangle"
            cards.append(
                {
                    "id": f"gt-{box.name}",
                    "number": number,
                    "title": box.label,
                    "level": level,
                    "mark": mark,
                    "icon": icon,
                    "present": [self.present(d, out, asked_out) for d in mine],
                    "new": [file_row(self.dossier, f) for f in new],
                    "asked": [file_row(self.dossier, f) for f in asked if box.holds(f)],
                    "coming": rows,
                    "offers": [offer_row(o, box.name) for o in offered] if not new else [],
                    "field": form[box.name],
                }
            )
        return cards

    def present(self, document: Document, out: set[int], asked_out: set[int]) -> dict[str, Any]:
        """A file of the dossier, and whether it is to go."""
        may_go = amended_papers.may_go(document) and document.pk not in asked_out
        return file_row(self.dossier, document) | {
            "out": document.pk in out,
            "asked_out": document.pk in asked_out,
            "may_go": may_go,
        }


class File(View):
    """A file held apart, for the one whose dossier it is."""

    def get(self, request: HttpRequest, ref: str, pk: str) -> HttpResponseBase:
        """The bytes."""
        dossier = own_dossier(request, ref)
        user: Any = request.user
        try:
            file, opened = preparing.file_for(int(pk), dossier, user, request.META.get("REMOTE_ADDR"))
        except AmendmentFile.DoesNotExist:
            raise Http404 from None
        except Refused as error:
            messages.error(request, error.told)
            return redirect("portal:amend_papers", ref=ref)
        return serving.respond(file, opened, as_download="tai" in request.GET)


class Preview(View):
    """A small picture of a page of such a file."""

    def get(self, request: HttpRequest, ref: str, pk: str, page: str) -> HttpResponseBase:
        """The bytes."""
        dossier = own_dossier(request, ref)
        user: Any = request.user
        try:
            return files.picture(preparing.preview_for(int(pk), dossier, user, int(page)))
        except AmendmentFile.DoesNotExist:
            raise Http404 from None


def _files(request: Amendment | None) -> list[AmendmentFile]:
    return list(request.files.select_related("source__dossier")) if request else []


def _state(mine: list[Document], new: list[AmendmentFile], out: set[int]) -> tuple[str, str, str]:
    """How a card stands: changed, as it is, or empty."""
    stay = [d for d in mine if d.pk not in out]
    if new or len(stay) < len(mine):
        return "soon", _("Có thay đổi, chưa gửi"), "edit"
    return ("ok", pgettext("tình trạng", "Không đổi"), "check") if stay else ("off", _("Chưa có"), "")
