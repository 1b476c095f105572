"""A certificate as an AchievementCredential, and the lists that say which no longer hold."""

import base64
import gzip
import hashlib
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from courses.grades.reckon import shown

from ..models import Certificate
from .keys import sign

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
# The least length that the specification allows, so that a list tells nothing about its size.
LIST_BITS = 131_072
# Odd, so that positions are a permutation: neighbours in time are not neighbours in the list.
STRIDE = 70_921
METHODS = ("lecture", "workshop", "discussion", "role_play", "neutral")
NAMES = {
    "lecture": "Listening and reading",
    "workshop": "Workshop",
    "discussion": "Discussion",
    "role_play": "Role-play",
    "neutral": "Tests",
}


def absolute(name: str, *args) -> str:
    with override("th"):
        return settings.SITE_URL + reverse(name, args=args)


def moment(value: datetime) -> str:
    return value.astimezone(timezone.get_fixed_timezone(0)).strftime("%Y-%m-%dT%H:%M:%SZ")


def key_address(key) -> str:
    return absolute("badge_key", key.kid)


def issuer() -> dict:
    with override("th"):
        name = gettext("Sala")
    return {
        "id": absolute("badge_issuer"),
        "type": ["Profile"],
        "name": settings.LMS_ISSUER_NAME or name,
        "url": f"{settings.SITE_URL}/",
    }


def achievement(certificate: Certificate) -> dict:
    """What was achieved: the course in the release that the certificate is about."""
    address = absolute("badge_achievement", certificate.release_id)
    minutes = certificate.total_minutes
    title = certificate.course_title_th
    results = [
        {
            "id": f"{address}#{method}",
            "type": ["ResultDescription"],
            "name": f"{NAMES[method]} (minutes)",
            "resultType": "ext:Minutes",
        }
        for method in METHODS
    ]
    results.append(
        {
            "id": f"{address}#grade",
            "type": ["ResultDescription"],
            "name": "Grade (0 to 100)",
            "resultType": "Percent",
            "valueMin": "0",
            "valueMax": "100",
        }
    )
    named = f"{title} / {certificate.course_title_en}" if certificate.course_title_en else title
    return {
        "id": address,
        "type": ["Achievement"],
        "achievementType": "Course",
        "name": title,
        "humanCode": certificate.course_code,
        "inLanguage": "th",
        "description": (
            f"{named}: {minutes} minutes, of which {certificate.active_minutes} in workshops, "
            "discussions and role-plays."
        ),
        "criteria": {
            "narrative": (
                "Every required item of the course was completed and every pass mark reached. At "
                "least 40 per cent of the course's time is doing rather than listening."
            )
        },
        "creator": issuer(),
        "resultDescription": results,
    }


def place(certificate: Certificate) -> tuple[int, int]:
    """(number of the status list, position in it) of a certificate, for ever the same."""
    number, index = divmod(certificate.pk, LIST_BITS)
    return number, index * STRIDE % LIST_BITS


def subject(certificate: Certificate, address: str, email: str) -> dict:
    """Whose it is: the name as on the certificate, and the e-mail address as a salted hash, so that
    its owner can be recognised without the address being published."""
    results = [
        {
            "type": ["Result"],
            "resultDescription": f"{address}#{method}",
            "value": str(getattr(certificate, f"{method}_minutes")),
        }
        for method in METHODS
    ]
    if certificate.grade is not None:
        results.append(
            {
                "type": ["Result"],
                "resultDescription": f"{address}#grade",
                "value": shown(certificate.grade),
            }
        )
    salt = certificate.code
    hashed = hashlib.sha256(f"{email.lower()}{salt}".encode()).hexdigest()
    return {
        "type": ["AchievementSubject"],
        "activityEndDate": moment(certificate.completed_at),
        "identifier": [
            {
                "type": "IdentityObject",
                "identityType": "name",
                "hashed": False,
                "identityHash": certificate.holder,
            },
            {
                "type": "IdentityObject",
                "identityType": "emailAddress",
                "hashed": True,
                "salt": salt,
                "identityHash": f"sha256${hashed}",
            },
        ],
        "result": results,
        "achievement": achievement(certificate),
    }


def document(certificate: Certificate) -> dict:
    """The credential as JSON-LD, without proof. The certificate's enrolment and user are read."""
    number, index = place(certificate)
    listed = absolute("badge_status", number)
    return {
        "@context": CONTEXT,
        "id": absolute("badge_credential", certificate.code),
        "type": ["VerifiableCredential", "AchievementCredential"],
        "name": certificate.course_title_th,
        "issuer": issuer(),
        "validFrom": moment(certificate.issued_at),
        "awardedDate": moment(certificate.completed_at),
        "credentialSubject": subject(
            certificate,
            absolute("badge_achievement", certificate.release_id),
            certificate.enrolment.user.email,
        ),
        "credentialStatus": {
            "id": f"{listed}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": listed,
        },
        "evidence": [
            {
                "id": absolute("certificate_verify", certificate.code),
                "type": ["Evidence"],
                "name": certificate.number,
            }
        ],
    }


def signed(credential: dict, issued_at: datetime, **claims) -> str:
    """A credential as VC-JWT: its own members and the registered claims beside them (§ 8.2)."""
    payload = {
        **credential,
        "iss": credential["issuer"]["id"],
        "jti": credential["id"],
        "nbf": int(issued_at.timestamp()),
        **claims,
    }
    return sign(payload, key_address)


def badge(certificate: Certificate) -> str:
    return signed(document(certificate), certificate.issued_at)


# -- which no longer hold -----------------------------------------------------------------------


def bits(number: int) -> bytes:
    """The list's bits: 1 for what was revoked or replaced; the first bit is the highest of byte 0."""
    rows = Certificate.objects.filter(
        Q(revoked_at__isnull=False) | Q(superseded_at__isnull=False),
        pk__gte=number * LIST_BITS,
        pk__lt=(number + 1) * LIST_BITS,
    ).only("pk")
    found = bytearray(LIST_BITS // 8)
    for certificate in rows.iterator():
        _number, index = place(certificate)
        found[index // 8] |= 0x80 >> index % 8
    return bytes(found)


def status_list(number: int) -> dict:
    """A BitstringStatusListCredential."""
    address = absolute("badge_status", number)
    packed = gzip.compress(bits(number), mtime=0)
    encoded = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return {
        "@context": CONTEXT[:1],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer(),
        "validFrom": moment(timezone.now()),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": f"u{encoded}",
        },
    }


def newest_list() -> int:
    """The number of the last status list that there is."""
    last = Certificate.objects.order_by("-pk").values_list("pk", flat=True).first()
    return (last or 0) // LIST_BITS
