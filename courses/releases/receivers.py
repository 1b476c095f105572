"""Noticing every change of a page that belongs to a course, by whichever path it comes.

No `sender=`: Wagtail expires and moves pages through plain `Page` rows. What notices a change must not
raise; only an approval, which a person gives, is refused.
"""

from django.db.models.signals import post_save, pre_delete
from django.dispatch import receiver
from wagtail.models import Page
from wagtail.signals import post_page_move, pre_page_move, workflow_approved

from .refusals import RuleBroken, why_not_publish
from .settle import mark_dirty


@receiver(post_save)
def page_saved(sender, instance, raw=False, **kwargs):
    if isinstance(instance, Page):
        mark_dirty(instance.path, instance.translation_key)


@receiver(pre_delete)
def page_about_to_be_deleted(sender, instance, **kwargs):
    if isinstance(instance, Page):
        mark_dirty(instance.path, instance.translation_key)


@receiver([pre_page_move, post_page_move])
def page_moved(sender, instance, url_path_before=None, **kwargs):
    mark_dirty(instance.path, instance.translation_key)
    for key in ("parent_page_before", "parent_page_after"):
        parent = kwargs.get(key)
        if parent is not None:
            mark_dirty(parent.path, parent.translation_key)


@receiver(workflow_approved)
def refuse_approval(sender, instance, **kwargs):
    """Approving a page that would break its course is refused before it goes live; the review goes
    on. Raises `RuleBroken`: the authoring site rolls back and shows why."""
    page = instance.content_object
    if not isinstance(page, Page):
        return
    state = instance.current_task_state
    draft = state.revision.as_object() if state is not None else page.specific
    if texts := why_not_publish(draft, draft_saved=False):
        raise RuleBroken(texts)
