"""The assumptions from which minutes are credited, beside what learners took."""

from django.conf import settings
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from wagtail.admin.auth import permission_denied

from activities.core import minutes

from ..kinds.views import may_see
from . import measured

PER_PAGE = 50


@require_GET
def times(request):
    if not may_see(request.user):
        return permission_denied(request)
    page_obj = Paginator(measured.activities(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_title": _("Minutes, assumed and measured"),
        "header_icon": "time",
        "assumptions": assumptions(),
        "kinds": measured.kinds(),
        "rows": measured.rows(page_obj),
        "page_obj": page_obj,
        "least": measured.LEAST_PEOPLE,
    }
    return render(request, "authoring/times/list.html", context)


def assumptions() -> list[dict]:
    """What the evidence of doing is reckoned with, and where an operator changes it."""
    return [
        {
            "label": _("Reading"),
            "value": _("%(n)s characters a minute") % {"n": settings.LMS_READ_CHARS_PER_MINUTE},
            "setting": "LMS_READ_CHARS_PER_MINUTE",
        },
        {
            "label": _("Writing with some thought"),
            "value": _("%(n)s characters a minute") % {"n": settings.LMS_WRITE_CHARS_PER_MINUTE},
            "setting": "LMS_WRITE_CHARS_PER_MINUTE",
        },
        {
            "label": _("Deciding in a role-play"),
            "value": _("%(n)s min for each decision") % {"n": int(minutes.MINUTES_PER_DECISION)},
        },
        {
            "label": _("Reviewing a work"),
            "value": _("%(base)s min and %(each)s min for each criterion")
            % {
                "base": minutes.REVIEW_BASE_MINUTES,
                "each": minutes.REVIEW_MINUTES_PER_CRITERION,
            },
        },
        {
            "label": _("A file that has to be made"),
            "value": _("%(n)s min") % {"n": minutes.FILE_MINUTES},
        },
        {
            "label": _("Slack for whoever needs longer"),
            "value": _("%(n)s %% more") % {"n": int(100 * (minutes.SLACK - 1))},
        },
    ]
