from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier, Thread

import pgtrigger
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from ibnportal.core.audit.models import AuditEvent
from tests.factories.core import OrganisationFactory, UserFactory


@pytest.mark.django_db
class TestRecord:
    def test_says_who_what_when_and_why(self, clock):
        user, organisation = UserFactory(full_name="An Peeters"), OrganisationFactory()
        trail.record("organisation.changed", organisation, by=user, changes={"name": ["a", "b"]}, reason="Fusie")
        event = trail.history(organisation).get()
        assert (event.actor, event.actor_label, event.at, event.reason) == (user, "An Peeters", clock.now(), "Fusie")
        assert event.stream == f"accounts.organisation:{organisation.pk}"

    def test_every_subject_has_its_own_chain(self):
        first, second = OrganisationFactory(), OrganisationFactory()
        for subject in (first, second, first):
            trail.record("organisation.changed", subject, by=None)
        assert [event.seq for event in trail.history(first)] == [1, 2]
        assert [event.seq for event in trail.history(second)] == [1]
        one, two = trail.history(first)
        assert two.previous_hash == one.hash

    @pytest.mark.parametrize(
        ("by", "label"),
        [
            (None, "systeem"),
            (AnonymousUser(), "anoniem"),
            ("An Claes, via persoonlijke link", "An Claes, via persoonlijke link"),
        ],
    )
    def test_an_actor_without_an_account_has_a_label(self, by, label):
        event = trail.record("letter.confirmed", "applications.letter:7", by=by)
        assert (event.actor, event.actor_label) == (None, label)

    def test_whatever_the_values_the_chain_can_be_checked(self):
        changes = {
            "amount": Decimal("1.10"), "share": 1e16, "ratio": 0.1, "on": date(2026, 1, 1), "count": 10**20,
            "at": datetime(2026, 1, 1, 12, tzinfo=UTC), "role": Role.EXPERT, "set": {"b", "a"}, "user": UserFactory(),
            "text": "nul \x00 en half \ud800 en 😀 €", "nested": {"list": [1, None, True, {"x": "y"}]}, 5: "sleutel",
        }  # fmt: skip
        trail.record("x.changed", "x:1", by=None, changes=changes, reason="nul \x00")
        assert trail.verify("x:1") == []
        stored = AuditEvent.objects.get(stream="x:1").changes
        assert (stored["amount"], stored["set"], stored["role"]) == ("1.10", ["a", "b"], "expert")

    def test_only_what_is_saved_has_a_trail(self):
        with pytest.raises(ValueError, match="saved"):
            trail.record("organisation.changed", OrganisationFactory.build(), by=None)

    def test_costs_three_queries(self, django_assert_num_queries):
        organisation, user = OrganisationFactory(), UserFactory()
        with django_assert_num_queries(3):
            trail.record("organisation.changed", organisation, by=user)

    def test_a_look_is_recorded(self):
        organisation, user = OrganisationFactory(), UserFactory()
        trail.record_look(organisation, by=user)
        assert trail.history(organisation).get().action == "organisation.looked"


@pytest.mark.django_db
class TestAppendOnly:
    @pytest.fixture(autouse=True)
    def _one_row(self):
        trail.record("x.done", "x:1", by=None)

    def test_the_database_refuses_a_change(self):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            AuditEvent.objects.update(reason="anders")

    def test_the_database_refuses_a_removal(self):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            AuditEvent.objects.all().delete()

    def test_the_database_refuses_a_truncate(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="Cannot truncate"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("TRUNCATE audit_auditevent CASCADE")


@pytest.mark.django_db
class TestVerify:
    @pytest.fixture(autouse=True)
    def _three_rows(self):
        for action in ("x.first", "x.second", "x.third"):
            trail.record(action, "x:1", by=None)
        trail.record("y.done", "y:1", by=None)

    def test_a_whole_chain_has_no_breaks(self):
        assert trail.verify() == []

    @pytest.mark.parametrize(
        ("column", "value"),
        [("reason", "anders"), ("action", "x.other"), ("at", datetime(2020, 1, 1, tzinfo=UTC)), ("actor_label", "ik")],
    )
    def test_a_changed_row_is_found(self, column, value):
        with pgtrigger.ignore("audit.AuditEvent:append_only"):
            AuditEvent.objects.filter(stream="x:1", seq=2).update(**{column: value})
        assert trail.verify() == ["x:1 #2: content and hash differ"]

    def test_a_missing_row_is_found(self):
        with pgtrigger.ignore("audit.AuditEvent:append_only"):
            AuditEvent.objects.filter(stream="x:1", seq=2).delete()
        assert trail.verify() == ["x:1: #2 is missing before #3", "x:1 #3: does not follow the row before it"]

    def test_a_row_that_was_changed_and_hashed_again_breaks_the_next_link(self):
        event = AuditEvent.objects.get(stream="x:1", seq=2)
        event.reason = "anders"
        with pgtrigger.ignore("audit.AuditEvent:append_only"):
            AuditEvent.objects.filter(pk=event.pk).update(reason="anders", hash=trail.hash_of(event))
        assert trail.verify("x:1") == ["x:1 #3: does not follow the row before it"]

    def test_the_command_prints_it_and_fails(self, capsys):
        with pgtrigger.ignore("audit.AuditEvent:append_only"):
            AuditEvent.objects.filter(stream="x:1", seq=2).update(reason="anders")
        with pytest.raises(SystemExit) as exit_code:
            call_command("check_invariants")
        assert exit_code.value.code == 1
        assert "audit chain unbroken: x:1 #2: content and hash differ" in capsys.readouterr().out

    def test_the_command_is_silent_when_all_is_well(self, capsys):
        call_command("check_invariants")
        assert capsys.readouterr().out == ""


@pytest.mark.django_db(transaction=True)
def test_many_at_once_leave_one_unbroken_chain():
    barrier = Barrier(8)

    def write(number: int) -> None:
        try:
            barrier.wait()
            for turn in range(5):
                with transaction.atomic():
                    trail.record("x.done", "x:1", by=None, changes={"who": number, "turn": turn})
        finally:
            connection.close()

    threads = [Thread(target=write, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(AuditEvent.objects.values_list("seq", flat=True).order_by("seq")) == list(range(1, 41))
    assert trail.verify() == []
