"""Walks through the portal as one person and notes every answer, undoing after each step what it did."""

import html
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import openpyxl
from django.core.signals import got_request_exception
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponseBase
from django.test import Client

from applications.models import Application
from ibnportal.core import clock
from ibnportal.core.access import PUBLIC
from ibnportal.core.accounts.models import User
from monitoring.models import Network
from tests.guards.routes import Route, Sample, reach
from tests.guards.world import Persona

BACKEND = "ibnportal.core.accounts.backends.SessionBackend"
MOST_VISIBLE = 12
MOST_HIDDEN = 4


@dataclass(frozen=True)
class Answer:
    """What came back, and the exception behind a 500."""

    method: str
    url: str
    status: int
    location: str = ""
    content_type: str = ""
    body: bytes = b""
    error: str = ""
    at: datetime | None = None

    @property
    def is_login(self) -> bool:
        return self.status == 302 and self.location.startswith(("/account/login/", "/beheer/login/"))

    @property
    def is_success(self) -> bool:
        return (self.status in {200, 302, 303, 405}) and not self.is_login

    @property
    def text(self) -> str:
        return readable(self.content_type, self.body)

    def __str__(self) -> str:
        to = f" → {self.location}" if self.location else ""
        return f"{self.method} {self.url} answers {self.status}{to}{': ' + self.error if self.error else ''}"


class Visitor:
    """One person with a browser; every request is undone afterwards, so that no step depends on another."""

    def __init__(self, persona: Persona) -> None:
        self.persona = persona
        self.user: User | None = persona.user
        self.client = Client(raise_request_exception=False)
        if self.user is not None:
            self.client.force_login(self.user, backend=BACKEND)
        self._visible: dict[tuple[type[Model], datetime], set[Any]] = {}

    def ask(self, sample: Sample, *, method: str = "GET", data: Any = None, keep: bool = False) -> Answer:
        """The answer to one request, at the moment at which the dossier is alive."""
        clock.freeze(sample.moment)
        return self.request(sample.url, method=method, data=data, keep=keep)

    def request(self, url: str, *, method: str = "GET", data: Any = None, keep: bool = False) -> Answer:
        errors: list[str] = []
        with _noted(errors), transaction.atomic():
            response = getattr(self.client, method.lower())(url, data or {})
            answer = Answer(
                method=method,
                url=url,
                status=response.status_code,
                location=response.get("Location", ""),
                content_type=response.get("Content-Type", ""),
                body=_body(response),
                error="; ".join(errors),
                at=clock.now(),
            )
            if not keep:
                transaction.set_rollback(True)
        return answer

    def is_admitted(self, route: Route) -> bool:
        """Whether the policy lets this person in, whatever the row."""
        if route.policy is None:
            return False
        if PUBLIC in route.policy.who:
            return True
        return self.user is not None and self.user.is_active and route.policy.admits(self.user)

    def sees(self, sample: Sample) -> bool:
        """Whether `visible_to` of the row, or of the nearest row above it, has it for this person at the moment of asking."""
        subject = sample.subject
        if subject is None:
            return True
        if self.user is None:
            return False
        for row in (subject, reach(subject, Application), reach(subject, Network)):
            if row is not None and hasattr(type(row)._default_manager.all(), "visible_to"):
                return row.pk in self._pks(type(row), sample.moment)
        return True

    def _pks(self, model: type[Model], moment: datetime) -> set[Any]:
        if (model, moment) not in self._visible:
            clock.freeze(moment)
            found = model._default_manager.visible_to(self.user)
            self._visible[model, moment] = set(found.values_list("pk", flat=True))
        return self._visible[model, moment]

    def split(self, samples: list[Sample]) -> tuple[list[Sample], list[Sample]]:
        """(what this person may see, what not), a few of each."""
        visible = [sample for sample in samples if self.sees(sample)]
        visible.sort(key=lambda sample: bool(sample.application and sample.application.is_reconstructed))
        hidden = [sample for sample in samples if not self.sees(sample)]
        barred = set() if self.user is None else {bar.application_id for bar in self.user.dossier_bars.all()}
        hidden.sort(key=lambda sample: not (sample.application and sample.application.pk in barred))
        return _various(visible, MOST_VISIBLE), _various(hidden, MOST_HIDDEN)


def _various(samples: list[Sample], most: int) -> list[Sample]:
    """Of each state first, then the others."""
    seen: set[Any] = set()
    first: list[Sample] = []
    others: list[Sample] = []
    for sample in samples:
        key = (sample.application and sample.application.state, getattr(sample.subject, "state", ""))
        (others if key in seen else first).append(sample)
        seen.add(key)
    return (first + others)[:most]


def _body(response: HttpResponseBase) -> bytes:
    if response.streaming:
        return b"".join(response.streaming_content)
    return bytes(response.content)


@contextmanager
def _noted(errors: list[str]) -> Iterator[None]:
    """The exception behind a 500, in one line."""

    def note(sender: Any, **_: Any) -> None:
        import sys
        import traceback

        kind, error, trace = sys.exc_info()
        frames = traceback.extract_tb(trace)
        ours = [frame for frame in frames if ".venv" not in frame.filename] or frames
        where = f"{ours[-1].filename.split('/main/')[-1]}:{ours[-1].lineno}" if ours else ""
        errors.append(f"{kind.__name__ if kind else ''}: {error} at {where}"[:400])

    got_request_exception.connect(note, weak=False)
    try:
        yield
    finally:
        got_request_exception.disconnect(note)


# ---------------------------------------------------------------- what an answer says


def readable(content_type: str, body: bytes) -> str:
    """All text in a page, a PDF, a workbook or a table, whatever hides it."""
    if "pdf" in content_type:
        done = subprocess.run(["pdftotext", "-", "-"], input=body, capture_output=True, check=False)
        return " ".join(done.stdout.decode("utf-8", "replace").split())
    if "spreadsheetml" in content_type:
        book = openpyxl.load_workbook(BytesIO(body), read_only=False)
        return " ".join(
            str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
        )
    return html.unescape(body.decode("utf-8", "replace"))
