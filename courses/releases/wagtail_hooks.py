"""Telling authors before the fact. What must hold is held by releases, whatever happens here."""

from django.contrib import messages as said_so_far
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages

from . import api_actions
from .refusals import (  # noqa: F401 - `course_above` is used by the author's desk
    course_above,
    live_below,
    why_not_delete,
    why_not_leave,
    why_not_publish,
    why_not_remove,
)

edit_url = "wagtailadmin_pages:edit"


def say(request, texts: list[str]) -> None:
    for text in texts:
        messages.error(request, text)


def back_to(page):
    if page.content_type.model_class() is None:  # there is no form for it
        parent = page.get_parent()
        return redirect(reverse("wagtailadmin_explore", args=[parent.pk]))
    return redirect(reverse(edit_url, args=[page.pk]))


# -- one page -----------------------------------------------------------------------------------


@hooks.register("before_publish_page")
def refuse_to_unbalance(request, page):
    """Publishing (or scheduling) that would break the rule is refused with the numbers and the
    shortest fix. The revision has been saved by now, so the draft is kept."""
    texts = why_not_publish(page)
    if not texts:
        return None
    say(request, texts)
    if page.live and page.live_revision_id is None:
        # “Create and publish” has put the row into the tree as live before asking.
        page.live = False
        page.has_unpublished_changes = True
        page.save(update_fields=["live", "has_unpublished_changes"], clean=False)
    return back_to(page)


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def refuse_to_submit(request, page):
    """Submitting for review what could not be published is refused; the draft is kept."""
    if not {"action-submit", "action-restart-workflow"} & set(request.POST):
        return None
    draft = page.get_latest_revision_as_object()
    texts = why_not_publish(draft)
    if not texts:
        return None
    for state in page.workflow_states.filter(status__in=["in_progress", "needs_changes"]):
        state.cancel(user=request.user)
    take_back_praise(request)
    say(request, texts)
    return back_to(page)


def take_back_praise(request) -> None:
    """Wagtail says “has been submitted” before it asks; beside a refusal that would be untrue."""
    said = list(said_so_far.get_messages(request))  # reading them takes them all away
    for one in said:
        if one.level != said_so_far.SUCCESS:
            said_so_far.add_message(request, one.level, one.message, extra_tags=one.extra_tags)


@hooks.register("before_unpublish_page")
def refuse_to_unpublish(request, page):
    if texts := why_not_remove(page):
        say(request, texts)
        return back_to(page)
    return None


@hooks.register("before_delete_page")
def refuse_to_delete(request, page):
    if texts := why_not_delete(page):
        say(request, texts)
        return back_to(page)
    return None


@hooks.register("before_move_page")
def refuse_to_move(request, page, destination):
    if texts := why_not_leave(page, destination):
        say(request, texts)
        return back_to(page)
    return None


# -- many pages ---------------------------------------------------------------------------------


@hooks.register("before_bulk_action")
def leave_out_what_would_break_a_course(request, action_type, objects, action):
    """Do what can be done; say for every page that is left out why."""
    data = action.cleaned_form.cleaned_data if action.cleaned_form else {}
    if action_type == "publish":
        kept, refused = publishable(objects, with_descendants=data.get("include_descendants"))
    elif action_type in ("unpublish", "delete"):
        why_not = why_not_delete if action_type == "delete" else why_not_remove
        kept, refused = removable(objects, why_not)
    elif action_type == "move" and data.get("chooser"):
        kept, refused = removable(
            objects, lambda page, **rest: why_not_leave(page, data["chooser"])
        )
    else:
        return None
    if not refused:
        return None
    for page, texts in refused:
        messages.error(
            request,
            _("“%(title)s” was left out. %(why)s") % {"title": page.title, "why": " ".join(texts)},
        )
    if not kept:
        return redirect(action.next_url)
    objects[:] = kept
    return None


def publishable(objects, *, with_descendants: bool) -> tuple[list, list]:
    """(pages that may go live one after the other, [(page left out, why)])."""
    kept, refused, accepted = [], [], []
    for page in objects:
        group = [page.get_latest_revision_as_object()]
        if with_descendants:
            below = page.get_descendants().not_live().specific()
            group += [draft.get_latest_revision_as_object() for draft in below]
        texts = []
        for n, draft in enumerate(group):
            texts = why_not_publish(
                draft, besides=[*accepted, *group[:n], *group[n + 1 :]], draft_saved=False
            )
            if texts:
                break
        if texts:
            refused.append((page, texts))
        else:
            kept.append(page)
            accepted += group
    return kept, refused


def removable(objects, why_not) -> tuple[list, list]:
    """(pages that may go, [(page left out, why)]): each is judged with those before it gone."""
    kept, refused = [], []
    for page in objects:
        texts = why_not(page, besides=kept)
        if texts:
            refused.append((page, texts))
        else:
            kept.append(page)
    return kept, refused


# -- programs -----------------------------------------------------------------------------------


@hooks.register("register_actions")
def register_actions(registry):
    """The same refusals for programs that write through Wagtail's API."""
    api_actions.register(registry)


@hooks.register("after_copy_page")
def say_what_a_copy_does(request, page, new_page):
    """A copy that went live may hold a course back: say so now, not when somebody wonders."""
    if new_page.live:
        say(request, why_not_publish(new_page.specific, draft_saved=False))
