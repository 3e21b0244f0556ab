"""Tables as files."""

import io
from decimal import Decimal

from django.test import RequestFactory
from openpyxl import load_workbook

from ibnportal.core.exports import table_response, wants_export


def test_only_known_formats_are_exports():
    request = RequestFactory()
    assert wants_export(request.get("/?formaat=xlsx")) == "xlsx"
    assert wants_export(request.get("/?formaat=csv")) == "csv"
    assert wants_export(request.get("/?formaat=exe")) == ""
    assert wants_export(request.get("/")) == ""


def test_csv_writes_text_that_looks_like_a_formula_as_text():
    response = table_response("csv", "lijst", ("Naam", "Bedrag"), [("=1+1", Decimal("12.50")), (None, 3)])
    assert response.content.decode("utf-8-sig") == "Naam;Bedrag\r\n'=1+1;12.50\r\n;3\r\n"
    assert response["Content-Disposition"] == 'attachment; filename="lijst.csv"'


def test_xlsx_keeps_numbers_and_never_makes_a_formula():
    response = table_response("xlsx", "lijst", ("Naam", "Bedrag"), [("=1+1", Decimal("12.50"))])
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert [cell.value for cell in sheet[1]] == ["Naam", "Bedrag"]
    assert sheet["A2"].value == "=1+1"
    assert sheet["A2"].data_type == "s"
    assert sheet["B2"].value == 12.5
