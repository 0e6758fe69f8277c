"""Applying: the last look, the filing and its proof."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from config.formats import filesize_vi, vnd, vndate
from hoso.forms import declaration
from hoso.models import Document, Dossier, Paper, PostalChoice, State
from hoso.services import printing
from hoso.services.errors import Refused, StepRefused
from portal.forms.apply import DeclareForm
from portal.services import behalf, drafts, paying
from portal.views.base import KeepingMixin, own_dossier
from portal.views.flow import FlowView, given_in


class Check(FlowView):
    """The answers once more, the applicant's word, and the one button that files."""

    template_name = "portal/check.html"
    part = "check"
    title = gettext_lazy("Kiểm tra trước khi nộp")
    reads = ("version__components",)

    def declaration_text(self) -> str:
        """The promise the form names."""
        return str(
            self.dossier.version.eform.get("declaration")
            or _("Tôi cam đoan thông tin và giấy tờ trên là đúng sự thật, chịu trách nhiệm trước pháp luật.")
        )

    def show(self, **context: Any) -> HttpResponse:
        """Everything that will be filed."""
        dossier = self.dossier
        documents = list(given_in(dossier).order_by("pk"))
        shown = drafts.fingerprint(dossier, documents, self.postal)
        form = context.pop("form", None) or DeclareForm(
            self.declaration_text(), initial={"seen": dossier.last_seq}
        )
        if form.is_bound:  # what this answer shows is what the next press promises
            form.data = {**form.data, "shown": shown}
        form.initial["shown"] = shown
        files: dict[tuple[str, str], list[str]] = {}
        for document in documents:
            part = "on_behalf" if document.kind == Document.Kind.AUTHORITY else "papers"
            words = f"{document.name} ({filesize_vi(document.size)})"
            files.setdefault((part, document.title), []).append(words)
        have = {d.component_id for d in documents if d.kind == Document.Kind.UPLOAD}
        return super().show(
            form=form,
            shown=[
                {
                    "title": s.title,
                    "rows": [
                        {
                            "label": label,
                            "value": text,
                            "url": self.address(f"section:{s.number}") + "?ve=kiem-tra",
                        }
                        for label, text in s.rows
                    ],
                }
                for s in declaration.display(dossier.version, dossier.answers)
                if s.rows
            ],
            files=[
                {"label": title, "lines": names, "url": self.address(part) + "?ve=kiem-tra"}
                for (part, title), names in files.items()
            ],
            ways=self.ways(),
            agency=[
                {
                    "label": _("Cơ quan giải quyết"),
                    "value": dossier.resolving_agency.name,
                    "url": reverse("portal:draft_agency", kwargs={"ref": dossier.submission_ref}),
                },
                {
                    "label": _("Nộp cho ai"),
                    "value": behalf.in_words(dossier),
                    "url": self.address("on_behalf") + "?ve=kiem-tra",
                },
            ],
            problems=[
                {"url": self.address(part), "text": text} for part, text in drafts.problems(dossier, have)
            ],
            **context,
        )

    @cached_property
    def postal(self) -> PostalChoice | None:
        """What is asked of the post."""
        return PostalChoice.objects.filter(dossier=self.dossier).first()

    def ways(self) -> list[dict[str, Any]]:
        """Ways and fees in words."""
        dossier, url = self.dossier, self.address("ways") + "?ve=kiem-tra"
        rows: list[dict[str, Any]] = []
        postal = self.postal
        if dossier.papers_by != Dossier.PapersBy.NONE:
            lines = [_(dossier.get_papers_by_display())]
            if postal is not None and postal.pickup_on:
                lines += [
                    postal.pickup_address,
                    _("%(part)s ngày %(day)s")
                    % {"part": _(postal.get_pickup_part_display()), "day": vndate(postal.pickup_on)},
                ]
            rows.append({"label": _("Nộp bản giấy"), "lines": lines, "url": url})
        lines = [_(dossier.get_return_by_display())]
        if postal is not None and postal.delivery_address:
            lines += [postal.receiver, postal.delivery_address]
        rows.append({"label": _("Nhận kết quả"), "lines": lines, "url": url})
        fees = paying.foreseen(dossier)
        text = [f"{fee['label']}: {vnd(fee['amount'])}" for fee in fees] or [_("Không thu")]
        rows.append({"label": _("Phí, lệ phí"), "lines": text, "url": ""})
        return rows

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """File it. Pressed twice, both presses lead to the one submission."""
        if self.dossier.state == State.SUBMITTED and self.dossier.accepted_at is None:
            return self.filed()
        if elsewhere := self.elsewhere():
            return elsewhere
        form = DeclareForm(self.declaration_text(), request.POST.dict())
        if form.is_valid():
            seen, shown = form.cleaned_data["seen"], form.cleaned_data["shown"]
            try:
                drafts.submit(self.dossier.pk, by=self.applicant, seen=seen, shown=shown)
                return self.filed()
            except StepRefused as error:
                if Dossier.objects.filter(pk=self.dossier.pk, state=State.SUBMITTED).exists():
                    return self.filed()
                return self.stale(error)
            except drafts.ChangedMeanwhile as error:
                messages.error(request, error.told)
                return redirect("portal:check", ref=self.dossier.submission_ref)
            except Refused as error:
                form.add_error(None, error.told)
        return self.show(form=form)

    def filed(self) -> HttpResponse:
        """On to the confirmation, or straight to paying where the review waits for the money."""
        ref = self.dossier.submission_ref
        if charges_before_intake(self.dossier):
            messages.success(
                self.request,
                _("Đã nộp hồ sơ, mã %(ref)s. Nộp tiền để bắt đầu tính thời hạn kiểm tra.") % {"ref": ref},
            )
            return redirect("portal:payment", ref=ref)
        return redirect("portal:done", ref=ref)


class Done(KeepingMixin, TemplateView):
    """What was filed: the reference, and the proof with size and SHA-256 of every file."""

    template_name = "portal/done.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The confirmation; it may be opened again later."""
        dossier = own_dossier(request, kwargs["ref"])
        if dossier.state == State.DRAFT:
            return redirect("portal:draft", ref=dossier.submission_ref)
        proof = dossier.papers.filter(kind=Paper.Kind.SUBMISSION_PROOF).order_by("seq").first()
        filed = dossier.documents.filter(removed_at=None, kind__in=Document.GIVEN)
        if dossier.submitted_at:
            filed = filed.filter(added_at__lte=dossier.submitted_at)
        files = [
            {
                "name": f.name,
                "size": f.size,
                "note": f.title,
                "checksum": f.sha256,
                "url": "",
                "level": "",
                "mark": "",
            }
            for f in filed.order_by("pk")
        ]
        return self.render_to_response(
            {
                "dossier": dossier,
                "version": dossier.version,
                "proof": proof,
                "files": files,
                "qr": mark_safe(printing.qr_svg(printing.lookup_url(dossier.submission_ref))),
                "due": charges_before_intake(dossier),
            }
        )


def charges_before_intake(dossier: Dossier) -> int:
    """What has to be paid before the desk looks, in đồng."""
    due = dossier.charges.filter(status="due", stage="before_intake").aggregate(
        n=Count("pk", filter=Q(amount__gt=0))
    )
    return int(due["n"])
