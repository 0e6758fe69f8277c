"""Rating a finished dossier: signed in, or right after a look-up that proved whose it is."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from hoso.models import Dossier
from hoso.services.errors import Refused
from portal.forms.survey import SurveyForm
from portal.services import surveys
from portal.views.base import KeepingMixin, PublicMixin, own_dossier


class _Survey(TemplateView):
    """The page; where the dossier comes from and where one goes afterwards differ."""

    template_name = "portal/survey.html"

    def dossier(self) -> Dossier:
        """The dossier asked about."""
        raise NotImplementedError

    def after(self) -> str:
        """Where one goes on."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The questions, or why there are none."""
        dossier = self.dossier()
        if not surveys.is_open(dossier):
            messages.info(
                request, _("Hồ sơ này không còn khảo sát: đã đánh giá, hoặc quá 30 ngày kể từ khi trả.")
            )
            return redirect(self.after())
        return self.show(dossier, SurveyForm(dossier, initial=self.typed()))

    def typed(self) -> dict[str, Any]:
        """What was chosen before the session ended."""
        kept = getattr(self, "kept", None)
        return kept.dict() if kept is not None else {}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the answer."""
        dossier = self.dossier()
        form = SurveyForm(dossier, request.POST)
        if not form.is_valid():
            return self.show(dossier, form)
        try:
            surveys.answer(dossier, form.given())
        except Refused as refused:
            messages.info(request, refused.told)
            return redirect(self.after())
        messages.success(request, _("Cảm ơn ông/bà. Ý kiến đã được ghi, không kèm tên và mã hồ sơ."))
        return redirect(self.after())

    def show(self, dossier: Dossier, form: SurveyForm) -> HttpResponse:
        """Draw the page."""
        return self.render_to_response({"form": form, "dossier": dossier, "back": self.after()})


class Survey(KeepingMixin, _Survey):
    """For the one who applied."""

    def dossier(self) -> Dossier:
        """One's own; another's does not exist."""
        return own_dossier(self.request, self.kwargs["ref"])

    def after(self) -> str:
        """Back to the dossier."""
        return reverse("portal:dossier", args=[self.kwargs["ref"]])


class SurveyByLookup(PublicMixin, _Survey):
    """For whoever has just looked the dossier up with code and digits; many applied at a counter, without an account."""

    def dossier(self) -> Dossier:
        """The dossier of the key in the address; it is good for an hour."""
        found = surveys.by_token(self.kwargs["token"])
        if found is None:
            raise Http404
        return found

    def after(self) -> str:
        """To the look-up."""
        return reverse("portal:lookup")
