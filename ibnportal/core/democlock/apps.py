"""The demo clock is read at most once per request and per task, and is an error outside debug."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.signals import request_finished, request_started

from ibnportal.core import clock


class DemoClockConfig(AppConfig):
    """Forgets the cached offset at the edges of every request and task."""

    name = "ibnportal.core.democlock"
    label = "democlock"
    verbose_name = "Demoklok"

    def ready(self) -> None:
        """Connect the edges of work."""
        from celery.signals import task_postrun, task_prerun  # noqa: PLC0415 - only once the apps are there

        for signal in (request_started, request_finished, task_prerun, task_postrun):
            signal.connect(clock.forget_demo_offset, dispatch_uid="democlock")


@register(Tags.security)
def demo_only_in_debug(**_: Any) -> list[Error]:
    """A portal with DEMO on lets anyone log in as anyone: never outside debug."""
    if settings.DEMO and not settings.DEBUG:
        return [Error("DEMO may only be on together with DEBUG.", hint="Unset DEMO in the environment.", id="ibn.E001")]
    return []
