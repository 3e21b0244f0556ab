"""A company confirms its own letter: the link, what it may do, and what it may not do twice."""

import hashlib
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import override_settings

from applications.domain import freezing, invitations, letters, snapshot
from applications.domain.invitations import LinkState, status
from applications.enums import InvitationStatus as S
from applications.models import Letter, LetterInvitation
from ibnportal.core.errors import DomainError, NotAllowed, TooLate, WrongState
from ibnportal.core.files import store
from ibnportal.core.outbox.models import MailRecord, OutboxMessage
from tests.factories.applications import ApplicationFactory, add_letters, reach, small_pdf
from tests.factories.core import UserFactory, enterprise_number

STROKES = [[[20, 100], [120, 40], [220, 150], [320, 60]], [[330, 90], [420, 110], [500, 80], [560, 120]]]


@pytest.fixture
def draft(db, clock):
    return ApplicationFactory()


@pytest.fixture
def row(draft):
    return bare(draft)


def bare(draft, **fields):
    """A letter as an imported list leaves it: no signature, nothing declared."""
    nothing = dict.fromkeys(("declares_mandate", "declares_support", "declares_cofinancing"), False)
    return add_letters(draft, 1, signed=False, **{**nothing, **fields})[0]


def data(letter, **fields):
    values = {name: getattr(letter, name) for name in letters.FIELDS}
    declared = dict.fromkeys(("declares_mandate", "declares_support", "declares_cofinancing"), True)
    return {**values, **declared, **fields}


def sign(invitation, **options):
    options = {"fields": data(invitation.letter), "signer_name": "An Claes", "strokes": STROKES, **options}
    return invitations.sign(invitation, **options)


def link_in(message):
    return re.search(r"/brief/([\w-]+)/", message.body)[1]


# ---------------------------------------------------------------- the link


def test_the_mail_holds_the_link_and_the_database_only_its_hash(draft, row, drain_outbox):
    invitation = invitations.invite(row, by=draft.representative)
    drain_outbox()
    (sent,) = mail.outbox
    token = link_in(sent)
    assert sent.to == [row.contact_email]
    assert token in sent.alternatives[0][0]
    assert invitations.find(token) == invitation
    assert invitation.token_hash == hashlib.sha256(token.encode()).hexdigest()
    kept = [*MailRecord.objects.values_list("text", "html"), *OutboxMessage.objects.values_list("payload", "key")]
    assert token not in str(kept)
    assert token not in str(list(LetterInvitation.objects.values()))


def test_a_company_that_writes_a_stand_in_itself_learns_nothing(draft, row, drain_outbox):
    other = bare(draft, company_name="geheim-0000 {{ secret }} bv")
    invitations.invite(row, by=draft.representative)
    invitations.invite(other, by=draft.representative)
    drain_outbox()
    assert link_in(mail.outbox[0]) != link_in(mail.outbox[1])
    assert "geheim-0000 {{ secret }} bv" in mail.outbox[1].body


def test_the_link_survives_a_new_secret_key(draft, row):
    invitation = invitations.invite(row, by=draft.representative)
    before = invitations.token_of(invitation)
    with override_settings(SECRET_KEY="een-nieuwe-sleutel", SECRET_KEY_FALLBACKS=["only-for-development-and-tests"]):
        assert invitations.token_of(invitation) == before
    with override_settings(SECRET_KEY="een-nieuwe-sleutel"), pytest.raises(LookupError):
        invitations.token_of(invitation)


def test_a_wrong_link_leads_nowhere(draft, row):
    invitations.invite(row, by=draft.representative)
    assert invitations.find("geraden") is None
    assert invitations.find("") is None


def test_the_database_refuses_a_link_in_the_clear(draft, row):
    invitation = invitations.invite(row, by=draft.representative)
    with pytest.raises(IntegrityError, match="letter_invitation_token_is_hashed"), transaction.atomic():
        LetterInvitation.objects.filter(pk=invitation.pk).update(token_hash=invitations.token_of(invitation))


# ---------------------------------------------------------------- how long


def test_a_link_ends_with_the_days_of_the_rules_or_with_the_phase(draft, row, clock):
    clock.set("2026-01-02T10:00")
    invitation = invitations.invite(row, by=draft.representative)
    assert invitation.expires_at == clock.set("2026-01-23T12:00")  # 30 days would end after the phase
    full = ApplicationFactory(state="p2_draft")
    clock.set("2026-03-02T10:00")
    later = invitations.invite(bare(full), by=full.representative)
    assert later.expires_at == clock.now() + timedelta(days=30)


def test_at_the_last_instant_one_may_sign_and_one_later_not(draft, row, clock):
    invitation = invitations.invite(row, by=draft.representative)
    at = invitation.expires_at
    with pytest.raises(TooLate, match="verlopen"):
        sign(invitation, at=at + timedelta(microseconds=1))
    assert status(invitation, at + timedelta(microseconds=1)) == S.EXPIRED
    sign(invitation, at=at)
    invitation.refresh_from_db()
    assert status(invitation) == S.SIGNED


def test_after_the_phase_nobody_is_invited(draft, row, clock):
    clock.set("2026-01-23T12:00:01")
    with pytest.raises(TooLate, match=r"de fase eindigde op 23/01/2026 om 12:00:00; het is nu 23/01/2026 om 12:00:01"):
        invitations.invite(row, by=draft.representative)


# ---------------------------------------------------------------- signing


@pytest.mark.rule("P1-LET-07")
def test_a_drawn_signature_counts_at_once_and_becomes_a_pdf(draft, row, drain_outbox):
    invitation = invitations.invite(row, by=draft.representative)
    drain_outbox()
    sign(
        invitation,
        fields=data(row, motivation="Wij zoeken partners.", commitment_amount=Decimal("2500.00"), role="Testlocatie"),
    )
    assert letters.tally(draft, 1).valid == 1
    drain_outbox()
    row.refresh_from_db()
    content = store.read_bytes(row.signed_file)
    assert content.startswith(b"%PDF")
    assert (row.motivation, row.commitment_amount, row.role) == (
        "Wij zoeken partners.",
        Decimal("2500.00"),
        "Testlocatie",
    )
    copy = mail.outbox[-1]
    assert copy.subject.startswith("Uw intentiebrief voor")
    assert copy.attachments[0][1] == content
    assert letters.tally(draft, 1).valid == 1


@pytest.mark.rule("P1-LET-07")
def test_a_letter_handed_in_before_its_pdf_is_made_counts_as_signed(draft, row):
    sign(invitations.invite(row, by=draft.representative))
    (frozen,) = snapshot.parse(freezing.take(draft, 1)).letters
    assert (frozen.file, frozen.signed_online.by, frozen.is_signed) == (None, "An Claes", True)


def test_a_company_may_give_a_signed_pdf_instead(draft, row, drain_outbox):
    sign(invitations.invite(row, by=draft.representative), strokes=(), upload=small_pdf("getekend.pdf"))
    row.refresh_from_db()
    assert row.signed_file.name == "getekend.pdf"
    assert row.online_signature.is_drawn is False


def test_what_is_no_pdf_leaves_the_link_usable(draft, row):
    invitation = invitations.invite(row, by=draft.representative)
    bad = small_pdf("brief.docx")
    with pytest.raises(DomainError, match="geen PDF-bestand"):
        sign(invitation, strokes=(), upload=bad)
    row.refresh_from_db()
    assert (row.is_signed, row.declares_mandate) == (False, False)
    assert sign(invitation).is_confirmed


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        pytest.param({"company_name": ""}, "P1-LET-01", marks=pytest.mark.rule("P1-LET-01")),
        pytest.param({"contact_name": ""}, "P1-LET-01", marks=pytest.mark.rule("P1-LET-01")),
        pytest.param({"street": ""}, "P1-LET-02", marks=pytest.mark.rule("P1-LET-02")),
        pytest.param({"enterprise_number": ""}, "P1-LET-03", marks=pytest.mark.rule("P1-LET-03")),
        pytest.param({"declares_mandate": False}, "P1-LET-04", marks=pytest.mark.rule("P1-LET-04")),
        pytest.param({"declares_support": False}, "P1-LET-05", marks=pytest.mark.rule("P1-LET-05")),
        pytest.param({"declares_cofinancing": False}, "P1-LET-06", marks=pytest.mark.rule("P1-LET-06")),
    ],
)
def test_the_minimum_is_asked_before_the_signature(draft, row, fields, rule):
    invitation = invitations.invite(row, by=draft.representative)
    with pytest.raises(DomainError) as refused:
        sign(invitation, fields=data(row, **fields))
    assert refused.value.rule_id == rule
    assert sign(invitation).is_confirmed


@pytest.mark.rule("P1-LET-09")
def test_a_negative_commitment_is_refused(draft, row):
    with pytest.raises(DomainError, match="niet negatief"):
        sign(invitations.invite(row, by=draft.representative), fields=data(row, commitment_amount=Decimal(-1)))


@pytest.mark.rule("TGT-03")
def test_a_company_from_brussels_may_sign_and_a_person_judges(draft, row):
    sign(invitations.invite(row, by=draft.representative), fields=data(row, postcode="1000", municipality="Brussel"))
    tally = letters.tally(draft, 1)
    assert (tally.valid, tally.awaiting) == (0, 1)


@pytest.mark.rule("TGT-12")
@pytest.mark.parametrize("spelling", ["BE 0{0}.{1}.{2}", "0{0}{1}{2}", "{0}.{1}.{2}"])
def test_a_company_that_is_there_already_is_named_however_its_number_is_spelled(draft, row, spelling):
    (there,) = add_letters(draft, 1, company_name="Alfa nv")
    digits = there.enterprise_number[1:]
    number = spelling.format(digits[:3], digits[3:6], digits[6:])
    with pytest.raises(DomainError, match="staat al bij de brief van Alfa nv"):
        sign(invitations.invite(row, by=draft.representative), fields=data(row, enterprise_number=number))


@pytest.mark.parametrize("name", ["D'Hondt & Zonen", "Café Zoë Çelik", "שלום תעשיות בע״מ", "شركة النور"])
def test_names_with_apostrophes_accents_and_other_scripts_stay_whole(draft, row, drain_outbox, name):
    sign(invitations.invite(row, by=draft.representative), fields=data(row, company_name=name), signer_name=name)
    drain_outbox()
    row.refresh_from_db()
    assert (row.company_name, row.signed_online_by) == (name, name)
    assert row.signed_file is not None


def test_characters_that_turn_the_text_do_not_get_in(draft, row):
    sign(invitations.invite(row, by=draft.representative), fields=data(row, company_name="Alfa\u202e vb"))
    row.refresh_from_db()
    assert row.company_name == "Alfa vb"


# ---------------------------------------------------------------- once


def test_a_link_works_once(draft, row):
    invitation = invitations.invite(row, by=draft.representative)
    sign(invitation)
    with pytest.raises(WrongState, match=r"al ondertekend\. Een link werkt één keer"):
        sign(invitation, signer_name="Iemand anders")
    with pytest.raises(WrongState, match="al ondertekend"):
        invitations.decline(invitation)
    row.refresh_from_db()
    assert row.signed_online_by == "An Claes"


def test_who_declined_does_not_sign_and_is_not_asked_again_with_the_others(draft, row):
    invitation = invitations.invite(row, by=draft.representative)
    invitations.decline(invitation, reason="Geen tijd.")
    with pytest.raises(WrongState, match="niet meedoet"):
        sign(invitation)
    assert invitations.invite_all(draft, by=draft.representative).sent == 0
    assert status(invitations.invite(row, by=draft.representative)) == S.SENT  # one at a time, knowingly


def test_a_link_taken_back_says_so(draft, row):
    invitation = invitations.invite(row, by=draft.representative)
    invitations.revoke(invitation, by=draft.colleague)
    assert invitations.state_of_link(invitations.find_by_pk(invitation.pk)) == LinkState.REVOKED
    with pytest.raises(WrongState, match="trok deze link in"):
        sign(invitation)


def test_a_letter_that_was_removed_takes_its_link_along(draft, row):
    invitation = invitations.invite(row, by=draft.representative)
    letters.remove(row, by=draft.representative)
    found = invitations.find(invitations.token_of(invitation))
    assert invitations.state_of_link(found) == LinkState.REVOKED


@pytest.mark.rule("STA-02")
def test_after_submission_the_link_says_so_and_changes_nothing(draft, clock):
    row = bare(draft)
    invitation = invitations.invite(row, by=draft.representative)
    reach(draft, "p1_submitted")
    frozen = draft.submissions.get().snapshot
    with pytest.raises(WrongState, match="al ingediend"):
        sign(invitation)
    assert invitations.state_of_link(invitations.find_by_pk(invitation.pk)) == LinkState.CLOSED
    draft.refresh_from_db()
    assert draft.submissions.get().snapshot == frozen


@pytest.mark.rule("P1-LET-07")
def test_what_the_company_signed_is_not_changed_by_the_applicant(draft, row):
    sign(invitations.invite(row, by=draft.representative))
    row = Letter.objects.get(pk=row.pk)
    with pytest.raises(NotAllowed, match="tekende deze brief zelf"):
        letters.change(row, by=draft.representative, commitment_amount=Decimal(1_000_000))
    with pytest.raises(NotAllowed):
        letters.sign(row, small_pdf(), by=draft.representative)


def test_a_company_is_asked_once_at_a_time(draft, row):
    invitations.invite(row, by=draft.representative)
    with pytest.raises(DomainError, match="kreeg al een uitnodiging"):
        invitations.invite(row, by=draft.representative)
    assert LetterInvitation.objects.count() == 1


def test_a_stranger_invites_nobody(draft, row):
    with pytest.raises(NotAllowed):
        invitations.invite(row, by=UserFactory())


# ---------------------------------------------------------------- many


def test_all_are_invited_who_can_be(draft, drain_outbox):
    add_letters(draft, 1)
    for serial in range(3):
        bare(draft, company_name=f"Bedrijf {serial}")
    bare(draft, contact_email="")
    found = invitations.invite_all(draft, by=draft.representative)
    assert (found.sent, found.refused) == (3, [])
    assert invitations.invite_all(draft, by=draft.representative).sent == 0
    drain_outbox()
    assert len(mail.outbox) == 3


def test_a_reminder_goes_once_a_day_with_the_same_link(draft, row, clock, drain_outbox):
    invitation = invitations.invite(row, by=draft.representative)
    assert invitations.remind_all(draft, by=draft.representative) == 0
    clock.advance(days=1)
    assert invitations.remind_all(draft, by=draft.representative) == 1
    with pytest.raises(DomainError, match="kreeg vandaag al een mail"):
        invitations.remind(invitation, by=draft.representative)
    drain_outbox()
    first, second = mail.outbox
    assert link_in(first) == link_in(second)
    assert second.subject.startswith("Herinnering")


@pytest.mark.rule("P2-SUB-03")
def test_phase_2_invites_everybody_of_phase_1_with_one_action(draft, clock, drain_outbox):
    signed = add_letters(draft, 3)
    (silent,) = add_letters(draft, 1, contact_email="")
    reach(draft, "p2_draft")
    clock.set("2026-03-02T10:00")
    already = add_letters(draft, 1, enterprise_number=signed[0].enterprise_number, company_name=signed[0].company_name)[
        0
    ]
    drain_outbox()
    mail.outbox.clear()
    found = invitations.invite_again(draft, by=draft.representative)
    drain_outbox()
    assert found.sent == 2
    assert found.refused == [
        f"{silent.company_name}: Vul eerst het e-mailadres van de contactpersoon van {silent.company_name} in."
    ]
    assert {message.to[0] for message in mail.outbox} == {signed[1].contact_email, signed[2].contact_email}
    tally = letters.tally(draft, 2)
    assert (tally.valid, tally.not_renewed) == (1, ())
    assert draft.letters.filter(phase=2).count() == 4
    assert already.pk in draft.letters.filter(phase=2).values_list("pk", flat=True)


@pytest.mark.rule("P1-LET-05")
def test_the_same_company_signs_anew_in_phase_2(draft, clock):
    (row,) = add_letters(draft, 1, enterprise_number=enterprise_number(42))
    reach(draft, "p2_draft")
    clock.set("2026-03-02T10:00")
    invitations.invite_again(draft, by=draft.representative)
    again = draft.letters.get(phase=2)
    assert (again.enterprise_number, again.is_signed, again.declares_support) == (row.enterprise_number, False, False)
    sign(again.invitations.get())
    assert letters.tally(draft, 2).valid == 1
