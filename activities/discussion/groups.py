"""Who talks with whom: forming groups, joining one, moving people, joining groups that died.

Whoever changes a group holds the row of the discussion (`talks.lock`), so that two people who arrive
at once, two facilitators, or a nightly task beside a learner do one thing after the other.
"""

import random
import uuid

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _

from activities.core import cohorts
from activities.core.errors import Refused
from activities.core.models import Event, Participation
from activities.core.signals import shared_texts_changed

from . import notices, queries, talks
from .enums import READABLE, PostKind, RunPhase
from .models import Follow, Group, Member, Post, ReadMark, Talk
from .talks import TalkState

# With fewer answers than this when answering is due, a group is joined with another one.
LEAST_ANSWERS = 3


def group_sizes(people: int, target: int) -> list[int]:
    """Sizes of the groups for so many people, largest first, differing by one at most.

    The number of groups is `people / target` rounded half up, at least one; nobody makes no group.
    """
    if people <= 0:
        return []
    count = max(1, (2 * people + target) // (2 * target))
    size, larger = divmod(people, count)
    return [size + 1] * larger + [size] * (count - larger)


# -- reading ------------------------------------------------------------------------------------


def standing_groups(place):
    """The groups that people are in, with their number of members. `place`: cohort and item."""
    return (
        Group.objects.filter(cohort=place.cohort, item=place.item, merged_into__isnull=True)
        .annotate(people=Count("members"))
        .order_by("number")
    )


def member_of(participation) -> Member | None:
    return (
        Member.objects.filter(seat=participation.seat, item=participation.item)
        .select_related("group")
        .first()
    )


def number_for(participation, rules) -> int:
    """The group that somebody is in, or would come into now; 0 for a new one."""
    member = member_of(participation)
    if member is not None:
        return member.group.number
    group = place_for_one_more(participation, rules)
    return group.number if group else 0


def place_for_one_more(place, rules) -> Group | None:
    """The smallest group; None when it is time for another group (or for the first one)."""
    found = list(standing_groups(place))
    if not found:
        return None
    people = sum(group.people for group in found)
    formed = Talk.objects.filter(cohort=place.cohort, item=place.item, grouped_at__isnull=False)
    full = min(group.people for group in found) >= rules.target_group_size
    wanted = len(group_sizes(people + 1, rules.target_group_size))
    if full and wanted > len(found) and not formed.exists():
        return None
    return min(found, key=lambda group: (group.people, group.number))


# -- forming and joining ------------------------------------------------------------------------


def ready(visit) -> TalkState:
    """Bring groups up to date with the clock when a learner looks. Nothing to do costs no query."""
    state = talks.of_visit(visit)
    if visit.participation.pk is None or not state.dated:
        return state
    if due(state):
        place = visit.participation
        run = talks.of_run(place.cohort, place.item, visit.rules, visit.now, state.talk)
        bring_up_to_date(run, visit.rules)
        visit.__dict__.pop("_talk", None)
    return talks.of_visit(visit)


def due(state: TalkState) -> bool:
    """Whether groups have to be formed or rescued. What one learner has more time for is no reason
    to wait, so the run's own dates decide where it is done."""
    talk = state.talk
    if not state.dated or state.scheduled:
        return False
    passed = talks.ORDER.index(state.phase) >= talks.ORDER.index(RunPhase.REPLIES)
    return talk.grouped_at is None or (passed and talk.rescued_at is None)


def bring_up_to_date(state: TalkState, rules) -> bool:
    """Form the groups of a cohort, and join dead ones once answering is due. Repeating is harmless.
    Whether there was anything to do."""
    if not due(state):
        return False
    with transaction.atomic():
        talk = talks.lock(state.talk.cohort, state.talk.item)
        state = talks.of_run(talk.cohort, talk.item, rules, state.now, talk)
        if due(state) and talk.grouped_at is None:
            form(talk, rules, state.now)
        if due(state) and talk.rescued_at is None:
            rescue(talk, state.now)
    return True


def form(talk: Talk, rules, now) -> None:
    """Divide everybody of the cohort who has no group yet, in a random order."""
    placed = set(
        Member.objects.filter(cohort=talk.cohort, item=talk.item).values_list("seat", flat=True)
    )
    people = {member.seat: member.user for member in cohorts.members(talk.cohort)}
    for seat, user in Participation.objects.filter(cohort=talk.cohort, item=talk.item).values_list(
        "seat", "user_id"
    ):
        people.setdefault(seat, user)
    free = [(seat, user) for seat, user in people.items() if seat not in placed]
    random.shuffle(free)
    if placed:
        for seat, user in free:
            group = place_for_one_more(talk, rules) or new_group(talk, now)
            add(group, seat, user, now)
    else:
        aliases = list(range(1, len(free) + 1))
        random.shuffle(aliases)
        rows, start = [], 0
        for size in group_sizes(len(free), rules.target_group_size):
            group = new_group(talk, now)
            for n in range(start, start + size):
                seat, user = free[n]
                rows.append(
                    Member(
                        group=group, cohort=talk.cohort, item=talk.item, seat=seat, user_id=user,
                        alias=aliases[n], joined_at=now,
                    )
                )  # fmt: skip
            start += size
        Member.objects.bulk_create(rows, batch_size=500)
    talk.grouped_at = now
    talk.save(update_fields=["grouped_at"])
    talks.log(talk, "grouped", None, {"people": len(free)})


def new_group(place, now) -> Group:
    last = Group.objects.filter(cohort=place.cohort, item=place.item).aggregate(n=Max("number"))
    group = Group.objects.create(
        cohort=place.cohort, item=place.item, number=(last["n"] or 0) + 1, created_at=now
    )
    bring_words_to_all(group)
    return group


def bring_words_to_all(group: Group) -> None:
    """What a facilitator wrote to all groups is there in a new one too, unless it was taken away."""
    written = Event.objects.filter(
        cohort=group.cohort, item=group.item, kind="discussion_desk_write", payload__all=True
    )
    first = [pk for pk in written.values_list("payload__post", flat=True) if pk]
    posts = Post.objects.filter(
        pk__in=first,
        cohort=group.cohort,
        item=group.item,
        kind=PostKind.FACILITATOR,
        state__in=READABLE,
        root__isnull=True,
    ).order_by("created_at", "pk")
    for post in posts:
        Post.objects.create(
            key=uuid.uuid5(post.key, f"group {group.number}"),
            cohort=group.cohort,
            item=group.item,
            group=group.number,
            author=post.author,
            voice=post.voice,
            kind=post.kind,
            highlighted=post.highlighted,
            body=post.body,
            length=post.length,
            created_at=post.created_at,
        )


def add(group: Group, seat, user: int, now) -> Member:
    last = Member.objects.filter(cohort=group.cohort, item=group.item).aggregate(n=Max("alias"))
    return Member.objects.create(
        group=group,
        cohort=group.cohort,
        item=group.item,
        seat=seat,
        user_id=user,
        alias=(last["n"] or 0) + 1,
        joined_at=now,
    )


def join(participation, rules, now) -> Member:
    """The learner's place: the one they have, else in the smallest group. It is held until the end of
    the transaction, so that what is written now travels when the group is joined with another."""
    place = Member.objects.filter(seat=participation.seat, item=participation.item)
    if place.select_for_update(of=("self",)).values_list("pk", flat=True).first():
        return member_of(participation)
    talk = talks.lock(participation.cohort, participation.item)
    member = member_of(participation)
    if member is not None:
        return member
    group = place_for_one_more(talk, rules) or new_group(talk, now)
    return add(group, participation.seat, participation.user_id, now)


# -- groups that died ---------------------------------------------------------------------------


def answers_by_group(talk: Talk) -> dict[int, int]:
    """How many people of each group have an answer that stands."""
    rows = (
        Post.objects.filter(
            cohort=talk.cohort,
            item=talk.item,
            kind=PostKind.INITIAL,
            valid=True,
            state__in=READABLE,
        )
        .values("group")
        .annotate(people=Count("voice", distinct=True))
    )
    return {row["group"]: row["people"] for row in rows.order_by()}


def rescue(talk: Talk, now) -> int:
    """Join each group with too few answers with the smallest other one. How many were joined."""
    joined = 0
    while True:
        found = list(standing_groups(talk))
        answers = answers_by_group(talk)
        dead = [group for group in found if answers.get(group.number, 0) < LEAST_ANSWERS]
        if not dead or len(found) < 2:
            break
        group = min(dead, key=lambda one: (answers.get(one.number, 0), one.people, one.number))
        other = min(
            (one for one in found if one.pk != group.pk), key=lambda one: (one.people, one.number)
        )
        merge(talk, group, other, None, "too few answers", now)
        joined += 1
    talk.rescued_at = now
    talk.save(update_fields=["rescued_at"])
    return joined


def merge(talk: Talk, group: Group, into: Group, by, reason: str, now) -> None:
    """Bring everybody of a group, with all they wrote, into another one. The talk is locked."""
    people = list(group.members.values_list("user_id", "seat"))
    # The places first: whoever is writing at this moment holds theirs, and is waited for.
    Member.objects.filter(group=group).update(group=into)
    for placed in Post.objects.filter(
        cohort=talk.cohort,
        item=talk.item,
        group=group.number,
        kind__in=[PostKind.SEED, PostKind.ARCHIVE],
    ):
        same = Post.objects.filter(
            cohort=talk.cohort, item=talk.item, group=into.number, kind=placed.kind
        )
        if placed.kind == PostKind.SEED:
            same = same.filter(seed_key=placed.seed_key)
        else:
            same = same.filter(source=placed.source_id) if placed.source_id else same.none()
        if double := same.first():
            unite(placed, double)
    Post.objects.filter(cohort=talk.cohort, item=talk.item, group=group.number).update(
        group=into.number
    )
    group.merged_into = into
    group.save(update_fields=["merged_into"])
    talks.log(
        talk, "groups_joined", by, {"from": group.number, "to": into.number, "reason": reason}
    )
    retold([seat for _user, seat in people], talk)
    told = Member.objects.filter(group=into).values_list("user_id", flat=True)
    notices.joined(talk, list(told), f"{group.number}-{into.number}")


def unite(post: Post, into: Post) -> None:
    """Two copies of one sample voice become one, with the replies to both."""
    Post.objects.filter(parent=post).update(parent=into)
    Post.objects.filter(root=post).update(root=into, group=into.group)
    read = ReadMark.objects.filter(post=into).values("participation")
    ReadMark.objects.filter(post=post).exclude(participation__in=read).update(post=into)
    following = Follow.objects.filter(post=into).values("participation")
    Follow.objects.filter(post=post).exclude(participation__in=following).update(post=into)
    post.delete()
    queries.count_answers(into)


def retold(seats: list, talk: Talk) -> None:
    """Whoever indexes what people wrote hears that others may read it now."""
    rows = Participation.objects.filter(seat__in=seats, item=talk.item).select_related("version")
    for participation in rows:
        shared_texts_changed.send(sender=Post, participation=participation)


# -- a facilitator's hand -----------------------------------------------------------------------


def group_numbered(talk: Talk, number) -> Group:
    group = Group.objects.filter(
        cohort=talk.cohort,
        item=talk.item,
        number=int(number) if str(number).isascii() and str(number).isdigit() else 0,
        merged_into__isnull=True,
    ).first()
    if group is None:
        message = _("Choose a group.")
        raise Refused(message, code="no_group", fields={"to": message})
    return group


def stale() -> Refused:
    return Refused(
        _("The groups have changed meanwhile. They are now as you see them; nothing was done."),
        code="stale",
        status=409,
    )


def merge_by_hand(desk, number, into, reason: str) -> None:
    """A facilitator joins two groups, with a reason that is logged."""
    talk = talks.lock(desk.cohort, desk.version.item)
    source = Group.objects.filter(
        cohort=talk.cohort, item=talk.item, number=int(number or 0), merged_into__isnull=True
    ).first()
    if source is None:
        raise stale()
    target = group_numbered(talk, into)
    if target.pk == source.pk:
        message = _("Choose another group.")
        raise Refused(message, code="same_group", fields={"to": message})
    merge(talk, source, target, desk.user, talks.needs_reason(reason), desk.now)


def move(desk, member_id: int, seen, to, reason: str) -> Member:
    """A facilitator brings somebody into another group: answers and the replies to them travel,
    replies to others stay where they are and go on counting. `seen` is the group on the page."""
    talk = talks.lock(desk.cohort, desk.version.item)
    member = (
        Member.objects.select_for_update(of=("self",))
        .filter(pk=member_id, cohort=talk.cohort, item=talk.item)
        .select_related("group")
        .first()
    )
    if member is None:
        raise Refused(_("There is no such page."), code="not_found", status=404)
    if str(member.group.number) != str(seen):
        raise stale()
    group = new_group(talk, desk.now) if to == "new" else group_numbered(talk, to)
    if group.pk == member.group_id:
        message = _("Choose another group.")
        raise Refused(message, code="same_group", fields={"to": message})
    reason = talks.needs_reason(reason)
    before, member.group = member.group.number, group
    # The place and the threads first: whoever writes there at this moment is waited for.
    member.save(update_fields=["group"])
    own = Post.objects.filter(
        cohort=talk.cohort, item=talk.item, voice=member.seat, root__isnull=True
    )
    roots = list(own.select_for_update(of=("self",)).values_list("pk", flat=True))
    travelling = Post.objects.filter(Q(pk__in=roots) | Q(root__in=roots))
    seats = {member.seat, *travelling.values_list("voice", flat=True)}
    travelling.update(group=group.number)
    # Who stays behind can no longer open the threads that travel.
    Follow.objects.filter(post__in=roots).exclude(participation__seat=member.seat).delete()
    Follow.objects.filter(participation__seat=member.seat, post__isnull=False).exclude(
        post__in=roots
    ).delete()
    talks.log(
        talk,
        "moved",
        desk.user,
        {"seat": str(member.seat), "from": before, "to": group.number, "reason": reason},
    )
    retold(list(seats), talk)
    notices.joined(talk, [member.user_id], f"moved-{member.pk}-{desk.now:%Y%m%d%H%M%S}")
    return member
