"""What production promises, read from its files: no engine is needed to see that a promise was dropped."""

import os
import re
import subprocess
import sys

import pytest
import yaml

from tests.test_house.source import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = ("migrate", "web", "worker", "beat")
PRODUCTION = {
    "SECRET_KEY": "k" * 60,
    "DATABASE_URL": "postgres://ibn:secret@127.0.0.1:9/ibn",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "ALLOWED_HOSTS": "portaal.example",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
}


def test_the_parts_of_the_portal_are_there():
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "nginx", "postgres", "redis"}
    assert set(COMPOSE["volumes"]) == {"media", "postgres", "redis"}


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_service_runs_as_root_or_writes_where_it_pleases(name):
    service = SERVICES[name]
    assert service["user"] not in {"", "0", "root"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_says_whether_it_is_well(name):
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_only_nginx_is_reachable_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_a_missing_secret_stops_everything():
    for name in OURS:
        environment = SERVICES[name]["environment"]
        for secret in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "EMAIL_URL"):
            assert re.search(r"\$\{\w+:\?", environment[secret]), f"{name}: {secret} has a default"
        assert "DEBUG" not in environment
        assert "DEMO" not in environment


def test_no_secret_stands_in_the_file():
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if match := re.match(r"\s*(?:SECRET_KEY|POSTGRES_PASSWORD|REDIS_PASSWORD|REDISCLI_AUTH):\s*(.+)", line):
            assert match[1].startswith("${"), line


def test_nginx_serves_static_files_and_never_an_upload():
    conf = (ROOT / "docker" / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"alias\s+(\S+);", conf) == ["/srv/static/"]
    assert not re.search(r"\broot\s+/", conf)
    assert "media" not in conf
    assert not any("media" in volume for volume in SERVICES["nginx"]["volumes"])


def test_the_image_runs_as_its_own_user_from_the_lock():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in dockerfile
    assert dockerfile.rstrip().splitlines()[-3] == "USER 10001"
    assert not re.search(r"(?:COPY|ADD) .*\.env", dockerfile)


def test_the_locks_are_hashed_and_name_no_host():
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text, lock.name
        for block in re.split(r"\n(?=\S)", text):
            assert not re.match(r"[a-z]", block) or "--hash=sha256:" in block, block.splitlines()[0]


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    code = "from django.conf import settings as s; import django; django.setup(); print(s.DEBUG, s.SESSION_COOKIE_NAME)"
    env = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "ibnportal.settings", **environment}
    return subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=False)


def test_production_starts_with_everything_it_needs():
    done = start(**PRODUCTION)
    assert done.stdout.split() == ["False", "__Host-sessie"], done.stderr


@pytest.mark.parametrize("name", sorted(PRODUCTION))
def test_production_refuses_to_start_without(name):
    done = start(**{key: value for key, value in PRODUCTION.items() if key != name})
    assert done.returncode == 1
    assert f"Set the {name} environment variable" in done.stderr
