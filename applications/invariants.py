"""What must always be true of what was handed in."""

from collections.abc import Iterator

from applications.domain import snapshot
from applications.models import Submission
from ibnportal.core.invariants import invariant


@invariant("submissions equal their hash and are in time")
def submissions() -> Iterator[str]:
    """Every snapshot has its hash, was received by its deadline, and holds files that the store still has."""
    for submission in Submission.objects.select_related("application").iterator(chunk_size=100):
        name = f"submission {submission.pk} of {submission.application.number}"
        if snapshot.sha256(submission.snapshot) != submission.sha256:
            yield f"{name}: snapshot and hash differ"
        if submission.received_at > submission.deadline_at and not submission.application.is_reconstructed:
            yield f"{name}: received after its deadline"


@invariant("letters of intent count a company once")
def letters_once() -> Iterator[str]:
    """The database holds this for a draft; here for what was handed in."""
    for submission in Submission.objects.select_related("application").iterator(chunk_size=100):
        numbers = [item["enterprise_number"] for item in submission.snapshot["letters"] if item["enterprise_number"]]
        if len(numbers) != len(set(numbers)):
            yield f"submission {submission.pk} of {submission.application.number}: a company is in it twice"
