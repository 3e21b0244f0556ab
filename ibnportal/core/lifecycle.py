"""The one way in which a `state` changes: locked, checked against the table, saved and recorded together."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction

from ibnportal.core.audit import trail
from ibnportal.core.errors import WrongState

M = TypeVar("M", bound=models.Model)
Transitions = Mapping[Any, Collection[Any]]


def lock(obj: M) -> M:
    """The row as it is now, locked until the transaction ends; only the row itself, not what it points to.

    Whoever adds a row that refers to it does not wait: a foreign key only asks that the row stays. Waiting there for a worker that waits
    for the trail of what we hold would be a deadlock. Raises TransactionManagementError outside a transaction, and DoesNotExist when the row is gone.
    """
    manager = type(obj)._base_manager  # noqa: SLF001 - a lock must see rows that a default manager hides
    return manager.select_for_update(of=("self",), no_key=True).get(pk=obj.pk)


def change_state(
    obj: M,
    to: Any,
    *,
    by: trail.Actor,
    transitions: Transitions,
    reason: str = "",
    at: datetime | None = None,
    **fields: Any,
) -> M:
    """Move `obj` to state `to`, set `fields` with it, and record it, in one transaction; returns `obj`, updated.

    The state that counts is the one on the locked row, not the one that the caller read; `transitions` maps a state to
    the states that may follow it. Raises WrongState, naming both states. `at` is the moment of the deed where that is
    not now (a stamp taken earlier, a fact from the programme's history).
    """
    with transaction.atomic():
        fresh = lock(obj)
        before = fresh.state  # type: ignore[attr-defined]
        if to not in transitions.get(before, ()):
            raise WrongState(_refusal(fresh, before, to))
        changes: dict[str, Any] = {"state": [before, to]}
        for name, value in fields.items():
            changes[name] = [getattr(fresh, name), value]
        _assign(fresh, to, fields)
        automatic = [field.name for field in fresh._meta.fields if getattr(field, "auto_now", False)]  # noqa: SLF001
        fresh.save(update_fields=["state", *fields, *automatic])
        model_name = fresh._meta.model_name  # noqa: SLF001 - Django's documented Meta API
        trail.record(f"{model_name}.{_plain(to)}", fresh, by=by, changes=changes, reason=reason, at=at)
    _assign(obj, to, fields)
    for name in automatic:
        setattr(obj, name, getattr(fresh, name))
    return obj


def state_label(obj: models.Model, state: Any) -> str:
    """The Dutch label of one of the model's states."""
    field: Any = obj._meta.get_field("state")  # noqa: SLF001 - Django's documented Meta API
    choices = dict(field.flatchoices)
    return str(choices.get(_plain(state), state))


def _assign(obj: models.Model, to: Any, fields: Mapping[str, Any]) -> None:
    obj.state = to  # type: ignore[attr-defined]
    for name, value in fields.items():
        setattr(obj, name, value)


def _plain(state: Any) -> Any:
    return getattr(state, "value", state)


def _refusal(obj: models.Model, before: Any, to: Any) -> str:
    name = str(obj._meta.verbose_name)  # noqa: SLF001
    if _plain(before) == _plain(to):
        return f"Dit is al gebeurd: {name} staat al op “{state_label(obj, before)}”. Laad de pagina opnieuw."
    return (
        f"Dit kan nu niet: {name} staat op “{state_label(obj, before)}” en kan van daar niet naar "
        f"“{state_label(obj, to)}”. Laad de pagina opnieuw om te zien wat wel kan."
    )
