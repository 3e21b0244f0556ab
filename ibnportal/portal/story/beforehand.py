"""Before anybody hands in: ideas talked through on the two days of the call, and questions of visitors."""

from datetime import date, time

from calls.domain import enquiries, prediscussions
from ibnportal.core import clock
from ibnportal.portal.story import papers
from ibnportal.portal.story.cast import Cast

_QUESTIONS = (
    ("Telt een vzw mee als onderneming bij de intentiebrieven?", "Een intentiebrief komt van een onderneming met een vestiging in Vlaanderen. Een ledenorganisatie telt niet mee; haar leden wel, elk met een eigen brief."),
    ("Mag een onderneming twee initiatieven steunen?", "Dat mag. De dossierbehandelaar ziet de overlap en kan er tijdens de pitch naar vragen."),
)  # fmt: skip


def talk_and_ask(cast: Cast) -> None:
    """Three ideas (advised, planned, still waiting) and three questions (two of them on the page of the call)."""
    handler = cast.user("dossier")
    advised, planned, waiting = cast.roles[0], cast.roles[1 % len(cast.roles)], cast.roles[2 % len(cast.roles)]
    with clock.fixed("2025-12-02T09:30"):
        ideas = [
            prediscussions.ask(
                cast.call, role.organisation, title=role.initiative.title, idea=role.initiative.summary,
                doubts="Sluit dit genoeg aan bij de beleidsprioriteiten, en welke kosten van het team zijn aanvaardbaar?",
                by=role.representative,
                upload=papers.pdf("voorbespreking.pdf", ["Voorbespreking van een idee", role.initiative.title]),
            )
            for role in (advised, planned, waiting)
        ]  # fmt: skip
    with clock.fixed("2025-12-03T14:00"):
        slots = [
            slot
            for day in (date(2025, 12, 8), date(2025, 12, 10))
            for slot in prediscussions.lay_out_slots(
                cast.call, day=day, starts=time(9), ends=time(11), minutes=30, place="online", by=handler
            )
        ]
        prediscussions.plan(ideas[0], slots[0], by=handler)
        prediscussions.plan(ideas[1], slots[-1], by=handler)
    with clock.fixed("2025-12-08T11:30"):
        prediscussions.advise(
            ideas[0],
            advice="Het idee past in de oproep. Toon in de vooraanmelding waarin u verschilt van de federatie, en laat "
            "enkele kleinere ondernemingen mee trekken.",
            by=handler,
        )
    with clock.fixed("2025-12-11T10:00"):
        for number, (question, answer) in enumerate(_QUESTIONS, start=1):
            asked = enquiries.ask(cast.call, question=question, email=f"bezoeker{number}@voorbeeld.example")
            enquiries.answer(asked, text=answer, by=handler)
            enquiries.publish(asked, question=question, by=handler)
        enquiries.ask(
            cast.call,
            question="Is er ook een infosessie in januari?",
            email="bezoeker3@voorbeeld.example",
            name="Mia Vrager",
        )
