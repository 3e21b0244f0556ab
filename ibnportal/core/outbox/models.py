"""One row per effect, and one per mail. Moments of the machinery are real time; a mail's are the portal's."""

from django.db import models
from django.db.models import Q

from ibnportal.core import clock


class OutboxMessageQuerySet(models.QuerySet["OutboxMessage"]):
    """Messages by what is left to do."""

    def waiting(self) -> "OutboxMessageQuerySet":
        """Not done yet, due or not."""
        return self.filter(done_at__isnull=True)

    def due(self) -> "OutboxMessageQuerySet":
        """To be performed now."""
        return self.waiting().filter(next_try_at__lte=clock.real_now())


class OutboxMessage(models.Model):
    """One effect. `key` names it for ever: the same key is never enqueued, nor performed, twice."""

    topic = models.CharField("onderwerp", max_length=100)
    key = models.CharField("sleutel", max_length=200, unique=True)
    payload = models.JSONField("gegevens", default=dict, blank=True)
    subject_label = models.CharField("betreft", max_length=150, blank=True)
    created_at = models.DateTimeField("aangemaakt", default=clock.real_now)
    done_at = models.DateTimeField("uitgevoerd", null=True, blank=True)
    attempts = models.PositiveIntegerField("pogingen", default=0)
    next_try_at = models.DateTimeField("volgende poging", null=True, blank=True, default=clock.real_now)
    claimed_at = models.DateTimeField("uitgedeeld", null=True, blank=True)
    last_error = models.TextField("laatste fout", blank=True)

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        verbose_name = "opdracht"
        verbose_name_plural = "opdrachten"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=False, next_try_at__isnull=True)
                | Q(done_at__isnull=True, next_try_at__isnull=False),
                name="outbox_done_or_next_try",
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], condition=Q(done_at__isnull=True), name="outbox_due")]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class MailRecord(models.Model):
    """A mail as it was rendered when it was decided upon. The key fixes the Message-ID, so a repeat shows as one mail."""

    key = models.CharField("sleutel", max_length=200, unique=True)
    to = models.EmailField("aan")
    subject = models.CharField("onderwerp", max_length=250)
    text = models.TextField("tekst")
    html = models.TextField("opgemaakte tekst", blank=True)
    attachments = models.ManyToManyField("files.StoredFile", related_name="+", blank=True, verbose_name="bijlagen")
    message_id = models.CharField("Message-ID", max_length=200, unique=True)
    about = models.CharField("betreft", max_length=150, blank=True, db_index=True)
    created_at = models.DateTimeField("opgesteld")
    sent_at = models.DateTimeField("verzonden", null=True, blank=True)

    class Meta:
        verbose_name = "e-mail"
        verbose_name_plural = "e-mails"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
