"""What the clock does: going live and expiring, each page by itself.

Wagtail's own command stops at the first page that is refused, and has cleared that page's schedule
by then. Here a page that would break its course keeps its schedule and its author is told; every
other page goes its way.
"""

import logging
from dataclasses import dataclass, field

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from wagtail.models import DraftStateMixin, Page, Revision

from . import notices
from .refusals import why_not_publish

logger = logging.getLogger("sala.releases")


@dataclass
class Outcome:
    """What became of what was due: lines of text for whoever runs it."""

    published: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def run(now=None) -> Outcome:
    """Expire and publish what is due. Never raises for a single page."""
    now = now or timezone.now()
    outcome = Outcome()
    for model in models_with_drafts():
        due = model.objects.filter(live=True, expire_at__lt=now).order_by("expire_at")
        for thing in list(due):
            expire(thing, outcome)
    for revision in list(due_revisions(now)):
        publish(revision, outcome)
    return outcome


def models_with_drafts() -> list:
    others = [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]
    return [Page, *others]


def due_revisions(now):
    return Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at")


def expire(thing, outcome: Outcome) -> None:
    try:
        with transaction.atomic():
            thing.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
    except Exception:  # a page whose kind is not installed cannot be saved; the others must go on
        logger.exception("Could not expire %s", thing)
        outcome.failed.append(str(thing))
        if isinstance(thing, Page):
            key = f"expire-{thing.pk}-{thing.expire_at:%Y%m%d%H%M}"
            gone = thing.content_type.model_class() is None
            notice = notices.SCHEDULE_KIND_GONE if gone else notices.SCHEDULE_FAILED
            notices.about_page(notice, thing, key, [thing.owner_id, notices.last_author(thing)])
    else:
        outcome.expired.append(str(thing))


def publish(revision: Revision, outcome: Outcome) -> None:
    name, key = revision.object_str, f"revision-{revision.pk}"
    try:
        with transaction.atomic():
            page = revision.as_object()
            why = why_not_publish(page, draft_saved=False) if isinstance(page, Page) else []
            if not why:
                revision.publish(log_action="wagtail.publish.scheduled")
    except Exception:
        logger.exception("Could not publish revision %s of %s", revision.pk, name)
        outcome.failed.append(name)
        row = Page.objects.filter(pk=revision.object_id).first()
        if row is not None and revision.base_content_type.model_class() is Page:
            notices.about_page(
                notices.SCHEDULE_FAILED, row, f"failed-{key}", [revision.user_id, row.owner_id]
            )
        return
    if why:
        outcome.refused.append(f"{name}: {' '.join(why)}")
        notices.about_page(
            notices.SCHEDULE_REFUSED, page, f"refused-{key}", [revision.user_id, page.owner_id]
        )
    else:
        outcome.published.append(name)
