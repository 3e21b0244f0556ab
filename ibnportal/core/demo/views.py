"""Log in as anyone, travel in time: in the demo only."""

from collections.abc import Callable
from functools import wraps

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from ibnportal.core import clock
from ibnportal.core.access import PUBLIC, access
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.demo.catalogue import account_of, moment_of

BACKEND = "ibnportal.core.accounts.backends.SessionBackend"
DemoView = Callable[[HttpRequest], HttpResponse]


def demo_only(view: DemoView) -> DemoView:
    """As if the page did not exist, unless this is the demo."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not (settings.DEMO and settings.DEBUG):
            raise Http404
        return view(request)

    return guarded


@access(PUBLIC)
@demo_only
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Become the demo account in `account`, with its second factor taken as given."""
    account = account_of(request.POST.get("account", ""))
    user = User.objects.filter(email=account.email, is_active=True).first() if account else None
    if account is None or user is None:
        raise Http404
    login(request, user, backend=BACKEND)
    record_authentication(request, user, method="password", email=user.email)
    record_authentication(request, user, method="mfa", type="totp")
    trail.record("user.signed_in_demo", user, by=user)
    messages.success(request, f"U bent nu {user.full_name}, {account.label}.")
    return redirect(_next(request, default=str(settings.LOGIN_REDIRECT_URL)))


@access(PUBLIC)
@demo_only
@require_POST
def set_clock(request: HttpRequest) -> HttpResponse:
    """Travel to the moment in `moment` (a name) or `at` (ISO, Brussels); with neither, back to real time."""
    named = moment_of(request.POST.get("moment", ""))
    typed = named.at if named else request.POST.get("at", "").strip()
    try:
        if typed:
            instant = clock.local(clock.set_demo_now(typed))
            messages.success(request, f"De klok van de demo staat op {instant:%d/%m/%Y %H:%M}.")
        else:
            clock.reset_demo_clock()
            messages.success(request, "De demo loopt weer op de echte tijd.")
    except (ValueError, OverflowError):
        messages.error(request, f"“{typed[:40]}” is geen moment. Schrijf het zoals 2026-01-20T10:00.")
    return redirect(_next(request, default="/"))


def _next(request: HttpRequest, *, default: str) -> str:
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if target and is_ours else default
