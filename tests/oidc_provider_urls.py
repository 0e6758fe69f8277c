"""Addresses of the test provider; imported only by its own process (tests/oidc_provider.py)."""

import json
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.utils.html import format_html, format_html_join
from jwcrypto import jwk
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings
from oauth2_provider.views import ConnectDiscoveryInfoView

PEOPLE = Path(sys.argv[1]) / "people.json"
OTHER_KEY = jwk.JWK.generate(kty="RSA", size=2048)


class Validator(OAuth2Validator):
    """Says what people.json says."""

    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """All of it, in the ID token and at the userinfo address alike."""
        said: dict[str, Any] = json.loads(PEOPLE.read_text())[request.user.username]
        return said


def enter(request: HttpRequest) -> HttpResponse:
    """Who is at the telephone: a button a person."""
    if request.method == "POST":
        user = get_user_model().objects.get(username=request.POST["name"])
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return redirect(request.GET["next"])
    rows = format_html_join(
        "",
        '<button name="name" value="{}">{}</button>',
        ((name, name) for name in json.loads(PEOPLE.read_text())),
    )
    return HttpResponse(format_html('<!doctype html><title>Vào</title><form method="post">{}</form>', rows))


def other_discovery(request: HttpRequest) -> HttpResponseBase:
    """The same provider, with keys that sign nothing."""
    said = json.loads(ConnectDiscoveryInfoView.as_view()(request).content)
    return JsonResponse(said | {"jwks_uri": request.build_absolute_uri("/khac/jwks.json")})


def endless_discovery(request: HttpRequest) -> HttpResponseBase:
    """The same provider, without a place to sign out."""
    said = json.loads(ConnectDiscoveryInfoView.as_view()(request).content)
    del said["end_session_endpoint"]
    return JsonResponse(said)


def elsewhere_discovery(request: HttpRequest) -> HttpResponseBase:
    """The same provider, sending people who sign out to somebody else."""
    said = json.loads(ConnectDiscoveryInfoView.as_view()(request).content)
    return JsonResponse(said | {"end_session_endpoint": "https://noi-khac.example/ra"})


def other_keys(request: HttpRequest) -> HttpResponse:
    """A key under the name of the one that signs."""
    signing = jwk.JWK.from_pem(oauth2_settings.OIDC_RSA_PRIVATE_KEY.encode())
    shown = json.loads(OTHER_KEY.export_public()) | {
        "kid": signing.thumbprint(),
        "alg": "RS256",
        "use": "sig",
    }
    return JsonResponse({"keys": [shown]})


urlpatterns = [
    path("vao/", enter),
    path("khac/.well-known/openid-configuration", other_discovery),
    path("khac/jwks.json", other_keys),
    path("ra-noi-khac/.well-known/openid-configuration", elsewhere_discovery),
    path("khong-ra/.well-known/openid-configuration", endless_discovery),
    path("", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
