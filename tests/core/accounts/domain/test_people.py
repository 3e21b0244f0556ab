from datetime import date

import pytest
from django.db import IntegrityError, transaction

from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, OrganisationMembership, RoleGrant, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError
from tests.factories.core import MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


def actions(subject):
    return list(trail.history(subject).values_list("action", flat=True))


class TestRoles:
    def test_a_grant_knows_who_and_when(self, clock):
        admin, user = UserFactory(), UserFactory()
        grant = people.grant_role(user, Role.EXPERT, by=admin)
        assert (grant.granted_by, grant.granted_at) == (admin, clock.now())
        assert user.has_role(Role.EXPERT)
        assert actions(user) == ["role.granted"]

    def test_the_same_role_is_granted_once(self):
        user = UserFactory()
        first = people.grant_role(user, Role.EXPERT, by=None)
        assert people.grant_role(user, Role.EXPERT, by=None) == first
        assert actions(user) == ["role.granted"]

    def test_a_revoked_role_is_gone_at_once_and_can_come_back(self):
        user = UserFactory()
        people.grant_role(user, Role.EXPERT, by=None)
        people.revoke_role(user, Role.EXPERT, by=None, reason="Einde opdracht")
        assert not user.has_role(Role.EXPERT)
        people.grant_role(user, Role.EXPERT, by=None)
        assert user.has_role(Role.EXPERT)
        assert RoleGrant.objects.filter(user=user).count() == 2
        assert trail.history(user)[1].reason == "Einde opdracht"

    def test_the_administrator_gets_into_the_admin_and_out_of_it(self):
        user = UserFactory()
        people.grant_role(user, Role.ADMINISTRATOR, by=None)
        assert User.objects.get(pk=user.pk).is_staff
        people.revoke_role(user, Role.ADMINISTRATOR, by=None)
        assert not User.objects.get(pk=user.pk).is_staff

    def test_nobody_takes_away_their_own_administration(self):
        admin = UserFactory()
        people.grant_role(admin, Role.ADMINISTRATOR, by=None)
        with pytest.raises(DomainError, match="eigen rol"):
            people.revoke_role(admin, Role.ADMINISTRATOR, by=admin)

    def test_the_database_refuses_a_second_open_grant(self, clock):
        user, admin = UserFactory(), UserFactory()
        people.grant_role(user, Role.EXPERT, by=admin)
        with pytest.raises(IntegrityError, match="rolegrant_one_open"), transaction.atomic():
            RoleGrant.objects.create(user=user, role=Role.EXPERT, granted_at=clock.now(), granted_by=admin)

    def test_the_database_refuses_an_end_without_who(self, clock):
        grant = people.grant_role(UserFactory(), Role.EXPERT, by=UserFactory())
        with pytest.raises(IntegrityError, match="rolegrant_revoked_at_with_by"), transaction.atomic():
            RoleGrant.objects.filter(pk=grant.pk).update(revoked_at=clock.now())


class TestOrganisations:
    def test_are_registered_with_a_checked_number(self):
        user = UserFactory()
        organisation = people.register_organisation(
            name=" Voorbeeld vzw ", enterprise_number="BE 0566.988.259", by=user, postcode="9000"
        )
        assert (organisation.name, organisation.enterprise_number) == ("Voorbeeld vzw", "0566988259")
        assert organisation.is_flemish
        assert actions(organisation) == ["organisation.registered"]

    @pytest.mark.rule("P1-LET-03")
    def test_wrong_check_digits_are_refused(self):
        with pytest.raises(DomainError, match="59, niet 58"):
            people.register_organisation(name="Voorbeeld", enterprise_number="0566988258", by=None)

    def test_a_number_in_use_is_refused_by_the_name_that_has_it(self):
        people.register_organisation(name="Eerste", enterprise_number="0566988259", by=None)
        with pytest.raises(DomainError, match=r"0566\.988\.259 staat al op naam van Eerste"):
            people.register_organisation(name="Tweede", enterprise_number="0566988259", by=None)

    def test_a_known_number_finds_the_organisation_as_it_stands(self):
        first, _ = people.find_or_register_organisation(name="Eerste", enterprise_number="0566988259", by=None)
        again, is_new = people.find_or_register_organisation(name="Tweede", enterprise_number="0566.988.259", by=None)
        assert (again, again.name, is_new) == (first, "Eerste", False)

    def test_history_knows_organisations_without_a_number(self):
        people.register_organisation(name="Zonder", by=None)
        people.register_organisation(name="Nog een", by=None)
        assert Organisation.objects.filter(enterprise_number="").count() == 2

    @pytest.mark.parametrize("number", ["056698825", "2566988259", "056698825x"])
    def test_the_database_refuses_what_is_no_number(self, number):
        with pytest.raises(IntegrityError, match="ten_digits"), transaction.atomic():
            OrganisationFactory(enterprise_number=number)

    def test_a_change_tells_what_was_and_what_is(self):
        organisation, user = OrganisationFactory(municipality="Gent"), UserFactory()
        people.change_organisation(organisation, by=user, municipality="Aalst")
        assert trail.history(organisation).last().changes == {"municipality": ["Gent", "Aalst"]}
        with pytest.raises(DomainError, match="staat vast"):
            people.change_organisation(organisation, by=user, enterprise_number="0566988259")

    def test_an_unknown_detail_is_a_mistake_of_ours(self):
        with pytest.raises(TypeError, match="colour"):
            people.register_organisation(name="Voorbeeld", by=None, colour="geel")

    def test_others_see_their_own_only(self, make_user):
        own, other = OrganisationFactory(), OrganisationFactory()
        assert list(Organisation.objects.visible_to(make_user(organisation=own))) == [own]
        assert set(Organisation.objects.visible_to(make_user(Role.CASE_HANDLER))) == {own, other}


class TestMembers:
    def test_act_for_their_organisation(self, clock):
        organisation, user = OrganisationFactory(), UserFactory()
        people.add_member(organisation, user, by=None, is_legal_representative=True)
        assert user.belongs_to(organisation)
        assert user.represents(organisation)
        assert list(organisation.legal_representatives()) == [user]
        assert actions(organisation) == ["member.added"]

    def test_a_colleague_does_not_represent(self, clock):
        organisation, user = OrganisationFactory(), UserFactory()
        people.add_member(organisation, user, by=None)
        assert user.belongs_to(organisation)
        assert not user.represents(organisation)

    def test_a_second_time_changes_the_power_only(self, clock):
        organisation, user = OrganisationFactory(), UserFactory()
        people.add_member(organisation, user, by=None)
        people.add_member(organisation, user, by=None)
        people.add_member(organisation, user, by=None, is_legal_representative=True)
        assert user.represents(organisation)
        assert OrganisationMembership.objects.count() == 1
        assert actions(organisation) == ["member.added", "member.changed"]

    def test_who_leaves_no_longer_acts_at_once(self, clock):
        organisation, user = OrganisationFactory(), UserFactory()
        membership = people.add_member(organisation, user, by=None, is_legal_representative=True)
        people.end_membership(membership, by=None)
        user.refresh_from_db()
        assert not user.belongs_to(organisation)
        assert not user.represents(organisation)

    def test_a_membership_of_later_does_not_hold_yet(self, clock):
        membership = MembershipFactory(since=date(2026, 1, 21))
        assert not membership.user.organisation_ids
        clock.advance(days=1)
        membership.user.refresh_from_db()
        assert membership.user.organisation_ids == {membership.organisation_id}

    def test_who_is_deactivated_has_neither_roles_nor_organisations(self, make_user):
        user = make_user(Role.EXPERT, organisation=OrganisationFactory(), is_active=False)
        assert user.roles == frozenset()
        assert user.organisation_ids == frozenset()


def test_an_address_is_one_account_whatever_its_capitals():
    people.register_user(email="An@Voorbeeld.be", full_name="An", by=None)
    with pytest.raises(DomainError, match="al een gebruiker"):
        people.register_user(email="AN@voorbeeld.be", full_name="Ann", by=None)
    with pytest.raises(IntegrityError, match="user_email_lower_case"), transaction.atomic():
        User.objects.create(email="Bram@voorbeeld.be")


def test_roles_and_organisations_cost_one_query(make_user, django_assert_num_queries):
    user = make_user(Role.EXPERT)
    with django_assert_num_queries(1):
        for _ in range(3):
            assert user.has_role(Role.EXPERT)
            assert not user.organisation_ids


def test_the_system_cannot_log_in(client):
    system = people.system_user()
    assert people.system_user() == system
    assert not system.is_active
    assert not system.has_usable_password()
