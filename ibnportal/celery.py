"""The Celery application; its work is recorded in the outbox first (see `ibnportal.core.outbox`)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibnportal.settings")

app = Celery("ibnportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
