"""Signing in with an electronic identity: to the provider and back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.generic import View

from danhmuc.services import sign_in
from hoso.services.errors import Refused
from portal import openid
from portal.services import eid
from portal.views.base import PublicMixin

NEXT, ID_TOKEN = "eid_next", "eid_token"


class EidView(PublicMixin, View):
    """A door of a provider this deployment knows."""

    key: str

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Which provider."""
        super().setup(request, *args, **kwargs)
        self.key = kwargs["key"]
        if self.key not in settings.EID_PROVIDERS:
            raise Http404

    def refused(self, error: Refused) -> HttpResponse:
        """Back to the door with the reason."""
        messages.error(self.request, error.told)
        return redirect("danhmuc:login")


class Begin(EidView):
    """To the provider."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Remember where the person wanted to go."""
        wanted = request.GET.get("next", "")
        safe = url_has_allowed_host_and_scheme(
            wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        request.session[NEXT] = wanted if safe else ""
        back = settings.PUBLIC_BASE_URL + reverse("portal:eid_back", kwargs={"key": self.key})
        try:
            return openid.begin(request, self.key, back)
        except Refused as error:
            return self.refused(error)


class Back(EidView):
    """From the provider, with a code or with a reason why not."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign in; a page loaded again by somebody who is signed in already simply goes on."""
        try:
            claims, id_token = openid.finish(request, self.key)
            identity = eid.read(self.key, claims)
            user = eid.account_for(identity)
        except Refused as error:
            if request.user.is_authenticated:
                return redirect("portal:account")
            return self.refused(error)
        wanted = request.session.pop(NEXT, "")
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        request.session[ID_TOKEN] = id_token
        request.session[sign_in.LEAVE_BY] = reverse("portal:eid_leave", kwargs={"key": self.key})
        return redirect(wanted or sign_in.home_of(user))


class Leave(PublicMixin, View):
    """Out, here and at the provider; here alone when the provider has no such place or does not answer."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The door: asking for an address signs nobody out."""
        return redirect("danhmuc:login")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign out here whatever the provider says."""
        id_token = request.session.get(ID_TOKEN, "")
        back = settings.PUBLIC_BASE_URL + reverse("danhmuc:login")
        address = openid.leaving_address(kwargs["key"], id_token, back) if id_token else ""
        logout(request)
        return redirect(address or "danhmuc:login")
