"""What base.html needs on every page."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ibnportal.core.ui import navigation


def portal(request: HttpRequest) -> dict[str, Any]:
    """`nav_items`, lazily: a fragment without a menu asks nothing; and whether the style guide is there."""
    user = getattr(request, "user", None) or AnonymousUser()
    return {
        "nav_items": SimpleLazyObject(lambda: navigation.items_for(user, request.path)),
        "show_style_guide": settings.DEBUG,
    }
