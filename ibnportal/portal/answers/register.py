"""The register: every saved question, in one list. A question is a function from what is asked to an answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from calls.models import Call
from ibnportal.core.errors import DomainError
from ibnportal.core.ui import formats
from ibnportal.portal.answers import budgets, parliament_2017, parliament_2019
from ibnportal.portal.answers.asking import Asked, is_narrowed
from ibnportal.portal.answers.table import Answer

Answering = Callable[[Asked], Answer]

P17 = "Antwoord van 2017"
P98 = "Schriftelijke vraag 98 (2019)"
P228 = "Schriftelijke vraag 228 (2019)"

CALL = ("oproep",)
NETWORKS = ("oproep", "netwerk", "type")
COMPANIES = (*NETWORKS, "provincie", "sector", "grootte", "onderneming")


@dataclass(frozen=True, slots=True)
class Question:
    """A saved question: its id, what it asks, who asked, how it is answered and by which parameters it can be narrowed."""

    id: str
    title: str
    asked_by: str
    where: str
    answering: Answering
    parameters: tuple[str, ...] = NETWORKS
    is_public: bool = False

    @property
    def slug(self) -> str:
        """As in addresses."""
        return self.id.lower()

    def answer(self, asked: Asked) -> Answer:
        """The answer; without rows it says why, never an empty table."""
        found = self.answering(asked)
        if found.unanswered or any(row.behind for row in found.rows):
            return found
        if found.rows:
            why = f"Op {formats.long_date(asked.as_of)} had nog geen bron hierover iets gezegd."
            return replace(found, rows=(), unanswered=why, chart=None, total={})
        return replace(found, unanswered=_why_nothing(asked), chart=None, total={})


def _why_nothing(asked: Asked) -> str:
    day = formats.long_date(asked.as_of)
    first = Call.objects.exclude(launched_on=None).order_by("launched_on").first()
    if first is not None and first.launched_on is not None and asked.as_of < first.launched_on:
        return (
            f"Op {day} bestond het programma nog niet: de eerste oproep is van {formats.long_date(first.launched_on)}."
        )
    if is_narrowed(asked):
        return f"Geen enkele rij voldoet op {day} aan wat gevraagd is. Kies een andere dag of minder filters."
    return f"Op {day} was hierover nog niets vastgelegd."


def _public(question: Question) -> Question:
    return replace(question, is_public=True)


PARLIAMENT = (
    _public(Question("QP-01", "Welke projecten zijn niet geselecteerd?", P17, "vraag 1", parliament_2017.not_selected, CALL)),
    Question("QP-02", "Wat was het werkgebied van elk niet-geselecteerd project?", P17, "vraag 1a", parliament_2017.not_selected_fields, CALL),
    Question("QP-03", "Wat was het budget van elk niet-geselecteerd project?", P17, "vraag 1b", parliament_2017.not_selected_budget, CALL),
    Question("QP-04", "Op welke criteria zijn projecten niet geselecteerd?", P17, "vraag 1c", parliament_2017.not_selected_grounds, CALL),
    _public(Question("QP-05", "Hoe verliep een oproep, van idee tot steun?", P17, "vraag 1", parliament_2017.funnel, CALL)),
    _public(Question("QP-06", "Wat is de stand van de gesteunde projecten?", P17, "vraag 2", parliament_2017.running)),
    Question("QP-07", "Hoe en wanneer worden lopende projecten opgevolgd?", P17, "vraag 3", parliament_2017.follow_up),
    _public(Question("QP-08", "Wanneer is er een oproep, en onder welke voorwaarden?", P17, "vraag 4", parliament_2017.calls, CALL)),
    _public(Question("QP-09", "Hoeveel steun is in een oproep toegekend?", P17, "inleiding", parliament_2017.total_support, CALL)),
    _public(Question("QP-10", "Welke projectperiodes zijn afgelopen, en wat volgt?", P98, "vraag 1a", parliament_2019.ended)),
    _public(Question("QP-11", "Hoeveel middelen kreeg elk netwerk, voor werking en voor projecten?", P98, "vraag 1b i", parliament_2019.means)),
    _public(Question("QP-12", "Hoeveel projecten vroeg elk netwerk aan?", P98, "vraag 1b ii", parliament_2019.project_applications)),
    _public(Question("QP-13", "Hoeveel projectaanvragen zijn goedgekeurd?", P98, "vraag 1b iii", parliament_2019.project_applications)),
    Question("QP-14", "Tot welke resultaten leidden de netwerken?", P98, "vraag 1c", parliament_2019.results),
    Question("QP-15", "Wat zijn de streefwaarden en de realisatie per netwerk?", P98, "vraag 1d", parliament_2019.indicators),
    Question("QP-16", "Welke eindverslagen zijn binnen?", P98, "vraag 1c-d", parliament_2019.final_reports),
    _public(Question("QP-17", "Welke projectperiodes lopen binnenkort af, en wat volgt?", P98, "vraag 2", parliament_2019.ending)),
    _public(Question("QP-18", "Welke bevindingen volgen uit de opvolging?", P98, "vraag 3", parliament_2019.findings, ())),
    _public(Question("QP-19", "Hoeveel ledenbedrijven telt elk netwerk?", P98, "vraag 4a", parliament_2019.members, COMPANIES)),
    Question("QP-20", "Hoeveel leden zijn kmo's?", P98, "vraag 4b", parliament_2019.sizes, COMPANIES),
    _public(Question("QP-21", "Wat zijn de resultaten van de bevraging bij leden?", P98, "vraag 5a", parliament_2019.survey, ())),
    _public(Question("QP-22", "Is er een verslag van de bevraging?", P98, "vraag 5b", parliament_2019.survey_report, ())),
    _public(Question("QP-23", "Hoe en door wie wordt het programma geëvalueerd?", P98, "vraag 6", parliament_2019.evaluations, ())),
    _public(Question("QP-24", "Is er een nieuwe oproep gepland?", P98, "vraag 7", parliament_2019.new_call, CALL)),
    Question("QP-25", "Waar komen bijkomende middelen vandaan?", P228, "vraag 1a", budgets.means_by_source),
    _public(Question("QP-26", "Waarom liep een project niet op het geoormerkte budget?", P228, "vraag 1b", budgets.not_earmarked, ())),
    _public(Question("QP-27", "Hoeveel is per jaar vastgelegd?", P228, "vraag 2a", budgets.commitments)),
    _public(Question("QP-28", "Hoeveel steun en projecten per cluster?", P228, "vraag 2b", budgets.per_cluster)),
    Question("QP-29", "Hoeveel is er per jaar beschikbaar, vrijgegeven en verloren?", P228, "vraag 3", budgets.yearly_means),
    Question("QP-30", "Hoe verhoudt het aantal samenwerkingen zich tot de streefwaarde?", P228, "vraag 4", budgets.project_generation),
    Question("QP-31", "Hoeveel van de steun is gebruikt, en waarom minder?", P228, "vraag 5", budgets.use_of_support),
    Question("QP-32", "Welke indicatoren zijn bereikt en welke niet?", P228, "vraag 6", budgets.reached),
)  # fmt: skip

QUESTIONS: tuple[Question, ...] = PARLIAMENT
BY_ID = {question.id: question for question in QUESTIONS}


def question(name: str) -> Question:
    """By its id in any case; raises DomainError naming what there is."""
    found = BY_ID.get(name.strip().upper())
    if found is None:
        raise DomainError(
            f"“{name.strip()[:20]}” is geen bewaarde vraag. Er zijn er {len(QUESTIONS)}, van {QUESTIONS[0].id} tot {QUESTIONS[-1].id}."
        )
    return found


def search(text: str) -> list[Question]:
    """The questions in which every word of the text stands: id, title or who asked."""
    words = text.casefold().split()
    return [
        one
        for one in QUESTIONS
        if all(word in f"{one.id} {one.title} {one.asked_by} {one.where}".casefold() for word in words)
    ]
