"""The production settings on the bench database, with two bare pages and a stopwatch around every request."""

from django.core.exceptions import ImproperlyConfigured

from config.settings import *  # noqa: F403
from config.settings import DATABASES, MIDDLEWARE, VAR_DIR

if not DATABASES["default"]["NAME"].endswith("_bench"):
    raise ImproperlyConfigured("Phép đo chỉ chạy trên cơ sở dữ liệu riêng: hãy gọi manage.py bench.")

MIDDLEWARE = ["config.bench.timing.ServerTiming", *MIDDLEWARE]
ROOT_URLCONF = "config.bench.urls"
# Nothing the measurement writes may lie among the demonstration's files or reach its worker.
VAR_DIR = VAR_DIR / "bench"
MEDIA_ROOT = VAR_DIR / "media"
STATIC_ROOT = VAR_DIR / "static"
EMAIL_FILE_PATH = VAR_DIR / "mail"
CELERY_TASK_DEFAULT_QUEUE = "bench"
