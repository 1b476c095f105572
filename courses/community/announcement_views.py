"""Putting an announcement away."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from . import announcements
from .models import Announcement


@login_required
@require_POST
def away(request, pk: int):
    announcement = get_object_or_404(Announcement, pk=pk)
    if not announcements.put_away(request.user, announcement):
        raise Http404
    messages.success(request, _("The announcement is put away."))
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if safe else "dashboard")
