"""For the bar on top of every page of the demo."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from ibnportal.core import clock
from ibnportal.core.demo.catalogue import DEMO_ACCOUNTS, DEMO_MOMENTS, better_moment


def demo(request: HttpRequest) -> dict[str, Any]:
    """`demo` in every template: None outside the demo."""
    if not settings.DEMO:
        return {"demo": None}
    now = clock.now()
    email = getattr(getattr(request, "user", None), "email", "")
    return {
        "demo": {
            "now": now,
            "accounts": DEMO_ACCOUNTS,
            "moments": DEMO_MOMENTS,
            "better_moment": better_moment(email, now),
        }
    }
