"""Settings from the environment; the defaults are those of production, `.env.example` explains each name."""

import os
from datetime import date
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from config import database
from config.stack import paths

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()
if env_file := os.environ.get("ENV_FILE", str(BASE_DIR / ".env")):
    env.read_env(env_file, recurse=False)

# --- Which installation this is -------------------------------------------------------------------
# DEV is what `make run` and the tests set: a generated key, plain http, the demonstration's yellow bar.
DEV = env.bool("DEV", False)
DEBUG = env.bool("DEBUG", False)
VAR_DIR = paths.var_dir()
SECRET_KEY = env.str("SECRET_KEY", "") or (paths.secret("secret_key") if DEV else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Chưa đặt SECRET_KEY. Khi chạy thử trên máy mình, hãy đặt DEV=1.")

PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", "http://127.0.0.1:8000" if DEV else "https://localhost").rstrip(
    "/"
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [urlsplit(PUBLIC_BASE_URL).hostname or ""])
if DEV:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_FAILURE_VIEW = "portal.views.refused.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [PUBLIC_BASE_URL])

# What the public side may lawfully do here (NĐ118/2025 Art 27; NĐ367/2025): see README, "Chế độ triển khai".
DEPLOYMENT_MODES = ("PORTAL_LOCAL", "PORTAL_INFO", "BACKOFFICE", "MIRROR")
DEPLOYMENT_MODE = env.str("DEPLOYMENT_MODE", "PORTAL_INFO")
if DEPLOYMENT_MODE not in DEPLOYMENT_MODES:
    raise ImproperlyConfigured(f"DEPLOYMENT_MODE phải là một trong {', '.join(DEPLOYMENT_MODES)}.")
DEMO_NOTICE = env.str("DEMO_NOTICE", "Môi trường trình diễn, dữ liệu giả định" if DEV else "")

# --- Applications ---------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "crispy_forms",
    "django_fsm",
    "django_htmx",
    "django_linear_migrations",
    "danhmuc",
    "hoso",
    "portal",
    "buuchinh",
    "baocao",
    "config",
]
if DEV:  # stories and people of the demonstration; a production machine must not even know the command
    INSTALLED_APPS.append("config.demo")
# Where card payments go. A development machine without a contract gets the bundled simulator, labelled as such.
VNPAY_URL = env.str("VNPAY_URL", "")
VNPAY_API_URL = env.str("VNPAY_API_URL", "")  # querydr
VNPAY_TMN_CODE = env.str("VNPAY_TMN_CODE", "")
VNPAY_SECRET = env.str("VNPAY_SECRET", "")
VNPAY_SIMULATED = DEV and not VNPAY_URL
if VNPAY_SIMULATED:
    INSTALLED_APPS.append("config.vnpay_simulator")
    VNPAY_URL = "/mo-phong-vnpay/vpcpay.html"
    VNPAY_API_URL = f"{PUBLIC_BASE_URL}/mo-phong-vnpay/merchant_webapi/api/transaction"
    VNPAY_TMN_CODE, VNPAY_SECRET = "MOPHONG1", sha256(f"vnpay:{SECRET_KEY}".encode()).hexdigest()
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.idle.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.idle.IdleSignOut",
    "danhmuc.middleware.MustChangePassword",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["config.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
                "hoso.views.menu.office",
                "portal.views.feedback_queues.office",
            ],
        },
    }
]
FORM_RENDERER = "config.renderer.Renderer"
CRISPY_TEMPLATE_PACK = "dv"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["dv"]
CRISPY_FAIL_SILENTLY = DEBUG is False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Data -----------------------------------------------------------------------------------------
# A page may not hold the database longer than this; manage.py and the worker set their own limit.
STATEMENT_TIMEOUT_MS = env.int("STATEMENT_TIMEOUT_MS", 15_000)
DATABASES = {
    "default": database.from_url(
        env.str("DATABASE_URL", "") or paths.database_url(), statement_timeout_ms=STATEMENT_TIMEOUT_MS
    )
}
MEDIA_ROOT = env.path("MEDIA_ROOT", VAR_DIR / "media")  # never served by the web server: views check who asks
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_MB", 20) * 1024 * 1024  # one file
UPLOAD_MAX_PAGES = env.int("UPLOAD_MAX_PAGES", 500)  # one PDF
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # what is typed, without files
DATA_UPLOAD_MAX_NUMBER_FILES = 60
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# A draft is kept this long after it was last saved; its writer is warned the second number of days before.
DRAFT_DAYS = env.int("DRAFT_DAYS", 30)
DRAFT_WARNING_DAYS = env.int("DRAFT_WARNING_DAYS", 5)
# The same for papers prepared to change a filed dossier and not sent.
AMENDMENT_DAYS = env.int("AMENDMENT_DAYS", 7)
AMENDMENT_WARNING_DAYS = env.int("AMENDMENT_WARNING_DAYS", 2)

# --- People ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "danhmuc.User"
LOGIN_URL = "/dang-nhap/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = [  # an older hash still opens the door, and is replaced by the first when it does
    "danhmuc.passwords.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "danhmuc.passwords.MinimumLength"},
    *(
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ),
]
# The last day on which accounts given by this portal may be used (NĐ69/2024 Art 40.3–40.4); None: without end, which
# only another jurisdiction, training or a demonstration may claim.
_ends = ("", "") if DEPLOYMENT_MODE == "PORTAL_LOCAL" else ("2024-06-30", "2025-06-30")
LOCAL_PERSONS_UNTIL, LOCAL_ORGANISATIONS_UNTIL = (
    date.fromisoformat(day) if day else None
    for day in (
        env.str("LOCAL_PERSONS_UNTIL", _ends[0]),
        env.str("LOCAL_ORGANISATIONS_UNTIL", _ends[1]),
    )
)
# Who vouches for electronic identities (OpenID Connect; domain §20.4): what is configured is offered at the door.
_eid = {
    "vneid": {
        "name": "VNeID",
        "issuer": env.str("EID_VNEID_ISSUER", "").rstrip("/"),
        "client_id": env.str("EID_VNEID_CLIENT_ID", ""),
        "client_secret": env.str("EID_VNEID_CLIENT_SECRET", ""),
        "scope": env.str("EID_VNEID_SCOPE", "openid"),
    },
    "quoc-gia": {
        "name": "Cổng Dịch vụ công quốc gia",
        "issuer": env.str("EID_NATIONAL_ISSUER", "").rstrip("/"),
        "client_id": env.str("EID_NATIONAL_CLIENT_ID", ""),
        "client_secret": env.str("EID_NATIONAL_CLIENT_SECRET", ""),
        "scope": env.str("EID_NATIONAL_SCOPE", "openid"),
    },
}
_is_public = DEPLOYMENT_MODE in {"PORTAL_LOCAL", "PORTAL_INFO"}
# A development machine where nobody vouches for anybody gets the bundled simulator, labelled as such.
EID_SIMULATED = DEV and _is_public and not any(one["issuer"] for one in _eid.values())
if EID_SIMULATED:
    INSTALLED_APPS.append("config.vneid_simulator")
    _eid["vneid"] |= {
        "name": "VNeID mô phỏng",
        "issuer": f"{PUBLIC_BASE_URL}/mo-phong-vneid",
        "client_id": "cong-tinh",
        "client_secret": sha256(f"vneid:{SECRET_KEY}".encode()).hexdigest(),
    }
EID_PROVIDERS = {key: one for key, one in _eid.items() if one["issuer"] and _is_public}
# In the database, so that an outage of the broker signs nobody out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", 12) * 3600
# Officers and postal staff are signed out after that long without a request (0: never); citizens are not.
OFFICE_IDLE_MINUTES = env.int("OFFICE_IDLE_MINUTES", 30)

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_I18N = True
USE_TZ = True

# --- Static files ---------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Gathered by one account (root, in the image) and served by another, unlike the people's files.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}

# --- Security -------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEV
SESSION_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", not DEV)
SECURE_REDIRECT_EXEMPT = [r"^suc-khoe/$"]  # asked by health checks from inside the host
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 0 if DEV else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", False)
# Subdomains and the browsers' preload list are the province's to decide; our own pages frame our own papers.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W019", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # the document viewer shows our own PDF inside our own page
if env.bool("TRUST_PROXY", False):  # only behind a proxy of ours that always sets this header
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    MIDDLEWARE.insert(0, "config.middleware.ClientAddress")
# Where a form may lead after the post besides ourselves: the payment gateway, for one.
CSP_FORM_ACTION: list[str] = env.list("CSP_FORM_ACTION", [])
if VNPAY_URL and not VNPAY_SIMULATED:
    CSP_FORM_ACTION.append("{0.scheme}://{0.netloc}".format(urlsplit(VNPAY_URL)))
# The button that signs out leads on to whoever vouched for the person.
CSP_FORM_ACTION += sorted(
    {"{0.scheme}://{0.netloc}".format(urlsplit(one["issuer"])) for one in EID_PROVIDERS.values()}
)

# --- Mail and background work ---------------------------------------------------------------------
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_SIMULATED = not EMAIL_HOST  # pages say so where a message is shown as sent
EMAIL_BACKEND = f"django.core.mail.backends.{'filebased' if EMAIL_SIMULATED else 'smtp'}.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_PORT = env.int("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Dịch vụ công <khong-tra-loi@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

CELERY_BROKER_URL = env.str("REDIS_URL", "") or paths.redis_url()
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Publishing happens inside a request: one try, a second at most (config.celery.Nudge forgives failure).
CELERY_BROKER_CONNECTION_TIMEOUT = 1
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 2,  # longer than the second a worker waits for its next task
    "max_retries": 0,
    "visibility_timeout": 900,  # above the task time limit, so that no running task is handed out twice
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    # A look that a busy worker has not begun before the next one is due is dropped, or they would pile up.
    "papers": {"task": "hoso.tasks.file_papers", "schedule": 10, "options": {"expires": 10}},
    "notices": {"task": "hoso.tasks.deliver_notices", "schedule": 10, "options": {"expires": 10}},
    "electronic": {"task": "hoso.tasks.return_electronically", "schedule": 30, "options": {"expires": 30}},
    "malware": {"task": "hoso.tasks.recheck_viruses", "schedule": 30, "options": {"expires": 30}},
    "issuers": {"task": "hoso.tasks.ask_issuers", "schedule": 60, "options": {"expires": 60}},
    "signals": {"task": "hoso.tasks.warn_due", "schedule": 600},
    "calendar": {"task": "hoso.tasks.recalculate_after_calendar_change", "schedule": 900},
    "payments": {"task": "hoso.tasks.end_unanswered_payments", "schedule": 3600},
    "payments-ask": {
        "task": "hoso.tasks.ask_unanswered_payments",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "receipts": {"task": "hoso.tasks.register_receipts", "schedule": 60, "options": {"expires": 60}},
    "closing": {"task": "hoso.tasks.propose_closing", "schedule": crontab(hour="5", minute="30")},
    "verify-files": {"task": "hoso.tasks.verify_sample", "schedule": crontab(hour="2", minute="10")},
    "sweep-files": {"task": "hoso.tasks.sweep_files", "schedule": crontab(hour="3", minute="10")},
    "drafts": {"task": "hoso.tasks.end_drafts", "schedule": crontab(hour="4", minute="10")},
    "feedback-papers": {"task": "portal.tasks.file_answers", "schedule": 10, "options": {"expires": 10}},
    "feedback-signals": {"task": "portal.tasks.watch_feedback", "schedule": 600},
    "uploads": {"task": "portal.tasks.prepare_uploads", "schedule": 10, "options": {"expires": 10}},
    "uploads-expire": {"task": "portal.tasks.expire_uploads", "schedule": 3600},
    "portal-sweep": {"task": "portal.tasks.sweep", "schedule": crontab(hour="3", minute="40")},
    "portal-forms": {"task": "portal.tasks.make_blank_forms", "schedule": crontab(hour="3", minute="50")},
    "portal-times": {"task": "portal.tasks.count_times", "schedule": crontab(hour="2", minute="50")},
    "publish-results": {"task": "baocao.tasks.publish_results", "schedule": crontab(minute="20")},
    "post-book": {"task": "buuchinh.tasks.book_due", "schedule": 60},
    "post-orders": {"task": "buuchinh.tasks.send_orders", "schedule": 60},
    "post-invite": {"task": "buuchinh.tasks.invite_due", "schedule": 600},
    "post-fees": {"task": "buuchinh.tasks.record_fees", "schedule": 300},
}

# --- The outside world: what is not configured is simulated in DEV and visibly absent in production --
# Code of the province that lists of places offer first; the same in both eras for Phú Thọ.
HOME_PROVINCE = env.str("HOME_PROVINCE", "25")
HOTLINE = env.str("HOTLINE", "1022")
# Key of the agency that sorts feedback addressed to nobody, or to an agency where nobody handles it.
FEEDBACK_TRIAGE_AGENCY = env.str("FEEDBACK_TRIAGE_AGENCY", "VP_UBND")
CLAMAV_URL = env.str("CLAMAV_URL", "")  # tcp://host:3310 or unix:///run/clamav/clamd.ctl
SIGNING_P12 = env.str("SIGNING_P12", "")  # the organisation's certificate
SIGNING_P12_DIR = env.str("SIGNING_P12_DIR", "")  # <agency key>.p12 and <username>.p12
SIGNING_P12_PASSWORD = env.str("SIGNING_P12_PASSWORD", "")
SIGNING_TSA_URL = env.str("SIGNING_TSA_URL", "")
SIGNING_TRUST_ROOTS: list[str] = env.list("SIGNING_TRUST_ROOTS", [])
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", "")
SMS_GATEWAY_TOKEN = env.str("SMS_GATEWAY_TOKEN", "")
# What the carrier shows when it delivers a message people sent us ("TC <mã hồ sơ>"); without it nothing is taken in.
SMS_INCOMING_TOKEN = env.str("SMS_INCOMING_TOKEN", "")
SMS_SENDER = env.str("SMS_SENDER", "DVC")
# The number people send those messages to; shown on the pages of looking up and of help once there is one.
SMS_NUMBER = env.str("SMS_NUMBER", "1022" if DEV else "")
VIETQR_BANK = env.str("VIETQR_BANK", "")  # BIN of the collecting bank, six digits
VIETQR_ACCOUNT = env.str("VIETQR_ACCOUNT", "")
VIETQR_BANK_NAME = env.str("VIETQR_BANK_NAME", "")
VIETQR_HOLDER = env.str("VIETQR_HOLDER", "")
# What VietQR signs in with before it reports credits (its "transaction-sync"); empty: no such door.
VIETQR_CALLBACK_USER = env.str("VIETQR_CALLBACK_USER", "")
VIETQR_CALLBACK_PASSWORD = env.str("VIETQR_CALLBACK_PASSWORD", "")
VIETQR_SIMULATED = DEV and not VIETQR_ACCOUNT
if VIETQR_SIMULATED:  # an account that no bank has, so that nobody's money can go astray
    VIETQR_BANK, VIETQR_ACCOUNT = "970499", "MOPHONG0001"
    VIETQR_BANK_NAME, VIETQR_HOLDER = "Ngân hàng mô phỏng", "TAI KHOAN MO PHONG"
RECEIPT_FORM = env.str("RECEIPT_FORM", "01BLP")  # mẫu số
RECEIPT_SYMBOL = env.str("RECEIPT_SYMBOL", "BL")  # ký hiệu, followed by the year
RECEIPT_TAX_CODE = env.str("RECEIPT_TAX_CODE", "")
RECEIPT_PROVIDER_URL = env.str("RECEIPT_PROVIDER_URL", "")
RECEIPT_PROVIDER_TOKEN = env.str("RECEIPT_PROVIDER_TOKEN", "")

# --- Public post (domain: keys POST_*) ------------------------------------------------------------
# COMMUNE: orders go to the unit of the address; PROVINCE: to the coordinator.
POST_ROUTING = env.str("POST_ROUTING", "COMMUNE")
POST_INVITATIONS = env.int("POST_INVITATIONS", 2)  # TT17 5.2h: at least two …
POST_INVITATION_GAP = env.int("POST_INVITATION_GAP", 2)  # … two working days apart
# The operator's own system: "simulated" answers by itself, "vnpost" sends orders to POST_API_URL.
POST_CARRIER = env.str("POST_CARRIER", "simulated")
POST_API_URL = env.str("POST_API_URL", "")
POST_API_TOKEN = env.str("POST_API_TOKEN", "")
POST_CUSTOMER_CODE = env.str("POST_CUSTOMER_CODE", "")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "pikepdf": {"level": "WARNING"},
        "pyhanko": {"level": "WARNING"},
    },
}
