"""Files of one's own dossier: what was uploaded, the slips issued, the result."""

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.generic import View

from hoso.models import Document, Paper
from hoso.services import documents, printing, serving
from hoso.services.errors import Refused
from portal.views.base import own_dossier

#: Slips of the office's own.
INTERNAL = (Paper.Kind.CONTROL_SLIP, Paper.Kind.TRANSFER_SLIP)


class File(View):
    """A document of the dossier, as far as the applicant may open it."""

    def get(self, request: HttpRequest, ref: str, pk: str) -> HttpResponseBase:
        """The bytes."""
        dossier = own_dossier(request, ref)
        get_object_or_404(Document, pk=int(pk), dossier=dossier)
        return send(request, ref, int(pk))


class Preview(View):
    """A small picture of a page, to be recognised by."""

    def get(self, request: HttpRequest, ref: str, pk: str, page: str) -> HttpResponseBase:
        """The bytes."""
        dossier = own_dossier(request, ref)
        get_object_or_404(Document, pk=int(pk), dossier=dossier)
        user: Any = request.user
        try:
            path = documents.preview_for(int(pk), user, int(page))
        except Document.DoesNotExist:
            raise Http404 from None
        return picture(path)


class PaperFile(View):
    """A slip as PDF; made now when nobody has asked for it before."""

    def get(self, request: HttpRequest, ref: str, pk: str) -> HttpResponseBase:
        """The bytes."""
        dossier = own_dossier(request, ref)
        paper = get_object_or_404(dossier.papers.exclude(kind__in=INTERNAL), pk=int(pk))
        if paper.kind == Paper.Kind.RESULT and dossier.state != "completed":
            raise Http404
        try:
            document = printing.file(paper)
        except Refused as error:
            messages.error(request, error.told)
            return redirect("portal:dossier", ref=ref)
        return send(request, ref, document.pk)


def picture(path: Path) -> HttpResponse:
    """A small picture; its bytes never change, so the browser may keep them for a while."""
    response = HttpResponse(path.read_bytes(), content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def send(request: HttpRequest, ref: str, pk: int) -> HttpResponseBase:
    """A file the person may open; a reason in words otherwise."""
    user: Any = request.user
    try:
        document, file = documents.open_for(pk, user, request.META.get("REMOTE_ADDR"))
    except Document.DoesNotExist:
        raise Http404 from None
    except Refused as error:
        messages.error(request, error.told)
        return redirect("portal:dossier", ref=ref)
    return serving.respond(document, file, as_download="tai" in request.GET)
