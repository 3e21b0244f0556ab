"""A made-up programme: how many of each, the same at every run, and nothing that breaks an invariant."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from applications.models import Application
from calls.models import Call
from evaluation.models import Decision
from ibnportal.core import invariants
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.enterprise_numbers import is_valid
from ibnportal.core.errors import DomainError
from ibnportal.portal import growing
from monitoring.models import AwardYear, Contribution, Membership, Network

pytestmark = pytest.mark.django_db

TINY = growing.Size(calls=3, applications=20, networks=7, memberships=40, ledger=130)


def test_the_rows_of_a_tiny_programme():
    assert growing.grow(TINY, seed=1) == {
        "oproepen": 3, "dossiers": 20, "netwerken": 7, "ondernemingen": 4, "lidmaatschappen": 28, "bijdragen": 130,
    }  # fmt: skip
    assert [call.applications.count() for call in Call.objects.order_by("code")] == [7, 7, 6]
    assert [call.networks.count() for call in Call.objects.order_by("code")] == [3, 2, 2]
    assert AwardYear.objects.count() == 21
    assert Application.objects.filter(state="awarded").count() == 7
    awarded = Decision.objects.filter(outcome="awarded").aggregate(amount=Sum("amount"))["amount"]
    assert AwardYear.objects.aggregate(amount=Sum("awarded_amount"))["amount"] == awarded
    assert all(map(is_valid, Organisation.objects.values_list("enterprise_number", flat=True)))
    assert {one.state for one in Contribution.objects.all()} == {"accepted", "refused", "submitted"}


def test_no_invariant_is_broken():
    growing.grow(TINY, seed=2)
    assert list(invariants.breaches()) == []


def rules_of_the_ledger() -> list[str]:
    """What the database holds of the ledger: constraints, and indexes by their definition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'monitoring_contribution'::regclass"
            " UNION ALL SELECT indexdef FROM pg_indexes WHERE tablename = 'monitoring_contribution' ORDER BY 1"
        )
        return [text for (text,) in cursor.fetchall()]


def test_the_ledger_has_its_keys_and_indexes_again():
    before = rules_of_the_ledger()
    growing.grow(TINY, seed=3)
    assert rules_of_the_ledger() == before
    assert sum("FOREIGN KEY" in text and "INITIALLY DEFERRED" in text for text in before) == 7
    assert sum("INDEX invoice_once_per_year" in text for text in before) == 1


def test_a_row_that_breaks_a_key_stops_the_growing():
    growing.grow(TINY, seed=3)
    broken = pytest.raises(IntegrityError, match="is not present in table")
    with broken, transaction.atomic(), growing._bare("monitoring_contribution"):
        Contribution.objects.update(payer_id=0)


def fingerprint(seed: int) -> list[object]:
    """What was grown, without keys, which the database counts on."""
    with transaction.atomic():
        growing.grow(TINY, seed=seed)
        found: list[object] = []
        for rows, fields in (
            (Organisation.objects.order_by("enterprise_number"), ("name", "enterprise_number", "postcode", "profile__staff", "profile__founded_on")),
            (Application.objects.order_by("number"), ("number", "title", "state", "requested_grant", "applicant__enterprise_number", "created_at")),
            (Network.objects.order_by("code"), ("code", "network_type", "start_on", "kpi_values__value")),
            (Membership.objects.order_by("network__code", "organisation__enterprise_number"), ("network__code", "organisation__enterprise_number", "joined_on", "left_on", "yearly_fee")),
            (Contribution.objects.order_by("award_year__network__code", "award_year__project_year", "invoice_number"), ("award_year__network__code", "payer__enterprise_number", "amount", "kind", "state", "invoiced_on", "refused_rule")),
        ):  # fmt: skip
            found.append(sorted(map(str, rows.values_list(*fields))))
        transaction.set_rollback(True)
    return found


def test_the_same_seed_grows_the_same_rows():
    assert fingerprint(7) == fingerprint(7)
    assert fingerprint(7) != fingerprint(8)


def test_the_whole_programme_has_its_sizes():
    assert growing.Size() == growing.Size(100, 10_000, 2_000, 200_000, 2_000_000)
    assert growing.Size().scaled(0.01) == growing.Size(1, 100, 20, 2_000, 20_000)
    assert growing.Size().scaled(0.000001) == growing.Size(1, 1, 1, 1, 2)


class TestTheCommand:
    def test_prints_what_there_is(self):
        out = StringIO()
        call_command("grow_programme", scale=0.001, stdout=out)
        assert [line.split() for line in out.getvalue().splitlines()[:6]] == [
            ["1", "oproepen"], ["10", "dossiers"], ["2", "netwerken"], ["20", "ondernemingen"], ["40", "lidmaatschappen"], ["2000", "bijdragen"],
        ]  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM monitoring_contribution")
            assert cursor.fetchone() == (2000,)

    def test_grows_once(self):
        call_command("grow_programme", scale=0.0001, stdout=StringIO())
        with pytest.raises(CommandError, match="staat al een verzonnen programma"):
            call_command("grow_programme", scale=0.0001, stdout=StringIO())

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"scale": 0}, "tussen 0 en 10"),
            ({"scale": 11}, "tussen 0 en 10"),
            ({"scale": 0.001, "networks": 11}, "11 netwerken uit 10 dossiers kan niet"),
            ({"scale": 0.001, "calls": 0}, "minstens 1"),
        ],
    )
    def test_what_cannot_be_says_so(self, given, message):
        with pytest.raises(CommandError, match=message):
            call_command("grow_programme", stdout=StringIO(), **given)

    def test_never_in_production(self, settings):
        settings.DEBUG = settings.DEMO = settings.TESTING = False
        with pytest.raises(DomainError, match="hoort niet in productie"):
            growing.grow(TINY, seed=1)
        assert not Call.objects.exists()
