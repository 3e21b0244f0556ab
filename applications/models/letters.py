"""The register of letters of intent: the letters, their invitations, signatures, uploads and imported lists."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.enums import SignatureOutcome
from applications.models.content import OwnDraftQuerySet
from calls.enums import PhaseNumber


class LetterQuerySet(OwnDraftQuerySet):
    """Letters by whose they are."""

    def of_joined_to(self, application) -> "LetterQuerySet":
        """Those of the initiatives that went up in this one, while that holds (P1-DEC-03)."""
        return self.filter(
            application__joined_mergers__lead=application, application__joined_mergers__undone_at__isnull=True
        )

    def to_sign_again_for(self, application) -> "LetterQuerySet":
        """Letters of the pre-registration, its own or of what went up in it, whose companies phase 2 asks anew (P2-SUB-03)."""
        signed = self.filter(phase=PhaseNumber.PRE_REGISTRATION)
        joined = signed.of_joined_to(application).values("pk")
        return signed.filter(Q(application=application) | Q(pk__in=joined))


class Letter(models.Model):
    """A letter of intent of one company in one phase (P1-LET-01 ... 10); one company counts once (TGT-12).

    Whether it counts is computed by `applications.domain.letters`, never stored.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="letters")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    company_name = models.CharField("naam van de onderneming", max_length=200)
    enterprise_number = models.CharField("ondernemingsnummer", max_length=10, blank=True)
    contact_name = models.CharField("contactpersoon", max_length=120, blank=True)
    contact_email = models.EmailField("e-mail van de contactpersoon", blank=True)
    street = models.CharField("straat en nummer", max_length=160, blank=True)
    postcode = models.CharField("postcode", max_length=4, blank=True)
    municipality = models.CharField("gemeente", max_length=120, blank=True)
    declares_mandate = models.BooleanField("mandateert de aanvrager", default=False)
    declares_support = models.BooleanField("kent en steunt de aanvraag", default=False)
    declares_cofinancing = models.BooleanField("kent de cofinancieringsprincipes", default=False)
    signed_file = models.ForeignKey(
        "files.StoredFile",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="ondertekende brief",
        null=True,
        blank=True,
    )
    signed_online_at = models.DateTimeField(
        "door de onderneming bevestigd op",
        null=True,
        blank=True,
        help_text="de onderneming tekende zelf, via haar persoonlijke link; de inhoud ligt dan vast",
    )
    signed_online_by = models.CharField("bevestigd door", max_length=120, blank=True)
    motivation = models.TextField("persoonlijke motivering", blank=True)
    commitment_amount = models.DecimalField(
        "financieel engagement", max_digits=12, decimal_places=2, null=True, blank=True
    )
    role = models.CharField("rol bij de uitvoering", max_length=200, blank=True)
    added_at = models.DateTimeField("toegevoegd op")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = LetterQuerySet.as_manager()

    class Meta:
        """One company once per phase, held by the database."""

        verbose_name = "intentiebrief"
        verbose_name_plural = "intentiebrieven"
        ordering = ("company_name", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "phase", "enterprise_number"),
                condition=~Q(enterprise_number=""),
                name="letter_one_company_once_per_phase",
            ),
            models.CheckConstraint(
                condition=Q(commitment_amount__isnull=True) | Q(commitment_amount__gte=0),
                name="letter_commitment_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(signed_online_at__isnull=True, signed_online_by="")
                | (Q(signed_online_at__isnull=False) & ~Q(signed_online_by="")),
                name="letter_signed_online_pair",
            ),
        )

    def __str__(self) -> str:
        """Which company."""
        return f"Intentiebrief van {self.company_name}"

    @property
    def is_signed(self) -> bool:
        """Whether the signed letter is there, or the company drew its signature and the PDF follows (P1-LET-07)."""
        return self.signed_file_id is not None or self.signed_online_at is not None

    @property
    def is_confirmed(self) -> bool:
        """Whether the company itself confirmed this through its link; then nobody else changes it."""
        return self.signed_online_at is not None


class LetterInvitationQuerySet(OwnDraftQuerySet):
    """Invitations by what became of them."""

    def open(self) -> "LetterInvitationQuerySet":
        """Neither signed, declined nor revoked; may have expired."""
        return self.filter(signed_at__isnull=True, declined_at__isnull=True, revoked_at__isnull=True)


class LetterInvitation(models.Model):
    """A personal link with which a company confirms its letter; what happened with it is moments, its status follows from them.

    The link itself is nowhere in the database: `token_hash` recognises it, `nonce` lets the mail make it again.
    """

    application = models.ForeignKey(
        "applications.Application", on_delete=models.CASCADE, related_name="letter_invitations"
    )
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    letter = models.ForeignKey(
        Letter, on_delete=models.SET_NULL, related_name="invitations", verbose_name="brief", null=True, blank=True
    )
    company_name = models.CharField("onderneming", max_length=200)
    email = models.EmailField("verstuurd naar")
    nonce = models.CharField(max_length=64, unique=True, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    sent_at = models.DateTimeField("verstuurd op")
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField("geldig tot en met")
    opened_at = models.DateTimeField("geopend op", null=True, blank=True)
    reminded_at = models.DateTimeField("herinnerd op", null=True, blank=True)
    reminders = models.PositiveSmallIntegerField("herinneringen", default=0)
    signed_at = models.DateTimeField("ondertekend op", null=True, blank=True)
    declined_at = models.DateTimeField("geweigerd op", null=True, blank=True)
    decline_reason = models.TextField("reden van weigering", blank=True)
    revoked_at = models.DateTimeField("ingetrokken op", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    objects = LetterInvitationQuerySet.as_manager()

    class Meta:
        """One open link a letter; a link ends in one way."""

        verbose_name = "uitnodiging voor een intentiebrief"
        verbose_name_plural = "uitnodigingen voor intentiebrieven"
        ordering = ("-sent_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("letter",),
                condition=Q(signed_at__isnull=True, declined_at__isnull=True, revoked_at__isnull=True),
                name="letter_invitation_one_open_per_letter",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, declined_at__isnull=True)
                | Q(signed_at__isnull=True, revoked_at__isnull=True)
                | Q(declined_at__isnull=True, revoked_at__isnull=True),
                name="letter_invitation_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="letter_invitation_revoked_pair",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True) | Q(signed_at__lte=models.F("expires_at")),
                name="letter_invitation_signed_in_time",
            ),
            models.CheckConstraint(
                condition=Q(token_hash__regex=r"^[0-9a-f]{64}$"),  # noqa: S106 - a pattern
                name="letter_invitation_token_is_hashed",
            ),
        )

    def __str__(self) -> str:
        """Which company."""
        return f"Uitnodiging van {self.company_name}"


class OnlineSignature(models.Model):
    """How a company signed through its link: who, when, over what, and the strokes it drew (none when it gave a signed PDF)."""

    letter = models.OneToOneField(Letter, on_delete=models.CASCADE, related_name="online_signature")
    invitation = models.OneToOneField(LetterInvitation, on_delete=models.PROTECT, related_name="signature")
    signer_name = models.CharField("ondertekenaar", max_length=120)
    signer_function = models.CharField("functie", max_length=120, blank=True)
    strokes = models.JSONField("getekende handtekening", default=list, blank=True)
    content_sha256 = models.CharField("controlegetal van de inhoud", max_length=64)
    signed_at = models.DateTimeField("ondertekend op")

    class Meta:
        """Made once, never changed."""

        verbose_name = "handtekening via link"
        verbose_name_plural = "handtekeningen via link"

    def __str__(self) -> str:
        """Who signed."""
        return f"{self.signer_name}, {self.letter}"

    @property
    def is_drawn(self) -> bool:
        """Whether it was drawn on the screen."""
        return bool(self.strokes)


class LetterUpload(models.Model):
    """One PDF of an upload of many: paired with its letter, or waiting until a person does so (`letter` is empty)."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="letter_uploads")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="bestand")
    sha256 = models.CharField("controlegetal", max_length=64)
    found_number = models.CharField("nummer in het bestand", max_length=10, blank=True)
    found_name = models.CharField("naam in het bestand", max_length=200, blank=True)
    letter = models.ForeignKey(
        Letter, on_delete=models.SET_NULL, related_name="uploads", verbose_name="brief", null=True, blank=True
    )
    paired_because = models.CharField("waarom gekoppeld", max_length=200, blank=True)
    uploaded_at = models.DateTimeField("opgeladen op")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """One content once in a phase: the same file again makes no second row."""

        verbose_name = "opgeladen brief"
        verbose_name_plural = "opgeladen brieven"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("application", "phase", "sha256"), name="letter_upload_content_once"),
        )

    def __str__(self) -> str:
        """Its file."""
        return str(self.file)


class LetterImport(models.Model):
    """A list of companies in a workbook: read and shown first, then imported as a whole or not at all."""

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="letter_imports")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="lijst")
    uploaded_at = models.DateTimeField("opgeladen op")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField("ingelezen op", null=True, blank=True)
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    added = models.PositiveIntegerField("nieuwe brieven", default=0)
    completed = models.PositiveIntegerField("aangevulde brieven", default=0)

    objects = OwnDraftQuerySet.as_manager()

    class Meta:
        """Imported at most once, by somebody."""

        verbose_name = "lijst van ondernemingen"
        verbose_name_plural = "lijsten van ondernemingen"
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(imported_at__isnull=True, imported_by__isnull=True)
                | Q(imported_at__isnull=False, imported_by__isnull=False),
                name="letter_import_pair",
            ),
        )

    def __str__(self) -> str:
        """Its file."""
        return str(self.file)


class SignatureCheck(models.Model):
    """What the portal saw of the digital signatures in one PDF, and when; evidence for a person, it decides nothing."""

    file = models.OneToOneField("files.StoredFile", on_delete=models.CASCADE, related_name="signature_check")
    outcome = models.CharField("uitkomst", max_length=12, choices=SignatureOutcome)
    signers = models.JSONField("ondertekenaars", default=list, blank=True)
    checked_at = models.DateTimeField("nagekeken op")

    class Meta:
        """Once a file."""

        verbose_name = "nazicht van een digitale handtekening"
        verbose_name_plural = "nazicht van digitale handtekeningen"

    def __str__(self) -> str:
        """The outcome."""
        return f"{self.file}: {self.get_outcome_display()}"


__all__ = (
    "Letter", "LetterImport", "LetterInvitation", "LetterUpload", "OnlineSignature", "SignatureCheck",
)  # fmt: skip
