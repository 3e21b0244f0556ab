"""What was told to a main applicant, as it went; and a text that somebody wrote for a mail that has still to go."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from calls.enums import PhaseNumber


class SentNotice(models.Model):
    """One message to the main applicant: what it said, who let it go, and the mails that carried it (NOT-01 ... NOT-08).

    `composed_text` is what the portal proposed; where it differs from `text` a person changed it. `posted_by` is empty for
    what the clock sent. Kept as it was: nothing changes it and nothing removes it.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.PROTECT, related_name="notices")
    phase = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    template = models.CharField("soort bericht", max_length=40)
    key = models.CharField("sleutel", max_length=180, unique=True)
    to = models.JSONField("aan", default=list)
    subject = models.CharField("onderwerp", max_length=250)
    text = models.TextField("tekst")
    composed_text = models.TextField("voorgestelde tekst")
    posted_at = models.DateTimeField("klaargezet op")
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    mails = models.ManyToManyField("outbox.MailRecord", related_name="+", verbose_name="mails")

    class Meta:
        """Newest first."""

        verbose_name = "bericht aan de aanvrager"
        verbose_name_plural = "berichten aan de aanvrager"
        ordering = ("-posted_at", "-id")
        triggers = (pgtrigger.Protect(name="sent_notice_is_kept", operation=pgtrigger.Update | pgtrigger.Delete),)

    def __str__(self) -> str:
        """Its subject."""
        return self.subject

    @property
    def was_edited(self) -> bool:
        """Whether a person changed the text before it went."""
        return self.text.split() != self.composed_text.split()


class NoticeText(models.Model):
    """A text that a person wrote for a message which goes later, by the clock or with a release.

    It goes only while the portal would still say the same as when it was written: `based_on` is the SHA-256 of that text.
    """

    application = models.ForeignKey("applications.Application", on_delete=models.CASCADE, related_name="notice_texts")
    template = models.CharField("soort bericht", max_length=40)
    text = models.TextField("tekst")
    based_on = models.CharField("controlegetal van de voorgestelde tekst", max_length=64)
    written_at = models.DateTimeField("geschreven op")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField("gebruikt op", null=True, blank=True)

    class Meta:
        """One waiting text a message."""

        verbose_name = "eigen tekst voor een bericht"
        constraints = (
            models.UniqueConstraint(
                fields=("application", "template"), condition=Q(used_at__isnull=True), name="notice_text_waits_once"
            ),
        )

    def __str__(self) -> str:
        """Which message of which dossier."""
        return f"{self.template} voor {self.application_id}"
