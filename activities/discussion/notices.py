"""What people are told about a discussion."""

from django.utils.translation import gettext_lazy as _

from activities.core.notices import Notice, notify, of_item, register

from .enums import PostKind
from .models import Post

REPLY = Notice(
    "discussion_reply", _("Replies to what I wrote"), _("Somebody replied to you in “%(item)s”.")
)
HIDDEN = Notice(
    "discussion_hidden",
    _("Decisions about what I wrote"),
    _("What you wrote in “%(item)s” cannot be seen at the moment. You will find the reason there."),
)
RESTORED = Notice(
    "discussion_restored",
    _("What I wrote can be seen again"),
    _("What you wrote in “%(item)s” can be seen again."),
)
JUDGED = Notice(
    "discussion_judged",
    _("Whether what I wrote counts"),
    _("An instructor has decided whether what you wrote in “%(item)s” counts."),
)

register(REPLY, HIDDEN, RESTORED, JUDGED)


def replied(post: Post, parent: Post) -> None:
    """Tell the author of a post that somebody replied; not when they replied to themselves."""
    if parent.participation_id is None or parent.author_id in (None, post.author_id):
        return
    tell(parent, REPLY, f"reply-{post.pk}")


def moderated(post: Post, *, seen_again: bool, at) -> None:
    """Tell the author that a post was taken away, or can be seen again."""
    word, notice = ("restored", RESTORED) if seen_again else ("hidden", HIDDEN)
    tell(post, notice, f"{word}-{post.pk}-{at:%Y%m%d%H%M%S}")


def judged(post: Post, at) -> None:
    """Tell the author that an instructor said whether a post counts."""
    tell(post, JUDGED, f"judged-{post.pk}-{at:%Y%m%d%H%M%S}")


def tell(post: Post, notice: Notice, key: str) -> None:
    if post.author_id is None or post.participation is None:
        return
    thread = post.root_id or post.pk
    step = "" if post.kind == PostKind.SYNTHESIS else f"post-{thread}"
    notify(
        post.author_id, notice.name, key=f"discussion-{key}", **of_item(post.participation, step)
    )
