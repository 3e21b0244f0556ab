"""Keeping every text and every file that an answer has had, so that nothing is ever written over for good.

Autosaves of one person within one sitting are one version; a text that lost more than half of its words always gets a version
of its own, so that a slip of the hand can be undone.
"""

import datetime as dt
from typing import Any

from applications.domain import words
from applications.models import Answer, AnswerVersion
from applications.models.history import SITTING
from ibnportal.core.accounts.models import User


def as_it_is(answer: Answer | None) -> dict[str, Any] | None:
    """What `keep` must know of an answer that is about to become another; None where there is none yet."""
    if answer is None or not answer.pk:
        return None
    return {name: getattr(answer, name) for name in ("version", "value", "file_id", "saved_at", "saved_by_id")}


def keep(
    answer: Answer,
    *,
    before: dict[str, Any] | None,
    by: User,
    at: dt.datetime,
    is_autosaved: bool = False,
    restored_from: int | None = None,
) -> AnswerVersion:
    """Write the answer's new text or file into its history; to be called in the transaction that saves it.

    `before` is what was there (of `as_it_is`), or None.
    """
    last = answer.versions.order_by("-version").first()
    if last is None and before is not None:
        # An answer from before there was a history: its only known text is its first version.
        last = AnswerVersion.objects.create(answer=answer, began_at=before["saved_at"], **before)
    if last is not None and is_autosaved and _goes_on(last, answer.value, by=by, at=at):
        last.version, last.value, last.saved_at = answer.version, answer.value, at
        last.save(update_fields=["version", "value", "saved_at"])
        return last
    return AnswerVersion.objects.create(
        answer=answer,
        version=answer.version,
        value=answer.value,
        file=answer.file,
        began_at=at,
        saved_at=at,
        saved_by=by,
        is_autosaved=is_autosaved,
        restored_from=restored_from,
    )


def _goes_on(last: AnswerVersion, value: str, *, by: User, at: dt.datetime) -> bool:
    return (
        last.is_autosaved
        and last.saved_by_id == by.pk
        and at - last.began_at < SITTING
        and words.count(value) * 2 >= words.count(last.value)
    )
