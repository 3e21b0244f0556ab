"""Sign-up asks for a name besides address and password."""

from django import forms
from django.http import HttpRequest

from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail


class SignupForm(forms.Form):
    """What sign-up asks besides address and password (ACCOUNT_SIGNUP_FORM_CLASS)."""

    full_name = forms.CharField(label="Voornaam en naam", max_length=150)

    field_order = ["full_name", "email", "password1"]

    def signup(self, request: HttpRequest, user: User) -> None:  # noqa: ARG002 - allauth's signature
        """Called by allauth once the user exists."""
        user.full_name = self.cleaned_data["full_name"]
        user.save(update_fields=["full_name"])
        trail.record("user.signed_up", user, by=user, changes={"email": user.email})
