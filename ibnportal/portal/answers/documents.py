"""Documents of several answers: begin, add, put in order, leave out, freeze; and what a frozen one would say differently today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from ibnportal.core import clock
from ibnportal.core.accounts.models import User
from ibnportal.core.audit import trail
from ibnportal.core.canonical import digest
from ibnportal.core.errors import DomainError, WrongState
from ibnportal.core.files.models import StoredFile
from ibnportal.core.lifecycle import lock
from ibnportal.core.outbox.queue import enqueue
from ibnportal.portal.answers import asking, files, pictures, register
from ibnportal.portal.answers.asking import Asked
from ibnportal.portal.answers.register import Question
from ibnportal.portal.answers.table import Answer
from ibnportal.portal.models import AnswerDocument

TOPIC = "portal.answer_document"
MOST_PARTS = 40
LONGEST_TEXT = 20_000


class ChangedMeanwhile(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """The parts are no longer those that somebody saw: in another tab, or by a colleague."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a frozen answer said and that today's answer on the same date says otherwise; "" where it was not there."""

    question: str
    where: str
    before: str
    now: str


@transaction.atomic
def begin(title: str, *, as_of: date, by: User) -> AnswerDocument:
    """An empty document; raises DomainError without a title or with a day to come."""
    title = " ".join(title.split())
    if not title:
        raise DomainError("Geef het document een titel.")
    if as_of > clock.today():
        raise DomainError(f"Stand op: {as_of:%d/%m/%Y} ligt in de toekomst.")
    made = AnswerDocument.objects.create(title=title[:200], as_of=as_of, made_at=clock.now(), made_by=by)
    trail.record("answerdocument.begun", made, by=by, changes={"title": made.title, "as_of": as_of})
    return made


@transaction.atomic
def add(
    document: AnswerDocument,
    *,
    by: User,
    question: str = "",
    text: str = "",
    parameters: Mapping[str, str] | None = None,
) -> AnswerDocument:
    """One part more: text of one's own, a question with its parameters, or both. Raises DomainError with what is wrong."""
    fresh = _open(document)
    asked, text = register.question(question) if question else None, _own_text(text)
    if asked is None and not text:
        raise DomainError("Kies een vraag, of schrijf een tekst.")
    if len(fresh.parts) >= MOST_PARTS:
        raise DomainError(f"Een document heeft hoogstens {MOST_PARTS} onderdelen. Begin een tweede document.")
    name = asked.id if asked else ""
    kept = _filters(fresh, asked, parameters or {}, by=by)
    part = {"question": name, "parameters": kept, "text": text}
    if name and part in fresh.parts:
        raise DomainError(
            f"{name} staat al in dit document, met dezelfde filters. Kies een andere vraag of andere filters."
        )
    fresh.parts = [*fresh.parts, part]
    fresh.save(update_fields=["parts"])
    trail.record("answerdocument.part_added", fresh, by=by, changes={"question": name, "parameters": kept})
    return fresh


def _filters(
    document: AnswerDocument, question: Question | None, given: Mapping[str, str], *, by: User
) -> dict[str, str]:
    """The filters of a part as they are kept; the day is that of the document. Raises DomainError naming the field, also for one that the question does not have."""
    named = {key: value for key, value in given.items() if key in asking.PARAMETERS and key != "stand" and value}
    if question is None:
        if named:
            raise DomainError("Filters horen bij een vraag. Kies een vraag, of kies overal “Alle”.")
        return {}
    kept = question.read({**named, "stand": document.as_of.isoformat()}, reader=by).kept()
    kept.pop("stand")
    return kept


@transaction.atomic
def add_asked(document: AnswerDocument, question: str, asked: Asked, *, by: User, text: str = "") -> AnswerDocument:
    """A question as somebody asked it, with its filters; raises DomainError where the document stands on another day."""
    if asked.as_of != document.as_of:
        raise DomainError(
            f"Dit document heeft als stand {document.as_of:%d/%m/%Y}, de vraag {asked.as_of:%d/%m/%Y}. Kies een document van die dag, of begin er een."
        )
    return add(document, by=by, question=question, text=text, parameters=asked.kept())


@transaction.atomic
def begin_with(title: str, question: str, asked: Asked, *, by: User, text: str = "") -> AnswerDocument:
    """A new document on the day of what was asked, with that question in it."""
    return add_asked(begin(title, as_of=asked.as_of, by=by), question, asked, by=by, text=text)


def seen_of(document: AnswerDocument) -> str:
    """What tells its parts in their order from any other: a page hands it out, a verb gets it back as `seen`."""
    return digest(document.parts)


@transaction.atomic
def move(document: AnswerDocument, place: int, *, up: bool, by: User, seen: str | None = None) -> AnswerDocument:
    """The part at that place, from 0, one place up or down; nothing changes at either end. Raises ChangedMeanwhile."""
    fresh = _open(document, seen=seen)
    other = place - 1 if up else place + 1
    if min(place, other) >= 0 and max(place, other) < len(fresh.parts):
        moved = list(fresh.parts)
        moved[place], moved[other] = moved[other], moved[place]
        fresh.parts = moved
        fresh.save(update_fields=["parts"])
        changes = {"question": moved[other]["question"], "from": place + 1, "to": other + 1}
        trail.record("answerdocument.part_moved", fresh, by=by, changes=changes)
    return fresh


def key_of(part: Mapping[str, Any]) -> str:
    """What tells this part as it reads from any other, wherever it stands."""
    return digest(part)


@transaction.atomic
def rewrite(
    document: AnswerDocument, part: str, *, text: str, by: User, parameters: Mapping[str, str] | None = None
) -> int:
    """Give the part with that key another text of one's own and, where `parameters` are given, these filters; returns its place, from 0.

    Others may have moved it or changed other parts meanwhile. Raises ChangedMeanwhile where it was itself changed or left out, and DomainError with
    what is wrong: no text where there is no question, too long a text, a filter that cannot be, or the same as another part.
    """
    fresh = _open(document)
    place = next((place for place, each in enumerate(fresh.parts) if key_of(each) == part), None)
    if place is None:
        raise ChangedMeanwhile(
            "Dit onderdeel is intussen veranderd of weggelaten, in een ander venster of door een collega. Wat u invulde, staat hieronder nog; kijk na wat er nu staat."
        )
    before, text = fresh.parts[place], _own_text(text)
    name = before["question"]
    if not text and not name:
        raise DomainError("Schrijf een tekst, of laat dit onderdeel weg: het heeft geen vraag.")
    after = {**before, "text": text}
    if name and parameters is not None:
        after["parameters"] = _filters(fresh, register.question(name), parameters, by=by)
    if after == before:
        return place
    if name and after in fresh.parts:
        raise DomainError(f"{name} staat al in dit document, met dezelfde filters en deze tekst.")
    fresh.parts = [after if number == place else each for number, each in enumerate(fresh.parts)]
    fresh.save(update_fields=["parts"])
    changes = {"question": name, "part": place + 1}
    if after["parameters"] != before["parameters"]:
        changes["parameters"] = [before["parameters"], after["parameters"]]
    trail.record("answerdocument.part_rewritten", fresh, by=by, changes=changes)
    return place


def _own_text(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(text) > LONGEST_TEXT:
        raise DomainError(f"De tekst telt {len(text)} tekens; er passen er {LONGEST_TEXT}.")
    return text


@transaction.atomic
def leave_out(document: AnswerDocument, place: int, *, by: User, seen: str | None = None) -> AnswerDocument:
    """Take out the part at that place, from 0; a place that is not there changes nothing. Raises ChangedMeanwhile."""
    fresh = _open(document, seen=seen)
    if 0 <= place < len(fresh.parts):
        gone = fresh.parts[place]
        fresh.parts = [part for number, part in enumerate(fresh.parts) if number != place]
        fresh.save(update_fields=["parts"])
        trail.record("answerdocument.part_left_out", fresh, by=by, changes={"question": gone["question"]})
    return fresh


def content_of(document: AnswerDocument, *, reader: User) -> dict[str, Any]:
    """The document worked out, as plain values: every part with its answer as of the document's date, and the drawing of its chart."""
    parts = []
    for part in document.parts:
        answered = None
        if part["question"]:
            question = register.question(part["question"])
            asked = asking.read({**part["parameters"], "stand": document.as_of.isoformat()}, reader=reader)
            answered = _answered(question, asked)
        parts.append({"text": part["text"], "answer": answered})
    return {"title": document.title, "as_of": document.as_of.isoformat(), "parts": parts}


def _answered(question: Question, asked: Asked) -> dict[str, Any]:
    """An answer with what only paper holds: its drawing, and for each row what other sources say."""
    answer = question.answer(asked)
    data = files.as_data(question, asked, answer)
    for kept, row in zip(data["rows"], answer.rows, strict=True):
        kept["said_otherwise"] = files.said_otherwise(row)
    return {**data, "chart": _drawn(answer)}


def _drawn(answer: Answer) -> dict[str, Any] | None:
    """The chart as it is drawn today: kept as it is, so that a frozen document shows what it showed."""
    picture = pictures.picture_of(answer)
    if picture is None:
        return None
    return {"title": picture.title, "alt": picture.alt, "drawing": picture.drawn(), "left_out": picture.left_out}


@transaction.atomic
def freeze(document: AnswerDocument, *, by: User, seen: str | None = None) -> AnswerDocument:
    """Work every answer out and keep it for good, with date and hash; a worker makes the docx and the PDF of it."""
    fresh = _open(document, seen=seen)
    if not fresh.parts:
        raise DomainError("Dit document is nog leeg. Voeg een vraag of een tekst toe.")
    fresh.content = content_of(fresh, reader=by)
    fresh.sha256 = digest(fresh.content)
    fresh.frozen_at, fresh.frozen_by = clock.now(), by
    fresh.save(update_fields=["content", "sha256", "frozen_at", "frozen_by"])
    trail.record("answerdocument.frozen", fresh, by=by, changes={"sha256": fresh.sha256})
    enqueue(TOPIC, key=f"{TOPIC}:{fresh.pk}", payload={"document": fresh.pk}, subject=fresh)
    return fresh


def attach(document: AnswerDocument, *, pdf: StoredFile, docx: StoredFile) -> None:
    """Keep the made files with the frozen document."""
    document.pdf, document.docx = pdf, docx
    document.save(update_fields=["pdf", "docx"])


def differences(document: AnswerDocument, *, reader: User) -> list[Difference]:
    """What today's answers on the same date say otherwise than the frozen ones: what was corrected or added since."""
    if not document.content:
        return []
    found = []
    today = content_of(document, reader=reader)
    for before, now in zip(document.content["parts"], today["parts"], strict=True):
        if before["answer"] and now["answer"]:
            found += _between(before["answer"], now["answer"])
    return found


def _between(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    name, titles = before["id"], {column["key"]: column["title"] for column in (*before["columns"], *now["columns"])}
    old, new = ({row["key"]: row for row in answer["rows"]} for answer in (before, now))
    first = before["columns"][0]["key"] if before["columns"] else ""
    found = (
        [Difference(name, "Geen antwoord mogelijk", before["unanswered"], now["unanswered"])]
        if before["unanswered"] != now["unanswered"]
        else []
    )
    for key in dict.fromkeys([*old, *new]):
        was, is_now = old.get(key, {}).get("cells", {}), new.get(key, {}).get("cells", {})
        label = str(was.get(first) or is_now.get(first) or key)
        if not was or not is_now:
            found.append(Difference(name, label, "stond er" if was else "", "staat er" if is_now else ""))
            continue
        found += [
            Difference(name, f"{label}, {titles[cell]}", _text(was.get(cell)), _text(is_now.get(cell)))
            for cell in dict.fromkeys([*was, *is_now])
            if was.get(cell) != is_now.get(cell)
        ]
    for cell in dict.fromkeys([*before["total"], *now["total"]]):
        pair = before["total"].get(cell), now["total"].get(cell)
        if pair[0] != pair[1]:
            found.append(Difference(name, f"Totaal, {titles.get(cell, cell)}", _text(pair[0]), _text(pair[1])))
    return found


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _open(document: AnswerDocument, *, seen: str | None = None) -> AnswerDocument:
    """The document locked, while it takes changes; with `seen` only where its parts are those that were seen."""
    fresh = lock(document)
    if fresh.frozen_at is not None:
        raise WrongState(
            f"Dit document is bevroren op {clock.local(fresh.frozen_at):%d/%m/%Y} en verandert niet meer. Begin een nieuw document."
        )
    if seen is not None and seen != seen_of(fresh):
        raise ChangedMeanwhile(
            "De onderdelen van dit document zijn intussen veranderd, in een ander venster of door een collega. Kijk ze na en doe het opnieuw."
        )
    return fresh
