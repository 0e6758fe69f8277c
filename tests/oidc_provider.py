"""A real OpenID Connect provider as a process of its own: django-oauth-toolkit in the smallest of Django projects.

`python -m tests.oidc_provider FOLDER` keeps its database in FOLDER/provider.sqlite3, reads what it says of people from
FOLDER/people.json ({name: claims}, read anew each time) and prints its address once it listens. Under /khac/ it shows
itself with other keys than it signs with.
"""

import json
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

CLIENT_ID, CLIENT_SECRET = "cong-tinh", "bi-mat-chi-de-thu"
FOLDER = Path(sys.argv[1] if __name__ == "__main__" else ".")


def new_key() -> str:
    """A key pair as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def people() -> dict[str, dict[str, Any]]:
    """What is said of whom."""
    found: dict[str, dict[str, Any]] = json.loads((FOLDER / "people.json").read_text())
    return found


def main() -> None:
    """Set up, migrate, listen."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.configure(
        SECRET_KEY="khoa-chi-de-thu",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="tests.oidc_provider_urls",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "provider.sqlite3"}},
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        SESSION_COOKIE_NAME="phien-noi-xac-thuc",  # cookies know no ports: ours must not be overwritten
        LOGIN_URL="/vao/",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": new_key(),
            "OAUTH2_VALIDATOR_CLASS": "tests.oidc_provider_urls.Validator",
            "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "Thông tin định danh"},
            "REQUEST_APPROVAL_PROMPT": "force",
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "OIDC_RP_INITIATED_LOGOUT_ALWAYS_PROMPT": False,
        },
    )
    django.setup()
    call_command("migrate", verbosity=0)

    from django.contrib.auth import get_user_model
    from django.core.wsgi import get_wsgi_application
    from oauth2_provider.models import get_application_model

    for name in people():
        get_user_model().objects.create(username=name)
    get_application_model().objects.create(
        name="Cổng Dịch vụ công tỉnh",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        algorithm="RS256",
        post_logout_redirect_uris="http://127.0.0.1:8000/dang-nhap/",
        redirect_uris="\n".join(
            f"http://127.0.0.1{port}/dang-nhap/{key}/tro-ve/"
            for port in ("", ":8000")
            for key in ("vneid", "quoc-gia")
        ),
    )
    serve(get_wsgi_application())


def serve(application: Any) -> None:
    """One thread a request on a free port."""
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Quiet)
    server.set_app(application)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
