"""The page of one's deadlines, and the feed that a calendar program reads."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from courses.enrolment.dashboard import learning
from courses.enrolment.deadlines import absolute, deadlines, windows_of_all

from . import calendar

PER_PAGE = 30
AHEAD = timedelta(days=366)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request):
    """All dates that lie ahead, and the address for one's own calendar: made, renewed, switched off."""
    if request.method == "POST":
        if request.POST.get("action") == "off":
            calendar.switch_off(request.user)
            messages.success(request, _("The address of your calendar no longer works."))
        else:
            had = calendar.address_of(request.user) is not None
            calendar.renew(request.user)
            messages.success(
                request,
                _("Your calendar has a new address. The one before no longer works.")
                if had
                else _("Your calendar has an address now."),
            )
        return redirect("calendar")
    language, now = (get_language() or "th")[:2], timezone.now()
    pairs = learning(request.user)
    windows = windows_of_all([e for e, _state in pairs])
    found = deadlines(pairs, windows, language, now, until=now + AHEAD)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    row = calendar.address_of(request.user)
    context = {
        "page_obj": page,
        "deadlines": page.object_list,
        "addresses": addresses(row.secret) if row else [],
        "catalogue_url": reverse("catalogue"),
    }
    return render(request, "community/calendar.html", context)


def addresses(secret: str) -> list[dict]:
    """The feed in each language."""
    found = []
    for code, name in settings.LANGUAGES:
        with override(code):
            url = reverse("calendar_feed", args=[secret])
        found.append({"code": code, "name": name, "url": absolute(url)})
    return found


@require_safe
@cache_control(private=True, max_age=900)
def feed(request, secret: str):
    """No sign-in: whoever knows the address reads the dates, as calendar programs must."""
    user = calendar.reader_of(secret)
    if user is None:
        raise Http404
    response = HttpResponse(
        calendar.feed(user, (get_language() or "th")[:2]),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = 'inline; filename="sala.ics"'
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
