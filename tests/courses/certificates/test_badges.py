"""A stranger checks a credential with nothing but public addresses."""

import base64
import gzip
import hashlib
from io import StringIO

import jwt
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from courses.certificates.badges import keys
from courses.certificates.badges.credential import LIST_BITS, STRIDE
from courses.certificates.issue import reissue, revoke
from courses.certificates.models import SigningKey

WHY = "ชื่อเดิมสะกดผิด จึงออกให้ใหม่"


@pytest.fixture
def site(settings):
    settings.SITE_URL = "https://sala.example"
    return settings.SITE_URL


def path(address: str) -> str:
    assert address.startswith("https://sala.example/")
    return address.removeprefix("https://sala.example")


def verified(client, token: str) -> dict:
    """What a verifier does: the key by the header's address, the signature, the claims."""
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == ("RS256", "JWT")
    jwk = client.get(path(header["kid"])).json()
    assert "d" not in jwk
    published = client.get("/.well-known/jwks.json").json()["keys"]
    assert jwk in published
    payload = jwt.decode(
        token, jwt.PyJWK(jwk).key, algorithms=["RS256"], options={"verify_aud": False}
    )
    assert payload["iss"] == payload["issuer"]["id"]
    assert payload["jti"] == payload["id"]
    profile = client.get(path(payload["iss"])).json()
    assert profile["id"] == payload["iss"] and profile["type"] == ["Profile"]
    return payload


def bit(client, status: dict) -> int:
    response = client.get(path(status["statusListCredential"]))
    assert response["Content-Type"] == "application/vc+jwt"
    found = verified(client, response.content.decode())
    subject = found["credentialSubject"]
    assert found["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert subject["statusPurpose"] == status["statusPurpose"] == "revocation"
    assert subject["encodedList"][0] == "u"
    packed = subject["encodedList"][1:]
    raw = gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    assert len(raw) * 8 == LIST_BITS
    index = int(status["statusListIndex"])
    return raw[index // 8] >> (7 - index % 8) & 1


def fetch(client, certificate):
    return client.get(f"/badges/credentials/{certificate.code}")


def test_signature_and_required_fields_from_public_addresses_only(client, site, issued, holder):
    response = fetch(client, issued)
    assert response["Content-Type"] == "application/vc+jwt"
    found = verified(client, response.content.decode())
    assert found["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert found["type"] == ["VerifiableCredential", "AchievementCredential"]
    assert found["nbf"] == int(issued.issued_at.timestamp())
    assert found["validFrom"].endswith("Z")
    subject = found["credentialSubject"]
    assert subject["type"] == ["AchievementSubject"]
    achievement = subject["achievement"]
    for name in ("id", "type", "name", "description", "criteria"):
        assert achievement[name], name
    assert achievement["criteria"]["narrative"]
    public = client.get(path(achievement["id"])).json()
    assert {k: v for k, v in public.items() if k != "@context"} == achievement
    declared = {row["id"]: row["resultType"] for row in achievement["resultDescription"]}
    results = {
        row["resultDescription"].rpartition("#")[2]: row["value"] for row in subject["result"]
    }
    assert all(row["resultDescription"] in declared for row in subject["result"])
    assert results == {
        "lecture": "100",
        "workshop": "60",
        "discussion": "35",
        "role_play": "20",
        "neutral": "15",
        "grade": "88.5",
    }
    name, email = subject["identifier"]
    assert (name["identityHash"], name["hashed"]) == (issued.holder, False)
    expected = hashlib.sha256(f"{holder.email}{email['salt']}".encode()).hexdigest()
    assert email["identityHash"] == f"sha256${expected}"
    assert holder.email not in response.content.decode()
    assert bit(client, found["credentialStatus"]) == 0


def test_the_same_as_plain_json(client, site, issued):
    plain = client.get(f"/badges/credentials/{issued.code}?format=json")
    assert plain["Content-Type"] == "application/ld+json"
    signed = verified(client, fetch(client, issued).content.decode())
    assert {k: v for k, v in signed.items() if k not in ("iss", "jti", "nbf")} == plain.json()
    asked = client.get(
        f"/badges/credentials/{issued.code}", headers={"accept": "application/ld+json"}
    )
    assert asked.json() == plain.json()


def test_a_changed_credential_is_refused(client, site, issued):
    head, body, signature = fetch(client, issued).content.decode().split(".")
    raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    forged = raw.replace(b'"88.5"', b'"99.5"')
    assert forged != raw
    token = f"{head}.{base64.urlsafe_b64encode(forged).decode().rstrip('=')}.{signature}"
    with pytest.raises(jwt.InvalidSignatureError):
        verified(client, token)


@pytest.mark.parametrize("end", ["revoke", "reissue"])
def test_what_no_longer_holds_is_told_by_the_status_list(client, site, issued, manager, end):
    status = verified(client, fetch(client, issued).content.decode())["credentialStatus"]
    if end == "revoke":
        revoke(issued, by=manager, reason=WHY)
    else:
        newer = reissue(issued, holder="อรุณี ใจงาม", by=manager, reason=WHY)
        fresh = verified(client, fetch(client, newer).content.decode())
        assert bit(client, fresh["credentialStatus"]) == 0
    assert bit(client, status) == 1
    gone = fetch(client, issued)
    assert (gone.status_code, gone["Content-Type"]) == (410, "application/problem+json")


def test_places_in_a_list_are_all_different():
    assert len({n * STRIDE % LIST_BITS for n in range(LIST_BITS)}) == LIST_BITS


def test_what_is_not_there(client, site, issued):
    # Without a language, an address that is not there is looked for below /th/ first.
    nobody = f"keys/{'0' * 8}-0000-0000-0000-{'0' * 12}"
    for address in ("credentials/AAAA", "status/9999", "achievements/0", nobody):
        assert client.get(f"/badges/{address}", follow=True).status_code == 404


def test_looking_up_is_limited(client, site, issued):
    statuses = {fetch(client, issued).status_code for _n in range(40)}
    assert statuses == {200, 429}


# -- keys ---------------------------------------------------------------------------------------


def test_rotation_keeps_what_was_signed_verifiable(client, site, issued):
    before = fetch(client, issued).content.decode()
    out = StringIO()
    call_command("badge_keys", "--rotate", stdout=out)
    assert "signs" in out.getvalue() and "retired" in out.getvalue()
    after = fetch(client, issued).content.decode()
    kids = [jwt.get_unverified_header(token)["kid"] for token in (before, after)]
    assert kids[0] != kids[1]
    assert verified(client, before) == verified(client, after)
    assert SigningKey.objects.filter(signs=True).count() == 1


def test_the_private_half_is_sealed_with_the_sites_secret(db, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a" * 50, []
    key = keys.current()
    assert b"PRIVATE" not in bytes(key.sealed)
    settings.SECRET_KEY = "b" * 50
    with pytest.raises(keys.KeyLost):
        keys.private_pem(key)
    settings.SECRET_KEY_FALLBACKS = ["a" * 50]
    assert b"PRIVATE" in keys.private_pem(key)
    call_command("badge_keys", "--reseal", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    key.refresh_from_db()
    assert b"PRIVATE" in keys.private_pem(key)


def test_one_key_signs(db):
    keys.current()
    assert keys.current().pk == keys.current().pk
    with pytest.raises(IntegrityError), transaction.atomic():
        SigningKey.objects.create(sealed=b"x", public={})
