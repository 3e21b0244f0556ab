"""Makes the published history into rows of the same models as a call of today; what exists is left as it is.

Everything made here says that it is reconstructed and from which source. What no source names (the eight that
never handed in their dossier, the one awarded after review, three amounts of the second call) stays unnamed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.enums import ApplicationState
from applications.models import Application
from calls.models import Call, CallRules, KpiDefinition, PublishedFact
from evaluation.enums import ConditionKind, ConditionTopic, DecisionKind, DecisionOutcome
from evaluation.models import Decision, DecisionCondition
from ibnportal.core import clock
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation
from ibnportal.core.audit import trail
from ibnportal.portal.history import facts, reconstruction
from ibnportal.portal.history.records import CALLS, History, NetworkRecord, number, split_names
from monitoring.enums import NetworkState, NetworkType
from monitoring.models import FutureStatus, KpiValue, Network, NetworkFact, SurveyFigure

TYPES = {"Zelfstandig": NetworkType.INDEPENDENT, "Gevestigd": NetworkType.ESTABLISHED}
# The first call was decided in July 2016, the day is not published; of the second only that it was public by then.
DECIDED_ON = {"2015": date(2016, 7, 31), "2017": None}
PUBLIC_BY = {"2015": date(2016, 7, 31), "2017": date(2019, 1, 23)}
ANSWER = "Antwoord 2017, antwoord 2"
WHY_AWARDED = {
    "2015": "Gesteund in de eerste oproep. Eén van de veertien gesteunde netwerken kreeg steun na herziening; de bronnen noemen niet welk.",
    "2017": "Gesteund in de tweede oproep.",
}
# The rule as a whole; no source says which part of it applied to which project (H-07).
WHY_REFUSED = (
    "Niet gesteund volgens de regel van de oproep: drie of meer keer “eerder zwak” of één keer “kritisch” op clusterpotentieel, "
    "of minstens één keer “niet-steunbaar” op kwaliteit. Welk deel van de regel gold, is per project niet gepubliceerd."
)
WITH_SPC_CONDITION = ("IBN1-06", "IBN1-11")
SPC_CONDITION = "Samenwerken met de verwante speerpuntcluster tijdens het project en erin opgaan na afloop."
SPC_SOURCE = "Evaluatie januari 2020, hoofdstuk 1.2"


@dataclass
class Loaded:
    """How many rows of each sort are new; all zero when a run found everything in place."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, amount: int) -> None:
        """Count rows under their Dutch name."""
        self.counts[name] = self.counts.get(name, 0) + amount

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing was new."""
        return not any(self.counts.values())


@transaction.atomic
def load(history: History) -> Loaded:
    """Everything of the history that is not there yet, in one transaction; about 60 queries and one a trail row."""
    loaded = Loaded()
    calls = {call.code: call for call in Call.objects.filter(code__in=CALLS.values())}
    rules = {row.call_id: row for row in CallRules.objects.filter(call__in=calls.values()).order_by("version")}
    organisations = _organisations(history, loaded)
    _dossiers(history, calls, rules, organisations, loaded)
    _networks(history, calls, organisations, loaded)
    _ledgers(history, loaded)
    _programme_facts(history, loaded)
    _network_statements(history, loaded)
    _survey_figures(history, loaded)
    _days_of_sources(history)
    return loaded


def _organisations(history: History, loaded: Loaded) -> dict[str, Organisation]:
    """Each organisation of the history by its name as published; without number, kind or address (not published)."""
    wanted = sorted(set(history.organisation_names.values()))
    known = {
        org.name: org for org in Organisation.objects.filter(name__in=wanted, enterprise_number="").order_by("-pk")
    }
    new = [Organisation(name=name, kind=OrganisationKind.OTHER) for name in wanted if name not in known]
    for organisation in Organisation.objects.bulk_create(new):
        known[organisation.name] = organisation
        trail.record("organisation.reconstructed", organisation, by=None, changes={"name": organisation.name})
    loaded.add("organisaties", len(new))
    return {published: known[name] for published, name in history.organisation_names.items()}


def _dossiers(
    history: History,
    calls: dict[str, Call],
    rules: dict[int, CallRules],
    organisations: dict[str, Organisation],
    loaded: Loaded,
) -> None:
    """Applications with their applicants and standing decisions: 25 of the first call, 6 of the second."""
    there = set(Application.objects.filter(is_reconstructed=True).values_list("number", flat=True))
    applicants: dict[str, list[Organisation]] = {}
    new: list[Application] = []
    for record in history.networks:
        if record.code not in there:
            applicants[record.code] = [organisations[name] for name in record.applicants]
            new.append(_awarded(record, calls[record.call_code], applicants[record.code][0]))
    for row in history.rejected:
        if row["rejected_id"] not in there:
            applicants[row["rejected_id"]] = [organisations[name] for name in split_names(row["applicants"])]
            new.append(_rejected(row, calls[CALLS[row["call_id"]]], applicants[row["rejected_id"]][0]))
    Application.objects.bulk_create(new)
    through = Application.co_applicants.through
    through.objects.bulk_create(
        through(application_id=application.pk, organisation_id=organisation.pk)
        for application in new
        for organisation in applicants[application.number][1:]
    )
    amounts = {record.code: record.award for record in history.networks}
    decisions = Decision.objects.bulk_create(
        _decision(application, rules[application.call_id], amounts.get(application.number)) for application in new
    )
    DecisionCondition.objects.bulk_create(
        DecisionCondition(
            decision=decision,
            kind=ConditionKind.SPECIAL,
            topic=ConditionTopic.SPC_INTEGRATION,
            text=f"{SPC_CONDITION} Bron: {SPC_SOURCE}.",
        )
        for decision in decisions
        if decision.application.number in WITH_SPC_CONDITION
    )
    for application in new:
        trail.record(
            f"application.{application.state}",
            application,
            by=None,
            changes={"state": ["", application.state], "source": application.source},
            reason="Overgenomen uit gepubliceerde bronnen",
        )
    loaded.add("dossiers", len(new))
    loaded.add("beslissingen", len(decisions))


def _awarded(record: NetworkRecord, call: Call, applicant: Organisation) -> Application:
    fields: dict[str, Any] = {
        **_common(record.code, record.row["name"], call, applicant),
        "state": ApplicationState.AWARDED,
        "keywords": record.row["keywords"],
        "start_on": record.start_on,
        "person_months": number(record.row["person_months"]),
        "requested_grant": None,
        "source": record.row["awarded_support_source"] or "Evaluatie januari 2020, tabel 7",
    }
    return Application(**fields)


def _rejected(row: dict[str, str], call: Call, applicant: Organisation) -> Application:
    fields: dict[str, Any] = {
        **_common(row["rejected_id"], row["title"], call, applicant),
        "state": ApplicationState.REJECTED,
        "requested_grant": number(row["requested_support_50pct_eur"]),
        "source": row["source"],
    }
    return Application(**fields)


def _common(code: str, title: str, call: Call, applicant: Organisation) -> dict[str, Any]:
    return {
        "number": code,
        "call": call,
        "title": title,
        "applicant": applicant,
        "created_at": clock.now(),
        "state_changed_at": _public_at(call),
        "is_reconstructed": True,
    }


def _public_at(call: Call) -> datetime:
    return clock.start_of_day(PUBLIC_BY[call.code])


def _decision(application: Application, rules: CallRules, amount: Decimal | None) -> Decision:
    is_awarded = application.state == ApplicationState.AWARDED
    fields: dict[str, Any] = {
        "application": application,
        "kind": DecisionKind.SUPPORT,
        "outcome": DecisionOutcome.AWARDED if is_awarded else DecisionOutcome.REJECTED,
        "rules": rules,
        "reason": WHY_AWARDED[application.call.code] if is_awarded else WHY_REFUSED,
        "decided_on": DECIDED_ON[application.call.code],
        "amount": amount if is_awarded else None,
        "recorded_at": clock.now(),
        "released_at": _public_at(application.call),
        "is_reconstructed": True,
        "source": application.source,
    }
    return Decision(**fields)


def _networks(history: History, calls: dict[str, Call], organisations: dict[str, Organisation], loaded: Loaded) -> None:
    """The 20 networks with every published fact, indicator and future, each with its source."""
    there = set(Network.objects.filter(is_reconstructed=True).values_list("code", flat=True))
    records = [record for record in history.networks if record.code not in there]
    applications = {a.number: a for a in Application.objects.filter(number__in=[record.code for record in records])}
    networks = Network.objects.bulk_create(
        _network(record, applications[record.code], calls[record.call_code], organisations[record.applicants[0]])
        for record in records
    )
    pairs = list(zip(networks, records, strict=True))
    definitions = {(kpi.call_id, kpi.code): kpi for kpi in KpiDefinition.objects.filter(call__in=calls.values())}
    stated = NetworkFact.objects.bulk_create(
        NetworkFact(network=network, **fact) for network, record in pairs for fact in facts.network_facts(record)
    )
    values = KpiValue.objects.bulk_create(
        KpiValue(network=network, definition=definitions.get((network.call_id, code)), **value)
        for network, record in pairs
        for code, value in facts.kpi_values(record)
    )
    futures = FutureStatus.objects.bulk_create(_futures(pairs))
    for network in networks:
        trail.record(
            "network.closed",
            network,
            by=None,
            changes={"state": ["", network.state], "source": network.source},
            reason="Overgenomen uit gepubliceerde bronnen",
        )
    for name, rows in (("netwerken", networks), ("feiten over netwerken", stated), ("indicatorwaarden", values)):
        loaded.add(name, len(rows))
    loaded.add("toekomsten", len(futures))


def _ledgers(history: History, loaded: Loaded) -> None:
    """The rows behind tables 7 and 8, for networks that have none."""
    networks = {network.code: network for network in Network.objects.filter(is_reconstructed=True)}
    pairs = [(networks[record.code], record) for record in history.networks if record.code in networks]
    loaded.add("gereconstrueerde bijdragen", reconstruction.load(pairs))


def _network(record: NetworkRecord, application: Application, call: Call, beneficiary: Organisation) -> Network:
    fields: dict[str, Any] = {
        "code": record.code,
        "application": application,
        "call": call,
        "name": record.row["name"],
        "aliases": record.aliases,
        "beneficiary": beneficiary,
        "executor_text": record.row["executing_organisation_table7"],
        "network_type": TYPES[record.row["type"]],
        "origin": record.row["origin"],
        "keywords": record.row["keywords"],
        "start_on": record.start_on,
        "end_on": record.end_on,
        # By the end of 2021 every one of them had run its three years.
        "state": NetworkState.CLOSED,
        "state_changed_at": clock.end_of_day(record.end_on) if record.end_on else None,
        "is_reconstructed": True,
        "source": "; ".join(facts.sources_of(record)),
    }
    return Network(**fields)


def _futures(pairs: Iterable[tuple[Network, NetworkRecord]]) -> list[FutureStatus]:
    return [
        FutureStatus(
            network=network,
            kind=row["kind"],
            text=row["text"],
            as_of=date.fromisoformat(row["as_of"]),
            source=row["source"],
        )
        for network, record in pairs
        for row in record.futures
    ]


def _programme_facts(history: History, loaded: Loaded) -> None:
    there = set(PublishedFact.objects.filter(call__isnull=True).values_list("subject", "source"))
    wanted = facts.programme_facts(history)
    new = PublishedFact.objects.bulk_create(
        PublishedFact(**fact) for fact in wanted if (fact["subject"], fact["source"]) not in there
    )
    loaded.add("feiten over het programma", len(new))


def _network_statements(history: History, loaded: Loaded) -> None:
    """What came to the files later is added to networks that are there already."""
    networks = dict(Network.objects.filter(is_reconstructed=True).values_list("code", "pk"))
    there = set(NetworkFact.objects.values_list("network__code", "attribute", "source"))
    new = [
        NetworkFact(network_id=networks[code], **fact)
        for code, fact in facts.network_statements(history)
        if code in networks and (code, fact["attribute"], fact["source"]) not in there
    ]
    NetworkFact.objects.bulk_create(new)
    loaded.add("feiten over netwerken", len(new))


def _survey_figures(history: History, loaded: Loaded) -> None:
    there = set(SurveyFigure.objects.values_list("survey", "code"))
    wanted = (SurveyFigure(**figure) for figure in facts.survey_figures(history))
    new = SurveyFigure.objects.bulk_create(row for row in wanted if (row.survey, row.code) not in there)
    loaded.add("cijfers uit de bevraging", len(new))


def _days_of_sources(history: History) -> None:
    """Fill in the day on which a source spoke, and the figure in euros, where a row of before has none."""
    for record in history.networks:
        for fact in facts.project_support(record):
            NetworkFact.objects.filter(
                network__code=record.code, attribute=fact["attribute"], source=fact["source"], number__isnull=True
            ).update(number=fact["number"])
    for start, day in facts.SAID_ON:
        NetworkFact.objects.filter(stated_on__isnull=True, source__startswith=start).update(stated_on=day)
        PublishedFact.objects.filter(stated_on__isnull=True, source__startswith=start).update(stated_on=day)
