"""The agreement on paper, and what was changed in it after its signature (AGR-01, AGR-04)."""

from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from monitoring.enums import AmendmentKind
from monitoring.models.network import Agreement, Network


class AgreementAmendment(models.Model):
    """One change of a signed agreement: what it was, what it became, why, by whom, and the document that both parties signed.

    `old` and `new` hold the changed values as text, by name (a project year, "start_on", "target" …). Never changed, never removed.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="amendments")
    number = models.PositiveSmallIntegerField("nummer")
    kind = models.CharField("wat wijzigt", max_length=12, choices=AmendmentKind)
    subject = models.CharField("onderwerp", max_length=200)
    old = models.JSONField("was")
    new = models.JSONField("werd")
    reason = models.TextField("waarom")
    document = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("vastgelegd op")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Numbered within the agreement, with a reason; frozen."""

        verbose_name = "addendum"
        verbose_name_plural = "addenda"
        ordering = ("agreement", "number")
        constraints = (
            models.UniqueConstraint(fields=("agreement", "number"), name="agreement_amendment_number_once"),
            models.CheckConstraint(condition=Q(reason__gt=""), name="agreement_amendment_has_reason"),
        )
        triggers = (
            pgtrigger.Protect(name="agreement_amendment_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),
        )

    def __str__(self) -> str:
        """Number and what changed."""
        return f"Addendum {self.number}: {self.get_kind_display().lower()}"


class AgreementPaperQuerySet(models.QuerySet[Any]):
    """Reads of the agreement's texts."""

    def visible_to(self, user: Any) -> Self:
        """Whoever sees the network sees its agreement."""
        return self.filter(agreement__network__in=Network.objects.visible_to(user))


class AgreementPaper(models.Model):
    """One version of the agreement's text, frozen when it was asked for and made as docx and PDF by a worker.

    `content_hash` is the SHA-256 of the canonical `content`. After an amendment the next version is the text as it then reads.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="papers")
    version = models.PositiveSmallIntegerField("versie")
    amendment = models.OneToOneField(
        AgreementAmendment, on_delete=models.PROTECT, related_name="paper", null=True, blank=True
    )
    content = models.JSONField("inhoud")
    content_hash = models.CharField("controlegetal", max_length=64)
    requested_at = models.DateTimeField("gevraagd op")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    pdf_file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    docx_file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    made_at = models.DateTimeField("gemaakt op", null=True, blank=True)

    objects = AgreementPaperQuerySet.as_manager()

    class Meta:
        """Newest first; a made version has both files; what it says is frozen."""

        verbose_name = "tekst van de overeenkomst"
        verbose_name_plural = "teksten van overeenkomsten"
        ordering = ("agreement", "-version")
        constraints = (
            models.UniqueConstraint(fields=("agreement", "version"), name="agreement_paper_version_once"),
            models.CheckConstraint(
                condition=Q(made_at__isnull=True, pdf_file__isnull=True, docx_file__isnull=True)
                | Q(made_at__isnull=False, pdf_file__isnull=False, docx_file__isnull=False),
                name="agreement_paper_made_has_files",
            ),
        )
        triggers = (
            pgtrigger.Protect(name="agreement_paper_is_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="agreement_paper_is_frozen",
                fields=["agreement", "version", "amendment", "content", "content_hash"],
            ),
        )

    def __str__(self) -> str:
        """Which version of which."""
        return f"{self.agreement}, versie {self.version}"
