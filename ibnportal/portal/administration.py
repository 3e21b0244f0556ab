"""The administrators' own site (Django admin): what they come for first, in Dutch, in the order of their work."""

from typing import Any

from django.contrib.admin import AdminSite, site
from django.http import HttpRequest

_ORDER = (
    "calls", "accounts", "portal", "workdays", "applications", "evaluation", "monitoring", "files", "outbox", "audit", "axes", "mfa", "account",
    "socialaccount",
)  # fmt: skip
"""Calls and people first, what a library brings along last; an app that is not here stands before those."""

_APPS = {"axes": "Aanmeldpogingen", "mfa": "Tweede stap bij het aanmelden", "account": "E-mailadressen", "socialaccount": "Aanmelden via een andere dienst"}  # fmt: skip
_MODELS = {
    "AccessAttempt": "Mislukte pogingen", "AccessFailureLog": "Geweigerde pogingen", "AccessLog": "Gelukte aanmeldingen",
    "Authenticator": "Apps en herstelcodes", "EmailAddress": "E-mailadressen", "SocialApp": "Diensten", "SocialAccount": "Gekoppelde accounts",
    "SocialToken": "Sleutels van diensten",
}  # fmt: skip
_BROUGHT_ALONG = _ORDER.index("axes")


def app_list(request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
    """What this administrator may see, by app; names of libraries in Dutch."""
    found: list[dict[str, Any]] = AdminSite.get_app_list(site, request, app_label)
    for app in found:
        app["name"] = _APPS.get(app["app_label"], app["name"])
        for model in app["models"]:
            model["name"] = _MODELS.get(model["object_name"], model["name"])
    return sorted(found, key=lambda app: _place(app["app_label"]))


def _place(label: str) -> float:
    return _ORDER.index(label) if label in _ORDER else _BROUGHT_ALONG - 0.5


def furnish() -> None:
    """Put the administrators' site in that order."""
    site.get_app_list = app_list  # type: ignore[method-assign]
