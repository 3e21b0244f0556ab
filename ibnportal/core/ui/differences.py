"""What went and what came between two texts."""

import difflib
import re
from typing import Any

WORDS = re.compile(r"\s+|\w+(?:[.,:'-]\w+)*|[^\w\s]")  # 182.000 and e-mail are one word, a full stop is one of its own
MOST_COMPARISONS = 4_000_000  # about a second at worst


def pieces(old: Any, new: Any) -> list[tuple[str, str]]:
    """("", "del" or "ins", text) in the order of reading: by words; by paragraphs, or whole, where that would take too long."""
    before, after = WORDS.findall(str(old or "")), WORDS.findall(str(new or ""))
    if len(before) * len(after) > MOST_COMPARISONS:
        before, after = (str(text or "").splitlines(keepends=True) for text in (old, new))
    if len(before) * len(after) > MOST_COMPARISONS:
        before, after = [str(old or "")], [str(new or "")]
    found: list[tuple[str, str]] = []
    for operation, start, end, new_start, new_end in difflib.SequenceMatcher(
        a=before, b=after, autojunk=False
    ).get_opcodes():
        if operation == "equal":
            found.append(("", "".join(before[start:end])))
            continue
        if end > start:
            found.append(("del", "".join(before[start:end])))
        if new_end > new_start:
            found.append(("ins", "".join(after[new_start:new_end])))
    return found
