"""Counting words and cleaning typed text, the same for the page, the check and the snapshot."""

import re
import unicodedata

_WORD = re.compile(r"\S*\w\S*")
_KEPT_CONTROLS = frozenset("\n\t")


def count(text: str) -> int:
    """Words as people count them: runs without white space that hold a letter or a digit; a lone dash is none."""
    return len(_WORD.findall(text))


def clean(text: str) -> str:
    """What the database can keep: normalised line ends, no control characters, no halves of characters, no spaces around."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "ignore").decode("utf-8")
    kept = "".join(char for char in text if char in _KEPT_CONTROLS or unicodedata.category(char) != "Cc")
    return unicodedata.normalize("NFC", kept).strip()
