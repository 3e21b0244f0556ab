"""A company confirms its letter of intent itself: invited by mail, through a personal link that works once (P1-LET-01 ... 10).

The link is derived from the portal's secret key and a nonce; the database keeps only its hash, the mail that leaves is the
only place where it stands in full. It ends with the phase at the latest, and when the dossier is handed in.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.files.base import File
from django.db import IntegrityError, models, transaction

from applications.domain import drafts, letters, lifecycle, words
from applications.domain.drafts import moment
from applications.enums import DRAFT_STATES, InvitationStatus, ItemPart
from applications.models import Application, Letter, LetterInvitation, OnlineSignature
from calls.enums import PhaseNumber
from ibnportal.core import clock, personal_links
from ibnportal.core import lifecycle as rows
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, TooLate, WrongState
from ibnportal.core.files import store
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile
from ibnportal.core.outbox import mail, queue
from ibnportal.core.statements import Statement
from ibnportal.core.ui import formats

PURPOSE = "applications.letter-invitation"
SECRET = "letter-link"  # noqa: S105 - the kind of secret, for the mail
RENDER_TOPIC = "letters.render_signed"
A_DAY = dt.timedelta(days=1)
S = InvitationStatus


class LinkState(StrEnum):
    """What a company meets behind its link."""

    USABLE = "usable"
    SIGNED = "signed"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVOKED = "revoked"
    CLOSED = "closed"


# ---------------------------------------------------------------- reading


def status(invitation: LetterInvitation, at: dt.datetime | None = None) -> InvitationStatus:
    """What became of it; an open one is expired from the first instant after `expires_at`."""
    ended = ((invitation.signed_at, S.SIGNED), (invitation.declined_at, S.DECLINED), (invitation.revoked_at, S.REVOKED))
    for moment_, name in ended:
        if moment_ is not None:
            return name
    if (at or clock.now()) > invitation.expires_at:
        return S.EXPIRED
    return S.OPENED if invitation.opened_at is not None else S.SENT


def newest_by_letter(application: Application) -> dict[int, LetterInvitation]:
    """The latest invitation of each letter of the phase the dossier is in; one query."""
    found = _OF_LETTERS.all(application.pk, PhaseNumber(application.phase))
    return {invitation.letter_id: invitation for invitation in found if invitation.letter_id}


_OF_LETTERS: Statement[LetterInvitation] = Statement(
    lambda application, phase: LetterInvitation.objects.filter(
        application=application, phase=phase, letter__isnull=False
    ).order_by("sent_at", "pk")
)


def waiting(application: Application, phase: int, at: dt.datetime) -> list[str]:
    """The companies whose link still works in this phase, by name: handing in closes it (P1-LET-07)."""
    open_ = LetterInvitation.objects.open().filter(application=application, phase=phase, expires_at__gte=at)
    return sorted(set(open_.values_list("company_name", flat=True)))


def may_be_invited(letter: Any, newest: LetterInvitation | None) -> bool:
    """Whether it goes along when all are invited: an address, no signature, and no invitation that still runs or was declined."""
    if letter.is_signed or not letter.contact_email:
        return False
    return newest is None or status(newest) in {S.EXPIRED, S.REVOKED}


def may_be_reminded(invitation: LetterInvitation, at: dt.datetime | None = None) -> bool:
    """Whether it still runs, and nothing was sent in the last day."""
    at = at or clock.now()
    last = invitation.reminded_at or invitation.sent_at
    return status(invitation, at) in {S.SENT, S.OPENED} and at - last >= A_DAY


# ---------------------------------------------------------------- the link


def token_of(invitation: LetterInvitation) -> str:
    """The secret part of the link, for the mail that leaves."""
    return personal_links.token_of(PURPOSE, nonce=invitation.nonce, token_hash=invitation.token_hash)


def find(token: str) -> LetterInvitation | None:
    """The invitation behind a link, by its hash; None when there is none."""
    return _all().filter(token_hash=personal_links.hash_of(token)).first()


def find_by_pk(pk: int) -> LetterInvitation:
    """The invitation as it stands now."""
    return _all().get(pk=pk)


def _all() -> "models.QuerySet[LetterInvitation]":
    return LetterInvitation.objects.select_related("letter", "application__call", "application__applicant", "sent_by")


def state_of_link(invitation: LetterInvitation, at: dt.datetime | None = None) -> LinkState:
    """What its page may show now."""
    current = status(invitation, at)
    if current in {S.SIGNED, S.DECLINED, S.REVOKED}:
        return LinkState(current.value)
    if invitation.letter is None:
        return LinkState.REVOKED
    application = invitation.application
    if application.phase != invitation.phase:
        return LinkState.CLOSED
    if application.state not in DRAFT_STATES and not lifecycle.reopened(application, ItemPart.LETTERS, at):
        return LinkState.CLOSED
    return LinkState.EXPIRED if current == S.EXPIRED else LinkState.USABLE


# ---------------------------------------------------------------- the applicant's verbs


def invite(letter: Letter, *, by: User, at: dt.datetime | None = None) -> LetterInvitation:
    """Mail the company its personal link; raises DomainError when it has no address, signed already or was asked already."""
    at = at or clock.now()
    with transaction.atomic():
        application = lifecycle.open_draft(letter.application, by=by, part=ItemPart.LETTERS)
        drafts.refuse_other_phase(application, letter.phase)
        fresh = Letter.objects.filter(pk=letter.pk).first()
        if fresh is None:
            raise DomainError("Deze brief is ondertussen verwijderd.")
        expires_at = _ends(application, letter.phase, at)
        _refuse_needless(fresh, at)
        fresh.invitations.open().update(revoked_at=at, revoked_by=by)  # an expired one makes room
        nonce, token_hash = personal_links.issue(PURPOSE)
        invitation = LetterInvitation(
            application=application, phase=letter.phase, letter=fresh, company_name=fresh.company_name, email=fresh.contact_email,
            nonce=nonce, token_hash=token_hash, sent_at=at, sent_by=by, expires_at=expires_at,
        )  # fmt: skip
        try:
            with transaction.atomic():
                invitation.save()
        except IntegrityError as error:
            raise DomainError(f"{fresh.company_name} is net al uitgenodigd.") from error
        _write(invitation, "letter_invitation", key=f"letter-invitation:{invitation.pk}")
        changes = {"letter": fresh, "email": fresh.contact_email, "expires_at": expires_at}
        trail.record("letter.invited", application, by=by, changes=changes, at=at)
    return invitation


def _refuse_needless(letter: Letter, at: dt.datetime) -> None:
    if not letter.contact_email:
        raise DomainError(
            f"Vul eerst het e-mailadres van de contactpersoon van {letter.company_name} in.", rule_id="P1-LET-01"
        )
    if letter.is_signed:
        raise DomainError(f"{letter.company_name} heeft al getekend.", rule_id="P1-LET-07")
    running = letter.invitations.open().filter(expires_at__gte=at).first()
    if running is not None:
        raise DomainError(
            f"{letter.company_name} kreeg al een uitnodiging op {moment(running.sent_at)}. Stuur een herinnering, of trek ze "
            "eerst in."
        )


def _ends(application: Application, phase: int, at: dt.datetime) -> dt.datetime:
    """So many days as the call's rules say, and never beyond the phase, or the term of a request that opened the letters.

    Raises TooLate when that is over.
    """
    request = lifecycle.reopened(application, ItemPart.LETTERS, at)
    window = application.call.phases.filter(number=phase).first()
    closes_at = request.due_at if request is not None else window.closes_at if window is not None else None
    if closes_at is not None and at > closes_at:
        raise TooLate(f"Uitnodigen kan niet meer: de fase eindigde op {moment(closes_at)}; het is nu {moment(at)}.")
    ends = at + dt.timedelta(days=application.call.rules().letter_link_days)
    return ends if closes_at is None else min(ends, closes_at)


@dataclass(slots=True)
class Bulk:
    """What came of asking many: how many mails go out, and a sentence for each company that could not be asked."""

    sent: int = 0
    refused: list[str] = field(default_factory=list)


def invite_all(application: Application, *, by: User, at: dt.datetime | None = None) -> Bulk:
    """Invite every company of this phase that has an address, did not sign, and has no invitation that runs or was declined."""
    newest = newest_by_letter(application)
    register = application.letters.filter(phase=application.phase)
    return _each((letter for letter in register if may_be_invited(letter, newest.get(letter.pk))), by=by, at=at)


def invite_again(application: Application, *, by: User, at: dt.datetime | None = None) -> Bulk:
    """One action for phase 2: take over every company of phase 1 that has no new letter yet, and invite it (P2-SUB-03)."""
    renewed: list[Letter] = []
    refused: list[str] = []
    for earlier in letters.tally(application, application.phase).not_renewed:
        try:
            renewed.append(letters.renew(earlier, into=application, by=by, at=at))
        except DomainError as error:
            refused.append(f"{earlier.company_name}: {error.message}")
    found = _each(renewed, by=by, at=at)
    found.refused = [*refused, *found.refused]
    return found


def _each(chosen: Iterable[Letter], *, by: User, at: dt.datetime | None) -> Bulk:
    found = Bulk()
    for letter in chosen:
        try:
            invite(letter, by=by, at=at)
        except DomainError as error:
            found.refused.append(f"{letter.company_name}: {error.message}")
        else:
            found.sent += 1
    return found


def remind(invitation: LetterInvitation, *, by: User, at: dt.datetime | None = None) -> LetterInvitation:
    """Send the same link again, at most once a day."""
    at = at or clock.now()
    with transaction.atomic():
        lifecycle.open_draft(invitation.application, by=by, part=ItemPart.LETTERS)
        fresh = rows.lock(invitation)
        if status(fresh, at) not in {S.SENT, S.OPENED}:
            raise WrongState(
                f"De uitnodiging van {fresh.company_name} loopt niet meer: {status(fresh, at).label.lower()}."
            )
        if not may_be_reminded(fresh, at):
            raise DomainError(f"{fresh.company_name} kreeg vandaag al een mail. Herinner morgen opnieuw.")
        fresh.reminders += 1
        fresh.reminded_at = at
        fresh.save(update_fields=["reminders", "reminded_at"])
        _write(fresh, "letter_reminder", key=f"letter-reminder:{fresh.pk}:{fresh.reminders}")
        changes = {"invitation": fresh, "email": fresh.email}
        trail.record("letter.reminded", invitation.application, by=by, changes=changes, at=at)
    return fresh


def remind_all(application: Application, *, by: User, at: dt.datetime | None = None) -> int:
    """Remind every company that did not answer and got no mail in the last day; returns how many."""
    due = [found for found in newest_by_letter(application).values() if may_be_reminded(found, at)]
    for invitation in due:
        remind(invitation, by=by, at=at)
    return len(due)


def revoke(invitation: LetterInvitation, *, by: User, at: dt.datetime | None = None) -> LetterInvitation:
    """Make the link useless; raises WrongState when it was used already."""
    at = at or clock.now()
    with transaction.atomic():
        lifecycle.open_draft(invitation.application, by=by, part=ItemPart.LETTERS)
        fresh = rows.lock(invitation)
        if status(fresh, at) not in {S.SENT, S.OPENED, S.EXPIRED}:
            raise WrongState(f"Deze uitnodiging is al afgelopen: {status(fresh, at).label.lower()}.")
        fresh.revoked_at, fresh.revoked_by = at, by
        fresh.save(update_fields=["revoked_at", "revoked_by"])
        trail.record("letter.invitation_revoked", invitation.application, by=by, changes={"invitation": fresh}, at=at)
    return fresh


def _write(invitation: LetterInvitation, template: str, *, key: str) -> None:
    application = Application.objects.select_related("applicant", "call").get(pk=invitation.application_id)
    sender = invitation.sent_by
    context = {
        "application": application, "invitation": invitation, "contact_name": invitation.letter.contact_name if invitation.letter else "",
        "expires": formats.deadline(invitation.expires_at), "sender": sender, "link": mail.absolute("/brief"),
    }  # fmt: skip
    mail.send_later(
        key=key,
        to=invitation.email,
        template=template,
        context=context,
        about=application,
        secret=(SECRET, str(invitation.pk)),
    )


# ---------------------------------------------------------------- the company's verbs


def opened(invitation: LetterInvitation, *, at: dt.datetime | None = None) -> None:
    """Note that the page was looked at; a mail scanner that follows the link does no more than this."""
    if invitation.opened_at is None:
        LetterInvitation.objects.filter(pk=invitation.pk, opened_at__isnull=True).update(opened_at=at or clock.now())


def sign(
    invitation: LetterInvitation,
    *,
    fields: Mapping[str, Any],
    signer_name: str,
    signer_function: str = "",
    strokes: Sequence[Sequence[Sequence[int]]] = (),
    upload: "File[bytes] | None" = None,
    at: dt.datetime | None = None,
) -> Letter:
    """The company confirms and signs: a drawn signature (strokes of points) or its own signed PDF. Works once.

    `fields` is the whole letter as the company sees it. `at`: when the request arrived. Raises DomainError with what is
    still missing, and TooLate or WrongState when the link cannot be used any more.
    """
    at = at or clock.now()
    name = words.clean(signer_name)
    if not name:
        raise DomainError("Vul de naam in van wie tekent.", rule_id="P1-LET-07")
    if upload is None and not strokes:
        raise DomainError("Teken in het kader, of laad de ondertekende brief op als PDF.", rule_id="P1-LET-07")
    actor = f"{name}, {invitation.company_name}, via persoonlijke link"
    with transaction.atomic():
        fresh, letter = _usable(invitation, at)
        changed = letters.fill(letter, dict(fields))
        letter.signed_online_at, letter.signed_online_by = at, name
        missing = letters.obstacles(letter)
        if missing:
            raise DomainError(
                "Er ontbreekt nog iets. Vul het aan en onderteken opnieuw.",
                rule_id=missing[0].rule_id,
                findings=missing,
            )
        letters.save(letter)
        if upload is not None:
            letters.put_file(letter, store.store(upload, by=None, kind=FileKind.LETTER_PDF), by=actor, at=at)
        elif letter.signed_file_id is not None:
            letter.signed_file = None  # the PDF that is being made takes its place
            letter.save(update_fields=["signed_file"])
        signature = OnlineSignature.objects.create(
            letter=letter, invitation=fresh, signer_name=name, signer_function=words.clean(signer_function), signed_at=at,
            strokes=[] if upload is not None else [[list(point) for point in stroke] for stroke in strokes],
            content_sha256=content_sha256(letter),
        )  # fmt: skip
        fresh.signed_at = at
        fresh.save(update_fields=["signed_at"])
        changes = {
            "letter": letter,
            "how": "drawn" if signature.is_drawn else "uploaded",
            "sha256": signature.content_sha256,
            **changed,
        }
        trail.record("letter.confirmed", letter.application, by=actor, changes=changes, at=at)
        queue.enqueue(
            RENDER_TOPIC, key=f"{RENDER_TOPIC}:{signature.pk}", payload={"signature": signature.pk}, subject=letter
        )
    return letter


def decline(invitation: LetterInvitation, *, reason: str = "", at: dt.datetime | None = None) -> LetterInvitation:
    """The company does not take part; the applicant sees it, with the reason where one is given."""
    at = at or clock.now()
    with transaction.atomic():
        fresh, letter = _usable(invitation, at)
        fresh.declined_at, fresh.decline_reason = at, words.clean(reason)
        fresh.save(update_fields=["declined_at", "decline_reason"])
        actor = f"{fresh.company_name}, via persoonlijke link"
        trail.record(
            "letter.declined",
            letter.application,
            by=actor,
            changes={"letter": letter},
            reason=fresh.decline_reason,
            at=at,
        )
    return fresh


def _usable(invitation: LetterInvitation, at: dt.datetime) -> tuple[LetterInvitation, Letter]:
    """The invitation and its letter, the dossier locked; raises when the link is used, over or withdrawn."""
    application = rows.lock(invitation.application)
    fresh = rows.lock(invitation)
    fresh.application = application
    letter = Letter.objects.filter(pk=fresh.letter_id or 0).first()
    fresh.letter = letter
    state = state_of_link(fresh, at)
    if state == LinkState.USABLE and letter is not None:
        letter.application = application
        return fresh, letter
    raise (TooLate if state == LinkState.EXPIRED else WrongState)(WHY[state])


WHY = {
    LinkState.SIGNED: "Deze brief is al ondertekend. Een link werkt één keer.",
    LinkState.DECLINED: "Uw onderneming liet al weten dat ze niet meedoet. Een link werkt één keer.",
    LinkState.EXPIRED: "Deze link is verlopen. Vraag de aanvrager om een nieuwe.",
    LinkState.REVOKED: "De aanvrager trok deze link in. Vraag hem om een nieuwe als dat niet de bedoeling was.",
    LinkState.CLOSED: "Het dossier is al ingediend. Er kunnen geen brieven meer bij.",
    LinkState.USABLE: "Deze brief is ondertussen verwijderd.",
}


def content_sha256(letter: Letter) -> str:
    """The hash over what the company signed: every field of the letter, as canonical JSON."""
    amount = letter.commitment_amount
    content = {name: getattr(letter, name) for name in letters.FIELDS if name != "commitment_amount"}
    content |= {"commitment_amount": None if amount is None else f"{amount:.2f}", "phase": int(letter.phase)}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def keep_rendered(signature: OnlineSignature, stored: "StoredFile | None", *, at: dt.datetime | None = None) -> None:
    """The worker made the PDF of a drawn letter (None: the company gave its own): file it and send the company its copy."""
    letter = Letter.objects.select_for_update(of=("self",), no_key=True).get(pk=signature.letter_id)
    if stored is not None and letter.signed_file_id is None:
        letter.signed_file = stored
        letter.save(update_fields=["signed_file"])
        changes = {"letter": letter, "name": stored.name, "sha256": stored.sha256}
        trail.record("letter.rendered", letter.application, by=None, changes=changes, at=at)
    context = {
        "letter": letter,
        "signature": signature,
        "application": letter.application,
        "signed": moment(signature.signed_at),
    }
    mail.send_later(
        key=f"letter-copy:{signature.pk}", to=signature.invitation.email, template="letter_copy", context=context,
        about=letter.application, attachments=[letter.signed_file] if letter.signed_file is not None else [],
    )  # fmt: skip
