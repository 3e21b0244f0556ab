"""Who is a member of a network, since when, and what is known of the company (HK-01, HK-02, H-34, NET-05, ACT-17)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from ibnportal.core import nace
from monitoring.enums import Independence, ListKind, MemberRole


class Membership(models.Model):
    """One company's membership of one network over one period."""

    network = models.ForeignKey("monitoring.Network", on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="network_memberships"
    )
    joined_on = models.DateField("lid sinds")
    left_on = models.DateField("lid tot", null=True, blank=True)
    yearly_fee = models.DecimalField("jaarlijks lidgeld", max_digits=12, decimal_places=2, null=True, blank=True)
    is_involved = models.BooleanField("rechtstreeks betrokken bij het project", default=True)
    role = models.CharField("rol", max_length=10, choices=MemberRole, default=MemberRole.MEMBER)
    fee_includes = models.CharField(
        "inbegrepen in het lidgeld", max_length=500, blank=True, help_text="alleen wat afwijkt van het pakket; ACT-17"
    )
    contact_name = models.CharField("contactpersoon", max_length=120, blank=True)
    contact_email = models.EmailField("e-mail van de contactpersoon", blank=True)

    class Meta:
        """One open membership a company."""

        verbose_name = "lidmaatschap"
        verbose_name_plural = "lidmaatschappen"
        ordering = ("organisation__name",)
        constraints = (
            models.UniqueConstraint(
                fields=("network", "organisation"), condition=Q(left_on__isnull=True), name="one_open_membership"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")), name="membership_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(yearly_fee__isnull=True) | Q(yearly_fee__gte=0), name="membership_fee_not_negative"
            ),
        )

    def __str__(self) -> str:
        """Who."""
        return f"{self.organisation} in {self.network}"


class CompanyProfile(models.Model):
    """What is known of a company besides its address: one row, whatever the number of networks it is in.

    Figures are of the last closed year; None where nobody told. `staff` in yearly work units, amounts in euros.
    """

    organisation = models.OneToOneField("accounts.Organisation", on_delete=models.PROTECT, related_name="profile")
    founded_on = models.DateField("opgericht op", null=True, blank=True)
    nace = models.CharField("NACE-code", max_length=8, blank=True)
    figures_year = models.PositiveSmallIntegerField("boekjaar van de cijfers", null=True, blank=True)
    staff = models.DecimalField("werkzame personen", max_digits=9, decimal_places=1, null=True, blank=True)
    turnover = models.DecimalField("omzet", max_digits=15, decimal_places=2, null=True, blank=True)
    balance_total = models.DecimalField("balanstotaal", max_digits=15, decimal_places=2, null=True, blank=True)
    independence = models.CharField(
        "zelfstandigheid", max_length=10, choices=Independence, default=Independence.UNKNOWN
    )
    changed_at = models.DateTimeField("gewijzigd op")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """No negative figures."""

        verbose_name = "gegevens van een onderneming"
        verbose_name_plural = "gegevens van ondernemingen"
        constraints = (
            models.CheckConstraint(
                condition=(Q(staff__isnull=True) | Q(staff__gte=0))
                & (Q(turnover__isnull=True) | Q(turnover__gte=0))
                & (Q(balance_total__isnull=True) | Q(balance_total__gte=0)),
                name="company_figures_not_negative",
            ),
        )

    def __str__(self) -> str:
        """Of whom."""
        return f"Gegevens van {self.organisation}"

    @property
    def section(self) -> tuple[str, str] | None:
        """Letter and name of the NACE section."""
        return nace.section_of(self.nace)


class CompanyTie(models.Model):
    """A linked or partner company of a company, with the share between them and its own figures."""

    profile = models.ForeignKey(CompanyProfile, on_delete=models.CASCADE, related_name="ties")
    name = models.CharField("naam", max_length=200)
    fraction = models.DecimalField("aandeel", max_digits=5, decimal_places=4)
    staff = models.DecimalField("werkzame personen", max_digits=9, decimal_places=1, null=True, blank=True)
    turnover = models.DecimalField("omzet", max_digits=15, decimal_places=2, null=True, blank=True)
    balance_total = models.DecimalField("balanstotaal", max_digits=15, decimal_places=2, null=True, blank=True)

    class Meta:
        """A share between nothing and all; once by name."""

        verbose_name = "verbonden onderneming of partner"
        ordering = ("profile", "name")
        constraints = (
            models.CheckConstraint(condition=Q(fraction__gt=0, fraction__lte=1), name="tie_fraction_in_range"),
            models.UniqueConstraint(fields=("profile", "name"), name="tie_once"),
        )

    def __str__(self) -> str:
        """Name and share."""
        return f"{self.name} ({self.fraction})"


class ListImport(models.Model):
    """A list that somebody wants to read in: kept as it was sent, looked at first, and taken over once."""

    kind = models.CharField("soort", max_length=13, choices=ListKind)
    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="imports")
    award_year = models.ForeignKey(
        "monitoring.AwardYear", on_delete=models.PROTECT, related_name="imports", null=True, blank=True
    )
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("opgeladen op")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_over_at = models.DateTimeField("overgenomen op", null=True, blank=True)
    taken_over_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    counts = models.JSONField("aantallen", default=dict, blank=True)

    class Meta:
        """Taken over by someone at some moment; contributions belong to a year."""

        verbose_name = "ingelezen lijst"
        verbose_name_plural = "ingelezen lijsten"
        ordering = ("-uploaded_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(taken_over_at__isnull=True, taken_over_by__isnull=True)
                | Q(taken_over_at__isnull=False, taken_over_by__isnull=False),
                name="list_import_taken_over_pair",
            ),
            models.CheckConstraint(
                condition=~Q(kind="contributions") | Q(award_year__isnull=False), name="list_import_has_year"
            ),
        )

    def __str__(self) -> str:
        """What and when."""
        return f"{self.get_kind_display()} van {self.network}, {self.uploaded_at:%d/%m/%Y}"
