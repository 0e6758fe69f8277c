"""Officers' sessions end after a while without a request: their screens stand where others pass by (domain §19.1)."""

from collections.abc import Callable
from typing import TypeGuard

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from danhmuc.models import User
from portal.services import kept

ACTIVE = "active"  # in the session: when this person was last here, in seconds
TENTH = 10


class IdleSignOut:
    """Signs an idle officer out; a form that arrives too late is kept and offered after signing in again.

    The last request is written down at most every tenth of the time allowed, so a page costs no write of its own; the
    session ends up to that much earlier, never later.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let active people pass."""
        now, user = int(timezone.now().timestamp()), request.user
        if _is_watched(user) and now - request.session.get(ACTIVE, now) > _allowed():
            return self._end(request, user)
        answer = self.get_response(request)
        # After the page, so that signing in counts and is written down with the session it has just made.
        if _is_watched(request.user) and (now - request.session.get(ACTIVE, 0)) * TENTH >= _allowed():
            request.session[ACTIVE] = now
        return answer

    def _end(self, request: HttpRequest, user: User) -> HttpResponse:
        logout(request)
        told = f"Đã đăng xuất vì hơn {settings.OFFICE_IDLE_MINUTES} phút không có thao tác."
        doors = {reverse("danhmuc:login"), reverse("danhmuc:logout")}
        if request.method != "POST" or request.path in doors:
            messages.warning(request, f"{told} Đăng nhập lại để làm tiếp.")
            return self.get_response(request)
        answer = redirect_to_login(reverse("portal:resend"))
        if kept.is_from_here(request) and kept.keep(request, answer, by=user):
            messages.warning(
                request, f"{told} Thông tin vừa gửi vẫn được giữ, chưa thực hiện; đăng nhập lại để làm tiếp."
            )
            return answer
        messages.warning(request, f"{told} Việc vừa bấm chưa thực hiện; đăng nhập rồi làm lại.")
        return redirect("danhmuc:login")


def _is_watched(user: User | AnonymousUser) -> TypeGuard[User]:
    return settings.OFFICE_IDLE_MINUTES > 0 and isinstance(user, User) and not user.is_applicant


def _allowed() -> int:
    return int(settings.OFFICE_IDLE_MINUTES) * 60
