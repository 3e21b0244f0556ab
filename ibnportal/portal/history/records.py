"""What the files in `data/programme/` state, read into plain records; nothing is corrected here."""

import csv
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ibnportal.core.errors import DomainError

Row = dict[str, str]
DUTCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing on which sources differ, and the reading that the portal takes."""

    about: str
    sources: tuple[str, ...]
    reading: str


@dataclass(frozen=True, slots=True)
class NetworkRecord:
    """One row of networks.csv with what the other files add to it."""

    row: Row
    futures: tuple[Row, ...]
    active_2019: Row | None
    contributions: Row | None
    project_support: Row | None
    intercluster: tuple[Row, ...]

    @property
    def code(self) -> str:
        """As in the files: IBN1-01."""
        return self.row["network_id"]

    @property
    def call_code(self) -> str:
        """The portal's code of its call."""
        return CALLS[self.row["call_id"]]

    @property
    def applicants(self) -> list[str]:
        """Names as published: of the applicants where known, else of the executors."""
        return split_names(self.row["applicants_2017_answer"] or self.row["executing_organisation_table7"])

    @property
    def award(self) -> Decimal | None:
        """The support, when published."""
        return number(self.row["awarded_support_eur"])

    @property
    def start_on(self) -> date | None:
        """The start, when published."""
        return read_date(self.row["start_date"])

    @property
    def end_on(self) -> date | None:
        """The reading: 36 months after the start; without a start the date of table 7."""
        return read_date(self.row["end_date_computed_start_plus_36m"]) or read_date(self.row["end_date_table7"])

    @property
    def aliases(self) -> list[str]:
        """Other spellings, without the remark in which source each stands."""
        spellings = (
            re.sub(r"\s*\((?:S\d|inferred)[^)]*\)", "", alias).strip() for alias in self.row["name_variants"].split("|")
        )
        return [alias for alias in dict.fromkeys(spellings) if alias and alias != self.row["name"]]

    @property
    def is_target(self) -> bool:
        """Whether the evaluation printed targets for it instead of reported values (HK-08)."""
        return self.row["members_note"].startswith("**")


@dataclass(frozen=True, slots=True)
class History:
    """All that was published."""

    networks: tuple[NetworkRecord, ...]
    rejected: tuple[Row, ...]
    programme_figures: tuple[Row, ...]
    intercluster: tuple[Row, ...]
    organisation_names: dict[str, str]
    statements: tuple[Row, ...]
    network_statements: tuple[Row, ...]
    survey_figures: tuple[Row, ...]
    disagreements: tuple[Disagreement, ...]


CALLS = {"IBN-1": "2015", "IBN-2": "2017"}


def read(folder: Path) -> History:
    """Everything in that folder. Raises DomainError naming the file that cannot be read."""
    futures, intercluster = rows(folder, "futures.csv"), rows(folder, "intercluster_projects.csv")
    active = _by_network(rows(folder, "active_companies_2019.csv"))
    contributions = _by_network(rows(folder, "contributions.csv"))
    support = _by_network(rows(folder, "project_support_2019.csv"))
    return History(
        networks=tuple(
            NetworkRecord(
                row=row,
                futures=tuple(future for future in futures if future["network_id"] == row["network_id"]),
                active_2019=active.get(row["network_id"]),
                contributions=contributions.get(row["network_id"]),
                project_support=support.get(row["network_id"]),
                intercluster=tuple(p for p in intercluster if row["network_id"] in p["ibn_network_ids"].split("|")),
            )
            for row in rows(folder, "networks.csv")
        ),
        rejected=tuple(rows(folder, "rejected.csv")),
        programme_figures=tuple(rows(folder, "kpi_programme.csv")),
        intercluster=tuple(intercluster),
        organisation_names={row["name_as_published"]: row["name"] for row in rows(folder, "organisations.csv")},
        statements=tuple(rows(folder, "statements.csv")),
        network_statements=tuple(rows(folder, "network_statements.csv")),
        survey_figures=tuple(rows(folder, "survey_means.csv")),
        disagreements=read_disagreements(folder / "disagreements.toml"),
    )


def rows(folder: Path, name: str) -> list[Row]:
    """The rows of a CSV file as text."""
    try:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DomainError(f"{name} kan niet gelezen worden: {error}") from error


def split_names(text: str) -> list[str]:
    """Several organisations in one cell, in the order of the source."""
    return [name.strip() for name in re.split(r"[;,]", text) if name.strip()]


def number(text: str) -> Decimal | None:
    """A figure as printed (Dutch comma, thousands with a point); None when the cell is empty or no figure."""
    cleaned = text.strip()
    if re.fullmatch(r"\d{1,3}(\.\d{3})+", cleaned):
        cleaned = cleaned.replace(".", "")
    try:
        return Decimal(cleaned.replace(",", ".")) if cleaned else None
    except InvalidOperation:
        return None


def read_date(text: str) -> date | None:
    """31/08/2019 or 2019-08-31; None for anything else ("eind 2019 of in de loop van 2020")."""
    text = text.strip()
    found = DUTCH_DATE.match(text)
    if found:
        day, month, year = map(int, found.groups())
        return date(year, month, day)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _by_network(found: list[Row]) -> dict[str, Row]:
    return {row["network_id"]: row for row in found}


def read_disagreements(path: Path) -> tuple[Disagreement, ...]:
    """What sources differ on, in our words. Raises DomainError when the file cannot be read."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DomainError(f"{path.name} kan niet gelezen worden: {error}") from error
    return tuple(
        Disagreement(item["about"], tuple(item["sources"]), item["reading"]) for item in content["disagreements"]
    )
