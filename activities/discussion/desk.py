"""What an instructor sees of a discussion and does there."""

import re
import uuid

from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _

from activities.core import live, substance
from activities.core.contract import Outcome, Screen
from activities.core.errors import Refused
from activities.core.models import Event, Participation
from activities.core.moments import moment

from . import desk_grading, desk_run, groups, moderation, news, notices, queries, talks
from .content import prompt_text
from .enums import READABLE, PostKind, PostState
from .models import Member, Post, PostReport
from .names import author_of, learner_name, revealed
from .news import UNANSWERED_AFTER
from .screens import body_of, excerpt, label
from .writing import MOST_CHARS, Sent, body_refused, not_found

STEP = re.compile(r"(learner|post)-(\d{1,18})")
TEMPLATES = "activities/discussion/"


def screen(desk, step: str, submitted=None):
    """The instructor's screen of a step, or a file. Raises `Refused` 404 for no such step."""
    if groups.bring_up_to_date(talks.of_desk(desk), desk.rules):
        desk.__dict__.pop("_talk", None)
    match = STEP.fullmatch(step)
    if step in news.DESK_SCREENS:
        begin = live.opening(live.Place(desk.cohort, desk.version.item))
        found = SCREENS[step](desk, submitted)
        found.context["live"] = news.desk_bar(desk, begin, step)
        return found
    if step in SCREENS:
        return SCREENS[step](desk, submitted)
    if match is None:
        raise not_found()
    if match[1] == "learner":
        return desk_grading.learner_screen(desk, match[2], submitted)
    return post_screen(desk, match[2], submitted)


def handle(desk, step: str, action: str, data) -> Outcome:
    """What an instructor does. Raises `Refused`."""
    if action == "write":
        return publish(desk, None, data)
    if action in desk_run.ACTIONS:
        return desk_run.ACTIONS[action](desk, step, data)
    match = STEP.fullmatch(step)
    if action in desk_grading.ACTIONS:
        return desk_grading.ACTIONS[action](desk, match, data)
    if match is None or match[1] != "post":
        raise Refused(_("Sala does not know this action."), code="unknown_action", status=400)
    post = find(desk, match[2], lock=True)
    reason = data.get("reason", "")
    if action == "reply":
        return publish(desk, post, data)
    if action in ("hide", "remove", "restore"):
        state = {
            "hide": PostState.HIDDEN,
            "remove": PostState.REMOVED,
            "restore": PostState.VISIBLE,
        }[action]
        moderation.decide(post, desk.user, state, reason, desk.now)
        message = {
            "hide": _("The post is hidden. Its author can read the reason and ask for a review."),
            "remove": _("The post is removed. Its author can read the reason."),
            "restore": _("The post is visible and counts again."),
        }[action]
    elif action in ("valid", "invalid"):
        moderation.judge(post, desk.user, action == "valid", reason, desk.now)
        message = _("Noted, with your reason.")
    elif action in ("highlight", "unhighlight"):
        moderation.highlight(post, action == "highlight")
        message = _("Noted.")
    else:
        raise Refused(_("Sala does not know this action."), code="unknown_action", status=400)
    log(desk, action, post, reason)
    return Outcome(step=step, message=message)


def log(desk, action: str, post: Post, reason: str = "", **more) -> None:
    Event.objects.create(
        cohort=desk.cohort,
        item=desk.version.item,
        actor=desk.user,
        kind=f"discussion_desk_{action}",
        payload={"post": post.pk, "reason": reason, **more},
    )


# -- finding ------------------------------------------------------------------------------------


def room(desk):
    return Post.objects.filter(cohort=desk.cohort, item=desk.version.item)


def find(desk, post_id, lock: bool = False) -> Post:
    posts = room(desk).select_for_update() if lock else room(desk).select_related("author")
    post = posts.filter(pk=int(post_id)).first()
    if post is None:
        raise not_found()
    return post


TO_CHECK = Q(state__in=[PostState.FLAGGED, PostState.HIDDEN]) | Q(
    state=PostState.REMOVED, appealed_at__isnull=False, appeal_decided_at__isnull=True
)


def to_check(desk):
    """Posts that were reported, hidden, or whose author asks for another look."""
    return room(desk).filter(TO_CHECK)


def unanswered(desk):
    """Answers that nobody has replied to for two days."""
    return room(desk).filter(
        root__isnull=True,
        kind=PostKind.INITIAL,
        answers=0,
        state__in=READABLE,
        created_at__lte=desk.now - UNANSWERED_AFTER,
    )


# -- screens ------------------------------------------------------------------------------------


def base(desk, here: str) -> dict:
    """The tabs with their numbers (one query) and what every screen holds."""
    numbers = room(desk).aggregate(
        to_check=Count("pk", filter=TO_CHECK),
        unanswered=Count(
            "pk",
            filter=Q(
                root__isnull=True,
                kind=PostKind.INITIAL,
                answers=0,
                state__in=READABLE,
                created_at__lte=desk.now - UNANSWERED_AFTER,
            ),
        ),
        people=Count("voice", distinct=True, filter=Q(kind=PostKind.INITIAL, state__in=READABLE)),
        posts=Count("pk", filter=~Q(kind=PostKind.SEED) & Q(state__in=READABLE)),
    )
    tabs = [
        ("people", _("Learners"), "", None),
        ("missing", _("Without an answer"), "missing", None),
        ("groups", _("Groups"), "groups", None),
        ("check", _("To check"), "check", numbers["to_check"]),
        ("unanswered", _("No reply for 48 hours"), "unanswered", numbers["unanswered"]),
        ("write", _("Write a post"), "write", None),
    ]
    if desk.rules.graded_by_hand:
        tabs.insert(1, ("grading", _("Grading"), "grading", None))
    if desk.rules.reuse_archive:
        tabs.append(("archive", _("For later groups"), "archive", None))
    return {
        "discussion": desk.content,
        "numbers": numbers,
        "pseudonymous": desk.rules.pseudonymous,
        "tabs": [
            {"label": text, "url": desk.url(step), "count": count, "current": name == here}
            for name, text, step, count in tabs
        ],
    }


def paged(desk, query) -> tuple[list, dict]:
    """The rows of the desk's page, 50 at a time. Two queries."""
    count = query.count()
    last = max(1, -(-count // queries.PER_PAGE))
    page = min(max(1, desk.page), last)
    start = (page - 1) * queries.PER_PAGE
    return list(query[start : start + queries.PER_PAGE]), {
        "number": page,
        "last": last,
        "count": count,
        "previous": page - 1 if page > 1 else None,
        "next": page + 1 if page < last else None,
    }


def row(desk, post: Post) -> dict:
    """A post for the desk: everything, because facilitators read what is hidden too."""
    text = body_of(post, desk.content)
    return {
        "id": post.pk,
        "author": author_of(post, desk),
        "label": label(post),
        "kind": post.get_kind_display(),
        "at": moment(post.created_at, desk.language),
        "edited": moment(post.edited_at, desk.language) if post.edited_at else "",
        "body": text,
        "beginning": excerpt(text),
        "length": post.length,
        "answers": post.answers,
        "state": post.state,
        "state_label": "" if post.state == PostState.VISIBLE else post.get_state_display(),
        "state_reason": post.reason_text,
        "appeal": post.appeal,
        "appeal_open": bool(post.appealed_at and not post.appeal_decided_at),
        "late": post.late,
        "group": post.group,
        "valid": post.valid,
        "reasons": [str(reason) for reason in post.reasons if reason != "replaced"],
        "highlighted": post.highlighted,
        "prompt": prompt_text(desk, post.prompt) if post.prompt else "",
        "url": desk.url(f"post-{post.pk}"),
    }


def participations(desk):
    """Everybody who has opened the discussion. Where names are not shown, not in their order."""
    order = ["seat"] if desk.rules.pseudonymous else ["user__first_name", "user__last_name", "pk"]
    return (
        Participation.objects.filter(cohort=desk.cohort, item=desk.version.item)
        .select_related("user")
        .only(
            "seat", "state", "progress", "score", "data", "last_seen_at", "completed_at",
            "user__first_name", "user__last_name", "user__email",
        )
        .order_by(*order)
    )  # fmt: skip


def people_screen(desk, submitted=None) -> Screen:
    """One line for each learner: what they wrote, and whether anybody answered; and the state of
    the whole with its buttons."""
    people, paging = paged(desk, participations(desk))
    standing = Q(state__in=READABLE)
    wrote = {
        line["participation"]: line
        for line in Post.objects.filter(participation__in=[person.pk for person in people])
        .values("participation")
        .annotate(
            written=Count("pk", filter=standing & Q(kind=PostKind.INITIAL)),
            replies=Count("pk", filter=standing & Q(kind=PostKind.REPLY)),
            conclusions=Count("pk", filter=standing & Q(kind=PostKind.SYNTHESIS)),
            chars=Sum("length", filter=standing),
            received=Sum("answers", filter=standing & Q(kind=PostKind.INITIAL)),
            alone=Count("pk", filter=standing & Q(kind=PostKind.INITIAL) & Q(answers=0)),
            taken=Count("pk", filter=Q(state__in=[PostState.HIDDEN, PostState.REMOVED])),
            last=Max("created_at"),
        )
    }
    places = {
        member.seat: member
        for member in Member.objects.filter(
            item=desk.version.item, seat__in=[who.seat for who in people]
        ).select_related("group")
    }
    known = revealed(desk)
    nothing = {"written": 0, "replies": 0, "conclusions": 0, "alone": 0, "taken": 0}
    context = {
        **base(desk, "people"),
        **desk_run.talk_panel(desk, submitted),
        "paging": paging,
        "export_url": desk.url("export"),
        "people": [
            {
                "name": learner_name(desk, who, places.get(who.seat), who.pk in wrote, known),
                "group": places[who.seat].group.number if who.seat in places else None,
                "url": desk.url(f"learner-{who.pk}"),
                "state": who.get_state_display(),
                "progress": 100 if who.completed else who.progress,
                "score": who.score,
                **(wrote.get(who.pk) or nothing),
            }
            for who in people
        ],
    }
    return Screen(f"{TEMPLATES}desk_people.html", context)


def check_screen(desk, submitted=None) -> Screen:
    """Reported and hidden posts, with what was said against them."""
    posts, paging = paged(
        desk, to_check(desk).select_related("author").order_by("-appealed_at", "created_at", "pk")
    )
    reports, found = {}, list(PostReport.objects.filter(post__in=posts, upheld__isnull=True))
    records = moderation.reporters_record([one.reporter_id for one in found if one.reporter_id])
    for report in found:
        report.record = records.get(report.reporter_id)
        reports.setdefault(report.post_id, []).append(report)
    context = {
        **base(desk, "check"),
        "paging": paging,
        "posts": [{**row(desk, post), "reports": reports.get(post.pk, [])} for post in posts],
    }
    return Screen(f"{TEMPLATES}desk_check.html", context)


def unanswered_screen(desk, submitted=None) -> Screen:
    posts, paging = paged(
        desk, unanswered(desk).select_related("author").order_by("created_at", "pk")
    )
    context = {
        **base(desk, "unanswered"),
        "paging": paging,
        "posts": [row(desk, post) for post in posts],
    }
    return Screen(f"{TEMPLATES}desk_unanswered.html", context)


def write_screen(desk, submitted=None) -> Screen:
    context = {
        **base(desk, "write"),
        "form": form(desk, "write", "write", submitted),
        "choices": desk_run.group_choices(desk, submitted),
    }
    return Screen(f"{TEMPLATES}desk_write.html", context)


def form(desk, action: str, step: str, submitted=None) -> dict:
    mine = submitted is not None and submitted.action == action
    return {
        "action": action,
        "url": desk.url(step),
        "key": (submitted.data.get("key") if mine else "") or str(uuid.uuid4()),
        "body": submitted.data.get("body", "") if mine else "",
        "error": submitted.error if mine else None,
    }


def post_screen(desk, post_id, submitted=None) -> Screen:
    """One post with its thread, its history, its reports, and what can be done about it."""
    post = find(desk, post_id)
    root = post.root or post
    thread = Post.objects.filter(root=root).select_related("author").order_by("created_at", "pk")
    context = {
        **base(desk, ""),
        "post": row(desk, post),
        "root": row(desk, root) if root != post else None,
        "thread": [row(desk, reply) for reply in thread[: queries.PER_PAGE] if reply != post],
        "reports": list(post.reports.all()),
        "revisions": [
            {"at": moment(old.replaced_at, desk.language), "body": old.body}
            for old in post.revisions.all()
        ],
        "submitted": submitted,
        "error": submitted.error if submitted is not None else None,
        "reason": submitted.data.get("reason", "") if submitted is not None else "",
        "form": form(desk, "reply", f"post-{post.pk}", submitted),
        "second_person": bool(
            post.appealed_at and not post.appeal_decided_at and post.moderated_by_id == desk.user.pk
        ),
        "can_moderate": post.kind not in (PostKind.SEED, PostKind.ARCHIVE)
        and post.state != PostState.WITHDRAWN,
        "can_judge": post.participation_id is not None and post.state != PostState.WITHDRAWN,
        "can_hide": post.readable,
        "can_restore": post.state != PostState.VISIBLE,
        "can_remove": post.state != PostState.REMOVED,
        "can_highlight": post.readable and post.kind != PostKind.SYNTHESIS,
        "can_reply": post.readable and post.kind != PostKind.SYNTHESIS,
    }
    return Screen(f"{TEMPLATES}desk_post.html", context)


# -- writing as a facilitator -------------------------------------------------------------------


def publish(desk, parent: Post | None, data) -> Outcome:
    """Post as a facilitator, labelled as one. With a `parent`, a reply to it."""
    sent = Sent.of(data)
    back = "write" if parent is None else f"post-{parent.pk}"
    if Post.objects.filter(key=sent.key, author=desk.user).exists():
        return Outcome(step=back, message=_("Your post is in the discussion."))
    if not sent.body:
        raise body_refused(_("Please write something first."), "empty")
    if len(sent.body) > MOST_CHARS:
        raise body_refused(
            _("At most %(most)d characters (now %(now)d)")
            % {"most": MOST_CHARS, "now": len(sent.body)},
            "too_long",
        )
    if parent is not None and (not parent.readable or parent.kind == PostKind.SYNTHESIS):
        raise Refused(
            _("This post is hidden at the moment. Please reply to another one."),
            code="hidden",
            status=409,
        )
    root = None if parent is None else parent.root or parent
    numbers = [root.group] if root is not None else desk_run.chosen_groups(desk, data)
    made = [speak(desk, sent, number, parent, root) for number in numbers]
    if root is not None:
        queries.count_answers(root)
        told = notices.replied(made[0], parent)
        notices.new_post(made[0], besides=told)
    else:
        for post in made:
            notices.new_post(post)
    log(
        desk,
        "write",
        made[0],
        posts=[post.pk for post in made],
        # Groups that are made later get it too.
        all=root is None and str(data.get("to") or "all") == "all",
    )
    return Outcome(step=back, message=_("Your post is in the discussion."), anchor=f"p{made[0].pk}")


def speak(desk, sent: Sent, number: int, parent: Post | None, root: Post | None) -> Post:
    """A facilitator's post in one group; a post for all groups is one in each of them."""
    first = not Post.objects.filter(key=sent.key).exists()
    return Post.objects.create(
        key=sent.key if first else uuid.uuid5(sent.key, str(number)),
        cohort=desk.cohort,
        item=desk.version.item,
        group=number,
        author=desk.user,
        voice=queries.facilitator_voice(desk.version.item, desk.user),
        kind=PostKind.FACILITATOR,
        parent=parent,
        root=root,
        prompt="" if root is None else root.prompt,
        body=sent.body,
        length=substance.length(sent.body),
        created_at=desk.now,
    )


SCREENS = {
    "": people_screen,
    "check": check_screen,
    "unanswered": unanswered_screen,
    "write": write_screen,
    "groups": desk_run.groups_screen,
    "missing": desk_run.missing_screen,
    "archive": desk_run.archive_screen,
    "export": desk_run.export,
    "grading": desk_grading.queue_screen,
}
