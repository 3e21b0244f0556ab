"""A supported network: agreement, award per year, indicators, and the facts that sources state about it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from evaluation.enums import ConditionKind
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from monitoring.enums import FutureKind, KpiBasis, NetworkState, NetworkType


class NetworkQuerySet(models.QuerySet["Network"]):
    """Reads of networks; every fetch starts at `visible_to`."""

    def visible_to(self, user) -> "NetworkQuerySet":
        """Staff read all networks; a beneficiary its own; experts and visitors none (public pages use `published`)."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        staff = (
            Role.ACCOUNT_MANAGER,
            Role.FINANCIAL_OFFICER,
            Role.POLICY_READER,
            Role.CASE_HANDLER,
            Role.SECRETARY,
            Role.ADMINISTRATOR,
        )
        if any(user.has_role(role) for role in staff):
            return self
        return self.filter(
            Q(beneficiary_id__in=user.organisation_ids) | Q(application__applicant_id__in=user.organisation_ids)
        )

    def published(self) -> "NetworkQuerySet":
        """Those the public programme page shows: every network that exists by a released decision."""
        return self.filter(application__decisions__outcome="awarded", application__decisions__released_at__isnull=False)


class Network(models.Model):
    """One supported network, from the agreement on; `state` is written by `monitoring.domain.lifecycle` only."""

    code = models.CharField("code", max_length=30, unique=True)
    application = models.OneToOneField("applications.Application", on_delete=models.PROTECT, related_name="network")
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="networks", verbose_name="oproep")
    name = models.CharField("naam", max_length=200)
    aliases = models.JSONField("andere schrijfwijzen", default=list, blank=True)
    beneficiary = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="networks", verbose_name="begunstigde"
    )
    executor_text = models.CharField("uitvoerder, zoals gepubliceerd", max_length=200, blank=True)
    network_type = models.CharField("type", max_length=12, choices=NetworkType, blank=True)
    origin = models.CharField("oorsprong", max_length=200, blank=True)
    keywords = models.CharField("kernwoorden", max_length=300, blank=True)
    start_on = models.DateField("start", null=True, blank=True)
    end_on = models.DateField("einde", null=True, blank=True)
    state = models.CharField("status", max_length=20, choices=NetworkState, default=NetworkState.AGREEMENT_DRAFTED)
    state_changed_at = models.DateTimeField("status sinds", null=True, blank=True)
    account_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="networks",
        verbose_name="accountmanager",
        null=True,
        blank=True,
    )
    is_broad_member_organisation = models.BooleanField("ledenorganisatie met bredere werking", default=False)
    entry_conditions = models.TextField("voorwaarden om lid te worden", blank=True, help_text="NET-02, NET-03")
    membership_package = models.TextField("inbegrepen in het lidgeld", blank=True, help_text="NET-05, ACT-17")
    iban = models.CharField("rekeningnummer", max_length=34, blank=True)
    is_reconstructed = models.BooleanField("gereconstrueerd uit gepubliceerde bronnen", default=False)
    source = models.CharField("bron", max_length=400, blank=True)

    objects = NetworkQuerySet.as_manager()

    class Meta:
        """By call and name."""

        verbose_name = "netwerk"
        verbose_name_plural = "netwerken"
        ordering = ("-call__year", "name")
        constraints = (
            models.CheckConstraint(
                condition=Q(start_on__isnull=True) | Q(end_on__isnull=True) | Q(start_on__lt=F("end_on")),
                name="network_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("running", "final_evaluation"))
                | Q(start_on__isnull=False)
                | Q(is_reconstructed=True),
                name="running_network_has_start",
            ),
        )

    def __str__(self) -> str:
        """Its name."""
        return self.name


class NetworkFact(models.Model):
    """What one source states about one attribute of a network; sources stand side by side, one is the reading."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="facts")
    attribute = models.SlugField("kenmerk", max_length=40)
    value = models.CharField("waarde, zoals gepubliceerd", max_length=300)
    number = models.DecimalField("getal", max_digits=14, decimal_places=2, null=True, blank=True)
    source = models.CharField("bron", max_length=400)
    stated_on = models.DateField("gezegd op", null=True, blank=True, help_text="leeg: de bron drukt geen dag")
    recorded_at = models.DateTimeField("vastgelegd op", default=clock.now, editable=False)
    is_reading = models.BooleanField("gekozen lezing", default=False)
    note = models.TextField("opmerking", blank=True)

    class Meta:
        """One statement a source; one reading an attribute."""

        verbose_name = "feit over een netwerk"
        verbose_name_plural = "feiten over netwerken"
        ordering = ("network", "attribute", "-is_reading")
        constraints = (
            models.UniqueConstraint(fields=("network", "attribute", "source"), name="network_fact_once"),
            models.UniqueConstraint(
                fields=("network", "attribute"), condition=Q(is_reading=True), name="network_fact_one_reading"
            ),
        )

    def __str__(self) -> str:
        """Attribute and value."""
        return f"{self.attribute}: {self.value}"


class FutureStatus(models.Model):
    """What was known at a date about the network's future; it changes over time (H-23)."""

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="futures")
    kind = models.CharField("toekomst", max_length=16, choices=FutureKind)
    text = models.CharField("in woorden", max_length=300)
    as_of = models.DateField("stand op")
    source = models.CharField("bron", max_length=300)
    recorded_at = models.DateTimeField("vastgelegd op", default=clock.now, editable=False)

    class Meta:
        """Newest first."""

        verbose_name = "toekomst"
        verbose_name_plural = "toekomst van netwerken"
        ordering = ("network", "-as_of")
        constraints = (models.UniqueConstraint(fields=("network", "as_of", "source"), name="future_once_per_source"),)

    def __str__(self) -> str:
        """The kind."""
        return self.get_kind_display()


class KpiValue(models.Model):
    """A value of an indicator for a network at a moment, with its basis and source (HK-08).

    `project_year` 0 is the start; a target has `basis` TARGET. A later report never overwrites an earlier value.
    """

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="kpi_values")
    definition = models.ForeignKey(
        "calls.KpiDefinition", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    label = models.CharField("indicator", max_length=200)
    basis = models.CharField("basis", max_length=10, choices=KpiBasis)
    value = models.DecimalField("waarde", max_digits=12, decimal_places=2)
    project_year = models.PositiveSmallIntegerField("na projectjaar", null=True, blank=True)
    as_of = models.DateField("stand op", null=True, blank=True)
    report = models.ForeignKey(
        "monitoring.Report", on_delete=models.PROTECT, related_name="kpi_values", null=True, blank=True
    )
    source = models.CharField("bron", max_length=300)
    recorded_at = models.DateTimeField("vastgelegd op", default=clock.now, editable=False)
    is_reading = models.BooleanField("gekozen lezing", default=True)
    note = models.CharField("opmerking", max_length=300, blank=True)

    class Meta:
        """One value an indicator, basis, moment and source."""

        verbose_name = "waarde van een indicator"
        verbose_name_plural = "waarden van indicatoren"
        ordering = ("network", "label", "as_of")
        constraints = (
            models.UniqueConstraint(
                fields=("network", "label", "basis", "project_year", "as_of", "source"),
                name="kpi_value_once",
                nulls_distinct=False,
            ),
        )

    def __str__(self) -> str:
        """Label and value."""
        return f"{self.label}: {self.value}"


class Agreement(models.Model):
    """The agreement between the fund and the beneficiary (AGR-01, AMB-24); signed once nothing blocks it."""

    network = models.OneToOneField(Network, on_delete=models.PROTECT, related_name="agreement")
    decision = models.OneToOneField("evaluation.Decision", on_delete=models.PROTECT, related_name="agreement")
    rules = models.ForeignKey("calls.CallRules", on_delete=models.PROTECT, related_name="+")
    start_on = models.DateField("start van het project")
    drafted_at = models.DateTimeField("opgemaakt op")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    beneficiary_founded_on = models.DateField("begunstigde opgericht op", null=True, blank=True)
    signed_at = models.DateTimeField("ondertekend op", null=True, blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    signatories = models.CharField("ondertekenaars", max_length=300, blank=True)
    signed_file = models.ForeignKey(
        "files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    signed_paper = models.ForeignKey(
        "monitoring.AgreementPaper",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="ondertekende tekst",
        help_text="de versie die de partijen ondertekenden; leeg waar er geen opgemaakt was",
    )

    class Meta:
        """Signed by someone, founded at the latest at the start (AGR-02)."""

        verbose_name = "overeenkomst"
        verbose_name_plural = "overeenkomsten"
        constraints = (
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, signed_by__isnull=True)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="agreement_signed_pair",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True)
                | Q(beneficiary_founded_on__isnull=False, beneficiary_founded_on__lte=F("start_on")),
                name="agreement_signed_with_founded_beneficiary",
            ),
        )

    def __str__(self) -> str:
        """Which network."""
        return f"Overeenkomst met {self.network}"


class AgreementCondition(models.Model):
    """A condition of the decision, followed up (AGR-05); a blocking one must be met before signing."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="conditions")
    kind = models.CharField("soort", max_length=8, choices=ConditionKind)
    text = models.TextField("voorwaarde")
    is_blocking = models.BooleanField("blokkeert de ondertekening", default=False)
    met_at = models.DateTimeField("vervuld op", null=True, blank=True)
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    met_note = models.TextField("hoe vervuld", blank=True)

    class Meta:
        """Met by someone at some moment."""

        verbose_name = "voorwaarde van de overeenkomst"
        ordering = ("-kind", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(met_at__isnull=True, met_by__isnull=True) | Q(met_at__isnull=False, met_by__isnull=False),
                name="condition_met_pair",
            ),
        )

    def __str__(self) -> str:
        """The condition."""
        return self.text


class AgreementKpi(models.Model):
    """An indicator as fixed in the agreement: definition, baseline, target, method (AGR-04); fixed once it is signed."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="kpis")
    definition_of_call = models.ForeignKey(
        "calls.KpiDefinition", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    label = models.CharField("indicator", max_length=200)
    definition = models.TextField("definitie", blank=True)
    baseline = models.DecimalField("referentiewaarde", max_digits=12, decimal_places=2, null=True, blank=True)
    target = models.DecimalField("streefwaarde", max_digits=12, decimal_places=2, null=True, blank=True)
    method = models.TextField("meetmethode", blank=True)

    class Meta:
        """In the agreement's order."""

        verbose_name = "indicator van de overeenkomst"
        ordering = ("id",)

    def __str__(self) -> str:
        """Its name."""
        return self.label


class AwardYear(models.Model):
    """One project year: what was awarded and paid, held within bounds by the database.

    `paid_amount` moves in the transaction that releases a tranche; the CHECK refuses more than awarded.
    """

    network = models.ForeignKey(Network, on_delete=models.PROTECT, related_name="award_years")
    project_year = models.PositiveSmallIntegerField("projectjaar")
    starts_on = models.DateField("van")
    ends_on = models.DateField("tot en met")
    awarded_amount = models.DecimalField("toegekende steun", max_digits=14, decimal_places=2)
    paid_amount = models.DecimalField("vrijgegeven", max_digits=14, decimal_places=2, default=0)
    report_extended_until = models.DateField("uitstel van het jaarverslag tot en met", null=True, blank=True)
    claims_closed_at = models.DateTimeField("afgesloten voor bijdragen op", null=True, blank=True)
    claims_closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        """One row a year; never paid more than awarded."""

        verbose_name = "projectjaar"
        verbose_name_plural = "projectjaren"
        ordering = ("network", "project_year")
        constraints = (
            models.UniqueConstraint(fields=("network", "project_year"), name="award_year_once"),
            models.CheckConstraint(condition=Q(starts_on__lt=F("ends_on")), name="award_year_has_length"),
            models.CheckConstraint(condition=Q(awarded_amount__gte=0), name="award_year_not_negative"),
            models.CheckConstraint(
                condition=Q(paid_amount__gte=0, paid_amount__lte=F("awarded_amount")), name="paid_within_award_of_year"
            ),
            models.CheckConstraint(
                condition=Q(claims_closed_at__isnull=True, claims_closed_by__isnull=True)
                | Q(claims_closed_at__isnull=False, claims_closed_by__isnull=False),
                name="claims_closed_pair",
            ),
        )

    def __str__(self) -> str:
        """Network and year."""
        return f"{self.network}, projectjaar {self.project_year}"
