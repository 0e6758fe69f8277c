"""Feedback that comes by telephone, by letter or in person: written down by an officer, its code handed to the sender."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from danhmuc.models import User
from hoso.services.errors import Refused
from portal import access
from portal.forms.feedback import MOST_FILES
from portal.forms.feedback_write_down import WriteDownForm
from portal.models import Feedback
from portal.services.feedback import attachments, intake
from portal.views.feedback_office import OfficePage

RECENT = 10


class TakingIn(OfficePage):
    """For the hotline, the desks and the handlers; other officers are refused."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse whoever takes nothing in (403); signing in was asked for before."""
        user = request.user
        if isinstance(user, User) and not access.may_take_in(user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class WriteDown(TakingIn):
    """One form; pressing twice gives one item, and what is wrong is said with everything still there."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self.show(WriteDownForm(self.officer))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take it in, then the slip with its code."""
        form = WriteDownForm(self.officer, request.POST, request.FILES)
        valid = form.is_valid()
        taken = attachments.take(
            form.cleaned_data.get("attached") or [],
            request.POST.getlist("kept"),
            most=MOST_FILES,
            address=None,
        )
        for problem in taken.problems:
            form.add_error("attached", problem)
        if not valid or taken.problems:
            return self.show(form, taken)
        data = form.cleaned_data
        words = intake.Words(
            **{
                name: data[name]
                for name in (
                    "kind", "content", "sender_name", "phone", "email", "address", "agency", "dossier_code",
                    "agrees_to_publish",
                )
            }
        )  # fmt: skip
        try:
            feedback = intake.write_down(
                words,
                taken.files,
                source=data["source"],
                received_on=data["received_on"],
                by=self.officer,
                once=data["once"] or form.initial["once"],
            )
        except Refused as error:
            form.add_error(None, error.told)
            return self.show(form, taken)
        return redirect("portal:feedback_slip", code=feedback.code)

    def show(self, form: WriteDownForm, taken: attachments.Taken | None = None) -> HttpResponse:
        """Draw the page, with what this officer wrote down last."""
        recent = Feedback.objects.taken_in_by(self.officer).select_related("agency").order_by("-pk")[:RECENT]
        context = {
            "form": form,
            "kept": taken.slips if taken else [],
            "complaint": form.sounds_like_complaint,
            "recent": list(recent),
        }
        return render(self.request, "portal/office/write_down.html", context)


class Slip(TakingIn):
    """The code on paper, for whoever has no e-mail and no mobile telephone; also where the code is read out."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        """Those the officer wrote down or may read otherwise; the reading is kept."""
        whole = Feedback.objects.select_related("agency")
        feedback = (
            whole.taken_in_by(self.officer).filter(code=code).first()
            or whole.visible_to(self.officer).filter(code=code, source__in=Feedback.WRITTEN_DOWN).first()
        )
        if feedback is None:
            raise Http404("Không có phản ánh với mã này.")
        self.note_reading(feedback, "mở phiếu tiếp nhận phản ánh")
        readable = Feedback.objects.visible_to(self.officer).filter(pk=feedback.pk).exists()
        follow = f"{settings.PUBLIC_BASE_URL.partition('://')[2]}/phan-anh/theo-doi"  # as people type it
        context = {"feedback": feedback, "readable": readable, "follow": follow}
        return render(request, "portal/office/slip.html", context)
