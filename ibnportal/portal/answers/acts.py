"""What stands in the trail, in words: `letter.signed` is “Intentiebrief: ondertekend” (QA-08)."""

from functools import lru_cache

from django.apps import apps
from django.db.models import Model

NOUNS = {
    "admissibility": "ontvankelijkheid", "author": "medeauteur", "budget": "begroting", "cofinancing": "cofinancieringsplan", "company": "onderneming",
    "conditions": "voorwaarden", "conflict": "belangenconflict", "discussion": "gesprek", "dossier": "dossier", "expert": "deskundige",
    "handler": "dossierbehandelaar", "interest": "belang", "kpi": "indicator", "kpivalue": "cijfer van een indicator", "ledger": "grootboek",
    "member": "comitélid", "notice": "bericht", "paper": "document", "pitchday": "pitchdag", "role": "rol", "scores": "scores", "screening": "screening",
    "sheet": "beslissingsfiche", "team_member": "teamlid", "work_package": "werkpakket",
}  # fmt: skip
"""What is no model of its own, or is better known under another name."""

VERBS = {
    "accepted": "aanvaard", "account_change_asked": "ander rekeningnummer gevraagd", "account_manager_appointed": "accountmanager aangesteld",
    "account_number_set": "rekeningnummer ingesteld", "added": "toegevoegd", "advised": "geadviseerd", "amended": "aangepast",
    "answer_corrected": "antwoord verbeterd", "answered": "beantwoord", "asked": "gevraagd", "assigned": "toegewezen", "attached": "toegevoegd",
    "attendance": "aanwezigheid genoteerd", "bar_lifted": "afscherming opgeheven", "barred": "afgeschermd", "begun": "begonnen",
    "beneficiary_appointed": "begunstigde aangeduid", "booked": "gereserveerd", "broad_declared": "breed verklaard", "bundled": "gebundeld",
    "cancelled": "afgelast", "changed": "gewijzigd", "claimed": "gevorderd", "claims_closed": "indienen van bijdragen afgesloten", "closed": "afgesloten",
    "closed_for_expert": "gesloten voor een deskundige", "condition_met": "voorwaarde vervuld", "conditions_set": "voorwaarden opgelegd",
    "conduct_noted": "gedrag genoteerd", "confirmed": "bevestigd", "content": "inhoud bewaard", "contested": "betwist", "copied": "gekopieerd",
    "corrected": "verbeterd", "costs_accepted": "kosten aanvaard", "costs_uploaded": "kosten ingelezen", "created": "opgericht",
    "credited": "creditnota verwerkt", "declared": "aangegeven", "declared_again": "opnieuw verklaard", "declined": "geweigerd", "described": "beschreven",
    "detached": "losgemaakt", "discarded": "weggedaan", "downloaded": "opgehaald", "draft_saved": "ontwerp bewaard", "drafted": "opgesteld", "dropped": "weggelaten",
    "ended": "beëindigd", "entered": "ingevoerd", "evaluated": "geëvalueerd", "exported": "uitgevoerd naar een bestand", "extended": "verlengd",
    "extension_asked": "verlenging gevraagd", "fallen": "vervallen", "fetched": "opgehaald", "file_attached": "bestand toegevoegd",
    "file_removed": "bestand verwijderd", "found": "gevonden", "frozen": "bevroren", "future_planned": "toekomst gepland", "future_recorded": "toekomst genoteerd",
    "given": "gegeven", "granted": "toegekend", "grid_saved": "rooster bewaard", "grounds_saved": "motivering bewaard", "handed_over": "overgedragen",
    "held": "gehouden", "indicator_fixed": "indicator vastgelegd", "installed": "ingericht", "invitation_revoked": "uitnodiging ingetrokken",
    "invited": "uitgenodigd", "issued": "uitgereikt", "joined": "toegetreden", "judged": "beoordeeld", "kept": "bewaard", "label_set": "label ingesteld",
    "laid_out": "uitgezet", "left": "uitgetreden", "letter_written": "brief opgesteld", "list_imported": "lijst ingelezen", "looked": "bekeken",
    "made": "gemaakt", "mail_worded": "mail verwoord", "minutes_handed_in": "verslag ingediend", "moved": "verplaatst",
    "observer_recorded": "waarnemer genoteerd", "opened": "geopend", "paper_added": "document toegevoegd", "paper_asked": "document gevraagd",
    "paper_frozen": "document bevroren", "paper_made": "document gemaakt", "part_added": "onderdeel toegevoegd", "part_left_out": "onderdeel weggelaten", "part_moved": "onderdeel verplaatst", "part_rewritten": "onderdeel herschreven",
    "participants_set": "deelnemers ingesteld", "party_added": "partij toegevoegd", "party_removed": "partij verwijderd", "pitch_slots_made": "pitchmomenten gemaakt",
    "pitch_slots_removed": "pitchmomenten verwijderd", "planned": "gepland", "prediscussion_slots_added": "momenten voor voorbesprekingen toegevoegd",
    "profile_kept": "profiel bewaard", "promises_taken": "toezeggingen overgenomen", "proposed": "voorgesteld", "published": "gepubliceerd",
    "put_in_file": "in een betaalbestand gezet", "read": "gelezen", "reading_chosen": "andere bron gekozen", "received": "ontvangen",
    "reconstructed": "uit bronnen hersteld", "recorded": "genoteerd", "recused": "teruggetrokken", "registered": "geregistreerd", "released": "bekendgemaakt",
    "reminded": "herinnerd", "removed": "verwijderd", "rendered": "afgedrukt", "repaid": "terugbetaald", "returned": "teruggegeven", "reviewed": "herzien",
    "revoked": "ingetrokken", "reworded": "herverwoord", "saved": "bewaard", "scored": "gescoord", "set": "opgegeven", "sheets_resumed": "fiches hervat",
    "signed": "ondertekend", "signed_in_demo": "aangemeld in de demo", "signed_up": "ingeschreven", "start_changed": "start gewijzigd", "started": "begonnen",
    "stated": "vastgesteld", "stored": "opgeslagen", "taken_from_file": "uit een betaalbestand gehaald", "taken_in": "ingelezen", "taken_over": "overgenomen",
    "text_removed": "tekst verwijderd", "text_written": "tekst geschreven", "tied": "verbonden", "told": "verteld", "undone": "ongedaan gemaakt",
    "uninvited": "uitnodiging ingetrokken", "untied": "losgemaakt", "upload_discarded": "bestand weggelegd", "uploaded": "opgeladen",
    "vat_declared": "btw-stelsel verklaard", "voided": "vervallen verklaard", "waived": "opzijgezet", "withdrawn": "ingetrokken", "written": "geschreven",
}  # fmt: skip


@lru_cache(maxsize=1024)
def in_words(action: str) -> str:
    """The noun by the name of its model, a state by its label and any other verb by the list above; what none of them knows stands as it is."""
    noun, _, verb = action.partition(".")
    model = _models().get(noun)
    name = NOUNS.get(noun) or (str(model._meta.verbose_name) if model else noun)  # noqa: SLF001 - Django's documented Meta API
    states = dict(getattr(model._meta.get_field("state"), "flatchoices", ())) if model and hasattr(model, "state") else {}  # fmt: skip  # noqa: SLF001 - likewise
    said = str(states.get(verb, "")).lower() or VERBS.get(verb) or verb.replace("_", " ")
    return f"{name[:1].upper()}{name[1:]}{f': {said}' if said else ''}"


@lru_cache(maxsize=1)
def _models() -> dict[str, type[Model]]:
    return {model._meta.model_name: model for model in apps.get_models() if model._meta.model_name}  # noqa: SLF001 - likewise
