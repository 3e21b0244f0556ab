"""The scores of one dossier as a table: for who must defend them later, outside the portal."""

from typing import Any

from evaluation.domain.expert_opinions import Comparison


def table(compared: Comparison) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows: per criterion the score and motivation of each expert, median, mean and spread in steps."""
    columns = ["Dimensie", "Criterium"]
    for row in compared.experts:
        columns += [f"Score {row.expert}", f"Motivering {row.expert}"]
    columns += ["Midden", "Gemiddelde waarde", "Stappen uit elkaar"]
    rows: list[list[Any]] = []
    for line in compared.rows:
        cells: list[Any] = [line.criterion.dimension.label, line.criterion.label]
        for cell in line.cells:
            cells += [str(cell.score.step or ""), cell.score.motivation] if cell.score else ["", ""]
        rows.append([*cells, line.median, line.mean, line.spread])
    value = compared.agreement.value
    rows.append(
        ["Overeenstemming", "Krippendorffs alfa, ordinaal", compared.agreement.text if value is None else value]
    )
    return columns, [row + [None] * (len(columns) - len(row)) for row in rows]
