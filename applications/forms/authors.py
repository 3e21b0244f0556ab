"""The form that invites somebody to a dossier."""

from typing import Any

from django import forms

from applications.enums import AuthorRole


class InviteForm(forms.Form):
    """Whom to invite, and as what; a role that this person may not give is not offered."""

    full_name = forms.CharField(label="Voornaam en naam", max_length=150)
    email = forms.EmailField(label="E-mailadres", max_length=254)
    role = forms.ChoiceField(label="Rol", widget=forms.RadioSelect)

    def __init__(self, *args: Any, may_let_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [role for role in AuthorRole if may_let_in or not role.is_of_organisation]
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker what the class says above
        field.choices = [(role.value, f"{role.label}: {role.description}") for role in roles]
        field.initial = AuthorRole.AUTHOR.value
