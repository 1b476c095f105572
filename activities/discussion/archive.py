"""Answers that live on: their authors agreed, later groups read them under a pseudonym."""

import uuid

from django.db.models import Exists, OuterRef, Subquery

from activities.core.record import note

from . import queries
from .enums import READABLE, PostKind, PostState
from .models import ArchiveConsent, Post

MOST_VOICES = 3
VOICES = uuid.UUID("3c1d63f4-6d0d-4c4e-8a47-0a1c36b9f7a2")


def on_offer(item, cohort):
    """Answers of other runs whose authors agreed and that no facilitator holds back."""
    agreed = ArchiveConsent.objects.filter(participation=OuterRef("participation"), held_back=False)
    return (
        Post.objects.filter(
            Exists(agreed),
            item=item,
            kind=PostKind.INITIAL,
            valid=True,
            state=PostState.VISIBLE,
        )
        .exclude(cohort=cohort)
        .order_by("-highlighted", "-answers", "-created_at", "pk")
    )


def place_voices(visit, group: int) -> None:
    """Give a small group a few answers of earlier ones, so that nobody waits for a partner.

    The copies carry nothing that leads to a person: no author, no date of the original's.
    """
    rules, place = visit.rules, visit.participation
    if not rules.reuse_archive:
        return
    found = queries.others(place)
    people = max(rules.required_replies, rules.peers_to_read)
    missing = min(MOST_VOICES, people - found.readable)
    if missing <= 0:
        return
    keys = [prompt.key for prompt in rules.prompts]
    present = queries.room(place).filter(kind=PostKind.ARCHIVE).values("source")
    sources = (
        on_offer(place.item, place.cohort)
        .filter(prompt__in=keys)
        .exclude(author=visit.user)
        .exclude(pk__in=present)
    )
    Post.objects.bulk_create(
        [
            Post(
                cohort=place.cohort,
                item=place.item,
                group=group,
                voice=uuid.uuid5(VOICES, str(source.voice)),
                kind=PostKind.ARCHIVE,
                prompt=source.prompt,
                source=source,
                body=source.body,
                length=source.length,
                created_at=visit.now,
            )
            for source in sources[:missing]
        ],
        ignore_conflicts=True,  # somebody else's answer may have placed them a moment ago
    )


def agreed(participation) -> bool:
    return ArchiveConsent.objects.filter(participation=participation).exists()


def set_consent(visit, on: bool) -> None:
    """The author agrees, or takes it back: copies that nobody replied to disappear, others lose their
    text."""
    if on:
        ArchiveConsent.objects.get_or_create(
            participation=visit.participation, defaults={"given_at": visit.now}
        )
    else:
        ArchiveConsent.objects.filter(participation=visit.participation).delete()
        withdraw(Post.objects.filter(source__participation=visit.participation))
    note(visit.participation, "discussion_archive", {"agreed": on})


def take_back(post: Post) -> None:
    """An answer that is no longer there does not live on elsewhere."""
    withdraw(Post.objects.filter(source=post))


def withdraw(copies) -> None:
    copies = copies.filter(kind=PostKind.ARCHIVE)
    copies.filter(children__isnull=True).delete()
    copies.update(state=PostState.WITHDRAWN, body="", length=0)


def consents(desk):
    """What authors of this run have agreed to, for the facilitator."""
    agreed = ArchiveConsent.objects.filter(participation=OuterRef("participation"))
    return (
        Post.objects.filter(
            Exists(agreed),
            cohort=desk.cohort,
            item=desk.version.item,
            kind=PostKind.INITIAL,
            state__in=READABLE,
        )
        .annotate(held_back=Subquery(agreed.values("held_back")[:1]))
        .select_related("author")
        .order_by("created_at", "pk")
    )


def hold_back(post: Post, on: bool) -> None:
    """A facilitator does not want an answer to be offered to later groups, or does after all."""
    ArchiveConsent.objects.filter(participation=post.participation_id).update(held_back=on)
    if on:
        withdraw(Post.objects.filter(source__participation=post.participation_id))
