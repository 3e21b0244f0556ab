"""Which annexes a phase takes, and which of them a dossier must have (DOC-03, DOC-10, DOC-11, DOC-12)."""

from typing import Protocol

from applications.enums import DocumentKind
from calls.enums import PhaseNumber
from ibnportal.core.files.kinds import FileKind

_HOST = (DocumentKind.HOST_PROOF_1, DocumentKind.HOST_PROOF_2, DocumentKind.HOST_PROOF_3, DocumentKind.HOST_PROOF_4)
_POSSIBLE = {
    PhaseNumber.PRE_REGISTRATION: (DocumentKind.PITCH_DECK,),
    PhaseNumber.FULL_DOSSIER: (
        DocumentKind.WORK_PLAN, *_HOST, DocumentKind.SECONDMENT, DocumentKind.SPC_AGREEMENT,
    ),
}  # fmt: skip
_REASONS = {
    DocumentKind.PITCH_DECK: "altijd bij een vooraanmelding",
    DocumentKind.WORK_PLAN: "als u bij het werkplan een schema of figuur wilt tonen; het plan zelf vult u in bij Werkplan",
    **dict.fromkeys(_HOST, "omdat er een host-organisatie is"),
    DocumentKind.SECONDMENT: "omdat er personeel gedetacheerd wordt",
    DocumentKind.SPC_AGREEMENT: "omdat er een link is met het domein van een speerpuntcluster",
}


class Circumstances(Protocol):
    """The facts of a dossier that ask for an annex; a draft and a frozen dossier both have them."""

    @property
    def uses_host(self) -> bool:
        """Whether an existing organisation hosts the cluster organisation (ROL-04)."""

    @property
    def uses_secondment(self) -> bool:
        """Whether staff is seconded (ROL-15)."""

    @property
    def has_spc_link(self) -> bool:
        """Whether the theme touches the domain of a spearhead cluster (POS-09)."""


def possible(phase: int) -> tuple[DocumentKind, ...]:
    """Every kind that the phase may hold."""
    return _POSSIBLE[PhaseNumber(phase)]


def required(facts: Circumstances, phase: int) -> tuple[DocumentKind, ...]:
    """The kinds that this dossier must hold to be complete, in the order in which they are shown."""
    asked = {DocumentKind.PITCH_DECK}
    if facts.uses_host:
        asked.update(_HOST)
    if facts.uses_secondment:
        asked.add(DocumentKind.SECONDMENT)
    if facts.has_spc_link:
        asked.add(DocumentKind.SPC_AGREEMENT)
    return tuple(kind for kind in possible(phase) if kind in asked)


def voluntary(phase: int) -> tuple[DocumentKind, ...]:
    """The kinds that a dossier may always add."""
    return tuple(kind for kind in possible(phase) if kind == DocumentKind.WORK_PLAN)


def reason(kind: DocumentKind) -> str:
    """Why the dossier must have it."""
    return _REASONS[kind]


def file_kind(kind: DocumentKind) -> FileKind:
    """What sort of file it must be."""
    return FileKind.PITCH_DECK if kind == DocumentKind.PITCH_DECK else FileKind.PROOF_PDF
