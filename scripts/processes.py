"""Starting, watching and stopping programs, so that nothing of ours outlives us.

Every program gets its own session: a Ctrl-C at the terminal reaches only the runner, which then stops the
programs in order. Should the runner itself be killed, the kernel sends each program its stop signal.
"""

import collections
import contextlib
import ctypes
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from scripts.console import Failure, relay

_LOUD = re.compile(r"\b(WARNING|ERROR|CRITICAL|FATAL|PANIC|Traceback)\b")
_PR_SET_PDEATHSIG = 1


class Stopped(BaseException):
    """Ctrl-C or SIGTERM arrived; a BaseException, so that no step swallows it."""


def _raise_stopped(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


def listen_for_stop() -> None:
    """From here on Ctrl-C, SIGTERM and a closed terminal raise `Stopped` in the main thread."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_stopped)


def ignore_stop() -> None:
    """While stopping, a second Ctrl-C changes nothing: stopping is bounded in time."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _die_with_parent(stop_signal: int) -> Callable[[], None]:
    libc = ctypes.CDLL(None) if os.uname().sysname == "Linux" else None

    def prepare() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, stop_signal)

    return prepare


@dataclass
class Program:
    """One long-running program, its log and its way to stop."""

    name: str
    process: subprocess.Popen[str]
    log: Path
    stop_signal: int
    last_lines: collections.deque[str] = field(default_factory=lambda: collections.deque(maxlen=25))

    def follow(self, *, show: str) -> None:
        """Copy its output to the log; to the terminal `all`, only the `loud` lines, or `none`."""
        assert self.process.stdout is not None  # noqa: S101 - always a pipe, see start()
        with self.log.open("a", encoding="utf-8", errors="replace") as log:
            for raw in self.process.stdout:
                line = raw.rstrip("\n")
                self.last_lines.append(line)
                log.write(raw)
                log.flush()
                if show == "all" or (show == "loud" and _LOUD.search(line)):
                    relay(self.name, line)

    def stop(self, *, patience: float) -> None:
        """Ask its leader to stop, wait, then end whatever is left of its group."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    show: str = "all",
    stop_signal: int = signal.SIGTERM,
    user: int | None = None,
    group: int | None = None,
    text: str = "",
    cwd: Path | None = None,
) -> Program:
    """Start a program in its own session; `text` goes to its standard input."""
    log.parent.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.PIPE if text else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=dict(env),
        cwd=cwd,
        start_new_session=True,
        user=user,
        group=group,
        extra_groups=None if user is None else [],
        preexec_fn=_die_with_parent(stop_signal),  # noqa: PLW1509 - single-threaded at this point of the child
    )
    if text and process.stdin is not None:
        process.stdin.write(text)
        process.stdin.close()
    program = Program(name=name, process=process, log=log, stop_signal=stop_signal)
    threading.Thread(target=program.follow, kwargs={"show": show}, daemon=True).start()
    return program


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> int:
    """Run a step to its end, on our own terminal; when we are stopped it goes first, with its children."""
    process = subprocess.Popen(
        [str(part) for part in command],
        env=None if env is None else dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - single-threaded at this point of the child
    )
    try:
        return process.wait()
    except Stopped:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        raise
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def stopping(programs: list[Program], *, patience: float = 10) -> Iterator[None]:
    """Stop the programs in the reverse order of their start, whatever happens inside."""
    try:
        yield
    finally:
        ignore_stop()
        for program in reversed(programs):
            program.stop(patience=patience)
        programs.clear()


def wait_until(ready: Callable[[], bool], program: Program, *, seconds: float, what: str) -> None:
    """Until `ready`; a program that ends first, or takes too long, fails with its own last lines."""
    deadline = time.monotonic() + seconds
    while not ready():
        if program.process.poll() is not None or time.monotonic() > deadline:
            lines = "\n".join(f"    {line}" for line in program.last_lines)
            raise Failure(f"{what} did not start. Its last lines ({program.log}):\n{lines}")
        time.sleep(0.1)
