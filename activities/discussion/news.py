"""What is new in a discussion whose page is open, for somebody who may read it.

Only that something is new is said, never the text: the page that shows it is asked for again, with
the walls and the marks of reading that it has.
"""

from activities.core.contract import LivePart

from . import queries
from .enums import GONE, PostKind
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
