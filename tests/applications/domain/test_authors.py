"""Who writes along: invitations that work once, for one person, and roles that hold in every verb."""

import re

import pytest

from applications.domain import authors, drafts, letters, submission
from applications.enums import AuthorRole
from applications.models import Application, DossierAuthor, Invitation, Letter
from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError, NotAllowed, WrongState
from ibnportal.core.outbox.models import MailRecord, OutboxMessage
from tests.factories.applications import ApplicationFactory, add_letters
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(clock):
    return ApplicationFactory()


def invited(draft, user, role=AuthorRole.AUTHOR, by=None):
    return authors.invite(draft, email=user.email, full_name=str(user), role=role, by=by or draft.representative)


def joined(draft, role=AuthorRole.AUTHOR, **fields):
    user = UserFactory(**fields)
    authors.accept(invited(draft, user, role), by=user)
    return user


def test_an_invitation_goes_out_with_a_link_that_only_the_mail_holds(draft, drain_outbox, mailoutbox):
    invitation = invited(draft, UserFactory(email="nele@elders.be"))
    drain_outbox()
    sent = next(mail for mail in mailoutbox if mail.to == ["nele@elders.be"])
    token = re.search(r"/uitnodiging/([^/\s]+)/", sent.body)[1]
    assert authors.of_token(token) == invitation
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values().get())
    assert token not in "".join(f"{mail.text}{mail.html}" for mail in MailRecord.objects.all())
    assert token not in str(list(OutboxMessage.objects.values()))


def test_an_invited_author_writes_in_this_dossier_and_in_no_other(draft):
    other = ApplicationFactory(applicant=draft.applicant)
    author = joined(draft)
    question = draft.call.sections.get(phase=1, code="initiatief").questions.get(code="samenvatting")
    drafts.save_answer(draft, question, "Samen bouwen.", version=0, by=author)
    assert list(Application.objects.visible_to(author)) == [draft]
    with pytest.raises(NotAllowed):
        drafts.save_answer(other, question, "Samen bouwen.", version=0, by=author)


def test_an_invited_author_works_on_the_letters_too(draft):
    author = joined(draft)
    letters.add(draft, by=author, company_name="Alfa bv")
    strangers = ApplicationFactory()
    add_letters(strangers, 1)
    assert [letter.company_name for letter in Letter.objects.visible_to(author)] == ["Alfa bv"]


def test_a_reader_sees_everything_and_changes_nothing(draft):
    reader = joined(draft, AuthorRole.READER)
    assert Application.objects.visible_to(reader).get() == draft
    with pytest.raises(NotAllowed):
        drafts.save_facts(draft, by=reader, title="Anders")


@pytest.mark.rule("ROL-06")
def test_an_invited_author_does_not_sign(draft):
    author = joined(draft)
    with pytest.raises(NotAllowed, match="rechtsgeldig vertegenwoordiger"):
        submission.submit(draft, by=author, received_at=draft.created_at)
    with pytest.raises(NotAllowed):
        submission.withdraw(draft, by=author, reason="Ik wil het.")


@pytest.mark.rule("ROL-06")
def test_only_who_signs_makes_somebody_a_signatory_or_a_colleague(draft):
    for role in (AuthorRole.SIGNATORY, AuthorRole.COLLEAGUE):
        with pytest.raises(NotAllowed, match="Alleen een rechtsgeldig vertegenwoordiger"):
            invited(draft, UserFactory(), role, by=draft.colleague)
    signatory = joined(draft, AuthorRole.SIGNATORY)
    assert signatory.represents(draft.applicant)
    colleague = joined(draft, AuthorRole.COLLEAGUE)
    assert colleague.belongs_to(draft.applicant)
    assert not colleague.represents(draft.applicant)


def test_a_signatory_who_lost_the_power_lets_nobody_in_any_more(draft):
    user = UserFactory()
    invitation = invited(draft, user, AuthorRole.SIGNATORY)
    draft.representative.memberships.update(is_legal_representative=False)
    with pytest.raises(NotAllowed):
        authors.accept(invitation, by=user)
    assert not user.represents(draft.applicant)


def test_a_link_works_once_and_only_for_its_own_address(draft):
    user, thief = UserFactory(), UserFactory()
    invitation = invited(draft, user)
    with pytest.raises(NotAllowed, match=f"voor {user.email}"):
        authors.accept(invitation, by=thief)
    authors.accept(invitation, by=user)
    with pytest.raises(WrongState, match="al aanvaard"):
        authors.accept(invitation, by=user)
    assert DossierAuthor.objects.count() == 1


def test_a_link_ends_by_itself_by_being_taken_back_and_by_a_newer_one(draft, clock):
    user = UserFactory()
    first = invited(draft, user)
    second = invited(draft, user)
    with pytest.raises(WrongState, match="ingetrokken of vervangen"):
        authors.accept(first, by=user)
    authors.revoke(second, by=draft.colleague)
    with pytest.raises(WrongState, match="ingetrokken"):
        authors.accept(second, by=user)
    third = invited(draft, user)
    clock.advance(days=14)
    with pytest.raises(WrongState, match="verviel op"):
        authors.accept(third, by=user)
    assert not Application.objects.visible_to(user).exists()


def test_who_is_taken_out_sees_nothing_any_more_and_their_text_stays(draft):
    author = joined(draft)
    question = draft.call.sections.get(phase=1, code="initiatief").questions.get(code="samenvatting")
    answer = drafts.save_answer(draft, question, "Samen bouwen.", version=0, by=author)
    authors.end(DossierAuthor.objects.get(), by=draft.colleague)
    assert not Application.objects.visible_to(author).exists()
    assert not authors.writes_along(author)
    answer.refresh_from_db()
    assert answer.saved_by == author
    with pytest.raises(NotAllowed):
        drafts.save_answer(draft, question, "Toch nog.", version=1, by=author)


def test_an_author_takes_out_nobody_but_themselves(draft):
    first, second = joined(draft), joined(draft)
    row = DossierAuthor.objects.get(user=second)
    with pytest.raises(NotAllowed):
        authors.end(row, by=first)
    authors.end(row, by=second)
    assert DossierAuthor.objects.current().get().user == first


def test_who_works_for_the_programme_is_never_let_in(draft, make_user):
    expert = make_user(Role.EXPERT)
    with pytest.raises(DomainError, match="voor het programma werkt"):
        invited(draft, expert)


def test_who_writes_along_already_gets_no_second_link(draft):
    with pytest.raises(DomainError, match="schrijft al mee"):
        invited(draft, draft.colleague, AuthorRole.AUTHOR)
    author = joined(draft)
    with pytest.raises(DomainError, match="schrijft al mee"):
        invited(draft, author)


@pytest.mark.parametrize("address", ["", "geen adres", "a@b@c", "nele@elders.be\nBcc: x@y.be"])
def test_what_is_no_address_is_refused_in_words(draft, address):
    with pytest.raises(DomainError, match="geen e-mailadres"):
        authors.invite(draft, email=address, full_name="Nele", role="author", by=draft.representative)


def test_the_list_shows_who_signs_first(draft):
    author = joined(draft)
    found = [(writer.user, writer.role) for writer in authors.writers(draft)]
    assert found == [
        (draft.representative, AuthorRole.SIGNATORY),
        (draft.colleague, AuthorRole.COLLEAGUE),
        (author, AuthorRole.AUTHOR),
    ]
