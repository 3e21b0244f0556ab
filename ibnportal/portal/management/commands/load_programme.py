"""Loads the three calls and the programme's published history; a second run changes nothing and says so."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from calls.documents import definition
from calls.domain import installing
from calls.models import Call
from evaluation.models import CallCeiling
from ibnportal.core.errors import DomainError
from ibnportal.portal.history import loading, queries, records


class Command(BaseCommand):
    help = (
        "Laadt de drie oproepen en de gepubliceerde geschiedenis van het programma. Twee keer draaien kan geen kwaad."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--data", type=Path, default=settings.BASE_DIR / "data", help="map met calls/ en programme/"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["data"]
        try:
            history = records.read(folder / "programme")
            definitions = [definition.read(path) for path in sorted((folder / "calls").glob("*.toml"))]
            with transaction.atomic():
                new_calls = self._install(definitions)
                loaded = loading.load(history)
        except DomainError as error:
            raise CommandError(error.message) from error
        self._tell_what_is_new(new_calls, loaded)
        self._tell_what_stands()
        self._tell_disagreements(history)

    def _install(self, definitions: list[Any]) -> list[Call]:
        if not definitions:
            raise CommandError("Er staan geen oproepen (*.toml) in de map calls.")
        new = []
        for found in definitions:
            call, is_new = installing.install(found, by=None)
            rules = call.rules()
            if rules.budget_available is not None and rules.max_awards is not None:
                CallCeiling.objects.get_or_create(
                    call=call, defaults={"budget": rules.budget_available, "max_awards": rules.max_awards}
                )
            if is_new:
                new.append(call)
        return new

    def _tell_what_is_new(self, new_calls: list[Call], loaded: loading.Loaded) -> None:
        if not new_calls and loaded.is_unchanged:
            self.stdout.write("Alles stond er al; er is niets gewijzigd.")
            return
        for call in new_calls:
            self.stdout.write(f"Nieuw: {call.name}")
        for name, amount in loaded.counts.items():
            if amount:
                self.stdout.write(f"Nieuw: {amount} {name}")

    def _tell_what_stands(self) -> None:
        self.stdout.write("\nWat er nu staat")
        for figure in queries.programme_figures():
            self.stdout.write(f"  {figure.text:>14}  {figure.label}")

    def _tell_disagreements(self, history: records.History) -> None:
        self.stdout.write(
            f"\nWaar de bronnen elkaar tegenspreken ({len(history.disagreements)}) en wat het portaal leest"
        )
        for item in history.disagreements:
            self.stdout.write(f"\n  {item.about}")
            for source in item.sources:
                self.stdout.write(f"    - {source}")
            self.stdout.write(f"    = {item.reading}")
