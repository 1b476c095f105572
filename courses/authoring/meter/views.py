"""Counting a form that is being filled in. Nothing is saved."""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, render
from django.utils.datastructures import MultiValueDictKeyError
from django.views.decorators.http import require_POST
from wagtail.models import Page

from .panel import page_models, unread
from .shown import meter_of


@require_POST
def on_edit(request, page_id: int):
    """The meter of a page as its edit form has it now."""
    found = get_object_or_404(Page.objects.select_related("latest_revision"), pk=page_id)
    if found.specific_class not in page_models():
        raise Http404
    page = found.get_latest_revision_as_object()
    if not page.permissions_for_user(request.user).can_edit():
        raise PermissionDenied
    return answer(request, page, page.get_parent())


@require_POST
def on_create(request, app_label: str, model_name: str, parent_id: int):
    """The meter of a page that is not in the tree yet."""
    parent = get_object_or_404(Page, pk=parent_id).specific
    if not parent.permissions_for_user(request.user).can_add_subpage():
        raise PermissionDenied
    try:
        model = ContentType.objects.get_by_natural_key(app_label, model_name).model_class()
    except ContentType.DoesNotExist as error:
        raise Http404 from error
    if model not in page_models():
        raise Http404
    if model not in parent.creatable_subpage_models():
        raise PermissionDenied
    return answer(request, model(owner=request.user, locale=parent.locale), parent)


def answer(request, page, parent):
    # What was typed goes into the page as far as it is valid; the rest stays as it was saved.
    with transaction.atomic():
        form = page.get_edit_handler().get_form_class()(
            request.POST, instance=page, parent_page=parent, for_user=request.user
        )
        form.defer_required_fields()
        try:
            form.is_valid()
        except MultiValueDictKeyError:  # how Wagtail meets a form without its blocks
            return HttpResponseBadRequest()
        meter = meter_of(page, parent=parent, unread=unread(form))
        response = render(request, "authoring/meter/answer.html", {"meter": meter})
        transaction.set_rollback(True)  # whatever a form or a kind may have written
    return response
