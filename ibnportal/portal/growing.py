"""A made-up programme of any size, for benches and demos: seeded, so that the same seed and sizes give the same rows.

What is grown: calls with frozen rules and phases, dossiers in a final state with their decisions, networks with agreement, years and
indicators, companies with their data, memberships, and the co-financing ledger. What is not: submissions, scores, reports and payments;
these need papers and derivations of their own, and half of one would break an invariant. `check_invariants` finds nothing on what is grown.

Small tables are written by the models, the two large ones by PostgreSQL itself from a series of numbers. The ledger is written bare
and gets its keys and indexes back over all rows at once; the tables that it refers to are locked until all is grown.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from applications.enums import ApplicationState
from applications.models import Application
from calls.documents import definition
from calls.domain import lifecycle, opening
from calls.domain.definition import CallDefinition
from calls.models import Call, CallRules, KpiDefinition, Phase
from evaluation.enums import DecisionKind, DecisionOutcome
from evaluation.models import CallCeiling, Decision, DecisionYear
from ibnportal.core import nace
from ibnportal.core.accounts.domain.people import system_user
from ibnportal.core.accounts.enums import OrganisationKind
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.enterprise_numbers import MODULUS
from ibnportal.core.errors import DomainError
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from monitoring.enums import Independence, KpiBasis, NetworkState, NetworkType
from monitoring.models import Agreement, AwardYear, CompanyProfile, Contribution, KpiValue, Network

MARK = "groei"
SOURCE = "verzonnen programma (grow_programme)"
YEARS = 3
FIRST_CALL_ON = date(2000, 1, 3)
BETWEEN_CALLS = timedelta(days=90)
FIRST_NUMBER = 19_000_000
APPLICANTS_FROM = 500_000
"""Enterprise numbers from 1900.0000 on, with right check digits: none of them is given out."""

DOMAINS = (
    "waterketen", "bouwmaterialen", "voedselinnovatie", "textielverwerking", "havenlogistiek", "gezondheidsdata", "fotonica",
    "batterijtechnologie", "zeewierteelt", "luchtvaartcomposieten", "stadslandbouw", "cyberveiligheid", "staalconstructie",
    "geluidsisolatie", "maakindustrie", "bosbouwketen",
)  # fmt: skip
MANNERS = ("Slimme", "Circulaire", "Open", "Veilige", "Digitale", "Duurzame", "Gedeelde", "Precieze")
FORMS = ("netwerk", "alliantie", "cluster", "platform", "hub")
PLACES = (("2000", "Antwerpen"), ("9000", "Gent"), ("3500", "Hasselt"), ("8000", "Brugge"), ("3000", "Leuven"), ("8500", "Kortrijk"), ("2800", "Mechelen"), ("9300", "Aalst"))  # fmt: skip
NOT_AWARDED = (
    ApplicationState.REJECTED,
    ApplicationState.REJECTED,
    ApplicationState.NOT_PRESELECTED,
    ApplicationState.NOT_PRESELECTED,
    ApplicationState.P1_INADMISSIBLE,
    ApplicationState.NOT_SUBMITTED,
)


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows of each; `scaled(0.01)` gives a hundredth of each, at least one."""

    calls: int = 100
    applications: int = 10_000
    networks: int = 2_000
    memberships: int = 200_000
    ledger: int = 2_000_000

    def scaled(self, scale: float) -> "Size":
        """Each multiplied; at least one."""
        return Size(*(max(round(getattr(self, name) * scale), 1) for name in self.__slots__))

    def explain(self) -> str:
        """What cannot be, in one sentence; empty when all is well."""
        if min(getattr(self, name) for name in self.__slots__) < 1:
            return "Elk aantal is minstens 1."
        if self.networks > self.applications:
            return f"{self.networks} netwerken uit {self.applications} dossiers kan niet: elk netwerk komt uit één dossier."
        return ""


def grow(size: Size, *, seed: int) -> dict[str, int]:
    """Grow a programme in one transaction and say how many rows of each there are.

    Raises DomainError outside debug, demo and tests, when there is a grown programme already, and when the sizes cannot be.
    """
    if not (settings.DEBUG or settings.DEMO or settings.TESTING):
        raise DomainError("Een verzonnen programma hoort niet in productie: dit werkt enkel met DEBUG of DEMO.")
    if problem := size.explain():
        raise DomainError(problem)
    if Call.objects.filter(code__startswith=f"{MARK}-").exists():
        raise DomainError("Er staat al een verzonnen programma in deze databank. Begin met een lege databank.")
    chance = random.Random(seed)  # noqa: S311 - a repeatable series, no secret
    with transaction.atomic():
        actor = system_user()
        calls = _calls(size, actor)
        companies = _organisations(max(size.memberships // 10, YEARS), chance, actor, has_profile=True)
        applicants = _organisations(max(size.applications // 5, 1), chance, actor, has_profile=False)
        applications = _applications(size, calls, applicants, chance, actor)
        networks = _networks(applications, chance, actor)
        memberships = _memberships(size, networks, companies, seed)
        ledger = _ledger(size, networks, companies, seed, actor)
    with connection.cursor() as cursor:
        # What autovacuum would do within the hour: without it no sum is read from an index alone.
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE")
    return {
        "oproepen": len(calls), "dossiers": len(applications), "netwerken": len(networks),
        "ondernemingen": len(companies), "lidmaatschappen": memberships, "bijdragen": ledger,
    }  # fmt: skip


def _at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=UTC)


def _share(place: int, parts: int, total: int) -> int:
    """How many of `total` the part at this place gets, so that all of them together are the total."""
    return total // parts + (place < total % parts)


def _calls(size: Size, actor: User) -> list[tuple[Call, CallRules]]:
    """Closed calls, four a year, under the rules of the call of 2025 with room for their awards."""
    base: CallDefinition = definition.read(settings.BASE_DIR / "data" / "calls" / "2025.toml")
    made = []
    for place in range(size.calls):
        launched = FIRST_CALL_ON + place * BETWEEN_CALLS
        awards = _share(place, size.calls, size.networks)
        call = Call.objects.create(
            code=f"{MARK}-{place + 1:03d}", year=launched.year, name=f"Oefenoproep {place + 1}", launched_on=launched,
            fund=base.call["fund"], decision_body=base.call["decision_body"], source=SOURCE,
        )  # fmt: skip
        figures = {**base.rules, "max_awards": awards, "budget_available": awards * base.rules["max_grant_total"], "latest_start_on": None}  # fmt: skip
        rules = CallRules.objects.create(call=call, reason=SOURCE, **figures)
        Phase.objects.bulk_create(
            Phase(call=call, number=number, opens_at=_at(launched + timedelta(days=60 * number)), closes_at=_at(launched + timedelta(days=60 * number + 30)))
            for number in (1, 2)
        )  # fmt: skip
        KpiDefinition.objects.bulk_create(
            KpiDefinition(call=call, position=n, **row) for n, row in enumerate(base.kpis, 1)
        )
        opening.freeze(call, by=actor)
        made.append((lifecycle.reconstruct_closed(call, by=actor), rules))
    return made


def _number(place: int) -> str:
    first = FIRST_NUMBER + place
    return f"{first}{MODULUS - first % MODULUS:02d}"


def _organisations(count: int, chance: random.Random, actor: User, *, has_profile: bool) -> list[int]:
    """Companies with their data, or cluster organisations without; their keys in order."""
    first = 0 if has_profile else APPLICANTS_FROM
    rows = []
    for place in range(count):
        postcode, municipality = chance.choice(PLACES)
        domain = chance.choice(DOMAINS).capitalize()
        rows.append(
            Organisation(
                name=f"{domain} {chance.choice(MANNERS)} {place + 1} {'nv' if has_profile else 'vzw'}", enterprise_number=_number(first + place),
                kind=OrganisationKind.COMPANY if has_profile else OrganisationKind.NETWORK, legal_form="nv" if has_profile else "vzw",
                street=f"Oefenstraat {place % 300 + 1}", postcode=postcode, municipality=municipality,
            )
        )  # fmt: skip
    made = Organisation.objects.bulk_create(rows, batch_size=5_000)
    if has_profile:
        CompanyProfile.objects.bulk_create((_profile(one, chance, actor) for one in made), batch_size=5_000)
    return [one.pk for one in made]


_CODES = ("10.1", "13.9", "20.1", "23.6", "25.1", "28.9", "41.0", "46.7", "52.2", "62.0", "71.1", "72.1")
assert all(nace.section_of(code) for code in _CODES)  # noqa: S101 - a slip in this file, not a state


def _profile(organisation: Organisation, chance: random.Random, actor: User) -> CompanyProfile:
    staff = Decimal(chance.choice((3, 8, 8, 20, 35, 120, 400)))
    knows = chance.random() < 0.9
    return CompanyProfile(
        organisation=organisation, founded_on=date(1950 + chance.randrange(74), 1 + chance.randrange(12), 1), nace=chance.choice(_CODES),
        figures_year=2023 if knows else None, staff=staff if knows else None, turnover=staff * 200_000 if knows else None,
        balance_total=staff * 150_000 if knows else None, independence=Independence.AUTONOMOUS if knows else Independence.UNKNOWN,
        changed_at=_at(FIRST_CALL_ON), changed_by=actor,
    )  # fmt: skip


def _applications(
    size: Size, calls: list[tuple[Call, CallRules]], applicants: list[int], chance: random.Random, actor: User
) -> list[tuple[Application, CallRules]]:
    """Dossiers spread over the calls; the first of each call are awarded, as many as it has networks; with their decisions."""
    rows: list[tuple[Application, CallRules]] = []
    for place, (call, rules) in enumerate(calls):
        awards = _share(place, len(calls), size.networks)
        for number in range(_share(place, len(calls), size.applications)):
            state = ApplicationState.AWARDED if number < awards else chance.choice(NOT_AWARDED)
            day = (call.launched_on or FIRST_CALL_ON) + timedelta(days=61 + chance.randrange(28))
            domain = chance.choice(DOMAINS)
            application = Application(
                number=f"{MARK.upper()}-{place + 1:03d}-{number + 1:04d}", call=call, state=state, state_changed_at=_at(day + timedelta(days=120)),
                title=f"{chance.choice(MANNERS)} {domain}{chance.choice(FORMS)} {number + 1}", keywords=f"{domain}, {chance.choice(DOMAINS)}",
                sector=chance.choice(DOMAINS), technology_domain=chance.choice(DOMAINS), applicant_id=chance.choice(applicants), created_at=_at(day), created_by=actor,
                requested_grant=Decimal(chance.randrange(200, 676)) * 1_000, person_months=Decimal(72), source=SOURCE,
            )  # fmt: skip
            rows.append((application, rules))
    Application.objects.bulk_create((row for row, _ in rows), batch_size=5_000)
    decisions = Decision.objects.bulk_create(_decisions(rows, actor), batch_size=5_000)
    awarded = [one for one in decisions if one.amount is not None]
    DecisionYear.objects.bulk_create(
        (
            DecisionYear(decision=one, project_year=year, amount=amount)
            for one in awarded
            for year, amount in _years(one)
        ),
        batch_size=5_000,
    )
    _ceilings(calls, awarded)
    return rows


def _decisions(rows: list[tuple[Application, CallRules]], actor: User) -> Iterator[Decision]:
    for application, rules in rows:
        is_awarded = application.state == ApplicationState.AWARDED
        if not (is_awarded or application.state == ApplicationState.REJECTED):
            continue
        day = (application.state_changed_at or _at(FIRST_CALL_ON)).date()
        yield Decision(
            application=application, kind=DecisionKind.SUPPORT, outcome=DecisionOutcome.AWARDED if is_awarded else DecisionOutcome.REJECTED,
            rules=rules, reason=SOURCE, decided_on=day, amount=application.requested_grant if is_awarded else None, recorded_at=_at(day),
            recorded_by=actor, released_at=_at(day, 12), released_by=actor, source=SOURCE,
        )  # fmt: skip


def _years(decision: Decision) -> Iterator[tuple[int, Decimal]]:
    """The amount in equal years; the last one takes the cents that are left."""
    total = decision.amount or Decimal(0)
    each = (total / YEARS).quantize(Decimal("0.01"))
    for year in range(1, YEARS + 1):
        yield year, each if year < YEARS else total - each * (YEARS - 1)


def _ceilings(calls: list[tuple[Call, CallRules]], awarded: list[Decision]) -> None:
    amounts: dict[int, list[Decimal]] = {}
    for one in awarded:
        amounts.setdefault(one.rules_id, []).append(one.amount or Decimal(0))
    CallCeiling.objects.bulk_create(
        CallCeiling(
            call=call, budget=rules.budget_available or 0, max_awards=rules.max_awards or 0,
            awarded_amount=sum(amounts.get(rules.pk, []), Decimal(0)), awarded_count=len(amounts.get(rules.pk, [])),
        )
        for call, rules in calls
    )  # fmt: skip


def _networks(applications: list[tuple[Application, CallRules]], chance: random.Random, actor: User) -> list[Network]:
    """A closed network of each award: agreement, three years, and what was counted of two indicators."""
    awarded = [(row, rules) for row, rules in applications if row.state == ApplicationState.AWARDED]
    decisions = {
        one.application_id: one for one in Decision.objects.filter(application__in=[row.pk for row, _ in awarded])
    }
    networks = Network.objects.bulk_create(
        (
            Network(
                code=f"{row.number}-N", application=row, call=row.call, name=row.title, beneficiary_id=row.applicant_id, keywords=row.keywords,
                network_type=chance.choice((NetworkType.INDEPENDENT, NetworkType.ESTABLISHED)), start_on=_start(row), end_on=_day_of_year(row, YEARS + 1) - timedelta(days=1),
                state=NetworkState.CLOSED, state_changed_at=_at(_day_of_year(row, YEARS + 1)), source=SOURCE,
            )
            for row, _ in awarded
        ),
        batch_size=5_000,
    )  # fmt: skip
    Agreement.objects.bulk_create(
        (
            Agreement(
                network=network, decision=decisions[row.pk], rules=rules, start_on=_start(row), drafted_at=_at(_start(row)), drafted_by=actor,
                beneficiary_founded_on=_start(row), signed_at=_at(_start(row)), signed_by=actor, signatories="An Claes",
            )
            for network, (row, rules) in zip(networks, awarded, strict=True)
        ),
        batch_size=5_000,
    )  # fmt: skip
    AwardYear.objects.bulk_create(
        (
            AwardYear(
                network=network, project_year=year, starts_on=_day_of_year(row, year), ends_on=_day_of_year(row, year + 1) - timedelta(days=1), awarded_amount=amount,
            )
            for network, (row, _) in zip(networks, awarded, strict=True)
            for year, amount in _years(decisions[row.pk])
        ),
        batch_size=5_000,
    )  # fmt: skip
    kpis = {(one.call_id, one.code): one for one in KpiDefinition.objects.filter(call__code__startswith=f"{MARK}-")}
    KpiValue.objects.bulk_create(
        (
            KpiValue(
                network=network, definition=kpis[network.call_id, code], label=kpis[network.call_id, code].label, basis=basis, value=value, project_year=year,
                as_of=_day_of_year(row, year + 1), source=SOURCE, recorded_at=_at(_day_of_year(row, year + 1)),
            )
            for network, (row, _) in zip(networks, awarded, strict=True)
            for code, aim in (("kpi1", 60), ("kpi3", 12))
            for basis, year, value in (
                (KpiBasis.TARGET, YEARS, Decimal(aim)),
                *((KpiBasis.REPORTED, year, Decimal(chance.randrange(aim // 3, aim * 3 // 2))) for year in range(1, YEARS + 1)),
            )
        ),
        batch_size=5_000,
    )  # fmt: skip
    return networks


def _start(application: Application) -> date:
    """The first of the month after the decision."""
    return ((application.state_changed_at or _at(FIRST_CALL_ON)).date().replace(day=1) + timedelta(days=40)).replace(
        day=1
    )


def _day_of_year(application: Application, year: int) -> date:
    """The first day of a project year."""
    start = _start(application)
    return start.replace(year=start.year + year - 1)


_SPREAD = "abs(hashint8extended({}, %(seed)s)::numeric)"


def _memberships(size: Size, networks: list[Network], companies: list[int], seed: int) -> int:
    """Members of each network in a stretch of the companies, from another place for each; one in eight has left."""
    each = min(-(-size.memberships // len(networks)), len(companies))
    sql = f"""
        INSERT INTO monitoring_membership
            (network_id, organisation_id, joined_on, left_on, yearly_fee, is_involved, role, fee_includes, contact_name, contact_email)
        SELECT network, (%(companies)s::bigint[])[1 + ((place * 7919 + member) %% %(count)s)::int],
               start + (chance %% 700)::int,
               CASE WHEN chance %% 8 = 0 THEN start + 700 + (chance %% 300)::int END,
               250 * (1 + chance %% 8)::int, chance %% 5 > 0, 'member', '', '', ''
        FROM (
            SELECT n.network, n.start, n.place, member, {_SPREAD.format("n.place * 100000 + member")} AS chance
            FROM unnest(%(networks)s::bigint[], %(starts)s::date[]) WITH ORDINALITY AS n(network, start, place), generate_series(0, %(each)s - 1) AS member
            ORDER BY n.place, member
        ) AS made
        ORDER BY place, member LIMIT %(most)s
    """  # noqa: S608 - only our own text is put in
    return _run(sql, networks, companies, seed, each=each, most=size.memberships)


def _ledger(size: Size, networks: list[Network], companies: list[int], seed: int, actor: User) -> int:
    """Invoices of members in each project year: most accepted, some refused with their rule, some waiting."""
    each = -(-size.ledger // (len(networks) * YEARS))
    proof = store.store_bytes(_paper(), name="oefenfactuur.pdf", kind=FileKind.PROOF_PDF, by=actor)
    sql = f"""
        INSERT INTO monitoring_contribution
            (award_year_id, payer_id, payer_kind, kind, amount, invoice_number, invoiced_on, refers_to_project, services, received_on,
             is_individual_service, proof_id, state, state_changed_at, entered_at, entered_by_id, judged_at, judged_by_id, refused_rule, refusal_reason,
             is_reconstructed, source)
        SELECT year, (%(companies)s::bigint[])[1 + ((place * 7919 + chance %% 100) %% %(count)s)::int], 'company',
               CASE WHEN chance %% 10 < 6 THEN 'cash_fee' WHEN chance %% 10 < 8 THEN 'cash_sponsoring' ELSE 'activity_income' END,
               GREATEST(round(awarded / %(each)s * (60 + chance %% 90)::int / 100, 2), 0.01), 'G-' || line, day, true, 'Lidmaatschap', day + 20,
               false, %(proof)s, state, at, at, %(actor)s,
               CASE WHEN state <> 'submitted' THEN at END, CASE WHEN state <> 'submitted' THEN %(actor)s END,
               CASE WHEN state = 'refused' THEN (ARRAY['COF-19', 'COF-13', 'COF-09'])[1 + (chance %% 3)::int] ELSE '' END,
               CASE WHEN state = 'refused' THEN 'Verzonnen weigering.' ELSE '' END, false, ''
        FROM (
            SELECT *, start + (chance %% 340)::int AS day, (start + (chance %% 340)::int + 30)::timestamp AT TIME ZONE 'UTC' AS at,
                   CASE WHEN chance %% 20 = 0 THEN 'refused' WHEN chance %% 20 = 1 THEN 'submitted' ELSE 'accepted' END AS state
            FROM (
                SELECT y.id AS year, y.starts_on AS start, y.awarded_amount AS awarded, n.place, y.project_year, line,
                       {_SPREAD.format("(n.place * 10 + y.project_year) * 1000000 + line")} AS chance
                FROM unnest(%(networks)s::bigint[], %(starts)s::date[]) WITH ORDINALITY AS n(network, start, place)
                JOIN monitoring_awardyear y ON y.network_id = n.network, generate_series(1, %(each)s) AS line
                ORDER BY line, n.place, y.project_year LIMIT %(most)s
            ) AS lines
        ) AS made
        ORDER BY place, project_year, line
    """  # noqa: S608 - only our own text is put in
    with _bare(Contribution._meta.db_table):  # noqa: SLF001 - Django's documented Meta API
        return _run(sql, networks, companies, seed, each=each, most=size.ledger, proof=proof.pk, actor=actor.pk)


@contextmanager
def _bare(table: str) -> Iterator[None]:
    """The table without foreign keys and indexes, but for its primary key; all are made again after, and refuse what breaks them.

    One pass over all rows takes a tenth of the time of one look-up a row. Checks and triggers of each row stay.
    """
    keys = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
    )
    indexes = "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT indisprimary"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come refuses to be altered
        cursor.execute(keys, [table])
        of_keys = cursor.fetchall()
        cursor.execute(indexes, [table])
        of_indexes = cursor.fetchall()
        for name, _ in of_keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in of_indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _, made in of_indexes:
            cursor.execute(made)
        for name, made in of_keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {made}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _run(sql: str, networks: list[Network], companies: list[int], seed: int, **more: Any) -> int:
    given = {
        "networks": [one.pk for one in networks],
        "starts": [one.start_on for one in networks],
        "companies": companies,
        "count": len(companies),
        "seed": seed,
        **more,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return int(cursor.rowcount)


def _paper() -> bytes:
    """The one invoice that proves them all: an empty page."""
    from io import BytesIO  # noqa: PLC0415 - only here

    import pikepdf  # noqa: PLC0415 - heavy, and only wanted here

    out = BytesIO()
    paper = pikepdf.new()
    paper.add_blank_page()
    paper.save(out, deterministic_id=True)
    return out.getvalue()
