"""Strangers' workbooks: what is no plain workbook is refused in words, within bounds, before it can cost anything."""

import subprocess
import sys
import textwrap
import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from ibnportal.core import workbooks
from ibnportal.core.workbooks import Kind, Unreadable, read

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = b'<worksheet xmlns="%s"><sheetData>%%s</sheetData>%%s</worksheet>' % MAIN.encode()


def saved(fill=lambda sheet: None):
    book, out = Workbook(), BytesIO()
    fill(book.active)
    book.save(out)
    return out.getvalue()


def with_parts(parts, content=None):
    source, out = zipfile.ZipFile(BytesIO(content or saved())), BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            if item.filename not in parts:
                target.writestr(item.filename, source.read(item))
        for name, data in parts.items():
            target.writestr(name, data)
    return out.getvalue()


def with_sheet(rows, after=b""):
    return with_parts({"xl/worksheets/sheet1.xml": SHEET % (rows, after)})


def refusal(content):
    with pytest.raises(Unreadable) as refused:
        read(content)
    return refused.value.message


# ---------------------------------------------------------------- what is read


def test_each_cell_is_read_with_its_kind_its_formula_and_its_exact_text():
    rows = (
        b'<row r="1"><c r="A1"><v>0.1</v></c><c r="B1" t="b"><v>1</v></c><c r="C1" t="str"><f>A1&amp;"x"</f><v>0,1x</v></c>'
        b'<c r="D1"><f>1+1</f></c><c r="E1" t="inlineStr"><is><r><t>twee </t></r><r><t>delen</t></r></is></c><c r="F1"/></row>'
    )
    cells = read(with_sheet(rows)).sheets["Sheet"].cells
    assert {column: (cell.text, cell.kind, cell.formula) for (_, column), cell in cells.items()} == {
        1: ("0.1", Kind.NUMBER, ""),
        2: ("1", Kind.BOOLEAN, ""),
        3: ("0,1x", Kind.TEXT, '=A1&"x"'),
        4: ("", Kind.NUMBER, "=1+1"),
        5: ("twee delen", Kind.TEXT, ""),
    }


def test_cells_without_an_address_follow_each_other():
    cells = (
        read(with_sheet(b"<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")).sheets["Sheet"].cells
    )
    assert {place: cell.text for place, cell in cells.items()} == {(1, 1): "1", (1, 2): "2", (2, 1): "3"}


def test_a_formula_that_excel_shares_reads_as_it_stands_in_each_cell():
    rows = (
        b'<row r="1"><c r="C1"><f t="shared" ref="C1:C3" si="0">SUM(A1:B1)</f><v>3</v></c></row>'
        b'<row r="3"><c r="C3"><f t="shared" si="0"/><v>7</v></c></row>'
    )
    sheet = read(with_sheet(rows)).sheets["Sheet"]
    assert (sheet.at(1, 3).formula, sheet.at(3, 3).formula) == ("=SUM(A1:B1)", "=SUM(A3:B3)")


def test_what_openpyxl_writes_is_read():
    def fill(sheet):
        sheet["A1"], sheet["B2"], sheet["C3"] = "tekst", 12.5, ArrayFormula("C3:C4", "=A1:A2")
        sheet.merge_cells("D1:E2")

    sheet = read(saved(fill)).sheets["Sheet"]
    assert (sheet.at(1, 1).text, str(sheet.at(2, 2).number), sheet.at(3, 3).formula) == ("tekst", "12.5", "=A1:A2")
    assert sheet.merged == ["D1:E2"]


@pytest.mark.parametrize(
    ("ref", "touches"), [("A1:B2", True), ("B5:C9", True), ("D1:E9", False), ("A4:C4", False), ("??", True)]
)
def test_merged_cells_are_seen_where_they_touch_a_block(ref, touches):
    found = workbooks.cells_within([ref], rows=range(1, 4), columns=range(1, 4))
    assert bool(found) is (touches and ref != "B5:C9")


# ---------------------------------------------------------------- what is refused

NO_BOOK = "Dit is geen rekenblad."
HOSTILE = {
    "nothing": (b"", NO_BOOK),
    "text": (b"naam;bedrag\r\nAlfa;5\r\n", NO_BOOK),
    "an old xls or an encrypted one": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), NO_BOOK),
    "a pdf": (b"%PDF-1.7", NO_BOOK),
    "a broken zip": (saved()[:2000], NO_BOOK),
    "a zip of something else": (with_parts({"xl/workbook.xml": b"<x/>"}), ""),
    "a far cell": (with_sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "cel XFD1048576, ver buiten"),
    "a cell nowhere": (with_sheet(b'<row><c r="ZZZZ1"><v>1</v></c></row>'), "zonder geldige plaats"),
    "many cells": (with_sheet(b'<row r="1"><c r="A1"/></row>' * 20_001), "meer dan 20000 cellen"),
    "many merges": (with_sheet(b"", b"<mergeCells>" + b'<mergeCell ref="A1:B2"/>' * 501 + b"</mergeCells>"), "samengevoegde"),
    "entities": (
        with_parts({"xl/worksheets/sheet1.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + SHEET % (b"", b"")}),
        "die niet in een rekenblad horen",
    ),
    "entities in UTF-16": (
        with_parts({"xl/worksheets/sheet1.xml": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16")}),
        "die niet in een rekenblad horen",
    ),
    "three hundred megabytes": (with_parts({"xl/media/x.bin": bytes(300_000_000)}), "uitgepakt veel groter"),
    "deep": (with_sheet(b"<a>" * 400_000), "te ingewikkeld"),
    "macros": (with_parts({"xl/vbaProject.bin": b"x"}), "bevat macro's"),
    "an old macro sheet": (with_parts({"xl/macrosheets/sheet1.xml": b"<x/>"}), "bevat macro's"),
    "an external link": (with_parts({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "haalt gegevens uit een ander bestand"),
    "a query": (with_parts({"xl/connections.xml": b"<x/>"}), "haalt gegevens uit een ander bestand"),
    "an embedded file": (with_parts({"xl/embeddings/oleObject1.bin": b"x"}), "zit een ander bestand"),
    "a name that starts a program": (
        with_parts(
            {
                "xl/workbook.xml": b'<workbook xmlns="%s" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet" sheetId="1" r:id="rId1"/></sheets><definedNames><definedName name="a">cmd|\'/c calc\'!A0</definedName></definedNames></workbook>'
                % MAIN.encode()
            }
        ),
        "verwijst naar een ander bestand of programma",
    ),
    "a string that is not there": (with_sheet(b'<row><c r="A1" t="s"><v>9999</v></c></row>'), "kan niet gelezen worden"),
    "broken XML": (with_parts({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData"}), "is beschadigd"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_or_broken_is_refused_in_words(name):
    content, message = HOSTILE[name]
    if name == "a zip of something else":
        assert read(content).sheets == {}
    else:
        assert message in refusal(content)


def lying(content, name):
    """The archive says that part is one byte; it is not."""
    source = zipfile.ZipFile(BytesIO(content))
    size = source.getinfo(name).file_size
    return content.replace(size.to_bytes(4, "little"), (1).to_bytes(4, "little"))


def test_an_archive_that_lies_about_its_size_is_refused():
    bomb = with_parts({"xl/worksheets/sheet1.xml": b" " * 30_000_000})
    assert refusal(lying(bomb, "xl/worksheets/sheet1.xml"))


def test_reading_stops_when_it_costs_too_much_time():
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(1, 1500))
    with pytest.raises(Unreadable, match="te ingewikkeld"):
        read(with_sheet(rows), workbooks.Limits(seconds=0.0))


@pytest.mark.parametrize(
    "formula", ["=cmd|'/c calc'!A0", "='[1]Blad'!A1", '=DDE("a";"b")', '=webservice("x")', "=INDIRECT(A1)"]
)
def test_a_formula_that_reaches_out_is_seen(formula):
    assert workbooks.reaches_out(formula)


@pytest.mark.parametrize("formula", ["=SUM(A1:B2)", "=5*12000", "='Personeel jaar 1'!C35", "=ROUND(A1/3,2)"])
def test_an_ordinary_formula_is_not(formula):
    assert not workbooks.reaches_out(formula)


def test_the_worst_files_cost_less_than_two_seconds_and_256_megabytes(tmp_path):
    """In a process of its own, so that processor time and peak memory are those of the reading."""
    worst = {name: HOSTILE[name][0] for name in ("three hundred megabytes", "deep", "many cells", "a far cell")}
    worst["a sheet of strings"] = with_parts(
        {"xl/sharedStrings.xml": b'<sst xmlns="%s">' % MAIN.encode() + b"<si><t>x</t></si>" * 400_000 + b"</sst>"}
    )
    worst["one long text"] = with_sheet(b'<row><c r="A1" t="str"><v>' + b"x" * 7_900_000 + b"</v></c></row>")
    worst["attributes"] = with_sheet(b'<row><c r="A1" %s/></row>' % b" ".join(b'a%d="x"' % at for at in range(300_000)))
    for name, content in worst.items():
        (tmp_path / f"{name}.xlsx").write_bytes(content)
    program = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        from ibnportal.core.workbooks import Unreadable, read
        for path in sys.argv[1:]:
            content = Path(path).read_bytes()
            began = resource.getrusage(resource.RUSAGE_SELF)
            try:
                read(content)
            except Unreadable:
                pass
            ended = resource.getrusage(resource.RUSAGE_SELF)
            peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
            print(ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime, int(peak) // 1024, path, sep="|")
        """
    )
    for name in worst:  # one process a file, for the peak is that of a process
        told = subprocess.run(
            [sys.executable, "-c", program, tmp_path / f"{name}.xlsx"], capture_output=True, text=True, check=True
        )
        seconds, megabytes, _ = told.stdout.split("|")
        assert float(seconds) < 2, name
        assert int(megabytes) < 256, name
        print(f"{name:28} {float(seconds):5.2f} s {megabytes:>4} MB")
