"""Who works for the programme has a second factor before anything else."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

SETUP = "mfa_activate_totp"
OPEN_NAMES = frozenset(
    {
        SETUP,
        "mfa_index",
        "mfa_reauthenticate",
        "account_reauthenticate",
        "account_logout",
        "account_email",
        "account_email_verification_sent",
        "account_confirm_email",
        "health",
        "demo_sign_in",
        "demo_clock",
    }
)


class StaffMfaMiddleware:
    """Sends staff without an MFA device to the page that sets one up; stands after AuthenticationMiddleware.

    Costs no query: the person was read with roles and second factor (`SessionBackend`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; the question is asked in `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """Before the view, when its name is known."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        user = request.user
        if name in OPEN_NAMES or not user.is_authenticated or not user.is_staff_side or user.has_second_factor:
            return None
        messages.info(request, "Voor uw rol is een tweede stap bij het aanmelden nodig. Stel die hier eenmalig in.")
        return redirect(reverse(SETUP))
