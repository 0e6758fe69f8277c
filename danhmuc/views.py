"""Signing in, signing out, one's own password."""

from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
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

    def get_default_redirect_url(self) -> str:
        """Used when no safe `next` was given."""
        user = self.request.user
        return sign_in.home_of(user) if isinstance(user, User) else "/"


@method_decorator(login_not_required, name="dispatch")
class SignOut(auth_views.LogoutView):
    """POST only, so that no link or picture signs anybody out. Open, for a session may have ended by itself before."""

    next_page = "danhmuc:login"


class StillHere(View):
    """Asked by a page on which somebody types: being asked is what counts; strangers are sent to the sign-in page."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Nothing to show."""
        return HttpResponse(status=204)


class PasswordChange(auth_views.PasswordChangeView):
    """Change of one's own password, also the only page a temporary password opens."""

    template_name = "danhmuc/password_change.html"
    form_class = OwnPasswordForm
    success_url = reverse_lazy("danhmuc:password_change_done")


class PasswordChanged(auth_views.PasswordChangeDoneView):
    """Says that it is done."""

    template_name = "danhmuc/password_change_done.html"
