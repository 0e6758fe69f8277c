"""Signing in, signing out, one's own password."""

from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views import View

from danhmuc.forms import OwnPasswordForm, SignInForm
from danhmuc.models import User
from danhmuc.services import sign_in


class SignIn(auth_views.LoginView):
    """Everyone's door; leads each person to where their work begins, or back where they came from."""

    template_name = "danhmuc/login.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Which accounts of this portal still open doors here (domain §19.2)."""
        public = settings.DEPLOYMENT_MODE in {"PORTAL_LOCAL", "PORTAL_INFO"}
        local = {
            "persons": public and sign_in.is_local_open(User.Kind.CITIZEN),
            "organisations": public and sign_in.is_local_open(User.Kind.ORGANISATION),
        }
        context: dict[str, Any] = super().get_context_data(local=local, **kwargs)
        return context

    def get_default_redirect_url(self) -> str:
        """Used when no safe `next` was given."""
        user = self.request.user
        return sign_in.home_of(user) if isinstance(user, User) else "/"


@method_decorator(login_not_required, name="dispatch")
class SignOut(auth_views.LogoutView):
    """POST only, so that no link or picture signs anybody out. Open, for a session may have ended by itself before."""

    http_method_names = ["get", "head", "post", "options"]
    next_page = "danhmuc:login"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The door, which leads those who are still signed in to their work."""
        return redirect(self.next_page)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever came in through somebody else's door leaves by it; everybody else just leaves."""
        elsewhere = request.session.get(sign_in.LEAVE_BY)
        if elsewhere and request.user.is_authenticated:
            return HttpResponseRedirect(elsewhere, preserve_request=True)
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer


class StillHere(View):
    """Asked by a page on which somebody types: being asked is what counts; strangers are sent to the sign-in page."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Nothing to show."""
        return HttpResponse(status=204)


class PasswordChange(auth_views.PasswordChangeView):
    """Change of one's own password, also the only page a temporary password opens.

    Citizens and organisations have theirs among the pages of their account, which keep its history.
    """

    template_name = "danhmuc/password_change.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("danhmuc:password_change_done")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """To the page that fits the kind of account."""
        user = request.user
        own = "/tai-khoan/doi-mat-khau/"
        if (
            isinstance(user, User)
            and user.is_applicant
            and not user.must_change_password
            and request.path != own
        ):
            return redirect(own)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class PasswordChanged(auth_views.PasswordChangeDoneView):
    """Says that it is done."""

    template_name = "danhmuc/password_change_done.html"
