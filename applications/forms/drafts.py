"""Forms of a draft: starting it, its facts, one section of the template, an annex, submitting and withdrawing."""

from typing import Any

from django import forms
from django.core.files.base import File
from django.core.validators import MaxLengthValidator
from django.db.models import QuerySet

from applications.domain.annexes import file_kind
from applications.enums import DocumentKind
from applications.forms.seen import SeenForm
from applications.models import Answer, Application
from calls.enums import AnswerType, PhaseNumber, UploadFormat
from calls.models import Call, Question
from calls.ruleset import Rules
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.core.files.kinds import MEGABYTE, FileKind

MAX_TEXT = 60_000
DATE_INPUT = {"type": "date"}


def needed_later(field: forms.Field) -> None:
    """Mark a field that may stay empty now but that the dossier cannot do without: its label does not say “niet verplicht”."""
    field.is_needed_later = True  # type: ignore[attr-defined]


def one_of_many(*fields: forms.Field) -> None:
    """Mark fields of which any may stay empty, where the page says so once: their labels do not say “niet verplicht”."""
    for field in fields:
        field.is_one_of_many = True  # type: ignore[attr-defined]


def choose(form: forms.BaseForm, name: str, among: QuerySet[Any]) -> None:
    """Let a field choose among these rows only."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells the type checker what the class says above
    field.queryset = among


class StartForm(forms.Form):
    """A new pre-registration."""

    title = forms.CharField(
        label="Titel van het initiatief", max_length=200, help_text="U kunt de titel later nog aanpassen."
    )
    organisation = forms.ModelChoiceField(
        label="Aanvrager",
        queryset=Organisation.objects.none(),
        empty_label=None,
        help_text="De organisatie met rechtspersoonlijkheid die de ondernemingen mandateren.",
    )
    call = forms.ModelChoiceField(label="Oproep", queryset=Call.objects.none(), empty_label=None)

    def __init__(self, *args: Any, calls: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, "organisation", Organisation.objects.filter(pk__in=user.organisation_ids))
        choose(self, "call", calls)


class FactsForm(SeenForm, forms.ModelForm[Application]):
    """What the portal must know apart from the answers; phase 2 asks more. Never saved itself: the domain does.

    The cluster manager stands in the team, host, secondment and spearhead link among the circumstances.
    """

    class Meta:
        model = Application
        fields = (
            "title", "acronym", "summary", "keywords", "sector", "technology_domain", "is_beneficiary_to_be_founded",
            "beneficiary", "beneficiary_name", "founding_planned_on", "start_on", "duration_months",
        )  # fmt: skip
        widgets = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "start_on": forms.DateInput(attrs=DATE_INPUT, format="%Y-%m-%d"),
            "founding_planned_on": forms.DateInput(attrs=DATE_INPUT, format="%Y-%m-%d"),
        }
        help_texts = {
            "acronym": "Bijvoorbeeld CIRMA.",
            "summary": "In twee of drie zinnen, voor wie het initiatief in een lijst ziet staan.",
            "keywords": "Gescheiden door komma's.",
        }

    def __init__(self, *args: Any, rules: Rules, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.phase == PhaseNumber.PRE_REGISTRATION:
            for name in self.Meta.fields[self.Meta.fields.index("is_beneficiary_to_be_founded") :]:
                del self.fields[name]
            return
        known = {self.instance.beneficiary_id} - {None}
        choose(self, "beneficiary", Organisation.objects.filter(pk__in=user.organisation_ids | known))
        self.fields["beneficiary"].label = "Bestaande organisatie als begunstigde"
        self.fields[
            "beneficiary"
        ].help_text = "De clusterorganisatie die het project uitvoert. Staat ze er niet bij, vraag dan een collega om haar te registreren."
        self.fields[
            "is_beneficiary_to_be_founded"
        ].label = "De begunstigde clusterorganisatie moet nog opgericht worden"
        self.fields[
            "beneficiary_name"
        ].help_text = "Alleen als ze nog opgericht moet worden. Ze bestaat uiterlijk bij de start van het project."
        self.fields["duration_months"].help_text = f"De oproep vraagt {rules.duration_months} maanden."
        self.fields["founding_planned_on"].help_text = "Ten laatste op de dag waarop het project start."
        later = (
            "beneficiary", "beneficiary_name", "is_beneficiary_to_be_founded", "founding_planned_on", "start_on", "duration_months",
        )  # fmt: skip
        for name in later:
            needed_later(self.fields[name])
        if rules.latest_start_on is not None:
            self.fields["start_on"].help_text = f"Uiterlijk {rules.latest_start_on:%d/%m/%Y}."


class SectionForm(forms.Form):
    """The questions of one section; `q<id>` is the answer, `v<id>` the version the page was opened with."""

    def __init__(self, *args: Any, questions: list[Question], answers: dict[int, Answer], **kwargs: Any) -> None:
        self.questions, self.answers = questions, answers
        super().__init__(*args, **kwargs)
        for question in questions:
            answer = answers.get(question.pk)
            field = field_of(question)
            if question.answer_type == AnswerType.UPLOAD:
                if answer is not None and answer.file_id:
                    self.fields[f"x{question.pk}"] = forms.BooleanField(label="Verwijder dit bestand", required=False)
            else:
                field.initial = answer.value if answer else ""
            if question.is_required:
                needed_later(field)
            self.fields[f"q{question.pk}"] = field
            self.fields[f"v{question.pk}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=answer.version if answer else 0, min_value=0
            )

    def typed(self, question: Question) -> tuple[str, int]:
        """What was typed and the version it was typed over."""
        return str(self.cleaned_data.get(f"q{question.pk}") or ""), int(self.cleaned_data.get(f"v{question.pk}") or 0)

    def chosen(self, question: Question) -> "File[bytes] | None":
        """The file that was chosen as the answer, if any."""
        return self.cleaned_data.get(f"q{question.pk}")

    def wants_removal(self, question: Question) -> bool:
        """Whether the file that is there has to go."""
        return bool(self.cleaned_data.get(f"x{question.pk}"))


def field_of(question: Question) -> forms.Field:
    """The field in which this question is answered."""
    common: dict[str, Any] = {"label": question.label, "required": False, "help_text": question.help_text}
    if question.answer_type == AnswerType.CHOICE:
        return forms.ChoiceField(choices=[("", "Maak een keuze"), *map(tuple, question.choices)], **common)
    if question.answer_type == AnswerType.YES_NO:
        return forms.ChoiceField(choices=[("yes", "Ja"), ("no", "Nee")], widget=forms.RadioSelect, **common)
    if question.answer_type == AnswerType.DATE:
        return forms.CharField(widget=forms.TextInput(attrs=DATE_INPUT), **common)
    if question.answer_type == AnswerType.NUMBER:
        return forms.CharField(max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **common)
    if question.answer_type == AnswerType.TEXT:
        attrs: dict[str, Any] = {"data-max-words": question.word_limit} if question.word_limit else {}
        return forms.CharField(max_length=1000, widget=forms.TextInput(attrs=attrs), **common)
    if question.answer_type == AnswerType.UPLOAD:
        return _upload_field(question, common)
    attrs = {"rows": 4 if (question.word_limit or 0) <= 200 else 9}
    if question.word_limit:
        attrs["data-max-words"] = question.word_limit
    return forms.CharField(widget=forms.Textarea(attrs=attrs), validators=[MaxLengthValidator(MAX_TEXT)], **common)


def _upload_field(question: Question, common: dict[str, Any]) -> forms.Field:
    rule = UploadFormat(question.upload_format).file_kind.rule
    pages = f", ten hoogste {question.page_limit} bladzijden" if question.page_limit else ""
    limits = f"{rule.in_words}, ten hoogste {rule.max_bytes // MEGABYTE} MB{pages}. Het bestand wordt bewaard wanneer u op Bewaar klikt."
    return forms.FileField(
        widget=forms.FileInput(attrs={"accept": rule.accept}),
        max_length=255,
        **{**common, "help_text": " ".join(part for part in (question.help_text, limits) if part)},
    )


class DocumentForm(forms.Form):
    """One annex."""

    file = forms.FileField(label="Bestand")

    def __init__(self, *args: Any, kind: DocumentKind, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "prefix": kind.value})
        rule = file_kind(kind).rule
        self.fields["file"].label = f"{kind.label}: bestand"
        self.fields["file"].widget.attrs["accept"] = rule.accept
        self.fields["file"].help_text = f"{rule.in_words}, ten hoogste {rule.max_bytes // 1024 // 1024} MB."


class BudgetForm(forms.Form):
    """The filled workbook."""

    workbook = forms.FileField(
        label="Ingevuld rekenblad", help_text="XLSX, ten hoogste 5 MB. Alleen het rekenblad van dit dossier.",
        widget=forms.FileInput(attrs={"accept": FileKind.BUDGET_XLSX.rule.accept}),
    )  # fmt: skip


class SubmitForm(forms.Form):
    """The confirmation; with gaps a second one."""

    confirm = forms.BooleanField(
        label="Ik bevestig dat dit dossier volledig en juist is en dat ik de aanvrager mag verbinden.",
        error_messages={"required": "Bevestig dit voor u indient."},
    )
    confirm_gaps = forms.BooleanField(
        label="Ik weet dat het portaal nog gebreken ziet en wil toch indienen.",
        error_messages={"required": "Het portaal ziet nog gebreken. Verbeter ze, of bevestig dat u toch wil indienen."},
    )

    def __init__(self, *args: Any, has_gaps: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_gaps:
            del self.fields["confirm_gaps"]


class WithdrawForm(forms.Form):
    """Why the initiative is taken out."""

    reason = forms.CharField(
        label="Waarom trekt u het initiatief terug?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
    )
    confirm = forms.BooleanField(
        label="Ik weet dat dit niet ongedaan gemaakt kan worden.", error_messages={"required": "Bevestig dit eerst."}
    )
