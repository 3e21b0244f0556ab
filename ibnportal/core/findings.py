"""What a check found: one sentence, at one place, under one rule. What can't be read is a finding, never 0."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import models


class Severity(models.TextChoices):
    """How much a finding weighs; only an ERROR stands in the way."""

    ERROR = "error", "fout"
    WARNING = "warning", "waarschuwing"
    INFO = "info", "ter info"
    OK = "ok", "in orde"


@dataclass(frozen=True, slots=True)
class Finding:
    """One outcome of one check.

    `where` says in the user's words where to look ("Budget, blad Jaar 1, cel C7"); `message` what is so and what to do.
    """

    rule_id: str
    where: str
    message: str
    severity: Severity = Severity.ERROR

    def as_dict(self) -> dict[str, Any]:
        """As JSON, for evidence that is frozen with a verdict; `from_dict` reads it back."""
        return {**asdict(self), "severity": self.severity.value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Finding":
        """The finding that `as_dict` wrote."""
        return cls(data["rule_id"], data["where"], data["message"], Severity(data["severity"]))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether anything found stands in the way."""
    return any(finding.severity == Severity.ERROR for finding in findings)
