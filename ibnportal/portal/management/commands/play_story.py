"""Plays the fictional story on the loaded call of 2025, so that every role's first screen has something real to do."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from calls.models import Call
from ibnportal.core import clock
from ibnportal.core.demo.catalogue import DEFAULT_MOMENT, moment_of
from ibnportal.core.errors import DomainError
from ibnportal.portal.story import play


class Command(BaseCommand):
    help = "Speelt het verzonnen verhaal op een geladen oproep, via dezelfde stappen als de schermen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--call", default="2025", help="code van de oproep")
        parser.add_argument(
            "--leave-to-workers", action="store_true", help="laat mails en documenten aan de Celery-workers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call = Call.objects.filter(code=options["call"]).first()
        if call is None:
            raise CommandError(f"Er is geen oproep {options['call']}. Draai eerst: manage.py load_programme")
        if play.has_been_played(call):
            self.stdout.write(f"Op {call.name} staan al dossiers; het verhaal wordt niet opnieuw gespeeld.")
            return
        try:
            cast = play.play(call, tell=self.stdout.write, perform=not options["leave_to_workers"])
        except DomainError as error:
            raise CommandError(f"{error.message} {' '.join(finding.message for finding in error.findings)}") from error
        start = moment_of(DEFAULT_MOMENT)
        if start is not None and settings.DEMO:
            clock.set_demo_now(start.instant)
        self.stdout.write(f"{len(cast.roles)} initiatieven staan klaar, elk in een andere fase.")
