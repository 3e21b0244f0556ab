"""`manage.py check_invariants`: every breach of every invariant, exit code 1 if there is any."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from ibnportal.core.invariants import breaches, registered


class Command(BaseCommand):
    help = "Reads the whole database and the file store and prints every breach; silent and 0 when there is none."

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        found = 0
        for name, breach in breaches():
            found += 1
            self.stdout.write(f"{name}: {breach}")
        if verbosity > 1:
            self.stdout.write(f"{len(registered())} invariants, {found} breaches")
        if found:
            sys.exit(1)
