"""The search: who finds what, in which spelling, and what can be typed wrong."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import DossierBar
from ibnportal.core import clock as portal_clock
from ibnportal.core.accounts.enums import Role
from ibnportal.portal import search
from tests.factories.applications import ApplicationFactory
from tests.factories.core import OrganisationFactory, UserFactory
from tests.portal.answers.conftest import programme  # noqa: F401 - the programme's history

pytestmark = pytest.mark.django_db


def titles(text, user, kind=""):
    return {group.kind: [hit.title for hit in group.hits] for group in search.search(text, user=user, kind=kind).groups}


@pytest.fixture
def handler(make_user):
    return make_user(Role.CASE_HANDLER)


@pytest.fixture
def dossier(clock):
    return ApplicationFactory(state="p1_submitted", letters=2, title="Vlaams Innovatienetwerk Zeewier", acronym="ZEEW")


@pytest.mark.parametrize(
    "typed",
    [
        "innovatie", "netwerk", "netwerken", "innovatienetwerk", "INNOVATIEN", "zeewier vlaams", "wier", "ZEEW", "vlaâms",
        "Innovatie-netwerk!",
    ],
)  # fmt: skip
def test_a_compound_is_found_by_its_parts_in_any_spelling(typed, dossier, handler):
    assert titles(typed, handler)["dossiers"] == [f"{dossier.number} Vlaams Innovatienetwerk Zeewier"]


@pytest.mark.parametrize("typed", ["zee lucht", "tiefabriek", "innovatienetwerkx", "vlas"])
def test_every_word_has_to_fit_and_no_word_in_its_middle(typed, dossier, handler):
    assert "dossiers" not in titles(typed, handler)


def test_by_its_number_whole_or_begun(dossier, handler):
    assert len(titles(dossier.number, handler)["dossiers"]) == 1
    assert len(titles(dossier.number.lower()[:6], handler)["dossiers"]) == 1


@pytest.mark.parametrize(
    "spelling", ["0566988259", "BE 0566.988.259", "566.988.259", "be0566988259", "0566 988 259", "0566.988"]
)
def test_an_enterprise_number_in_any_spelling(spelling, handler):
    OrganisationFactory(name="Havenlogistiek nv", enterprise_number="0566988259")
    assert titles(spelling, handler) == {"organisaties": ["Havenlogistiek nv"]}


class TestWhichComeFirst:
    """The first few of either way are taken before anything is read with them; what is shown stays the same."""

    def test_what_fits_by_name_goes_before_what_fits_by_its_text_and_nothing_stands_twice(self, dossier, handler):
        word = max(search.plain(dossier.answers.filter(file=None).exclude(value="").first().value).split(), key=len)
        named = ApplicationFactory(state="p1_submitted", letters=0, title=f"Over {word}", number="ZZ-1")
        assert titles(word, handler)["dossiers"] == [f"ZZ-1 {named.title}", f"{dossier.number} {dossier.title}"]
        dossier.keywords = word
        dossier.save()
        assert len(titles(word, handler)["dossiers"]) == 2

    def test_of_more_than_fit_the_first_by_number_are_shown(self, dossier, handler):
        for n in range(search.FEW + 2):
            ApplicationFactory(
                state="p1_submitted", letters=0, title=f"Weverij {n}", number=f"W-{9 - n}", call=dossier.call
            )
        [group] = search.search("weverij", user=handler).groups
        assert [hit.title[:3] for hit in group.hits] == ["W-3", "W-4", "W-5", "W-6", "W-7"]
        assert group.has_more


class TestWhatIsHidden:
    def test_a_draft_is_found_by_its_own_people_only(self, clock, make_user, handler):
        draft = ApplicationFactory(title="Kwantumweverij")
        own = make_user(organisation=draft.applicant)
        assert titles("kwantum", own) == {"dossiers": [f"{draft.number} Kwantumweverij"]}
        for user in (
            handler,
            make_user(organisation=OrganisationFactory()),
            make_user(Role.EXPERT),
            make_user(Role.POLICY_READER),
        ):
            assert titles("kwantum", user) == {}

    def test_the_text_that_was_handed_in_is_searched_but_not_shown(self, dossier, handler, make_user):
        answer = dossier.answers.filter(file=None).exclude(value="").first()
        word = max(search.plain(answer.value).split(), key=len)
        for user in (handler, make_user(organisation=dossier.applicant)):
            [hit] = [hit for group in search.search(word, user=user, kind="dossiers").groups for hit in group.hits]
            assert hit.detail.endswith("in de tekst van het dossier")
            assert word not in hit.detail
        assert titles(word, make_user(organisation=OrganisationFactory()), "dossiers") == {}
        assert titles(word, make_user(Role.POLICY_READER), "dossiers") == {}

    def test_a_barred_dossier_is_absent_and_leaves_no_trace_in_counts(self, dossier, handler):
        others = [
            ApplicationFactory(state="p1_submitted", letters=0, title=f"Innovatienetwerk {n}")
            for n in range(search.FEW)
        ]
        DossierBar.objects.create(
            application=dossier, user=handler, reason="familie", barred_at=portal_clock.now(), barred_by=handler
        )
        found = search.search("innovatienetwerk", user=handler)
        assert [len(group.hits) for group in found.groups] == [len(others)]
        assert not found.has_more

    def test_experts_meet_no_organisation_of_a_dossier_that_is_closed_to_them(self, dossier, make_user):
        assert titles(dossier.applicant.name, make_user(Role.EXPERT)) == {}
        assert dossier.applicant.name in titles(dossier.applicant.name, make_user(Role.CASE_HANDLER))["organisaties"]

    @pytest.mark.parametrize(
        ("role", "finds"),
        [(Role.CASE_HANDLER, True), (Role.SECRETARY, True), (Role.ADMINISTRATOR, True), (Role.POLICY_READER, False), (Role.COMMITTEE_MEMBER, False), (Role.EXPERT, False), (Role.ACCOUNT_MANAGER, False)],
    )  # fmt: skip
    def test_people_are_for_who_works_with_them(self, role, finds, make_user):
        UserFactory(full_name="Xandra Quintens", email="xq@weverij.example")
        for typed in ("quintens", "xq@weverij.example"):
            assert bool(titles(typed, make_user(role))) is finds

    def test_a_visitor_finds_what_is_published(self, programme, clock):  # noqa: F811
        from django.contrib.auth.models import AnonymousUser

        found = titles("air cargo", AnonymousUser())
        assert found == {"netwerken": ["IBN1-01 Air Cargo Belgium"]}
        assert titles("leden", AnonymousUser())["vragen"]
        assert "QP-07 Hoe en wanneer worden lopende projecten opgevolgd?" not in str(
            titles("opgevolgd", AnonymousUser())
        )

    def test_the_page_of_an_organisation_shows_what_one_may_see(self, dossier, handler, make_user, as_user):
        url = reverse("portal:organisation", args=[dossier.applicant_id])
        assert dossier.number in as_user(handler).get(url).content.decode()
        assert dossier.number not in as_user(make_user(Role.POLICY_READER)).get(url).content.decode()
        assert as_user(make_user(organisation=OrganisationFactory())).get(url).status_code == 404
        assert as_user(make_user(Role.EXPERT)).get(url).status_code == 404


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        "text",
        [
            "'", "':*", "a' | 'b", "& | ! ( )", "\\", "%", "1; DROP TABLE accounts_user", "<script>alert(1)</script>",
            "{{ 7*7 }}", "\u202e", "é" * 300, "x" * 20_000, "\x00", "\U0001f600", "..", "BE", "()", "0", "wol\x00le",
            "a b c d e f g h i j k l m", "中文", "ﬁets", "İ", "ß",
        ],
    )  # fmt: skip
    def test_anything_gives_a_page(self, text, handler, as_user):
        client = as_user(handler)
        for given in ({"q": text}, {"q": text, "soort": text}, {"q": "netwerk", "soort": text}):
            response = client.get(reverse("portal:search"), given)
            assert response.status_code == 200
            assert "<script>alert" not in response.content.decode()

    def test_nothing_asks_nothing(self, handler, as_user):
        page = as_user(handler).get(reverse("portal:search")).content.decode()
        assert "Niets gevonden" not in page
        assert search.search("  ", user=handler).groups == ()

    def test_too_short_and_too_long_say_so(self, handler):
        assert search.search("a", user=handler).problem == "Geef een woord of nummer van minstens 2 tekens."
        assert (
            search.search("w" * 101, user=handler).problem
            == "Dat is te lang om te zoeken. Gebruik hoogstens 100 tekens."
        )

    def test_the_box_gets_a_fragment(self, dossier, handler, as_user):
        answer = as_user(handler).get(reverse("portal:search"), {"q": "zeewier"}, headers={"HX-Request": "true"})
        assert "<html" not in answer.content.decode()
        assert f"/behandeling/{dossier.number}/" in answer.content.decode()

    def test_a_visitor_who_asks_without_end_has_to_wait(self, client):
        for _ in range(60):
            client.get(reverse("portal:search"), {"q": "netwerk"})
        assert "Wacht een minuut" in client.get(reverse("portal:search"), {"q": "netwerk"}).content.decode()

    def test_behind_a_proxy_one_visitor_does_not_make_the_others_wait(self, client, settings):
        settings.TRUSTED_PROXY_COUNT = 1
        for _ in range(60):
            client.get(reverse("portal:search"), {"q": "netwerk"}, headers={"X-Forwarded-For": "192.0.2.1"})

        def told(address):
            answer = client.get(reverse("portal:search"), {"q": "netwerk"}, headers={"X-Forwarded-For": address})
            return "Wacht een minuut" in answer.content.decode()

        assert told("192.0.2.1")
        assert not told("192.0.2.2")


def test_so_many_queries_whatever_there_is(make_user, clock):
    user = make_user(Role.ADMINISTRATOR)
    counts = set()
    for _ in range(2):
        for _ in range(3):
            ApplicationFactory(state="p1_submitted", letters=0)
        user.forget_access()
        with CaptureQueriesContext(connection) as captured:
            search.search("circulaire", user=user)
        counts.add(len(captured))
    assert counts == {7}  # roles with organisations, and one a kind; saved questions are no rows


def test_a_long_text_is_stored_and_found(dossier, make_user):
    words = " ".join(f"woordvorming{number:06d}uitgang" for number in range(6_000))
    answer = dossier.answers.filter(file=None).first()
    answer.value = words
    answer.save()
    assert titles("woordvorming005999", make_user(organisation=dossier.applicant))["dossiers"]
