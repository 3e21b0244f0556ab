"""Every file row has its file with its SHA-256; no file without a row is older than an hour."""

from collections.abc import Iterator

from ibnportal.core.files import store
from ibnportal.core.invariants import invariant


@invariant("file store equals its register")
def file_store() -> Iterator[str]:
    """Reads every byte."""
    yield from store.verify_store()
