"""A change the applicant asks for: old and new side by side, and the desk's answer."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from hoso import access
from hoso.forms.amendments import AmendmentForm
from hoso.models import AmendmentFile, Document, Dossier
from hoso.services import amended_papers, amendments, preparing, serving
from hoso.services.case import Case
from hoso.services.errors import Refused, StepRefused
from hoso.views import panels
from hoso.views.base import DossierView, address_of

#: Requests shown at a time.
MOST = 20


def file_url(dossier: Dossier) -> Callable[[Document | AmendmentFile], str]:
    """Where a file of a request, or of the dossier, is opened."""

    def url(file: Document | AmendmentFile) -> str:
        if isinstance(file, Document):
            return panels.document_url(file)
        return reverse("hoso:amendment_file", args=[dossier.submission_ref, file.pk])

    return url


class File(DossierView):
    """A file of a request, before it is part of the dossier or instead of it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The bytes; the opening is noted."""
        dossier = self.get_dossier()
        try:
            file, opened = preparing.file_for(kwargs["pk"], dossier, self.officer, address_of(request))
        except AmendmentFile.DoesNotExist:
            raise Http404("Không có tệp này.") from None
        except Refused as refused:
            return HttpResponse(str(refused), status=409, content_type="text/plain; charset=utf-8")
        return serving.respond(file, opened, as_download="tai" in request.GET)


class Ended(DossierView):
    """What was asked for and did not come about, with its files: they never were papers of the dossier."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The requests refused, taken back or lapsed, the newest first."""
        dossier = self.get_dossier()
        case, url = Case(dossier), file_url(dossier)
        self.note_reading(dossier, "xem đề nghị sửa không thực hiện")
        context = {
            "dossier": dossier,
            "ended": [
                {
                    "request": ended,
                    "rows": amendments.side_by_side(dossier, ended.changes),
                    "papers": amendments.papers_side_by_side(case, ended, url),
                }
                for ended in amendments.ended(dossier)[:MOST]
            ],
        }
        return render(request, "hoso/amendments_ended.html", context)


class Answer(DossierView):
    """Accept or refuse. Once it is answered or taken back the page leads to the dossier."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What stands there, what is asked for."""
        dossier = self.allowed()
        self.note_reading(dossier, "xem đề nghị sửa hồ sơ")
        return self.show(dossier, AmendmentForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The answer of whoever was first counts."""
        dossier, form = self.allowed(), AmendmentForm(request.POST)
        if not form.is_valid():
            return self.show(dossier, form)
        seen = int(request.POST["seen"]) if request.POST.get("seen", "").isdigit() else -1
        try:
            if request.POST.get("decision") == "accept":
                amendments.accept(dossier.pk, by=self.officer, seen=seen)
                messages.success(request, "Đã sửa hồ sơ theo đề nghị và báo cho người nộp.")
            else:
                answer = form.cleaned_data["answer"]
                amendments.refuse(dossier.pk, by=self.officer, answer=answer, seen=seen)
                messages.success(request, "Đã báo cho người nộp là không chấp nhận.")
        except StepRefused as refused:
            return self.show(self.get_dossier(), form, stale=str(refused), status=409)
        except Refused as refused:
            form.add_error("answer" if "lý do" in str(refused) else None, str(refused))
            return self.show(self.get_dossier(), form)
        return HttpResponseRedirect(reverse("hoso:dossier", args=[dossier.submission_ref]))

    def allowed(self) -> Dossier:
        """The dossier, for those who may change its declaration."""
        dossier = self.get_dossier()
        if access.is_own(dossier, self.officer) or not access.may_take(dossier, self.officer, "amend"):
            raise PermissionDenied
        return dossier

    def show(
        self, dossier: Dossier, form: AmendmentForm, *, stale: str = "", status: int = 200
    ) -> HttpResponse:
        """Draw the page, or lead back when nothing waits any more."""
        case = Case(dossier)
        request = case.amendment
        if request is None:
            messages.warning(self.request, stale or "Không có đề nghị sửa nào đang chờ trả lời.")
            return HttpResponseRedirect(reverse("hoso:dossier", args=[dossier.submission_ref]))
        context = {
            "dossier": dossier,
            "request_open": request,
            "rows": amendments.side_by_side(dossier, request.changes),
            "papers": amendments.papers_side_by_side(case, request, file_url(dossier)),
            "compared_anew": dossier.paper_check in amended_papers.COMPARED,
            "form": form,
            "stale": stale,
        }
        return render(self.request, "hoso/amendment.html", context, status=status)
