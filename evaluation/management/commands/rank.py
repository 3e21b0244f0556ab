"""Show the ranking of a call, why it is so, and that a frozen one can be computed again."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calls.models import Call
from evaluation.domain import ranking, sensitivity
from evaluation.models import Ranking
from ibnportal.core.canonical import canonical
from ibnportal.core.errors import DomainError
from ibnportal.core.money import format_euros


class Command(BaseCommand):
    """`rank 2025`, `rank 2025 --explain`, `rank 2025 --replay 1`, `rank 2025 --sensitivity`; writes nothing to the database.

    `--replay 1 --write FILE` also writes the recomputed bytes, to compare them with those of another day.
    """

    help = "Rangschikking van een oproep: de volgorde nu, waarom, en herberekening van een bevroren versie."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("call", help="code van de oproep, bijvoorbeeld 2025")
        parser.add_argument(
            "--explain",
            action="store_true",
            help="toon gewichten, totalen per dimensie en waarom elk dossier staat waar het staat",
        )
        parser.add_argument(
            "--sensitivity",
            action="store_true",
            help="toon wat verandert zonder één deskundige of met een ander gewicht",
        )
        parser.add_argument("--write", metavar="BESTAND", help="met --replay: schrijf de herberekende bytes")
        parser.add_argument(
            "--replay", type=int, metavar="N", help="bereken bevroren versie N opnieuw en vergelijk byte per byte"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call = Call.objects.filter(code=options["call"]).first()
        if call is None:
            raise CommandError(f"Er is geen oproep met code {options['call']}.")
        try:
            if options["replay"] is not None:
                inputs = self._replayed(call, options["replay"], write=options["write"])
            else:
                inputs = ranking.inputs_of(call, with_experts=options["sensitivity"])
            self._show(inputs, explain=options["explain"])
            if options["sensitivity"]:
                self._show_trials(sensitivity.trials(inputs))
        except DomainError as error:
            lines = [error.message, *(f"  {finding.where}: {finding.message}" for finding in error.findings)]
            raise CommandError("\n".join(lines)) from error

    def _replayed(self, call: Call, version: int, *, write: str | None) -> ranking.Inputs:
        frozen = Ranking.objects.filter(call=call, version=version).first()
        if frozen is None:
            raise CommandError(f"Van deze oproep is geen versie {version} bevroren.")
        content = ranking.replay(frozen.snapshot)
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 != frozen.sha256 or content != canonical(frozen.snapshot):
            raise CommandError(f"Versie {version} geeft bij herberekening {sha256}, bevroren is {frozen.sha256}.")
        self.stdout.write(
            f"Versie {version} opnieuw berekend: gelijk, byte per byte ({len(content)} bytes, SHA-256 {sha256})."
        )
        if write:
            Path(write).write_bytes(content)
        return ranking.inputs_from(frozen.snapshot)

    def _show(self, inputs: ranking.Inputs, *, explain: bool) -> None:
        places = ranking.order(inputs)
        reasons = ranking.explain(inputs, places)
        if explain:
            self._show_rules(inputs)
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
                for reason in reasons[place.number]:
                    self.stdout.write(f"     {reason}")

    def _show_rules(self, inputs: ranking.Inputs) -> None:
        """What decides, before what follows from it."""
        self.stdout.write(f"Oproep {inputs.call}, regels versie {inputs.rules_version}.")
        for row in inputs.dimensions:
            own = [criterion for criterion in inputs.criteria if criterion.dimension == row.code]
            weights = ", ".join(f"{criterion.code} × {criterion.weight}" for criterion in own)
            self.stdout.write(f"  {row.label} × {row.weight}: {weights}")
        self.stdout.write("  Schaal: " + ", ".join(f"{step.label.lower()} = {step.value}" for step in inputs.scale))
        for rule in inputs.knockouts:
            self.stdout.write(
                f"  {rule.rule_id}: {rule.min_count} of meer keer {rule.step} op {rule.dimension} sluit uit"
            )
        budget = "geen" if inputs.budget is None else format_euros(inputs.budget)
        most = "geen" if inputs.max_awards is None else inputs.max_awards
        self.stdout.write(f"  Budget: {budget}; hoogste aantal: {most}")

    def _show_trials(self, found: sensitivity.Sensitivity) -> None:
        self.stdout.write("Hoe stevig is deze volgorde?")
        for trial in found.trials:
            moved = ", ".join(f"{move.number} van {move.before} naar {move.after}" for move in trial.moves)
            line = f"  {trial.label}: {moved or 'niets verandert'}."
            if trial.is_decisive:
                line += f" Binnen de lijn komt {', '.join(trial.enters) or 'niemand'}, eruit valt {', '.join(trial.leaves) or 'niemand'}."
            self.stdout.write(f"{line} {trial.note}".rstrip())
