"""The errors a user can cause or meet: each carries one Dutch sentence that says what, why and what now."""

from collections.abc import Sequence

from ibnportal.core.findings import Finding


class DomainError(Exception):
    """A rule of the domain says no.

    `message` is shown to the user as it stands; `rule_id` is the rule of docs/rules.csv where there is one;
    `findings` list the separate reasons when there are several.
    """

    def __init__(self, message: str, *, rule_id: str = "", findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.rule_id = rule_id
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return self.message


class NotAllowed(DomainError):  # noqa: N818 - reads as a sentence where it is raised
    """This person may see the thing, but may not do this with it."""


class TooLate(DomainError):  # noqa: N818 - likewise
    """The moment for this has passed; the message names both the deadline and the moment of the attempt."""


class WrongState(DomainError):  # noqa: N818 - likewise
    """The thing is in a state from which this step does not exist."""
