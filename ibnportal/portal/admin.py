"""Keys for reporting tools: made and revoked here; the secret is shown once, on the page after making it."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from ibnportal.core.accounts.models import User
from ibnportal.portal import tokens
from ibnportal.portal.models import ApiToken


class ApiTokenForm(forms.ModelForm):
    """A new key."""

    class Meta:
        model = ApiToken
        fields = ("name", "reads_as", "expires_on")
        help_texts = {
            "name": "Welk rapport of welke toepassing de sleutel gebruikt.",
            "reads_as": "De sleutel geeft wat deze persoon mag zien: een beleidslezer of een beheerder.",
            "expires_on": "Hoogstens een jaar ver. De sleutel zelf ziet u één keer, na het opslaan.",
        }
        widgets = {"expires_on": forms.DateInput(attrs={"type": "date"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "reads_as" in self.fields:
            grants = {"role_grants__role__in": tokens.READERS, "role_grants__revoked_at": None}
            field = cast("forms.ModelChoiceField[User]", self.fields["reads_as"])
            for icon in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, icon, False)  # a person is made elsewhere
            field.queryset = User.objects.filter(is_active=True, **grants).distinct()

    def clean(self) -> dict[str, Any]:
        """As the verb will say."""
        data = super().clean() or self.cleaned_data
        if data.get("reads_as") and data.get("expires_on"):
            for field, problem in tokens.problems(reads_as=data["reads_as"], expires_on=data["expires_on"]).items():
                self.add_error(field, problem)
        return data


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    form = ApiTokenForm
    list_display = ["name", "hint", "reads_as", "expires_on", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "hint"]
    list_select_related = ["reads_as"]
    actions = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ["name", "reads_as", "expires_on"]
        return ["name", "reads_as", "hint", "made_at", "made_by", "expires_on", "revoked_at", "revoked_by"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        given = form.cleaned_data
        made, secret = tokens.issue(
            name=given["name"],
            reads_as=given["reads_as"],
            expires_on=given["expires_on"],
            by=cast("User", request.user),
        )
        obj.__dict__.update(made.__dict__)
        request.issued_secret = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        """The page with the secret: not a message, which would wait in a cookie."""
        context = {**self.admin_site.each_context(request), "title": "Nieuwe toegangssleutel", "token": obj, "secret": getattr(request, "issued_secret", ""), "opts": self.opts}  # fmt: skip
        response = TemplateResponse(request, "admin/portal/apitoken/issued.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description="Trek de gekozen sleutels in", permissions=["view"])
    def revoke(self, request: HttpRequest, found: Any) -> None:
        for token in found:
            tokens.revoke(token, by=cast("User", request.user))
