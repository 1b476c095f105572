"""Following a thread or the whole discussion. Nobody hears of what they may not read."""

from django.db.models import Q

from .models import Follow, Member, Post


def follow(participation, root: Post | None) -> None:
    """Be told of what is new in a thread, or (None) in the whole discussion."""
    Follow.objects.get_or_create(participation=participation, post=root)


def unfollow(participation, root: Post | None) -> None:
    Follow.objects.filter(participation=participation, post=root).delete()


def of(participation, root_id: int | None = None) -> tuple[bool, bool]:
    """(follows the thread, follows everything). One query."""
    found = set(
        Follow.objects.filter(participation=participation)
        .filter(Q(post=root_id) | Q(post__isnull=True))
        .values_list("post", flat=True)
    )
    return root_id is not None and root_id in found, None in found


def followers(post: Post) -> list[int]:
    """Whom a new post interests: in its group now, past the wall, and not its author."""
    wanted = Q(post__isnull=True)
    if post.root_id:
        wanted |= Q(post=post.root_id)
    group = Member.objects.filter(
        cohort=post.cohort, item=post.item, group__number=post.group
    ).values("seat")
    return list(
        Follow.objects.filter(
            wanted,
            participation__cohort=post.cohort,
            participation__item=post.item,
            participation__seat__in=group,
            participation__data__has_key="unlocked_at",
        )
        .exclude(participation__seat=post.voice)
        .values_list("participation__user", flat=True)
        .distinct()
    )
