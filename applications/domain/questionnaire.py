"""The questions of a phase as a document to write in offline: blank for everybody, or with a dossier's own answers (P1-SUB-04, P2-SUB-02)."""

from dataclasses import dataclass

from applications.domain.freezing import shown
from applications.models import Application
from calls.enums import AnswerType, PhaseNumber
from calls.models import Call
from calls.models import Question as CallQuestion
from ibnportal.core.ui import formats

_ELSEWHERE = {
    PhaseNumber.PRE_REGISTRATION: (
        ("Intentiebrieven", "Elke onderneming tekent een eigen brief; u verzamelt ze in het register van het portaal."),
        ("Omstandigheden", "Raakt het voorstel aan een speerpuntcluster, dan verklaart u vijf voorwaarden en licht u ze toe."),
        ("Presentatie voor de pitch", "Als bestand op het sjabloon van de oproep."),
    ),
    PhaseNumber.FULL_DOSSIER: (
        ("Gegevens", "De begunstigde clusterorganisatie, de start en de duur."),
        ("Omstandigheden", "Gescheiden boekhouding; en als ze gelden: host-organisatie, detachering, link met een speerpuntcluster."),
        ("Intentiebrieven", "Elke onderneming tekent opnieuw."),
        ("Werkplan", "Per werkpakket: titel, doel, activiteiten, trekker, maanden, mensmaanden en resultaten; per mijlpaal: maand en resultaat."),
        ("Team", "Per persoon: naam, functie, VTE en verband; de clustermanager bij naam."),
        ("Begroting", "Op het rekenblad dat u in het dossier downloadt."),
        ("Cofinanciering", "Per onderneming en projectjaar: soort en bedrag."),
        ("Indicatoren", "De verplichte met hun streefwaarde; per domein eigen indicatoren met definitie, referentie, methode en streefwaarde."),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it is printed: `limits` says what the answer must be like, `answer` is empty in a blank one."""

    label: str
    help_text: str
    limits: str
    choices: tuple[str, ...]
    answer: str


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the template."""

    title: str
    intro: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """Everything on paper; `about` names the dossier, empty for a blank one. `elsewhere` is filled in in the portal itself."""

    title: str
    call: str
    deadline: str
    about: str
    sections: tuple[Section, ...]
    elsewhere: tuple[tuple[str, str], ...]


def of_call(call: Call, phase: int) -> Questionnaire:
    """The blank questions of a phase, for anyone."""
    return _build(call, phase, {}, "")


def of_dossier(application: Application) -> Questionnaire:
    """The questions of the dossier's phase with its answers as they are now."""
    answers = dict(application.answers.values_list("question_id", "value"))
    about = f"{application.number}, “{application.title}”, {application.applicant}"
    return _build(application.call, application.phase, answers, about)


def _build(call: Call, phase: int, answers: dict[int, str], about: str) -> Questionnaire:
    window = call.phases.filter(number=phase).first()
    closes_at = window.closes_at if window else None
    sections = call.sections.filter(phase=phase).prefetch_related("questions").order_by("position")
    return Questionnaire(
        title=f"Vragenlijst {PhaseNumber(phase).label.lower()}",
        call=call.name,
        deadline=formats.deadline(closes_at) if closes_at else "",
        about=about,
        sections=tuple(
            Section(
                section.title,
                section.intro,
                tuple(_question(question, answers.get(question.pk, "")) for question in section.questions.all()),
            )
            for section in sections
        ),
        elsewhere=_ELSEWHERE[PhaseNumber(phase)],
    )


def _question(question: CallQuestion, value: str) -> Question:
    choices: tuple[str, ...] = ()
    if question.answer_type == AnswerType.CHOICE:
        choices = tuple(str(label) for _code, label in question.choices)
    elif question.answer_type == AnswerType.YES_NO:
        choices = ("Ja", "Nee")
    kinds = {
        AnswerType.NUMBER: "Een getal",
        AnswerType.DATE: "Een datum",
        AnswerType.UPLOAD: "Een bestand, in het portaal op te laden",
    }
    limits = [kinds.get(AnswerType(question.answer_type), "")]
    limits.append(f"Ten hoogste {question.word_limit} woorden" if question.word_limit else "")
    limits.append("" if question.is_required else "Niet verplicht")
    return Question(
        label=question.label,
        help_text=question.help_text,
        limits=". ".join(part for part in limits if part),
        choices=choices,
        answer=shown(question.answer_type, value, question.choices),
    )
