"""What the pages of an application share: whose draft it is, and nothing typed is lost when a session has ended."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from danhmuc.models import User
from hoso.models import Dossier, State
from hoso.services import expiry
from hoso.services.errors import StepRefused
from portal.services import drafts, kept

#: Sent by the script that saves a page while it is being written.
AUTOSAVE = "_autosave"


class PublicMixin:
    """Open to everyone."""

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let anyone in."""
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class KeepingMixin:
    """A page for signed-in people that keeps a post which arrives when the session is over."""

    request: HttpRequest
    #: What was typed before signing in again, on the first look after it.
    kept: QueryDict | None = None

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send strangers to the sign-in page, their words into safe keeping; give them back on return."""
        if not request.user.is_authenticated and AUTOSAVE in request.POST:
            return HttpResponse(status=401)  # the page itself still has the words, and is told
        if not request.user.is_authenticated:
            answer = redirect_to_login(request.get_full_path())
            if request.method == "POST" and kept.keep(request, answer):
                messages.info(
                    request,
                    _("Phiên làm việc đã hết. Thông tin vừa nhập vẫn được giữ; đăng nhập lại để tiếp tục."),
                )
            return answer
        if request.method == "GET" and (found := kept.give_back(request)):
            self.kept, had_files = found
            text = _(
                "Thông tin ông/bà nhập trước khi hết phiên vẫn còn dưới đây, chưa lưu. Xem lại rồi bấm lưu."
            )
            if had_files:
                text = f"{text} {_('Tệp đính kèm phải chọn lại.')}"
            messages.warning(request, text)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        # Personal, and never older than what is stored: “back” asks again, and shows nothing once one has signed out.
        patch_cache_control(response, private=True, no_store=True)
        return response


class DraftView(KeepingMixin, TemplateView):
    """One page of a draft. Only its writer finds it; once it is filed the page leads to where it is followed."""

    dossier: Dossier
    title: str | Promise = ""
    #: What the page reads besides the draft itself, fetched with it.
    reads: tuple[str, ...] = ()

    @property
    def applicant(self) -> User:
        """The one who writes; `dispatch` has made sure of a signed-in user."""
        assert isinstance(self.request.user, User)
        return self.request.user

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Fetch the draft before any method runs."""
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = get_object_or_404(
                Dossier.objects.of(request.user)
                .select_related(
                    "version",
                    "procedure",
                    "resolving_agency",
                    "desk__agency",
                    "applicant",
                    "place__parent__parent",
                )
                .prefetch_related(*self.reads),
                submission_ref=kwargs["ref"],
            )
            self.know(request.user)

    def know(self, user: Any) -> None:
        """Tie together what is here already, so that nothing is read twice."""
        dossier = self.dossier
        dossier.version.procedure = dossier.procedure
        if dossier.procedure.current_id == dossier.version_id:
            dossier.procedure.current = dossier.version
        if dossier.applicant_id == user.pk:
            dossier.applicant = user
        if user.place_id and user.place_id == dossier.place_id:
            user.place = dossier.place

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, or the way to where the dossier now is."""
        return self.elsewhere() or self.show()

    def show(self, **context: Any) -> HttpResponse:
        """Draw the page."""
        return self.render_to_response(self.get_context_data(**context))

    def elsewhere(self) -> HttpResponse | None:
        """Where to go when the dossier is no draft any more, or this deployment takes no submissions."""
        if self.dossier.state != State.DRAFT:
            messages.info(self.request, _("Hồ sơ này đã nộp. Đây là trang theo dõi."))
            return redirect("portal:dossier", ref=self.dossier.submission_ref)
        if not drafts.may_apply_here(self.dossier.procedure):
            messages.info(self.request, _("Thủ tục này hiện nộp trên Cổng Dịch vụ công quốc gia."))
            return redirect("portal:procedure", code=self.dossier.procedure.code)
        return None

    def stale(self, error: StepRefused) -> HttpResponse:
        """Somebody, perhaps oneself in another window, was faster: say so and show the dossier as it is."""
        messages.warning(self.request, error.told)
        return redirect("portal:dossier", ref=self.dossier.submission_ref)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The draft, and where one is in the flow."""
        return {
            "dossier": self.dossier,
            "version": self.dossier.version,
            "title": self.title,
            "kept_until": expiry.kept_until(self.dossier),
            **kwargs,
        }


STILL_HERE = gettext_lazy("Nội dung vừa nhập vẫn còn ở dưới; xem lại rồi bấm lưu lần nữa.")


def was_taken_since(dossier: Dossier, seen: int | None, *steps: str) -> bool:
    """Whether one of these steps of the applicant's was taken after the page was drawn: the same press once more, or
    another window's. What happened besides leaves the words of the page worth keeping.
    """
    return dossier.events.filter(seq__gt=seen or 0, name__in=steps).exists()


def own_dossier(request: HttpRequest, ref: str) -> Dossier:
    """The signed-in person's own dossier by its reference; another's does not exist."""
    if not request.user.is_authenticated:
        raise Http404
    return get_object_or_404(
        Dossier.objects.of(request.user).select_related(
            "version",
            "procedure",
            "resolving_agency",
            "desk__agency",
            "desk__serves__place",
            "rule_set",
            "holder_agency",
            "organisation",
            "postal__delivery_place",
        ),
        submission_ref=ref,
    )
