"""The two postal papers, on screen and as PDF: for those who signed them, their desk and their coordinators."""

from abc import abstractmethod
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from buuchinh import access
from buuchinh.models import ConsignmentNote, HandoverRecord, Parcel
from buuchinh.views.base import PostalPage
from danhmuc.models import User
from hoso.services import printing, serving


class PaperPage(PostalPage):
    """A signed paper; `?tep=1` sends the PDF."""

    template: str

    @staticmethod
    def allowed(user: User) -> bool:
        """Anybody with business in the postal module; which papers is judged one by one."""
        return access.is_carrier(user) or access.is_coordinator(user) or bool(access.money_desks_of(user))

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The sheet."""
        facts, name, code = self.paper(pk)
        if request.GET.get("tep"):
            pdf = printing.render(self.template, facts, qr_address=printing.lookup_url(code) if code else "")
            response = HttpResponse(pdf, content_type="application/pdf")
            response["Content-Disposition"] = serving.content_disposition(f"{name}.pdf", inline=True)
            response["Cache-Control"] = "private, no-store"
            return response
        if code:
            facts = facts | {"qr_svg": printing.qr_svg(printing.lookup_url(code))}
        back = reverse("buuchinh:home")
        return render(request, self.template, {"facts": facts, "pdf": False, "back_url": back})

    @abstractmethod
    def paper(self, pk: int) -> tuple[dict[str, Any], str, str]:
        """Facts, file name and dossier code of the paper asked for; 404 for another's."""


class Note(PaperPage):
    """Phiếu gửi hồ sơ."""

    template = "buuchinh/papers/consignment_note.html"

    def paper(self, pk: int) -> tuple[dict[str, Any], str, str]:
        """By the parcel it belongs to."""
        mine = Parcel.objects.visible_to(self.person).filter(pk=pk)
        note = ConsignmentNote.objects.filter(parcel__in=mine).select_related("parcel__dossier").first()
        if note is None:
            raise Http404
        return note.facts, f"Phiếu gửi {note.number}", note.parcel.dossier.public_code


class Record(PaperPage):
    """Biên bản giao nhận."""

    template = "buuchinh/papers/handover_record.html"

    def paper(self, pk: int) -> tuple[dict[str, Any], str, str]:
        """Of one's own desk, one's own hand, or one's own unit."""
        mine = Q(desk_id__in=access.money_desks_of(self.person)) | Q(carrier=self.person)
        for path in access.unit_paths(self.person):
            mine |= Q(unit__path__startswith=path)
        record = HandoverRecord.objects.filter(mine, pk=pk).first()
        if record is None:
            raise Http404
        return record.facts, f"Biên bản giao nhận {record.number}", ""
