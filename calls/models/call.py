"""A call and its dated moments (manual 1, 4 and 5)."""

from datetime import datetime
from typing import TYPE_CHECKING

import pgtrigger
from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.exceptions import ValidationError
from django.db import models

from calls.enums import CallState, MilestoneKind, PhaseNumber
from calls.models.frozen import changed_by_amendment_only
from calls.ruleset import Rules
from ibnportal.core import clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.statements import Statement

if TYPE_CHECKING:
    from calls.models.rules import CallRules


# Seventy columns, asked for on every page of a dossier.
_NEWEST_RULES: "Statement[CallRules]" = Statement(
    lambda call_id: apps.get_model("calls", "CallRules").objects.filter(call=call_id).order_by("-version")[:1]
)

PROMISED = (
    "code", "year", "name", "summary", "objectives", "target_group", "fund", "decision_body", "legal_basis", "contact_email",
    "documents_url", "pitch_location", "prediscussion_intro", "frozen_at",
)  # fmt: skip
"""The columns of a call that people rely on once it is out."""


class CallQuerySet(models.QuerySet["Call"]):
    """Reads of calls."""

    def visible_to(self, user) -> "CallQuerySet":
        """Published and closed calls are for everyone; drafts only for administrators."""
        if user is not None and user.is_authenticated and user.has_role(Role.ADMINISTRATOR):
            return self
        return self.exclude(state=CallState.DRAFT)

    def latest_first(self) -> "CallQuerySet":
        """Newest call on top."""
        return self.order_by("-year")


class Call(models.Model):
    """One call for networks: what it offers, who decides, where its documents are.

    Every figure that the manual fixes is in the call's `CallRules`, never here or in code (PRG-22).
    """

    code = models.SlugField("code", max_length=20, unique=True, help_text="Kort kenmerk, bijvoorbeeld 2025.")
    year = models.PositiveSmallIntegerField("jaar")
    name = models.CharField("naam", max_length=200)
    summary = models.TextField("samenvatting", blank=True)
    objectives = models.TextField("doelstellingen", blank=True, help_text="Eén per lijn (PRG-27).")
    target_group = models.TextField("doelgroep", blank=True)
    state = models.CharField("status", max_length=12, choices=CallState, default=CallState.DRAFT)
    fund = models.CharField("fonds", max_length=120, help_text="PRG-03")
    decision_body = models.CharField("beslissingsorgaan", max_length=160, help_text="H-03")
    legal_basis = models.CharField("rechtsgrond", max_length=300, blank=True, help_text="PRG-20")
    contact_email = models.EmailField("contact", blank=True, help_text="ROL-18")
    documents_url = models.URLField("documenten", blank=True, help_text="PRG-25")
    pitch_location = models.CharField("plaats van de pitches", max_length=200, blank=True, help_text="DAT-04")
    launched_on = models.DateField("gelanceerd op", null=True, blank=True)
    launched_text = models.CharField("lancering, zoals gepubliceerd", max_length=60, blank=True)
    source = models.CharField("bron", max_length=300, blank=True)
    note = models.TextField("opmerking", blank=True)
    prediscussion_intro = models.TextField(
        "voorbespreking: wat we vragen",
        blank=True,
        help_text="Staat boven het formulier; leeg: geen voorbesprekingen (PRE-01).",
    )
    frozen_at = models.DateTimeField(
        "inhoud bevroren op", null=True, blank=True, editable=False,
        help_text="Vanaf dan houdt de databank criteria, vragen en data vast.",
    )  # fmt: skip
    amendment = models.ForeignKey(
        "calls.Amendment", on_delete=models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        """Newest first in lists."""

        verbose_name = "oproep"
        verbose_name_plural = "oproepen"
        ordering = ("-year",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(state=CallState.DRAFT) | models.Q(frozen_at__isnull=True),
                name="call_draft_is_not_frozen",
            ),
        )
        triggers = (
            pgtrigger.Protect(
                name="frozen_call_is_kept",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
            ),
            # What was published is changed by an amendment only; its state goes on, its source and notes are not its promise.
            pgtrigger.Protect(
                name="frozen_texts_need_an_amendment",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.frozen_at IS NOT NULL AND OLD.amendment_id IS NOT DISTINCT FROM NEW.amendment_id AND ("
                    + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in PROMISED)
                    + ")"
                ),
            ),
        )

    def __str__(self) -> str:
        """The name as published."""
        return self.name

    def current_rules(self) -> "CallRules":
        """The newest version of the rules (`CallRules` row); raises `DoesNotExist` when the call has none."""
        found = _NEWEST_RULES.all(self.pk)
        if not found:
            raise self.rules_versions.model.DoesNotExist
        found[0].call = self
        return found[0]

    def rules(self) -> Rules:
        """The frozen figures of the newest version, for pure functions."""
        return self.current_rules().frozen()

    def phase(self, number: int) -> "Phase":
        """The phase with that number; raises `Phase.DoesNotExist` when the call has none."""
        return self.phases.get(number=number)


class Phase(models.Model):
    """The window in which one of the two submissions may be handed in (DAT-03, DAT-07).

    `closes_at` is inclusive: a submission stamped at exactly that instant is in time (AMB-01).
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="phases", verbose_name="oproep")
    number = models.PositiveSmallIntegerField("fase", choices=PhaseNumber)
    opens_at = models.DateTimeField("opent op", null=True, blank=True)
    closes_at = models.DateTimeField("sluit op", null=True, blank=True)
    amendment = models.ForeignKey(
        "calls.Amendment", on_delete=models.PROTECT, related_name="phases", null=True, blank=True, editable=False
    )

    class Meta:
        """One row a phase."""

        verbose_name = "fase"
        verbose_name_plural = "fasen"
        ordering = ("call", "number")
        constraints = (
            models.UniqueConstraint(fields=("call", "number"), name="phase_once_per_call"),
            models.CheckConstraint(
                condition=models.Q(opens_at__isnull=True)
                | models.Q(closes_at__isnull=True)
                | models.Q(opens_at__lt=models.F("closes_at")),
                name="phase_opens_before_it_closes",
            ),
        )
        triggers = (
            changed_by_amendment_only(),
            # Who started counting on a date keeps it: the moment of the amendment says whether the phase had opened.
            pgtrigger.Trigger(
                name="open_phase_is_never_shortened",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=(
                    "IF (NEW.closes_at IS NULL OR NEW.closes_at < OLD.closes_at OR NEW.opens_at IS DISTINCT FROM OLD.opens_at) "
                    "AND EXISTS (SELECT 1 FROM calls_amendment a JOIN calls_call c ON c.id = a.call_id "
                    "WHERE a.id = NEW.amendment_id AND c.frozen_at IS NOT NULL AND a.made_at >= OLD.opens_at) "
                    "THEN RAISE EXCEPTION 'A phase that has opened is never shortened'; END IF; RETURN NEW;"
                ),
            ),
        )

    def __str__(self) -> str:
        """Which phase of which call."""
        return f"{self.call} - {self.get_number_display()}"

    def clean(self) -> None:
        """Say in words what the constraint holds."""
        if self.opens_at and self.closes_at and self.opens_at >= self.closes_at:
            raise ValidationError("Een fase opent voor ze sluit. Kijk beide momenten na.")

    def is_open(self, at: datetime | None = None) -> bool:
        """Whether a submission stamped `at` (default: now) is in time."""
        at = at or clock.now()
        return bool(self.opens_at and self.closes_at and self.opens_at <= at <= self.closes_at)


class Milestone(models.Model):
    """A dated moment on a call's timeline; for reading, never for deciding (deadlines are phases)."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="milestones", verbose_name="oproep")
    kind = models.CharField("soort", max_length=20, choices=MilestoneKind)
    starts_on = models.DateField("op", null=True, blank=True)
    ends_on = models.DateField("tot en met", null=True, blank=True)
    at_time = models.TimeField("om", null=True, blank=True)
    text = models.CharField("toelichting", max_length=200, blank=True)
    amendment = models.ForeignKey(
        "calls.Amendment", on_delete=models.PROTECT, related_name="milestones", null=True, blank=True, editable=False
    )

    class Meta:
        """In the order of the calendar."""

        verbose_name = "moment"
        verbose_name_plural = "tijdlijn"
        ordering = ("starts_on", "at_time", "id")
        triggers = (changed_by_amendment_only(),)

    def __str__(self) -> str:
        """Kind and date."""
        return f"{self.get_kind_display()} {self.starts_on or self.text}"


class RoomTime(models.Func):
    """The time of a slot as a stretch of numbers that no other room shares, so that overlap can be forbidden.

    `btree_gist`, which would compare rooms beside times, is no part of the servers that come as wheels (ADR 0002); a range
    of numbers needs no extension. Two rooms whose names hash alike would exclude each other: one chance in four billion.
    """

    template = (
        "numrange(hashtext(%(call)s::text || '/' || %(room)s)::numeric * 1000000000000"
        " + extract(epoch from (%(start)s - timestamptz '2000-01-01 00:00:00+00')),"
        " hashtext(%(call)s::text || '/' || %(room)s)::numeric * 1000000000000"
        " + extract(epoch from (%(end)s - timestamptz '2000-01-01 00:00:00+00')), '[)')"
    )

    def as_sql(self, compiler, connection, *_, **extra):  # noqa: ARG002 - Django's signature
        """The four columns each at their place; room and call twice."""
        call, room, start, end = (compiler.compile(source) for source in self.source_expressions)
        sql = self.template % {"call": call[0], "room": room[0], "start": start[0], "end": end[0]}
        key = (*call[1], *room[1])
        return sql, (*key, *start[1], *key, *end[1])


class PitchSlot(models.Model):
    """A time on a pitch day that one initiative can have (DAT-04)."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="pitch_slots", verbose_name="oproep")
    starts_at = models.DateTimeField("van")
    ends_at = models.DateTimeField("tot")
    room = models.CharField("zaal", max_length=80, blank=True)

    class Meta:
        """No two slots at once in one room."""

        verbose_name = "pitchmoment"
        verbose_name_plural = "pitchmomenten"
        ordering = ("starts_at", "room")
        constraints = (
            models.UniqueConstraint(fields=("call", "starts_at", "room"), name="pitch_slot_once"),
            models.CheckConstraint(condition=models.Q(starts_at__lt=models.F("ends_at")), name="pitch_slot_has_length"),
            ExclusionConstraint(
                expressions=[(RoomTime("call", "room", "starts_at", "ends_at"), RangeOperators.OVERLAPS)],
                name="pitch_slots_do_not_overlap",
                violation_error_message="In deze zaal loopt op dat moment al een pitch.",
            ),
        )

    def __str__(self) -> str:
        """Day, hour and room."""
        return f"{clock.local(self.starts_at):%d/%m/%Y %H.%M} {self.room}".strip()
