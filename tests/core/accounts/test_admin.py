import pytest
from django.contrib import admin
from django.urls import reverse

from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, OrganisationMembership, RoleGrant, User
from ibnportal.core.audit import trail
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.outbox import queue
from ibnportal.core.outbox.models import OutboxMessage
from tests.factories.core import MembershipFactory, OrganisationFactory, StoredFileFactory, UserFactory

pytestmark = pytest.mark.django_db

CORE = {"accounts", "audit", "files", "outbox", "workdays"}


def inline(prefix, total, **fields):
    return {
        f"{prefix}-TOTAL_FORMS": total,
        f"{prefix}-INITIAL_FORMS": 0,
        **{f"{prefix}-0-{name}": value for name, value in fields.items()},
    }


def user_form(user, *, role="", organisation=None):
    data = {"email": user.email, "full_name": user.full_name, "is_active": "on"}
    data |= inline("role_grants", 1 if role else 0, role=role, user=user.pk)
    membership = {"organisation": organisation.pk, "since": "01/01/2026", "user": user.pk} if organisation else {}
    return data | inline("memberships", 1 if organisation else 0, **membership)


@pytest.fixture
def administrator(as_role):
    return as_role(Role.ADMINISTRATOR, is_staff=True)


class TestWhoGetsIn:
    def test_anonymous_is_sent_to_the_one_login(self, client):
        response = client.get("/beheer/", follow=True)
        assert response.redirect_chain[-1][0].startswith("/account/login/")

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
    def test_for_any_other_role_there_is_nothing(self, as_role, role):
        client = as_role(role)
        for url in ("/beheer/", "/beheer/accounts/user/", "/beheer/login/"):
            assert client.get(url, follow=True).status_code == 404

    def test_an_applicant_finds_nothing_either(self, as_applicant):
        assert as_applicant().get("/beheer/").status_code == 404


class TestPages:
    def test_every_list_and_row_opens(self, administrator, clock):
        people.grant_role(UserFactory(), Role.EXPERT, by=administrator.user)
        MembershipFactory()
        StoredFileFactory()
        queue.enqueue("test.effect", key="a")
        for model in admin.site._registry:
            label, name = model._meta.app_label, model._meta.model_name
            if label not in CORE:
                continue
            assert administrator.get(reverse(f"admin:{label}_{name}_changelist")).status_code == 200
            row = model.objects.first()
            if row is not None:
                assert administrator.get(reverse(f"admin:{label}_{name}_change", args=[row.pk])).status_code == 200

    def test_the_trail_the_files_and_the_outbox_are_to_read_only(self, administrator):
        event = AuditEvent.objects.first() or trail.record("x.done", "x:1", by=None)
        for model in ("audit_auditevent", "files_storedfile", "outbox_outboxmessage", "outbox_mailrecord"):
            assert administrator.get(reverse(f"admin:{model}_add")).status_code == 403
        assert administrator.post(reverse("admin:audit_auditevent_delete", args=[event.pk])).status_code == 403
        assert (
            administrator.post(reverse("admin:audit_auditevent_change", args=[event.pk]), {"reason": "x"}).status_code
            == 403
        )


class TestPeople:
    def test_a_role_is_granted_through_the_domain(self, administrator, clock):
        user = UserFactory()
        url = reverse("admin:accounts_user_change", args=[user.pk])
        response = administrator.post(url, user_form(user, role=Role.EXPERT))
        assert response.status_code == 302
        grant = RoleGrant.objects.get(user=user)
        assert (grant.role, grant.granted_by, grant.granted_at) == (Role.EXPERT, administrator.user, clock.now())
        assert "role.granted" in trail.history(user).values_list("action", flat=True)

    def test_a_membership_is_added_through_the_domain(self, administrator):
        user, organisation = UserFactory(), OrganisationFactory()
        url = reverse("admin:accounts_user_change", args=[user.pk])
        assert administrator.post(url, user_form(user, organisation=organisation)).status_code == 302
        assert OrganisationMembership.objects.get(user=user).organisation == organisation
        assert trail.history(organisation).get().action == "member.added"

    def test_a_new_user_has_no_password_yet(self, administrator):
        data = user_form(UserFactory.build(email="nieuw@voorbeeld.be"))
        data = {key: value for key, value in data.items() if value is not None}
        assert administrator.post(reverse("admin:accounts_user_add"), data).status_code == 302
        user = User.objects.get(email="nieuw@voorbeeld.be")
        assert not user.has_usable_password()
        assert trail.history(user).get().actor == administrator.user

    def test_roles_are_revoked_by_an_action(self, administrator):
        user = UserFactory()
        grant = people.grant_role(user, Role.EXPERT, by=None)
        data = {"action": "revoke", "_selected_action": [grant.pk]}
        administrator.post(reverse("admin:accounts_rolegrant_changelist"), data)
        grant.refresh_from_db()
        assert grant.revoked_by == administrator.user

    def test_memberships_are_ended_by_an_action(self, administrator):
        membership = MembershipFactory()
        data = {"action": "end", "_selected_action": [membership.pk]}
        administrator.post(reverse("admin:accounts_organisationmembership_changelist"), data)
        membership.refresh_from_db()
        assert membership.until is not None

    def test_a_wrong_number_comes_back_as_an_error_in_the_form(self, administrator):
        data = {"name": "Voorbeeld", "enterprise_number": "0566988258", "kind": "company", **inline("memberships", 0)}
        response = administrator.post(reverse("admin:accounts_organisation_add"), data)
        assert response.status_code == 200
        assert "59, niet 58" in response.content.decode()
        assert not Organisation.objects.exists()


def test_a_failing_message_is_tried_again_on_request(administrator, monkeypatch):
    message = queue.enqueue("test.effect", key="a")
    queue.perform(message.pk)
    nudged = []
    monkeypatch.setattr(queue, "nudge", nudged.append)
    data = {"action": "try_now", "_selected_action": [message.pk]}
    administrator.post(reverse("admin:outbox_outboxmessage_changelist"), data)
    assert nudged == [message.pk]
    assert OutboxMessage.objects.due().count() == 1
