"""Grading by the criteria: a queue, and one screen per learner with all their posts in context."""

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.core.contract import Outcome, Screen
from activities.core.errors import Refused
from activities.core.models import Participation
from activities.core.moments import moment

from . import grading, queries, talks
from .enums import PostKind
from .models import Grade, Member, Post, Reveal
from .names import learner_name, revealed
from .writing import not_found

TEMPLATES = "activities/discussion/"


def queue(desk):
    """Whoever has written something: first what is not graded, the longest waiting on top."""
    wrote = Post.objects.filter(
        cohort=desk.cohort, item=desk.version.item, kind=PostKind.INITIAL
    ).values("participation")
    return (
        Participation.objects.filter(cohort=desk.cohort, item=desk.version.item, pk__in=wrote)
        .select_related("user", "discussion_grade")
        .defer("data", "version__texts")
        .order_by(
            F("discussion_grade__released_at").asc(nulls_first=True),
            F("discussion_grade__score").asc(nulls_first=True),
            F("completed_at").asc(nulls_last=True),
            "pk",
        )
    )


def grade_of(participation) -> Grade | None:
    return getattr(participation, "discussion_grade", None)


def queue_screen(desk, submitted=None) -> Screen:
    from .desk import base, paged

    if not desk.rules.graded_by_hand:
        raise not_found()
    people, paging = paged(desk, queue(desk))
    numbers = (
        queue(desk)
        .order_by()
        .aggregate(
            open=Count("pk", filter=Q(discussion_grade__score__isnull=True)),
            kept=Count(
                "pk",
                filter=Q(
                    discussion_grade__score__isnull=False,
                    discussion_grade__released_at__isnull=True,
                ),
            ),
            released=Count("pk", filter=Q(discussion_grade__released_at__isnull=False)),
        )
    )
    places = members_of(desk, people)
    known = revealed(desk)
    context = {
        **base(desk, "grading"),
        "paging": paging,
        "counts": numbers,
        "form_url": desk.url("grading"),
        "people": [
            {
                "name": learner_name(desk, who, places.get(who.seat), True, known),
                "state": who.get_state_display(),
                "url": desk.url(f"learner-{who.pk}"),
                "score": grade_of(who).score if grade_of(who) else None,
                "released": bool(grade_of(who) and grade_of(who).released_at),
            }
            for who in people
        ],
    }
    return Screen(f"{TEMPLATES}desk_grading.html", context)


def members_of(desk, people) -> dict:
    rows = Member.objects.filter(item=desk.version.item, seat__in=[who.seat for who in people])
    return {member.seat: member for member in rows}


def find(desk, participation_id) -> Participation:
    who = (
        Participation.objects.filter(
            pk=int(participation_id), cohort=desk.cohort, item=desk.version.item
        )
        .select_related("user", "version", "discussion_grade")
        .first()
    )
    if who is None:
        raise not_found()
    return who


def neighbours(desk, who: Participation) -> tuple[int | None, int | None]:
    """Whom the buttons “previous” and “next” lead to: those who have written, in a fixed order."""
    others = queue(desk).select_related(None).order_by()
    before = others.filter(pk__lt=who.pk).order_by("-pk").values_list("pk", flat=True).first()
    after = others.filter(pk__gt=who.pk).order_by("pk").values_list("pk", flat=True).first()
    return before, after


def learner_screen(desk, participation_id, submitted=None) -> Screen:
    """All posts of a learner, each under what it answers, and the criteria beside them."""
    from .desk import base, row

    who = find(desk, participation_id)
    posts = list(queries.own(who).select_related("author", "parent__author", "parent"))
    replies = {}
    for post in (
        Post.objects.filter(parent__in=posts).select_related("author").order_by("created_at", "pk")
    ):
        replies.setdefault(post.parent_id, []).append(row(desk, post))
    member = members_of(desk, [who]).get(who.seat)
    known = revealed(desk)
    before, after = neighbours(desk, who)
    hidden = desk.rules.pseudonymous and posts and who.seat not in known
    context = {
        **base(desk, "people"),
        "person": learner_name(desk, who, member, bool(posts), known),
        "state": who.get_state_display(),
        "can_reveal": bool(hidden),
        "reveal_reason": submitted.data.get("reveal_reason", "") if submitted is not None else "",
        "form_url": desk.url(f"learner-{who.pk}"),
        "previous_url": desk.url(f"learner-{before}") if before else "",
        "next_url": desk.url(f"learner-{after}") if after else "",
        "posts": [
            {
                **row(desk, post),
                "to": row(desk, post.parent) if post.parent else None,
                "replies": replies.get(post.pk, []),
            }
            for post in posts
        ],
    }
    if who.version.rules.graded_by_hand:
        context["grading"] = grading_form(desk, who, submitted)
    return Screen(f"{TEMPLATES}desk_learner.html", context)


def grading_form(desk, who: Participation, submitted=None) -> dict:
    """The criteria with what was chosen: typed and refused, or stored."""
    grade = grade_of(who)
    mine = submitted is not None and submitted.action in ("grade", "release")
    data = submitted.data if mine else {}
    errors = submitted.error.fields if mine else {}
    chosen = {}
    for criterion in who.version.rules.rubric:
        stored = str(grade.levels.get(criterion.key, "")) if grade else ""
        chosen[criterion.key] = str(data.get(f"level-{criterion.key}", "")) if mine else stored
    return {
        "version": grade.version if grade else 0,
        "comment": data.get("comment", "") if mine else (grade.comment if grade else ""),
        "score": grade.score if grade else None,
        "released": moment(grade.released_at, desk.language) if grade and grade.released_at else "",
        "criteria": [
            {
                "key": criterion.key,
                "name": criterion.name,
                "weight": criterion.weight,
                "error": errors.get(f"level-{criterion.key}", ""),
                "levels": [
                    {
                        "points": level.points,
                        "text": level.text,
                        "chosen": str(level.points) == chosen.get(criterion.key),
                    }
                    for level in criterion.levels
                ],
            }
            for criterion in who.version.content(desk.language).rubric
        ],
    }


# -- what a facilitator does --------------------------------------------------------------------


def the_learner(desk, match) -> Participation:
    if match is None or match[1] != "learner":
        raise Refused(_("Sala does not know this action."), code="unknown_action", status=400)
    return find(desk, match[2])


def keep(desk, match, data) -> Outcome:
    who = the_learner(desk, match)
    grading.grade(desk, who, data, release=False)
    return Outcome(
        step=after(desk, who, data), message=_("The grade is kept; nobody else sees it.")
    )


def release(desk, match, data) -> Outcome:
    who = the_learner(desk, match)
    grading.grade(desk, who, data, release=True)
    return Outcome(step=after(desk, who, data), message=_("The grade is released."))


def after(desk, who: Participation, data) -> str:
    """Where to go on: the next one, when that was asked for and there is one."""
    _before, following = neighbours(desk, who)
    go_on = data.get("go_on") == "1" and following
    return f"learner-{following if go_on else who.pk}"


def release_all(desk, match, data) -> Outcome:
    count = grading.release_all(desk)
    return Outcome(
        step="grading",
        message=ngettext("%(count)d grade is released.", "%(count)d grades are released.", count)
        % {"count": count},
    )


def reveal(desk, match, data) -> Outcome:
    """Look behind a pseudonym, with a reason that is recorded."""
    who = the_learner(desk, match)
    if not desk.rules.pseudonymous:
        raise not_found()
    reason = str(data.get("reveal_reason", "")).strip()[:2_000]
    if not reason:
        message = _("Give a reason: it is kept in the log.")
        raise Refused(message, code="no_reason", fields={"reveal_reason": message})
    _row, new = Reveal.objects.get_or_create(
        by=desk.user,
        seat=who.seat,
        item=desk.version.item,
        defaults={"cohort": desk.cohort, "reason": reason, "created_at": desk.now},
    )
    if new:
        talks.log(
            talks.of_desk(desk).talk,
            "desk_reveal",
            desk.user,
            {"seat": str(who.seat), "reason": reason},
        )
    return Outcome(
        step=f"learner-{who.pk}", message=_("The name is shown to you. This was recorded.")
    )


ACTIONS = {"grade": keep, "release": release, "release_all": release_all, "reveal": reveal}
