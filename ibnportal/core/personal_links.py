"""Personal links that the database does not hold: made from the portal's key and a nonce, recognised by their hash.

Whoever reads the database or a recorded mail finds no link that works; the mail that leaves makes it again (`outbox.mail`).
"""

import hashlib
from base64 import urlsafe_b64encode
from secrets import token_hex

from django.conf import settings
from django.utils.crypto import salted_hmac


def issue(purpose: str) -> tuple[str, str]:
    """(nonce, hash of the link's secret) of a new link; keep both."""
    nonce = token_hex()
    return nonce, hash_of(_derive(purpose, nonce, settings.SECRET_KEY))


def token_of(purpose: str, *, nonce: str, token_hash: str) -> str:
    """The secret part of the link; also after the portal's key was replaced, as long as the old one is a fallback.

    Raises LookupError when no key makes it any more.
    """
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = _derive(purpose, nonce, key)
        if hash_of(token) == token_hash:
            return token
    raise LookupError("No key of the portal makes this link any more.")


def hash_of(token: str) -> str:
    """What is kept of a link's secret."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _derive(purpose: str, nonce: str, key: str) -> str:
    digest = salted_hmac(purpose, nonce, secret=key, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
