"""The site's keys: made, sealed, changed, published."""

import base64
import hashlib
import json

import jwt
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ..models import SigningKey

ALGORITHM = "RS256"
BITS = 2048
PURPOSE = b"sala signing keys v1:"


class KeyLost(RuntimeError):
    """No secret of this site opens the key any more."""

    code = "key_lost"


def boxes() -> MultiFernet:
    """Seals with today's LMS_SECRET_KEY, opens with the earlier ones too."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(PURPOSE + s.encode()).digest()))
            for s in secrets
        ]
    )


def make() -> SigningKey:
    """A fresh pair, not saved."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    made = SigningKey(sealed=boxes().encrypt(pem))
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    made.public = {
        "kty": jwk["kty"],
        "n": jwk["n"],
        "e": jwk["e"],
        "use": "sig",
        "alg": ALGORITHM,
        "kid": str(made.kid),
    }
    return made


def current() -> SigningKey:
    """The key that signs; the first is made when it is first needed."""
    found = SigningKey.objects.filter(signs=True).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            made = make()
            made.save(force_insert=True)
            return made
    except IntegrityError:  # somebody else needed it at the same moment
        return SigningKey.objects.get(signs=True)


@transaction.atomic
def rotate() -> SigningKey:
    """Retire the key that signs and make another. What the old one signed stays verifiable."""
    list(SigningKey.objects.select_for_update().filter(signs=True))
    SigningKey.objects.filter(signs=True).update(signs=False, retired_at=timezone.now())
    made = make()
    made.save(force_insert=True)
    return made


def reseal() -> int:
    """Seal every key with today's secret, after LMS_SECRET_KEY has changed; how many."""
    rows = list(SigningKey.objects.all())
    for key in rows:
        key.sealed = boxes().rotate(bytes(key.sealed))
        key.save(update_fields=["sealed"])
    return len(rows)


def private_pem(key: SigningKey) -> bytes:
    try:
        return boxes().decrypt(bytes(key.sealed))
    except InvalidToken as error:
        raise KeyLost(str(key.kid)) from error


def sign(payload: dict, kid_url) -> str:
    """A compact JWS of a credential. `kid_url(key)` is where its public half is."""
    key = current()
    return jwt.encode(
        payload, private_pem(key), algorithm=ALGORITHM, headers={"kid": kid_url(key), "typ": "JWT"}
    )


def published() -> dict:
    """Every public key, the one that signs first: a JWK Set."""
    keys = sorted(SigningKey.objects.all(), key=lambda key: not key.signs)
    return {"keys": [key.public for key in keys]}
