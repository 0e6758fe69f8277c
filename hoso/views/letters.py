"""The desk's side of the correspondence about a dossier."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from danhmuc.models import User
from hoso.forms.letters import LetterForm
from hoso.models import Dossier, Letter
from hoso.services import letters
from hoso.services.errors import Refused
from hoso.views.base import DossierView


class Letters(DossierView):
    """Everything written about the dossier, and a box to answer in."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Read; what the applicant wrote is now read."""
        dossier = self.get_dossier()
        self.note_reading(dossier, "đọc tin trao đổi")
        return self.show(dossier, LetterForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer."""
        dossier, form = self.get_dossier(), LetterForm(request.POST)
        if form.is_valid():
            try:
                letters.write(dossier.pk, by=self.officer, text=form.cleaned_data["text"])
            except Refused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, "Đã gửi tin cho người nộp.")
                return HttpResponseRedirect(reverse("hoso:letters", args=[dossier.submission_ref]))
        return self.show(dossier, form)

    def show(self, dossier: Dossier, form: LetterForm) -> HttpResponse:
        """Draw the page."""
        found = letters.read(dossier, self.officer)
        return render(
            self.request,
            "hoso/letters.html",
            {
                "dossier": dossier,
                "items": [item(letter, self.officer) for letter in found],
                "form": form,
                "may_write": letters.may_write(dossier, self.officer),
            },
        )


def item(letter: Letter, reader: User) -> dict[str, Any]:
    """A letter as components/letters.html shows it to an officer."""
    note = ""
    if not letter.from_applicant:
        note = "đã đọc" if letter.read_at else "chưa đọc"
    return {
        "who": f"{letter.author.full_name} (người nộp)" if letter.from_applicant else letter.author.full_name,
        "at": letter.at,
        "text": letter.text,
        "mine": not letter.from_applicant,
        "note": note,
    }
