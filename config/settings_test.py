"""The few lines that differ under pytest."""

import os

# A developer's own .env must not change what the tests see; the plugin has set the services' addresses.
os.environ["ENV_FILE"] = ""
os.environ["DEV"] = "1"
os.environ["DEPLOYMENT_MODE"] = "PORTAL_LOCAL"
os.environ["SECRET_KEY"] = "khoa-chi-dung-de-thu"
os.environ["STATEMENT_TIMEOUT_MS"] = "60000"
os.environ["OFFICE_IDLE_MINUTES"] = (
    "0"  # stories jump over days within one session; tests/test_idle.py sets it
)
if _folder := os.environ.get("STACK_TEST_DIR"):
    os.environ["VAR_DIR"] = f"{_folder}/{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"

from config.settings import *  # noqa: F403
from config.settings import CELERY_BROKER_URL, DATABASES, EID_PROVIDERS, STATIC_ROOT, STORAGES

DATABASES["default"]["CONN_MAX_AGE"] = 0
# Each xdist worker has a database of its own and so needs a queue of its own: number 1, 2, … of the one broker.
_number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
CELERY_BROKER_URL = CELERY_BROKER_URL.replace("virtual_host=0", f"virtual_host={int(_number) + 1}")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Static files come straight from the source folders; WhiteNoise still wants its folder to be there.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
EID_PROVIDERS.clear()  # each test names whom it asks
CRISPY_FAIL_SILENTLY = False
