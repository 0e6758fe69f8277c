"""Keeps what was typed on a page whose session was over, and gives it back once after signing in.

The body of the post waits in our own database under a random token that only the browser's signed cookie knows.
Files are not kept: nobody who is not signed in may store files here, and the person is told.
"""

import secrets
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from portal.models import KeptPage
from portal.services import limits

COOKIE = "trang-giu-lai"
HOURS = 2
LONGEST = 200_000
A_DAY = timedelta(days=1)


def keep(request: HttpRequest, response: HttpResponse) -> bool:
    """Keep the body of this post for whoever holds the cookie set on `response`; False when it is too much."""
    now = timezone.now()
    sweep()
    body = request.POST.copy()
    body.pop("csrfmiddlewaretoken", None)
    text = body.urlencode()
    address = request.META.get("REMOTE_ADDR", "")
    if len(text) > LONGEST or limits.count(f"giu:{address}", A_DAY) > 500:
        return False
    token = secrets.token_urlsafe(32)
    KeptPage.objects.create(
        token=token, path=request.path, data=text, had_files=bool(request.FILES), kept_at=now
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
    token = request.get_signed_cookie(COOKIE, default="", salt="portal.kept", max_age=HOURS * 3600)
    if not token:
        return None
    page = KeptPage.objects.filter(token=token, path=request.path).first()
    if page is None or page.kept_at < timezone.now() - timedelta(hours=HOURS):
        return None
    page.delete()
    return QueryDict(page.data), page.had_files
