"""States and choices of the evaluation; no logic."""

from django.db.models import TextChoices


class Recommendation(TextChoices):
    """What the agency advises the committee."""

    POSITIVE = "positive", "Gunstig"
    NEGATIVE = "negative", "Ongunstig"
    MERGE = "merge", "Samenvoegen met een ander initiatief"


class DecisionKind(TextChoices):
    """Which of the committee's decisions it is."""

    PRESELECTION = "preselection", "Preselectie"
    SUPPORT = "support", "Steun"


class DecisionOutcome(TextChoices):
    """What the committee decided."""

    PRESELECTED = "preselected", "Gepreselecteerd"
    NOT_PRESELECTED = "not_preselected", "Niet gepreselecteerd"
    MERGE_ADVISED = "merge_advised", "Samenvoeging aangeraden"
    AWARDED = "awarded", "Steun toegekend"
    REJECTED = "rejected", "Niet gesteund"


class DecisionOrigin(TextChoices):
    """Why there is a decision (REV-05)."""

    COMMITTEE = "committee", "Beslissing van het comité"
    REVIEW = "review", "Beslissing na herziening"


class AssignmentState(TextChoices):
    """Where an expert stands with one dossier."""

    INVITED = "invited", "Uitgenodigd"
    DECLINED = "declined", "Afgewezen wegens belangen"
    DECLARED = "declared", "Verklaring ondertekend"
    HANDED_IN = "handed_in", "Scores ingediend"
    VOID = "void", "Vervallen"


ASSIGNMENT_TRANSITIONS: dict[str, set[str]] = {
    AssignmentState.INVITED: {AssignmentState.DECLARED, AssignmentState.DECLINED, AssignmentState.VOID},
    AssignmentState.DECLINED: set(),
    AssignmentState.DECLARED: {AssignmentState.HANDED_IN, AssignmentState.VOID},
    AssignmentState.HANDED_IN: {AssignmentState.DECLARED, AssignmentState.VOID},
    AssignmentState.VOID: set(),
}


class MeetingState(TextChoices):
    """A committee meeting's state."""

    PLANNED = "planned", "Gepland"
    RELEASED = "released", "Beslissingen bekendgemaakt"


MEETING_TRANSITIONS: dict[str, set[str]] = {
    MeetingState.PLANNED: {MeetingState.RELEASED},
    MeetingState.RELEASED: set(),
}


class Expertise(TextChoices):
    """The two kinds of expert of the multidisciplinary pool (P2-EVA-02)."""

    DOMAIN = "domain", "Domeinkennis"
    CLUSTER = "cluster", "Clusterwerking"


class ConditionKind(TextChoices):
    """Conditions that a decision sets (P2-EVA-04, H-15)."""

    START = "start", "Startvoorwaarde"
    SPECIAL = "special", "Bijzondere voorwaarde"
