"""The project package: settings, the Celery app, the foundations (`core`) and the composition (`portal`)."""

from ibnportal.celery import app as celery_app

__all__ = ("celery_app",)
