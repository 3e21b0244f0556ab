"""`manage.py states`: the states of everything and what may become what."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from ibnportal.core.rulebook.states import states_document


class Command(BaseCommand):
    help = "Prints the state tables of all apps; --write puts them into docs/states.md."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/states.md")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            (settings.BASE_DIR / "docs" / "states.md").write_text(states_document(), encoding="utf-8")
        else:
            self.stdout.write(states_document())
