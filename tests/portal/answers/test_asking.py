"""What can be typed wrong, by page and by command: a sentence that names the field, never an error page, never an empty chart."""

import json
import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ibnportal.core.accounts.enums import Role
from ibnportal.core.errors import DomainError
from ibnportal.portal.answers import asking, register
from ibnportal.portal.answers.table import Answer
from ibnportal.portal.views.answers import THEMES

pytestmark = pytest.mark.django_db

INJECTIONS = (
    "' OR 1=1 --",
    "1; DROP TABLE monitoring_network",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "\u202e",
    "é" * 300,
    "%00",
    "../../etc",
)


@pytest.mark.parametrize("text", ["2017-03-31", "31/3/2017", "31-03-2017", "31.3.2017"])
def test_a_day_in_four_spellings(text, clock):
    assert asking.read({"stand": text}).as_of == date(2017, 3, 31)


def test_no_day_is_today(clock):
    assert asking.read({}).as_of == date(2026, 1, 20)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"stand": "2031-01-01"}, "Stand op: 01/01/2031 ligt in de toekomst"),
        ({"stand": "31/02/2017"}, "is geen datum"),
        ({"stand": "0001-01-01"}, "is geen datum"),
        ({"oproep": "1999"}, "Oproep: “1999” bestaat niet. Kies uit: 2015, 2017, 2025."),
        ({"netwerk": "IBN9-99"}, "Netwerk: “IBN9-99” bestaat niet"),
        ({"provincie": "Zeeland"}, "Provincie: “Zeeland” bestaat niet. Kies uit: Antwerpen"),
        ({"grootte": "reusachtig"}, "Grootte: “reusachtig” bestaat niet"),
        ({"sector": "zz"}, "Sector: “zz” is geen NACE-code"),
        ({"onderneming": "0566.988.258"}, "Het controlegetal van 0566.988.258 klopt niet"),
    ],
)  # fmt: skip
def test_bad_input_names_field_and_way_out(given, message, clock, programme):
    with pytest.raises(DomainError) as caught:
        asking.read(given)
    assert message in caught.value.message


@pytest.mark.parametrize("spelling", ["0566988259", "BE 0566.988.259", "566.988.259"])
def test_an_enterprise_number_in_three_spellings(spelling):
    assert asking.read({"onderneming": spelling}).company == "0566988259"


@pytest.mark.parametrize("name", asking.PARAMETERS)
@pytest.mark.parametrize("text", INJECTIONS)
def test_injection_in_each_parameter_is_refused_in_words(name, text):
    with pytest.raises(DomainError):
        asking.read({name: text})


def answered(**given: str) -> list[tuple[str, Answer]]:
    asked = asking.read(given)
    return [(one.id, one.answer(asked)) for one in register.QUESTIONS]


@pytest.mark.usefixtures("programme")
class TestEveryQuestion:
    def test_before_everything_it_says_so(self):
        silent = [
            name
            for name, found in answered(stand="2014-01-01")
            if found.rows or found.chart or found.total or not found.unanswered
        ]
        assert silent == []

    def test_on_a_call_without_decisions_it_has_rows_or_a_reason(self, clock):
        assert [name for name, found in answered(oproep="2025") if not (found.rows or found.unanswered)] == []

    @pytest.mark.parametrize("as_of", ["2017-03-31", "2019-11-07", "2020-01-31", ""])
    def test_every_figure_has_its_source_and_every_row_its_own_key(self, as_of):
        for name, found in answered(stand=as_of):
            figures = [column.key for column in found.columns if column.is_figure]
            told = [row for row in found.rows if any(row.cells.get(key) is not None for key in figures)]
            assert (name, [row.key for row in told if not any(one.source for one in row.behind)]) == (name, [])
            assert (name, len({row.key for row in found.rows})) == (name, len(found.rows))

    def test_without_an_answer_there_is_a_reason_and_no_chart(self):
        assert [name for name, found in answered(stand="2020-01-31") if found.unanswered and found.chart] == []

    def test_the_command_prints_a_table(self, clock):
        for one in register.QUESTIONS:
            out = StringIO()
            call_command("answer", one.id, stand="2020-01-31", stdout=out)
            assert out.getvalue().startswith(f"{one.id}  {one.title}\nStand op vrijdag 31 januari 2020")


@pytest.mark.usefixtures("programme")
class TestCommand:
    def run(self, *args, **options) -> str:
        out = StringIO()
        call_command("answer", *args, stdout=out, **options)
        return out.getvalue()

    def test_without_a_question_it_lists_them(self):
        assert self.run().splitlines()[0].startswith("QP-01  ")

    def test_csv_has_a_row_a_project(self):
        lines = self.run("qp-06", stand="2017-03-31", format="csv").splitlines()
        assert len(lines) == 15
        assert lines[0].startswith("Titel;Aanvrager;Toegekende steun")

    def test_json_keeps_amounts_exact(self):
        data = json.loads(self.run("QP-06", stand="2017-03-31", format="json"))
        assert data["total"] == {"award": "4824749", "months": "921"}
        assert data["parameters"] == {"stand": "2017-03-31"}

    def test_xlsx_goes_to_a_file_with_its_definitions(self, tmp_path):
        from openpyxl import load_workbook

        self.run("QP-06", stand="2017-03-31", format="xlsx", output=tmp_path / "a.xlsx")
        book = load_workbook(tmp_path / "a.xlsx")
        assert book.sheetnames == ["QP-06", "Toelichting"]
        assert book["QP-06"].max_row == 15

    def test_a_filter_that_the_question_does_not_have_is_refused(self):
        with pytest.raises(CommandError, match=r"QP-18 heeft geen filter “oproep”\. Kies uit: stand\."):
            self.run("QP-18", oproep="2015")

    @pytest.mark.parametrize("args", [("QX-99",), ("QP-06'; --",)])
    def test_an_unknown_question_is_refused(self, args):
        with pytest.raises(CommandError, match="is geen bewaarde vraag"):
            self.run(*args)


@pytest.mark.usefixtures("programme")
class TestPages:
    def test_the_list_is_searched_by_all_words(self, as_role):
        text = as_role(Role.POLICY_READER).get("/antwoorden/?zoek=kmo leden").content.decode()
        assert "QP-20" in text
        assert "QP-06" not in text

    def test_a_search_without_result_says_so(self, as_role):
        assert "Geen vraag gevonden" in as_role(Role.POLICY_READER).get("/antwoorden/?zoek=zzz").content.decode()

    def test_a_figure_opens_the_rows_behind_it(self, as_role):
        page = as_role(Role.POLICY_READER).get("/antwoorden/qp-19/?stand=2020-01-31&achter=IBN1-06").content.decode()
        assert "Achter Composieten" in page
        assert "Schriftelijke vraag 98 van 7 november 2019, antwoord 4" in page

    def test_what_is_typed_wrong_stands_there_with_a_message(self, as_role):
        page = as_role(Role.POLICY_READER).get("/antwoorden/qp-20/?stand=31/31/2019&sector=<b>").content.decode()
        assert "is geen datum" in page
        assert "&lt;b&gt;" in page
        assert "<table" not in page

    @pytest.mark.parametrize(
        ("kind", "start"), [("csv", "text/csv"), ("xlsx", "application/vnd"), ("json", "application/json")]
    )
    def test_it_is_exported(self, as_role, kind, start):
        response = as_role(Role.POLICY_READER).get(f"/antwoorden/qp-06/?stand=2017-03-31&formaat={kind}")
        assert response["Content-Type"].startswith(start)
        assert f'filename="qp-06-2017-03-31.{kind}"' in response["Content-Disposition"]

    def test_a_theme_says_once_why_its_questions_have_no_answer(self, as_role):
        page = as_role(Role.POLICY_READER).get("/antwoorden/beeld/leden/?stand=2020-01-31").content.decode()
        assert page.count("Van geen enkel netwerk staan op die dag de leden in het portaal") == 1
        for name in THEMES["leden"][1]:
            assert f"/antwoorden/{name.lower()}/?stand=2020-01-31" in page

    def test_a_theme_is_narrowed_to_a_call_and_a_type_where_its_questions_can_be(self, as_role):
        client = as_role(Role.POLICY_READER)
        shown = {}
        for given in ("", "&type=independent", "&oproep=2017&type=established"):
            page = client.get(f"/antwoorden/beeld/oproepen/?stand=2020-01-31{given}")
            shown[given] = {one["question"].id: (len(one["rows"]), one["without"], one["query"]) for one in page.context["panels"]}  # fmt: skip
        assert {given: panels["QE-06"][0] for given, panels in shown.items()} == {"": 2, "&type=independent": 1, "&oproep=2017&type=established": 1}  # fmt: skip
        assert shown["&type=independent"]["QP-05"] == (shown[""]["QP-05"][0], ["soort netwerk"], "stand=2020-01-31")
        assert shown["&oproep=2017&type=established"]["QP-05"] == (3, ["soort netwerk"], "stand=2020-01-31&oproep=2017")
        assert "Over alles: deze vraag heeft geen filter soort netwerk." in page.content.decode()
        assert "/antwoorden/beeld/geld/?stand=2020-01-31&amp;oproep=2017&amp;type=established" in page.content.decode()

    def test_by_what_an_answer_is_narrowed_stands_with_it_also_where_no_form_is(self, as_role):
        """On paper and in a letter the form is not there, and 9 networks would be read as all 20."""
        told = "soort netwerk Zelfstandig"
        client = as_role(Role.POLICY_READER)
        page = client.get("/antwoorden/qe-06/?stand=2020-01-31&type=independent")
        assert ("Beperkt tot", f"{told}.", "") in page.context["facts"]
        theme = client.get("/antwoorden/beeld/oproepen/?stand=2020-01-31&type=independent").content.decode()
        assert f"Beperkt tot {told}.</p>" in theme
        out = StringIO()
        call_command("answer", "QE-06", stand="2020-01-31", type="independent", stdout=out)
        assert f"\nBeperkt tot: {told}.\n" in out.getvalue()
        assert "Beperkt tot" not in client.get("/antwoorden/qe-06/?stand=2020-01-31").content.decode()

    @pytest.mark.parametrize(("name", "text"), [("stand", "2050-01-01"), ("oproep", "' OR 1=1"), ("type", "<b>")])
    def test_what_a_theme_cannot_be_asked_is_told_at_its_field(self, as_role, name, text):
        page = as_role(Role.POLICY_READER).get("/antwoorden/beeld/oproepen/", {name: text})
        assert list(page.context["form"].errors) == [name]
        assert "panels" not in page.context

    def test_no_page_of_an_answer_shows_the_number_of_a_rule(self, as_role):
        client = as_role(Role.POLICY_READER)
        for name in ("qp-15", "qp-19", "qe-01", "qp-28"):
            page = client.get(f"/antwoorden/{name}/?stand=2020-01-31").content.decode()
            assert "Basis" in page or "Dekking" in page
            assert not re.search(r"\((?:HK|HE|H|LES|SPC)-\d", page), name

    @pytest.mark.parametrize("role", [Role.EXPERT, Role.COMMITTEE_MEMBER, Role.ACCOUNT_MANAGER])
    def test_others_find_nothing(self, as_role, role):
        assert as_role(role).get("/antwoorden/qp-06/").status_code == 404

    def test_an_unknown_question_is_not_found(self, as_role):
        assert as_role(Role.POLICY_READER).get("/antwoorden/qx-01/").status_code == 404


@pytest.mark.parametrize("day", ["2014-12-31", "2020-06-30", "2025-12-31"])
def test_a_theme_of_the_dashboard_reads_nothing_twice(programme, make_user, django_assert_max_num_queries, day):
    reader = make_user(Role.POLICY_READER)
    for theme, (_, names) in THEMES.items():
        asked = asking.read({"stand": day}, reader=reader)
        with django_assert_max_num_queries(17) as captured:
            for name in names:
                register.question(name).answer(asked)
        sql = [query["sql"] for query in captured.captured_queries]
        assert len(sql) == len(set(sql)), theme
