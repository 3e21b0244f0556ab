"""Which statements of which source become facts and indicator values, and which one is the reading.

The readings follow `data/programme/disagreements.toml`. Months in which a source speaks stand as their last day.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from ibnportal.core.ui import formats
from ibnportal.portal.history.records import History, NetworkRecord, number
from monitoring.enums import KpiBasis, ProfileDimension

ANSWER_2017 = "Antwoord 2017, antwoord 2"
ANSWER_2019 = "Schriftelijke vraag 98 van 7 november 2019, antwoord 4"
ANSWER_2019_ENDS = "Schriftelijke vraag 98 van 7 november 2019, antwoord 1-2"
ANSWER_2019_PROJECTS = "Schriftelijke vraag 98 van 7 november 2019, antwoord 1b"
TABLE_3 = "Evaluatie januari 2020, tabel 3"
TABLE_4 = "Evaluatie januari 2020, tabel 4"
TABLE_7 = "Evaluatie januari 2020, tabel 7"
TABLE_8 = "Evaluatie januari 2020, tabel 8"
TABLE_10 = "Evaluatie januari 2020, tabel 10"
COMPUTED = "Berekend: start plus 36 maanden"

EVALUATED_ON = date(2020, 1, 31)
ANSWERED_ON = date(2019, 11, 7)

SAID_ON = (
    ("Schriftelijke vraag 98", ANSWERED_ON),
    ("Schriftelijke vraag 228", date(2019, 1, 23)),
    ("Evaluatie", EVALUATED_ON),
)
"""When a source spoke, by how it begins; the answer of 2017 prints no day."""

MEMBERS = "Actieve ondernemingen"
COOPERATIONS = "Samenwerkingsinitiatieven met minstens 3 partijen"
SURVEY = "Bevraging bij leden, 2019"
COMPLETE_ANSWERS = "A-23"
THOUSAND = Decimal(1000)
CONTRIBUTIONS = "Aantal bijdragen van leden"
MEASURES_OF_TABLE_8 = (
    (CONTRIBUTIONS, "n_contributions_total"),
    ("Hoogste bijdrage per jaar (euro)", "annual_member_fee_max_eur"),
    ("Laagste bijdrage per jaar (euro)", "annual_member_fee_min_eur"),
    ("Mediaan van de bijdragen (euro)", "median_fee_eur"),
    ("Aantal bijdragen aan het hoogste bedrag", "n_maximum_contributions"),
    ("Aantal bijdragen tot de helft van de cofinanciering", "n_contributions_to_reach_50pct_cofinancing"),
)
INFERRED_EGGSPLORE = "Het antwoord noemt Eggsplore; dat dit B-hive is, is afgeleid."


def said_on(source: str) -> date | None:
    """The day of a source; None where it prints none."""
    return next((day for start, day in SAID_ON if source.startswith(start)), None)


def sources_of(record: NetworkRecord) -> list[str]:
    """Where the facts of this network come from, each source once."""
    used = [ANSWER_2017] if record.row["applicants_2017_answer"] else []
    return [*used, ANSWER_2019_ENDS, TABLE_7, *([TABLE_8] if record.contributions else [])]


def network_facts(record: NetworkRecord) -> Iterator[dict[str, Any]]:
    """What each source states about each attribute of the network, at most one reading an attribute."""
    row = record.row
    if row["awarded_support_eur"]:
        yield _fact("steun", f"{formats.number(record.award)} euro", row["awarded_support_source"], is_reading=True)
    else:
        yield _fact("steun", "niet gepubliceerd", TABLE_8, is_reading=True, note="De tabel noemt dit netwerk niet.")
    if row["person_months"]:
        yield _fact("mensmaanden", row["person_months"], ANSWER_2017, is_reading=True)
    if row["start_date"]:
        year, month, day = row["start_date"].split("-")
        yield _fact("start", f"{day}/{month}/{year}", ANSWER_2017, is_reading=True)
    if row["applicants_2017_answer"]:
        yield _fact("aanvragers", row["applicants_2017_answer"], ANSWER_2017, is_reading=True)
    yield _fact("uitvoerder", row["executing_organisation_table7"], TABLE_7, is_reading=True)
    yield _fact("type", row["type"], TABLE_7, is_reading=True)
    yield _fact("oorsprong", row["origin"], TABLE_7, is_reading=True)
    yield _fact("kernwoorden", row["keywords"], TABLE_4, is_reading=True)
    yield from _ends(record)
    yield from _intercluster(record)
    yield from project_support(record)


def _ends(record: NetworkRecord) -> Iterator[dict[str, Any]]:
    row = record.row
    computed = row["end_date_computed_start_plus_36m"]
    if computed:
        yield _fact("einde", computed, COMPUTED, is_reading=True)
    if row["end_date_2019_answer"] and not row["end_date_2019_answer"].startswith("("):
        yield _fact("einde", row["end_date_2019_answer"], ANSWER_2019_ENDS)
    if row["end_date_table3"]:
        is_merged = "merged" in row["end_date_table3"]
        note = "Samengevoegde cel; tabel 7 bevestigt de datum." if is_merged else ""
        yield _fact("einde", row["end_date_table3"].replace(" (merged cell)", ""), TABLE_3, note=note)
    note = "" if computed else "Zonder gepubliceerde start valt dit niet na te rekenen."
    yield _fact("einde", row["end_date_table7"], TABLE_7, is_reading=not computed, note=note)


def _intercluster(record: NetworkRecord) -> Iterator[dict[str, Any]]:
    approved = sum(project["approved"] == "yes" for project in record.intercluster)
    yield _fact("interclusteraanvragen", str(len(record.intercluster)), TABLE_10, is_reading=True)
    yield _fact(
        "interclusteraanvragen",
        record.row["intercluster_projects_table7"],
        TABLE_7,
        note="Mengt aanvragen en goedkeuringen.",
    )
    yield _fact(
        "interclusterprojecten", str(approved), TABLE_10, is_reading=True, note="Welke goedgekeurd zijn, is afgeleid."
    )


def project_support(record: NetworkRecord) -> Iterator[dict[str, Any]]:
    """Support for the network itself and for its projects, as the answer of 2019 gives them."""
    support = record.project_support
    if support is None:
        return
    yield _fact(
        "basissteun",
        f"{support['basic_support_dzEUR']} duizend euro",
        ANSWER_2019_PROJECTS,
        is_reading=True,
        figure=_thousands(support["basic_support_dzEUR"]),
    )
    if support["vlaio_project_support_dzEUR"]:
        yield _fact(
            "projectsteun",
            f"{support['vlaio_project_support_dzEUR']} duizend euro",
            ANSWER_2019_PROJECTS,
            is_reading=True,
            note=f"Gesteunde projecten: {support['n_projects_supported_stated']}.",
            figure=_thousands(support["vlaio_project_support_dzEUR"]),
        )


def _intercluster_of_2019(record: NetworkRecord) -> Iterator[dict[str, Any]]:
    """Intercluster projects as the answer of 2019 counts them; the reading since the evaluation is that of table 10."""
    support = record.project_support
    if support is None or not support["of_which_intercluster_supported"]:
        return
    supported, refused = (
        int(support[f"of_which_intercluster_{outcome}"]) for outcome in ("supported", "not_supported")
    )
    yield _fact("interclusteraanvragen", str(supported + refused), ANSWER_2019_PROJECTS, note=f"Geweigerd: {refused}.")
    yield _fact("interclusterprojecten", str(supported), ANSWER_2019_PROJECTS)


def kpi_values(record: NetworkRecord) -> Iterator[tuple[str, dict[str, Any]]]:
    """(code of the indicator or "", value) of every figure that a source gives for this network."""
    years = record.row["call_id"] == "IBN-1"
    moment = {"project_year": None} if record.is_target else {"project_year": 2 if years else 1}
    basis = KpiBasis.TARGET if record.is_target else KpiBasis.REPORTED
    note = "Streefwaarde na drie jaar; er was nog geen verslag." if record.is_target else ""
    for code, label, column in (
        ("kpi1", MEMBERS, "members_kpi1_table7"),
        ("kpi3", COOPERATIONS, "collaborations_kpi3a_table7"),
    ):
        yield code, _value(label, basis, number(record.row[column]), EVALUATED_ON, TABLE_7, note=note, **moment)
    if record.active_2019 is not None:
        is_start = record.active_2019["members_at_start_flag"] == "yes"
        yield (
            "kpi1",
            _value(
                MEMBERS,
                KpiBasis.AT_START if is_start else KpiBasis.REPORTED,
                number(record.active_2019["active_companies"]),
                ANSWERED_ON,
                ANSWER_2019,
                is_reading=is_start,
                note=INFERRED_EGGSPLORE if record.active_2019["name_in_answer"] == "Eggsplore" else "",
                project_year=0 if is_start else None,
            ),
        )
    if record.contributions is not None:
        for label, column in MEASURES_OF_TABLE_8:
            yield (
                "",
                _value(label, KpiBasis.REPORTED, number(record.contributions[column]), EVALUATED_ON, TABLE_8, **moment),
            )


def programme_facts(history: History) -> list[dict[str, Any]]:
    """Figures on the programme as a whole: those printed, and the sums that anyone can make of the rows."""
    facts = [
        {
            "subject": f"programma-{row['row_id'].lower()}",
            "label": row["kpi"][:200],
            "value": row["reported"] or row["target_after_3_years"],
            "stated_on": said_on(row["source"]),
            "number": number(row["reported"]),
            "source": row["source"],
            "note": _target_note(row),
        }
        for row in history.programme_figures
    ]
    reporting = [record for record in history.networks if not record.is_target]
    members = sum((number(record.row["members_kpi1_table7"]) or Decimal(0) for record in reporting), Decimal(0))
    started = sum((number(record.row["collaborations_kpi3a_table7"]) or Decimal(0) for record in reporting), Decimal(0))
    facts += _side_by_side(
        "leden-totaal",
        f"Actieve ondernemingen van de {len(reporting)} rapporterende netwerken",
        (str(members), members, f"{TABLE_7} (som)"),
        ("1.132", Decimal(1132), "Evaluatie januari 2020, tabel 5"),
        ("1.139", Decimal(1139), "Evaluatie januari 2020, hoofdstuk 3.1 (692 + 447)"),
        ("bijna 1.200", None, "Evaluatie januari 2020, hoofdstuk over de leden"),
    )
    facts += _side_by_side(
        "samenwerkingen-totaal",
        f"Samenwerkingen met minstens 3 partijen van de {len(reporting)} rapporterende netwerken",
        (str(started), started, f"{TABLE_7} (som)"),
        ("176", Decimal(176), "Evaluatie januari 2020, tabel 5"),
    )
    facts += [
        {
            "subject": project["project_id"].lower(),
            "label": project["title"][:200],
            "value": "goedgekeurd" if project["approved"] == "yes" else "niet goedgekeurd",
            "source": TABLE_10,
            "stated_on": EVALUATED_ON,
            "note": f"{project['participants_as_published']}. De goedkeuring is afgeleid.",
        }
        for project in history.intercluster
    ]
    facts += [
        {
            "subject": row["subject"],
            "label": row["label"],
            "value": row["value"],
            "number": number(row["number"]),
            "source": row["source"],
            "stated_on": date.fromisoformat(row["stated_on"]),
            "note": row["note"],
        }
        for row in history.statements
    ]
    return facts


def network_statements(history: History) -> Iterator[tuple[str, dict[str, Any]]]:
    """(code of the network, fact) of what the sources say besides the tables of networks: projects, partners, studies, seats."""
    for record in history.networks:
        for fact in _intercluster_of_2019(record):
            yield record.code, fact
    for row in history.network_statements:
        fact = _fact(row["attribute"], row["value"], row["source"], is_reading=True, note=row["note"])
        yield row["network_id"], {**fact, "number": number(row["number"])}


def survey_figures(history: History) -> Iterator[dict[str, Any]]:
    """The published figures of the survey of 2019; only complete answers were analysed (HE-10)."""
    base = next(
        (number(row["reported"]) for row in history.programme_figures if row["row_id"] == COMPLETE_ANSWERS), None
    )
    for row in history.survey_figures:
        yield {
            "code": row["code"].lower(),
            "survey": SURVEY,
            "question": row["question"],
            "measure": row["measure"],
            "scale": row["scale"],
            "dimension": row["dimension"],
            "group": row["group"],
            "value": number(row["value"]),
            "printed": row["value"],
            "base": int(base) if base is not None and row["dimension"] == ProfileDimension.ALL else None,
            "is_inferred": row["inferred"] == "ja",
            "source": row["source"],
            "stated_on": EVALUATED_ON,
            "note": row["note"],
        }


def _target_note(row: dict[str, str]) -> str:
    parts = [f"Moment: {row['moment']}."] if row["moment"] else []
    if row["target_after_3_years"] and row["reported"]:
        parts.append(f"Streefwaarde na drie jaar: {row['target_after_3_years']}.")
    if row["pct_of_target_stated"]:
        parts.append(f"Gepubliceerd aandeel: {row['pct_of_target_stated']} %.")
    return " ".join(parts)


def _side_by_side(subject: str, label: str, *stated: tuple[str, Decimal | None, str]) -> list[dict[str, Any]]:
    """Several sources on one subject; the first is the reading."""
    return [
        {
            "subject": subject,
            "label": label,
            "value": value,
            "number": figure,
            "source": source,
            "stated_on": said_on(source),
            "is_reading": not place,
        }
        for place, (value, figure, source) in enumerate(stated)
    ]


def _thousands(text: str) -> Decimal:
    """Euros from the source's thousands; the published unit stays in the value."""
    return (number(text) or Decimal(0)) * THOUSAND


def _fact(
    attribute: str,
    value: str,
    source: str,
    *,
    is_reading: bool = False,
    note: str = "",
    figure: Decimal | None = None,
) -> dict[str, Any]:
    return {
        "attribute": attribute,
        "value": value[:300],
        "number": number(value) if figure is None else figure,
        "source": source,
        "stated_on": said_on(source),
        "is_reading": is_reading,
        "note": note,
    }


def _value(
    label: str,
    basis: str,
    value: Decimal | None,
    as_of: date,
    source: str,
    *,
    is_reading: bool = True,
    note: str = "",
    project_year: int | None = None,
) -> dict[str, Any]:
    return {
        "label": label,
        "basis": basis,
        "value": value,
        "as_of": as_of,
        "source": source,
        "is_reading": is_reading,
        "note": note,
        "project_year": project_year,
    }
