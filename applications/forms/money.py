"""Forms of the budget and the co-financing plan: declarations, one contribution, the whole grid, what letters promised."""

import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from applications.domain import words
from applications.domain.cofinancing_grid import Row
from applications.forms.register import EuroField
from applications.models import CofinancingPlanLine
from calls.enums import ContributionKind, PayerKind
from ibnportal.core import enterprise_numbers

ALL, PART, NONE = "all", "part", "none"
PER_YEAR, WHOLE_PROJECT = "per_year", "whole_project"


class VatForm(forms.Form):
    """How much of its VAT the applicant recovers (BUD-10)."""

    status = forms.ChoiceField(
        label="Hoeveel btw recupereert de aanvrager?",
        choices=[
            (ALL, "Alle btw: de aanvrager is volledig btw-plichtig"),
            (PART, "Een deel: de aanvrager is gemengd of gedeeltelijk btw-plichtig"),
            (NONE, "Geen btw: de aanvrager is niet btw-plichtig"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Kies wat voor de aanvrager geldt."},
    )
    percentage = forms.DecimalField(
        label="Recupereerbaar deel (in procent)",
        required=False,
        localize=True,
        min_value=Decimal("0.01"),
        max_value=Decimal("99.99"),
        decimal_places=2,
        help_text="Alleen bij “een deel”: het algemeen verhoudingsgetal, bijvoorbeeld 40.",
    )

    def __init__(self, *args: Any, fraction: Decimal | None, **kwargs: Any) -> None:
        if fraction is not None:
            status = ALL if fraction == 1 else NONE if not fraction else PART
            percentage = (fraction * 100).normalize() if status == PART else None
            kwargs["initial"] = {"status": status, "percentage": percentage}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """A part needs its percentage."""
        cleaned = super().clean() or {}
        if cleaned.get("status") == PART and cleaned.get("percentage") is None and "percentage" not in self.errors:
            self.add_error("percentage", "Vul het deel in dat de aanvrager recupereert, bijvoorbeeld 40.")
        return cleaned

    @property
    def fraction(self) -> Decimal:
        """What was declared, from 0 to 1."""
        share = {ALL: Decimal(1), NONE: Decimal(0)}.get(self.cleaned_data["status"])
        return Decimal(self.cleaned_data["percentage"]) / 100 if share is None else share


class BroadForm(forms.Form):
    """Whether the cluster organisation has a wider scope than the project (COF-10)."""

    is_broad = forms.TypedChoiceField(
        label="Heeft de clusterorganisatie een veel bredere werking dan dit project?",
        choices=[
            ("no", "Nee: de leden zijn er voor dit project"),
            ("yes", "Ja: het is een ledenorganisatie met ook leden buiten het project"),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text="Bij een bredere werking tellen alleen bijdragen mee van leden die rechtstreeks bij het project betrokken zijn.",
        error_messages={"required": "Kies wat voor de clusterorganisatie geldt."},
    )


class PromiseForm(forms.Form):
    """How the amounts in the letters are meant."""

    basis = forms.ChoiceField(
        label="Het bedrag in de brieven is",
        choices=[
            (PER_YEAR, "een bedrag per jaar: elk projectjaar zoveel"),
            (WHOLE_PROJECT, "een bedrag voor het hele project: gelijk verdeeld over de jaren"),
        ],
        widget=forms.RadioSelect,
        initial=PER_YEAR,
    )
    kind = forms.ChoiceField(
        label="Soort bijdrage", choices=ContributionKind.choices, initial=ContributionKind.CASH_FEE
    )


_MEMBER = "Is of wordt lid van de cluster"
_EXPLANATION = "Waarvoor"
_EXPLANATION_HELP = "Bij inkomsten: van welke activiteit. Bij een ledenorganisatie met een bredere werking: hoe dit lid bij het project betrokken is."


class PlanLineForm(forms.Form):
    """One planned contribution; `seen` is how it looked when the page was opened."""

    company_name = forms.CharField(label="Onderneming", max_length=200)
    enterprise_number = forms.CharField(label="Ondernemingsnummer", max_length=30, required=False)
    payer_kind = forms.ChoiceField(label="Soort betaler", choices=PayerKind.choices, initial=PayerKind.COMPANY)
    is_member = forms.BooleanField(label=_MEMBER, required=False, initial=True)
    project_year = forms.TypedChoiceField(label="Projectjaar", coerce=int)
    kind = forms.ChoiceField(label="Soort bijdrage", choices=ContributionKind.choices)
    amount = EuroField(label="Bedrag (euro)")
    explanation = forms.CharField(label=_EXPLANATION, max_length=200, required=False, help_text=_EXPLANATION_HELP)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(
        self, *args: Any, years: int, line: CofinancingPlanLine | None = None, seen: str = "", **kwargs: Any
    ) -> None:
        if line is not None:
            names = (name for name in self.base_fields if name != "seen")
            kwargs["initial"] = {**{name: getattr(line, name) for name in names}, "seen": seen}
        super().__init__(*args, **kwargs)
        if line is None:
            del self.fields["seen"]
        year_field = self.fields["project_year"]
        assert isinstance(year_field, forms.ChoiceField)  # noqa: S101 - tells the type checker what the class says above
        year_field.choices = [(year, f"Jaar {year}") for year in range(1, years + 1)]


class PlanRowForm(forms.Form):
    """One row of the grid: a company and a kind, an amount a year; `seen` is the row as the page was opened with."""

    company_name = forms.CharField(label="Onderneming", max_length=200, required=False)
    enterprise_number = forms.CharField(label="Ondernemingsnummer", max_length=30, required=False)
    payer_kind = forms.ChoiceField(label="Soort betaler", choices=PayerKind.choices, initial=PayerKind.COMPANY)
    is_member = forms.BooleanField(label="Lid", required=False, initial=True)
    kind = forms.ChoiceField(
        label="Soort bijdrage", choices=ContributionKind.choices, initial=ContributionKind.CASH_FEE
    )
    explanation = forms.CharField(label=_EXPLANATION, max_length=200, required=False)
    remove = forms.BooleanField(label="Verwijder", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    before: Row | None = None
    after: Row | None = None

    def __init__(self, *args: Any, years: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years = range(1, years + 1)
        for year in self.years:
            self.fields[f"year_{year}"] = EuroField(label=f"Jaar {year}", required=False)
        for name, field in self.fields.items():
            # In a table the head is the label; each field still says its own name to who does not see the table.
            if name not in {"seen", "remove", "is_member"}:
                field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            elif name != "seen":
                field.widget.attrs["class"] = "form-check-input"

    @property
    def row_label(self) -> str:
        """Which row of the grid this is, as the page counts them; for the list of errors."""
        return f"Lijn {int(str(self.prefix).rpartition('-')[2]) + 1}"

    def clean_enterprise_number(self) -> str:
        """A number that is there is a right one; said together with what else is wrong, not at the next attempt."""
        typed = str(self.cleaned_data["enterprise_number"]).strip()
        problem = enterprise_numbers.explain(typed) if typed else ""
        if problem:
            raise ValidationError(problem)
        return typed

    @property
    def amount_fields(self) -> list[forms.BoundField]:
        """The amounts of the years, for the template."""
        return [self[f"year_{year}"] for year in self.years]

    def clean(self) -> dict[str, Any]:
        """A row with anything in it has a company."""
        cleaned = super().clean() or {}
        amounts = self._amounts(cleaned)
        name = " ".join(words.clean(cleaned.get("company_name") or "").split())
        if not name and not cleaned.get("remove") and (amounts or cleaned.get("seen")):
            self.add_error("company_name", "Vul de naam van de onderneming in, of vink aan dat u de lijn verwijdert.")
        self.before = self._seen(cleaned.get("seen") or "")
        self.after = None
        if name and not cleaned.get("remove"):
            self.after = Row(
                company_name=name,
                kind=cleaned.get("kind") or ContributionKind.CASH_FEE,
                enterprise_number="".join(filter(str.isdigit, cleaned.get("enterprise_number") or ""))
                or (cleaned.get("enterprise_number") or ""),
                payer_kind=cleaned.get("payer_kind") or PayerKind.COMPANY,
                is_member=bool(cleaned.get("is_member")),
                explanation=words.clean(cleaned.get("explanation") or ""),
                amounts=amounts,
            )
        return cleaned

    def _amounts(self, cleaned: dict[str, Any]) -> dict[int, Decimal]:
        typed = {year: cleaned.get(f"year_{year}") for year in self.years}
        return {year: amount for year, amount in typed.items() if amount}

    @staticmethod
    def _seen(text: str) -> Row | None:
        """The row as the page was opened with; what cannot be read was not made by the portal."""
        if not text:
            return None
        try:
            told = json.loads(text)
            amounts = {int(year): Decimal(amount) for year, amount in told.pop("amounts").items()}
            return Row(**told, amounts=amounts)
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as error:
            raise ValidationError("Deze lijn kon niet vergeleken worden. Laad de pagina opnieuw.") from error


def written(row: Row) -> str:
    """A row as `seen` holds it."""
    amounts = {str(year): str(amount) for year, amount in row.amounts.items()}
    return json.dumps({**row.details, "amounts": amounts}, ensure_ascii=False)


MOST_ROWS = 60
_PlanFormSet = forms.formset_factory(PlanRowForm, extra=5, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


def plan_rows(data: Any = None, *, years: int, rows: Iterable[Row] = ()) -> "forms.BaseFormSet[PlanRowForm]":
    """The grid: what was sent, or the rows of one page and some empty ones."""
    initial = [
        {**row.details, "seen": written(row), **{f"year_{year}": amount for year, amount in row.amounts.items()}}
        for row in rows
    ]
    return _PlanFormSet(data, initial=initial, form_kwargs={"years": years}, prefix="rij")
