"""What is new in a discussion whose page is open, for somebody who may read it.

Only that something is new is said, never the text: the page that shows it is asked for again, with
the walls and the marks of reading that it has.
"""

from collections import Counter
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from activities.core import live
from activities.core.contract import LivePart

from . import queries
from .enums import GONE, PostKind, PostState
from .models import Post
from .screens import placeholder
from .standing import unlocked

NEW = {f"discussion_{kind}" for kind in ("initial", "reply", "desk_write")}
CHANGED = {
    f"discussion_{what}"
    for what in (
        "edited",
        "withdrawn",
        "desk_hide",
        "desk_remove",
        "desk_restore",
        "desk_highlight",
        "desk_unhighlight",
    )
}
# A report alone is nobody's business; that it hid the post is seen by everybody.
REPORTED = "discussion_reported"


def parts(visit, events: list) -> list[LivePart]:
    """One part for each post that is new or changed: {post, root, new, taken, gone}. One query.

    `root` is None at the top of a thread; `taken` is what stands in the place of a post that cannot
    be read any more; `gone` says that nothing stands there. Nothing before the own answer.
    """
    if not unlocked(visit.participation):
        return []
    last: dict[int, int] = {}
    fresh, reported = set(), set()
    for event in events:
        if event.kind not in NEW | CHANGED | {REPORTED}:
            continue
        for post in posts_of(event):
            last[post] = event.pk
            if event.kind in NEW:
                fresh.add(post)
            (reported.add if event.kind == REPORTED else reported.discard)(post)
    if not last:
        return []
    seat = visit.participation.seat
    found = queries.room(visit.participation).filter(pk__in=last).exclude(voice=seat)
    found = found.exclude(kind=PostKind.SYNTHESIS).only("state", "root", "answers")
    made = [
        LivePart(last[post.pk], data=fact(post, post.pk in fresh))
        for post in found
        if not (post.pk in reported and post.readable)
    ]
    return sorted(made, key=lambda part: (part.event, part.data["post"]))


def posts_of(event) -> list[int]:
    """The posts that an event is about: a facilitator's post for all groups is one in each."""
    return event.payload.get("posts") or [
        post for post in [event.payload.get("post")] if isinstance(post, int)
    ]


def fact(post, new: bool) -> dict:
    gone = post.state in GONE and not post.answers
    return {
        "post": post.pk,
        "root": post.root_id,
        "new": new and post.readable,
        "taken": "" if post.readable else placeholder(post.state),
        "gone": gone,
    }


# -- for whoever leads the discussion -----------------------------------------------------------

# What brings a post to those that somebody has to look at.
RAISED = {REPORTED, "discussion_appealed"}
WRITTEN = NEW | {"discussion_synthesis"}
# The screens of the desk that ask, and which news each of them shows once it is loaded anew.
DESK_SCREENS = {
    "": ("post", "check", "change"),
    "check": ("check", "change"),
    "unanswered": ("answered", "check", "change"),
}
UNANSWERED_AFTER = timedelta(hours=48)


def desk_parts(desk, events: list) -> list[LivePart]:
    """What others have done since: {what, of: the post}, where `what` is a new "post", one to "check",
    one that has waited long and is "answered" now, or another "change". One query at most."""
    found = [
        (event, post)
        for event in events
        if event.kind in WRITTEN | CHANGED | RAISED and event.actor_id != desk.user.pk
        for post in posts_of(event)
    ]
    if not found:
        return []
    posts = {
        post.pk: post
        for post in Post.objects.filter(
            cohort=desk.cohort, item=desk.version.item, pk__in={post for _event, post in found}
        )
        .select_related("root")
        .defer("body", "root__body")
    }
    replies = Counter(
        posts[id].root_id for event, id in found if event.kind in WRITTEN and id in posts
    )
    made = []
    for event, id in found:
        post = posts.get(id)
        if post is None:
            continue
        if event.kind in CHANGED:
            made.append(LivePart(event.pk, data={"what": "change", "of": id}))
        elif event.kind in RAISED and to_check(post):
            made.append(LivePart(event.pk, data={"what": "check", "of": id}))
        elif event.kind in WRITTEN and post.readable:
            made.append(LivePart(event.pk, data={"what": "post", "of": id}))
            root = post.root
            waited = root and root.created_at <= desk.now - UNANSWERED_AFTER
            if waited and root.kind == PostKind.INITIAL and root.answers <= replies[root.pk]:
                made.append(LivePart(event.pk, data={"what": "answered", "of": root.pk}))
    return made


def to_check(post: Post) -> bool:
    """As `desk.TO_CHECK` asks the database."""
    appealed = post.appealed_at is not None and post.appeal_decided_at is None
    return post.state in (PostState.FLAGGED, PostState.HIDDEN) or (
        post.state == PostState.REMOVED and appealed
    )


def desk_bar(desk, begin: live.Opening, step: str) -> dict:
    """How an open screen of the desk asks, for `components/live.html`."""
    sentences = {
        "post": (_("1 new post"), _("{n} new posts")),
        "check": (_("1 new post to check"), _("{n} new posts to check")),
        "answered": (
            _("1 of these posts has been answered"),
            _("{n} of these posts have been answered"),
        ),
        "change": _("A post has changed"),
    }
    wanted = {what: sentences[what] for what in DESK_SCREENS[step]}
    return live.bar(
        begin,
        desk.url("-") + "events/",
        desk.url(step),
        _("Load new posts") if step == "" else _("Load what is new"),
        pgettext("new posts", "Show"),
        text_done=_("This page is up to date now."),
        **live.texts(begin, **wanted),
    )
