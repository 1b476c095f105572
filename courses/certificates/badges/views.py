"""What a verifier asks for: issuer, keys, achievement, credential, status. Public by decision: who
holds the number of a certificate may check it, here as on its page."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET

from ..models import Certificate, SigningKey
from ..views import bare
from . import credential as credentials
from . import keys

JSON_LD = "application/ld+json"
VC_JWT = "application/vc+jwt"
MINUTES_OF_A_LIST = 300


def json(content: dict, content_type: str = "application/json", **kwargs) -> JsonResponse:
    response = JsonResponse(
        content,
        content_type=content_type,
        json_dumps_params={"ensure_ascii": False},
        **kwargs,
    )
    response["Access-Control-Allow-Origin"] = "*"  # verifiers run in browsers too
    return response


def token(content: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=VC_JWT)
    response["Access-Control-Allow-Origin"] = "*"
    response["Content-Disposition"] = f'attachment; filename="{name}.jwt"'
    return response


def wants_json(request) -> bool:
    """A credential is signed unless JSON is asked for: by `?format=json`, or by Accept without JWT."""
    if request.GET.get("format") == "json":
        return True
    accepted = request.headers.get("Accept", "*/*")
    return JSON_LD in accepted and VC_JWT not in accepted


@require_GET
@cache_control(public=True, max_age=3600)
def jwks(request):
    return json(keys.published(), "application/jwk-set+json")


@require_GET
@cache_control(public=True, max_age=3600)
def key(request, kid):
    found = get_object_or_404(SigningKey, pk=kid)
    return json(found.public, "application/jwk+json")


@require_GET
@cache_control(public=True, max_age=3600)
def issuer_view(request):
    return json({"@context": credentials.CONTEXT, **credentials.issuer()}, JSON_LD)


@require_GET
@cache_control(public=True, max_age=3600)
def achievement_view(request, release: int):
    """What certificates of a release are about. A release without any is not there."""
    found = Certificate.objects.filter(release=release).order_by("pk").first()
    if found is None:
        return problem(404, "There is no such achievement.")
    return json({"@context": credentials.CONTEXT, **credentials.achievement(found)}, JSON_LD)


@never_cache
@require_GET
def credential(request, code: str):
    """A certificate's credential, signed; what was revoked or replaced is gone."""
    certificate = (
        Certificate.objects.filter(code=bare(code)).select_related("enrolment__user").first()
    )
    if certificate is None:
        return problem(404, "There is no certificate with this number.")
    if certificate.state != Certificate.State.VALID:
        return problem(410, f"This certificate does not hold any more: {certificate.state}.")
    if wants_json(request):
        return json(credentials.document(certificate), JSON_LD)
    return token(credentials.badge(certificate), certificate.number)


@require_GET
@cache_control(public=True, max_age=MINUTES_OF_A_LIST)
def status(request, number: int):
    """Which credentials no longer hold, signed. Not longer in a cache than five minutes."""
    if number > credentials.newest_list():
        return problem(404, "There is no such list.")
    found = credentials.status_list(number)
    if wants_json(request):
        return json(found, JSON_LD)
    return token(credentials.signed(found, timezone.now()), f"status-{number}")


def problem(status: int, title: str) -> JsonResponse:
    content = {"title": title, "status": status}
    return json(content, "application/problem+json", status=status)
