"""The admin of calls: findings shown, frozen rules read-only, copy and publish as actions."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import MultiWidget
from django.urls import reverse

from calls.domain import copying, opening
from calls.enums import CallState
from calls.models import Call, Question
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.core.audit import trail
from tests.factories.applications import small_pdf
from tests.factories.calls import CallFactory, CallRulesFactory, install_call
from tests.factories.core import pdf_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_role):
    client = as_role(Role.ADMINISTRATOR)
    client.user.is_staff = True
    client.user.save()
    return client


def act(client, action: str, *calls: Call):
    return client.post(
        reverse("admin:calls_call_changelist"),
        {"action": action, "_selected_action": [call.pk for call in calls]},
        follow=True,
    )


def test_the_list_and_the_page_of_a_call_open(client):
    call = install_call()
    assert client.get(reverse("admin:calls_call_changelist")).status_code == 200
    page = client.get(reverse("admin:calls_call_change", args=[call.pk]))
    assert "Alles klopt met elkaar." in page.content.decode()


def page_of(name: str, call: Call, *args):
    return reverse(f"admin:calls_call_{name}", args=[call.pk, *args])


def draft_of(call: Call, admin, **fields):
    """A copy of the call with its dates one year later."""
    return copying.copy_call(call, code="2026", year=2026, by=admin, shifts_dates=True, **fields)


def typed(form, **changes):
    """What a browser would post of a form that was opened, with some fields changed."""
    values = {}
    for name, field in form.fields.items():
        value = form[name].value()
        if isinstance(field.widget, MultiWidget):
            values |= {f"{name}_{n}": part for n, part in enumerate(field.widget.decompress(value))}
        else:
            values[name] = value
    return {name: "" if value is None else value for name, value in (values | changes).items()}


def announced(client, url, data):
    """Send a change, read the mail that the page then shows, and send it."""
    read = client.post(url, data)
    assert read.status_code == 200
    assert "nog niets veranderd en nog niets verstuurd" in read.content.decode()
    form = read.context["form"]
    return client.post(url, data | {name: form[name].value() for name in ("message", "previewed")})


def whole_page(client, url: str, **changes):
    """What a browser would post of a change page of the admin, inlines included, with some fields changed."""
    page = client.get(url)
    data = typed(page.context["adminform"].form)
    for inline in page.context["inline_admin_formsets"]:
        formset = inline.formset
        data |= {f"{formset.prefix}-{name}": value for name, value in typed(formset.management_form).items()}
        for form in formset.forms:
            data |= {form.add_prefix(name): value for name, value in typed(form).items() if value is not False}
    return {name: value for name, value in (data | changes).items() if value is not None}


# ---------------------------------------------------------------- copy


def test_copying_asks_what_it_is_called_and_brings_everything_along(client):
    call = install_call()
    page = client.get(page_of("copy", call)).content.decode()
    assert "4 dimensies" in page or "3 dimensies" in page
    assert act(client, "copy_call", call).redirect_chain == [(page_of("copy", call), 302)]
    data = {"name": "Oproep 2026", "code": "2026", "year": 2026, "shifts_dates": "on"}
    client.post(page_of("copy", call), data)
    copy = Call.objects.get(code="2026")
    assert (copy.name, copy.state) == ("Oproep 2026", CallState.DRAFT)
    assert copy.phase(1).closes_at == portal_clock.moment("2027-01-23T12:00")
    assert copy.milestones.get(kind="decision").starts_on.year == 2027
    assert copy.papers.count() == 3
    assert trail.history(copy).first().actor == client.user


def test_a_copy_without_dates_says_what_is_still_missing(client):
    call = install_call()
    client.post(page_of("copy", call), {"name": "Later", "code": "later", "year": 2030})
    copy = Call.objects.get(code="later")
    page = client.get(page_of("publish", copy)).content.decode()
    assert "Deze fase heeft nog geen begin en einde" in page
    assert 'value="Publiceer"' not in page


def test_a_code_that_is_taken_is_named_beside_its_field(client):
    call = install_call()
    page = client.post(page_of("copy", call), {"name": "X", "code": "2025", "year": 2026})
    assert page.status_code == 422
    assert "al een oproep met het kenmerk 2025" in page.content.decode()


# ---------------------------------------------------------------- publish


@pytest.mark.rule("PRG-05")
def test_a_draft_that_contradicts_itself_shows_it_and_is_not_published(client):
    call = CallRulesFactory(call=CallFactory(state=CallState.DRAFT), max_awards=4).call
    assert "PRG-05" in client.get(reverse("admin:calls_call_change", args=[call.pk])).content.decode()
    page = client.post(page_of("publish", call), {"confirm": "on"})
    assert page.status_code == 422
    assert "kan nog niet gepubliceerd worden" in page.content.decode()
    call.refresh_from_db()
    assert call.state == CallState.DRAFT


def test_publishing_asks_to_confirm_and_then_it_is_out(client):
    copy = draft_of(install_call(), client.user)
    assert client.post(page_of("publish", copy), {}).status_code == 422
    client.post(page_of("publish", copy), {"confirm": "on"})
    copy.refresh_from_db()
    assert copy.state == CallState.PUBLISHED
    assert copy.frozen_at is not None
    assert client.get(page_of("publish", copy)).status_code == 302


def test_closing_a_call(client):
    call = install_call()
    act(client, "close_calls", call)
    call.refresh_from_db()
    assert call.state == CallState.CLOSED


def test_frozen_rules_are_read_only(client):
    rules = install_call().current_rules()
    url = reverse("admin:calls_callrules_change", args=[rules.pk])
    assert 'name="max_awards"' not in client.get(url).content.decode()
    assert client.post(url, {"max_awards": 9}).status_code == 403


def test_rules_of_a_draft_can_be_filled_in(client):
    rules = CallRulesFactory(call=CallFactory(state=CallState.DRAFT))
    page = client.get(reverse("admin:calls_callrules_change", args=[rules.pk])).content.decode()
    assert 'name="max_awards"' in page
    assert "euro; PRG-02, handleiding 1 en 4" in page


def test_criteria_of_a_published_call_are_read_only(client):
    dimension = install_call().dimensions.first()
    page = client.get(reverse("admin:calls_dimension_change", args=[dimension.pk])).content.decode()
    assert 'name="criteria-0-weight"' not in page


# ---------------------------------------------------------------- edit a draft


def test_a_change_in_the_admin_is_in_the_trail(client):
    call = CallFactory(state=CallState.DRAFT)
    url = reverse("admin:calls_call_change", args=[call.pk])
    response = client.post(url, whole_page(client, url, name="Een andere naam"))
    assert response.status_code == 302
    assert trail.history(call).last().action == "call.changed"


def test_two_administrators_do_not_overwrite_each_other_unseen(client, as_role):
    call = CallFactory(state=CallState.DRAFT)
    url = reverse("admin:calls_call_change", args=[call.pk])
    first = whole_page(client, url, name="Mijn naam")
    other = as_role(Role.ADMINISTRATOR, full_name="Bert Tweede", is_staff=True)
    other.post(url, whole_page(other, url, name="Naam van Bert"))
    refused = client.post(url, first)
    page = refused.content.decode()
    assert refused.status_code == 200
    assert "Bert Tweede" in page
    assert "Mijn naam" in page
    call.refresh_from_db()
    assert call.name == "Naam van Bert"
    again = whole_page(client, url, name="Mijn naam")
    assert client.post(url, again).status_code == 302


def test_who_still_has_a_page_open_when_the_call_is_published_changes_nothing(client):
    copy = draft_of(install_call(), client.user)
    section = copy.sections.get(phase=1, code="initiatief")
    url = reverse("admin:calls_section_change", args=[section.pk])
    data = whole_page(client, url, title="Anders")
    opening.publish(copy, by=client.user)
    assert client.post(url, data).status_code == 403
    section.refresh_from_db()
    assert section.title != "Anders"


def test_a_question_with_choices_is_typed_one_a_line(client):
    copy = draft_of(install_call(), client.user)
    section = copy.sections.get(phase=1, code="organisatie")
    url = reverse("admin:calls_section_change", args=[section.pk])
    index = [question.code for question in section.questions.all()].index("clusterorganisatie")
    data = whole_page(client, url, **{f"questions-{index}-choice_lines": "a = Eerste\nTweede keuze"})
    assert client.post(url, data).status_code == 302
    assert Question.objects.get(section=section, code="clusterorganisatie").choices == [
        ["a", "Eerste"], ["tweede-keuze", "Tweede keuze"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"choice_lines": "Enige"}, "minstens twee keuzes"),
        ({"choice_lines": "a = Een\na = Twee"}, "dezelfde code"),
        ({"word_limit": "50"}, "hoort enkel bij een tekst"),
        ({"page_limit": "2"}, "hoort enkel bij een bestand"),
    ],
)
def test_a_question_that_nobody_could_answer_is_refused(client, changes, message):
    copy = draft_of(install_call(), client.user)
    section = copy.sections.get(phase=1, code="organisatie")
    url = reverse("admin:calls_section_change", args=[section.pk])
    index = [question.code for question in section.questions.all()].index("clusterorganisatie")
    data = whole_page(client, url, **{f"questions-{index}-{name}": value for name, value in changes.items()})
    page = client.post(url, data)
    assert page.status_code == 200
    assert message in page.content.decode()


def test_a_closing_before_the_opening_is_said_on_the_page(client):
    copy = draft_of(install_call(), client.user)
    url = reverse("admin:calls_call_change", args=[copy.pk])
    data = whole_page(client, url, **{"phases-0-closes_at_0": "2020-01-01", "phases-0-closes_at_1": "12:00:00"})
    page = client.post(url, data)
    assert page.status_code == 200
    assert "Een fase opent voor ze sluit" in page.content.decode()
    assert copy.phase(1).closes_at.year == 2027


# ---------------------------------------------------------------- amend what is out


@pytest.mark.rule("PRG-22")
def test_figures_of_a_published_call_change_with_a_reason_only(client):
    call = install_call()
    url = page_of("amend_rules", call)
    form = client.get(url).context["form"]
    refused = client.post(url, typed(form, min_letters_phase1=8, reason=""))
    assert refused.status_code == 422
    stale = typed(form, min_letters_phase1=8, reason="Minder brieven")
    assert announced(client, url, stale).status_code == 302
    assert call.rules().min_letters(1) == 8
    late = client.post(url, stale | {"min_letters_phase1": 9})
    assert "Intussen is er een versie 2" in late.content.decode()
    assert "Minder brieven" in client.get(reverse("admin:calls_call_change", args=[call.pk])).content.decode()


@pytest.mark.parametrize(
    ("page", "changes", "told"),
    [
        ("amend_rules", {"min_letters_phase1": 8}, "Intentiebrieven vooraanmelding\n  was: 10\n  wordt: 8"),
        ("amend_texts", {"contact_email": "ibn@elders.example"}, "wordt: ibn@elders.example"),
        ("amend_dates", {}, "wordt: 03/08/2026"),
    ],
)
def test_the_mail_about_a_change_is_read_before_it_goes(client, clock, page, changes, told):
    call = install_call()
    url = page_of(page, call)
    form = client.get(url).context["form"]
    if page == "amend_dates":
        changes = {f"m{call.milestones.get(kind='decision').pk}-starts_on": "2026-08-03"}
    read = client.post(url, typed(form, **changes, reason="Proef", stap="voorbeeld"))
    assert read.status_code == 200
    assert "Er is nog niets veranderd en nog niets verstuurd" in read.content.decode()
    mail = read.context["form"]["message"].value()
    assert told in mail
    assert "Waarom: Proef" in mail
    assert not call.amendments.exists()
    sent = typed(read.context["form"], **changes, reason="Proef", message=mail)
    assert client.post(url, sent).status_code == 302
    assert call.amendments.count() == 1


@pytest.mark.parametrize(
    ("figure", "typed_as", "message"),
    [
        ("grant_fraction", "1.7", "Steunpercentage: Schrijf een deel: meer dan 0 en hoogstens 1"),
        ("sensitivity_fraction", "1", "Schrijf een deel: meer dan 0 en minder dan 1"),
        ("min_cash_fraction", "0.6", "naast 0.3000 inkomsten hoort 0.7000 cash"),
        ("max_grant_total", "1", "is meer dan die over het project"),
        ("max_budget_year", "-5", "Hoogste begroting per jaar: Dit kan niet minder dan nul zijn."),
    ],
)  # fmt: skip
def test_a_figure_that_cannot_be_is_named_in_words(client, figure, typed_as, message):
    url = page_of("amend_rules", install_call())
    form = client.get(url).context["form"]
    refused = client.post(url, typed(form, **{figure: typed_as}, reason="Proef"))
    assert refused.status_code == 422
    assert message in refused.content.decode()
    assert "is geschonden" not in refused.content.decode()


def test_dates_of_a_published_call_change_with_the_calendar_checked(client, clock):
    call = install_call()
    url = page_of("amend_dates", call)
    form = client.get(url).context["form"]
    decision = call.milestones.get(kind="decision")
    wrong = client.post(url, typed(form, reason="Vroeger", **{f"m{decision.pk}-starts_on": "2026-05-01"}))
    assert wrong.status_code == 422
    assert "Beslissing op 01/05/2026 klopt niet" in wrong.content.decode()
    right = announced(client, url, typed(form, reason="Later", **{f"m{decision.pk}-starts_on": "2026-08-03"}))
    assert right.status_code == 302
    decision.refresh_from_db()
    assert decision.starts_on.month == 8


def test_texts_of_a_published_call_change_with_a_reason(client):
    call = install_call()
    url = page_of("amend_texts", call)
    form = client.get(url).context["form"]
    assert announced(client, url, typed(form, summary="Korter.", reason="Leesbaar")).status_code == 302
    assert [a.kind for a in call.amendments.all()] == ["texts"]


def test_a_next_version_of_a_template_begins_with_what_is_known_of_it(client):
    call = install_call()
    link = page_of("paper", call) + "?code=pitch"
    assert link in client.get(reverse("admin:calls_call_change", args=[call.pk])).content.decode()
    form = client.get(link).context["form"]
    assert (form["code"].value(), form["kind"].value()) == ("pitch", "pitch")
    assert client.get(page_of("paper", call) + "?code=%00<b>").context["form"]["code"].value() is None


TEMPLATE = {"code": "pitch", "title": "Pitch", "kind": "pitch", "phase": 1, "note": ""}


def test_a_template_of_a_published_call_goes_out_once_its_mail_was_read(client):
    call = install_call()
    url = page_of("paper", call)
    refused = client.post(url, TEMPLATE | {"file": small_pdf("pitch-nieuw.pdf")})
    assert refused.status_code == 422
    kept = refused.context["form"]["kept"].value()
    assert "“pitch-nieuw.pdf” is opgeladen" in refused.content.decode()
    read = client.post(url, TEMPLATE | {"kept": kept, "reason": "Nieuwe huisstijl"})
    form = read.context["form"]
    assert "wordt: versie 2: pitch-nieuw.pdf" in form["message"].value()
    assert not call.amendments.exists()
    sent = typed(form, message="Er is een nieuw sjabloon.\n\n{dossiers}", stap="verstuur")
    del sent["file"]
    assert client.post(url, sent).status_code == 302
    assert call.papers.get(code="pitch", version=2).file.name == "pitch-nieuw.pdf"
    assert [a.kind for a in call.amendments.all()] == ["paper"]
    assert trail.history(call).filter(action="call.amended").last().changes["message"].startswith("Er is een nieuw")


def test_another_file_than_the_one_in_the_mail_is_read_again(client):
    call = install_call()
    url = page_of("paper", call)
    first = client.post(url, TEMPLATE | {"file": small_pdf("eerste.pdf"), "reason": "Huisstijl"})
    sent = typed(first.context["form"]) | {"file": small_pdf("tweede.pdf")}
    again = client.post(url, sent)
    assert again.status_code == 422
    assert "is niet meer wat het was toen u deze mail las" in again.content.decode()
    sent = typed(again.context["form"], previewed=again.context["form"]["previewed"].value())
    del sent["file"]
    assert client.post(url, sent).status_code == 302
    assert call.papers.get(code="pitch", version=2).file.name == "tweede.pdf"


@pytest.mark.parametrize("kept", ["", "12", "12:abc:def", "\x00", "x" * 300])
def test_a_file_that_was_not_kept_is_asked_again(client, kept):
    url = page_of("paper", install_call())
    page = client.post(url, TEMPLATE | {"kept": kept, "reason": "Huisstijl", "previewed": "x", "message": ""})
    assert page.status_code == 422
    assert page.context["form"].errors["file"]


def test_what_changes_before_a_call_is_out_tells_nobody(client):
    copy = draft_of(install_call(), client.user)
    url = page_of("paper", copy)
    assert "Bekijk de mail" not in client.get(url).content.decode()
    assert client.post(url, TEMPLATE | {"file": small_pdf("pitch.pdf"), "stap": "voorbeeld"}).status_code == 302
    rules = page_of("amend_rules", copy)
    form = client.get(rules).context["form"]
    changed = typed(form, min_letters_phase1=8, reason="Minder brieven", stap="voorbeeld")
    assert client.post(rules, changed).status_code == 302
    assert not copy.amendments.exists()


def test_a_template_that_is_not_what_it_says_is_named(client):
    call = draft_of(install_call(), client.user)
    upload = SimpleUploadedFile("pitch.pptx", pdf_bytes())
    page = client.post(page_of("paper", call), {"code": "p", "title": "P", "kind": "pitch", "file": upload})
    assert page.status_code == 422
    assert "pitch.pptx" in page.content.decode()


def test_a_mail_text_shows_how_it_would_look_before_it_is_kept(client):
    call = draft_of(install_call(), client.user)
    url = page_of("mail_text", call, "receipt")
    page = client.get(url).content.decode()
    assert "{dossiernummer}" in page
    assert "Zo vertrekt deze mail nu" in page
    assert f"Dossier: IBN-{call.code}-001" in page
    wrong = client.post(url, {"subject": "", "body": "Dag {naam}"}).content.decode()
    assert "{naam} bestaat niet in dit bericht" in wrong
    body = "Dag\n\n{kern}\n\nGroet van {oproep}"
    sample = client.post(url, {"subject": "Ontvangen: {initiatief}", "body": body, "voorbeeld": "1"}).content.decode()
    assert "Ontvangen: Voorbeeldinitiatief" in sample
    assert "Wat u indiende, ligt nu vast." in sample
    assert "Het IBN-portaal" not in sample
    assert not call.mail_texts.exists()
    client.post(url, {"subject": "Ontvangen: {initiatief}", "body": body})
    assert call.mail_texts.get().kind == "receipt"
    assert client.get(page_of("mail_text", call, "onbekend")).status_code == 404


def test_the_questions_are_previewed_before_the_call_is_out(client, as_role):
    copy = draft_of(install_call(), client.user)
    url = reverse("portal:call_preview", args=[copy.code, 2])
    page = client.get(url).content.decode()
    assert "Hier wordt niets bewaard" in page
    assert 'type="file"' in page
    assert as_role(Role.CASE_HANDLER).get(url).status_code == 404
    assert client.get(reverse("calls:detail", args=[copy.code])).status_code == 200


def test_nobody_else_gets_in(as_role):
    response = as_role(Role.CASE_HANDLER).get(reverse("admin:calls_call_changelist"))
    assert response.status_code in {302, 404}
