"""The programme's history as the command loads it, for tests that read it."""

from io import StringIO

from django.core.management import call_command

from calls.models import Call
from tests.factories.calls import INSTALLED_AT
from tests.factories.remembered import remembered

__all__ = ["load_programme"]

_printed: list[str] = []


def load_programme() -> str:
    """Every call, dossier, network and fact since 2015 into an empty database; returns what the command prints then."""
    remembered(("programme",), _load, at=INSTALLED_AT)
    return _printed[-1]


def _load() -> Call:
    out = StringIO()
    call_command("load_programme", stdout=out)
    _printed.append(out.getvalue())
    return Call.objects.get(code="2025")
