"""The list of certificates for managers and instructors, and issuing one again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from activities.core.errors import Refused
from courses.enrolment.rules import manages_all, runs_for
from courses.releases.delivery import in_language

from .issue import VALID, reissue
from .models import Certificate
from .views import bare, facts, may_revoke

PAGE_SIZE = 50
LONGEST_QUERY = 100
STATES = {
    "valid": VALID,
    "superseded": Q(superseded_at__isnull=False),
    "revoked": Q(revoked_at__isnull=False, superseded_at__isnull=True),
}


@never_cache
@login_required
@require_GET
def certificate_list(request):
    """Certificates of all runs (managers) or of one's own, newest first; by name, number or course."""
    runs = runs_for(request.user)
    if runs is None:
        raise PermissionDenied
    found = Certificate.objects.select_related("enrolment__run").defer("segments")
    if not manages_all(request.user):
        found = found.filter(enrolment__run__in=runs)
    q = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    state = request.GET.get("state", "")
    if q:
        number = bare(q)
        words = Q(holder__icontains=q) | Q(course_code__icontains=q)
        words |= Q(enrolment__user__email__icontains=q)
        found = found.filter(words | Q(code__startswith=number) if number else words)
    if state in STATES:
        found = found.filter(STATES[state])
    page_obj = Paginator(found.order_by("-issued_at", "-pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    language = (get_language() or "th")[:2]
    base = reverse("teach_certificates")
    verify = reverse("certificate_verify", args=["CODE"])
    context = {
        "rows": [
            {
                "certificate": certificate,
                "title": in_language(certificate.titles, language),
                "url": verify.replace("CODE", certificate.code),
            }
            for certificate in page_obj
        ],
        "page_obj": page_obj,
        "q": q,
        "state": state,
        "tabs": [
            {
                "label": label,
                "url": f"{base}?state={value}" if value else base,
                "current": state == value,
            }
            for value, label in (("", _("All")), *Certificate.State.choices)
        ],
    }
    return render(request, "certificates/list.html", context)


@never_cache
@login_required
@require_POST
def reissue_view(request, code: str):
    """A course manager issues a certificate again: a name corrected, or after a revocation."""
    certificate = get_object_or_404(
        Certificate.objects.select_related("enrolment", "superseded_by"), code=bare(code)
    )
    if not may_revoke(request.user, certificate):
        raise Http404
    holder = request.POST.get("holder", "")
    try:
        made = reissue(
            certificate, holder=holder, by=request.user, reason=request.POST.get("reason", "")
        )
    except Refused as error:
        context = facts(request.user, certificate) | {
            "reissue_error": error,
            "holder": holder,
            "reissue_reason": request.POST.get("reason", ""),
        }
        return render(request, "certificates/verify.html", context, status=error.status)
    messages.success(request, _("The certificate has been issued again. Its holder has been told."))
    return redirect("certificate_verify", made.code)
