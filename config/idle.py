"""Officers' sessions end after a while without a request: their screens stand where others pass by (domain §19.1)."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeGuard

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import User
from portal.services import kept

ACTIVE = "active"  # in the session: when this person was last here, in seconds
TENTH = 10
# Which officer was last here with this browser: whose words they are that are sent when the session is gone.
LAST, SALT, LAST_FOR = "can-bo", "config.idle", timedelta(days=3)


class IdleSignOut:
    """Signs out an officer who has asked for nothing for a while.

    The last request is written down at most every tenth of the time allowed, so a page costs no write of its own; the
    session ends up to that much earlier, never later.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let active people pass."""
        now, before = int(timezone.now().timestamp()), request.user
        ended = _is_watched(before) and now - request.session.get(ACTIVE, now) > _allowed()
        if ended:
            logout(request)
            minutes = settings.OFFICE_IDLE_MINUTES
            messages.warning(
                request,
                _("Đã đăng xuất vì hơn %(minutes)s phút không có thao tác. Đăng nhập lại để làm tiếp.")
                % {"minutes": minutes},
            )
        answer = self.get_response(request)
        # After the page, so that signing in counts and is written down with the session it has just made.
        user = request.user
        if _is_watched(user):
            if (now - request.session.get(ACTIVE, 0)) * TENTH >= _allowed():
                request.session[ACTIVE] = now
                _remember(request, answer, user)
        elif LAST in request.COOKIES and (
            (before.is_authenticated and not ended) or request.path == reverse("danhmuc:logout")
        ):
            answer.delete_cookie(LAST)  # signed out by hand: whoever comes next is another
        return answer


class LoginRequired(LoginRequiredMiddleware):
    """Django's own, but a form that an officer sends when the session is over is kept, and offered after signing in."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """To the sign-in page; what was sent waits for the one who wrote it."""
        if request.method == "POST" and (officer := _last_here(request)):
            answer = redirect_to_login(reverse("portal:resend"))
            if kept.keep(request, answer, by=officer):
                messages.info(request, _("Thông tin vừa gửi vẫn được giữ, chưa thực hiện."))
                return answer
            messages.warning(request, _("Việc vừa bấm chưa thực hiện; đăng nhập rồi làm lại."))
        return super().handle_no_permission(request, view_func)


def _is_watched(user: User | AnonymousUser) -> TypeGuard[User]:
    if settings.OFFICE_IDLE_MINUTES <= 0 or not isinstance(user, User):
        return False
    return user.is_staff or not user.is_applicant


def _allowed() -> int:
    return int(settings.OFFICE_IDLE_MINUTES) * 60


def _remember(request: HttpRequest, answer: HttpResponse, user: User) -> None:
    answer.set_signed_cookie(
        LAST,
        str(user.pk),
        salt=SALT,
        max_age=LAST_FOR,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def _last_here(request: HttpRequest) -> User | None:
    pk = request.get_signed_cookie(LAST, default="", salt=SALT, max_age=LAST_FOR)
    return User.objects.filter(pk=pk, is_active=True).first() if pk else None
