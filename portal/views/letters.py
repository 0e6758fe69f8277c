"""The applicant's side of the correspondence with the desk."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from danhmuc.models import User
from hoso.forms.letters import LetterForm
from hoso.models import Letter
from hoso.services import letters
from hoso.services.errors import Refused
from portal.views.base import KeepingMixin, own_dossier


class Letters(KeepingMixin, TemplateView):
    """What was written about one's dossier, with read marks, and a box to write in."""

    template_name = "portal/letters.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Read; what the desk wrote is now read."""
        initial = {"text": self.kept.get("text", "")} if self.kept is not None else None
        return self.show(LetterForm(initial=initial))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Write."""
        form = LetterForm(request.POST)
        dossier = own_dossier(request, self.kwargs["ref"])
        if form.is_valid():
            assert isinstance(request.user, User)
            try:
                letters.write(dossier.pk, by=request.user, text=form.cleaned_data["text"])
            except Refused as refused:
                form.add_error(None, refused.told)
            else:
                messages.success(
                    request, _("Đã gửi. Bộ phận Một cửa trả lời trong giờ làm việc; ông/bà sẽ được báo.")
                )
                return redirect("portal:letters", ref=dossier.submission_ref)
        return self.show(form)

    def show(self, form: LetterForm) -> HttpResponse:
        """Draw the page."""
        user = self.request.user
        dossier = own_dossier(self.request, self.kwargs["ref"])
        assert isinstance(user, User)
        return self.render_to_response(
            {
                "dossier": dossier,
                "form": form,
                "items": [item(letter, dossier.desk.agency.name) for letter in letters.read(dossier, user)],
                "may_write": letters.may_write(dossier, user),
            }
        )


def item(letter: Letter, desk: str) -> dict[str, Any]:
    """A letter as the applicant sees it: the desk answers as an office, not as a person."""
    note = ""
    if letter.from_applicant:
        note = _("Một cửa đã đọc") if letter.read_at else _("Một cửa chưa đọc")
    return {
        "who": letter.author.full_name if letter.from_applicant else desk,
        "at": letter.at,
        "text": letter.text,
        "mine": letter.from_applicant,
        "note": note,
    }
