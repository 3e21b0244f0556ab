"""`manage.py rules`: each rule of the call, where it is enforced and which tests prove it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ibnportal.core.rulebook.scan import rulebook


class Command(BaseCommand):
    help = "Lists each rule of docs/rules.csv with where the code enforces it and which tests prove it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("areas", nargs="*", help="only these areas, for instance PAY COF")
        parser.add_argument(
            "--unproven", action="store_true", help="only rules that a machine checks and no test proves"
        )
        parser.add_argument("--summary", action="store_true", help="one line an area")

    def handle(self, *args: Any, **options: Any) -> None:
        everything = list(rulebook(settings.BASE_DIR).values())
        areas = [area.upper() for area in options["areas"]]
        if unknown := sorted(set(areas) - {rule.area for rule in everything}):
            known = ", ".join(dict.fromkeys(rule.area for rule in everything))
            raise CommandError(f"Unknown area: {', '.join(unknown)}. Known: {known}.")
        chosen = [rule for rule in everything if not areas or rule.area in areas]
        if options["unproven"]:
            chosen = [rule for rule in chosen if rule.check in {"M", "B"} and not rule.proven]
        if options["summary"]:
            for area in dict.fromkeys(rule.area for rule in chosen):
                of_area = [rule for rule in chosen if rule.area == area]
                enforced = sum(bool(rule.enforced) for rule in of_area)
                proven = sum(bool(rule.proven) for rule in of_area)
                self.stdout.write(f"{area:10} {len(of_area):4} rules {enforced:4} enforced {proven:4} proven")
        else:
            for rule in chosen:
                self.stdout.write(f"{rule.id:12} {rule.check}  {rule.code_name}")
                for place in dict.fromkeys(rule.enforced):
                    self.stdout.write(f"               enforced  {place}")
                for test in dict.fromkeys(rule.proven):
                    self.stdout.write(f"               proven    {test}")
        proven = sum(bool(rule.proven) for rule in chosen)
        self.stdout.write(f"{len(chosen)} rules, {proven} proven")
