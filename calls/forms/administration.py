"""Forms of the administrator: copying a call, amending one that is out, its templates and its mail texts."""

from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.core.files.base import File
from django.db.models import Max

from calls.domain import amending, mail_texts
from calls.enums import PaperKind, PhaseNumber
from calls.models import Call, CallRules, MailText, Milestone, Phase
from calls.models.rules import NOT_FIGURES
from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.files.kinds import FileKind
from ibnportal.core.files.models import StoredFile

DATE = {"type": "date"}
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"
_KEPT, _KEPT_FOR = "calls.paper", 24 * 3600
FIGURES = [field.name for field in CallRules._meta.fields if field.name not in NOT_FIGURES]  # noqa: SLF001 - documented Meta API


def _reason() -> forms.CharField:
    return forms.CharField(
        label="Waarom",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text="Elke aanvrager van de oproep leest dit, in de mail en op de bladzijde van de oproep.",
    )


class CopyForm(forms.Form):
    """What a new call is called, and what happens to the dates."""

    name = forms.CharField(label="Naam", max_length=200)
    code = forms.SlugField(
        label="Kenmerk", max_length=20, help_text="Kort, zonder spaties; staat in elk dossiernummer."
    )
    year = forms.IntegerField(label="Jaar", min_value=2000, max_value=2200)
    shifts_dates = forms.BooleanField(
        label="Schuif alle data op met het verschil in jaren",
        required=False,
        help_text="Anders blijven alle data leeg.",
    )

    def __init__(self, *args: Any, source: Call, **kwargs: Any) -> None:
        last = Call.objects.aggregate(last=Max("year"))["last"] or source.year
        year = last + 1
        taken = set(Call.objects.values_list("code", flat=True))
        codes = [str(year), *(f"{year}-{number}" for number in range(2, len(taken) + 3))]
        initial = {
            "year": year,
            "code": next(code for code in codes if code not in taken),
            "name": source.name.replace(str(source.year), str(year)),
            "shifts_dates": True,
        }
        super().__init__(*args, **{**kwargs, "initial": initial})

    def clean_code(self) -> str:
        """A code that no call has."""
        code = str(self.cleaned_data["code"])
        if Call.objects.filter(code=code).exists():
            raise forms.ValidationError(f"Er is al een oproep met het kenmerk {code}. Kies een ander.")
        return code


class FiguresForm(forms.ModelForm[CallRules]):
    """Every figure of the newest version, to change some of them. Never saved itself: the domain does."""

    reason = _reason()
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = CallRules
        fields = FIGURES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version

    def clean_seen_version(self) -> int:
        """The version that the page was opened on is still the newest one."""
        seen = int(self.cleaned_data["seen_version"])
        if seen != self.instance.version:
            raise forms.ValidationError(
                f"Intussen is er een versie {self.instance.version} van de regels. Open deze bladzijde opnieuw en kijk ze eerst na."
            )
        return seen

    @property
    def figures(self) -> dict[str, Any]:
        """What was filled in, by figure."""
        return {name: self.cleaned_data[name] for name in FIGURES}


class TextsForm(forms.ModelForm[Call]):
    """What a published call says. Never saved itself: the domain does."""

    documents_url = forms.URLField(label="Documenten", required=False, assume_scheme="https")
    reason = _reason()

    class Meta:
        model = Call
        fields = [name for name in amending.TEXTS if name != "documents_url"]

    def __init__(self, *args: Any, instance: Call, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "instance": instance})
        self.initial["documents_url"] = instance.documents_url

    @property
    def texts(self) -> dict[str, str]:
        """What was filled in, by column."""
        return {name: str(self.cleaned_data[name] or "") for name in amending.TEXTS}


class DatesForm(forms.Form):
    """Begin and end of each phase, and every moment of the calendar."""

    reason = _reason()

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.phases = list(call.phases.all())
        self.milestones = [row for row in call.milestones.all() if not row.kind.endswith("_deadline")]
        reason = self.fields.pop("reason")
        for phase in self.phases:
            for name in ("opens_at", "closes_at"):
                self.fields[f"p{phase.number}-{name}"] = _moment_field(phase, name)
        for row in self.milestones:
            self._add_moment(row)
        self.fields["reason"] = reason

    def _add_moment(self, row: Milestone) -> None:
        label, key = str(row.get_kind_display()), f"m{row.pk}"
        self.fields[f"{key}-starts_on"] = forms.DateField(
            label=f"{label}: op", required=False, initial=row.starts_on, widget=forms.DateInput(DATE, format="%Y-%m-%d")
        )
        self.fields[f"{key}-ends_on"] = forms.DateField(
            label=f"{label}: tot en met", required=False, initial=row.ends_on, widget=forms.DateInput(DATE, format="%Y-%m-%d"),
            help_text="Leeg als het één dag is.",
        )  # fmt: skip
        self.fields[f"{key}-text"] = forms.CharField(
            label=f"{label}: toelichting", required=False, max_length=200, initial=row.text
        )

    @property
    def windows(self) -> dict[int, tuple[datetime, datetime]]:
        """Begin and end of each phase."""
        data = self.cleaned_data
        return {p.number: (data[f"p{p.number}-opens_at"], data[f"p{p.number}-closes_at"]) for p in self.phases}

    @property
    def moments(self) -> dict[int, dict[str, Any]]:
        """The columns of each moment, by its id."""
        names = ("starts_on", "ends_on", "text")
        return {row.pk: {name: self.cleaned_data[f"m{row.pk}-{name}"] for name in names} for row in self.milestones}


def _moment_field(phase: Phase, name: str) -> forms.DateTimeField:
    label = "opent op" if name == "opens_at" else "sluit op"
    value = getattr(phase, name)
    return forms.DateTimeField(
        label=f"{PhaseNumber(phase.number).label} {label}",
        initial=None if value is None else clock.local(value).replace(tzinfo=None),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format=MOMENT_FORMAT),
        input_formats=[MOMENT_FORMAT, "%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M"],
        help_text="Belgische tijd.",
    )


class PaperForm(forms.Form):
    """A template to download, or the next version of one."""

    code = forms.SlugField(
        label="Code", max_length=40, help_text="Dezelfde code als een eerder sjabloon maakt er een nieuwe versie van."
    )
    title = forms.CharField(label="Titel", max_length=160)
    kind = forms.ChoiceField(label="Waarvoor", choices=PaperKind.choices)
    phase = forms.TypedChoiceField(
        label="Fase", choices=[("", "Elke fase"), *PhaseNumber.choices], coerce=int, empty_value=None, required=False
    )
    file = forms.FileField(label="Bestand", max_length=255)
    note = forms.CharField(label="Toelichting", max_length=300, required=False)

    def __init__(self, *args: Any, call: Call, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._binding = f"{_KEPT}:{call.pk}:{user.pk}"
        self.kept: StoredFile | None = None
        rule = FileKind.OFFICE_FILE.rule
        self.fields["file"].help_text = f"{rule.in_words}, ten hoogste {rule.max_bytes // 1024 // 1024} MB."
        self.fields["file"].widget.attrs["accept"] = rule.accept
        if call.frozen_at is not None:
            self.fields["reason"] = _reason()
            self.fields["kept"] = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
            if self.is_bound:
                self._find_kept()

    @property
    def chosen(self) -> "File[bytes] | StoredFile":
        """The file to hand out: the one kept, else the one just uploaded."""
        return self.kept or self.cleaned_data["file"]

    @property
    def values(self) -> dict[str, Any]:
        """What the domain is told of it, beside the file."""
        names = ("code", "title", "kind", "phase", "note", "reason")
        return {name: self.cleaned_data[name] for name in names if name in self.fields}

    def _find_kept(self) -> None:
        """The file of the step before, where nothing else was chosen since."""
        try:
            key = signing.loads(self.data.get("kept", ""), salt=self._binding, max_age=_KEPT_FOR)
        except signing.BadSignature:
            return
        self.kept = StoredFile.objects.filter(pk=key).first()
        if self.kept is not None:
            self._tell(self.kept)

    def keep(self, stored: StoredFile) -> None:
        """Ask the file back with the next step: a browser sends a chosen file only once."""
        self.kept = stored
        data: Any = self.data
        self.data = data.copy()
        self.data["kept"] = signing.dumps(stored.pk, salt=self._binding)  # type: ignore[index]
        self._tell(stored)

    def _tell(self, stored: StoredFile) -> None:
        self.fields["file"].required = False
        told = f"“{stored.name}” is opgeladen. Kies alleen een ander bestand als u het wil vervangen."
        self.fields["file"].help_text = self["file"].help_text = told


class MailTextForm(forms.Form):
    """How the call words one notice."""

    subject = forms.CharField(
        label="Onderwerp", max_length=200, required=False, help_text="Leeg: het onderwerp van het portaal."
    )
    body = forms.CharField(label="Tekst", widget=forms.Textarea(attrs={"rows": 14, "cols": 90}), max_length=20_000)

    def __init__(self, *args: Any, call: Call, kind: str, current: MailText | None, **kwargs: Any) -> None:
        initial = {
            "subject": current.subject if current else "",
            "body": current.body if current else mail_texts.DEFAULT_BODY,
        }
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.kind = kind
        if call.frozen_at is not None:
            self.fields["reason"] = forms.CharField(
                label="Waarom", max_length=300, help_text="De oproep is gepubliceerd; dit blijft bij de tekst bewaard."
            )

    def clean(self) -> dict[str, Any]:
        """Name what is wrong beside the field where it stands."""
        data = super().clean() or self.cleaned_data
        for finding in mail_texts.check(self.kind, data.get("subject", ""), data.get("body", "")):
            if "body" in data or finding.where != "body":
                self.add_error(finding.where, finding.message)
        return data
