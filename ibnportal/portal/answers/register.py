"""The register: every saved question, in one list. A question is a function from what is asked to an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from calls.models import Call
from ibnportal.core.accounts.models import User
from ibnportal.core.errors import DomainError
from ibnportal.core.ui import formats
from ibnportal.portal.answers import (
    agency,
    asking,
    audit,
    budgets,
    disclosure,
    evaluation,
    evaluation_text,
    open_data,
    parliament_2017,
    parliament_2019,
    payers,
    profile,
    survey,
    timeline,
)
from ibnportal.portal.answers.asking import Asked, Read, is_narrowed
from ibnportal.portal.answers.table import Answer

Answering = Callable[[Asked], Answer]

P17 = "Antwoord van 2017"
P98 = "Schriftelijke vraag 98 (2019)"
EV = "Evaluatie van 2020"
P228 = "Schriftelijke vraag 228 (2019)"

CALL = ("oproep",)
NETWORKS = ("oproep", "netwerk", "type")
COMPANIES = (*NETWORKS, "provincie", "sector", "grootte", "onderneming")
OPEN = NETWORKS
"""The filters that everybody has; by the others a member could be told apart."""


def _as_it_is(answer: Answer) -> Answer:
    return answer


@dataclass(frozen=True, slots=True)
class Question:
    """A saved question: its id, what it asks, who asked, how it is answered and by which parameters it can be narrowed.

    `disclosing` takes out of an answer what not everybody may read.
    """

    id: str
    title: str
    asked_by: str
    where: str
    answering: Answering
    parameters: tuple[str, ...] = NETWORKS
    is_public: bool = False
    disclosing: Callable[[Answer], Answer] = _as_it_is

    @property
    def slug(self) -> str:
        """As in addresses."""
        return self.id.lower()

    def filters(self, *, is_public: bool = False) -> tuple[str, ...]:
        """The parameters by which it can be asked: the day and what narrows it; for everybody those that tell no member apart."""
        return ("stand", *(name for name in self.parameters if name in OPEN or not is_public))

    def read(self, given: Mapping[str, Any], *, reader: User | None = None, is_public: bool = False) -> Asked:
        """What was typed, parsed. Raises DomainError naming the field, also for a filter that this question does not have: it would narrow nothing."""
        kept = self.filters(is_public=is_public)
        for name in asking.PARAMETERS:
            if given.get(name) and name not in kept:
                raise DomainError(f"{self.id} heeft geen filter “{name}”. Kies uit: {', '.join(kept)}.")
        return asking.read(given, reader=reader, is_public=is_public)

    def published(self, asked: Asked) -> Answer:
        """The answer as everybody may read it."""
        return self.disclosing(self.answer(asked))

    def answer(self, asked: Asked) -> Answer:
        """The answer; without rows it says why, never an empty table."""
        found = self.answering(asked)
        is_told = any(row.behind for row in found.rows) if found.is_told is None else found.is_told
        if found.unanswered or is_told:
            return found
        if found.rows:
            why = f"Op {formats.long_date(asked.as_of)} had nog geen bron hierover iets gezegd."
            return replace(found, rows=(), unanswered=why, chart=None, total={})
        return replace(
            found, unanswered=_why_nothing(asked), chart=None, total={}, coverage=""
        )  # of nothing, nothing is known


def _why_nothing(asked: Asked) -> str:
    day = formats.long_date(asked.as_of)
    launched: list[tuple[date]] = asked.once("first call", lambda: _launches.lines(asked))
    if launched and asked.as_of < launched[0][0]:
        return f"Op {day} bestond het programma nog niet: de eerste oproep is van {formats.long_date(launched[0][0])}."
    if is_narrowed(asked):
        return f"Geen enkele rij voldoet op {day} aan wat gevraagd is. Kies een andere dag of minder filters."
    return f"Op {day} was hierover nog niets vastgelegd."


@Read
def _launches(asked: Asked) -> "QuerySet[Any]":  # noqa: ARG001 - of no matter which asking
    """The day of the first call there was."""
    return Call.objects.exclude(launched_on=None).order_by("launched_on").values_list("launched_on")[:1]


def _public(question: Question, *, disclosing: Callable[[Answer], Answer] = _as_it_is) -> Question:
    return replace(question, is_public=True, disclosing=disclosing)


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
    _public(Question("QP-19", "Hoeveel ledenbedrijven telt elk netwerk?", P98, "vraag 4a", parliament_2019.members, COMPANIES), disclosing=disclosure.without_small_cells),
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

EVALUATORS = (
    _public(Question("QE-01", "Hoe verschillen de twee soorten clusters?", EV, "tabel 1", evaluation.types_of_cluster, CALL)),
    Question("QE-02", "Welke rollen geeft het beleidskader elk soort cluster?", EV, "tabel 2", evaluation.roles, ()),
    _public(Question("QE-03", "Welke netwerken zijn gesteund, en tot wanneer?", EV, "tabel 3", evaluation.networks)),
    _public(Question("QE-04", "Wat zijn de kernwoorden van elk netwerk?", EV, "tabel 4", evaluation.keywords)),
    _public(Question("QE-05", "Hoe staan de indicatoren van het programma?", EV, "tabel 5", evaluation.programme_indicators, CALL)),
    _public(Question("QE-06", "Hoe verschillen zelfstandige en gevestigde netwerken?", EV, "tabel 6", evaluation.kinds_of_network)),
    _public(Question("QE-07", "Wat is het overzicht van de netwerken?", EV, "tabel 7", evaluation.overview)),
    _public(Question("QE-08", "Hoe zijn de bijdragen van leden verdeeld?", EV, "tabel 8", payers.contributions)),
    Question("QE-09", "Welke voorbeelden van samenwerking zijn er?", EV, "tabel 9", evaluation.examples),
    _public(Question("QE-10", "Welke interclusterprojecten zijn er?", EV, "tabel 10", evaluation.intercluster)),
    Question("QE-11", "Hoe was de evaluatie opgezet?", EV, "figuur 1", evaluation.plan_of_evaluation, ()),
    _public(Question("QE-12", "Hoe groot zijn de leden?", EV, "figuur 2", profile.sizes, COMPANIES), disclosing=disclosure.rounded),
    _public(Question("QE-13", "Hoe oud zijn de leden?", EV, "figuur 3", profile.ages, COMPANIES), disclosing=disclosure.rounded),
    _public(Question("QE-14", "Waar zijn de leden gevestigd?", EV, "figuur 4", profile.places, COMPANIES), disclosing=disclosure.rounded),
    _public(Question("QE-15", "In hoeveel netwerken zit een onderneming?", EV, "figuur 5", profile.memberships, COMPANIES), disclosing=disclosure.rounded),
    _public(Question("QE-16", "Hoe relevant vinden leden de activiteiten?", EV, "figuur 6", survey.relevance, ())),
    _public(Question("QE-17", "Welke effecten zijn gewenst, en welke gerealiseerd?", EV, "figuur 7", survey.matrix, ())),
    _public(Question("QE-18", "Verwachten leden competitiever te worden?", EV, "figuur 8", survey.competitiveness, ())),
    _public(Question("QE-19", "Hoe sterk is de samenwerking volgens de leden?", EV, "figuur 9", survey.strength, ())),
    _public(Question("QE-20", "Wat antwoordden leden, naar profiel?", EV, "bijlage", survey.crossings, ())),
    _public(Question("QE-21", "Wat was de respons van de bevraging?", EV, "hoofdstuk 1.3", survey.response, ())),
    _public(Question("QE-22", "Hoe groeiden de leden?", EV, "hoofdstuk 3.1", evaluation_text.growth, CALL)),
    _public(Question("QE-23", "Hoeveel netwerken haalden hun streefwaarden?", EV, "hoofdstuk 3.1", evaluation_text.targets_reached, ())),
    _public(Question("QE-24", "Hoeveel leden hebben netwerken met veel steun?", EV, "hoofdstuk 3.1", evaluation_text.members_by_support, CALL)),
    _public(Question("QE-25", "Hoeveel netwerken kregen de hoogste steun?", EV, "hoofdstuk 3.1", evaluation_text.size_of_support, CALL)),
    Question("QE-26", "Wie nam een overschot van cofinanciering mee?", EV, "hoofdstuk 3.1", evaluation_text.carried_over),
    _public(Question("QE-27", "Van hoe weinig betalers hangt een netwerk af?", EV, "hoofdstuk 3.1", payers.concentration)),
    Question("QE-28", "Hoeveel samenwerkingen zijn er, ook mislukte?", EV, "hoofdstuk 3.1", evaluation_text.collaborations),
    _public(Question("QE-29", "Wie is partner van FIT?", EV, "hoofdstuk 3.1", evaluation_text.partnerships)),
    _public(Question("QE-30", "Welke focusstudies zijn er gemaakt?", EV, "hoofdstuk 3.1", evaluation_text.studies)),
    _public(Question("QE-31", "Wat is de relatie met speerpuntclusters?", EV, "hoofdstuk 3.2", evaluation_text.spearhead_links)),
    Question("QE-32", "Wie zit nog in de stuurgroep?", EV, "hoofdstuk 3.2", evaluation_text.other_actors),
    Question("QE-33", "Is er te weinig steun gevraagd?", EV, "hoofdstuk 3.3", evaluation_text.asked_too_little),
    Question("QE-34", "Was de clustermanager bij de aanvraag gekend?", EV, "hoofdstuk 3.3", evaluation_text.managers, CALL),
    _public(Question("QE-35", "Hoeveel cofinanciering is er gemobiliseerd?", EV, "hoofdstuk 2.1", evaluation_text.total_cofinancing)),
)  # fmt: skip

PORTFOLIO = (
    _public(Question("QR-04", "Uit welke sectoren komen de leden?", "Portefeuille", "onderzoeksvraag 3", profile.sectors, COMPANIES), disclosing=disclosure.rounded),
    Question("QR-14", "Welke netwerken delen leden?", "Portefeuille", "onderzoeksvraag 14", profile.overlap, COMPANIES),
    _public(Question("QR-24", "Hoe ver staan de indicatoren, naar projectmaand?", "Portefeuille", "onderzoeksvraag 24", timeline.by_project_month)),
    Question("QR-09", "Waardoor worden samenwerkingen gedragen?", "Portefeuille", "onderzoeksvraag 9", evaluation_text.collaborations_by_instrument),
)  # fmt: skip

AG = "Beheer en comité"
MANAGEMENT = (
    Question("QM-01", "Aan welke criteria van ontvankelijkheid voldoet elk dossier?", AG, "vraag 1", agency.admissibility, CALL),
    Question("QM-02", "Hoe staat het met de brieven?", AG, "vraag 2", agency.letters, CALL),
    Question("QM-03", "Welke leden zitten ook in een speerpuntcluster?", AG, "vraag 3", agency.spearhead_overlap),
    Question("QM-04", "Hoe zijn dossiers gerangschikt, en waar week de beslissing af?", AG, "vraag 4", agency.ranking, CALL),
    Question("QM-05", "Hoeveel budget en plaatsen blijven over?", AG, "vraag 5", agency.remaining_budget, CALL),
    Question("QM-06", "Hoe is de steun over sectoren gespreid?", AG, "vraag 6", agency.portfolio, CALL),
    Question("QM-07", "Welke voorwaarden zijn open of vervuld?", AG, "vraag 7", agency.conditions),
    Question("QM-08", "Welke termijnen lopen of zijn voorbij?", AG, "vraag 8", agency.deadlines),
    Question("QM-09", "Welke vroegere dossiers heeft een aanvrager?", AG, "vraag 9", agency.past_files, ("oproep", "onderneming")),
    Question("QM-10", "Wat is er in elk dossier beslist?", AG, "vraag 10", agency.sheets, CALL),
)  # fmt: skip

AU = "Controle"
AUDIT = (
    Question("QA-01", "Hoe staat elk projectjaar ervoor?", AU, "vraag 1", audit.project_years),
    Question("QA-02", "Is er genoeg cash tegenover inkomsten?", AU, "vraag 2", audit.cash_test),
    Question("QA-03", "Welke bijdragen tellen mee, en waarom?", AU, "vraag 3", audit.counted_contributions, (*NETWORKS, "onderneming")),
    Question("QA-04", "Welke bijdragen zijn geweigerd, en op welke regel?", AU, "vraag 4", audit.refused_contributions),
    Question("QA-05", "Houdt elk netwerk een gescheiden boekhouding?", AU, "vraag 5", audit.separate_accounts),
    Question("QA-06", "Hoeveel mensmaanden zijn gepland en gerealiseerd?", AU, "vraag 6", audit.staffing),
    Question("QA-07", "Hoeveel staatssteun kreeg elke begunstigde?", AU, "vraag 7", audit.state_aid, CALL),
    Question("QA-08", "Wat is er in de dossiers gedaan?", AU, "vraag 8", audit.trail, ()),
    Question("QA-09", "Onder welke versie van de regels is beslist?", AU, "vraag 9", audit.rules_applied, CALL),
    Question("QA-10", "Hoe verliepen de stuurgroepen?", AU, "vraag 10", audit.steering),
)  # fmt: skip

OPENNESS = (
    _public(Question("OD-01", "Welke individuele steun moet gepubliceerd worden?", "Openbaarheid", "staatssteun", open_data.state_aid, CALL)),
    _public(Question("OD-02", "Welke subsidies horen in het subsidieregister?", "Openbaarheid", "subsidieregister", open_data.subsidies, CALL)),
)  # fmt: skip

QUESTIONS: tuple[Question, ...] = (*PARLIAMENT, *EVALUATORS, *MANAGEMENT, *AUDIT, *PORTFOLIO, *OPENNESS)
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
