"""Answers one saved question as of a date: a table to paste into a letter, or csv, json or xlsx."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ibnportal.core.errors import DomainError
from ibnportal.portal.answers import files, register

OPTIONS = {
    "--as-of": ("stand", "stand op deze dag, bijvoorbeeld 2017-03-31; anders vandaag"),
    "--call": ("oproep", "code van de oproep"),
    "--network": ("netwerk", "code van het netwerk"),
    "--type": ("type", "zelfstandig of gevestigd"),
    "--province": ("provincie", "provincie van de zetel van de onderneming"),
    "--sector": ("sector", "NACE-code of letter van de sectie"),
    "--size": ("grootte", "micro, klein, middelgroot of groot"),
    "--company": ("onderneming", "ondernemingsnummer, in elke schrijfwijze"),
}


class Command(BaseCommand):
    help = "Beantwoordt een bewaarde vraag, bijvoorbeeld: answer QP-06 --as-of 2017-03-31. Zonder vraag: de lijst."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("question", nargs="?", default="", help="QP-01, QE-07, …")
        for option, (name, help_text) in OPTIONS.items():
            parser.add_argument(option, dest=name, default="", help=help_text)
        parser.add_argument("--format", choices=files.FORMATS, default="table")
        parser.add_argument("--output", type=Path, help="bestand; nodig voor xlsx wanneer de uitvoer een scherm is")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["question"]:
            for one in register.QUESTIONS:
                self.stdout.write(f"{one.id}  {one.title}")
            return
        try:
            question = register.question(options["question"])
            asked = question.read(options)
            content = files.content(options["format"], question, asked, question.answer(asked))
        except DomainError as error:
            raise CommandError(error.message) from error
        if options["output"]:
            try:
                options["output"].write_bytes(content)
            except OSError as error:
                raise CommandError(f"{options['output']} kan niet geschreven worden: {error.strerror}") from error
        elif options["format"] == "xlsx":
            if sys.stdout.isatty():
                raise CommandError("Een rekenblad past niet op een scherm. Geef een bestand met --output.")
            sys.stdout.buffer.write(content)
        else:
            self.stdout.write(content.decode("utf-8-sig"), ending="")
