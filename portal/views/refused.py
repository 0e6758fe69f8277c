"""A form whose secret is out of date, mostly because its owner has signed in again in another window."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.csrf import csrf_failure as plain_refusal

from portal.services import kept

#: Pages whose words are worth keeping; each shows what was kept as “chưa lưu” and asks for the button again.
KEEPING = (
    "/nop-ho-so/",
    "/ho-so-cua-toi/",
    "/tai-khoan/dang-ky/",
    "/tai-khoan/thong-tin/",
    "/tai-khoan/dia-chi/",
)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Keep what was typed and show the page anew when the form was ours; refuse plainly when it was not.

    Nothing is done with the words: the person sees them again and presses the button with a fresh secret.
    """
    if request.method == "POST" and request.path.startswith(KEEPING) and _from_here(request):
        answer = redirect(request.get_full_path())
        if kept.keep(request, answer):
            return answer
    return plain_refusal(request, reason)


def _from_here(request: HttpRequest) -> bool:
    sent_by = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sent_by).netloc == request.get_host()
