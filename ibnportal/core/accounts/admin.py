"""People, roles and organisations for the administrator: every change goes through the verbs of `domain.people`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.contrib.auth.views import redirect_to_login
from django.forms import BaseModelFormSet, ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, OrganisationMembership, RoleGrant, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError

admin.site.site_header = "IBN-portaal: beheer"
admin.site.site_title = "IBN-portaal"
admin.site.index_title = "Beheer"
admin.site.unregister(Group)


def _may_enter(request: HttpRequest) -> bool:
    """Anonymous goes to the login page; for whoever else is no administrator there is nothing here."""
    user = request.user
    if not user.is_authenticated:
        return False
    if not (user.is_active and user.is_staff):
        raise Http404
    return True


def _login(request: HttpRequest, _extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The portal's own login, with its second factor and rate limits, instead of the admin's."""
    if _may_enter(request):
        return redirect("admin:index")
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


admin.site.has_permission = _may_enter  # type: ignore[method-assign]
admin.site.login = _login  # type: ignore[method-assign, assignment]


class RoleGrantInline(admin.TabularInline):  # type: ignore[type-arg]
    model = RoleGrant
    fk_name = "user"
    extra = 0
    fields = ["role", "granted_at", "granted_by", "revoked_at", "revoked_by"]
    readonly_fields = ["granted_at", "granted_by", "revoked_at", "revoked_by"]
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = OrganisationMembership
    extra = 0
    fields = ["user", "organisation", "is_legal_representative", "since", "until"]
    readonly_fields = ["until"]
    autocomplete_fields = ["user", "organisation"]
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ByVerb(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that are added in an inline go through the domain, not through save()."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_formset(
        self,
        request: HttpRequest,
        form: ModelForm[Any],
        formset: BaseModelFormSet[Any, Any],
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        assert isinstance(request.user, User)  # noqa: S101 - the admin is behind a login
        rows = formset.save(commit=False)
        formset.new_objects, formset.changed_objects, formset.deleted_objects = list(rows), [], []
        for row in rows:
            try:
                if isinstance(row, RoleGrant):
                    people.grant_role(row.user, Role(row.role), by=request.user)
                elif isinstance(row, OrganisationMembership):
                    people.add_member(
                        row.organisation,
                        row.user,
                        by=request.user,
                        is_legal_representative=row.is_legal_representative,
                        since=row.since,
                    )
            except DomainError as error:
                messages.error(request, error.message)


@admin.register(User)
class UserAdmin(ByVerb):
    list_display = ["full_name", "email", "is_active", "date_joined", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["full_name", "email"]
    fields = ["email", "full_name", "is_active", "date_joined", "last_login"]
    readonly_fields = ["date_joined", "last_login"]
    inlines = [RoleGrantInline, MembershipInline]

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:  # noqa: FBT001 - Django's signature
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        assert isinstance(request.user, User)  # noqa: S101 - the admin is behind a login
        trail.record("user.changed" if change else "user.registered", obj, by=request.user, changes=changes)


@admin.register(RoleGrant)
class RoleGrantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["user", "role", "granted_at", "granted_by", "revoked_at", "revoked_by"]
    list_filter = ["role", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["user__full_name", "user__email"]
    list_select_related = ["user", "granted_by", "revoked_by"]
    actions = ["revoke"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Trek de gekozen rollen in", permissions=["view"])
    def revoke(self, request: HttpRequest, grants: Any) -> None:
        assert isinstance(request.user, User)  # noqa: S101 - the admin is behind a login
        for grant in grants.filter(revoked_at__isnull=True).select_related("user"):
            try:
                people.revoke_role(grant.user, Role(grant.role), by=request.user)
            except DomainError as error:
                messages.error(request, error.message)


@admin.register(OrganisationMembership)
class MembershipAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["organisation", "user", "is_legal_representative", "since", "until"]
    list_filter = ["is_legal_representative", ("until", admin.EmptyFieldListFilter)]
    search_fields = ["user__full_name", "user__email", "organisation__name"]
    list_select_related = ["user", "organisation"]
    actions = ["end"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Beëindig de gekozen lidmaatschappen", permissions=["view"])
    def end(self, request: HttpRequest, memberships: Any) -> None:
        assert isinstance(request.user, User)  # noqa: S101 - the admin is behind a login
        for membership in memberships.filter(until__isnull=True).select_related("user"):
            people.end_membership(membership, by=request.user)


@admin.register(Organisation)
class OrganisationAdmin(ByVerb):
    list_display = ["name", "enterprise_number", "kind", "postcode", "municipality"]
    list_filter = ["kind", "has_legal_personality"]
    search_fields = ["name", "enterprise_number"]
    inlines = [MembershipInline]

    def save_model(self, request: HttpRequest, obj: Organisation, form: ModelForm[Organisation], change: bool) -> None:  # noqa: FBT001 - Django's signature
        super().save_model(request, obj, form, change)
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        assert isinstance(request.user, User)  # noqa: S101 - the admin is behind a login
        action = "organisation.changed" if change else "organisation.registered"
        trail.record(action, obj, by=request.user, changes=changes)
