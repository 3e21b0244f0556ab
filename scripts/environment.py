"""The Python environment from the lock, and the system packages the wheels lean on."""

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.console import Failure, say, warn
from scripts.processes import run

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / ".data"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

# WeasyPrint opens these at run time; each with the Debian and Ubuntu package that brings it.
_LIBRARIES = {"libpangoft2-1.0.so.0": "libpangoft2-1.0-0", "libharfbuzz-subset.so.0": "libharfbuzz-subset0"}
# The same engine in all of them; the first is Chromium without windows, which spends a third less on a page.
_WINDOWLESS = "chromium-headless-shell"
_BROWSERS = (_WINDOWLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def find_browser() -> str | None:
    """The Chromium of the browser tests: `CHROMIUM`, or the first one on the PATH."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in _BROWSERS if (path := shutil.which(name))), None)


def missing_packages(*, tests: bool) -> list[str]:
    """The Debian packages this machine lacks for the task."""
    missing = []
    if not PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
        missing.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    missing += [package for library, package in _LIBRARIES.items() if not _loads(library)]
    if tests:
        if shutil.which("pdftotext") is None:
            missing.append("poppler-utils")
        if find_browser() is None:
            missing.append(_WINDOWLESS if _is_offered(_WINDOWLESS) else "chromium")
    return missing


def _is_offered(package: str) -> bool:
    """Whether apt knows this package here; it knows none before its first update."""
    if shutil.which("apt-cache") is None:
        return False
    shown = subprocess.run(["apt-cache", "policy", package], capture_output=True, text=True, check=False)
    return "Candidate:" in shown.stdout and "Candidate: (none)" not in shown.stdout


_APT_GET = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
_INSTALL = ["install", "-y", "--no-install-recommends"]


def _superuser() -> list[str] | None:
    """How to run apt-get: directly as root, through sudo when it asks for no password, else not at all."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def ensure_system_packages(*, tests: bool) -> None:
    """Install what is missing where we may; where we may not, say exactly what and how."""
    missing = missing_packages(tests=tests)
    if not missing:
        if tests:
            _lighten_browser()
        return
    by_hand = f"sudo apt-get update && sudo apt-get install --no-install-recommends {' '.join(missing)}"
    superuser = _superuser()
    if superuser is None or shutil.which("apt-get") is None:
        raise Failure(
            f"These system packages are missing and cannot be installed from here: {', '.join(missing)}.\n"
            f"  On Debian or Ubuntu:  {by_hand}\n  Then run the same command again."
        )
    say(f"installing system packages: {', '.join(missing)}")
    apt_get = [*superuser, *_APT_GET]
    if run([*apt_get, *_INSTALL, *missing]) != 0:  # the package lists may be absent or old: fetch them, once
        run([*apt_get, "update"])
        missing = missing_packages(tests=tests)
        run([*apt_get, *_INSTALL, *missing])
    still = missing_packages(tests=tests)
    if "chromium" in still and Path("/etc/os-release").read_text(encoding="utf-8").find("ID=ubuntu") >= 0:
        warn("Ubuntu offers Chromium as a snap only; install Google Chrome or set CHROMIUM to a browser's path")
    if still:
        raise Failure(f"Still missing after apt-get: {', '.join(still)}. By hand:\n  {by_hand}")


def _lighten_browser() -> None:
    """The windowless Chromium beside the one that is here, where apt has it at hand; without it tests only take longer."""
    superuser = _superuser()
    if os.environ.get("CHROMIUM") or shutil.which(_WINDOWLESS) or superuser is None or not _is_offered(_WINDOWLESS):
        return
    say(f"installing {_WINDOWLESS}: the browser tests are quicker with it")
    impatient = ["-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=15", "-o", "Acquire::https::Timeout=15"]
    if run([*superuser, *_APT_GET, *impatient, *_INSTALL, _WINDOWLESS]) != 0:
        warn(f"{_WINDOWLESS} could not be installed; the tests use {find_browser()}")


def ensure_environment(*, lock: str) -> None:
    """`.venv` with what the lock pins, hash by hash; done again only when the lock or the Python changed."""
    lock_file = ROOT / lock
    if not PYTHON.exists():
        say(f"creating .venv with Python {sys.version_info.major}.{sys.version_info.minor}")
        if run([sys.executable, "-m", "venv", VENV]) != 0:
            shutil.rmtree(VENV, ignore_errors=True)
            raise Failure("Python could not create .venv; on Debian or Ubuntu: sudo apt-get install python3-venv")
    version = subprocess.run([PYTHON, "-V"], capture_output=True, text=True, check=False).stdout.strip()
    print_of_lock = hashlib.sha256(lock_file.read_bytes() + version.encode()).hexdigest()
    stamp = VENV / f".installed-{lock_file.stem}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == print_of_lock:
        return
    say(f"installing {lock} (a minute or so the first time)")
    uv = shutil.which("uv") or next((str(p) for p in [VENV / "bin" / "uv"] if p.exists()), None)
    with_pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        lock_file,
    ]
    with_uv: list[str | Path] = [
        uv or "uv",
        "pip",
        "install",
        "-q",
        "--python",
        PYTHON,
        "--require-hashes",
        "-r",
        lock_file,
    ]
    if (uv is None or run(with_uv) != 0) and run(with_pip) != 0:
        raise Failure(f"Not everything in {lock} could be installed; the reason is above. Nothing else was changed.")
    stamp.write_text(print_of_lock, encoding="utf-8")
