"""A log line holds no personal data and no secret; a client cannot choose its own address."""

import json
import logging
import sys

import pytest

from ibnportal.logs import JsonFormatter, scrub
from ibnportal.proxies import client_ip


@pytest.mark.parametrize(
    ("line", "scrubbed"),
    [
        ("mail to an.peeters@voorbeeld.be failed", "mail to [e-mail] failed"),
        ("account BE68 5390 0754 7034", "account [iban]"),
        ("redis://:pa55word@host:6379/0", "redis://[login]@host:6379/0"),
        ("/brief/aZ81kdQ-0pLm93xYtRwQ27bn/", "/brief/[token]/"),
        (
            "file 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "file 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
        ("outbox row 4711 done", "outbox row 4711 done"),
        ("test_first_tranche_waits_for_four_fifths", "test_first_tranche_waits_for_four_fifths"),
    ],
)
def test_a_line_is_scrubbed(line, scrubbed):
    assert scrub(line) == scrubbed


def test_a_traceback_is_scrubbed_as_well():
    try:
        raise ValueError("an.peeters@voorbeeld.be")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed for %s", ("b@c.be",), sys.exc_info())
    line = json.loads(JsonFormatter().format(record))
    assert line["message"] == "failed for [e-mail]"
    assert "an.peeters" not in line["traceback"]


def test_a_forwarded_address_counts_only_from_a_trusted_proxy(rf, settings):
    request = rf.get("/", REMOTE_ADDR="10.0.0.2", headers={"x-forwarded-for": "1.1.1.1, 192.0.2.7"})
    settings.TRUSTED_PROXY_COUNT = 0
    assert client_ip(request) == "10.0.0.2"
    settings.TRUSTED_PROXY_COUNT = 1
    assert client_ip(request) == "192.0.2.7"
    settings.TRUSTED_PROXY_COUNT = 3
    assert client_ip(request) == "10.0.0.2"
