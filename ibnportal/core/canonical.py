"""JSON as bytes in one way only, and the hash of those bytes: what is frozen is compared and signed in this form."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one way to write this content: sorted keys, no spaces, UTF-8; the same for what comes back from the database."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of the canonical bytes, in hexadecimals."""
    return hashlib.sha256(canonical(content)).hexdigest()
