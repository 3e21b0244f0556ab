"""Forms of the yearly report and its review."""

from decimal import Decimal
from typing import Any

from django import forms

from applications.forms.drafts import needed_later
from calls.enums import CostType
from ibnportal.core.files.kinds import FileKind
from monitoring.domain import report_costs
from monitoring.enums import ReportPart
from monitoring.forms.fields import DateField, EuroField
from monitoring.models import AgreementKpi, Report, ReportQuestion


def _text(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=20000, help_text=help_text, widget=forms.Textarea(attrs={"rows": 6})
    )


class ReportForm(forms.Form):
    """The whole report; may be kept half done."""

    project_status = _text("Projectstatus", "Wat is uitgevoerd volgens plan, wat niet, en waarom?")
    results = _text("Behaalde resultaten", "Wat is er bereikt voor de ondernemingen in het netwerk?")
    success_stories = _text("Succesverhalen", "Eén of meer voorbeelden die anderen iets leren.")
    keeps_separate_accounts = forms.BooleanField(
        label="De kosten en inkomsten van het project zijn apart geboekt van onze andere activiteiten.", required=False
    )
    allocation_key = forms.CharField(
        label="Verdeelsleutel van de overhead", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Hoe u het deel van het project bepaalde, bijvoorbeeld de mensmaanden van het project tegenover die van de hele organisatie.",
    )  # fmt: skip
    active = forms.MultipleChoiceField(
        label="Ondernemingen die dit jaar actief waren", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Uit uw ledenregister. Ontbreekt iemand, schrijf het lid dan eerst in.",
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        report: Report,
        indicators: list[AgreementKpi],
        companies: list[dict[str, Any]],
        has_workbook: bool = False,
        questions: list[ReportQuestion] | None = None,
        **kwargs: Any,
    ) -> None:
        self.has_workbook = has_workbook
        costs = {cost.cost_type: cost for cost in report.costs.all()}
        initial: dict[str, Any] = {
            "project_status": report.project_status,
            "results": report.results,
            "success_stories": report.success_stories,
            "keeps_separate_accounts": report.keeps_separate_accounts,
            "allocation_key": report.allocation_key,
            "active": [str(company["organisation"]) for company in report.active_companies],
        }
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.indicators = indicators
        active = self.fields["active"]
        assert isinstance(active, forms.MultipleChoiceField)  # noqa: S101 - declared above
        active.choices = [(str(company["organisation"]), company["name"]) for company in companies]
        if not has_workbook:
            self._add_cost_fields(costs)
        for kpi in indicators:
            draft = report.kpi_drafts.get(str(kpi.pk))
            self.fields[f"kpi_{kpi.pk}"] = forms.DecimalField(
                label=kpi.label, required=False, min_value=0, max_digits=12, decimal_places=2, localize=True,
                initial=None if draft is None else Decimal(draft).normalize(),
                help_text=_target_text(kpi),
                error_messages={"invalid": "Vul een getal in, bijvoorbeeld 24 of 24,5."},
            )  # fmt: skip

        self.questions = questions or []
        for question in self.questions:
            self.fields[f"answer_{question.pk}"] = forms.CharField(
                label=f"Uw antwoord: {question.question}", required=False, max_length=5000, initial=question.answer,
                widget=forms.Textarea(attrs={"rows": 3}),
            )  # fmt: skip

        for field in self.fields.values():
            needed_later(field)

    def answers(self) -> dict[str, list[Any]]:
        """The fields of the answers, by the part that was asked about."""
        found: dict[str, list[Any]] = {}
        for question in self.questions:
            found.setdefault(question.part, []).append(self[f"answer_{question.pk}"])
        return found

    def _add_cost_fields(self, costs: dict[str, Any]) -> None:
        """The sums by hand, for as long as no cost workbook was read."""
        for cost_type in CostType:
            cost = costs.get(cost_type)
            self.fields[f"cost_{cost_type}"] = EuroField(
                label=f"{cost_type.label} (euro)",
                required=False,
                initial=cost.submitted_amount if cost else Decimal("0.00"),
            )
        self.fields["person_months"] = forms.DecimalField(
            label="Mensmaanden", required=False, min_value=0, max_digits=7, decimal_places=2, localize=True,
            initial=costs[CostType.PERSONNEL].person_months if CostType.PERSONNEL in costs else None,
            error_messages={"invalid": "Vul een getal in, bijvoorbeeld 24 of 24,5."},
        )  # fmt: skip

    def cost_fields(self) -> list[Any]:
        """The fields of the four cost types and the person-months; none once a workbook was read."""
        if self.has_workbook:
            return []
        return [self[f"cost_{cost_type}"] for cost_type in CostType] + [self["person_months"]]

    def kpi_fields(self) -> list[Any]:
        """The fields of the indicators."""
        return [self[f"kpi_{kpi.pk}"] for kpi in self.indicators]

    def content(self) -> dict[str, Any]:
        """As `reports.save` takes it."""
        data = self.cleaned_data
        months = data.get("person_months") or Decimal(0)
        return {
            "project_status": data["project_status"],
            "results": data["results"],
            "success_stories": data["success_stories"],
            "keeps_separate_accounts": data["keeps_separate_accounts"],
            "allocation_key": data["allocation_key"],
            "active_companies": [int(pk) for pk in data["active"]],
            "answers": {question.pk: data[f"answer_{question.pk}"] for question in self.questions},
            "kpis": {kpi.pk: data.get(f"kpi_{kpi.pk}") for kpi in self.indicators},
            "costs": None
            if self.has_workbook
            else {
                str(cost_type): (
                    data.get(f"cost_{cost_type}") or Decimal("0.00"),
                    months if cost_type == CostType.PERSONNEL else Decimal(0),
                )
                for cost_type in CostType
            },
        }


def _target_text(kpi: AgreementKpi) -> str:
    target = "" if kpi.target is None else f"Streefwaarde: {kpi.target.normalize():f}".replace(".", ",")
    return f"{target}. {kpi.definition}".strip(". ") + "."


class CostWorkbookForm(forms.Form):
    upload = forms.FileField(
        label="Ingevuld kostenrekenblad", help_text="Het rekenblad van dit projectjaar (.xlsx), ten hoogste 5 MB.",
        widget=forms.FileInput(attrs={"accept": FileKind.IMPORT_XLSX.rule.accept}),
    )  # fmt: skip


class ExtensionForm(forms.Form):
    until = DateField(label="Indienen tot en met")
    reason = forms.CharField(label="Waarom?", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class ExtensionAnswerForm(forms.Form):
    answer = forms.CharField(
        label="Uw reden", max_length=4000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Waarom u het toestaat of niet; het netwerk leest dit.",
    )  # fmt: skip


class QuestionsForm(forms.Form):
    """In general, and about each part; at least one of them (the domain says so)."""

    questions = forms.CharField(
        label="Vragen aan het netwerk", max_length=5000, widget=forms.Textarea(attrs={"rows": 4}), required=False,
        help_text="Het netwerk krijgt deze tekst per mail en kan het verslag daarna aanpassen.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in ReportPart:
            self.fields[f"about_{part}"] = forms.CharField(
                label=part.label, max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
            )

    def about_fields(self) -> list[Any]:
        """The fields of the parts."""
        return [self[f"about_{part}"] for part in ReportPart]

    def content(self) -> dict[str, Any]:
        """As `reports.send_back` takes it."""
        data = self.cleaned_data
        return {"questions": data["questions"], "about": {part.value: data[f"about_{part}"] for part in ReportPart}}


class ApprovalForm(forms.Form):
    """Accepted costs per type, with a reason where it is less than submitted."""

    def __init__(self, *args: Any, report: Report, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        submitted = sorted(report.costs.all(), key=lambda cost: CostType.values.index(cost.cost_type))
        self.nothing_to_judge = [cost.cost_type for cost in submitted if not cost.submitted_amount]
        self.costs = [cost for cost in submitted if cost.submitted_amount]
        self.to_weigh = report_costs.to_weigh(submitted, report.workbooks.first())
        for cost in self.costs:
            label = cost.get_cost_type_display()
            self.fields[f"accepted_{cost.cost_type}"] = EuroField(
                label="Aanvaard (euro)", initial=cost.submitted_amount,
                error_messages={"required": f"{label}: vul in hoeveel u aanvaardt, 0 als het niets is."},
            )  # fmt: skip
            self.fields[f"reason_{cost.cost_type}"] = forms.CharField(
                label="Reden als u minder aanvaardt", required=False, max_length=2000
            )

    def rows(self) -> list[tuple[Any, Any, Any, str]]:
        """(cost, field of the amount, field of the reason, what to weigh before accepting it)."""
        return [
            (cost, self[f"accepted_{cost.cost_type}"], self[f"reason_{cost.cost_type}"], self.to_weigh.get(cost.cost_type, ""))
            for cost in self.costs
        ]  # fmt: skip

    def accepted_costs(self) -> dict[str, tuple[Decimal, str]]:
        """As `reports.approve` takes them."""
        data = self.cleaned_data
        judged = {
            cost.cost_type: (data[f"accepted_{cost.cost_type}"], data[f"reason_{cost.cost_type}"])
            for cost in self.costs
        }
        return {**judged, **dict.fromkeys(self.nothing_to_judge, (Decimal("0.00"), ""))}
