"""How the web server runs, wherever it is started: `gunicorn config.wsgi:application -c config/gunicorn.py`.

The address, and what a machine wants otherwise, stand on the command line, which goes before this file.
"""

import gc
from typing import Any

worker_class = "gthread"
threads = 4
timeout = 60
graceful_timeout = 30
accesslog = "-"


def post_worker_init(worker: Any) -> None:
    """Keep the garbage collector away from what never dies (models, templates, addresses), and have it look at the
    rest less often: a page of the back office makes some 20,000 objects, nearly all of them freed without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
