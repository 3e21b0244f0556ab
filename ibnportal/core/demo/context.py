"""For the bar on top of every page of the demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from ibnportal.core import clock
from ibnportal.core.demo.catalogue import DEMO_ACCOUNTS, DEMO_MOMENTS


def demo(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - a context processor
    """`demo` in every template: None outside the demo."""
    if not settings.DEMO:
        return {"demo": None}
    return {"demo": {"now": clock.now(), "accounts": DEMO_ACCOUNTS, "moments": DEMO_MOMENTS}}
