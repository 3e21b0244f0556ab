"""Who may open a page: every view says it once, and the permission walk reads it back.

`@access(Role.CASE_HANDLER, subject="application")` answers "may this person be here at all?". Which objects they see is
another question, answered by `Model.objects.visible_to(user)`; both say 404, never 403.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import quote

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.urls import URLPattern, URLResolver, get_resolver
from django.views import View
from django.views.generic import RedirectView

from ibnportal.core import rescue
from ibnportal.core.accounts.enums import Role


class Audience(StrEnum):
    """Who is not described by a role."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    ORGANISATION = "organisation"  # of an organisation, or invited to one of its dossiers


SIGNED_OUT = "U bent niet meer aangemeld. Uw tekst staat nog op deze pagina en wordt op dit toestel bijgehouden."
PUBLIC = Audience.PUBLIC
SIGNED_IN = Audience.SIGNED_IN
ORGANISATION = Audience.ORGANISATION

_participations: list[Callable[[Any], bool]] = []


def counts_as_participant(check: Callable[[Any], bool]) -> None:
    """Let an upper app say when somebody without an organisation takes part all the same (invited to one dossier)."""
    _participations.append(check)


def is_participant(user: Any) -> bool:
    """Whether this person belongs to an organisation or was invited to a dossier; asked once a request.

    Who works for the programme is never invited, so for them nothing is looked up.
    """
    if user.organisation_ids:
        return True
    if user.roles:
        return False
    if not hasattr(user, "_takes_part"):
        user._takes_part = any(check(user) for check in _participations)  # noqa: SLF001 - our own note
    return bool(user._takes_part)  # noqa: SLF001


Who = Audience | Role
AnyView = TypeVar("AnyView", bound=Callable[..., Any])
Page = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may open a view; `subject` is the model that its key leads to, empty when there is none.

    `rescues`: what was typed there is kept when the session turns out to have ended (`core.rescue`).
    """

    who: tuple[Who, ...]
    subject: str = ""
    rescues: bool = False

    def admits(self, user: Any) -> bool:
        """Whether this user, anonymous or not, may come in."""
        if PUBLIC in self.who:
            return True
        if not user.is_authenticated:
            return False
        if SIGNED_IN in self.who or (ORGANISATION in self.who and is_participant(user)):
            return True
        return bool(user.has_role(*(who for who in self.who if isinstance(who, Role))))


def access(*who: Who, subject: str = "", rescues: bool = False) -> Callable[[AnyView], AnyView]:
    """Declare who may open a function or class view. Anonymous goes to the login page, whoever else may not gets 404.

    `rescues=True` for a page where people type long: a text that arrives without a session is kept and offered after the login.
    """
    if not who:
        raise TypeError("Say who may open this page.")
    policy = Policy(who, subject, rescues)

    def decorate(view: AnyView) -> AnyView:
        if isinstance(view, type) and issubclass(view, View):
            view.dispatch = _guarded_method(view.dispatch, policy)  # type: ignore[method-assign]
            view.policy = policy  # type: ignore[attr-defined]
            return cast("AnyView", view)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refusal = _refusal(policy, request)
            return refusal if refusal is not None else cast("Page", view)(request, *args, **kwargs)

        guarded.policy = policy  # type: ignore[attr-defined]
        return cast("AnyView", guarded)

    return decorate


def _guarded_method(dispatch: Callable[..., HttpResponseBase], policy: Policy) -> Callable[..., HttpResponseBase]:
    @wraps(dispatch)
    def guarded(self: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _refusal(policy, request) or dispatch(self, request, *args, **kwargs)

    guarded.policy = policy  # type: ignore[attr-defined]
    return guarded


def _refusal(policy: Policy, request: HttpRequest) -> HttpResponseBase | None:
    if PUBLIC in policy.who or policy.admits(request.user):
        return None
    if request.user.is_authenticated:
        raise Http404
    if policy.rescues and request.headers.get("X-Autosave"):
        return JsonResponse({"message": SIGNED_OUT, "login": f"/account/login/?next={quote(request.path)}"}, status=401)
    if policy.rescues and request.method == "POST":
        rescue.keep(request)
        return redirect_to_login(request.get_full_path())
    # What was to be posted is gone after the login; so return to the page it came from, not to the verb.
    return redirect_to_login(request.get_full_path() if request.method in {"GET", "HEAD"} else "/werk/")


# ---------------------------------------------------------------- reading policies back

_ADMIN = Policy((Role.ADMINISTRATOR,))
_PUBLIC = Policy((PUBLIC,))
_SIGNED_IN = Policy((SIGNED_IN,))

THIRD_PARTY_POLICIES: Sequence[tuple[str, Policy]] = (
    ("admin:*", _ADMIN),
    ("account_login", _PUBLIC),
    ("account_logout", _PUBLIC),
    ("account_inactive", _PUBLIC),
    ("account_signup", _PUBLIC),
    ("account_email_verification_sent", _PUBLIC),
    ("account_confirm_email", _PUBLIC),
    ("account_reset_password*", _PUBLIC),
    ("account_*", _SIGNED_IN),
    ("mfa_authenticate", _PUBLIC),
    ("mfa_*", _SIGNED_IN),
    ("socialaccount_connections", _SIGNED_IN),
    ("socialaccount_*", _PUBLIC),
    ("openid_connect_*", _PUBLIC),
    ("*_legacy", _PUBLIC),
)
"""Views of packages, by `namespace:name` with wildcards, the first that fits; they guard themselves as said here."""


def policy_of(pattern: URLPattern, *, namespace: str = "") -> Policy | None:
    """The declared policy of a URL pattern: of our own view, through any wrappers, or of a package's; None if undeclared."""
    view: Any = pattern.callback
    while view is not None:
        for holder in (view, getattr(view, "view_class", None)):
            policy = getattr(holder, "policy", None)
            if isinstance(policy, Policy):
                return policy
        view = getattr(view, "__wrapped__", None)
    name = f"{namespace}:{pattern.name or ''}" if namespace else (pattern.name or "")
    if not (namespace == "admin" or _is_third_party(pattern)):
        return None
    if getattr(pattern.callback, "view_class", None) is RedirectView:
        return _PUBLIC  # a package's old address: the page it leads to guards itself
    return next((policy for glob, policy in THIRD_PARTY_POLICIES if fnmatchcase(name, glob)), None)


def _is_third_party(pattern: URLPattern) -> bool:
    view: Any = pattern.callback
    module = str(getattr(getattr(view, "view_class", view), "__module__", ""))
    return module.partition(".")[0] in {"allauth", "django"}


def walk(
    patterns: Sequence[URLPattern | URLResolver] | None = None, *, prefix: str = "/", namespace: str = ""
) -> Iterator[tuple[str, str, URLPattern, Policy | None]]:
    """(route, namespace, pattern, policy) of every URL pattern there is."""
    for item in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            inner = ":".join(part for part in (namespace, item.namespace) if part)
            yield from walk(item.url_patterns, prefix=route, namespace=inner)
        else:
            yield route, namespace, item, policy_of(item, namespace=namespace)
