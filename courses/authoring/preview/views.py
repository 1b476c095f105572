from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from courses.catalogue.models import CoursePage

from .course import facts


def course_as_learner(request, pk: int):
    """The course page from drafts, in its own language. Reads only."""
    course = get_object_or_404(CoursePage, pk=pk)
    rights = course.permissions_for_user(request.user)
    if not (rights.can_edit() or rights.can_publish()):
        raise PermissionDenied
    language = course.locale.language_code
    with override(language):
        context = {
            "page": course,
            "course": facts(course, language),
            "enrolment": None,
            "can_enrol": False,
            "closed_reason": _("This is a preview."),
            "preview_of_drafts": True,
        }
        html = render_to_string("catalogue/course_page.html", context, request)
    return HttpResponse(html)
