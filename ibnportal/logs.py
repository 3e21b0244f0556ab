"""Log lines without personal data: addresses and secrets are blotted out of the finished line, tracebacks included."""

import json
import logging
import re
from datetime import UTC, datetime

_BLOTS = (
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"\bBE\d{2}(?: ?\d{4}){3}\b"), "[iban]"),
    (re.compile(r"(?<=://)[^\s:/@]*:[^\s@/]+(?=@)"), "[login]"),
    # The personal link of a company and other signed tokens; hashes in hexadecimal stay readable.
    (re.compile(r"(?<![\w-])(?=[\w-]*[G-Zg-z_-])(?=[\w-]*\d)[\w-]{24,}(?::[\w-]+)*"), "[token]"),
)


def scrub(text: str) -> str:
    """The line without e-mail addresses, account numbers, logins and tokens."""
    for pattern, blot in _BLOTS:
        text = pattern.sub(blot, text)
    return text


class PlainFormatter(logging.Formatter):
    """For a terminal."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """One scrubbed line, and the traceback under it."""
        return scrub(super().format(record))


class JsonFormatter(logging.Formatter):
    """For a collector: one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Moment, level, logger, message and, where there is one, the traceback."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = scrub(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
