"""What a person at the terminal reads."""

import sys

_COLOURS = {"web": "36", "worker": "35", "beat": "33", "postgres": "34", "valkey": "32"}


class Failure(Exception):  # noqa: N818 - it ends a task with a message; it is not a bug
    """Something the person at the terminal must do; its text says what."""


def _tint(text: str, colour: str) -> str:
    return f"\033[{colour}m{text}\033[0m" if sys.stdout.isatty() else text


def say(text: str) -> None:
    """One step, at once, also through a pipe."""
    print(_tint("▸ ", "33") + text, flush=True)


def warn(text: str) -> None:
    """Something that did not go as it should, but does not stop the task."""
    print(_tint("! ", "31") + text, flush=True)


def relay(name: str, line: str) -> None:
    """A line of one of our processes, with its name in front."""
    print(_tint(f"{name:>8} │ ", _COLOURS.get(name, "37")) + line, flush=True)
