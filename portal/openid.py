"""Talking to those who vouch for electronic identities: OpenID Connect, authorization code with PKCE.

State, nonce, signature, issuer and audience are judged by Authlib; this module says who they are, how long we wait for
them, and turns what can go wrong into sentences. Tokens are read and let go: nothing of the authentication is kept or
passed on (NĐ69 Art 19.4), but for the ID token, which stays in the session and is shown once to the provider it came
from, to sign out there (OpenID Connect RP-Initiated Logout 1.0).
"""

import logging
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from joserfc.errors import JoseError
from requests import RequestException

from hoso.services.errors import Refused

logger = logging.getLogger(__name__)

SECONDS = 10
#: Signing out waits for nobody: to connect, and to answer.
LEAVING_SECONDS = (1, 2)
#: Signatures that need the provider's private key; a shared secret or none at all proves nothing.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]


@lru_cache
def _client(key: str, issuer: str, client_id: str, client_secret: str, scope: str) -> Any:
    """Kept for the life of the process, with the provider's addresses and keys; unknown keys are asked for again."""
    return OAuth().register(
        key,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_id=client_id,
        client_secret=client_secret,
        client_kwargs={"scope": scope, "code_challenge_method": "S256", "default_timeout": SECONDS},
    )


def client(key: str) -> Any:
    """The provider configured under that key."""
    one = settings.EID_PROVIDERS[key]
    return _client(key, one["issuer"], one["client_id"], one["client_secret"], one["scope"])


def begin(request: HttpRequest, key: str, back: str) -> HttpResponse:
    """To the provider's own page; it sends the person on to `back`. Raises Refused when it cannot be reached."""
    try:
        answer: HttpResponse = client(key).authorize_redirect(request, back)
        return answer
    except (RequestException, ValueError, RuntimeError, KeyError) as error:
        raise _unreachable(key, error) from error


def finish(request: HttpRequest, key: str) -> tuple[dict[str, Any], str]:
    """What the provider says of the person who came back with a code, and its ID token. Raises Refused in words."""
    provider = client(key)
    try:
        provider.load_server_metadata()["id_token_signing_alg_values_supported"] = ALGORITHMS
        token = provider.authorize_access_token(request)
        said: dict[str, Any] = dict(token.get("userinfo") or {})
        if not said.get("sub"):
            raise Refused(_("Nơi xác thực không gửi chứng nhận danh tính, nên chưa đăng nhập được."))
        if provider.server_metadata.get("userinfo_endpoint"):
            more = dict(provider.userinfo(token=token))
            if more.get("sub") != said["sub"]:
                raise Refused(_("Thông tin nơi xác thực gửi không cùng một người, nên chưa đăng nhập được."))
            said = more | said
        return said, str(token["id_token"])
    except OAuthError as error:
        raise Refused(_sentence(error)) from error
    except (JoseError, AuthlibBaseError) as error:
        logger.warning("Chứng nhận danh tính từ %s không đúng: %s", key, error)
        raise Refused(
            _(
                "Chứng nhận danh tính không đúng hoặc đã quá hạn, nên chưa đăng nhập được. Hãy đăng nhập lại từ đầu."
            )
        ) from error
    except (RequestException, ValueError, RuntimeError, KeyError) as error:
        raise _unreachable(key, error) from error


def leaving_address(key: str, id_token: str, back: str) -> str:
    """Where one signs out at the provider too, before coming `back`; empty when there is no such place now.

    Asked anew each time: a provider that is away must not keep anybody from signing out here.
    """
    one = settings.EID_PROVIDERS.get(key)
    if one is None:
        return ""
    try:
        answer = requests.get(f"{one['issuer']}/.well-known/openid-configuration", timeout=LEAVING_SECONDS)
        answer.raise_for_status()
        end = str(answer.json().get("end_session_endpoint") or "")
    except (RequestException, ValueError, AttributeError) as error:
        logger.warning("Không hỏi được %s nơi đăng xuất: %s", key, error)
        return ""
    if (
        urlsplit(end)[:2] != urlsplit(one["issuer"])[:2]
    ):  # the identity's proof goes back to its own house alone
        return ""
    query = {"id_token_hint": id_token, "client_id": one["client_id"], "post_logout_redirect_uri": back}
    return f"{end}{'&' if '?' in end else '?'}{urlencode(query)}"


def _sentence(error: OAuthError) -> str:
    if error.error == "access_denied":
        return _("Ông/bà chưa đồng ý chia sẻ thông tin định danh, nên chưa đăng nhập.")
    if error.error == "mismatching_state":
        return _("Lượt đăng nhập này đã dùng hoặc đã quá hạn. Hãy đăng nhập lại từ đầu.")
    logger.warning("Nơi xác thực từ chối: %s", error)
    return _("Nơi xác thực không chấp nhận lượt đăng nhập này. Hãy đăng nhập lại từ đầu.")


def _unreachable(key: str, error: Exception) -> Refused:
    logger.warning("Không nói chuyện được với %s: %s", key, error)
    name = settings.EID_PROVIDERS[key]["name"]
    return Refused(_("Hiện không kết nối được với %(name)s. Hãy thử lại sau ít phút.") % {"name": name})
