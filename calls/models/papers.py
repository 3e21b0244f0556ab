"""What a call hands out and how it writes: files to download, and the texts of its mails; each change is a next version."""

from django.conf import settings
from django.db import models

from calls.enums import MailKind, PaperKind, PhaseNumber
from calls.models.frozen import changed_by_amendment_only, versions_are_kept


class Paper(models.Model):
    """A template to download (DOC-01, DOC-02, DOC-03, DOC-05, DOC-06): the newest version of a code is the one in force."""

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="papers", verbose_name="oproep")
    code = models.SlugField("code", max_length=40, help_text="Dezelfde code voor elke versie, bijvoorbeeld pitch.")
    kind = models.CharField("soort", max_length=16, choices=PaperKind)
    title = models.CharField("titel", max_length=160)
    phase = models.PositiveSmallIntegerField(
        "fase", choices=PhaseNumber, null=True, blank=True, help_text="Leeg: voor elke fase."
    )
    version = models.PositiveSmallIntegerField("versie", default=1)
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", verbose_name="bestand")
    note = models.CharField("toelichting", max_length=300, blank=True)
    added_at = models.DateTimeField("toegevoegd op")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    amendment = models.ForeignKey(
        "calls.Amendment", on_delete=models.PROTECT, related_name="papers", null=True, blank=True
    )

    class Meta:
        """By phase; a version once."""

        verbose_name = "sjabloon om te downloaden"
        verbose_name_plural = "sjablonen om te downloaden"
        ordering = ("phase", "title", "-version")
        constraints = (models.UniqueConstraint(fields=("call", "code", "version"), name="paper_version_once"),)
        triggers = (changed_by_amendment_only(),)

    def __str__(self) -> str:
        """Title and version."""
        return f"{self.title}, versie {self.version}"


class MailText(models.Model):
    """How a call words one of its notices; without a row the portal's own words go (NOT-01 ... NOT-08).

    The newest version counts. `body` holds `{kern}`, what the portal has to say, so that no wording loses a date or a reason.
    """

    call = models.ForeignKey("calls.Call", on_delete=models.CASCADE, related_name="mail_texts", verbose_name="oproep")
    kind = models.CharField("bericht", max_length=30, choices=MailKind)
    version = models.PositiveSmallIntegerField("versie", default=1)
    subject = models.CharField(
        "onderwerp", max_length=200, blank=True, help_text="Leeg: het onderwerp van het portaal."
    )
    body = models.TextField("tekst")
    reason = models.CharField("reden van deze versie", max_length=300, blank=True)
    saved_at = models.DateTimeField("bewaard op")
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        """A version once, and always around the portal's own core."""

        verbose_name = "mailtekst"
        verbose_name_plural = "mailteksten"
        ordering = ("kind", "-version")
        constraints = (
            models.UniqueConstraint(fields=("call", "kind", "version"), name="mail_text_version_once"),
            models.CheckConstraint(condition=models.Q(body__contains="{kern}"), name="mail_text_keeps_its_core"),
        )
        triggers = (versions_are_kept(),)

    def __str__(self) -> str:
        """Which notice."""
        return f"{self.get_kind_display()}, versie {self.version}"
