"""Changing a call that is out: only by an amendment, which says what, why, who and when, and goes to all its applicants.

New figures are a next version of the rules; the version before stays, with what was handed in and decided under it (QA-09).
A deadline is extended for everybody or for nobody, and once a phase is open it never comes earlier.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from calls.domain import announcement, consistency, deadlines
from calls.enums import AmendmentKind, CallState, PhaseNumber
from calls.models import Amendment, Call, CallRules, Milestone, Phase
from calls.models.call import PROMISED
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, TooLate, WrongState
from ibnportal.core.findings import Finding, Severity
from ibnportal.core.lifecycle import lock
from ibnportal.core.money import format_euros
from ibnportal.core.outbox import queue

ANNOUNCE_TOPIC = "calls.announce_amendment"
TEXTS = tuple(name for name in PROMISED if name not in {"code", "year", "frozen_at"})
_NOTHING = "Er is niets veranderd: alles is gelijk aan wat al gepubliceerd is."

Change = dict[str, str]


def record(
    call: Call,
    kind: str,
    changes: Sequence[Change],
    *,
    reason: str,
    by: User | None,
    rules: CallRules | None = None,
    message: str = "",
) -> Amendment:
    """Write the amendment and let it be announced after the commit; the caller has locked the call and makes the change.

    `message` is the mail as the sender wants it instead of the portal's words (`announcement.compose`).

    Raises DomainError without a reason or a person, WrongState when the call is closed.
    """
    if not reason.strip():
        raise DomainError("Schrijf waarom dit verandert; elke aanvrager leest die reden.")
    if by is None:
        raise DomainError("Een wijziging van een gepubliceerde oproep heeft een persoon nodig die ze doet.")
    if call.state == CallState.CLOSED:
        raise WrongState("Deze oproep is afgesloten; ze verandert niet meer.")
    last = Amendment.objects.filter(call=call).aggregate(last=Max("number"))["last"] or 0
    amendment = Amendment.objects.create(
        call=call,
        number=last + 1,
        kind=kind,
        reason=reason.strip(),
        changes=list(changes),
        rules=rules,
        made_at=clock.now(),
        made_by=by,
    )
    own = message.strip() if announcement.says_otherwise(amendment, message) else ""
    changed = {"number": amendment.number, "kind": kind, **({"message": own} if own else {})}
    trail.record("call.amended", call, by=by, changes=changed, reason=reason)
    payload = {"amendment": amendment.pk, "message": own}
    queue.enqueue(ANNOUNCE_TOPIC, key=f"amendment:{amendment.pk}", payload=payload, subject=call)
    return amendment


def rehearse(call: Call, amend: Callable[[], Any]) -> Amendment:
    """The amendment that `amend` would make, with nothing changed and nobody told; refused as the deed itself would be."""
    with transaction.atomic():
        amend()
        made = Amendment.objects.filter(call=call).select_related("call").latest("number")
        transaction.set_rollback(True)
    return made


# ---------------------------------------------------------------- rules


def amend_rules(call: Call, *, reason: str, by: User | None, message: str = "", **figures: Any) -> CallRules:
    """A next version of the rules with those figures changed; the version before stays as it was (QA-09).

    Frozen at once, and announced, when the call is out. Refused without a reason, without a change, or when figures then disagree.
    """
    if not reason.strip():
        raise DomainError("Schrijf waarom de regels veranderen; wie later een dossier nakijkt, moet dat kunnen lezen.")
    with transaction.atomic():
        fresh = lock(call)
        if fresh.state == CallState.CLOSED:
            raise WrongState("Deze oproep is afgesloten; haar regels veranderen niet meer.")
        before = fresh.rules_versions.latest("version")
        values = before.figures()
        changes = {name: [values[name], new] for name, new in figures.items() if values[_known(name, values)] != new}
        if not changes:
            raise DomainError("Er is niets veranderd: elk cijfer is gelijk aan dat van de vorige versie.")
        rules = CallRules(call=fresh, version=before.version + 1, reason=reason.strip(), **{**values, **figures})
        findings = consistency.figures(rules.frozen())
        _refuse(findings, "Deze cijfers kloppen niet met elkaar.")
        is_out = fresh.state == CallState.PUBLISHED
        if is_out:
            rules.frozen_at, rules.frozen_by = clock.now(), by
        rules.save(force_insert=True)
        trail.record("callrules.amended", rules, by=by, changes={"version": rules.version, **changes}, reason=reason)
        if is_out:
            told = [
                {"what": _label(CallRules, name), "before": _figure(name, old), "after": _figure(name, new)}
                for name, (old, new) in changes.items()
            ]
            record(fresh, AmendmentKind.RULES, told, reason=reason, by=by, rules=rules, message=message)
    return rules


def _known(name: str, values: Mapping[str, Any]) -> str:
    if name not in values:
        raise TypeError(f"Rules have no figure {name!r}.")
    return name


# ---------------------------------------------------------------- texts


def amend_texts(call: Call, *, reason: str, by: User, message: str = "", **texts: str) -> Amendment:
    """Change what a published call says; only the texts that stand in TEXTS, at least one of them different."""
    unknown = set(texts) - set(TEXTS)
    if unknown:
        raise TypeError(f"A call has no text {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        fresh = _published(call)
        # A browser ends its lines in its own way; that is no change.
        typed = {name: "\n".join(text.strip().splitlines()) for name, text in texts.items()}
        changed = {name: text for name, text in typed.items() if text.splitlines() != getattr(fresh, name).splitlines()}
        if not changed:
            raise DomainError(_NOTHING)
        told = [
            {"what": _label(Call, name), "before": getattr(fresh, name) or "leeg", "after": text or "leeg"}
            for name, text in changed.items()
        ]
        amendment = record(fresh, AmendmentKind.TEXTS, told, reason=reason, by=by, message=message)
        for name, text in changed.items():
            setattr(fresh, name, text)
            setattr(call, name, text)
        fresh.amendment = call.amendment = amendment
        fresh.save(update_fields=[*changed, "amendment"])
    return amendment


# ---------------------------------------------------------------- dates


def amend_dates(
    call: Call,
    *,
    reason: str,
    by: User,
    windows: Mapping[int, tuple[datetime, datetime]] | None = None,
    moments: Mapping[int, Mapping[str, Any]] | None = None,
    message: str = "",
) -> Amendment:
    """Change phases (`windows` by number) and moments of the calendar (`moments` by id: starts_on, ends_on, at_time, text).

    A phase that has opened keeps its opening and never closes earlier; deadlines on the calendar follow their phase.
    Refused when the calendar then contradicts itself.
    """
    with transaction.atomic():
        fresh = _published(call)
        phases = list(fresh.phases.select_for_update(of=("self",), no_key=True))
        milestones = list(fresh.milestones.select_for_update(of=("self",), no_key=True))
        told = [*_move_windows(phases, windows or {}), *_move_moments(milestones, moments or {})]
        for phase in phases:
            told += _follow(phase, milestones)
        if not told:
            raise DomainError(_NOTHING)
        return _save_dates(fresh, AmendmentKind.DATES, told, phases, milestones, reason=reason, by=by, message=message)


def extend_deadline(
    phase: Phase, *, closes_at: datetime, reason: str, by: User, at: datetime | None = None, message: str = ""
) -> Amendment:
    """Let a phase close later, for everybody (DAT-03, DAT-07). There is no such thing for one dossier.

    Raises TooLate when the phase has closed already: who did not hand in was late, and reopening would favour one over another.
    Raises DomainError, with both times, when the new moment is not later.
    """
    at = at or clock.now()
    with transaction.atomic():
        call = _published(phase.call)
        phases = list(call.phases.select_for_update(of=("self",), no_key=True))
        milestones = list(call.milestones.select_for_update(of=("self",), no_key=True))
        fresh = next(window for window in phases if window.pk == phase.pk)
        if fresh.closes_at is None:
            raise DomainError("Deze fase heeft nog geen einde; er is niets te verlengen.")
        rule_id = "DAT-03" if fresh.number == PhaseNumber.PRE_REGISTRATION else "DAT-07"
        if at > fresh.closes_at:
            raise TooLate(
                f"Deze fase sloot op {moment(fresh.closes_at)}; het is nu {moment(at)}. Verlengen kan alleen zolang ze open is.",
                rule_id=rule_id,
            )
        if closes_at <= fresh.closes_at:
            raise DomainError(
                f"Een termijn wordt alleen langer: het uiterste moment is nu {moment(fresh.closes_at)}, u vult "
                f"{moment(closes_at)} in. Kies een later moment.",
                rule_id=rule_id,
            )
        told = [*_move_windows(phases, {fresh.number: (fresh.opens_at, closes_at)}), *_follow(fresh, milestones)]
        amendment = _save_dates(
            call, AmendmentKind.EXTENSION, told[:1], phases, milestones, reason=reason, by=by, message=message
        )
        phase.closes_at, phase.amendment = closes_at, amendment
    return amendment


def extensions(call: Call) -> list[Amendment]:
    """Every extension of this call, newest first, with who gave it."""
    return list(call.amendments.filter(kind=AmendmentKind.EXTENSION).select_related("made_by"))


def moment(at: datetime) -> str:
    """An instant in words, to the second, on a clock in Brussels: it can decide about a dossier."""
    return f"{clock.local(at):%d/%m/%Y om %H:%M:%S}"


def _move_windows(
    phases: Sequence[Phase], windows: Mapping[int, tuple[datetime | None, datetime | None]]
) -> list[Change]:
    told = []
    now = clock.now()
    for phase in phases:
        if phase.number not in windows:
            continue
        opens_at, closes_at = windows[phase.number]
        if opens_at is None or closes_at is None or opens_at >= closes_at:
            raise DomainError(f"{phase.get_number_display()}: het begin moet voor het einde vallen. Kijk beide na.")
        has_opened = phase.opens_at is not None and phase.opens_at <= now
        if has_opened and phase.closes_at is not None and closes_at < phase.closes_at:
            raise DomainError(
                f"{phase.get_number_display()} is open: het einde ({moment(phase.closes_at)}) komt nooit vroeger, ook niet "
                f"{moment(closes_at)}. Verlengen kan wel.",
                rule_id="DAT-03",
            )
        if has_opened and opens_at != phase.opens_at:
            raise DomainError(f"{phase.get_number_display()} is al open; haar begin verandert niet meer.")
        for name, old, new in (("opent", phase.opens_at, opens_at), ("sluit", phase.closes_at, closes_at)):
            if old != new:
                what = f"{phase.get_number_display()} {name}"
                told.append({"what": what, "before": in_words(old), "after": in_words(new)})
        phase.opens_at, phase.closes_at = opens_at, closes_at
    return told


def _move_moments(milestones: Sequence[Milestone], moments: Mapping[int, Mapping[str, Any]]) -> list[Change]:
    told = []
    for milestone in milestones:
        values = moments.get(milestone.pk, {})
        before = _when(milestone)
        for name, value in values.items():
            setattr(milestone, name, value)
        if _when(milestone) != before:
            told.append({"what": milestone.get_kind_display(), "before": before, "after": _when(milestone)})
    return told


def _follow(phase: Phase, milestones: Sequence[Milestone]) -> list[Change]:
    """The deadlines on the calendar that move with their phase, in words."""
    before = {milestone.pk: _when(milestone) for milestone in milestones}
    return [
        {"what": milestone.get_kind_display(), "before": before[milestone.pk], "after": _when(milestone)}
        for milestone in deadlines.follow(phase, milestones)
    ]


def _save_dates(
    call: Call,
    kind: str,
    told: Sequence[Change],
    phases: Sequence[Phase],
    milestones: Sequence[Milestone],
    *,
    reason: str,
    by: User,
    message: str,
) -> Amendment:
    _refuse(consistency.calendar(phases, milestones, call.rules()), "De kalender klopt dan niet meer.")
    amendment = record(call, kind, told, reason=reason, by=by, message=message)
    for phase in phases:
        phase.amendment = amendment
        phase.save()
    for milestone in milestones:
        milestone.amendment = amendment
        milestone.save()
    return amendment


def _when(milestone: Milestone) -> str:
    parts = [in_words(milestone.starts_on) if milestone.starts_on else "nog geen datum"]
    if milestone.ends_on:
        parts.append(f"tot en met {in_words(milestone.ends_on)}")
    if milestone.at_time:
        parts.append(f"om {milestone.at_time:%H:%M}")
    if milestone.text:
        parts.append(f"({milestone.text})")
    return " ".join(parts)


# ---------------------------------------------------------------- shared


def _published(call: Call) -> Call:
    fresh = lock(call)
    if fresh.state != CallState.PUBLISHED:
        raise WrongState(
            f"Deze oproep staat op “{fresh.get_state_display()}”. Alleen een gepubliceerde oproep wordt zo gewijzigd."
        )
    return fresh


def _refuse(findings: Sequence[Finding], sentence: str) -> None:
    errors = [finding for finding in findings if finding.severity == Severity.ERROR]
    if errors:
        raise DomainError(" ".join([sentence, *(finding.message for finding in errors)]), findings=errors)


def _label(model: Any, name: str) -> str:
    return str(model._meta.get_field(name).verbose_name).capitalize()  # noqa: SLF001 - documented Meta API


def _figure(name: str, value: Any) -> str:
    """A figure of the rules in the unit that its column gives."""
    field: Any = CallRules._meta.get_field(name)  # noqa: SLF001 - documented Meta API
    unit = str(field.help_text).partition(";")[0]
    if isinstance(value, Decimal) and unit.startswith("euro"):
        return format_euros(value)
    if isinstance(value, Decimal) and unit.startswith("deel"):
        return f"{value:.0%}".replace("%", " %")
    return in_words(value)


def in_words(value: Any) -> str:
    """A value or a moment as people read it in an announcement."""
    if value is None or value == "":
        return "geen"
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    return str(value)
