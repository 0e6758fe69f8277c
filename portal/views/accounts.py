"""Registering and forgotten passwords: what is asked, the code, the password."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from danhmuc.models import User
from danhmuc.services import sign_in
from hoso.services.errors import Refused
from portal.forms.accounts import CodeForm, ForgottenForm, NewPasswordForm, OrganisationForm, PersonForm
from portal.models import AccountRequest
from portal.services import accounts, kept
from portal.services.drafts import NATIONAL_PORTAL
from portal.views.base import PublicMixin

Purpose = AccountRequest.Purpose
#: Where the session remembers for which matter this browser has typed the code.
PROVEN = "proven_request"


def network(request: HttpRequest) -> str:
    """The visitor's network address."""
    return str(request.META.get("REMOTE_ADDR", ""))


class GateView(PublicMixin, TemplateView):
    """A page before signing in; whoever is signed in is led to the account."""

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Nobody registers twice by a stale link."""
        if request.user.is_authenticated:
            return redirect("portal:account")
        return super().dispatch(request, *args, **kwargs)


class Register(GateView):
    """For whom: a person or an organisation. Where neither may register, where to go instead."""

    template_name = "portal/account/register.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What is open today."""
        return super().get_context_data(**kwargs, **openings())


def openings() -> dict[str, Any]:
    """Who may register here today, and since when others may not."""
    return {
        "persons": accounts.may_register(User.Kind.CITIZEN),
        "organisations": accounts.may_register(User.Kind.ORGANISATION),
        "persons_until": sign_in.local_until(User.Kind.CITIZEN),
        "organisations_until": sign_in.local_until(User.Kind.ORGANISATION),
        "public": accounts.has_public_side(),
        "national": NATIONAL_PORTAL,
    }


class RegisterPerson(GateView):
    """What is asked of a person."""

    template_name = "portal/account/register_form.html"
    kind = User.Kind.CITIZEN
    form_class: type[PersonForm] | type[OrganisationForm] = PersonForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, with what was typed in a window whose secret had run out."""
        if not accounts.may_register(self.kind):
            return redirect("portal:register")
        found = kept.give_back(request)
        return self.show(self.form_class(found[0] if found else None))

    def show(self, form: Form, status: int = 200) -> HttpResponse:
        """Draw it."""
        title = (
            _("Đăng ký tài khoản cá nhân")
            if self.kind == User.Kind.CITIZEN
            else _("Đăng ký tài khoản tổ chức")
        )
        return self.render_to_response({"form": form, "title": title}, status=status)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """On to the code. Whether the number has an account already is not looked at here."""
        if not accounts.may_register(self.kind):
            return redirect("portal:register")
        form = self.form_class(request.POST)
        if form.is_valid():
            try:
                asked = accounts.ask_registration(
                    form.account(),
                    channel=form.cleaned_data["channel"],
                    address=form.address,
                    network=network(request),
                )
                return redirect("portal:code", token=asked.token)
            except accounts.TooMany as error:
                form.add_error(None, error.told)
                return self.show(form, status=429)
        return self.show(form)


class RegisterOrganisation(RegisterPerson):
    """What is asked of an organisation."""

    kind = User.Kind.ORGANISATION
    form_class = OrganisationForm


class Forgotten(GateView):
    """A code to the confirmed address of an account, if there is one; the next page is the same either way."""

    template_name = "portal/account/forgotten.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The question."""
        return self.show(ForgottenForm())

    def show(self, form: Form, status: int = 200) -> HttpResponse:
        """Draw it."""
        return self.render_to_response({"form": form, **openings()}, status=status)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """On to the code."""
        form = ForgottenForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                asked = accounts.ask_reset(data["name"], channel=data["channel"], network=network(request))
                return redirect("portal:code", token=asked.token)
            except accounts.TooMany as error:
                form.add_error(None, error.told)
                return self.show(form, status=429)
        return self.show(form)


class CodeView(TemplateView):
    """The code that was sent, and another one when it did not come."""

    template_name = "portal/account/code.html"
    purposes: tuple[str, ...] = ()
    asked: AccountRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The matter of this address."""
        super().setup(request, *args, **kwargs)
        found = accounts.waiting(kwargs["token"], *self.purposes)
        if found is None:
            raise Http404
        self.asked = found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The box for the code."""
        return self.onward() or self.show(CodeForm())

    def show(self, form: Form, status: int = 200) -> HttpResponse:
        """Draw it. Of a forgotten password the page cannot say where the code went: that would tell too much."""
        asked = self.asked
        told = asked.address if asked.purpose in {Purpose.REGISTER, Purpose.EMAIL, Purpose.PHONE} else ""
        simulated = settings.DEV and (
            settings.EMAIL_SIMULATED if asked.channel == "email" else not settings.SMS_GATEWAY_URL
        )
        context = {
            "form": form,
            "asked": asked,
            "told": told,
            "simulated": simulated,
            "folder": settings.VAR_DIR,
        }
        return self.render_to_response(context, status=status)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Right: go on. Wrong: say so, without saying why."""
        if onward := self.onward():
            return onward
        if "_again" in request.POST:
            try:
                accounts.send_again(self.asked, network=network(request))
                messages.success(request, _("Đã gửi mã mới. Mã trước không còn dùng được."))
            except accounts.TooMany as error:
                messages.warning(request, error.told)
            return redirect(request.path)
        form = CodeForm(request.POST)
        if form.is_valid():
            if accounts.prove(self.asked, form.cleaned_data["code"]):
                self.asked.refresh_from_db()
                return self.proven()
            form.add_error(
                "code", _("Mã chưa đúng hoặc đã hết hạn. Xem lại mã mới nhất, hoặc yêu cầu gửi mã khác")
            )
        return self.show(form)

    def onward(self) -> HttpResponse | None:
        """Where to go when the code was typed already."""
        raise NotImplementedError

    def proven(self) -> HttpResponse:
        """After the right code."""
        raise NotImplementedError


class Code(PublicMixin, CodeView):
    """The code of a registration or of a forgotten password; then the password."""

    purposes = (Purpose.REGISTER, Purpose.RESET)

    def onward(self) -> HttpResponse | None:
        """This browser has typed it, or the matter is over."""
        if self.asked.done_at is not None:
            return redirect(
                "portal:registered" if self.asked.purpose == Purpose.REGISTER else "danhmuc:login"
            )
        if self.request.session.get(PROVEN) == self.asked.token:
            return redirect("portal:new_password", token=self.asked.token)
        if self.asked.proven_at is not None:  # another browser has it; here one begins anew
            raise Http404
        return None

    def proven(self) -> HttpResponse:
        """Only this browser may choose the password."""
        self.request.session[PROVEN] = self.asked.token
        return redirect("portal:new_password", token=self.asked.token)


class NewPassword(PublicMixin, TemplateView):
    """A password, chosen by whoever typed the code in this browser."""

    template_name = "portal/account/new_password.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The matter, when it is this browser's."""
        super().setup(request, *args, **kwargs)
        found = accounts.waiting(kwargs["token"], Purpose.REGISTER, Purpose.RESET)
        if found is None or request.session.get(PROVEN) != found.token:
            raise Http404
        self.asked = found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Twice the password."""
        return (
            self.over()
            if self.asked.done_at
            else self.show(NewPasswordForm(accounts.future_user(self.asked)))
        )

    def show(self, form: Form) -> HttpResponse:
        """Draw it."""
        return self.render_to_response({"form": form, "asked": self.asked})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Done; pressing twice does no harm."""
        if self.asked.done_at:
            return self.over()
        form = NewPasswordForm(accounts.future_user(self.asked), request.POST)
        if form.is_valid():
            try:
                accounts.finish(self.asked, form.cleaned_data["password1"])
                return self.over()
            except Refused as error:
                form.add_error(None, error.told)
        return self.show(form)

    def over(self) -> HttpResponse:
        """To signing in: what was proven is the address, not who sits here next."""
        if self.asked.purpose == Purpose.REGISTER:
            return redirect("portal:registered")
        messages.success(
            self.request,
            _("Đã đặt mật khẩu mới. Mọi thiết bị đã bị đăng xuất; hãy đăng nhập bằng mật khẩu mới."),
        )
        return redirect("danhmuc:login")


class Registered(PublicMixin, TemplateView):
    """What follows; the same words whether or not the number had an account."""

    template_name = "portal/account/registered.html"
