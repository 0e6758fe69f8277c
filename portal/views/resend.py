"""What an officer had sent when the session turned out to be over: to look through, and to send again with one press."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from danhmuc.models import User
from danhmuc.services.sign_in import home_of
from portal.models import KeptPage
from portal.services import kept


class Resend(TemplateView):
    """Sends the very form to the very page: what may be done there, and whether somebody was faster, is judged there."""

    template_name = "portal/resend.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What was typed, as sentences."""
        page = self.page
        return self.nothing() if page is None else self.render_to_response(self.context(page))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Pass the form on, once; or drop it."""
        page = self.page
        if page is None:
            return self.nothing()
        page.delete()
        if "_drop" in request.POST:
            messages.info(request, _("Đã bỏ thông tin được giữ lại."))
            return redirect(home_of(self.officer))
        return redirect(page.path, preserve_request=True)

    @property
    def officer(self) -> User:
        """The signed-in person."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def page(self) -> KeptPage | None:
        """What waits for this person in this browser."""
        return kept.waiting(self.request, self.officer)

    def nothing(self) -> HttpResponse:
        """Sent already, dropped, too old, or another's."""
        messages.info(self.request, _("Không còn thông tin nào được giữ lại."))
        return redirect(home_of(self.officer))

    def context(self, page: KeptPage) -> dict[str, Any]:
        """The page."""
        fields = [(name, value) for name, values in QueryDict(page.data).lists() for value in values]
        return {
            "page": page,
            "fields": fields,
            "sentences": [value for _, value in fields if " " in value.strip()],
            "action": reverse("portal:resend"),
        }
