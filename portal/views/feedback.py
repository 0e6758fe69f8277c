"""Writing to agencies, signed in or not: guidance, one form, the code that proves a contact, what happens next."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from danhmuc.models import User
from hoso.models import Notice
from hoso.services.errors import Refused
from portal.forms.feedback import MOST_FILES, CodeForm, FeedbackForm
from portal.lifecycle import State
from portal.models import Feedback
from portal.services.feedback import attachments, intake
from portal.services.lookup import tidy
from portal.views.base import PublicMixin
from portal.views.feedback_follow import Keeping, address_of, is_senders, own, remember


class Send(Keeping, TemplateView):
    """A new item: guidance first, then one form; strangers confirm by a code on the next page."""

    template_name = "portal/feedback_new.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The empty form; an address may name the kind and the dossier it is about."""
        if (typed := self.typed_before()) is not None:
            return self.show(FeedbackForm(request.user, initial=_initial(typed)))
        initial: dict[str, Any] = {}
        if code := tidy(request.GET.get("ho-so", "")):
            initial = {"kind": Feedback.Kind.SERVICE, "dossier_code": code}
        elif (kind := request.GET.get("loai", "")) in Feedback.Kind.values:
            initial = {"kind": kind}
        return self.show(FeedbackForm(request.user, initial=initial))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send, or show again with everything still there."""
        form = FeedbackForm(request.user, request.POST, request.FILES)
        if form.is_from_a_program:
            messages.success(request, _("Đã nhận. Cảm ơn ông/bà."))
            return redirect("portal:feedback")
        valid = form.is_valid()
        sender = request.user if isinstance(request.user, User) and request.user.is_applicant else None
        taken = attachments.take(
            form.cleaned_data.get("attached") or [],
            request.POST.getlist("kept"),
            most=MOST_FILES,
            address=None if sender else address_of(request),
        )
        for problem in taken.problems:
            form.add_error("attached", problem)
        if not valid or taken.problems:
            return self.show(form, taken)
        data = form.cleaned_data
        words = intake.Words(
            kind=data["kind"],
            content=data["content"],
            sender_name=data["sender_name"],
            phone=data["phone"],
            email=data["email"],
            address=data["address"],
            agency=data["agency"],
            dossier_code=data["dossier_code"],
            agrees_to_publish=data["agrees_to_publish"],
        )
        once = data["once"] or form.initial["once"]
        try:
            feedback = intake.send(words, taken.files, once=once, sender=sender, address=address_of(request))
        except Refused as error:
            form.add_error(None, error.told)
            return self.show(form, taken)
        if feedback.state == State.UNCONFIRMED:
            return redirect("portal:feedback_confirm", once=feedback.once)
        if sender is None:  # an old page of somebody's whose item is already on its way
            return redirect(f"{reverse('portal:feedback_follow')}?ma={feedback.code}")
        return redirect("portal:feedback_done", code=feedback.code)

    def show(self, form: FeedbackForm, taken: attachments.Taken | None = None) -> HttpResponse:
        """Draw the page."""
        return self.render_to_response(
            {"form": form, "kept": taken.slips if taken else [], "complaint": form.sounds_like_complaint}
        )


def _initial(typed: Any) -> dict[str, Any]:
    return {name: value for name, value in typed.items() if name not in {"once", "website", "kept"}} | {
        "agrees_to_publish": "agrees_to_publish" in typed
    }


class Confirm(Keeping, TemplateView):
    """The code that was sent proves the contact; nobody reads the item before."""

    template_name = "portal/feedback_confirm.html"
    feedback: Feedback

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The item by the secret of the page it was written on."""
        super().setup(request, *args, **kwargs)
        once: UUID = kwargs["once"]
        self.feedback = get_object_or_404(Feedback, once=once, sender=None)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for the code."""
        if self.feedback.state != State.UNCONFIRMED:
            return self.onward()
        return self.show(CodeForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Judge the code, or send another one."""
        channel = request.POST.get("again", "")
        if channel:
            form = CodeForm()
            try:
                self.feedback = intake.send_code_again(self.feedback.pk, channel=channel)
                messages.success(request, _("Đã gửi mã mới. Mã trước không dùng được nữa."))
                return redirect("portal:feedback_confirm", once=self.feedback.once)
            except Refused as error:
                messages.warning(request, error.told)
            return self.show(form)
        form = CodeForm(request.POST)
        if form.is_valid():
            waited = self.feedback.state == State.UNCONFIRMED
            try:
                self.feedback = intake.confirm(self.feedback.pk, form.cleaned_data["code"])
                if not waited:
                    return self.onward()
                remember(request, self.feedback)
                return redirect("portal:feedback_done", code=self.feedback.code)
            except Refused as error:
                form.add_error("code", error.told)
        return self.show(form)

    def onward(self) -> HttpResponse:
        """It is on its way already."""
        if is_senders(self.request, self.feedback):
            return redirect("portal:feedback_done", code=self.feedback.code)
        messages.info(
            self.request, _("Phản ánh này đã gửi. Nhập mã phản ánh trong tin nhắn hoặc thư để theo dõi.")
        )
        return redirect("portal:feedback_follow")

    def show(self, form: CodeForm) -> HttpResponse:
        """Draw the page; the contact is shown only in part."""
        by_email = self.feedback.reply_by == Notice.Channel.EMAIL
        ways = intake.ways_to_confirm(self.feedback)
        return self.render_to_response(
            {
                "form": form,
                "sent_to": _hidden_email(self.feedback.email)
                if by_email
                else f"… {self.feedback.phone[-3:]}",
                "by_email": by_email,
                "again_email": Notice.Channel.EMAIL.value in ways,
                "again_sms": Notice.Channel.SMS.value in ways,
            }
        )


def _hidden_email(address: str) -> str:
    name, _at, domain = address.partition("@")
    return f"{name[:1]}…@{domain}"


class Done(PublicMixin, TemplateView):
    """It is on its way: the code to keep, and what happens next."""

    template_name = "portal/feedback_done.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Code, agency and the date of the answer."""
        feedback = own(self.request, kwargs["code"])
        return super().get_context_data(feedback=feedback, **kwargs)
