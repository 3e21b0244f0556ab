"""A draft as it would be handed in now, as plain JSON: what `snapshot.parse` reads back (domain.md, submissions).

All of a dossier is gathered in one query: PostgreSQL makes each list, in the order of the manual, with amounts as text. So a page
of a dossier costs the same whatever is in it, and shows what handing in would freeze.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Concat, JSONArray, JSONObject
from django.utils import formats

from applications.domain import conditions, letters, mergers, words
from applications.domain.snapshot import SCHEMA, AnswerItem, SectionItem, answer_item
from applications.enums import ApplicationState, DocumentKind
from applications.models import (
    Answer,
    Application,
    BudgetLine,
    BudgetUpload,
    CofinancingPlanLine,
    ConditionStatement,
    Document,
    KpiTarget,
    Letter,
    Milestone,
    MoneyDeclaration,
    TeamMember,
    WorkPackage,
)
from calls.enums import TEXT_TYPES, AnswerType, PhaseNumber
from calls.models import KpiDefinition, Phase, Question, Section
from ibnportal.core import clock
from ibnportal.core.accounts.models import Organisation, OrganisationMembership, User
from ibnportal.core.audit.models import AuditEvent
from ibnportal.core.files.models import StoredFile
from ibnportal.core.statements import Planned

Json = dict[str, Any]
_POSITIVE = (f"application.{ApplicationState.PRESELECTED}", f"application.{ApplicationState.MERGE_ADVISED}")
_LETTER_TEXTS = tuple(name for name in letters.FIELDS if name != "commitment_amount")
_PACKAGE = ("title", "goal", "activities", "lead", "start_month", "end_month", "deliverables")
_MEMBER = (
    "name", "function", "engagement", "home_organisation", "experience", "is_cluster_manager", "is_main_task",
)  # fmt: skip
_PLAN_LINE = (
    "project_year", "company_name", "enterprise_number", "payer_kind", "kind", "is_member", "explanation",
)  # fmt: skip
_KPI = ("label", "kind", "area", "definition", "method")
_FILE = ("id", "name", "sha256", "size", "pages", "content_type")
_NO_ANSWER = ("", None)


def take(
    application: Application,
    phase: int,
    *,
    received_at: dt.datetime | None = None,
    submitted_by: User | None = None,
    rules_version: int | None = None,
) -> Json:
    """The draft of that phase as plain JSON, complete enough that nobody needs the draft again.

    `rules_version` is the call's newest, for who has read it already.
    """
    call = application.call
    is_full = phase == PhaseNumber.FULL_DOSSIER
    found = _everything(application, phase)
    window = found["window"][0] if found["window"] else {"opens_at": None, "closes_at": None}
    preselected = found["preselected"][0]["at"] if is_full and found["preselected"] else None
    own = _named(_LETTER, found["letters"])
    earlier = [item for item in own if item["phase"] < phase]
    joined = mergers.first_of_each(
        _named(_LETTER, found["joined"]),
        known=(item["enterprise_number"] for item in earlier),
        number=lambda item: item["enterprise_number"],
    )
    return {
        "schema": SCHEMA,
        "number": application.number,
        "call": {"code": call.code, "name": call.name},
        "phase": int(phase),
        "rules_version": call.current_rules().version if rules_version is None else rules_version,
        "received_at": _instant(received_at),
        "opens_at": _iso(window["opens_at"]),
        "deadline_at": _iso(window["closes_at"]),
        "preselected_at": _iso(preselected),
        "title": application.title,
        "acronym": application.acronym,
        "summary": application.summary,
        "keywords": application.keywords,
        "sector": application.sector,
        "technology_domain": application.technology_domain,
        "applicant": _party(application.applicant),
        "representatives": [person["full_name"] for person in found["representatives"]],
        "submitted_by": _person(submitted_by, application),
        "facts": _facts(application),
        "sections": _sections(found["sections"], found["answers"]),
        "letters": [_letter(item) for item in own if item["phase"] == phase],
        "earlier_letters": [_letter(item) for item in [*earlier, *joined]],
        "documents": [
            {"kind": item["kind"], "label": DocumentKind(item["kind"]).label, "file": _file(item["file"])}
            for item in found["documents"]
        ],
        "budget": _budget(found["budget"]) if is_full else None,
        "cofinancing": found["plan"] if is_full else [],
        "kpis": found["kpis"] if is_full else [],
        "mandatory_kpis": [[item["code"], item["label"]] for item in found["mandatory"]] if is_full else [],
        "work_plan": {"packages": found["packages"], "milestones": found["milestones"]} if is_full else None,
        "team": found["team"] if is_full else [],
        "conditions": conditions.frozen(application, phase, stated=found["conditions"]),
        "supplement": None,
        "is_broad_member_organisation": _is_broad(application) if is_full else None,
    }


def budget_of(application: Application) -> Json | None:
    """The newest budget as a snapshot holds it; for a next version after completing (BUD-17)."""
    return _budget(_gather(application, {"budget": _newest_budget()})["budget"])


def letters_of(application: Application, phase: int) -> list[Json]:
    """The letters of a phase as a snapshot holds them."""
    own = Letter.objects.filter(application=OuterRef("pk"), phase=phase)
    found = _gather(application, {"letters": _letters(own)})["letters"]
    return [_letter(item) for item in _named(_LETTER, found)]


def plan_of(application: Application) -> Json:
    """The co-financing plan, with what was declared for it, as a snapshot holds them."""
    found = _gather(application, {"plan": _plan()})["plan"]
    return {"cofinancing": found, "is_broad_member_organisation": _is_broad(application)}


def work_plan_of(application: Application) -> Json:
    """The work packages and milestones as a snapshot holds them."""
    return _gather(application, _work_plan())


def team_of(application: Application) -> list[Json]:
    """The team as a snapshot holds it."""
    found: list[Json] = _gather(application, {"team": _team()})["team"]
    return found


def facts_of_team(application: Application) -> Json:
    """What the facts of a snapshot say of the team: who leads it, and whether somebody is seconded."""
    names = ("cluster_manager_name", "is_manager_main_task", "uses_secondment")
    return dict(Application.objects.values(*names).get(pk=application.pk))


def kpis_of(application: Application) -> list[Json]:
    """The indicators as a snapshot holds them."""
    found: list[Json] = _gather(application, {"kpis": _kpis()})["kpis"]
    return found


def file_of(stored: StoredFile) -> Json:
    """A stored file as a snapshot holds it."""
    return {name: getattr(stored, name) for name in _FILE}


def section_of(section: Section, questions: Iterable[Question], answers: Mapping[int, Answer]) -> SectionItem:
    """One section with these answers (by question) as the dossier shows it now."""
    return SectionItem(
        section.code, section.title, tuple(_item(question, answers.get(question.pk)) for question in questions)
    )


def shown(answer_type: str, value: str, choices: Iterable[Any] = ()) -> str:
    """An answer as people read it: the label of a choice, a Dutch date, yes or no."""
    if not value:
        return ""
    if answer_type == AnswerType.CHOICE:
        return str(dict(choices).get(value, value))
    if answer_type == AnswerType.YES_NO:
        return "Ja" if value == "yes" else "Nee"
    if answer_type == AnswerType.DATE:
        return str(formats.date_format(dt.date.fromisoformat(value), "j F Y"))
    return value


# ---------------------------------------------------------------- one query


def _gather(application: Application, parts: Mapping[str, ArraySubquery]) -> Json:
    """The lists, by name, in one query."""
    named = {f"part_{name}": part for name, part in parts.items()}  # several are called like a relation
    found: Json = dict(Application.objects.filter(pk=application.pk).order_by().values(**named).get())
    return {name: found[f"part_{name}"] for name in parts}


def _everything(application: Application, phase: int) -> Json:
    """Every list of the dossier, in one query whose text and plan are made once: making them costs more than asking it."""
    found: Json = json.loads(_statement(int(phase), clock.today()).value(application.pk))
    return {name.removeprefix("part_"): rows for name, rows in found.items() if name.startswith("part_")}


@lru_cache(maxsize=2)
def _statement(phase: int, _today: dt.date) -> Planned:
    """The query of every list of a phase, for any dossier. Who represents whom depends on the day.

    The lists come as one text: reading four hundred small ones takes longer than reading a large one.
    """
    named = {f"part_{name}": part for name, part in _parts(phase).items()}
    sql, params = Application.objects.order_by().values("id", **named).query.sql_with_params()
    sql = sql.replace("RETURNING JSONB)", "RETURNING JSON)")  # what leaves as text need not be read and sorted first
    return Planned(f"SELECT row_to_json(dossier)::text FROM ({sql}) AS dossier WHERE dossier.id = ", params)  # noqa: S608 - made by the ORM


def _rows(found: "QuerySet[Any]", *names: str, **values: Any) -> ArraySubquery:
    """Each row as an object of these columns and expressions, in the order of the query."""
    return ArraySubquery(found.values(_row=JSONObject(**{name: F(name) for name in names}, **values)))


def _unnamed(found: "QuerySet[Any]", values: Mapping[str, Any]) -> ArraySubquery:
    """Each row as a list of these values, for many rows of many columns: of a text of objects two thirds are names. `_named` gives them back."""
    return ArraySubquery(found.values(_row=JSONArray(*values.values())))


def _named(names: Iterable[str], rows: Iterable[Sequence[Any]]) -> list[Json]:
    return [dict(zip(names, row, strict=True)) for row in rows]


def _text(name: str) -> Cast:
    """A figure as the text that it is in a snapshot."""
    return Cast(name, TextField())


def _stored(name: str) -> JSONArray:
    """The file behind that key, as `_file` reads it; its id is null where there is none."""
    blob = f"{name}__blob"
    return JSONArray(
        f"{name}_id", f"{name}__name", f"{blob}_id", f"{blob}__size", f"{name}__pages", f"{name}__content_type"
    )


def _parts(phase: int) -> dict[str, ArraySubquery]:
    own, call = {"application": OuterRef("pk")}, {"call": OuterRef("call_id")}
    sections = Section.objects.filter(phase=phase, **call).order_by("position")
    questions = Question.objects.filter(section=OuterRef("pk")).order_by("position")
    stream = Concat(Value(f"{Application._meta.label_lower}:"), Cast(OuterRef("pk"), TextField()))  # noqa: SLF001 - documented
    history = AuditEvent.objects.filter(stream=stream, action__in=_POSITIVE)
    representing = OrganisationMembership.objects.current().filter(
        organisation=OuterRef(OuterRef("applicant_id")), is_legal_representative=True
    )
    representatives = User.objects.filter(is_active=True, pk__in=representing.values("user_id"))
    parts = {
        "window": _rows(Phase.objects.filter(number=phase, **call), "opens_at", "closes_at"),
        "representatives": _rows(representatives, "full_name"),
        "sections": _rows(
            sections, "code", "title",
            questions=_rows(questions, "id", "code", "label", "answer_type", "is_required", "word_limit", "choices"),
        ),
        "answers": _rows(Answer.objects.filter(**own), "question_id", "value", file=_stored("file")),
        "letters": _letters(Letter.objects.filter(phase__lte=phase, **own)),
        "joined": _letters(Letter.objects.of_joined_to(OuterRef("pk")).filter(phase__lt=phase)),
        "documents": _rows(Document.objects.filter(phase=phase, **own).order_by("kind"), "kind", file=_stored("file")),
        "conditions": _rows(ConditionStatement.objects.filter(**own), "code", "is_declared", "explanation"),
    }  # fmt: skip
    if phase != PhaseNumber.FULL_DOSSIER:
        return parts
    mandatory = KpiDefinition.objects.filter(is_mandatory=True, **call).order_by("position")
    return {
        **parts,
        "preselected": _rows(history.order_by("seq")[:1], "at"),
        "budget": _newest_budget(),
        "plan": _plan(),
        "kpis": _kpis(),
        "mandatory": _rows(mandatory, "code", "label"),
        **_work_plan(),
        "team": _team(),
    }


_LETTER = {
    **{name: F(name) for name in ("id", "phase", *_LETTER_TEXTS, "signed_online_at", "signed_online_by")},
    "commitment_amount": _text("commitment_amount"),
    "file": _stored("signed_file"),
}
_BUDGET_LINE = {
    **{name: F(name) for name in ("project_year", "cost_type", "description", "motivation", "supplier", "is_long_engagement")},
    **{name: _text(name) for name in ("person_months", "amount", "vat")},
}  # fmt: skip


def _letters(found: "QuerySet[Letter]") -> ArraySubquery:
    return _unnamed(found.order_by("company_name", "id"), _LETTER)


def _newest_budget() -> ArraySubquery:
    lines = _unnamed(BudgetLine.objects.filter(upload=OuterRef("pk")), _BUDGET_LINE)
    newest = BudgetUpload.objects.filter(application=OuterRef("pk")).order_by("-version")[:1]
    figures = ("total", "person_months", "requested_grant", "recoverable_vat_fraction")
    return _rows(newest, "version", file=_stored("file"), lines=lines, **{name: _text(name) for name in figures})


_OF_DOSSIER = {"application": OuterRef("pk")}


def _kpis() -> ArraySubquery:
    no_code = Coalesce("definition_of_call__code", Value(""), output_field=CharField())
    figures = {name: _text(name) for name in ("baseline", "target")}
    return _rows(KpiTarget.objects.filter(**_OF_DOSSIER), *_KPI, call_code=no_code, **figures)


def _work_plan() -> dict[str, ArraySubquery]:
    no_package = Coalesce("package__title", Value(""), output_field=CharField())
    packages = WorkPackage.objects.filter(**_OF_DOSSIER)
    return {
        "packages": _rows(packages, *_PACKAGE, person_months=_text("person_months")),
        "milestones": _rows(Milestone.objects.filter(**_OF_DOSSIER), "month", "title", "result", package=no_package),
    }


def _team() -> ArraySubquery:
    return _rows(TeamMember.objects.filter(**_OF_DOSSIER), *_MEMBER, fte=_text("fte"))


def _plan() -> ArraySubquery:
    return _rows(CofinancingPlanLine.objects.filter(application=OuterRef("pk")), *_PLAN_LINE, amount=_text("amount"))


# ---------------------------------------------------------------- what a snapshot says of it


def _instant(value: dt.datetime | None) -> str | None:
    return None if value is None else value.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _iso(value: str | None) -> str | None:
    """A moment as PostgreSQL wrote it, as a snapshot writes it."""
    return None if value is None else _instant(dt.datetime.fromisoformat(value))


def _party(organisation: Organisation | None) -> Json | None:
    if organisation is None:
        return None
    names = ("name", "enterprise_number", "legal_form", "has_legal_personality", "street", "postcode", "municipality")
    return {"id": organisation.pk, **{name: getattr(organisation, name) for name in names}}


def _person(user: User | None, application: Application) -> Json | None:
    if user is None:
        return None
    return {
        "id": user.pk,
        "name": user.full_name,
        "email": user.email,
        "is_legal_representative": user.represents(application.applicant_id),
    }


def _facts(application: Application) -> Json:
    start, founding = application.start_on, application.founding_planned_on
    names = (
        "beneficiary_name", "is_beneficiary_to_be_founded", "duration_months", "cluster_manager_name", "is_manager_main_task",
        "uses_host", "uses_secondment", "has_spc_link",
    )  # fmt: skip
    return {
        "beneficiary": _party(application.beneficiary),
        "founding_planned_on": founding.isoformat() if founding else None,
        "start_on": start.isoformat() if start else None,
        **{name: getattr(application, name) for name in names},
    }


def _sections(sections: Sequence[Json], answers: Sequence[Json]) -> list[Json]:
    given = {answer["question_id"]: (answer["value"], _file(answer["file"])) for answer in answers}
    return [
        {
            "code": section["code"],
            "title": section["title"],
            "answers": [_answer(question, *given.get(question["id"], _NO_ANSWER)) for question in section["questions"]],
        }
        for section in sections
    ]


def _answer(question: Json, value: str, file: Json | None) -> Json:
    return {
        **({"file": file} if file else {}),
        **{name: question[name] for name in ("code", "label", "answer_type", "is_required", "word_limit")},
        "value": value,
        "display": shown(question["answer_type"], value, question["choices"]),
        "words": words.count(value) if question["answer_type"] in TEXT_TYPES else 0,
    }


def _item(question: Question, answer: Answer | None) -> AnswerItem:
    names = ("code", "label", "answer_type", "is_required", "word_limit", "choices")
    asked = {name: getattr(question, name) for name in names}
    if answer is None:
        return answer_item(_answer(asked, *_NO_ANSWER))
    return answer_item(_answer(asked, answer.value, None if answer.file is None else file_of(answer.file)))


def _letter(item: Json) -> Json:
    """A letter as it was gathered, with its file and its signature through a link each as one thing."""
    by, at = item.pop("signed_online_by"), _iso(item.pop("signed_online_at"))
    return {**item, "file": _file(item["file"]), "signed_online": {"by": by, "at": at} if at else None}


def _file(values: Sequence[Any]) -> Json | None:
    return None if values[0] is None else dict(zip(_FILE, values, strict=True))


def _budget(found: Sequence[Json]) -> Json | None:
    if not found:
        return None
    return {**found[0], "file": _file(found[0]["file"]), "lines": _named(_BUDGET_LINE, found[0]["lines"])}


def _is_broad(application: Application) -> bool | None:
    """What was declared about the cluster organisation (COF-10), None while nothing."""
    declared: MoneyDeclaration | None = getattr(application, "money_declaration", None)
    return None if declared is None else declared.is_broad_member_organisation
