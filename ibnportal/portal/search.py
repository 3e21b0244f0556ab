"""Search across everything that one may see (ADR 0034): dossiers, networks, organisations, people, calls, saved questions, documents.

Each kind is one query that starts at what the reader may see and asks for one row more than is shown; nothing is counted beyond
that, so neither a number nor an order tells of a hidden row. No text of a dossier is shown, only that the words stand in it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery, SearchVectorField
from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.urls import reverse

from applications.models import Answer, Application, Submission
from calls.models import Call
from evaluation.models import Assignment
from ibnportal.core import enterprise_numbers
from ibnportal.core.accounts.enums import Role
from ibnportal.core.accounts.models import Organisation, User
from ibnportal.portal.answers import register
from ibnportal.portal.history.reconstruction import UNNAMED
from ibnportal.portal.models import AnswerDocument
from monitoring.models import Network
from monitoring.permissions import READERS as NETWORK_READERS

_FIRST, _LATER = 0, 1
_NAMED = ("number", "acronym", "title", "keywords")
"""What a dossier is called: the expression that `search_application` indexes."""
SHORTEST, LONGEST, MOST_WORDS = 2, 100, 8
LEAST_DIGITS = 6
"""From so many digits on, figures with points and spaces between them are (the beginning of) an enterprise number."""
FEW, MANY = 5, 50
"""Rows of a kind: among others, and when one kind is asked for."""

DOSSIER_READERS = (Role.CASE_HANDLER, Role.SECRETARY, Role.COMMITTEE_MEMBER, Role.ADMINISTRATOR)
PEOPLE_READERS = (Role.CASE_HANDLER, Role.SECRETARY, Role.ADMINISTRATOR)
ANSWER_READERS = (Role.POLICY_READER, Role.ADMINISTRATOR)
ALL_ORGANISATIONS = (*NETWORK_READERS,)
"""Who follows the programme meets every organisation; experts and committee only those of dossiers that are open to them."""

_FOLDED = str.maketrans("àáâãäåāçčèéêëēìíîïīñòóôõöøōśšùúûüūýÿžź", "aaaaaaacceeeeeiiiiinooooooossuuuuuyyzz")
_NUMBER = re.compile(r"(?:BE)?[\s.()]*\d[\d\s.()]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its name, what it is, and where it is read; without an address it is only named."""

    title: str
    detail: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind."""

    kind: str
    label: str
    hits: tuple[Hit, ...]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one search; `problem` says in Dutch why nothing was looked for."""

    text: str
    groups: tuple[Group, ...] = ()
    problem: str = ""

    @property
    def count(self) -> int:
        """Hits shown."""
        return sum(len(group.hits) for group in self.groups)

    @property
    def has_more(self) -> bool:
        """Whether a kind has more than is shown."""
        return any(group.has_more for group in self.groups)


def plain(text: str) -> str:
    """Lower case without accents and signs, as `search_words` in the database has it."""
    folded = unicodedata.normalize("NFC", text.replace("\x00", " ")).lower().translate(_FOLDED)
    return " ".join("".join(sign if sign.isalnum() else " " for sign in folded).split())


def words_of(text: str) -> list[str]:
    """The words to look for; an enterprise number in any spelling is one word of ten digits, or its beginning."""
    stripped = text.strip()
    if _NUMBER.fullmatch(stripped) and sum(sign.isdigit() for sign in stripped) >= LEAST_DIGITS:
        return [enterprise_numbers.normalise(stripped.replace("(", "").replace(")", ""))]
    return list(dict.fromkeys(plain(stripped).split()))[:MOST_WORDS]


def query_of(words: list[str]) -> CombinedSearchQuery | SearchQuery:
    """Every word has to be there: its stem, its beginning, or the tail of a compound."""
    return reduce(and_, (_one(word) for word in words))


def _one(word: str) -> CombinedSearchQuery | SearchQuery:
    prefix = f"'{word}':*"  # letters and digits only: nothing of the query language can be in it
    return SearchQuery(prefix, config="dutch", search_type="raw") | SearchQuery(
        prefix, config="simple", search_type="raw"
    )


def _searched(rows: "QuerySet[Any]", *fields: Any) -> "QuerySet[Any]":
    return rows.alias(searched=Func(*fields, function="search_words", output_field=SearchVectorField()))


def _matching(rows: "QuerySet[Any]", words: list[str], *fields: Any) -> "QuerySet[Any]":
    return _searched(rows, *fields).filter(searched=query_of(words))


def search(text: str, *, user: Any, kind: str = "") -> Found:
    """What this person may see of what fits; of one kind when that is asked for. At most one query a kind."""
    text = " ".join(text.split())
    if not text:
        return Found(text)
    if len(text) > LONGEST:
        return Found(text[:LONGEST], problem=f"Dat is te lang om te zoeken. Gebruik hoogstens {LONGEST} tekens.")
    words = words_of(text)
    if not words or max(len(word) for word in words) < SHORTEST:
        return Found(text, problem=f"Geef een woord of nummer van minstens {SHORTEST} tekens.")
    groups = []
    for name, (label, find) in KINDS.items():
        if kind and name != kind:
            continue
        most = MANY if kind else FEW
        hits = list(find(words, user, most + 1))
        if hits:
            groups.append(Group(name, label, tuple(hits[:most]), has_more=len(hits) > most))
    return Found(text, tuple(groups))


# ---------------------------------------------------------------- the kinds


def _dossiers(words: list[str], user: Any, most: int) -> Iterator[Hit]:
    """By number, name and keywords; by the text that was handed in, and by one's own answers while they are a draft.

    The first few of either way are taken on narrow rows, before anything is read with them: what fits by name goes first, so of the rest
    no more can be shown than these, and as many again that fit by name too.
    """
    in_order = Application.objects.visible_to(user).order_by("-call__year", "number")
    handed_in = Func(F("snapshot"), function="search_handed_in", output_field=TextField())
    texts = _matching(Submission.objects.order_by(), words, handed_in).values("application_id")
    drafts = _matching(Answer.objects.visible_to(user).order_by(), words, "value").values("application_id")
    named = _matching(in_order, words, *_NAMED).values("pk")[:most]
    written = in_order.filter(pk__in=texts.union(drafts)).values("pk")[: 2 * most]
    rows = _searched(Application.objects.filter(pk__in=named.union(written)), *_NAMED)
    assigned = Assignment.objects.visible_to(user).filter(application=OuterRef("pk")) if user.is_authenticated and user.has_role(Role.EXPERT) else Assignment.objects.none()  # fmt: skip
    rows = rows.annotate(
        place=Case(When(searched=query_of(words), then=Value(_FIRST)), default=Value(_LATER)),
        is_own=Exists(Application.objects.written_by(user).filter(pk=OuterRef("pk"))),
        assignment=Subquery(assigned.values("pk")[:1]),
        code_of_network=F("network__code"),
    )
    found = rows.select_related("call", "applicant").defer("summary").order_by("place", "-call__year", "number")
    for one in found[:most]:
        where = "" if one.place == _FIRST else "in de tekst van het dossier"
        detail = " · ".join(
            part for part in (one.applicant.name, one.call.name, one.get_state_display(), where) if part
        )
        yield Hit(f"{one.number} {one.title}", detail, _address_of(one, user))


def _address_of(one: Any, user: Any) -> str:
    if one.is_own:
        return reverse("applications:detail", args=[one.number])
    if user.has_role(*DOSSIER_READERS):
        return reverse("evaluation:dossier", args=[one.number])
    if one.assignment:
        return reverse("evaluation:scores", args=[one.assignment])
    if one.code_of_network and user.has_role(*NETWORK_READERS):
        return reverse("monitoring:network", args=[one.code_of_network])
    return ""


def _networks(words: list[str], user: Any, most: int) -> Iterator[Hit]:
    """Those one follows or belongs to, on their own page; every published one, on its public page."""
    visible = Network.objects.visible_to(user).values("pk")
    rows = Network.objects.filter(Q(pk__in=visible) | Q(pk__in=Network.objects.published().values("pk")))
    aliases = Cast(F("aliases"), TextField())
    found = _matching(rows, words, "code", "name", "keywords", aliases).annotate(
        is_mine=Exists(Network.objects.visible_to(user).filter(pk=OuterRef("pk")))
    )
    for one in found.select_related("call").order_by("-call__year", "name")[:most]:
        page = "monitoring:network" if one.is_mine else "portal:network"
        detail = " · ".join(part for part in (one.call.name, one.keywords) if part)
        yield Hit(f"{one.code} {one.name}", detail, reverse(page, args=[one.code]))


def organisations_of(user: Any) -> "QuerySet[Organisation]":
    """The organisations that this person may meet: all for who follows the programme, else the own and those of visible dossiers."""
    rows = Organisation.objects.visible_to(user).exclude(enterprise_number="", name__endswith=UNNAMED)
    if not user.is_authenticated or not user.roles or user.has_role(*ALL_ORGANISATIONS):
        return rows
    dossiers = Application.objects.visible_to(user)
    return rows.filter(
        Q(pk__in=user.organisation_ids)
        | Q(pk__in=dossiers.values("applicant_id"))
        | Q(pk__in=dossiers.values("beneficiary_id"))
    )


def _organisations(words: list[str], user: Any, most: int) -> Iterator[Hit]:
    for one in _matching(organisations_of(user), words, "name", "enterprise_number").order_by("name", "pk")[:most]:
        detail = " · ".join(part for part in (one.formatted_number, one.get_kind_display(), one.municipality) if part)
        yield Hit(one.name, detail, reverse("portal:organisation", args=[one.pk]))


def _people(words: list[str], user: Any, most: int) -> Iterator[Hit]:
    """For who works with them; experts with their profile, others with their organisation."""
    if not user.is_authenticated or not user.has_role(*PEOPLE_READERS):
        return
    is_expert = Exists(
        User.objects.filter(pk=OuterRef("pk"), role_grants__role=Role.EXPERT, role_grants__revoked_at=None)
    )
    place = Organisation.objects.filter(memberships__user=OuterRef("pk"), memberships__until__isnull=True).order_by(
        "pk"
    )
    rows = _matching(User.objects.filter(is_active=True), words, "full_name", "email").annotate(
        is_expert=is_expert, place=Subquery(place.values("pk")[:1]), place_name=Subquery(place.values("name")[:1])
    )
    for one in rows.order_by("full_name", "pk")[:most]:
        url = reverse("portal:organisation", args=[one.place]) if one.place else ""
        if user.has_role(Role.ADMINISTRATOR):
            url = reverse("admin:accounts_user_change", args=[one.pk])
        elif one.is_expert:
            url = reverse("evaluation:expert_profile", args=[one.pk])
        detail = " · ".join(part for part in (one.email, one.place_name, "deskundige" if one.is_expert else "") if part)
        yield Hit(str(one), detail, url)


def _calls(words: list[str], user: Any, most: int) -> Iterator[Hit]:
    rows = _matching(Call.objects.visible_to(user), words, "code", "name", "summary").order_by("-year", "code")
    for one in rows[:most]:
        yield Hit(one.name, str(one.get_state_display()), reverse("calls:detail", args=[one.code]))


def _questions(words: list[str], user: Any, most: int) -> Iterator[Hit]:
    """All for policy, the public ones for anyone; these are lines of code, no rows."""
    reads_all = user.is_authenticated and user.has_role(*ANSWER_READERS)
    found = 0
    for one in register.QUESTIONS:
        if found == most:
            return
        inside = f" {plain(f'{one.id} {one.title} {one.asked_by} {one.where}')}"
        if (reads_all or one.is_public) and all(word in inside for word in words):
            found += 1
            url = reverse("portal:answer" if reads_all else "portal:open_answer", args=[one.slug])
            yield Hit(f"{one.id} {one.title}", f"{one.asked_by}, {one.where}", url)


def _documents(words: list[str], user: Any, most: int) -> Iterator[Hit]:
    if not user.is_authenticated or not user.has_role(*ANSWER_READERS):
        return
    parts = Cast(F("parts"), TextField())
    for one in _matching(AnswerDocument.objects.visible_to(user), words, "title", parts).order_by("-made_at")[:most]:
        state = "bevroren" if one.is_frozen else "in opmaak"
        yield Hit(one.title, f"Stand op {one.as_of:%d/%m/%Y} · {state}", reverse("portal:document", args=[one.pk]))


Finding = Callable[[list[str], Any, int], Iterator[Hit]]
KINDS: dict[str, tuple[str, Finding]] = {
    "dossiers": ("Dossiers", _dossiers),
    "netwerken": ("Netwerken", _networks),
    "organisaties": ("Organisaties", _organisations),
    "mensen": ("Mensen", _people),
    "oproepen": ("Oproepen", _calls),
    "vragen": ("Bewaarde vragen", _questions),
    "documenten": ("Documenten", _documents),
}
"""By the name in the address: what it is called, and how it is found."""
