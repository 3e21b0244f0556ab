"""`manage.py seed_closing_days 2025 2031`: the closing days of those years, first and last included."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from ibnportal.core.workdays.seed import seed_closing_days


class Command(BaseCommand):
    help = "Adds the closing days of the Flemish administration for a range of years; running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("first", type=int)
        parser.add_argument("last", type=int)

    def handle(self, *args: Any, first: int, last: int, **options: Any) -> None:
        added = seed_closing_days(range(first, last + 1))
        self.stdout.write(f"{added} sluitingsdagen toegevoegd.")
