"""Grows a made-up programme of any size, for benches and demos (portal.growing)."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ibnportal.core.errors import DomainError
from ibnportal.portal import growing

NAMES = ("calls", "applications", "networks", "memberships", "ledger")


class Command(BaseCommand):
    help = "Laat een verzonnen programma groeien: zelfde --seed en aantallen, zelfde rijen. Enkel met DEBUG of DEMO."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--scale", type=float, default=1.0, help="deel van de gewone aantallen, bijvoorbeeld 0.01")
        full = growing.Size()
        for name in NAMES:
            parser.add_argument(f"--{name}", type=int, help=f"in plaats van {getattr(full, name)} × scale")

    def handle(self, *args: Any, **options: Any) -> None:
        scale = options["scale"]
        if not 0 < scale <= 10:
            raise CommandError("--scale ligt tussen 0 en 10.")
        size = growing.Size().scaled(scale)
        given = {name: options[name] if options.get(name) is not None else getattr(size, name) for name in NAMES}
        began = time.monotonic()
        try:
            counts = growing.grow(growing.Size(**given), seed=options["seed"])
        except DomainError as error:
            raise CommandError(error.message) from error
        for name, count in counts.items():
            self.stdout.write(f"{count:>9} {name}")
        self.stdout.write(f"Klaar in {time.monotonic() - began:.0f} s.")
