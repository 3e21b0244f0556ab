"""Gunicorn, in the demo and in production: two workers with threads unless WEB_CONCURRENCY says otherwise."""

import gc
import os
from typing import Any

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
preload_app = True
timeout = 60
graceful_timeout = 8
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
worker_tmp_dir = "/dev/shm"  # noqa: S108 - the heartbeat file belongs in memory
control_socket_disable = True
accesslog = None
errorlog = "-"
limit_request_line = 8190


def when_ready(server: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Everything is loaded: leave it out of every later garbage collection, and share its pages between workers."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(
        50_000, 20, 100
    )  # a page of thousands of rows makes no garbage: 700 objects would be looked through each time
