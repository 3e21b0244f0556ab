"""After the decision: minutes, a talk that is planned, a review in hand, and two complaints."""

from datetime import date

from evaluation.domain import complaints, conduct, discussions, papers, reviews
from evaluation.models import Meeting
from ibnportal.core import clock
from ibnportal.portal.story.cast import Cast
from ibnportal.portal.story.initiatives import Stage


def look_back(cast: Cast) -> None:
    """The summer and autumn of 2026."""
    secretary, outsider = cast.user("secretaris"), cast.user("herziening")
    meeting = Meeting.objects.filter(call=cast.call, phase=2).order_by("pk").last()
    if meeting is None:
        return
    with clock.fixed("2026-07-20T15:00"):
        papers.ask_minutes(meeting, by=secretary)
    for role in cast.turning("rejected", at=Stage.DECIDED_2):
        with clock.fixed("2026-07-28T09:30"):
            talk = discussions.ask(
                role.dossier, by=role.representative, question="Wat konden we sterker onderbouwen?",
                proposals=[clock.moment("2026-09-01T10:00"), clock.moment("2026-09-03T14:00")],
            )  # fmt: skip
        with clock.fixed("2026-07-29T11:00"):
            discussions.plan(
                talk,
                at=clock.moment("2026-09-01T10:00"),
                place="Koning Albert II-laan, Brussel",
                by=cast.user("dossier"),
            )
            conduct.put_on_record(
                role.organisation, kind="reporting", happened_on=date(2024, 3, 31), by=cast.user("dossier"),
                text="Het eindverslag van een eerdere studie kwam negen maanden te laat.", source="Brief van 12 januari 2025",
            )  # fmt: skip
    for role in cast.turning("review", at=Stage.DECIDED_2):
        with clock.fixed("2026-08-10T16:45"):
            review = reviews.request(
                role.dossier, by=role.representative,
                arguments="Bij “noodzaak tot samenwerking” staat dat er geen gedeelde gegevens zijn. Deel 3 van onze aanvraag beschrijft ze wel.",
            )  # fmt: skip
        with clock.fixed("2026-08-12T09:00"):
            reviews.assign(review, handler=outsider, by=secretary)
    _complaints(cast)


def _complaints(cast: Cast) -> None:
    outsider = cast.user("herziening")
    with clock.fixed("2026-06-18T10:00"):
        late = complaints.file(
            subject="Geen antwoord op twee mails", application=None, by=cast.user("collega"),
            text="Op 2 en 9 juni stelde ik een vraag over de vervollediging. Ik kreeg geen antwoord voor de termijn voorbij was.",
        )  # fmt: skip
        complaints.take_in_hand(late, handler=outsider, by=outsider)
    with clock.fixed("2026-06-25T14:00"):
        complaints.answer(
            late, by=outsider, text="U hebt gelijk: de mails kwamen in een map terecht die niemand las. Dat is rechtgezet. Onze excuses.",
        )  # fmt: skip
    with clock.fixed("2026-08-03T09:00"):
        complaints.register(
            channel="oral", received_at=clock.moment("2026-07-31T00:00"), complainant_name="Directie van een lid", complainant_email="",
            subject="Lang wachten aan het onthaal", text="Op de pitchdag moest een delegatie veertig minuten wachten.", application=None,
            by=cast.user("dossier"),
        )  # fmt: skip
