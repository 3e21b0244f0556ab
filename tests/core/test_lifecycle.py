from threading import Barrier, Thread
from time import sleep

import pytest
from django.db import OperationalError, connection, models, transaction

from ibnportal.core import lifecycle
from ibnportal.core.accounts.domain.people import grant_role
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import RoleGrant
from ibnportal.core.audit import trail
from ibnportal.core.errors import WrongState
from tests.factories.core import UserFactory


class GateState(models.TextChoices):
    OPEN = "open", "open"
    SHUT = "shut", "gesloten"
    LOCKED = "locked", "op slot"


TRANSITIONS = {GateState.OPEN: [GateState.SHUT], GateState.SHUT: [GateState.OPEN, GateState.LOCKED]}


class Gate(models.Model):
    state = models.CharField(max_length=10, choices=GateState.choices, default=GateState.OPEN)
    shut_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(auto_now=True)
    note = models.TextField(default="")

    class Meta:
        app_label = "lifecycle_test"
        verbose_name = "poort"


@pytest.fixture
def gate_table(request):
    with connection.schema_editor() as editor:
        editor.create_model(Gate)
    yield
    with connection.schema_editor() as editor:
        editor.delete_model(Gate)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("gate_table")
class TestChangeState:
    def test_saves_records_and_updates_what_the_caller_holds(self, clock):
        gate, user = Gate.objects.create(), UserFactory()
        before = gate.changed_at
        returned = lifecycle.change_state(
            gate, GateState.SHUT, by=user, transitions=TRANSITIONS, reason="Avond", shut_at=clock.now()
        )
        assert returned is gate
        stored = Gate.objects.get()
        assert (stored.state, stored.shut_at, gate.state, gate.shut_at) == (
            "shut",
            clock.now(),
            GateState.SHUT,
            clock.now(),
        )
        assert stored.changed_at > before
        event = trail.history(gate).get()
        assert (event.action, event.actor, event.reason) == ("gate.shut", user, "Avond")
        assert event.changes == {"state": ["open", "shut"], "shut_at": [None, "2026-01-20T09:00:00+00:00"]}

    def test_refuses_what_the_table_does_not_name_in_dutch(self):
        gate = Gate.objects.create()
        with pytest.raises(WrongState, match="poort staat op “open” en kan van daar niet naar “op slot”"):
            lifecycle.change_state(gate, GateState.LOCKED, by=None, transitions=TRANSITIONS)
        assert gate.state == GateState.OPEN
        assert not trail.history(gate).exists()

    def test_what_happened_already_is_said_as_such(self):
        gate = Gate.objects.create(state=GateState.SHUT)
        with pytest.raises(WrongState, match="poort staat al op “gesloten”"):
            lifecycle.change_state(gate, GateState.SHUT, by=None, transitions=TRANSITIONS)

    def test_an_end_state_leads_nowhere(self):
        gate = Gate.objects.create(state=GateState.LOCKED)
        with pytest.raises(WrongState):
            lifecycle.change_state(gate, GateState.OPEN, by=None, transitions=TRANSITIONS)

    def test_the_state_that_counts_is_the_one_in_the_database(self):
        gate = Gate.objects.create()
        Gate.objects.update(state=GateState.SHUT)
        lifecycle.change_state(gate, GateState.LOCKED, by=None, transitions=TRANSITIONS)
        assert Gate.objects.get().state == GateState.LOCKED

    def test_other_columns_are_left_as_they_are(self):
        gate = Gate.objects.create()
        Gate.objects.update(note="van een collega")
        lifecycle.change_state(gate, GateState.SHUT, by=None, transitions=TRANSITIONS)
        assert Gate.objects.get().note == "van een collega"

    def test_of_eight_at_once_one_wins(self):
        gate = Gate.objects.create()
        barrier, outcomes = Barrier(8), []

        def shut():
            try:
                own = Gate.objects.get(pk=gate.pk)
                barrier.wait()
                lifecycle.change_state(own, GateState.SHUT, by=None, transitions=TRANSITIONS)
                outcomes.append("shut")
            except WrongState:
                outcomes.append("refused")
            finally:
                connection.close()

        threads = [Thread(target=shut) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["refused"] * 7 + ["shut"]
        assert trail.history(gate).count() == 1

    def test_a_lock_needs_a_transaction(self):
        gate = Gate.objects.create()
        with pytest.raises(transaction.TransactionManagementError):
            lifecycle.lock(gate)
        with transaction.atomic():
            assert lifecycle.lock(gate) == gate

    def test_a_lock_keeps_a_second_one_out_but_not_who_refers_to_the_row(self):
        """A worker that holds a paper waits for a trail; who holds that trail signs on the paper: with whole locks a deadlock."""
        person, said = UserFactory(), []

        def elsewhere(deed):
            def run():
                try:
                    with transaction.atomic(), connection.cursor() as cursor:
                        cursor.execute("SET LOCAL lock_timeout = '200ms'")
                        deed()
                    said.append("went on")
                except OperationalError:
                    said.append("waited")
                finally:
                    connection.close()

            thread = Thread(target=run)
            thread.start()
            thread.join()

        with transaction.atomic():
            lifecycle.lock(person)
            elsewhere(lambda: trail.record("poort.tried", "poort:1", by=person))
            elsewhere(lambda: lifecycle.lock(person))
        assert said == ["went on", "waited"]

    def test_who_is_given_a_role_may_act_meanwhile(self):
        """The gift waits for the trail of the person, whose own deed is a row that refers to them: under a whole lock that was a deadlock."""
        person, giver, failed = UserFactory(), UserFactory(), []

        def give():
            try:
                grant_role(person, Role.SECRETARY, by=giver)
            except OperationalError as error:
                failed.append(error)
            finally:
                connection.close()

        thread = Thread(target=give)
        with transaction.atomic(), connection.cursor() as cursor:
            trail.record("person.changed", person, by=giver)
            thread.start()
            for _ in range(200):
                cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                if cursor.fetchone() != (0,):
                    break
                sleep(0.01)
            trail.record("poort.tried", "poort:2", by=person)
        thread.join()
        assert not failed
        assert RoleGrant.objects.filter(user=person).exists()
