"""Meetings of a network's steering group, which the account manager observes (MON-05 ... 07, H-14)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class SteeringMeeting(models.Model):
    """One meeting: planned, the observer invited, held, its minutes handed in; or cancelled with a reason.

    `invitation_version` counts the invitations sent, so that a later calendar file replaces an earlier one.
    `observer_present` is what the account manager recorded afterwards; None until then.
    """

    network = models.ForeignKey("monitoring.Network", on_delete=models.PROTECT, related_name="steering_meetings")
    starts_at = models.DateTimeField("begin")
    ends_at = models.DateTimeField("einde")
    location = models.CharField("plaats", max_length=200)
    agenda = models.TextField("agenda", blank=True)
    planned_at = models.DateTimeField("gepland op")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField("waarnemer uitgenodigd op", null=True, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    invitation_version = models.PositiveSmallIntegerField("uitnodigingen verstuurd", default=0)
    cancelled_at = models.DateTimeField("afgelast op", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    cancellation_reason = models.CharField("reden van afgelasting", max_length=500, blank=True)
    minutes = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    minutes_at = models.DateTimeField("verslag bezorgd op", null=True, blank=True)
    minutes_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    other_attendees = models.TextField("andere aanwezigen", blank=True)
    observer_present = models.BooleanField("waarnemer aanwezig", null=True, blank=True)
    observer_recorded_at = models.DateTimeField("aanwezigheid vastgelegd op", null=True, blank=True)
    observer_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        """Ends after it begins; who and when stand together; a cancelled meeting has a reason and no minutes."""

        verbose_name = "stuurgroepvergadering"
        verbose_name_plural = "stuurgroepvergaderingen"
        ordering = ("network", "-starts_at")
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="steering_meeting_has_length"),
            models.UniqueConstraint(
                fields=("network", "starts_at"), condition=Q(cancelled_at__isnull=True), name="steering_meeting_once"
            ),
            models.CheckConstraint(
                condition=Q(invited_at__isnull=True, invited_by__isnull=True, invitation_version=0)
                | Q(invited_at__isnull=False, invited_by__isnull=False, invitation_version__gt=0),
                name="steering_invited_pair",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True, cancellation_reason="")
                | Q(
                    cancelled_at__isnull=False,
                    cancelled_by__isnull=False,
                    cancellation_reason__gt="",
                    minutes__isnull=True,
                ),
                name="steering_cancelled_pair",
            ),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True, minutes_at__isnull=True, minutes_by__isnull=True)
                | Q(minutes__isnull=False, minutes_at__isnull=False, minutes_by__isnull=False),
                name="steering_minutes_pair",
            ),
            models.CheckConstraint(
                condition=Q(
                    observer_present__isnull=True, observer_recorded_at__isnull=True, observer_recorded_by__isnull=True
                )
                | Q(
                    observer_present__isnull=False,
                    observer_recorded_at__isnull=False,
                    observer_recorded_by__isnull=False,
                ),
                name="steering_observer_pair",
            ),
        )

    def __str__(self) -> str:
        """Which meeting."""
        return f"Stuurgroep van {self.network} op {self.starts_at:%d/%m/%Y}"


class SteeringAttendance(models.Model):
    """That an organisation sat at a meeting."""

    meeting = models.ForeignKey(SteeringMeeting, on_delete=models.CASCADE, related_name="attendances")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Once a meeting."""

        verbose_name = "aanwezigheid op de stuurgroep"
        verbose_name_plural = "aanwezigheden op de stuurgroep"
        ordering = ("meeting", "organisation__name")
        constraints = (models.UniqueConstraint(fields=("meeting", "organisation"), name="steering_attendance_once"),)

    def __str__(self) -> str:
        """Who."""
        return f"{self.organisation} op {self.meeting}"
