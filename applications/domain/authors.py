"""Who writes along: inviting somebody by mail, accepting, revoking, and ending (ROL-06: only who can bind the applicant signs).

An invitation is a personal link to one address. It ends by itself, by being taken back, or by being accepted, once.
"""

import datetime as dt
from dataclasses import dataclass
from email.utils import parseaddr

from django.db import transaction

from applications.domain import words
from applications.domain.drafts import moment
from applications.domain.lifecycle import writes
from applications.enums import ENDED_STATES, AuthorRole
from applications.models import Application, DossierAuthor, Invitation
from applications.models.authors import INVITATION_LASTS, MOST_OPEN_INVITATIONS
from ibnportal.core import clock, personal_links
from ibnportal.core.accounts.domain import people
from ibnportal.core.accounts.models import OrganisationMembership, User
from ibnportal.core.audit import trail
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox import mail

PURPOSE = "applications.author-invitation"
SECRET = "author-link"  # noqa: S105 - the kind of secret, for the mail


@dataclass(frozen=True, slots=True)
class Writer:
    """One person at work on a dossier; `author` is the row that can be ended, None for the applicant's own people."""

    user: User
    role: AuthorRole
    author: DossierAuthor | None
    is_active: bool = True


def writers(application: Application) -> list[Writer]:
    """Everybody who takes part: who signs first, then the applicant's people, then the invited. Two queries."""
    members = (
        OrganisationMembership.objects.current()
        .filter(organisation_id=application.applicant_id, user__is_active=True)
        .select_related("user")
    )
    found = [
        Writer(
            membership.user,
            AuthorRole.SIGNATORY if membership.is_legal_representative else AuthorRole.COLLEAGUE,
            None,
        )
        for membership in sorted(members, key=lambda one: (not one.is_legal_representative, str(one.user)))
    ]
    known = {writer.user.pk for writer in found}
    invited = DossierAuthor.objects.current().filter(application=application).select_related("user")
    return [
        *found,
        *(Writer(author.user, AuthorRole(author.role), author) for author in invited if author.user_id not in known),
    ]


def writes_along(user: User) -> bool:
    """Whether this person was invited to any dossier: lets somebody without an organisation in."""
    return DossierAuthor.objects.current().filter(user=user, user__is_active=True).exists()


def invite(
    application: Application,
    *,
    email: str,
    full_name: str,
    role: AuthorRole | str,
    by: User,
    at: dt.datetime | None = None,
) -> Invitation:
    """Send a personal link; an open one to the same address is replaced, so that only the last link works.

    Who becomes one of the applicant's own people (colleague, signatory) is for a signatory to decide. Raises NotAllowed or
    DomainError.
    """
    at, role = at or clock.now(), AuthorRole(role)
    address, name = User.objects.normalize_email(email), words.clean(full_name)
    if parseaddr(address)[1] != address or "@" not in address:
        raise DomainError(f"“{address[:80]}” is geen e-mailadres.")
    if not name:
        raise DomainError("Schrijf de naam van wie u uitnodigt, zodat collega's zien wie meeschrijft.")
    with transaction.atomic():
        fresh = lock(application)
        refuse_unless_may_invite(fresh, role, by)
        refuse_known(fresh, address, role)
        for earlier in Invitation.objects.open().filter(application=fresh, email=address):
            _revoke(earlier, by=by, at=at)
        if Invitation.objects.open().filter(application=fresh).count() >= MOST_OPEN_INVITATIONS:
            raise DomainError("Er staan al te veel uitnodigingen open. Trek er enkele in en probeer opnieuw.")
        nonce, token_hash = personal_links.issue(PURPOSE)
        invitation = Invitation.objects.create(
            application=fresh, email=address, full_name=name, role=role, nonce=nonce, token_hash=token_hash, sent_at=at, sent_by=by,
            expires_at=at + INVITATION_LASTS,
        )  # fmt: skip
        trail.record("author.invited", fresh, by=by, changes={"email": address, "name": name, "role": role}, at=at)
        mail.send_later(
            key=f"invitation:{invitation.pk}",
            to=address,
            template="invitation",
            context={
                "invitation": invitation,
                "application": fresh,
                "inviter": by,
                "until": moment(invitation.expires_at),
                "what": role.description,
                "url": mail.absolute("/uitnodiging"),
            },
            about=fresh,
            secret=(SECRET, str(invitation.pk)),
        )
    return invitation


def refuse_unless_may_invite(application: Application, role: AuthorRole, by: User) -> None:
    """Who writes may ask somebody to read or write along; who signs decides who belongs to the applicant."""
    if application.state in ENDED_STATES:
        raise WrongState("Dit dossier is afgelopen; er kan niemand meer bij komen.")
    if not writes(application, by):
        raise NotAllowed("Alleen wie aan dit dossier schrijft, kan iemand uitnodigen.")
    if role.is_of_organisation and not by.represents(application.applicant_id):
        raise NotAllowed(
            f"Alleen een rechtsgeldig vertegenwoordiger van {application.applicant} kan een collega of ondertekenaar "
            "toevoegen. U kunt wel een lezer of een auteur van dit dossier uitnodigen.",
            rule_id="ROL-06",
        )


def refuse_known(application: Application, address: str, role: AuthorRole) -> None:
    """Who has the role already needs no link; who works for the programme cannot take part in a dossier."""
    user = User.objects.filter(email=address).first()
    if user is None:
        return
    if user.roles:
        raise DomainError(
            "Dit adres is van iemand die voor het programma werkt en kan niet meeschrijven aan een dossier."
        )
    if user.represents(application.applicant_id) or (
        user.belongs_to(application.applicant_id) and role != AuthorRole.SIGNATORY
    ):
        raise DomainError(f"{user} hoort al bij {application.applicant} en schrijft al mee.")
    current = DossierAuthor.objects.current().filter(application=application, user=user, role=role)
    if not role.is_of_organisation and current.exists():
        raise DomainError(f"{user} schrijft al mee aan dit dossier.")


def token_of(invitation: Invitation) -> str:
    """The secret part of the link, for the mail that leaves."""
    return personal_links.token_of(PURPOSE, nonce=invitation.nonce, token_hash=invitation.token_hash)


def of_token(token: str) -> Invitation | None:
    """The invitation of a link, in whatever condition, or None."""
    found = Invitation.objects.filter(token_hash=personal_links.hash_of(token))
    return found.select_related("application__applicant", "application__call", "sent_by", "accepted_by").first()


def refuse_unusable(invitation: Invitation, *, at: dt.datetime) -> None:
    """Raise WrongState that says why a link works no longer, and what to do."""
    ask = f"Vraag {invitation.sent_by} om een nieuwe uitnodiging."
    if invitation.accepted_at is not None:
        raise WrongState(f"Deze uitnodiging is al aanvaard, op {moment(invitation.accepted_at)}.")
    if invitation.revoked_at is not None:
        raise WrongState(f"Deze uitnodiging is ingetrokken of vervangen door een nieuwere. {ask}")
    if invitation.expires_at <= at:
        raise WrongState(f"Deze uitnodiging verviel op {moment(invitation.expires_at)}. {ask}")


def accept(invitation: Invitation, *, by: User, at: dt.datetime | None = None) -> Invitation:
    """Take part from now on; once, and only for the person whose address it was sent to.

    Raises WrongState when the link works no longer, NotAllowed for another address or when the inviter lost the power to ask.
    """
    at = at or clock.now()
    with transaction.atomic():
        application = lock(invitation.application)
        fresh = (
            Invitation.objects.select_for_update(of=("self",), no_key=True)
            .select_related("sent_by")
            .get(pk=invitation.pk)
        )
        refuse_unusable(fresh, at=at)
        if by.email != fresh.email:
            raise NotAllowed(
                f"Deze uitnodiging is voor {fresh.email}; u bent aangemeld als {by.email}. Meld u aan met het eerste adres, of "
                f"vraag {fresh.sent_by} om u op dit adres uit te nodigen."
            )
        if by.roles:
            raise NotAllowed("U werkt voor het programma en kan niet meeschrijven aan een dossier.")
        role = AuthorRole(fresh.role)
        refuse_unless_may_invite(application, role, fresh.sent_by)
        _let_in(application, role, by, invited_by=fresh.sent_by, at=at)
        fresh.accepted_at, fresh.accepted_by = at, by
        fresh.save(update_fields=["accepted_at", "accepted_by"])
        trail.record("author.joined", application, by=by, changes={"name": by.full_name, "role": role}, at=at)
    by.forget_access()
    return fresh


def _let_in(application: Application, role: AuthorRole, user: User, *, invited_by: User, at: dt.datetime) -> None:
    if role.is_of_organisation:
        signs = role == AuthorRole.SIGNATORY or user.represents(application.applicant_id)
        people.add_member(application.applicant, user, by=invited_by, is_legal_representative=signs)
        return
    author = DossierAuthor.objects.current().filter(application=application, user=user).first()
    if author is None:
        DossierAuthor.objects.create(application=application, user=user, role=role, added_at=at, added_by=invited_by)
    elif author.role != role:
        author.role = role
        author.save(update_fields=["role"])


def revoke(invitation: Invitation, *, by: User, at: dt.datetime | None = None) -> None:
    """Take an open invitation back: the link works no longer."""
    at = at or clock.now()
    with transaction.atomic():
        application = lock(invitation.application)
        if not writes(application, by):
            raise NotAllowed("Alleen wie aan dit dossier schrijft, kan een uitnodiging intrekken.")
        fresh = (
            Invitation.objects.select_for_update(of=("self",), no_key=True)
            .select_related("sent_by")
            .get(pk=invitation.pk)
        )
        refuse_unusable(fresh, at=at)
        _revoke(fresh, by=by, at=at)
        trail.record("author.uninvited", application, by=by, changes={"email": fresh.email}, at=at)


def _revoke(invitation: Invitation, *, by: User, at: dt.datetime) -> None:
    invitation.revoked_at, invitation.revoked_by = at, by
    invitation.save(update_fields=["revoked_at", "revoked_by"])


def end(author: DossierAuthor, *, by: User, at: dt.datetime | None = None) -> None:
    """Let an invited person take part no longer; what they wrote stays, with their name. One may leave oneself."""
    at = at or clock.now()
    with transaction.atomic():
        application = lock(author.application)
        if author.user_id != by.pk and not by.belongs_to(application.applicant_id):
            raise NotAllowed(f"Alleen mensen van {application.applicant} kunnen iemand uit dit dossier halen.")
        fresh = (
            DossierAuthor.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=author.pk)
        )
        if fresh.ended_at is not None:
            return
        fresh.ended_at, fresh.ended_by = at, by
        fresh.save(update_fields=["ended_at", "ended_by"])
        trail.record("author.ended", application, by=by, changes={"name": fresh.user.full_name}, at=at)
