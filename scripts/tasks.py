"""The tasks behind the Makefile, each a function that reads from top to bottom."""

import os
import secrets
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from scripts.console import Failure, say, warn
from scripts.environment import DATA, PYTHON, ROOT, VENV, ensure_environment, ensure_system_packages, find_browser
from scripts.processes import Program, Stopped, listen_for_stop, run, start, stopping, wait_until
from scripts.servers import DEMO, TESTS, data_folders, manage, only_one, port_is_free, secret, start_servers

LOCAL_LOCK = "requirements-local.lock"
DEV_LOCK = "requirements-dev.lock"
LOCKS = {"requirements-dev.lock": ("local", "dev"), "requirements-local.lock": ("local",), "requirements.lock": ()}
_ANSWER_SECONDS = 60


# ---------------------------------------------------------------- make run


def _address() -> tuple[str, int]:
    try:
        port = int(os.environ.get("PORT") or 8000)
    except ValueError:
        raise Failure(f"PORT is not a number: {os.environ['PORT']!r}") from None
    host = os.environ.get("HOST") or "127.0.0.1"
    if not port_is_free(port, host):
        raise Failure(
            f"Port {port} is taken by another program. Choose another one, for instance: PORT={port + 1} make run"
        )
    return host, port


def _demo_environment(urls: dict[str, str]) -> dict[str, str]:
    """A demonstration on this machine; nothing here holds for production (docker-compose.yml does)."""
    defaults = {
        "DEBUG": "1",
        "DEMO": "1",
        "SECRET_KEY": secret(DEMO, "django"),
        "MEDIA_ROOT": str(DATA / "media"),
        "EMAIL_FILE_PATH": str(DATA / "mail"),
        "PYTHONUNBUFFERED": "1",
    }
    return {**defaults, **{name: value for name, value in os.environ.items() if value}, **urls}


def _commands(env: dict[str, str]) -> set[str]:
    code = "import django; django.setup(); from django.core.management import get_commands; print(' '.join(get_commands()))"
    listed = subprocess.run(
        [PYTHON, "-c", code], env={**env, "DJANGO_SETTINGS_MODULE": "ibnportal.settings"}, cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        raise Failure(f"The portal does not start:\n{listed.stderr}")
    return set(listed.stdout.split())


def _load(env: dict[str, str]) -> None:
    say("bringing the database up to date")
    # Without DEMO: its clock reads a table, which the first migration still has to make.
    if manage(["migrate", "--noinput", "-v", "0"], env={**env, "DEMO": "0"}) != 0:
        raise Failure("The database could not be brought up to date; the reason is above.")
    if "load_programme" in _commands(env):
        say("loading the programme")
        if manage(["load_programme"], env=env) != 0:
            raise Failure("The programme could not be loaded; the reason is above.")


def _play_once(env: dict[str, str]) -> None:
    """The story, once for each database; half a story is reported, and the portal goes on."""
    mark = DATA / "played" / sha256(env["DATABASE_URL"].split("@")[-1].encode()).hexdigest()[:16]
    if "DATABASE_URL" not in os.environ:
        mark = mark.with_name("embedded")
    if mark.exists() or env["DEMO"] != "1" or "play_story" not in _commands(env):
        return
    say("playing the story, once: one initiative in every stage")
    if manage(["play_story"], env=env) != 0:
        warn("The story stopped half-way; the reason is above. `make demo-reset` starts again from nothing.")
        return
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _healthy(url: str) -> Callable[[], bool]:
    def probe() -> bool:
        try:
            with urllib.request.urlopen(f"{url}/gezondheid/", timeout=5) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    return probe


def _start_portal(env: dict[str, str], host: str, port: int, programs: list[Program]) -> Program:
    logs = DEMO.logs
    celery: list[str | Path] = [PYTHON, "-m", "celery", "-A", "ibnportal"]
    schedule = DATA / "celerybeat-schedule"
    gunicorn: list[str | Path] = [PYTHON, "-m", "gunicorn", "-c", "docker/gunicorn.conf.py", "-b", f"{host}:{port}"]
    worker: list[str | Path] = [*celery, "worker", "--loglevel", "INFO", "--concurrency", "2"]
    beat: list[str | Path] = [*celery, "beat", "--loglevel", "INFO", "--schedule", schedule, "--pidfile", ""]
    web = start("web", [*gunicorn, "ibnportal.wsgi:application"], log=logs / "web.log", env=env, show="loud", cwd=ROOT)
    programs.append(web)
    programs.append(start("worker", worker, log=logs / "worker.log", env=env, show="loud", cwd=ROOT))
    programs.append(start("beat", beat, log=logs / "beat.log", env=env, show="loud", cwd=ROOT))
    return web


_DEMO_ACCOUNTS = """
import os, django
django.setup()
from ibnportal.core.demo.catalogue import DEMO_ACCOUNTS
from ibnportal.core.demo.people import create_demo_people
create_demo_people()
shown = {}
for account in DEMO_ACCOUNTS:
    shown.setdefault(account.label, account)
for label, account in shown.items():
    print(f"  {str(label):29} {account.email:26} {account.sentence}")
print()
print("  Password " + os.environ.get("DEMO_PASSWORD", "ibn-demo-2025") + ", second factor 123456")
"""


def _logins(env: dict[str, str]) -> str:
    """One login per role of the demo, made when they do not exist yet; nothing outside the demo."""
    if env["DEMO"] != "1":
        return ""
    made = subprocess.run(
        [PYTHON, "-c", _DEMO_ACCOUNTS], env={**env, "DJANGO_SETTINGS_MODULE": "ibnportal.settings"}, cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        warn(f"The logins of the demo could not be made:\n{made.stderr}")
    return made.stdout


def run_portal(_arguments: list[str]) -> int:
    """Everything from nothing to an address that answers, until Ctrl-C."""
    host, port = _address()
    programs: list[Program] = []
    with only_one(DEMO, what="The portal"), stopping(programs):
        ensure_system_packages(tests=False)
        ensure_environment(lock=LOCAL_LOCK)
        began = time.monotonic()
        env = _demo_environment(start_servers(DEMO, programs))
        _load(env)
        web = _start_portal(env, host, port, programs)
        shown = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}"  # noqa: S104 - compared, not bound
        wait_until(_healthy(f"http://{host}:{port}"), web, seconds=_ANSWER_SECONDS, what="The portal")
        say(f"the portal answers at {shown}/ ({time.monotonic() - began:.0f} s after installation)")
        _play_once(env)
        print(
            f"\n{_logins(env)}\n  IBN-portaal   {shown}/\n  Logs          {DEMO.logs.relative_to(ROOT)}/\n  Stop          Ctrl-C\n",
            flush=True,
        )
        return _watch(programs)


def _watch(programs: list[Program]) -> int:
    """Until someone stops us, or one of the programs ends by itself."""
    while True:
        for program in programs:
            if program.process.poll() is not None:
                lines = "\n".join(f"    {line}" for line in program.last_lines)
                raise Failure(
                    f"{program.name} ended by itself, so the rest stops as well. Its last lines ({program.log}):\n{lines}"
                )
        time.sleep(0.5)


def demo_reset(_arguments: list[str]) -> int:
    """Drop the embedded data; load and play everything again."""
    if os.environ.get("DATABASE_URL"):
        raise Failure("DATABASE_URL is set: this only resets the embedded database. Drop and create yours by hand.")
    programs: list[Program] = []
    with only_one(DEMO, what="The portal"), stopping(programs):
        ensure_system_packages(tests=False)
        ensure_environment(lock=LOCAL_LOCK)
        say("removing the embedded data")
        for folder in data_folders(DEMO):
            shutil.rmtree(folder, ignore_errors=True)
        env = _demo_environment(start_servers(DEMO, programs))
        _load(env)
        # The story asks for work that only a worker does (the decision sheet).
        celery: list[str | Path] = [
            PYTHON,
            "-m",
            "celery",
            "-A",
            "ibnportal",
            "worker",
            "--loglevel",
            "INFO",
            "--concurrency",
            "2",
        ]
        programs.append(start("worker", celery, log=DEMO.logs / "worker.log", env=env, show="loud", cwd=ROOT))
        _play_once(env)
    say("done; `make run` shows it")
    return 0


# ---------------------------------------------------------------- make test, make bench


def _test_environment(urls: dict[str, str]) -> dict[str, str]:
    browser = find_browser()
    env = {**os.environ, **urls, "PYTHONUNBUFFERED": "1"}
    for name in ("DEBUG", "DEMO", "PYTHONDONTWRITEBYTECODE"):  # a dozen processes: let them compile our source once
        env.pop(name, None)
    if browser:
        env["CHROMIUM"] = browser
    return env


def test(arguments: list[str]) -> int:
    """All tests; extra arguments go to pytest."""
    programs: list[Program] = []
    with only_one(TESTS, what="The test run"), stopping(programs):
        ensure_system_packages(tests=True)
        ensure_environment(lock=DEV_LOCK)
        env = _test_environment(start_servers(TESTS, programs))
        workers = ["-n", "auto", "--dist", "worksteal"]
        return run([PYTHON, "-m", "pytest", "-m", "not benchmark", *workers, *arguments], env=env, cwd=ROOT)


def bench(arguments: list[str]) -> int:
    """The benchmarks, one by one: they measure, so nothing runs beside them."""
    programs: list[Program] = []
    with only_one(TESTS, what="The test run"), stopping(programs):
        ensure_system_packages(tests=False)
        ensure_environment(lock=DEV_LOCK)
        env = _test_environment(start_servers(TESTS, programs))
        return run(
            [PYTHON, "-m", "pytest", "tests/benchmarks", "-m", "benchmark", "-n", "0", "-s", *arguments],
            env=env,
            cwd=ROOT,
        )


# ---------------------------------------------------------------- make check, make fmt, make lock


def _checks() -> list[tuple[str, list[str | Path], dict[str, str]]]:
    tools = VENV / "bin"
    templates = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "templates").rglob("*.html"))
    database = os.environ.get("DATABASE_URL") or "postgres://ibn@127.0.0.1:9/ibn"
    develop = {"DEBUG": "1", "DATABASE_URL": database}
    production = {
        "DEBUG": "0",
        "DEMO": "0",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "ALLOWED_HOSTS": "portaal.example",
        "CSRF_TRUSTED_ORIGINS": "https://portaal.example",
        "DATABASE_URL": database,
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "EMAIL_URL": "smtp://mail.example:25",
    }
    # Without a server makemigrations warns that it cannot compare with one; the files are what it checks here.
    migrations: list[str | Path] = [
        PYTHON,
        "-W",
        "ignore::RuntimeWarning",
        "manage.py",
        "makemigrations",
        "--check",
        "--dry-run",
    ]
    deploy: list[str | Path] = [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    checks: list[tuple[str, list[str | Path], dict[str, str]]] = [
        ("ruff check", [tools / "ruff", "check", "--quiet", "."], {}),
        ("ruff format", [tools / "ruff", "format", "--check", "--quiet", "."], {}),
        ("imports", [tools / "lint-imports"], develop),
        (
            "mypy",
            [tools / "mypy", "ibnportal", "calls", "applications", "evaluation", "monitoring", "scripts"],
            develop,
        ),
        ("migrations", migrations, develop),
        ("deploy", deploy, production),
    ]
    if templates:
        checks.insert(4, ("djade", [tools / "djade", "--check", "--target-version", "5.2", *templates], {}))
    return checks


def check(arguments: list[str]) -> int:
    """Every guard that needs no server; all of them run, then the ones that fail are named."""
    ensure_system_packages(tests=False)
    ensure_environment(lock=DEV_LOCK)
    failed = []
    for name, command, extra in _checks():
        if arguments and name not in arguments:
            continue
        began = time.monotonic()
        say(name)
        if run(command, env={**os.environ, **extra}, cwd=ROOT) != 0:
            failed.append(name)
            warn(f"{name} fails ({time.monotonic() - began:.0f} s)")
    if failed:
        raise Failure(f"These checks fail: {', '.join(failed)}.")
    say("all checks pass")
    return 0


def fmt(_arguments: list[str]) -> int:
    """Format what can be formatted, mend what can be mended."""
    ensure_environment(lock=DEV_LOCK)
    templates = [str(p) for p in (ROOT / "templates").rglob("*.html")]
    run([VENV / "bin" / "ruff", "check", "--fix", "--quiet", "."], cwd=ROOT)
    run([VENV / "bin" / "ruff", "format", "."], cwd=ROOT)
    if templates:
        run([VENV / "bin" / "djade", "--target-version", "5.2", *templates], cwd=ROOT)
    return 0


def lock(arguments: list[str]) -> int:
    """The three lock files from pyproject.toml; `--upgrade` takes the newest versions allowed."""
    ensure_environment(lock=DEV_LOCK)
    command: list[str | Path] = [
        VENV / "bin" / "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-emit-index-url",
        "--python-version", "3.11", "--no-header", "pyproject.toml",
    ]  # fmt: skip
    for file, extras in LOCKS.items():
        one_truth = [] if file == DEV_LOCK else ["-c", DEV_LOCK]
        chosen = [part for extra in extras for part in ("--extra", extra)]
        if run([*command, *chosen, *one_truth, *arguments, "-o", file], cwd=ROOT) != 0:
            raise Failure(f"{file} could not be resolved; the reason is above.")
    return 0


TASKS: dict[str, Callable[[list[str]], int]] = {
    "run": run_portal,
    "test": test,
    "check": check,
    "bench": bench,
    "demo-reset": demo_reset,
    "lock": lock,
    "fmt": fmt,
}


def main(arguments: list[str]) -> int:
    """Run one task; what the person must do comes as a sentence, never as a traceback."""
    if not arguments or arguments[0] not in TASKS:
        print("Usage: python3 -m scripts " + "|".join(TASKS))
        return 2
    listen_for_stop()
    os.chdir(ROOT)
    try:
        return TASKS[arguments[0]](arguments[1:])
    except Stopped as stop:
        print()
        say("stopped")
        return 0 if arguments[0] == "run" else 128 + int(stop.args[0] if stop.args else signal.SIGINT)
    except Failure as failure:
        warn(str(failure))
        return 1
