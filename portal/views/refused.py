"""Pages that say no: with the menu of whoever asked and a way on. What is wrong inside has a page that needs nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.csrf import requires_csrf_token

from danhmuc.models import User
from danhmuc.services.sign_in import home_of
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


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such page; the same words for a dossier that is another's, so that nobody learns which ones there are."""
    return _say(request, "404.html", 404)


@requires_csrf_token
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """This account may not do that."""
    return _say(request, "403.html", 403)


def _say(request: HttpRequest, template: str, status: int) -> HttpResponse:
    """The page in the frame of the person who asked; frames of the back office and the post are Vietnamese alone."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or user.is_applicant:
        return render(request, template, {"frame": "portal/error.html"}, status=status)
    frame = "buuchinh/error.html" if user.kind == User.Kind.POST else "hoso/error.html"
    with translation.override("vi"):
        return render(request, template, {"frame": frame, "home": home_of(user)}, status=status)


@requires_csrf_token
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
    return _say(request, "403_csrf.html", 403)
