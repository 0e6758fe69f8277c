"""Keeps what was typed on a page whose session was over, and gives it back once after signing in.

The body of the post waits in our own database under a random token that only the browser's signed cookie knows.
Files are not kept: nobody who is not signed in may store files here, and the person is told.
"""

import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from danhmuc.models import User
from portal.models import KeptPage
from portal.services import limits

COOKIE = "trang-giu-lai"
HOURS = 2
LONGEST = 200_000
LONGEST_PATH = 300
A_DAY = timedelta(days=1)


def keep(request: HttpRequest, response: HttpResponse, *, by: User | None = None) -> bool:
    """Keep the body of this post for whoever holds the cookie set on `response`, and for `by` alone when given.

    False when it is too much or holds a password.
    """
    now = timezone.now()
    sweep()
    body = request.POST.copy()
    body.pop("csrfmiddlewaretoken", None)
    text = body.urlencode()
    address = request.META.get("REMOTE_ADDR", "")
    path = request.get_full_path() if by else request.path
    if any("password" in name for name in body) or len(path) > LONGEST_PATH:
        return False
    if len(text) > LONGEST or limits.count(f"giu:{address}", A_DAY) > 500:
        return False
    token = secrets.token_urlsafe(32)
    KeptPage.objects.create(
        token=token, path=path, data=text, had_files=bool(request.FILES), kept_at=now, typed_by=by
    )
    response.set_signed_cookie(
        COOKIE,
        token,
        salt="portal.kept",
        max_age=HOURS * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return True


def sweep() -> int:
    """Forget pages nobody came back for; how many there were."""
    removed, _ = KeptPage.objects.filter(kept_at__lt=timezone.now() - timedelta(hours=HOURS)).delete()
    return removed


def give_back(request: HttpRequest) -> tuple[QueryDict, bool] | None:
    """(what was typed on this page, whether files were with it), once; None when there is nothing."""
    page = _held(request).filter(path=request.path, typed_by=None).first()
    if page is None:
        return None
    page.delete()
    return QueryDict(page.data), page.had_files


def waiting(request: HttpRequest, user: User) -> KeptPage | None:
    """What this officer had sent from this browser when the session turned out to be over."""
    return _held(request).filter(typed_by=user).first()


def is_from_here(request: HttpRequest) -> bool:
    """Whether one of our own pages sent this form."""
    sent_by = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sent_by).netloc == request.get_host()


def _held(request: HttpRequest) -> QuerySet[KeptPage]:
    token = request.get_signed_cookie(COOKIE, default="", salt="portal.kept", max_age=HOURS * 3600)
    if not token:
        return KeptPage.objects.none()
    return KeptPage.objects.filter(token=token, kept_at__gte=timezone.now() - timedelta(hours=HOURS))
