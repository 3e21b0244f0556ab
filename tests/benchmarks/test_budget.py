"""The budget: reading a workbook beside openpyxl's own load of it, the worst files within their bounds, its page beside its floor."""

import statistics
import subprocess
import sys
import textwrap
import time
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from applications.documents import budget_reading, budget_workbook
from applications.domain import budget, budget_lines
from applications.domain.budget_lines import Expected, ReadLine
from applications.models import BudgetLine, Letter
from tests.applications.domain.sample import RULES
from tests.benchmarks.harness import MAX_QUERIES, Comparison, quietest, report, rows_floor
from tests.core.test_workbooks import HOSTILE
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.benchmark

EXPECTED = Expected("2025", "IBN-2025-001", RULES)


def some_lines(count):
    """So many lines of all types, spread over the years; each fills two to five cells."""
    kinds = ("personnel", "overhead", "operating", "external")
    return tuple(
        ReadLine(
            project_year=at % 3 + 1,
            cost_type=kinds[at % 4],
            description=f"Kost {at}",
            amount=Decimal(1000 + at),
            person_months=Decimal(1) if at % 4 == 0 else Decimal(0),
            motivation="Waarom deze kost nodig is" if at % 4 in {1, 3} else "",
            supplier="Nog te kiezen" if at % 4 == 3 else "",
        )
        for at in range(count)
    )


def middle(run, rounds=9):
    run()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def test_reading_and_checking_a_workbook_of_500_cells_beside_openpyxls_load():
    content = budget_workbook.build(EXPECTED, title="Bench", applicant="Bench vzw", lines=some_lines(160))
    book = load_workbook(BytesIO(content))
    filled = sum(
        cell.value is not None and cell.data_type != "f"
        for sheet in book.worksheets[1:-1]
        for row in sheet.iter_rows(min_row=5, max_row=34)
        for cell in row
    )
    assert filled >= 500

    def read_and_check():
        reading = budget_reading.read(content, EXPECTED)
        found = [*reading.findings, *budget_lines.examine(reading.lines, EXPECTED)]
        assert [*found, *budget.within_total_cap(budget.figures(reading.lines, RULES), RULES)] == []

    ours, theirs = middle(read_and_check), middle(lambda: load_workbook(BytesIO(content)))
    print(
        f"\nworkbook of {filled} cells: read and checked {ours * 1000:.1f} ms, openpyxl's load {theirs * 1000:.1f} ms, ratio {ours / theirs:.2f}"
    )
    assert ours / theirs <= 1.5


def test_the_worst_uploads_are_refused_in_two_seconds_and_256_megabytes(tmp_path):
    """With the portal loaded, through the same two doors as an upload: what the file is, then what is in it."""
    program = textwrap.dedent(
        """
        import resource, sys
        from pathlib import Path
        import django
        django.setup()
        from applications.documents import budget_reading
        from ibnportal.core.errors import DomainError
        from ibnportal.core.files.checks import check
        from ibnportal.core.files.kinds import FileKind
        from tests.benchmarks.test_budget import EXPECTED
        content = Path(sys.argv[1]).read_bytes()
        began = resource.getrusage(resource.RUSAGE_SELF)
        try:
            check(content, name="begroting.xlsx", kind=FileKind.BUDGET_XLSX)
            outcome = budget_reading.read(content, EXPECTED).findings[0].message
        except DomainError as error:
            outcome = error.message
        ended = resource.getrusage(resource.RUSAGE_SELF)
        peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
        print(ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime, int(peak) // 1024, outcome, sep="|")
        """
    )
    print()
    for name, (content, _) in HOSTILE.items():
        path = tmp_path / "bestand.xlsx"
        path.write_bytes(content)
        told = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
        seconds, megabytes, outcome = told.stdout.strip().split("|", 2)
        print(f"{name:34} {float(seconds):5.2f} s {megabytes:>4} MB  {outcome[:60]}")
        assert float(seconds) < 2, name
        assert int(megabytes) < 256, name


@pytest.fixture
def large_dossier(db):
    """200 budget lines and 60 letters."""
    application = ApplicationFactory(state="p2_draft", letters=60)
    content = budget_workbook.build(
        budget.expected(application), title="Bench", applicant="Bench vzw", lines=some_lines(200)
    )
    budget.accept(application, SimpleUploadedFile("begroting.xlsx", content), by=application.representative)
    return application


def test_the_budget_page_of_a_large_dossier(client, large_dossier):
    def rows():
        lines = BudgetLine.objects.filter(upload__application=large_dossier)
        yield from lines.values_list(
            "description", "project_year", "cost_type", "person_months", "amount", "vat", "motivation"
        )
        yield from Letter.objects.filter(application=large_dossier).values_list(
            "company_name", "enterprise_number", "postcode"
        )

    client.force_login(large_dossier.representative)
    found: Comparison = quietest(client, f"/dossiers/{large_dossier.number}/begroting/", floor=rows_floor(rows))
    report("budget, 200 lines, 60 letters", {1: found})
    print(f"queries {found.page.queries}, aim {MAX_QUERIES}; ratio {found.ratio:.1f}, aim 3.0")
    assert found.page.queries <= MAX_QUERIES
    assert found.page.repeated == 0
    assert found.ratio <= 3.3  # the aim is 3; 2.8 to 2.9 where nothing else runs
