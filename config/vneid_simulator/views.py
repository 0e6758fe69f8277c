"""The simulated provider's pages and addresses."""

import base64
import binascii
from hmac import compare_digest
from urllib.parse import unquote, urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from config.vneid_simulator import protocol


@login_not_required
def discovery(request: HttpRequest) -> HttpResponse:
    """What the provider says of itself."""
    return JsonResponse(protocol.discovery())


@login_not_required
def keys(request: HttpRequest) -> HttpResponse:
    """Its public key."""
    return JsonResponse(protocol.keys())


@method_decorator(login_not_required, name="dispatch")
class Enter(View):
    """Who is at the telephone: a button a person, and one that refuses."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The buttons, for a portal that is registered."""
        asked = request.GET
        back = asked.get("redirect_uri", "")
        if asked.get("client_id") != protocol.one()["client_id"] or not protocol.is_ours(back):
            return render(request, "vneid_simulator/refused.html", status=400)
        return render(request, "vneid_simulator/enter.html", {"people": protocol.people()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Back to the portal with a code, or with a refusal."""
        asked = request.GET.dict()
        if not protocol.is_ours(asked.get("redirect_uri", "")):
            return render(request, "vneid_simulator/refused.html", status=400)
        chosen = next((p for p in protocol.people() if p["sub"] == request.POST.get("who")), None)
        answer = {"code": protocol.code_for(chosen, asked)} if chosen else {"error": "access_denied"}
        query = urlencode(answer | {"state": asked.get("state", "")})
        return HttpResponseRedirect(f"{asked['redirect_uri']}?{query}")


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class Token(View):
    """Where the portal's server changes a code for an identity."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Only for the portal, only for the code's own page."""
        if not _knows_secret(request.headers.get("Authorization", "")):
            return JsonResponse({"error": "invalid_client"}, status=401)
        asked = request.POST
        try:
            answer = protocol.redeem(
                asked.get("code", ""),
                redirect_uri=asked.get("redirect_uri", ""),
                verifier=asked.get("code_verifier", ""),
            )
        except protocol.BadRequest as error:
            return JsonResponse({"error": str(error)}, status=400)
        return JsonResponse(answer)


def _knows_secret(header: str) -> bool:
    try:
        name, _, secret = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    registered = protocol.one()
    given = f"{unquote(name)}:{unquote(secret)}"
    return compare_digest(given, f"{registered['client_id']}:{registered['client_secret']}")


@method_decorator(login_not_required, name="dispatch")
class Leave(View):
    """Nobody stays signed in here; a portal that asks gets its people back."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Back to the portal."""
        back = request.GET.get("post_logout_redirect_uri", "")
        if not protocol.is_ours(back):
            return render(request, "vneid_simulator/refused.html", status=400)
        return HttpResponseRedirect(back)
