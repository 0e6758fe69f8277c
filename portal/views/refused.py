"""A form whose secret is out of date, mostly because its owner has signed in again in another window."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.csrf import csrf_failure as plain_refusal

from danhmuc.models import User
from portal.services import kept
from portal.views.base import AUTOSAVE

#: Pages that show what was kept as “chưa lưu” themselves and ask for the button again.
SHOWING = (
    "/nop-ho-so/",
    "/ho-so-cua-toi/",
    "/tai-khoan/dang-ky/",
    "/tai-khoan/thong-tin/",
    "/tai-khoan/dia-chi/",
    "/phan-anh/gui/",
    "/phan-anh/xac-nhan/",
    "/phan-anh/theo-doi/",
)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Keep what was typed and show it anew when the form was ours; refuse plainly when it was not.

    Nothing is done with the words: the person sees them again and presses the button with a fresh secret.
    """
    if AUTOSAVE in request.POST:
        return HttpResponse(status=403)  # the page still has the words; its button brings them here
    if request.method == "POST" and kept.is_from_here(request):
        if request.path.startswith(SHOWING):
            answer = redirect(request.get_full_path())
            if kept.keep(request, answer):
                return answer
        elif isinstance(request.user, User) and not request.user.is_applicant:
            answer = redirect("portal:resend")
            if kept.keep(request, answer, by=request.user):
                return answer
    return plain_refusal(request, reason)
