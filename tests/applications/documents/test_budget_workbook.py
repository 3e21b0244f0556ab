"""The budget workbook: made, filled in, read back; everything that can be wrong with it is said by sheet and cell."""

import re
import zipfile
from decimal import Decimal
from functools import cache
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.styles import numbers

from applications.documents import budget_layout as layout
from applications.documents import budget_reading as reading
from applications.documents import budget_workbook as workbook
from applications.domain import budget, budget_lines
from applications.domain.budget_lines import Expected, ReadLine
from tests.applications.domain.sample import RULES, replace
from tests.factories.applications import COSTS, fill_budget

EXPECTED = Expected("2025", "IBN-2025-001", RULES)
PARTLY = replace(EXPECTED, recoverable_vat_fraction=Decimal("0.4"))


def blank(expected=EXPECTED, **fields):
    return workbook.build(expected, **{"title": "Circulaire materialen", "applicant": "Flux vzw", **fields})


@cache
def filled():
    return fill_budget(blank())


def changed(change, content=None):
    """The filled workbook after `change(book)`."""
    book = load_workbook(BytesIO(content or filled()))
    change(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def set_cell(sheet, cell, value):
    return lambda book: book[sheet].__setitem__(cell, value)


def findings(content, expected=EXPECTED):
    read = reading.read(content, expected)
    return [*read.findings, *budget_lines.examine(read.lines, expected)]


def wrong(content, expected=EXPECTED):
    return [(found.where, found.message) for found in findings(content, expected)]


# ---------------------------------------------------------------- made and read back


@pytest.mark.rule("BUD-01")
def test_what_people_fill_in_is_read_back_by_year_and_type():
    read = reading.read(filled(), EXPECTED)
    assert read.findings == ()
    sums = budget.figures(read.lines, RULES)
    assert (sums.total, sums.person_months, sums.requested_grant) == (Decimal(300000), Decimal(72), Decimal(150000))
    assert sums.by_year_and_type[2, "overhead"] == Decimal(5000)
    first = read.lines[0]
    assert (first.description, first.project_year, first.amount, first.person_months, first.cell) == (
        "Clustermanager", 1, Decimal("60000.00"), Decimal("12.00"), "Personeel jaar 1!C5",
    )  # fmt: skip


@pytest.mark.rule("BUD-01")
@pytest.mark.rule("BUD-09")
def test_there_is_one_sheet_a_cost_type_and_project_year_with_instructions_and_a_summary():
    book = load_workbook(BytesIO(blank()))
    assert book.sheetnames == [
        "Uitleg",
        *(f"{kind} jaar {year}" for year in (1, 2, 3) for kind in ("Personeel", "Overhead", "Werking", "Externe prestaties")),
        "Samenvatting",
    ]  # fmt: skip


def test_the_workbook_follows_the_years_of_the_call():
    book = load_workbook(BytesIO(blank(replace(EXPECTED, rules=replace(RULES, project_years=2)))))
    assert "Werking jaar 2" in book.sheetnames
    assert "Werking jaar 3" not in book.sheetnames


LINES = (
    ReadLine(1, "personnel", "Clustermanager", Decimal(60000), Decimal("9.5"), cell="Personeel jaar 1!C5"),
    ReadLine(
        3,
        "external",
        "Begeleiding",
        Decimal("1210.50"),
        Decimal(3),
        "Kennis die we niet hebben",
        "Externe prestaties jaar 3!E5",
        Decimal("210.50"),
        "Delta bv",
        is_long_engagement=True,
    ),
)


def test_what_is_known_is_filled_in_again():
    assert reading.read(blank(PARTLY, lines=LINES), PARTLY).lines == LINES


def test_only_the_input_cells_are_open_and_everything_else_is_protected():
    book = load_workbook(BytesIO(blank()))
    assert all(sheet.protection.sheet for sheet in book.worksheets)
    sheet = book["Personeel jaar 1"]
    assert {cell: sheet[cell].protection.locked for cell in ("A4", "A5", "B5", "C34", "D5", "C35", "A1")} == {
        "A4": True, "A5": False, "B5": False, "C34": False, "D5": True, "C35": True, "A1": True,
    }  # fmt: skip
    assert book.security.lockStructure


@pytest.mark.rule("BUD-10")
def test_the_column_for_vat_is_open_only_to_who_declared_not_to_recover_all_of_it():
    fully = replace(EXPECTED, recoverable_vat_fraction=Decimal(1))
    opened = {
        name: not load_workbook(BytesIO(blank(expected)))["Werking jaar 1"]["C5"].protection.locked
        for name, expected in {"undeclared": EXPECTED, "fully": fully, "partly": PARTLY}.items()
    }
    assert opened == {"undeclared": False, "fully": False, "partly": True}


def test_every_input_column_says_what_it_takes():
    sheet = load_workbook(BytesIO(blank(PARTLY)))["Externe prestaties jaar 1"]
    rules = {
        str(rule.sqref): (rule.type, rule.formula1, rule.formula2) for rule in sheet.data_validations.dataValidation
    }
    assert rules == {
        "A5:A34": ("textLength", "300", None),
        "B5:B34": ("textLength", "300", None),
        "C5:C34": ("list", '"ja,nee"', None),
        "D5:D34": ("decimal", "0", "9999.99"),
        "E5:E34": ("decimal", "0", "99999999.99"),
        "F5:F34": ("decimal", "0", "99999999.99"),
        "H5:H34": ("textLength", "4000", None),
    }


@pytest.mark.rule("BUD-16")
def test_the_rates_of_the_cost_model_stand_in_the_summary_where_the_call_sets_them():
    def labels(rules):
        sheet = load_workbook(BytesIO(blank(replace(EXPECTED, rules=rules))))["Samenvatting"]
        return {sheet.cell(row, 1).value: sheet.cell(row, 2).value for row in range(5, 17)}

    assert "Ten hoogste (overhead)" not in labels(RULES)
    assert labels(replace(RULES, overhead_per_fte=Decimal(5000)))["Ten hoogste (overhead)"] == "=ROUND(B11*5000/12,2)"


@pytest.mark.parametrize("text", ["=1+1", "+32 9", "-5", "@SUM(A1)"])
def test_text_of_a_user_is_never_a_formula(text):
    line = ReadLine(1, "operating", text, Decimal(1))
    content = blank(title=text, lines=(line,))
    book = load_workbook(BytesIO(content))
    assert (book["Uitleg"]["B10"].value, book["Uitleg"]["B10"].data_type) == (text, "s")
    assert book["Werking jaar 1"]["A5"].data_type == "s"
    assert reading.read(content, EXPECTED).lines[0].description == text


# ---------------------------------------------------------------- whose workbook it is


@pytest.mark.rule("BUD-09")
@pytest.mark.parametrize(
    ("made_for", "message"),
    [
        (replace(EXPECTED, call_code="2017"), "Dit rekenblad is van de oproep 2017, niet van 2025."),
        (replace(EXPECTED, number="IBN-2025-002"), "Dit rekenblad is van dossier IBN-2025-002, niet van IBN-2025-001."),
    ],
)
def test_a_workbook_of_another_call_or_dossier_is_named(made_for, message):
    ((where, found),) = wrong(fill_budget(blank(made_for)))
    assert (where, found.startswith(message)) == ("Hele werkmap", True)


def test_a_workbook_of_another_version_is_named(monkeypatch):
    monkeypatch.setattr(layout, "TEMPLATE_VERSION", 7)
    old = fill_budget(blank())
    monkeypatch.undo()
    assert wrong(old)[0][1].startswith("Dit is versie 7 van het rekenblad; versie 2 is nodig.")


def test_any_other_workbook_is_refused():
    book, out = Workbook(), BytesIO()
    book.save(out)
    assert wrong(out.getvalue()) == [
        (
            "Hele werkmap",
            "Dit is niet het rekenblad van deze oproep. Download het rekenblad van dit dossier en vul dat in.",
        )
    ]


def test_a_mark_that_was_changed_breaks_the_seal():
    """Somebody makes the workbook of another dossier look like this one's."""
    other = fill_budget(blank(replace(EXPECTED, number="IBN-2025-002")))

    def forge(book):
        for prop in book.custom_doc_props.props:
            if prop.name == "IBN dossier":
                prop.value = "IBN-2025-001"

    ((where, message),) = wrong(changed(forge, other))
    assert (where, message[:61]) == ("Hele werkmap", "De verborgen kenmerken van dit rekenblad zijn veranderd: het ")


def test_a_seal_of_another_key_is_no_seal(settings):
    content = filled()
    assert wrong(content) == []
    assert not workbook.is_sealed(("2025", "IBN-2025-001", "2", "1", "0"), "x" * 43)


def test_identity_survives_a_program_that_drops_the_properties():
    assert wrong(changed(lambda book: book.custom_doc_props.props.clear())) == []


def test_a_workbook_of_earlier_rules_is_taken_with_a_warning_as_long_as_its_formulas_are_the_same():
    amended = replace(EXPECTED, rules=replace(RULES, version=2))
    (found,) = findings(filled(), amended)
    assert (found.severity, found.message) == (
        "warning",
        "Dit rekenblad is gemaakt onder versie 1 van de regels van de oproep. Het portaal rekende met versie 2.",
    )
    (found,) = findings(filled(), replace(amended, rules=replace(amended.rules, grant_fraction=Decimal("0.4"))))
    assert (found.severity, "nu geldt versie 2 en de formules verschillen" in found.message) == ("error", True)


def test_the_budget_it_was_filled_from_comes_back_with_it():
    assert reading.read(fill_budget(blank(replace(EXPECTED, base_version=3))), EXPECTED).base_version == 3


# ---------------------------------------------------------------- cells


CELL = "Blad Personeel jaar 1, cel C5"


@pytest.mark.rule("BUD-09")
@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("twaalf", "“twaalf” is tekst, geen getal. Vul een getal in zonder letters, spaties of eurotekens."),
        ("1.234,56", "“1.234,56” is als tekst bewaard en telt zo niet mee. Typ het opnieuw als getal: 1.234,56."),
        ("€ 60.000", "“€ 60.000” is als tekst bewaard en telt zo niet mee. Typ het opnieuw als getal: 60.000,00."),
        (-1, "-1 is negatief. Een kost is 0 of meer; trek niets af in een begroting."),
        (1e12, "1000000000000 is te groot. Kijk na of er geen cijfers te veel staan."),
        (True, "“WAAR” is geen getal. Vul een getal in, of laat de cel leeg."),
        ("=1+1", "Deze formule heeft nog geen uitkomst."),
        ("=cmd|'/c calc'!A0", "Deze formule verwijst naar iets buiten dit bestand of start iets."),
        ('=WEBSERVICE("http://a")', "Deze formule verwijst naar iets buiten dit bestand of start iets."),
        ("='[1]Blad1'!A1", "Deze formule verwijst naar iets buiten dit bestand of start iets."),
        ("#REF!", "De formule in deze cel geeft een fout (#REF!)."),
    ],
)
def test_a_number_cell_that_holds_no_number_is_a_finding_at_its_cell(value, message):
    found = wrong(changed(set_cell("Personeel jaar 1", "C5", value)))
    assert [where for where, _ in found] == [CELL]
    assert found[0][1].startswith(message)


def test_a_date_in_a_number_cell_is_named():
    def date(book):
        book["Personeel jaar 1"]["C5"] = 46054
        book["Personeel jaar 1"]["C5"].number_format = numbers.FORMAT_DATE_DDMMYY

    assert wrong(changed(date)) == [
        (CELL, "Hier staat een datum, geen getal. Zet de opmaak van de cel op getal en vul het getal opnieuw in.")
    ]


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b'<c r="C5"><v>NaN</v></c>', "“NaN” is geen getal dat het portaal kan lezen."),
        (b'<c r="C5"><v>INF</v></c>', "“INF” is geen getal dat het portaal kan lezen."),
        (b'<c r="C5"><v>-1E+999999</v></c>', "-1E+999999 is negatief."),
        (b'<c r="C5"><v>1E+999999</v></c>', "1E+999999 is te groot."),
        (b'<c r="C5"><v>%s</v></c>' % (b"9" * 5000), "is geen getal dat het portaal kan lezen."),
        (b'<c r="C5" t="e"><v>#DIV/0!</v></c>', "De formule in deze cel geeft een fout (#DIV/0!)."),
        (b'<c r="C5" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "De formule in deze cel geeft een fout (#DIV/0!)."),
        (b'<c r="C5" t="d"><v>2026-01-01</v></c>', "Hier staat een datum, geen getal."),
        (b'<c r="C5" t="inlineStr"><is><t>10 000 euro</t></is></c>', "“10 000 euro” is tekst"),
    ],
)
def test_what_a_program_can_write_into_a_number_cell_is_named(xml, message):
    ((where, found),) = wrong(with_cell("xl/worksheets/sheet2.xml", "C5", xml))
    assert where == CELL
    assert message in found


@pytest.mark.parametrize("written", ["60000", "6E4", "60000.00", "6.0E+4"])
def test_a_number_is_read_however_it_is_written(written):
    content = with_cell("xl/worksheets/sheet2.xml", "C5", b'<c r="C5"><f>5*12000</f><v>%s</v></c>' % written.encode())
    assert reading.read(content, EXPECTED).lines[0].amount == Decimal(60000)


def test_parts_of_a_cent_are_rounded_aloud():
    (found,) = findings(changed(set_cell("Werking jaar 1", "B5", 10000.005)))
    assert (found.severity, found.where, found.message) == (
        "warning",
        "Blad Werking jaar 1, cel B5",
        "Dit getal heeft meer dan twee cijfers na de komma. Het portaal rekent met 10.000,01.",
    )


def test_all_that_is_wrong_is_said_at_once():
    def spoil(book):
        book["Personeel jaar 2"]["C5"] = "veel"
        book["Overhead jaar 3"]["E5"] = None
        book["Externe prestaties jaar 1"]["H5"] = None

    assert [where for where, _ in wrong(changed(spoil))] == [
        "Blad Personeel jaar 2, cel C5",
        "Blad Externe prestaties jaar 1, cel H5",
        "Blad Overhead jaar 3, cel E5",
    ]


def test_a_long_text_is_named_not_cut():
    ((where, message),) = wrong(changed(set_cell("Werking jaar 1", "A5", "x" * 301)))
    assert (where, message) == (
        "Blad Werking jaar 1, cel A5",
        "Deze tekst telt 301 tekens; er passen er 300. Kort ze in.",
    )


def test_an_answer_that_is_not_yes_or_no_is_named():
    ((where, message),) = wrong(changed(set_cell("Externe prestaties jaar 1", "C5", "misschien")))
    assert (where, message) == ("Blad Externe prestaties jaar 1, cel C5", "“misschien” kan hier niet. Kies ja of nee.")


# ---------------------------------------------------------------- sheets, heads, formulas


@pytest.mark.rule("BUD-09")
@pytest.mark.parametrize(
    ("sheet", "cell", "formula"),
    [
        ("Personeel jaar 1", "D5", "=IF(B5>0,ROUND(C5/B5,2),0)"),
        ("Werking jaar 2", "D9", "=B9+C9"),
        ("Personeel jaar 3", "C35", "=SUM(C5:C34)"),
        ("Samenvatting", "E9", "=SUM(B9:D9)"),
        ("Samenvatting", "B10", "=ROUND(B9*0.5,2)"),
    ],
)
def test_a_changed_formula_is_named_with_what_belongs_there(sheet, cell, formula):
    ((where, message),) = wrong(changed(set_cell(sheet, cell, 999999)))
    assert where == f"Blad {sheet}, cel {cell}"
    assert message.startswith(f"De formule is veranderd: hier hoort {formula} te staan. In de plaats staat “999999”.")


def test_a_formula_that_a_program_wrote_otherwise_is_the_same_formula():
    assert wrong(changed(set_cell("Personeel jaar 1", "C35", "=sum( $C$5:$C$34 )"))) == []


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        (lambda book: book["Overhead jaar 1"].insert_cols(2), "Blad Overhead jaar 1, cel B4", "Hier hoort de titel"),
        (lambda book: book["Overhead jaar 1"].insert_rows(2), "Blad Overhead jaar 1, cel A4", "Hier hoort de titel"),
        (lambda book: book.remove(book["Werking jaar 2"]), "Blad Werking jaar 2", "Dit werkblad ontbreekt."),
        (
            lambda book: setattr(book["Werking jaar 2"], "title", "Kosten"),
            "Blad Werking jaar 2",
            "Dit werkblad ontbreekt. Er staat wel een blad “Kosten”: kreeg het een andere naam, geef het dan zijn naam terug.",
        ),
        (
            lambda book: setattr(book["Werking jaar 2"], "sheet_state", "veryHidden"),
            "Blad Werking jaar 2",
            "Dit werkblad is verborgen.",
        ),
        (lambda book: book.create_sheet("Geheim"), "Blad Geheim", "Dit werkblad hoort niet in het rekenblad."),
        (
            lambda book: book["Werking jaar 1"].merge_cells("A5:B6"),
            "Blad Werking jaar 1, cel A5:B6",
            "Deze cellen zijn samengevoegd.",
        ),
        (
            set_cell("Werking jaar 1", "B60", 5000),
            "Blad Werking jaar 1, cel B60",
            "Hier staat iets buiten de invulvakken.",
        ),
        (
            set_cell("Werking jaar 1", "J7", 5000),
            "Blad Werking jaar 1, cel J7",
            "Hier staat iets buiten de invulvakken.",
        ),
    ],
)
def test_what_was_done_to_the_sheets_is_named(change, where, message):
    found = wrong(changed(change))
    assert found[0][0] == where
    assert found[0][1].startswith(message)


# ---------------------------------------------------------------- sums


@pytest.mark.rule("BUD-15")
@pytest.mark.parametrize(
    ("part", "sheet", "cell", "ours"),
    [
        (14, "Samenvatting", "E9", "300.000,00"),
        (14, "Samenvatting", "B10", "50.000,00"),
        (14, "Samenvatting", "E11", "72,00"),
        (14, "Samenvatting", "C12", "2,00"),
        (2, "Personeel jaar 1", "C35", "80.000,00"),
        (2, "Personeel jaar 1", "D5", "5.000,00"),
        (4, "Werking jaar 1", "D5", "10.000,00"),
    ],
)
def test_the_server_recomputes_every_sum_and_says_where_the_sheet_disagrees(part, sheet, cell, ours):
    (found,) = findings(with_outcome(f"xl/worksheets/sheet{part}.xml", cell, "123"))
    assert (found.where, found.severity) == (f"Blad {sheet}, cel {cell}", "warning")
    assert (
        found.message == f"Het rekenblad zegt 123,00, het portaal rekent {ours} uit. Wat het portaal uitrekent, telt."
    )


def test_a_sum_that_agrees_or_was_never_computed_says_nothing():
    assert findings(with_outcome("xl/worksheets/sheet14.xml", "E9", "300000.00000000006")) == []
    assert findings(filled()) == []


def test_costs_over_the_cap_are_read_and_left_to_the_rules():
    costs = (("Duur", "personnel", (500000, 0, 0), (72, 0, 0), ""), *COSTS[2:])
    assert reading.read(fill_budget(blank(), costs), EXPECTED).findings == ()


def test_an_empty_workbook_has_no_lines():
    assert reading.read(blank(), EXPECTED).lines == ()


CENTS = st.integers(0, 999_999_999).map(lambda cents: Decimal(cents) / 100)
BUSY = [HealthCheck.too_slow]  # a busy machine is no failing rule


@settings(max_examples=10, deadline=None, suppress_health_check=BUSY)
@given(st.lists(st.tuples(CENTS, CENTS, st.integers(1, 3)), min_size=1, max_size=12))
def test_the_server_total_is_the_sum_of_the_lines_of_any_workbook(rows):
    """Whatever was filled in, the figures are the sums of what was typed, to the cent."""
    lines = tuple(
        ReadLine(year, "operating", f"Kost {index}", cost + vat, vat=vat)
        for index, (cost, vat, year) in enumerate(rows)
    )
    read = reading.read(blank(PARTLY, lines=lines), PARTLY)
    assert read.findings == ()
    sums = budget.figures(read.lines, RULES)
    assert sums.total == sum(cost + vat for cost, vat, _ in rows)
    assert sums.year_totals == {
        year: sum((cost + vat for cost, vat, at in rows if at == year), Decimal(0)) for year in (1, 2, 3)
    }


TYPED = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF), min_size=1, max_size=20).filter(str.strip),
    st.sampled_from(["NaN", "INF", "-0", "1e", "0x10", "１２", "1,5", "1.234,56", "--1", "1E+99", "-1", "1_000", "١٢"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=BUSY)
@given(TYPED, st.sampled_from(["n", "str", "inlineStr", "e", "b", "d"]))
def test_no_unreadable_cell_ever_counts_as_nothing(typed, kind):
    """For anything in an amount cell: either exactly that amount counts, or there is an error at that cell."""
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").encode()
    held = b"<is><t>%s</t></is>" % escaped if kind == "inlineStr" else b"<v>%s</v>" % escaped
    read = reading.read(
        with_cell("xl/worksheets/sheet2.xml", "C5", b'<c r="C5" t="%s">%s</c>' % (kind.encode(), held)), EXPECTED
    )
    at_cell = [found for found in read.findings if found.where in {CELL, "Hele werkmap"}]
    if any(found.severity == "error" for found in at_cell):
        return
    amount = next((line.amount for line in read.lines if line.cell == "Personeel jaar 1!C5"), None)
    assert amount is not None
    assert abs(amount - Decimal(typed)) <= Decimal("0.005")


# ---------------------------------------------------------------- pieces


def with_part(name, change, content=None):
    """The filled workbook with one part replaced, or changed by a function of its bytes."""
    source, out = zipfile.ZipFile(BytesIO(content or filled())), BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            data = source.read(item)
            target.writestr(item.filename, change(data) if item.filename == name else data)
    return out.getvalue()


def with_cell(part, cell, xml):
    """One cell as other XML."""
    pattern = rb'<c r="%s"[^>]*?(?:/>|>.*?</c>)' % cell.encode()
    return with_part(part, lambda data: re.sub(pattern, lambda _: xml, data, count=1))


def with_outcome(part, cell, value):
    """As a spreadsheet program saves: the formula with the outcome it last computed."""
    pattern = rb'(<c r="%s"[^>]*?><f>.*?</f>)<v\s*(?:/>|></v>)' % cell.encode()
    return with_part(part, lambda data: re.sub(pattern, rb"\g<1><v>%s</v>" % value.encode(), data, count=1))
