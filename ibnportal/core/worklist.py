"""What waits for a person: one item a task, composed by the portal's dashboard from every app."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A task on someone's first screen: what, about what, where to do it and by when.

    `tone` is one of "urgent", "todo", "waiting", "done"; `due_at` is an aware instant or None.
    """

    title: str
    text: str
    url: str
    action: str
    group: str
    due_at: datetime | None = None
    tone: str = "todo"
