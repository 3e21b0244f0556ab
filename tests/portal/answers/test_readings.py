"""Where sources disagree, one counts: chosen with a reason, the others kept, and answers of an earlier day as they were (ADR 0035)."""

from datetime import date

import pytest

from calls.models import PublishedFact
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.errors import DomainError
from ibnportal.portal.answers import asking, reads
from monitoring.domain import readings
from monitoring.models import KpiValue, Network, NetworkFact
from tests.factories.monitoring import team

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(programme, make_user, clock):
    clock.set("2027-03-01T10:00")
    return make_user(Role.POLICY_READER)


def other_end() -> NetworkFact:
    """What another source says of the end of a network: a day that differs from the one that counts."""
    rows = NetworkFact.objects.filter(attribute="einde", is_reading=False, value__regex=r"^\d+/\d+/\d+$")
    return next(fact for fact in rows.select_related("network") if readings._day(fact.value) != fact.network.end_on)


def end_of(found, network: Network) -> object:
    return next(row.cells["end"] for row in found.rows if row.key == network.code)


def test_another_end_counts_from_its_choice_on_and_the_day_before_as_it_was(policy, answer):
    fact = other_end()
    before, after = fact.network.end_on, readings._day(fact.value)
    readings.choose(fact, reason="De steun liep tot dan.", by=policy)
    stated = {one.pk: one.is_reading for one in NetworkFact.objects.filter(network=fact.network, attribute="einde")}
    assert [pk for pk, is_reading in stated.items() if is_reading] == [fact.pk]
    assert len(stated) > 1
    assert end_of(answer("QE-03", "2027-03-01"), fact.network) == after
    row = next(row for row in answer("QE-03", "2027-02-28").rows if row.key == fact.network.code)
    assert row.cells["end"] == before
    assert row.behind[0].value != fact.value
    assert row.behind[0].is_reading
    event = AuditEvent.objects.get(action="network.reading_chosen")
    assert (event.reason, event.changes["value"][1], event.actor) == ("De steun liep tot dan.", fact.value, policy)


def test_two_choices_are_read_back_one_by_one(policy, answer, clock):
    fact = other_end()
    first = NetworkFact.objects.get(network=fact.network, attribute="einde", is_reading=True)
    ends = [fact.network.end_on, readings._day(fact.value)]
    readings.choose(fact, reason="Tabel 3.", by=policy)
    clock.set("2027-04-01T10:00")
    first.refresh_from_db()
    readings.choose(first, reason="Toch niet.", by=policy)
    found = {day: end_of(answer("QE-03", day), fact.network) for day in ("2027-02-28", "2027-03-15", "2027-04-01")}
    assert found["2027-02-28"] == found["2027-04-01"] == readings._day(first.value) == ends[0]
    assert found["2027-03-15"] == ends[1]


def test_what_cannot_be_chosen_says_why(policy, make_user):
    fact = other_end()
    taken = NetworkFact.objects.get(network=fact.network, attribute="einde", is_reading=True)
    vague = NetworkFact.objects.create(network=fact.network, attribute="einde", value="eind 2019", source="Een brief")
    for chosen, by, reason, message in (
        (fact, policy, "  ", "Schrijf op waarom"),
        (taken, policy, "Zo.", "geldt al"),
        (vague, policy, "Zo.", "is geen dag"),
        (fact, make_user(Role.CASE_HANDLER), "Zo.", "Enkel beleid en beheer"),
    ):
        with pytest.raises(DomainError, match=message):
            readings.choose(chosen, reason=reason, by=by)
    assert not AuditEvent.objects.filter(action="network.reading_chosen").exists()


def test_an_end_before_the_start_cannot_be_chosen(policy, as_user):
    """Said at the choice, with both days; the database would refuse it without a word."""
    network = Network.objects.filter(is_reconstructed=True, start_on__isnull=False).order_by("pk").first()
    early = NetworkFact.objects.create(network=network, attribute="einde", value="1/1/2001", source="Een brief")
    page = as_user(policy).post("/antwoorden/lezingen/kies/", {"lezing": early.pk, "reden": "Zo."})
    assert page.status_code == 422
    assert f"het netwerk startte op {network.start_on:%d/%m/%Y}" in page.content.decode()


def test_no_source_moves_the_end_of_a_network_with_an_agreement(policy):
    network = team().network
    said = NetworkFact.objects.create(network=network, attribute="einde", value="31/12/2031", source="Een krant")
    with pytest.raises(DomainError, match="enkel een addendum"):
        readings.choose(said, reason="Zo.", by=policy)
    assert Network.objects.get(pk=network.pk).end_on == network.end_on


def test_what_counted_is_read_from_the_trail():
    choices = [
        ("monitoring.network:7", {"attribute": "einde", "reading": [12, 11], "end_on": ["2019-08-31", "2019-09-30"]}),
        ("monitoring.network:7", {"attribute": "einde", "reading": [11, 12], "end_on": ["2019-09-30", "2019-08-31"]}),
        ("monitoring.network:8", {"attribute": "projecten", "reading": [None, 3]}),
    ]
    assert readings.before(choices) == readings.Earlier(
        {(7, "einde"): 11, (8, "projecten"): None}, {7: date(2019, 9, 30)}
    )


def test_chosen_on_the_page(policy, as_user, django_assert_max_num_queries):
    fact, client = other_end(), as_user(policy)
    with django_assert_max_num_queries(8):
        page = client.get("/antwoorden/lezingen/").content.decode()
    assert fact.source in page
    refused = client.post("/antwoorden/lezingen/kies/", {"lezing": fact.pk, "reden": ""})
    assert refused.status_code == 422
    assert "Schrijf op waarom deze bron beter is" in refused.content.decode()
    for typed in ("", "abc", "999999999"):
        assert client.post("/antwoorden/lezingen/kies/", {"lezing": typed, "reden": "Zo."}).status_code == 422
    chosen = client.post(
        "/antwoorden/lezingen/kies/", {"lezing": fact.pk, "reden": "De steun liep tot dan."}, follow=True
    )
    assert "De steun liep tot dan." in chosen.content.decode()
    fact.refresh_from_db()
    assert fact.is_reading


class TestWhatWasPrinted:
    """About a call or the programme (`PublishedFact`): five subjects of the loaded programme, of which each source gives another figure."""

    DISAGREE = {
        ("2015", "gesteund-totaal"),
        ("2015", "startperiode"),
        ("2015", "toegekend"),
        (None, "leden-totaal"),
        (None, "samenwerkingen-totaal"),
    }

    @pytest.fixture
    def members(self, policy):
        """1 132 in table 5, beside the sum of table 7."""
        return PublishedFact.objects.get(subject="leden-totaal", number=1132)

    def test_the_page_shows_each_subject_on_which_sources_disagree(self, policy, as_user):
        groups = as_user(policy).get("/antwoorden/lezingen/").context["groups"]
        facts = [group.facts[0] for group in groups if isinstance(group.facts[0], PublishedFact)]
        assert {(fact.call.code if fact.call else None, fact.subject) for fact in facts} == self.DISAGREE

    def test_another_source_counts_from_its_choice_on_and_the_day_before_as_it_was(self, members, policy):
        readings.choose_published(members, reason="Tabel 5 geeft de stand.", by=policy)
        assert [one.source for one in PublishedFact.objects.filter(subject="leden-totaal", is_reading=True)] == [
            members.source
        ]
        first = {
            day: reads.published(asking.read({"stand": day}, reader=policy), "leden-totaal")[0]
            for day in ("2027-02-28", "2027-03-01")
        }
        assert {day: (one.number, one.is_reading) for day, one in first.items()} == {
            "2027-02-28": (1166, True),
            "2027-03-01": (1132, True),
        }
        event = AuditEvent.objects.get(action="publishedfact.reading_chosen")
        assert (event.reason, event.changes["value"], event.actor) == (
            "Tabel 5 geeft de stand.",
            ["1166", "1.132"],
            policy,
        )

    def test_two_choices_stand_in_one_stream_and_are_read_back_one_by_one(self, members, policy, clock):
        first = PublishedFact.objects.get(subject="leden-totaal", is_reading=True)
        readings.choose_published(members, reason="Tabel 5.", by=policy)
        clock.set("2027-04-01T10:00")
        readings.choose_published(first, reason="Toch niet.", by=policy)
        assert AuditEvent.objects.filter(action="publishedfact.reading_chosen").values("stream").distinct().count() == 1
        found = {
            day: reads.published(asking.read({"stand": day}, reader=policy), "leden-totaal")[0].number
            for day in ("2027-02-28", "2027-03-15", "2027-04-01")
        }
        assert found == {"2027-02-28": 1166, "2027-03-15": 1132, "2027-04-01": 1166}

    def test_what_cannot_be_chosen_says_why(self, members, policy, make_user):
        taken = PublishedFact.objects.get(subject="leden-totaal", is_reading=True)
        vague = PublishedFact.objects.get(subject="leden-totaal", number=None)
        for chosen, by, reason, message in (
            (members, policy, " ", "Schrijf op waarom"),
            (taken, policy, "Zo.", "geldt al"),
            (vague, policy, "Zo.", "is geen getal"),
            (members, make_user(Role.CASE_HANDLER), "Zo.", "Enkel beleid en beheer"),
        ):
            with pytest.raises(DomainError, match=message):
                readings.choose_published(chosen, reason=reason, by=by)
        assert not AuditEvent.objects.filter(action="publishedfact.reading_chosen").exists()

    def test_chosen_on_the_page(self, members, policy, as_user):
        client, url = as_user(policy), "/antwoorden/lezingen/kies-gepubliceerd/"
        for typed in ("", "abc", "999999999"):
            assert client.post(url, {"lezing": typed, "reden": "Zo."}).status_code == 422
        assert client.post(url, {"lezing": members.pk, "reden": ""}).status_code == 422
        chosen = client.post(url, {"lezing": members.pk, "reden": "Tabel 5."}, follow=True)
        assert "Tabel 5." in chosen.content.decode()
        members.refresh_from_db()
        assert members.is_reading


class TestValuesOfIndicators:
    """Members as counted in 2019 and in 2020: five networks of the loaded programme, of which the two give another figure."""

    @pytest.fixture
    def value(self, policy):
        """B-hive: 163 in the answer of 2019, 105 in the evaluation."""
        return KpiValue.objects.get(network__code="IBN1-03", label="Actieve ondernemingen", value=163)

    def test_the_page_shows_the_networks_on_which_sources_disagree(self, policy, as_user):
        groups = as_user(policy).get("/antwoorden/lezingen/").context["groups"]
        found = [group.key.split("-actieve")[0] for group in groups if group.key.startswith("indicator-")]
        assert found == [f"indicator-{code}" for code in ("ibn1-02", "ibn1-03", "ibn1-06", "ibn1-11", "ibn2-02")]

    def test_another_source_counts_from_its_choice_on_and_the_day_before_as_it_was(self, value, policy, answer):
        readings.choose_value(value, reason="Door het netwerk zelf geteld.", by=policy)
        days = ("2019-11-07", "2027-02-28", "2027-03-01")
        members = {
            day: next(row.cells["members"] for row in answer("QP-19", day).rows if row.key == "IBN1-03") for day in days
        }
        assert members == {"2019-11-07": 163, "2027-02-28": 105, "2027-03-01": 163}
        shown = {
            day: [
                row.cells["value"]
                for row in answer("QP-15", day).rows
                if row.key.startswith("IBN1-03") and row.cells["kpi"] == value.label
            ]
            for day in days
        }
        assert shown == {"2019-11-07": [163], "2027-02-28": [105], "2027-03-01": [163]}
        event = AuditEvent.objects.get(action="kpivalue.reading_chosen")
        assert (event.reason, event.changes["value"], event.actor) == (
            "Door het netwerk zelf geteld.",
            ["105", "163"],
            policy,
        )

    def test_a_figure_stands_in_the_trail_to_its_last_decimal(self, value, policy):
        KpiValue.objects.filter(network=value.network, label=value.label, value=105).update(value="105.50")
        readings.choose_value(value, reason="Zelf geteld.", by=policy)
        assert AuditEvent.objects.get(action="kpivalue.reading_chosen").changes["value"] == ["105.5", "163"]

    def test_what_cannot_be_chosen_says_why(self, value, policy, make_user):
        taken = KpiValue.objects.get(network=value.network, label=value.label, value=105)
        here = KpiValue.objects.create(
            network=team().network, label=value.label, basis="reported", value=7, source="Een brief", is_reading=False
        )
        for chosen, by, reason, message in (
            (value, policy, " ", "Schrijf op waarom"),
            (taken, policy, "Zo.", "geldt al"),
            (here, policy, "Zo.", "enkel een volgend verslag"),
            (value, make_user(Role.CASE_HANDLER), "Zo.", "Enkel beleid en beheer"),
        ):
            with pytest.raises(DomainError, match=message):
                readings.choose_value(chosen, reason=reason, by=by)
        assert not AuditEvent.objects.filter(action="kpivalue.reading_chosen").exists()

    def test_chosen_on_the_page(self, value, policy, as_user):
        client, url = as_user(policy), "/antwoorden/lezingen/kies-indicator/"
        for typed in ("", "abc", "999999999"):
            assert client.post(url, {"lezing": typed, "reden": "Zo."}).status_code == 422
        assert client.post(url, {"lezing": value.pk, "reden": ""}).status_code == 422
        chosen = client.post(url, {"lezing": value.pk, "reden": "Zelf geteld."}, follow=True)
        assert "Zelf geteld." in chosen.content.decode()
        value.refresh_from_db()
        assert value.is_reading


class TestTwoAtOnce:
    """Two policy officers have the same page open; the second one hears who chose what and why, and chooses again."""

    URLS = {NetworkFact: "kies", PublishedFact: "kies-gepubliceerd", KpiValue: "kies-indicator"}

    @pytest.fixture(params=[NetworkFact, PublishedFact, KpiValue], ids=lambda model: model.__name__)
    def group(self, request, policy, as_user):
        """What the page shows of the first subject of this kind, with the key of what can be chosen."""
        found = as_user(policy).get("/antwoorden/lezingen/").context["groups"]
        url = f"/antwoorden/lezingen/{self.URLS[request.param]}/"
        wanted = {NetworkFact: "ibn1-01-einde", PublishedFact: "gepubliceerd-programma-leden-totaal", KpiValue: "indicator-ibn1-03-actieve-ondernemingen-reported"}  # fmt: skip
        shown = next(group for group in found if group.key == wanted[request.param] and group.action == url)
        others = [one for one in shown.facts if not one.is_reading and any(map(str.isdigit, one.value))]
        return url, shown, others

    def test_the_second_is_told_and_nothing_is_changed_or_lost(self, group, as_user, make_user):
        url, shown, (other, *_) = group
        first, second = (make_user(Role.POLICY_READER) for _ in range(2))
        given = {"lezing": other.pk, "groep": shown.key, "gezien": shown.seen}
        assert as_user(first).post(url, {**given, "reden": "De jongste bron."}).status_code == 302
        done = AuditEvent.objects.filter(action__endswith="reading_chosen").get()
        refused = as_user(second).post(url, {**given, "reden": "Mijn reden."})
        assert refused.status_code == 409
        page = refused.content.decode()
        assert f"{first} koos intussen, op 01/03/2027 om 10.00 uur, “{other.value}”" in page
        assert "De jongste bron." in page
        assert "Mijn reden." in page
        assert AuditEvent.objects.filter(action="network.reading_chosen").count() <= 1
        assert AuditEvent.objects.filter(action__endswith="reading_chosen").get() == done

    def test_who_looked_again_chooses(self, group, as_user, make_user):
        url, shown, (other, *_) = group
        first, second = (make_user(Role.POLICY_READER) for _ in range(2))
        as_user(first).post(url, {"lezing": other.pk, "gezien": shown.seen, "reden": "De jongste bron."})
        again = next(
            group
            for group in as_user(second).get("/antwoorden/lezingen/").context["groups"]
            if (group.key, group.action) == (shown.key, shown.action)
        )
        back = next(one for one in shown.facts if one.is_reading)
        assert again.seen == str(other.pk)
        done = as_user(second).post(url, {"lezing": back.pk, "gezien": again.seen, "reden": "Toch niet."})
        assert done.status_code == 302
        assert AuditEvent.objects.filter(action__endswith="reading_chosen").count() == 2

    @pytest.mark.parametrize("hostile", ["", "0", "x", "9" * 99, "1,,2", "²", "'; --"])
    def test_what_a_page_never_showed_is_refused_in_words(self, hostile, policy, as_user):
        fact = other_end()
        refused = as_user(policy).post(
            "/antwoorden/lezingen/kies/", {"lezing": fact.pk, "gezien": hostile, "reden": "Zo."}
        )
        assert refused.status_code == 409
        assert "veranderde sinds u deze bladzijde opende" in refused.content.decode()
        fact.refresh_from_db()
        assert not fact.is_reading
