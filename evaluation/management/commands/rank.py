"""Show the ranking of a call, why it is so, and that a frozen one can be computed again."""

import hashlib
from argparse import ArgumentParser
from itertools import pairwise
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calls.models import Call
from evaluation.domain import ranking
from evaluation.models import Ranking
from ibnportal.core.errors import DomainError
from ibnportal.core.money import format_euros


class Command(BaseCommand):
    """`rank 2025`, `rank 2025 --explain`, `rank 2025 --replay 1`; writes nothing to the database."""

    help = "Rangschikking van een oproep: de volgorde nu, waarom, en herberekening van een bevroren versie."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("call", help="code van de oproep, bijvoorbeeld 2025")
        parser.add_argument(
            "--explain", action="store_true", help="toon totalen per dimensie, uitsluitingen en gelijke standen"
        )
        parser.add_argument(
            "--replay", type=int, metavar="N", help="bereken bevroren versie N opnieuw en vergelijk byte per byte"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call = Call.objects.filter(code=options["call"]).first()
        if call is None:
            raise CommandError(f"Er is geen oproep met code {options['call']}.")
        try:
            if options["replay"] is not None:
                inputs = self._replayed(call, options["replay"])
            else:
                inputs = ranking.inputs_of(call)
            self._show(inputs, explain=options["explain"])
        except DomainError as error:
            lines = [error.message, *(f"  {finding.where}: {finding.message}" for finding in error.findings)]
            raise CommandError("\n".join(lines)) from error

    def _replayed(self, call: Call, version: int) -> ranking.Inputs:
        frozen = Ranking.objects.filter(call=call, version=version).first()
        if frozen is None:
            raise CommandError(f"Van deze oproep is geen versie {version} bevroren.")
        content = ranking.replay(frozen.snapshot)
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 != frozen.sha256 or content != ranking.canonical(frozen.snapshot):
            raise CommandError(f"Versie {version} geeft bij herberekening {sha256}, bevroren is {frozen.sha256}.")
        self.stdout.write(
            f"Versie {version} opnieuw berekend: gelijk, byte per byte ({len(content)} bytes, SHA-256 {sha256})."
        )
        return ranking.inputs_from(frozen.snapshot)

    def _show(self, inputs: ranking.Inputs, *, explain: bool) -> None:
        places = ranking.order(inputs)
        if not places:
            self.stdout.write("Nog geen dossiers met een advies.")
        for place in places:
            line = (
                "uitgesloten"
                if place.knockouts
                else "binnen budget"
                if place.is_within_budget
                else "onder de budgetlijn"
            )
            self.stdout.write(
                f"{place.rank:>3}. {place.number}  totaal {place.total:>3}  gevraagd {format_euros(place.requested)}  "
                f"gecumuleerd {format_euros(place.cumulative)}  {line}"
            )
            if explain:
                self.stdout.write("     " + ", ".join(f"{code} {total}" for code, total in place.dimension_totals))
                for knockout in place.knockouts:
                    self.stdout.write(f"     {knockout.rule_id}: {knockout.text}")
        if explain:
            self._show_ties(places)

    def _show_ties(self, places: tuple[ranking.Place, ...]) -> None:
        for upper, lower in pairwise(places):
            if upper.total != lower.total or bool(upper.knockouts) != bool(lower.knockouts):
                continue
            if upper.dimension_totals != lower.dimension_totals:
                why = "hoger op de eerste dimensie waarop ze verschillen"
            elif upper.requested != lower.requested:
                why = "vraagt minder steun"
            else:
                why = "lager dossiernummer"
            self.stdout.write(f"Gelijk totaal: {upper.number} voor {lower.number}, want {why}.")
