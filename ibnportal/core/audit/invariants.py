"""The chain of every subject is unbroken."""

from collections.abc import Iterator

from ibnportal.core.audit import trail
from ibnportal.core.invariants import invariant


@invariant("audit chain unbroken")
def audit_chain() -> Iterator[str]:
    """No row changed, removed from the middle, or forged."""
    yield from trail.breaks()
