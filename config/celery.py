"""Background work: one Celery application for web, worker and beat."""

import logging
import os
from typing import Any

from celery import Celery, Task
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

logger = logging.getLogger(__name__)


class Nudge(Task):
    """A task whose call is only a nudge.

    What has to be done always stands in our own tables first, and beat looks there every minute. When the
    broker is away, a call is therefore logged and let go: the person at the screen notices nothing, and the
    work is done at the next look.
    """

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Publish the call; answers None when the broker cannot be reached."""
        try:
            return super().apply_async(*args, **kwargs)
        except (OperationalError, OSError) as error:
            logger.warning("Hàng đợi không nhận việc %s, sẽ làm ở lượt quét sau: %s", self.name, error)
            return None


app = Celery("dichvucong", task_cls=Nudge)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
