"""The versioned rules of a call: every figure of the manual is a column here (PRG-22)."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from calls.enums import FirstTrancheBasis
from calls.ruleset import Rules
from ibnportal.core import money

NOT_FIGURES = frozenset({"id", "call", "version", "reason", "frozen_at", "frozen_by"})
"""What says whose and which version it is; every other column is a figure that a next version may change."""


def _amount(label: str, help_text: str, **options) -> models.DecimalField:
    return models.DecimalField(label, max_digits=14, decimal_places=2, help_text=help_text, **options)


def _fraction(label: str, help_text: str, **options) -> models.DecimalField:
    return models.DecimalField(label, max_digits=5, decimal_places=4, help_text=help_text, **options)


def _no_part(name: str, value: Decimal | None, *, whole_too: bool) -> dict[str, str]:
    """What is wrong with a figure that has to be a part of something, by its name; nothing where it is one."""
    if value is None or 0 < value < 1 or (whole_too and value == 1):
        return {}
    most = "hoogstens 1" if whole_too else "minder dan 1"
    return {name: f"Schrijf een deel: meer dan 0 en {most}, zoals 0,5 voor de helft."}


_FIGURES = tuple(field.name for field in fields(Rules) if field.name != "call_code")


class CallRules(models.Model):
    """One version of a call's rules; frozen once the call opens, changed only by a next version.

    A decision, a submission and a payment store the version they were made under (QA-09).
    """

    call = models.ForeignKey(
        "calls.Call", on_delete=models.CASCADE, related_name="rules_versions", verbose_name="oproep"
    )
    version = models.PositiveSmallIntegerField("versie", default=1)
    reason = models.TextField("reden van deze versie", blank=True)
    frozen_at = models.DateTimeField("bevroren op", null=True, blank=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="bevroren door",
        null=True,
        blank=True,
    )

    budget_available = _amount("beschikbaar budget", "euro; PRG-02, handleiding 1 en 4", null=True, blank=True)
    max_awards = models.PositiveSmallIntegerField(
        "hoogste aantal gesteunde initiatieven",
        help_text="aantal; PRG-04, handleiding 4 en 5.3.3",
        null=True,
        blank=True,
    )
    duration_months = models.PositiveSmallIntegerField("duur", help_text="maanden; PRG-07, handleiding 5.3.2")
    project_years = models.PositiveSmallIntegerField("projectjaren", help_text="jaren; PRG-07, handleiding 4.2.1")
    months_per_year = models.PositiveSmallIntegerField(
        "mensmaanden per VTE", default=12, help_text="mensmaanden per VTE en jaar; DUR-06"
    )
    min_fte = models.DecimalField(
        "minimale omvang",
        max_digits=5,
        decimal_places=2,
        help_text="VTE per jaar; PRG-08, AMB-07, handleiding 4.2.1",
        null=True,
        blank=True,
    )
    max_budget_year = _amount("hoogste begroting per jaar", "euro; PRG-09, samenvattende tabel", null=True, blank=True)
    max_budget_total = _amount(
        "hoogste begroting over het project", "euro; PRG-10, handleiding 4.2.3", null=True, blank=True
    )
    max_grant_year = _amount("hoogste steun per jaar", "euro; PRG-11, handleiding 4.2.4", null=True, blank=True)
    max_grant_total = _amount(
        "hoogste steun over het project", "euro; PRG-12, handleiding 4.2.3", null=True, blank=True
    )
    grant_fraction = _fraction("steunpercentage", "deel van de aanvaarde kosten; PRG-13, handleiding 4.2.3")
    cofinancing_fraction = _fraction("cofinanciering", "deel van de begroting; PRG-14, handleiding 4.2.4")
    min_cash_fraction = _fraction(
        "minimum cash", "deel van de cofinanciering; PRG-15, COF-05, handleiding 4.2.4", null=True, blank=True
    )
    max_income_fraction = _fraction(
        "maximum inkomsten", "deel van de cofinanciering; PRG-16, COF-06, handleiding 4.2.4", null=True, blank=True
    )
    min_companies = models.PositiveSmallIntegerField(
        "minimum mandaterende ondernemingen", help_text="aantal; PRG-17, handleiding 4.1", null=True, blank=True
    )
    min_letters_phase1 = models.PositiveSmallIntegerField(
        "intentiebrieven vooraanmelding", help_text="aantal; PRG-18, handleiding 5.2.1", null=True, blank=True
    )
    min_letters_phase2 = models.PositiveSmallIntegerField(
        "intentiebrieven volledige aanvraag", help_text="aantal; PRG-19, handleiding 5.3.2", null=True, blank=True
    )
    letter_link_days = models.PositiveSmallIntegerField(
        "geldigheid persoonlijke link", default=30, help_text="dagen; P1-LET-07, gekozen"
    )
    latest_start_on = models.DateField(
        "uiterste start", help_text="datum; DAT-10, AMB-03, handleiding 5.4.1", null=True, blank=True
    )
    supplement_allowed_phase1 = models.BooleanField(
        "vervollediging in fase 1", default=False, help_text="P1-ADM-07, AMB-14, handleiding 5.2.2"
    )
    supplement_working_days = models.PositiveSmallIntegerField(
        "termijn vervollediging", help_text="werkdagen; DAT-08, handleiding 5.3.2", null=True, blank=True
    )
    supplement_max_pages = models.PositiveSmallIntegerField(
        "omvang annex", help_text="bladzijden; P2-COM-03, handleiding 5.3.2", null=True, blank=True
    )
    supplement_reminder_working_days = models.PositiveSmallIntegerField(
        "herinnering vervollediging",
        help_text="werkdagen voor het einde van de termijn; NOT-05 (gekozen); leeg: geen herinnering",
        null=True,
        blank=True,
    )
    screening_working_days = models.PositiveSmallIntegerField(
        "streeftermijn screening",
        help_text="werkdagen na het sluiten van de fase of na de aanvulling; intern, bindt de aanvrager niet (gekozen)",
        null=True,
        blank=True,
    )
    first_tranche_threshold_fraction = _fraction(
        "drempel eerste schijf", "deel van de vereiste cofinanciering; PAY-02, handleiding 5.4.4", null=True, blank=True
    )
    first_tranche_basis = models.CharField(
        "bedrag eerste schijf",
        max_length=30,
        choices=FirstTrancheBasis,
        default=FirstTrancheBasis.COFINANCING_UP_TO_THRESHOLD,
        help_text="PAY-04, AMB-20",
    )
    cofinancing_carries_over = models.BooleanField(
        "overschot cofinanciering overdraagbaar", default=False, help_text="COF-20, AMB-12, H-18"
    )
    support_carries_over = models.BooleanField(
        "onbenutte steun overdraagbaar", default=False, help_text="PAY-06, handleiding 5.4.4"
    )
    min_experts = models.PositiveSmallIntegerField(
        "minimum deskundigen per dossier", default=2, help_text="P2-EVA-02, handleiding 5.3.3"
    )
    min_domain_experts = models.PositiveSmallIntegerField(
        "waarvan met domeinkennis", default=1, help_text="per dossier; P2-EVA-02, handleiding 5.3.3"
    )
    min_cluster_experts = models.PositiveSmallIntegerField(
        "waarvan met kennis van clusterwerking", default=1, help_text="per dossier; P2-EVA-02, handleiding 5.3.3"
    )
    experts_see_each_other = models.BooleanField("deskundigen zien elkaars scores na indiening", default=False)
    experts_read_pitch_notes = models.BooleanField("deskundigen lezen de notities van de pitch", default=False)
    declaration_valid_days = models.PositiveSmallIntegerField(
        "geldigheid van een verklaring",
        help_text="dagen; CONF-02; leeg: zolang de toegang loopt",
        null=True,
        blank=True,
    )
    expert_access_days = models.PositiveSmallIntegerField(
        "toegang na de scoredatum", help_text="dagen; CONF-01; leeg: tot ze wordt ingetrokken", null=True, blank=True
    )
    committee_access_days = models.PositiveSmallIntegerField(
        "toegang van het comité na de bekendmaking",
        help_text="dagen; CONF-01, ROL-12; leeg: onbeperkt",
        null=True,
        blank=True,
    )
    expert_reminder_days = models.PositiveSmallIntegerField(
        "herinnering aan deskundigen", help_text="dagen voor de scoredatum; leeg: geen", null=True, blank=True
    )
    min_motivation_words = models.PositiveSmallIntegerField("minimum motivering per criterium (woorden)", default=5)
    overhead_per_fte = _amount("overhead per VTE", "euro per VTE en jaar; BUD-16, instelbaar", null=True, blank=True)
    operating_ceiling_per_fte = _amount(
        "plafond werking per VTE", "euro per VTE en jaar; BUD-16", null=True, blank=True
    )
    review_working_days = models.PositiveSmallIntegerField(
        "termijn herziening",
        help_text="werkdagen; REV-04, AMB-18, handleiding 5.3.5 (termijn gekozen)",
        null=True,
        blank=True,
    )
    review_covers_preselection = models.BooleanField(
        "herziening ook na de preselectie", default=False, help_text="REV-06, AMB-18, handleiding 5.3.5"
    )
    review_covers_admissibility = models.BooleanField(
        "herziening ook na onontvankelijkheid", default=False, help_text="REV-06, AMB-18, handleiding 5.3.5"
    )
    latest_report_months = models.PositiveSmallIntegerField(
        "termijn jaarverslag", default=2, help_text="maanden na het projectjaar; NOT-11"
    )
    min_steering_meetings_attended = models.PositiveSmallIntegerField(
        "stuurgroepen met waarnemer", default=2, help_text="per jaar; H-14"
    )
    minutes_due_days = models.PositiveSmallIntegerField(
        "termijn verslag stuurgroep", default=28, help_text="dagen na de vergadering; MON-07, gekozen"
    )
    active_min_events = models.PositiveSmallIntegerField(
        "activiteiten van een actieve onderneming", default=2, help_text="aantal binnen het venster; HK-12, AMB-28"
    )
    active_window_months = models.PositiveSmallIntegerField(
        "venster actieve onderneming", default=12, help_text="maanden; HK-12"
    )
    cofinancing_reminder_months = models.PositiveSmallIntegerField(
        "waarschuwing cofinanciering",
        default=4,
        help_text="maanden voor het einde van het projectjaar; COF-01, gekozen",
    )
    max_payer_fraction = _fraction(
        "grootste aandeel van één betaler",
        "deel van de cofinanciering waarboven het portaal waarschuwt; COF-07, gekozen",
        null=True,
        blank=True,
    )
    size_micro_staff = models.PositiveIntegerField(
        "micro: personeel",
        default=10,
        help_text="minder dan zoveel werkzame personen; kmo-definitie 2003/361/EG, art. 2",
    )
    size_small_staff = models.PositiveIntegerField(
        "klein: personeel", default=50, help_text="minder dan zoveel werkzame personen; 2003/361/EG, art. 2"
    )
    size_medium_staff = models.PositiveIntegerField(
        "middelgroot: personeel", default=250, help_text="minder dan zoveel werkzame personen; 2003/361/EG, art. 2"
    )
    size_micro_money = _amount(
        "micro: omzet of balanstotaal", "euro, ten hoogste; 2003/361/EG, art. 2", default=Decimal("2000000.00")
    )
    size_small_money = _amount(
        "klein: omzet of balanstotaal", "euro, ten hoogste; 2003/361/EG, art. 2", default=Decimal("10000000.00")
    )
    size_medium_turnover = _amount(
        "middelgroot: omzet", "euro, ten hoogste; 2003/361/EG, art. 2", default=Decimal("50000000.00")
    )
    size_medium_balance = _amount(
        "middelgroot: balanstotaal", "euro, ten hoogste; 2003/361/EG, art. 2", default=Decimal("43000000.00")
    )
    size_partner_fraction = _fraction(
        "partneronderneming vanaf", "aandeel in kapitaal of stemmen; 2003/361/EG, art. 3", default=Decimal("0.2500")
    )
    size_linked_fraction = _fraction(
        "verbonden onderneming boven", "aandeel in kapitaal of stemmen; 2003/361/EG, art. 3", default=Decimal("0.5000")
    )
    state_aid_years = models.PositiveSmallIntegerField(
        "staatssteun: jaren", help_text="jaren; PRG-21, handleiding 4.2.3", null=True, blank=True
    )
    state_aid_ceiling = _amount(
        "staatssteun: plafond", "euro per cluster; PRG-21, AMB-16, handleiding 4.2.3", null=True, blank=True
    )
    award_published_above = _amount(
        "toekenning openbaar boven",
        "euro per toekenning, in het register van staatssteun (X-15)",
        null=True,
        blank=True,
    )
    extension_allowed = models.BooleanField(
        "verlenging mogelijk", default=False, help_text="PRG-26, H-24, handleiding 4.2.1"
    )
    recovery_days = models.PositiveSmallIntegerField(
        "terugbetalen binnen",
        help_text="kalenderdagen na de terugvordering; PAY-07 (gekozen, de handleiding zwijgt)",
        null=True,
        blank=True,
    )
    exit_plan_months = models.PositiveSmallIntegerField(
        "toekomstplan gevraagd",
        help_text="maanden voor het einde van het project; LES-03 (gekozen)",
        null=True,
        blank=True,
    )
    committee_quorum_fraction = _fraction(
        "quorum van het comité", "deel van de leden van de vergadering; ROL-12 (gekozen)", null=True, blank=True
    )
    sensitivity_fraction = _fraction(
        "verschuiving van gewichten",
        "deel waarmee elk gewicht op en neer gaat om te zien of de volgorde blijft; P2-CRI-21 (gekozen)",
        null=True,
        blank=True,
    )
    language = models.CharField("taal van het voorstel", max_length=5, default="nl", help_text="PRG-23, handleiding 5")

    class Meta:
        """One row a version, and figures that agree with each other."""

        verbose_name = "regels van een oproep"
        verbose_name_plural = "regels van oproepen"
        ordering = ("call", "-version")
        constraints = (
            models.UniqueConstraint(fields=("call", "version"), name="rules_version_once"),
            models.CheckConstraint(
                condition=Q(frozen_at__isnull=True, frozen_by__isnull=True) | Q(frozen_at__isnull=False),
                name="rules_frozen_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(grant_fraction__gt=0, grant_fraction__lte=1), name="rules_grant_fraction_in_range"
            ),
            models.CheckConstraint(
                condition=Q(min_cash_fraction__isnull=True)
                | Q(max_income_fraction__isnull=True)
                | Q(min_cash_fraction=Decimal(1) - F("max_income_fraction")),
                name="rules_cash_and_income_make_one",
            ),
            models.CheckConstraint(
                condition=Q(committee_quorum_fraction__isnull=True)
                | Q(committee_quorum_fraction__gt=0, committee_quorum_fraction__lte=1),
                name="rules_quorum_in_range",
            ),
            models.CheckConstraint(
                condition=Q(sensitivity_fraction__isnull=True)
                | Q(sensitivity_fraction__gt=0, sensitivity_fraction__lt=1),
                name="rules_sensitivity_in_range",
            ),
            models.CheckConstraint(
                condition=Q(max_grant_year__isnull=True)
                | Q(max_grant_total__isnull=True)
                | Q(max_grant_year__lte=F("max_grant_total")),
                name="rules_yearly_grant_within_total",
            ),
        )
        triggers = (
            # Not even raw SQL changes a version that dossiers were judged by; a change is a next version.
            pgtrigger.Protect(
                name="frozen_rules_are_kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Call and version."""
        return f"Regels van {self.call}, versie {self.version}"

    def clean(self) -> None:
        """What the database would refuse, said in words at the figure that is wrong."""
        found = {
            field.name: "Dit kan niet minder dan nul zijn."
            for field in self._meta.fields
            if isinstance(field, models.DecimalField) and (getattr(self, field.name) or 0) < 0
        }
        for name in ("grant_fraction", "committee_quorum_fraction", "sensitivity_fraction"):
            found |= _no_part(name, getattr(self, name), whole_too=name != "sensitivity_fraction")
        cash, income = self.min_cash_fraction, self.max_income_fraction
        if cash is not None and income is not None and cash + income != 1:
            found.setdefault(
                "min_cash_fraction",
                f"Minimum cash en maximum inkomsten zijn samen 1: naast {income:f} inkomsten hoort {1 - income:f} cash.",
            )
        yearly, total = self.max_grant_year, self.max_grant_total
        if yearly is not None and total is not None and yearly > total:
            found.setdefault(
                "max_grant_year",
                f"De hoogste steun per jaar ({money.format_euros(yearly)}) is meer dan die over het project ({money.format_euros(total)}).",
            )
        if found:
            raise ValidationError(found)

    def figures(self) -> dict[str, Any]:
        """Every figure of this version by its name, without whose and which version it is."""
        return {field.name: getattr(self, field.name) for field in self._meta.fields if field.name not in NOT_FIGURES}

    def frozen(self) -> Rules:
        """The figures of this version as an immutable value for pure functions."""
        return Rules(call_code=self.call.code, **{name: getattr(self, name) for name in _FIGURES})
