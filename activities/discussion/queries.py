"""The questions asked of the posts, each in one place."""

import uuid
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from .enums import GONE, READABLE, PostKind
from .models import Grade, Member, Post, ReadMark

PER_PAGE = 50

# At the top of a thread; conclusions are each learner's own and never listed.
ROOTS = (PostKind.INITIAL, PostKind.SEED, PostKind.ARCHIVE, PostKind.FACILITATOR)


def facilitator_voice(item, user) -> uuid.UUID:
    return uuid.uuid5(uuid.UUID(str(item)), f"facilitator {user.pk}")


def room(participation) -> QuerySet:
    """All posts of the learner's group; nothing for somebody who is in none.

    The group is looked up by the same query: it may have been joined with another a moment ago.
    """
    group = Member.objects.filter(seat=participation.seat, item=participation.item)
    return Post.objects.filter(
        cohort=participation.cohort,
        item=participation.item,
        group=Subquery(group.values("group__number")[:1]),
    )


def shown(posts: QuerySet) -> QuerySet:
    """Without what was taken away before anybody answered: nothing is left to show there."""
    return posts.exclude(state__in=GONE, answers=0)


def stream(participation) -> QuerySet:
    """Others' posts at the top of their threads, those that nobody has answered first."""
    return (
        shown(room(participation).filter(root__isnull=True, kind__in=ROOTS))
        .exclude(voice=participation.seat)
        .select_related("author")
        .order_by("answers", "created_at", "pk")
    )


def thread(root: Post) -> QuerySet:
    """The replies below a post, oldest first."""
    return (
        Post.objects.filter(root=root)
        .exclude(~Exists(Post.objects.filter(parent=OuterRef("pk"))), state__in=GONE)
        .select_related("author", "parent", "parent__author")
        .order_by("created_at", "pk")
    )


def own(participation) -> QuerySet:
    return Post.objects.filter(participation=participation).order_by("created_at", "pk")


def people_who_posted(participation, group: int) -> int:
    """How many others of a group have answered; all that may be known before one's own answer."""
    return (
        Post.objects.filter(cohort=participation.cohort, item=participation.item, group=group)
        .filter(kind=PostKind.INITIAL, valid=True, state__in=READABLE)
        .exclude(voice=participation.seat)
        .aggregate(people=Count("voice", distinct=True))["people"]
    )


@dataclass(frozen=True)
class Others:
    """What there is of others: threads in the list, readable ones, ones to reply to, by whom."""

    listed: int
    readable: int
    to_reply_to: int
    voices: int


def others(participation) -> Others:
    readable = Q(state__in=READABLE)
    found = (
        shown(room(participation).filter(root__isnull=True, kind__in=ROOTS))
        .exclude(voice=participation.seat)
        .aggregate(
            listed=Count("pk"),
            readable=Count("pk", filter=readable),
            to_reply_to=Count("pk", filter=readable & Q(valid=True)),
            voices=Count("voice", distinct=True, filter=readable & Q(valid=True)),
        )
    )
    return Others(**found)


def posts_read(participation) -> set[int]:
    return set(
        ReadMark.objects.filter(participation=participation).values_list("post_id", flat=True)
    )


def count_answers(root: Post) -> None:
    """Bring a thread's number of readable replies up to date (the author's own not counted)."""
    answers = Post.objects.filter(root=root, state__in=READABLE).exclude(voice=root.voice).count()
    Post.objects.filter(pk=root.pk).update(answers=answers)
    root.answers = answers


def released_score(participation):
    """What a facilitator gave by the criteria and released; None before."""
    return (
        Grade.objects.filter(participation=participation, released_at__isnull=False)
        .values_list("score", flat=True)
        .first()
    )
