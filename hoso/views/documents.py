"""Files and printed forms: opened by those who may, each opening noted."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from danhmuc.models import User
from hoso.forms.documents import DocumentFactsForm
from hoso.models import Document, Dossier, Paper
from hoso.services import documents, paper_facts, printing, serving
from hoso.services.case import Case
from hoso.services.errors import Refused
from hoso.views.base import DossierView, OfficerRequired, address_of


class DocumentFile(OfficerRequired):
    """One file, shown in the page or downloaded with `?tai=1`."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The bytes; another's document does not exist."""
        try:
            document, file = documents.open_for(pk, self.officer, address_of(request))
        except Document.DoesNotExist:
            raise Http404("Không có giấy tờ này.") from None
        except Refused as refused:
            return HttpResponse(str(refused), status=409, content_type="text/plain; charset=utf-8")
        return serving.respond(document, file, as_download="tai" in request.GET)


class DocumentFacts(OfficerRequired):
    """The number, day and validity of one paper, put down by whoever handles the dossier."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Another's document does not exist; neither do facts of what this system issued itself."""
        if isinstance(request.user, User) and request.user.is_officer:
            mine = Document.objects.filter(kind__in=Document.GIVEN, replaced_by=None, removed_at=None)
            self.document = get_object_or_404(
                mine.filter(dossier__in=Dossier.objects.visible_to(request.user)).select_related("dossier"),
                pk=kwargs["pk"],
            )
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """With what is known."""
        names = ("number", "issued_on", "valid_to")
        return self.show(DocumentFactsForm(initial={name: getattr(self.document, name) for name in names}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Keep it."""
        form, dossier = DocumentFactsForm(request.POST), self.document.dossier
        if not form.is_valid():
            return self.show(form)
        try:
            documents.describe(dossier.pk, pk, by=self.officer, **form.cleaned_data)
            messages.success(request, f"Đã ghi số liệu của “{self.document.name}”.")
        except (Document.DoesNotExist, Dossier.DoesNotExist):
            raise Http404("Không có giấy tờ này.") from None
        except Refused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("hoso:dossier", args=[dossier.submission_ref]))

    def show(self, form: DocumentFactsForm) -> HttpResponse:
        """Draw the page."""
        context = {"form": form, "document": self.document, "dossier": self.document.dossier}
        return render(self.request, "hoso/document_facts.html", context)


class PaperFile(OfficerRequired):
    """A printed form; its file is made on first opening."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The filed PDF, or a marked reprint with `?in-lai=1`."""
        mine = Dossier.objects.visible_to(self.officer)
        paper = get_object_or_404(Paper.objects.select_related("dossier"), pk=pk, dossier__in=mine)
        try:
            if "in-lai" in request.GET:
                return _pdf(
                    printing.reprint(paper, by=self.officer, ip=address_of(request)), "phieu-in-lai.pdf"
                )
            filed = printing.file(paper)
            document, file = documents.open_for(filed.pk, self.officer, address_of(request))
        except Refused as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(reverse("hoso:dossier", args=[paper.dossier.submission_ref]))
        return serving.respond(document, file, as_download="tai" in request.GET)


class ControlSlip(DossierView):
    """The control slip as the handover log now stands; it is no issued paper and takes no number."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A PDF drawn afresh."""
        dossier = self.get_dossier()
        case = Case(dossier)
        if dossier.accepted_at is None or case.last is None:
            raise Http404("Hồ sơ chưa tiếp nhận nên chưa có phiếu kiểm soát.")
        self.note_reading(dossier, "in phiếu kiểm soát")
        now = timezone.now()
        kind = Paper.Kind.CONTROL_SLIP
        paper = Paper(
            dossier=dossier,
            kind=kind,
            form_set=case.law.forms(now).key,
            issued_by=self.officer,
            issued_at=now,
        )
        facts = paper_facts.control_slip(case, case.last, paper)
        pdf = printing.render(
            printing.template_of(kind), facts, qr_address=printing.lookup_url(dossier.public_code)
        )
        return _pdf(pdf, f"phieu-kiem-soat-{dossier.public_code}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = serving.content_disposition(name, inline=True)
    response.headers["Cache-Control"] = "private, no-store"
    return response
