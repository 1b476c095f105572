"""Reporting, hiding, restoring: what happens to a post that should perhaps not stand."""

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core.errors import Refused, TransitionNotAllowed
from activities.core.models import Participation
from activities.core.record import note

from . import notices, queries
from .enums import HIDES_AT_ONCE, READABLE, PostKind, PostState, ReportReason
from .models import Post, PostReport
from .standing import settle

REPORTERS_TO_HIDE = 3
MOST_CHARS = 2_000

# Where a facilitator may bring a post, and where reports bring it by themselves.
TRANSITIONS = {
    (PostState.VISIBLE, PostState.FLAGGED),
    (PostState.VISIBLE, PostState.HIDDEN),
    (PostState.VISIBLE, PostState.REMOVED),
    (PostState.FLAGGED, PostState.VISIBLE),
    (PostState.FLAGGED, PostState.HIDDEN),
    (PostState.FLAGGED, PostState.REMOVED),
    (PostState.HIDDEN, PostState.VISIBLE),
    (PostState.HIDDEN, PostState.REMOVED),
    (PostState.REMOVED, PostState.VISIBLE),
}


def move(post: Post, state: PostState) -> None:
    """Change a post's state and what hangs on it: the thread's count, its author's standing."""
    if post.state == state:
        return
    if (post.state, state) not in TRANSITIONS:
        raise TransitionNotAllowed(
            _("The state cannot change from “%(from)s” to “%(to)s”.")
            % {"from": PostState(post.state).label, "to": state.label}
        )
    counted, post.state = post.state in READABLE, state
    if state in READABLE and not counted:
        yield_to_newer_answer(post)
    post.save()
    if counted != (state in READABLE):
        if post.root is not None:
            queries.count_answers(post.root)
        settle_author(post)


def yield_to_newer_answer(post: Post) -> None:
    """An answer that comes back when its author has written another one no longer counts twice."""
    if post.kind != PostKind.INITIAL or post.participation_id is None or not post.valid:
        return
    replaced = (
        queries.own(post.participation_id)
        .filter(kind=PostKind.INITIAL, prompt=post.prompt, valid=True, state__in=READABLE)
        .exclude(pk=post.pk)
        .exists()
    )
    if replaced:
        post.valid = False
        post.reasons = [*post.reasons, "replaced"]


def settle_author(post: Post) -> None:
    if post.participation_id is None:
        return
    author = (
        Participation.objects.select_for_update(of=("self",))
        .select_related("version")
        .get(pk=post.participation_id)
    )
    settle(author, author.version.rules, timezone.now(), visit=False)


# -- learners -----------------------------------------------------------------------------------


def report(visit, post: Post, reason: str, detail: str) -> PostReport:
    """Tell the facilitator about a post. Repeating it changes nothing.

    Personal and confidential data hide the post at once, because the harm is immediate; otherwise
    three people do.
    """
    if post.voice == visit.participation.seat:
        raise Refused(_("You cannot report your own post."), code="own_post", status=422)
    if reason not in ReportReason.values:
        message = _("Choose a reason.")
        raise Refused(message, code="no_reason", fields={"reason": message})
    made, created = PostReport.objects.get_or_create(
        post=post,
        reporter=visit.user,
        defaults={"reason": reason, "detail": detail.strip()[:MOST_CHARS], "created_at": visit.now},
    )
    if not created:
        return made
    note(visit.participation, "discussion_reported", {"post": post.pk, "reason": reason})
    open_reports = PostReport.objects.filter(post=post, upheld__isnull=True)
    if post.state in READABLE:
        if reason in HIDES_AT_ONCE or open_reports.count() >= REPORTERS_TO_HIDE:
            post.state_reason, post.moderated_by, post.moderated_at = reason, None, visit.now
            move(post, PostState.HIDDEN)
            notices.moderated(post, seen_again=False, at=visit.now)
        else:
            move(post, PostState.FLAGGED)
    return made


def appeal(visit, post: Post, text: str) -> None:
    """The author asks for a second look at an own post that was hidden or removed; once."""
    text = text.strip()[:MOST_CHARS]
    if post.state not in (PostState.HIDDEN, PostState.REMOVED) or not post.state_reason:
        raise Refused(_("This post is not hidden."), code="not_hidden", status=409)
    if post.appealed_at:
        raise Refused(
            _("You have asked for a review already. The facilitator will answer you here."),
            code="appealed",
            status=409,
        )
    if not text:
        message = _("Please write something first.")
        raise Refused(message, code="empty", fields={"appeal": message})
    post.appeal, post.appealed_at = text, visit.now
    post.save(update_fields=["appeal", "appealed_at"])
    note(visit.participation, "discussion_appealed", {"post": post.pk})


# -- facilitators -------------------------------------------------------------------------------


def needs_reason(text: str) -> str:
    text = text.strip()[:MOST_CHARS]
    if not text:
        message = _("Give a reason: the author will read it.")
        raise Refused(message, code="no_reason", fields={"reason": message})
    return text


def decide(post: Post, by, state: PostState, reason: str, now) -> None:
    """A facilitator hides, removes or restores a post. Taking away needs a reason."""
    if state in READABLE:
        reason = reason.strip()[:MOST_CHARS]
    else:
        reason = needs_reason(reason)
    if post.kind == PostKind.SEED or post.state == PostState.WITHDRAWN:
        raise Refused(_("This post cannot be changed here."), code="not_moderated", status=409)
    appealed = check_second_person(post, by)
    if appealed:
        post.appeal_by, post.appeal_decided_at = by, now
    post.state_reason, post.moderated_by, post.moderated_at = reason, by, now
    if post.state == state:
        post.save()
    else:
        was_readable = post.readable
        move(post, state)
        if was_readable != post.readable and not appealed:
            notices.moderated(post, seen_again=post.readable, at=now)
    if appealed:
        notices.appeal_decided(post, now)
    post.reports.filter(upheld__isnull=True).update(upheld=state not in READABLE)


def check_second_person(post: Post, by) -> bool:
    """Whether a decision now answers an appeal. Raises `Refused` 409 for the person whose decision it
    is about: an appeal goes to somebody else (another instructor of the run, or a manager)."""
    if post.appealed_at is None or post.appeal_decided_at is not None:
        return False
    if post.moderated_by_id is not None and post.moderated_by_id == by.pk:
        raise Refused(
            _(
                "The author has asked for a review of your decision. Somebody else decides about it: "
                "another instructor of this run or a course manager."
            ),
            code="second_person",
            status=409,
        )
    return True


def reporters_record(reporters) -> dict[int, dict]:
    """How many reports of each person were upheld and dismissed so far. One query."""
    rows = (
        PostReport.objects.filter(reporter__in=reporters, upheld__isnull=False)
        .values("reporter")
        .annotate(
            upheld_count=Count("pk", filter=Q(upheld=True)),
            dismissed_count=Count("pk", filter=Q(upheld=False)),
        )
    )
    return {
        row["reporter"]: {"upheld": row["upheld_count"], "dismissed": row["dismissed_count"]}
        for row in rows.order_by()
    }


def judge(post: Post, by, valid: bool, reason: str, now) -> None:
    """A facilitator says whether a post counts, with a reason."""
    reason = needs_reason(reason)
    if post.participation_id is None:
        raise Refused(_("This post cannot be changed here."), code="not_moderated", status=409)
    if post.valid == valid and valid:
        raise Refused(_("This post counts already."), code="not_moderated", status=409)
    post.valid = valid
    if valid:
        yield_to_newer_answer(post)
    post.reasons = [] if post.valid else [reason]
    post.moderated_by, post.moderated_at = by, now
    post.save()
    settle_author(post)
    notices.judged(post, now)


def highlight(post: Post, on: bool) -> None:
    """Mark an important point, or take the mark away."""
    post.highlighted = on
    post.save(update_fields=["highlighted"])
