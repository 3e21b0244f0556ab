"""The application: one initiative of an organisation in one call."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value

from applications.enums import DRAFT_STATES, PHASE1_STATES, ApplicationState
from applications.models.authors import DossierAuthor
from calls.enums import PhaseNumber
from calls.models import CallRules
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role

if TYPE_CHECKING:
    from applications.models.submission import Submission

S = ApplicationState


def _own(user_id: int, organisations: Iterable[int]) -> Q:
    invited = DossierAuthor.objects.current().filter(user=user_id).values("application_id")
    return Q(applicant_id__in=organisations) | Q(pk__in=invited)


def _decided_within_term(at: datetime) -> Q:
    """What the committee decided on, until so many days after it was told; then it closes for its members, as for experts (CONF-01)."""
    newest = CallRules.objects.filter(call=OuterRef(OuterRef("call_id"))).order_by("-version").values("pk")[:1]
    term = ExpressionWrapper(F("committee_access_days") * Value(timedelta(days=1)), output_field=models.DurationField())
    ends = ExpressionWrapper(OuterRef("state_changed_at") + term, output_field=models.DateTimeField())
    closed = CallRules.objects.filter(pk=Subquery(newest)).annotate(ends_at=ends).filter(ends_at__lt=at)
    return Q(state__in=(S.AWARDED, S.REJECTED, S.REVIEW_REQUESTED)) & ~Q(Exists(closed))


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Reads of applications; every fetch starts at `visible_to`."""

    def visible_to(self, user, *, at: datetime | None = None) -> "ApplicationQuerySet":
        """What this person may see; what is not in here does not exist for them (404).

        Own organisations' dossiers and those one writes along in always; staff of the call everything that left the draft; committee what
        was advised, until the term after its decision; experts what was opened to them; the other staff what was awarded. A bar (conflict or
        recusal) hides a dossier from anyone. `at` is now, handed over by a read whose text is made once.
        """
        at = at or clock.now()
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        allowed = _own(user.pk, user.organisation_ids)
        if user.has_role(Role.ADMINISTRATOR):
            return self
        if user.has_role(Role.CASE_HANDLER) or user.has_role(Role.SECRETARY):
            allowed |= ~Q(state=S.P1_DRAFT)
        if user.has_role(Role.COMMITTEE_MEMBER):
            allowed |= Q(state__in=(S.P1_ADVISED, S.P2_ADVISED)) | _decided_within_term(at)
        if any(user.has_role(role) for role in (Role.ACCOUNT_MANAGER, Role.FINANCIAL_OFFICER, Role.POLICY_READER)):
            allowed |= Q(state=S.AWARDED)
        granted = DossierGrant.objects.open(at=at).filter(user=user.pk).values("application_id")
        barred = DossierBar.objects.filter(user=user.pk, lifted_at__isnull=True).values("application_id")
        return self.filter(allowed | Q(pk__in=granted)).exclude(pk__in=barred)

    def written_by(self, user) -> "ApplicationQuerySet":
        """The applicant's side: dossiers of this person's organisations, and those they were invited to; never a barred one."""
        if user is None or not user.is_authenticated or not user.is_active:
            return self.none()
        return self.written_by_person(user.pk, user.organisation_ids)

    def written_by_person(self, user_id: int, organisations: Iterable[int]) -> "ApplicationQuerySet":
        """The same, of an active person with that key who belongs to those organisations: for a read whose text is made once."""
        barred = DossierBar.objects.filter(user=user_id, lifted_at__isnull=True).values("application_id")
        return self.filter(_own(user_id, organisations)).exclude(pk__in=barred)

    def of_call(self, call) -> "ApplicationQuerySet":
        """Those of one call."""
        return self.filter(call=call)

    def in_state(self, *states: str) -> "ApplicationQuerySet":
        """Those that stand at one of these states."""
        return self.filter(state__in=states)


class Application(models.Model):
    """One initiative in one call, from draft to decision; two submissions hang on it.

    `state` is written by `applications.domain.lifecycle` only.
    """

    number = models.CharField("dossiernummer", max_length=30, unique=True)
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="applications", verbose_name="oproep")
    title = models.CharField("titel", max_length=200)
    acronym = models.CharField("korte naam", max_length=40, blank=True)
    summary = models.TextField("samenvatting", blank=True)
    keywords = models.CharField("kernwoorden", max_length=300, blank=True)
    state = models.CharField("status", max_length=30, choices=ApplicationState, default=S.P1_DRAFT, db_index=True)
    state_changed_at = models.DateTimeField("status sinds", null=True, blank=True)

    applicant = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, related_name="applications", verbose_name="aanvrager"
    )
    co_applicants = models.ManyToManyField(
        "accounts.Organisation",
        related_name="co_applications",
        verbose_name="medeaanvragers",
        blank=True,
        help_text="Enkel in de eerste oproep (H-09).",
    )
    created_at = models.DateTimeField("aangemaakt op")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="aangemaakt door",
        null=True,
        blank=True,
    )

    beneficiary = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.PROTECT,
        related_name="beneficiary_of",
        verbose_name="begunstigde clusterorganisatie",
        null=True,
        blank=True,
    )
    beneficiary_name = models.CharField("naam van de op te richten begunstigde", max_length=200, blank=True)
    is_beneficiary_to_be_founded = models.BooleanField("begunstigde moet nog opgericht worden", default=False)
    founding_planned_on = models.DateField("voorziene oprichting", null=True, blank=True)
    start_on = models.DateField("start van het project", null=True, blank=True)
    duration_months = models.PositiveSmallIntegerField("duur in maanden", null=True, blank=True)
    cluster_manager_name = models.CharField("clustermanager", max_length=120, blank=True)
    is_manager_main_task = models.BooleanField("hoofdopdracht van de clustermanager", default=False)
    uses_host = models.BooleanField("er is een host-organisatie", default=False)
    uses_secondment = models.BooleanField("er wordt personeel gedetacheerd", default=False)
    has_spc_link = models.BooleanField("link met het domein van een speerpuntcluster", default=False)

    person_months = models.DecimalField("mensmaanden", max_digits=7, decimal_places=2, null=True, blank=True)
    requested_grant = models.DecimalField(
        "gevraagde steun", max_digits=14, decimal_places=2, validators=(MinValueValidator(0),), null=True, blank=True
    )
    sector = models.CharField("sector", max_length=120, blank=True)
    technology_domain = models.CharField("technologiedomein", max_length=120, blank=True)
    is_reconstructed = models.BooleanField("gereconstrueerd uit gepubliceerde bronnen", default=False)
    source = models.CharField("bron", max_length=300, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        """Newest first."""

        verbose_name = "aanvraag"
        verbose_name_plural = "aanvragen"
        ordering = ("-call__year", "number")
        constraints = (
            models.CheckConstraint(
                condition=Q(requested_grant__isnull=True) | Q(requested_grant__gte=0),
                name="application_requests_no_negative_grant",
            ),
            models.CheckConstraint(
                condition=Q(is_reconstructed=True) | Q(created_by__isnull=False),
                name="application_has_a_maker_unless_reconstructed",
            ),
        )

    def __str__(self) -> str:
        """Number and title."""
        return f"{self.number} {self.title}"

    @property
    def phase(self) -> int:
        """The phase this initiative is in: 1 until it is preselected, 2 from its full dossier on."""
        return PhaseNumber.PRE_REGISTRATION if self.state in PHASE1_STATES else PhaseNumber.FULL_DOSSIER

    @property
    def is_draft(self) -> bool:
        """Whether the applicant may still change it."""
        return self.state in DRAFT_STATES

    def latest_submission(self, phase: int | None = None) -> "Submission | None":
        """The newest frozen submission (of that phase), or None."""
        submissions = self.submissions.all()
        if phase is not None:
            submissions = submissions.filter(phase=phase)
        return submissions.order_by("-phase", "-version").first()


class Withdrawal(models.Model):
    """An applicant took the initiative out, with who, when and why (STA-10)."""

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="withdrawal")
    at = models.DateTimeField("op")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField("reden")

    class Meta:
        """Once, and for good."""

        verbose_name = "intrekking"
        verbose_name_plural = "intrekkingen"

    def __str__(self) -> str:
        """Which application."""
        return f"Intrekking van {self.application}"


class DossierGrantQuerySet(models.QuerySet["DossierGrant"]):
    """Grants by whether they still open the dossier."""

    def open(self, *, at: datetime | None = None) -> "DossierGrantQuerySet":
        """Not revoked and not past their term (CONF-01); `at` is now where a read hands it over."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=at or clock.now()), revoked_at__isnull=True)


class DossierGrant(models.Model):
    """Someone outside the case team may read this dossier (an expert after declaring), until revoked or past its term."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dossier_grants")
    granted_at = models.DateTimeField("vanaf")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField("loopt af op", null=True, blank=True)
    revoked_at = models.DateTimeField("tot", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = DossierGrantQuerySet.as_manager()

    class Meta:
        """One open grant a person and dossier."""

        verbose_name = "toegang tot een dossier"
        verbose_name_plural = "toegangen tot een dossier"
        constraints = (
            models.UniqueConstraint(
                fields=("application", "user"), condition=Q(revoked_at__isnull=True), name="one_open_dossier_grant"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="dossier_grant_revoked_pair",
            ),
        )

    def __str__(self) -> str:
        """Who reads what."""
        return f"{self.user} leest {self.application}"


class DossierBar(models.Model):
    """Someone must not see this dossier nor its place anywhere (conflict of interest, recusal)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="bars")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="dossier_bars")
    reason = models.TextField("reden")
    barred_at = models.DateTimeField("vanaf")
    barred_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField("opgeheven op", null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    lift_reason = models.TextField("reden van opheffing", blank=True)

    class Meta:
        """One standing bar a person and dossier."""

        verbose_name = "uitsluiting van een dossier"
        verbose_name_plural = "uitsluitingen van een dossier"
        constraints = (
            models.UniqueConstraint(
                fields=("application", "user"), condition=Q(lifted_at__isnull=True), name="one_standing_dossier_bar"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="dossier_bar_lifted_pair",
            ),
        )

    def __str__(self) -> str:
        """Who is kept out of what."""
        return f"{self.user} ziet {self.application} niet"
