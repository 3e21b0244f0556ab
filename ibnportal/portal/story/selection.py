"""The story from first draft to released decision, in the order of the call's calendar."""

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile

from applications.documents import budget_workbook
from applications.domain import (
    answer_files,
    budget,
    cofinancing,
    drafts,
    handling,
    kpis,
    letters,
    mergers,
    screening,
    submission,
    supplements,
)
from applications.domain.budget_lines import ReadLine
from applications.enums import DocumentKind
from applications.models import Application
from calls.enums import AnswerType, ContributionKind, CostType, KpiArea, KpiKind
from calls.models import Criterion, KpiDefinition, Question
from evaluation.domain import advice, committee, experts, meetings, panel, pitches, ranking, scoring, whatif
from evaluation.models import Assignment
from ibnportal.core import clock
from ibnportal.portal.story import companies, papers
from ibnportal.portal.story import letters as half_done
from ibnportal.portal.story.cast import Cast, Role
from ibnportal.portal.story.initiatives import Stage
from ibnportal.portal.story.writing import plan_work

_PAUSED = ("withdrawn", "inadmissible")
_PERSONNEL, _OVERHEAD, _OPERATING, _EXTERNAL = Decimal("0.70"), Decimal("0.12"), Decimal("0.13"), Decimal("0.05")
_MONTHS = Decimal(30)
_SENTENCE = "We bouwen dit samen met de deelnemende bedrijven uit, stap voor stap en met duidelijke afspraken over wie wat doet."


# ---------------------------------------------------------------- phase 1


def write_pre_registrations(cast: Cast) -> None:
    """December and January: every initiative is drafted, with letters of intent and the pitch deck."""
    with clock.fixed("2025-12-10T14:00"):
        for role in cast.roles:
            role.application = drafts.start(
                call=cast.call, organisation=role.organisation, title=role.initiative.title, by=role.representative
            )
            _describe(role)
    with clock.fixed("2026-01-14T11:00"):
        for role in cast.roles:
            is_open = role.initiative.stage == Stage.DRAFT_1
            _answer(role, phase=1, leave_open=2 if is_open else 0)
            _collect_letters(role, phase=1, number=role.initiative.letters_1)
            if is_open:
                half_done.leave_open(role.dossier, by=role.representative)
            if not is_open:
                _attach(role, DocumentKind.PITCH_DECK)


def submit_pre_registrations(cast: Cast) -> None:
    """The last days of phase 1; the one left as a draft stays open."""
    with clock.fixed("2026-01-22T16:20"):
        for role in cast.reaching(Stage.SUBMITTED_1):
            submission.submit(role.dossier, by=role.representative, received_at=clock.now())
    with clock.fixed("2026-01-23T09:10"):
        for role in cast.turning("withdrawn", at=Stage.SUBMITTED_1):
            submission.withdraw(
                role.dossier, by=role.representative, reason="De trekkende bedrijven kozen voor een ander traject."
            )


def screen_pre_registrations(cast: Cast) -> None:
    """The week after: admissible with a pitch slot, or inadmissible with its reason."""
    handler = cast.user("dossier")
    slots = list(cast.call.pitch_slots.order_by("starts_at"))
    with clock.fixed("2026-01-27T10:00"):
        half_done.member_list(handler)
        for role in cast.reaching(Stage.ADMISSIBLE_1):
            refused = role.initiative.turn == "inadmissible" and role.initiative.stage == Stage.ADMISSIBLE_1
            screen(role.dossier, admissible=not refused, by=handler)
            if not refused:
                pitches.book(role.dossier, slots.pop(0), by=handler)


def pitch_and_advise(cast: Cast) -> None:
    """The two pitch days and the advice after them."""
    handler = cast.user("dossier")
    with clock.fixed("2026-02-03T17:00"):
        for role in cast.reaching(Stage.PITCHED):
            notes = {
                "notes_support": "De trekkers kennen hun achterban en namen haar mee.",
                "notes_objectives": "De doelen zijn concreet; de planning van het eerste jaar is helder.",
                "notes_positioning": "Er zijn afspraken met de naburige clusters gemaakt.",
                "notes_fit": "Sluit aan bij de prioriteiten van de oproep.",
            }
            pitches.hold(role.dossier.pitch, notes=notes, by=handler)
    with clock.fixed("2026-02-06T15:00"):
        for role in cast.reaching(Stage.ADVISED_1):
            turn = role.initiative.turn if role.initiative.stage == Stage.DECIDED_1 else ""
            recommendation = {"not_preselected": "negative", "merge": "merge"}.get(turn, "positive")
            advice.advise_phase1(
                role.dossier,
                recommendation=recommendation,
                text="Het voorstel is tijdens de pitch overtuigend toegelicht."
                if turn != "not_preselected"
                else "Het draagvlak blijft beperkt.",
                strengths="Betrokken bedrijven en een duidelijke nood.",
                weaknesses="De verdeling van taken kan scherper.",
                merge_with=_partner(cast, role) if recommendation == "merge" else None,
                by=handler,
            )


def preselect(cast: Cast) -> None:
    """The committee's first meeting, released on the first day of the feedback week."""
    secretary = cast.user("secretaris")
    decided = cast.reaching(Stage.DECIDED_1)
    with clock.fixed("2026-02-18T14:00"):
        meeting = committee.plan_meeting(
            call=cast.call, phase=1, held_on=date(2026, 2, 18), location="Brussel",
            members=[cast.user("comite1"), cast.user("comite2")], by=secretary,
        )  # fmt: skip
        for role in decided:
            turn = role.initiative.turn if role.initiative.stage == Stage.DECIDED_1 else ""
            outcome = {"not_preselected": "not_preselected", "merge": "merge_advised"}.get(turn, "preselected")
            committee.record_preselection(
                meeting, role.dossier, outcome=outcome, by=secretary,
                reason="Het comité volgt het advies van het agentschap.",
                merge_with=_partner(cast, role) if outcome == "merge_advised" else None,
            )  # fmt: skip
    with clock.fixed("2026-02-23T10:00"):
        committee.release(meeting, by=secretary)


def merge(cast: Cast) -> None:
    """One preselected initiative goes up in another, at the request of both."""
    for role in cast.turning("merged", at=Stage.DECIDED_1):
        for lead in cast.turning("preselected", at=Stage.DECIDED_1):
            with clock.fixed("2026-03-03T10:00"):
                mergers.merge(
                    lead.dossier, role.dossier, by=cast.user("dossier"),
                    reason="Beide aanvragers vroegen op 2 maart om samen verder te gaan.",
                )  # fmt: skip


# ---------------------------------------------------------------- phase 2


def write_full_dossiers(cast: Cast) -> None:
    """Spring: answers, at least thirty new letters, workbook, co-financing plan and indicators."""
    for role in cast.reaching(Stage.DRAFT_2):
        with clock.fixed("2026-03-02T09:00"):
            submission.open_full_dossier(role.dossier, by=role.representative)
        with clock.fixed("2026-04-14T13:30"):
            is_open = role.initiative.stage == Stage.DRAFT_2
            _answer(role, phase=2, leave_open=4 if is_open else 0)
            drafts.save_facts(
                role.dossier, by=role.representative, beneficiary=role.organisation, start_on=date(2027, 1, 1), duration_months=36,
            )  # fmt: skip
            _collect_letters(role, phase=2, number=role.initiative.letters_2)
            _budget(role)
            if not is_open:
                _plan_cofinancing(role)
                _plan_kpis(role)
            plan_work(role, is_open=is_open)


def submit_full_dossiers(cast: Cast) -> None:
    """The days before 11 May, noon; one preselected initiative never hands in."""
    with clock.fixed("2026-05-08T15:45"):
        for role in cast.reaching(Stage.SUBMITTED_2):
            submission.submit(role.dossier, by=role.representative, received_at=clock.now())
    with clock.fixed("2026-05-12T09:00"):
        for role in cast.turning("not_submitted", at=Stage.DECIDED_1):
            submission.close_unsubmitted(role.dossier, by=cast.user("dossier"))


def screen_full_dossiers(cast: Cast) -> None:
    """Admissibility and completeness, with three requests to complete."""
    handler = cast.user("dossier")
    with clock.fixed("2026-05-19T11:00"):
        for role in cast.reaching(Stage.SUPPLEMENT):
            if role.initiative.stage == Stage.SUPPLEMENT:
                first = role.dossier.call.sections.filter(phase=2).order_by("position")[0]
                supplements.ask(
                    role.dossier,
                    items=[
                        "Licht de taakverdeling in het tweede projectjaar toe.",
                        "Voeg het mandaat van de bestuurders toe.",
                        supplements.Item(f"Onderdeel “{first.title}”: maak dit concreter.", "section", first.code),
                    ],
                    asks_budget=False,
                    by=handler,
                )
            else:
                refused = role.initiative.turn == "inadmissible" and role.initiative.stage == Stage.ADMISSIBLE_2
                screen(role.dossier, admissible=not refused, by=handler)
    with clock.fixed("2026-05-28T10:15"):
        for role in cast.turning("answered", at=Stage.SUPPLEMENT):
            supplements.answer(
                role.dossier,
                text="De taakverdeling staat in de annex, samen met het mandaat.",
                annex=papers.pdf("annex.pdf", ["Annex bij de vervollediging", role.initiative.title]),
                by=role.representative,
                received_at=clock.now(),
            )
    with clock.fixed("2026-06-09T06:00"):
        for role in cast.turning("expired", at=Stage.SUPPLEMENT):
            supplements.expire(role.dossier)


_PROFILES = {
    # name: expertise, domains, employer
    "expert1": ("domain", "maakindustrie, circulaire economie, energie", "Universiteit Ver Weg"),
    "expert2": ("cluster", "clusterbeleid", "Studiebureau Netwerking"),
    "expert3": ("both", "bouw, digitalisering, zorg", "Zelfstandig adviseur"),
    "expert4": ("cluster", "internationale clusters, voeding", "Hogeschool Elders"),
}


def _fill_pool(cast: Cast) -> None:
    for name, (expertise, domains, employer) in _PROFILES.items():
        experts.keep_profile(
            cast.user(name), by=cast.user("dossier"), expertise=expertise, domains=domains, employer=employer,
            languages="nl, en", available_from=date(2026, 5, 1), available_until=date(2026, 12, 31),
            max_load=len(cast.roles) or 1,
        )  # fmt: skip


def evaluate(cast: Cast) -> None:
    """Three experts declare and score sixteen criteria, one of them harder than the rest; the panel advises."""
    handler, pool = cast.user("dossier"), [cast.user("expert1"), cast.user("expert2"), cast.user("expert3")]
    criteria = list(Criterion.objects.filter(dimension__call=cast.call).order_by("dimension__position", "position"))
    steps = list(cast.call.scale.order_by("value"))
    with clock.fixed("2026-06-01T09:30"):
        _fill_pool(cast)
    for role in cast.reaching(Stage.EVALUATION):
        with clock.fixed("2026-06-02T09:30"):
            panel.start_evaluation(role.dossier, by=handler)
            assignments = [
                experts.invite(role.dossier, expert=expert, due_on=date(2026, 6, 24), by=handler) for expert in pool
            ]
        is_open = role.initiative.stage == Stage.EVALUATION
        with clock.fixed("2026-06-16T20:10"):
            for position, assignment in enumerate(assignments):
                # While it is open the first is half-way, the second has not answered, the third is done.
                if is_open and position == 1:
                    continue
                is_half_way = is_open and position == 0
                experts.declare(
                    assignment, keeps_confidential=True, has_interest=False, interest_text="", by=assignment.expert
                )
                _score(role, assignment, criteria[:9] if is_half_way else criteria, steps, shift=position)
                if not is_half_way:
                    scoring.hand_in(
                        assignment, doubts_identity=False, distorts_market=False, grounds_text="", by=assignment.expert
                    )
        if role.reaches(Stage.ADVISED_2):
            with clock.fixed("2026-06-29T16:00"):
                _advise(role, criteria, steps, handler, cast.user("dossier2"))


def decide(cast: Cast) -> None:
    """The ranking is frozen, the committee decides, everything is released at once on 20 July."""
    secretary = cast.user("secretaris")
    with clock.fixed("2026-07-14T14:00"):
        frozen = ranking.freeze(cast.call, by=secretary)
        meeting = committee.plan_meeting(
            call=cast.call, phase=2, held_on=date(2026, 7, 14), location="Brussel",
            members=[cast.user("comite1"), cast.user("comite2")], by=secretary,
        )  # fmt: skip
        meetings.describe(
            meeting,
            starts_at=time(14),
            location="Brussel",
            notes="Goedkeuring van het verslag van de vorige vergadering.",
            by=secretary,
        )
        ranked = {entry.application_id: entry for entry in frozen.entries.all()}
        _think(meeting, cast, ranked)
        for role in sorted(cast.reaching(Stage.DECIDED_2), key=lambda role: ranked[role.dossier.pk].rank):
            _decide_one(meeting, role, secretary)
    with clock.fixed("2026-07-20T11:00"):
        committee.release(meeting, by=secretary)


# ---------------------------------------------------------------- the hands


def screen(application: Application, *, admissible: bool, by) -> None:
    """Judge every criterion as the machine saw it and conclude."""
    handling.assign(application, handler=by, by=by)
    for check in screening.open_screening(application, by=by):
        verdict = check.machine_outcome if check.machine_outcome != "unclear" else "yes"
        reason = "" if verdict == check.machine_outcome else "Nagekeken in de stukken: in orde."
        screening.judge(check, verdict=verdict, reason=reason, by=by)
    screening.conclude(
        application,
        admissible=admissible,
        reason="" if admissible else "Er zijn te weinig geldige intentiebrieven.",
        by=by,
    )


def _describe(role: Role) -> None:
    what = role.initiative
    drafts.save_facts(
        role.dossier, by=role.representative, summary=what.summary, keywords=what.keywords, sector=what.sector,
        technology_domain=what.domain,
    )  # fmt: skip


def _answer(role: Role, *, phase: int, leave_open: int) -> None:
    application = role.dossier
    questions = list(
        Question.objects.filter(section__call=application.call, section__phase=phase)
        .select_related("section")
        .order_by("section__position", "position")
    )
    for question in questions[: len(questions) - leave_open]:
        if question.answer_type == AnswerType.UPLOAD:
            scheme = papers.pdf(
                "schema van de aanpak.pdf", ["Aanpak in drie stappen", "", "Verkennen, bundelen, opschalen"]
            )
            answer_files.attach(application, question, scheme, version=0, by=role.representative)
            continue
        value = _value(question, role)
        if value:
            drafts.save_answer(application, question, value, version=0, by=role.representative)


def _value(question: Question, role: Role) -> str:
    match question.answer_type:
        case AnswerType.CHOICE:
            return question.choices[0][0]
        case AnswerType.NUMBER:
            return "25"
        case AnswerType.DATE:
            return "2027-01-01"
        case AnswerType.YES_NO:
            return "no"
        case AnswerType.TEXT:
            return role.initiative.keywords
        case _:
            return f"{role.initiative.summary} {_SENTENCE}"


def _collect_letters(role: Role, *, phase: int, number: int) -> None:
    label = "vooraanmelding" if phase == 1 else "volledige aanvraag"
    application = role.dossier
    for offset in range(number):
        company = companies.company((role.serial * 5 + offset) % 200)
        letter = letters.add(
            application, by=role.representative, company_name=company.name, enterprise_number=company.enterprise_number,
            contact_name=company.contact_name, contact_email=company.contact_email, street=company.street,
            postcode=company.postcode, municipality=company.municipality, declares_mandate=True, declares_support=True,
            declares_cofinancing=True, role="Neemt deel aan de stuurgroep" if offset % 4 == 0 else "Lid",
            commitment_amount=Decimal(2_000 + 500 * (offset % 5)),
            motivation="Wij zoeken partners in de keten." if offset % 3 == 0 else "",
        )  # fmt: skip
        letters.sign(letter, papers.signed_letter(company.name, role.initiative.title, label), by=role.representative)


def _attach(role: Role, kind: DocumentKind) -> None:
    name = "pitch.pdf" if kind == DocumentKind.PITCH_DECK else "werkplan.pdf"
    upload = papers.pdf(name, [kind.label, role.initiative.title], ["Mijlpalen en taken"])
    drafts.attach(role.dossier, kind, upload, by=role.representative)


def _budget(role: Role) -> None:
    application = role.dossier
    yearly = Decimal(role.initiative.yearly_cost)
    lines = []
    for year in range(1, application.call.rules().project_years + 1):
        lines += [
            ReadLine(year, CostType.PERSONNEL, "Clustermanager en projectmedewerkers", yearly * _PERSONNEL, _MONTHS),
            ReadLine(year, CostType.OVERHEAD, "Overhead", yearly * _OVERHEAD, motivation="Aandeel in de gewerkte uren"),
            ReadLine(year, CostType.OPERATING, "Evenementen en communicatie", yearly * _OPERATING),
            ReadLine(
                year, CostType.EXTERNAL, "Begeleiding verdienmodel", yearly * _EXTERNAL, supplier="Nog te kiezen",
                motivation="Kennis die het netwerk zelf niet heeft en maar kort nodig is.",
            ),
        ]  # fmt: skip
    content = budget_workbook.build(
        budget.expected(application), title=application.title, applicant=application.applicant.name, lines=tuple(lines)
    )
    upload = SimpleUploadedFile(f"begroting-{application.number}.xlsx", BytesIO(content).getvalue())
    budget.accept(application, upload, by=role.representative)


def _plan_cofinancing(role: Role) -> None:
    needed = Decimal(role.initiative.yearly_cost) / 2
    payers = 5
    cash, income = needed * Decimal("0.80") / payers, needed * Decimal("0.20")
    application = role.dossier
    for year in (1, 2, 3):
        for offset in range(payers):
            company = companies.company((role.serial * 5 + offset) % 200)
            cofinancing.add_line(
                application, project_year=year, company_name=company.name, enterprise_number=company.enterprise_number,
                kind=ContributionKind.CASH_FEE, amount=cash.quantize(Decimal("0.01")), by=role.representative,
            )  # fmt: skip
        company = companies.company((role.serial * 5) % 200)
        cofinancing.add_line(
            application, project_year=year, company_name=company.name, enterprise_number=company.enterprise_number,
            kind=ContributionKind.ACTIVITY_INCOME, amount=income, by=role.representative,
        )  # fmt: skip


def _plan_kpis(role: Role) -> None:
    targets = {"kpi1": 60, "kpi2": 30, "kpi3": 12, "kpi3b": 6}
    for definition in KpiDefinition.objects.filter(call=role.dossier.call, is_mandatory=True):
        kpis.save_target(
            role.dossier, by=role.representative, definition_of_call=definition,
            definition=definition.definition or definition.label, baseline=Decimal(0),
            target=Decimal(targets.get(definition.code, 10)), method="Telling in het ledenregister, elk jaar op 31 december.",
        )  # fmt: skip
    for area in KpiArea:
        for kind, label in ((KpiKind.OUTPUT, "Bijeenkomsten"), (KpiKind.RESULT, "Bedrijven met een nieuw product")):
            kpis.save_target(
                role.dossier, by=role.representative, label=f"{label}: {area.label.lower()}", kind=kind, area=area,
                definition=f"{label} in het kader van het netwerk.", baseline=Decimal(0), target=Decimal(9),
                method="Telling in het jaarverslag.",
            )  # fmt: skip


_MOTIVATIONS = (
    "De stukken tonen dit voldoende aan en de bedrijven staan er zichtbaar achter.",
    "Het plan noemt partners, data en cijfers; enkel de timing van het tweede jaar is krap.",
    "De onderbouwing is dunner dan bij de andere punten: ik mis de stem van de kleinere bedrijven.",
)


def _score(role: Role, assignment: Assignment, criteria: Iterable[Criterion], steps: list, *, shift: int) -> None:
    """They see the same strong and weak points; the second is now and then two steps lower, the third a step harder on two in three."""
    given = {}
    for position, criterion in enumerate(criteria):
        common = steps.index(_step(role, steps, position)) + (position % 6 == 0) - (position % 4 == 3)
        lower = {1: 2 * (position % 7 == 5), 2: position % 3 != 0}.get(shift, 0)
        given[criterion] = (
            steps[min(max(1, common - lower), len(steps) - 1)],
            _MOTIVATIONS[(position + shift) % len(_MOTIVATIONS)],
        )
    scoring.save_all(
        assignment, given, doubts_identity=None, distorts_market=None, grounds_text="", by=assignment.expert
    )


def _step(role: Role, steps: list, position: int):
    """Good in general, a step lower now and then, moved by the initiative's strength; never out of the scale."""
    good = len(steps) - 2
    index = good + role.initiative.strength - (1 if position % 5 == 4 and role.initiative.strength <= 0 else 0)
    return steps[max(0, min(len(steps) - 1, index))]


def _advise(role: Role, criteria: list[Criterion], steps: list, handler, reader) -> None:
    is_weak = role.initiative.strength < 0
    panel.advise_phase2(
        role.dossier,
        recommendation="negative" if is_weak else "positive",
        text="Het panel ziet te weinig samenwerking tussen bedrijven."
        if is_weak
        else "Een gedragen en haalbaar voorstel.",
        strengths="Sterk engagement van de bedrijven.",
        weaknesses="De opvolging van resultaten kan scherper.",
        start_conditions=()
        if is_weak
        else ("Elke deelnemende onderneming bevestigt haar bijdrage voor het eerste jaar.",),
        panel_scores={
            criterion.code: (_step(role, steps, position).code, "De deskundigen komen tot dezelfde vaststelling.")
            for position, criterion in enumerate(criteria)
        },
        advised_amount=None if is_weak else role.dossier.requested_grant,
        by=handler,
        second_reader=reader,
    )


def _decide_one(meeting, role: Role, secretary) -> None:
    if role.initiative.turn in {"rejected", "review"}:
        committee.record_support(
            meeting, role.dossier, outcome="rejected", by=secretary,
            reason="Het comité ziet te weinig clusterpotentieel en een te beperkt draagvlak.",
        )  # fmt: skip
        return
    yearly = Decimal(role.initiative.yearly_cost) / 2
    committee.record_support(
        meeting, role.dossier, outcome="awarded", by=secretary,
        reason="Het comité volgt het advies: een gedragen voorstel met duidelijke resultaten voor de bedrijven.",
        year_amounts=dict.fromkeys((1, 2, 3), yearly),
        conditions=[
            committee.Condition("start", "De begunstigde opent een afzonderlijke boekhouding voor het netwerk.", is_blocking=True),
            committee.Condition("special", "Jaarlijks overleg met de naburige speerpuntcluster."),
        ],
    )  # fmt: skip


def _think(meeting, cast: Cast, ranked) -> None:
    """Two sets side by side: the first three of the ranking, and a cheaper one."""
    first = {
        role.dossier: role.dossier.requested_grant or Decimal(0)
        for role in cast.reaching(Stage.DECIDED_2)
        if ranked[role.dossier.pk].is_within_budget
    }
    if len(first) > 1:
        best = dict(list(first.items())[:3])
        whatif.keep(meeting, name="De eerste drie", amounts=best, by=cast.user("comite1"))
        cut = {dossier: (amount * Decimal("0.90")).quantize(Decimal(1)) for dossier, amount in first.items()}
        whatif.keep(meeting, name="Iedereen tien procent minder", amounts=cut, by=cast.user("secretaris"))


def _partner(cast: Cast, role: Role) -> Application:
    """With which initiative this one is advised to go on: the first of the cast that is not itself."""
    return next(other.dossier for other in cast.roles if other is not role)


__all__ = (
    "decide", "evaluate", "merge", "pitch_and_advise", "preselect", "screen_full_dossiers", "screen_pre_registrations",
    "submit_full_dossiers", "submit_pre_registrations", "write_full_dossiers", "write_pre_registrations",
)  # fmt: skip
