"""The freeze of a published call, held by the database: not even raw SQL changes what people write for and are judged by.

Every statement takes a shared lock on its call first, so that it waits for a publication that is under way.
"""

import pgtrigger

_REFUSAL = (
    "RAISE EXCEPTION 'A published call is frozen: % keeps its rows; a change is an amendment', TG_TABLE_NAME "
    "USING ERRCODE = 'raise_exception';"
)
_AND_GO_ON = "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;"
_NO_NEW_AMENDMENT = (
    "TG_OP = 'DELETE' OR NEW.amendment_id IS NULL OR NEW.amendment_id IS NOT DISTINCT FROM OLD.amendment_id "
    "OR NOT EXISTS (SELECT 1 FROM calls_amendment WHERE id = NEW.amendment_id AND call_id = NEW.call_id)"
)
_DIRECT = "SELECT unnest(ARRAY[OLD.call_id, NEW.call_id])"


def _calls_of(through: str) -> str:
    """The calls to which the old and the new row belong, as a subquery; `through` is a parent with a `call_id`."""
    if not through:
        return _DIRECT
    return f"SELECT call_id FROM calls_{through} WHERE id IN (OLD.{through}_id, NEW.{through}_id)"  # noqa: S608 - our own names


def _lock_and_ask(through: str) -> str:
    calls = _calls_of(through)
    return (
        f"PERFORM 1 FROM calls_call WHERE id IN ({calls}) FOR SHARE; "  # noqa: S608 - our own names
        f"IF EXISTS (SELECT 1 FROM calls_call WHERE id IN ({calls}) AND frozen_at IS NOT NULL)"
    )


def frozen_with_its_call(*, through: str = "") -> pgtrigger.Trigger:
    """No row is added, changed or removed once the call is published."""
    return pgtrigger.Trigger(
        name="frozen_with_its_call",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"{_lock_and_ask(through)} THEN {_REFUSAL} END IF; {_AND_GO_ON}",
    )


def changed_by_amendment_only() -> pgtrigger.Trigger:
    """Once the call is published a row is added or changed only with a new amendment that says why, and never removed."""
    return pgtrigger.Trigger(
        name="changed_by_amendment_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=f"{_lock_and_ask('')} AND ({_NO_NEW_AMENDMENT}) THEN {_REFUSAL} END IF; {_AND_GO_ON}",
    )


def versions_are_kept() -> pgtrigger.Trigger:
    """Once the call is published a row stays as it is; a change is a next row."""
    return pgtrigger.Trigger(
        name="versions_are_kept",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"{_lock_and_ask('')} THEN {_REFUSAL} END IF; {_AND_GO_ON}",
    )
