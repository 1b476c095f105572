"""Looking a certificate up (everybody may) and downloading it (its holder may)."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from courses.enrolment import boards
from courses.enrolment.rules import manages_all

from .issue import revoke
from .models import Certificate
from .pdf import PdfUnavailable
from .pdf import render as render_pdf

LEAST_REASON = 10


def bare(code: str) -> str:
    """A number as it is stored, however it was typed: in groups, in small letters, with spaces."""
    return "".join(c for c in code.upper() if c.isalnum())[:16]


@never_cache
@require_GET
def lookup(request):
    code = bare(request.GET.get("code", ""))
    if code:
        return redirect("certificate_verify", code)
    return render(request, "certificates/verify.html", {"certificate": None, "state": None})


@never_cache
@require_GET
def verify(request, code: str):
    """What a certificate says, for whoever holds its number."""
    certificate = (
        Certificate.objects.filter(code=bare(code))
        .select_related("enrolment", "superseded_by")
        .first()
    )
    if certificate is None:
        context = {"certificate": None, "state": "unknown", "code": code}
        return render(request, "certificates/verify.html", context, status=404)
    return render(request, "certificates/verify.html", facts(request.user, certificate))


def facts(user, certificate: Certificate) -> dict:
    """What the page of a certificate says to this person."""
    mine = user.is_authenticated and may_download(user, certificate)
    newer = getattr(certificate, "superseded_by", None)
    context = {
        "certificate": certificate,
        "state": certificate.state,
        "segments": certificate.segments,
        "newer": newer,
        "pdf_url": reverse("certificate_pdf", args=[certificate.code]) if mine else None,
        "badge_url": reverse("badge_credential", args=[certificate.code]),
        # Whoever checks a certificate learns that it does not hold; why is the holder's business.
        "reason": certificate.revoke_reason if mine else "",
        "mine": mine,
    }
    if mine and certificate.enrolment.user_id == user.pk:
        context["survey_url"] = boards.survey_of(certificate.enrolment)
    if may_revoke(user, certificate):
        context["history"] = (
            Certificate.objects.filter(enrolment=certificate.enrolment_id)
            .select_related("issued_by", "revoked_by")
            .defer("segments")
            .order_by("-version")
        )
        if certificate.state == "valid":
            context["revoke_url"] = reverse("certificate_revoke", args=[certificate.code])
        if newer is None:
            context["reissue_url"] = reverse("certificate_reissue", args=[certificate.code])
            context["holder"] = certificate.holder
    return context


@login_required
@require_POST
def revoke_view(request, code: str):
    """A course manager takes a certificate back, with a reason."""
    certificate = get_object_or_404(
        Certificate.objects.select_related("enrolment"), code=bare(code)
    )
    if not may_revoke(request.user, certificate):
        raise Http404
    if certificate.state != Certificate.State.VALID:
        messages.info(request, _("This certificate does not hold any more; nothing was changed."))
        return redirect("certificate_verify", certificate.code)
    reason = request.POST.get("reason", "").strip()
    if len(reason) < LEAST_REASON:
        error = _("Say in a sentence why the certificate is revoked: its holder will read it.")
        context = facts(request.user, certificate) | {
            "revoke_error": error,
            "typed_reason": reason,
        }
        return render(request, "certificates/verify.html", context, status=422)
    revoke(certificate, by=request.user, reason=reason)
    messages.success(request, _("The certificate has been revoked."))
    return redirect("certificate_verify", certificate.code)


def may_revoke(user, certificate: Certificate) -> bool:
    """Who runs every course, for a holder whom they may know about."""
    return manages_all(user) and sees_holder(user, certificate)


def may_download(user, certificate: Certificate) -> bool:
    if not user.is_authenticated:
        return False
    return certificate.enrolment.user_id == user.pk or may_revoke(user, certificate)


def sees_holder(user, certificate: Certificate) -> bool:
    people = get_user_model().objects.for_actor(user)
    return people.filter(pk=certificate.enrolment.user_id).exists()


@never_cache
@login_required
@require_GET
def pdf(request, code: str):
    certificate = get_object_or_404(
        Certificate.objects.select_related("enrolment"), code=bare(code)
    )
    if not may_download(request.user, certificate):
        raise Http404
    if certificate.state != Certificate.State.VALID:
        context = facts(request.user, certificate)
        return render(request, "certificates/verify.html", context, status=410)
    try:
        content = render_pdf(certificate)
    except PdfUnavailable:
        response = render(
            request, "certificates/unavailable.html", {"code": certificate.code}, status=503
        )
        response["Retry-After"] = "3600"
        return response
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="certificate-{certificate.number}.pdf"'
    return response
