"""From a DomainError to what the user sees: a message on the next page, or errors in the form. Never a 500."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError


class SignedInRequest(HttpRequest):
    """The request of a view that `@access` opens to nobody anonymous: its user is one of ours. For annotations only."""

    user: User


AnyView = Callable[..., HttpResponseBase]


def add_domain_error(form: BaseForm, error: DomainError, *, field: str | None = None) -> None:
    """Put the error, and each of its findings, into the form, so that the page comes back with all that was typed.

    A finding whose `where` is a field of the form goes to that field.
    """
    form.add_error(field, error.message)
    for finding in error.findings:
        if finding.where in form.fields:
            form.add_error(finding.where, finding.message)
        else:
            text = f"{finding.where}: {finding.message}" if finding.where else finding.message
            form.add_error(NON_FIELD_ERRORS, text)


def show_domain_error(request: HttpRequest, error: DomainError) -> None:
    """Say it on the next page, findings included."""
    messages.error(request, error.message)
    for finding in error.findings:
        messages.error(request, f"{finding.where}: {finding.message}" if finding.where else finding.message)


def shows_domain_errors(*, redirect_to: Callable[..., Any]) -> Callable[[AnyView], AnyView]:
    """For a view that only carries out a verb: a DomainError becomes a message on the page `redirect_to(request, **kwargs)`.

    Put it below `@access`. `redirect_to` returns anything that `django.shortcuts.redirect` takes.
    """

    def decorate(view: AnyView) -> AnyView:
        @wraps(view)
        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except DomainError as error:
                show_domain_error(request, error)
                return redirect(redirect_to(request, *args, **kwargs))

        return shown

    return decorate


domain_errors = shows_domain_errors
