"""What everybody may read of counts of companies: so few that a member could be told apart are left out, whatever two answers are laid side by side.

A table of traits (size, age, place, sector) can be asked for a call, a network, a type and a day: each cell of it could be had by subtracting
one answer from another. So its counts are rounded, and its shares follow from the rounded counts (docs/adr/0041).
"""

from dataclasses import replace
from decimal import Decimal

from ibnportal.portal.answers.table import Answer, Column, Kind, Row, Value, none_of, share

SMALLEST, STEP, MEAN_OF, SHARE_OF = 5, 5, 10, 20
"""The fewest companies that a figure tells of, to what counts of traits are rounded, and of how many companies a mean and a share are told."""
HIDDEN = f"Minder dan {SMALLEST} ondernemingen: weggelaten, ook uit het totaal."
FEW = f"Minder dan {SMALLEST} ondernemingen: weggelaten."
ROUNDED = f"Aantallen zijn afgerond op {STEP}, en aandelen volgen daaruit; minder dan {SMALLEST} ondernemingen staat er niet. Een som kan daardoor afwijken."
TOO_FEW = f"Dit is van minder dan {SMALLEST} ondernemingen gekend; daarover wordt niets gepubliceerd."
MEAN = "Gemiddelde"


def without_small_cells(answer: Answer) -> Answer:
    """Counts of companies below SMALLEST left out, and with them the total of their column: less what is shown it would give them back.

    To leave out a second cell instead would not do: what hides in one answer stands open in that of another call or type.
    """
    counted = [column.key for column in answer.columns if column.kind is Kind.NUMBER]
    shares = {column.key for column in answer.columns if column.kind is Kind.PERCENT}
    rows, small = [], set()
    for row in answer.rows:
        gone = {key for key in counted if 0 < _count(row.cells.get(key)) < SMALLEST}
        if gone:
            cells = {key: None if key in gone | shares else value for key, value in row.cells.items()}
            row = row._replace(cells=cells, note=HIDDEN, behind=())  # noqa: PLW2901 - the same row, as everybody reads it
        small |= gone
        rows.append(row)
    if not small:
        return answer
    total = {key: value for key, value in answer.total.items() if key not in small}
    return replace(answer, rows=tuple(rows), total=total).with_notes(HIDDEN)


def rounded(answer: Answer) -> Answer:
    """Counts of companies by a trait rounded to STEP, those below SMALLEST left out, shares from what is rounded; nothing where so few are known."""
    counted = [column.key for column in answer.columns if column.kind is Kind.NUMBER]
    if answer.unanswered or not counted:
        return answer
    label = answer.columns[0].key
    known = [row for row in answer.rows if not _is_unknown(row, label)]
    told = sum(_count(row.cells.get(counted[0])) for row in known)
    if told < SMALLEST:
        return none_of(answer.columns, TOO_FEW)
    whole = _shown(told) if told >= SHARE_OF else None
    rows = tuple(
        _rounded(row, answer.columns, counted, whole, is_known=not _is_unknown(row, label)) for row in answer.rows
    )
    notes = tuple(note for note in answer.notes if told >= MEAN_OF or not note.startswith(MEAN))
    total: dict[str, Value] = {key: _shown(value) if key in counted else value for key, value in answer.total.items()}
    # "Gekend voor 41 van 43 ondernemingen" would tell what the rounding keeps; of how many networks there are members, it does not.
    coverage = f"{answer.coverage.partition('. ')[0].rstrip('.')}." if answer.coverage else ""
    return replace(answer, rows=rows, total=total, coverage=coverage, notes=notes).with_notes(ROUNDED)


def _rounded(row: Row, columns: tuple[Column, ...], counted: list[str], whole: int | None, *, is_known: bool) -> Row:
    cells = {key: _shown(value) if key in counted else value for key, value in row.cells.items()}
    for column in columns:
        if column.kind is Kind.PERCENT:
            part = cells.get(counted[0])
            cells[column.key] = share(part, whole) if is_known and isinstance(part, int) else None
    is_hidden = any(cells.get(key) is None and _count(row.cells.get(key)) for key in counted)
    return row._replace(cells=cells, note=FEW, behind=()) if is_hidden else row._replace(cells=cells)


def _is_unknown(row: Row, label: str) -> bool:
    return str(row.cells.get(label)).casefold() == "onbekend"


def _count(value: Value) -> int:
    return int(value) if isinstance(value, int | Decimal) else 0


def _shown(value: Value) -> int | None:
    """The count as everybody reads it: half and more of STEP goes up; none below SMALLEST, but that there is nobody is told."""
    number = _count(value)
    if value is None or 0 < number < SMALLEST:
        return None
    return (number + STEP // 2) // STEP * STEP
