"""`manage.py explain_payment ID`: how one tranche came about, down to its contributions."""

from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calls.enums import CostType
from ibnportal.core.audit import trail
from ibnportal.core.ui.formats import euro, moment
from monitoring.domain import explain
from monitoring.domain.tranches import content_hash
from monitoring.enums import AmendmentKind
from monitoring.models import AgreementAmendment, Contribution, ReportPaper, Tranche


class Command(BaseCommand):
    help = "Print how a tranche was computed, by whom it was proposed and released, and whether it still computes the same."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tranche", type=int, help="id of the tranche")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tranche = Tranche.objects.select_related(
                "award_year__network__beneficiary", "rules__call", "order_file", "award_year__settlement"
            ).get(pk=options["tranche"])
        except Tranche.DoesNotExist as error:
            raise CommandError(f"There is no tranche {options['tranche']}.") from error
        year = tranche.award_year
        self.stdout.write(
            f"{tranche} ({year.network.code}): {euro(tranche.amount)}, {tranche.get_state_display().lower()}"
        )
        self.stdout.write(f"Regels: {tranche.rules}")
        for line in tranche.derivation["lines"]:
            self.stdout.write(f"  {line['label']:<55} {line['rule_id']:<8} {euro(Decimal(line['amount'])):>16}")
        self._contributions(tranche)
        self._report(tranche)
        for amendment in AgreementAmendment.objects.filter(
            agreement__network=year.network, kind=AmendmentKind.AMOUNTS, made_at__lte=tranche.proposed_at
        ):
            self.stdout.write(f"{amendment} van {moment(amendment.made_at)}: {amendment.old} werd {amendment.new}")
        for event in trail.history(tranche):
            self.stdout.write(f"{moment(event.at)}: {event.action} door {event.actor_label}")
        self.stdout.write(f"Controlegetal: {content_hash(tranche)}")
        if tranche.order_file is not None:
            self.stdout.write(f"Betaalopdracht: {tranche.order_file.name}, SHA-256 {tranche.order_file.sha256}")
        breaches = list(explain.breaches_of_tranche(tranche))
        for breach in breaches:
            self.stderr.write(f"BREACH: {breach}")
        self.stdout.write("Opnieuw berekend: " + ("afwijkend" if breaches else "hetzelfde bedrag"))
        if breaches:
            raise CommandError("The tranche does not follow from its derivation.")

    def _report(self, tranche: Tranche) -> None:
        """The approved report that a settlement counts, with what was accepted of each cost type."""
        paper = ReportPaper.objects.filter(report__award_year=tranche.award_year).first()
        if paper is None or "settlement" not in tranche.derivation:
            return
        review = paper.content["review"]
        self.stdout.write(f"Jaarverslag: goedgekeurd door {review['approved_by']}, SHA-256 {paper.content_hash}")
        for cost in review["accepted"]:
            amount = euro(Decimal(cost["amount"])) if cost["amount"] else "niet beoordeeld"
            self.stdout.write(f"  {CostType(cost['type']).label:<55} {amount:>25}")

    def _contributions(self, tranche: Tranche) -> None:
        ids = [row["id"] for row in tranche.derivation["contributions"]]
        self.stdout.write(f"Bijdragen: {len(ids)}")
        for contribution in Contribution.objects.filter(pk__in=ids).select_related("payer"):
            self.stdout.write(
                f"  #{contribution.pk} {contribution} {contribution.get_kind_display().lower()} "
                f"{euro(contribution.amount)}: {contribution.get_state_display().lower()}"
            )
