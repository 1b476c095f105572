"""What an instructor sees of a discussion and does there."""

import re
import uuid
from datetime import timedelta

from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _

from activities.core import substance
from activities.core.contract import Outcome, Screen
from activities.core.errors import Refused
from activities.core.models import Event, Participation
from activities.core.moments import moment

from . import moderation, notices, queries
from .content import prompt_text
from .enums import READABLE, PostKind, PostState
from .models import Post, PostReport
from .names import author_of, person
from .screens import body_of, excerpt, label
from .writing import MOST_CHARS, Sent, body_refused, not_found

UNANSWERED_AFTER = timedelta(hours=48)
STEP = re.compile(r"(learner|post)-(\d{1,18})")
TEMPLATES = "activities/discussion/"


def screen(desk, step: str, submitted=None) -> Screen:
    """The instructor's screen of a step. Raises `Refused` 404 for no such step."""
    match = STEP.fullmatch(step)
    if step == "":
        return people_screen(desk)
    if step == "check":
        return check_screen(desk)
    if step == "unanswered":
        return unanswered_screen(desk)
    if step == "write":
        return write_screen(desk, submitted)
    if match is None:
        raise not_found()
    if match[1] == "learner":
        return learner_screen(desk, match[2])
    return post_screen(desk, match[2], submitted)


def handle(desk, step: str, action: str, data) -> Outcome:
    """What an instructor does with a post. Raises `Refused`."""
    if action == "write":
        return publish(desk, None, data)
    match = STEP.fullmatch(step)
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


def log(desk, action: str, post: Post, reason: str = "") -> None:
    Event.objects.create(
        cohort=desk.cohort,
        item=desk.version.item,
        actor=desk.user,
        kind=f"discussion_desk_{action}",
        payload={"post": post.pk, "reason": reason},
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


def to_check(desk):
    """Posts that were reported, hidden, or whose author asks for another look."""
    return room(desk).filter(
        Q(state__in=[PostState.FLAGGED, PostState.HIDDEN])
        | Q(state=PostState.REMOVED, appealed_at__isnull=False)
    )


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
        to_check=Count(
            "pk",
            filter=Q(state__in=[PostState.FLAGGED, PostState.HIDDEN])
            | Q(state=PostState.REMOVED, appealed_at__isnull=False),
        ),
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
        ("check", _("To check"), "check", numbers["to_check"]),
        ("unanswered", _("No reply for 48 hours"), "unanswered", numbers["unanswered"]),
        ("write", _("Write a post"), "write", None),
    ]
    return {
        "discussion": desk.content,
        "numbers": numbers,
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
        "author": author_of(post, desk.content),
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
        "valid": post.valid,
        "reasons": [str(reason) for reason in post.reasons if reason != "replaced"],
        "highlighted": post.highlighted,
        "prompt": prompt_text(desk, post.prompt) if post.prompt else "",
        "url": desk.url(f"post-{post.pk}"),
    }


def people_screen(desk) -> Screen:
    """One line for each learner: what they wrote, and whether anybody answered."""
    people, paging = paged(
        desk,
        Participation.objects.filter(cohort=desk.cohort, item=desk.version.item)
        .select_related("user")
        .only(
            "seat", "state", "progress", "score", "data", "last_seen_at", "completed_at",
            "user__first_name", "user__last_name", "user__email",
        )
        .order_by("user__first_name", "user__last_name", "pk"),
    )  # fmt: skip
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
            alone=Count("pk", filter=standing & Q(kind=PostKind.INITIAL) & Q(answers=0)),
            taken=Count("pk", filter=Q(state__in=[PostState.HIDDEN, PostState.REMOVED])),
            last=Max("created_at"),
        )
    }
    context = {
        **base(desk, "people"),
        "paging": paging,
        "people": [
            {
                "name": person(who.user),
                "url": desk.url(f"learner-{who.pk}"),
                "state": who.get_state_display(),
                "progress": 100 if who.completed else who.progress,
                "score": who.score,
                **(wrote.get(who.pk) or {"written": 0, "replies": 0, "conclusions": 0, "alone": 0}),
            }
            for who in people
        ],
    }
    return Screen(f"{TEMPLATES}desk_people.html", context)


def check_screen(desk) -> Screen:
    """Reported and hidden posts, with what was said against them."""
    posts, paging = paged(
        desk, to_check(desk).select_related("author").order_by("-appealed_at", "created_at", "pk")
    )
    reports = {}
    for report in PostReport.objects.filter(post__in=posts, upheld__isnull=True):
        reports.setdefault(report.post_id, []).append(report)
    context = {
        **base(desk, "check"),
        "paging": paging,
        "posts": [{**row(desk, post), "reports": reports.get(post.pk, [])} for post in posts],
    }
    return Screen(f"{TEMPLATES}desk_check.html", context)


def unanswered_screen(desk) -> Screen:
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
    context = {**base(desk, "write"), "form": form(desk, "write", "write", submitted)}
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


def learner_screen(desk, participation_id) -> Screen:
    """All posts of a learner, each under what it answers."""
    who = (
        Participation.objects.filter(
            pk=int(participation_id), cohort=desk.cohort, item=desk.version.item
        )
        .select_related("user")
        .first()
    )
    if who is None:
        raise not_found()
    posts = list(queries.own(who).select_related("author", "parent__author", "parent"))
    replies = {}
    for post in (
        Post.objects.filter(parent__in=posts).select_related("author").order_by("created_at", "pk")
    ):
        replies.setdefault(post.parent_id, []).append(row(desk, post))
    context = {
        **base(desk, "people"),
        "person": person(who.user),
        "participation": who,
        "state": who.get_state_display(),
        "posts": [
            {
                **row(desk, post),
                "to": row(desk, post.parent) if post.parent else None,
                "replies": replies.get(post.pk, []),
            }
            for post in posts
        ],
        "rubric": desk.content.rubric,
    }
    return Screen(f"{TEMPLATES}desk_learner.html", context)


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
        "can_moderate": post.kind != PostKind.SEED and post.state != PostState.WITHDRAWN,
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
    post = Post.objects.create(
        key=sent.key,
        cohort=desk.cohort,
        item=desk.version.item,
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
    if root is not None:
        queries.count_answers(root)
        notices.replied(post, parent)
    log(desk, "write", post)
    return Outcome(step=back, message=_("Your post is in the discussion."), anchor=f"p{post.pk}")
