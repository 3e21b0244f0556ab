"""Plays the story from December 2025 to February 2028, one act after the other, through the domain's own verbs."""

from collections.abc import Callable, Collection

from calls.models import Call
from ibnportal.core.outbox import queue
from ibnportal.core.workdays.seed import seed_closing_days
from ibnportal.portal.story import aftermath, banking, beforehand, networks, selection, writing
from ibnportal.portal.story.cast import Cast, assemble

ACTS: tuple[tuple[str, Callable[[Cast], None]], ...] = (
    ("Voorbesprekingen en vragen", beforehand.talk_and_ask),
    ("Vooraanmeldingen schrijven", selection.write_pre_registrations),
    ("Vooraanmeldingen indienen", selection.submit_pre_registrations),
    ("Ontvankelijkheid fase 1", selection.screen_pre_registrations),
    ("Pitches en advies", selection.pitch_and_advise),
    ("Preselectie", selection.preselect),
    ("Samen verder", selection.merge),
    ("Volledige aanvragen schrijven", selection.write_full_dossiers),
    ("Samen schrijven", writing.write_together),
    ("Volledige aanvragen indienen", selection.submit_full_dossiers),
    ("Ontvankelijkheid fase 2", selection.screen_full_dossiers),
    ("Beoordeling door deskundigen", selection.evaluate),
    ("Beslissing", selection.decide),
    ("Na de beslissing", aftermath.look_back),
    ("Overeenkomsten", networks.agree),
    ("Eerste projectjaar", networks.run_first_year),
    ("Stuurgroepen", networks.steer),
    ("Betaalbestand en uittreksel", banking.pay),
    ("Activiteiten en samenwerking", networks.work_together),
    ("Jaarverslag en afrekening", networks.report_and_settle),
    ("Toezeggingen voor het tweede jaar", networks.pledge_second_year),
    ("Ledenbevraging", networks.ask_members),
)


def has_been_played(call: Call) -> bool:
    """Whether the story (or anything else) already lives on this call."""
    return call.applications.exists()


def play(
    call: Call,
    *,
    tell: Callable[[str], None] = lambda _line: None,
    perform: bool = True,
    only: Collection[str] | None = None,
) -> Cast:
    """Play every act on that call; with `perform` the outbox is emptied here, otherwise the workers do it.

    `only`: the keys of the initiatives that play, by default all of them.
    """
    seed_closing_days(range(2025, 2031))
    cast = assemble(call, only=only)
    for title, act in ACTS:
        act(cast)
        if perform:
            queue.drain()
        tell(title)
    return cast
