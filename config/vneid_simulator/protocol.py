"""OpenID Connect from the provider's side: whom it knows, its key, codes that are sealed notes, identity tokens.

Codes need no table: what was asked is sealed into them for a minute. A code is good until then, which a real provider
would not allow.
"""

import os
import time
from base64 import urlsafe_b64encode
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from joserfc import jwt
from joserfc.jwk import RSAKey

from config.formats import vndate
from danhmuc.models import User

SALT = "vneid-mo-phong"
SHOWN = 8
#: Somebody this portal has never seen: signing in makes an account.
NEWCOMER = {
    "sub": "mo-phong-nguoi-moi",
    "LoaiTaiKhoan": "1",
    "SoDinhDanh": "025190000321",
    "HoVaTen": "Đinh Thị Nguyệt",
    "NgayThangNamSinh": "08/03/1990",
    "TechID": "mo-phong-nguoi-moi",
    "loAs": "2",
}


class BadRequest(Exception):
    """What OAuth 2 calls the mistake."""


def people() -> list[dict[str, str]]:
    """The claims of everybody who may be played: the demonstration's people, and a newcomer."""
    known = User.objects.filter(is_active=True)
    citizens = known.filter(kind=User.Kind.CITIZEN).exclude(personal_id="").order_by("pk")[:SHOWN]
    organisations = known.filter(kind=User.Kind.ORGANISATION).exclude(tax_code="").order_by("pk")[:2]
    return [*map(_person, citizens), *map(_organisation, organisations), NEWCOMER]


def _person(user: User) -> dict[str, str]:
    return {
        "sub": f"mo-phong-{user.personal_id}",
        "LoaiTaiKhoan": "1",
        "SoDinhDanh": user.personal_id,
        "HoVaTen": user.full_name,
        "NgayThangNamSinh": vndate(user.birth_date) if user.birth_date else "",
        "TechID": f"mo-phong-{user.pk}",
        "loAs": str(user.eid_level or 2),
    }


def _organisation(user: User) -> dict[str, str]:
    return {
        "sub": f"mo-phong-{user.tax_code}",
        "LoaiTaiKhoan": "2",
        "MaSoThue": user.tax_code,
        "TenDoanhNghiep": user.full_name,
        "TechID": f"mo-phong-{user.pk}",
    }


def one() -> dict[str, str]:
    """How the portal is registered here."""
    registered: dict[str, str] = settings.EID_PROVIDERS["vneid"]
    return registered


@lru_cache
def key() -> RSAKey:
    """The signing key of this machine, shared by its processes."""
    path = Path(settings.VAR_DIR) / "vneid-mo-phong.pem"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        made = path.with_suffix(f".{os.getpid()}")
        made.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
        made.chmod(0o600)
        with suppress(FileExistsError):
            os.link(made, path)  # whoever is first wins, the others read the same key
        made.unlink()
    found = RSAKey.import_key(path.read_bytes(), {"use": "sig", "alg": "RS256"})
    found.ensure_kid()
    return found


def discovery() -> dict[str, Any]:
    """What the provider says of itself."""
    issuer = one()["issuer"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/vao",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks.json",
        "end_session_endpoint": f"{issuer}/ra",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "scopes_supported": ["openid"],
    }


def keys() -> dict[str, Any]:
    """The public half."""
    return {"keys": [key().as_dict(private=False)]}


def is_ours(address: str) -> bool:
    """Whether an address to return to is one of the portal's."""
    return address.startswith(f"{settings.PUBLIC_BASE_URL}/")


def code_for(person: dict[str, str], asked: dict[str, str]) -> str:
    """A code: who, and what was asked."""
    kept = {name: asked.get(name, "") for name in ("redirect_uri", "nonce", "code_challenge")}
    return signing.dumps({"person": person, **kept}, salt=SALT)


def redeem(code: str, *, redirect_uri: str, verifier: str) -> dict[str, Any]:
    """The answer of the token endpoint. Raises BadRequest."""
    try:
        asked = signing.loads(code, salt=SALT, max_age=60)
    except signing.BadSignature:
        raise BadRequest("invalid_grant") from None
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if asked["redirect_uri"] != redirect_uri or not compare_digest(asked["code_challenge"], challenge):
        raise BadRequest("invalid_grant")
    now = int(time.time())
    claims = {"iss": one()["issuer"], "aud": one()["client_id"], "iat": now, "exp": now + 600}
    token = jwt.encode(
        {"alg": "RS256", "kid": key().kid}, claims | {"nonce": asked["nonce"]} | asked["person"], key()
    )
    return {"access_token": "khong-dung-den", "token_type": "Bearer", "expires_in": 600, "id_token": token}
