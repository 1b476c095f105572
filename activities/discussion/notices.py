"""What people are told about a discussion."""

from types import SimpleNamespace

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from activities.core.models import Participation
from activities.core.notices import Notice, notify, of_item, register
from activities.core.reminders import in_languages

from . import follows
from .enums import PostKind
from .models import Member, Post

REPLY = Notice(
    "discussion_reply",
    _("Replies to what I wrote"),
    _("Somebody replied to you in “%(item)s”."),
    subject="discussions",
)
HIDDEN = Notice(
    "discussion_hidden",
    _("Decisions about what I wrote"),
    _("What you wrote in “%(item)s” cannot be seen at the moment. You will find the reason there."),
    subject="discussions",
)
RESTORED = Notice(
    "discussion_restored",
    _("What I wrote can be seen again"),
    _("What you wrote in “%(item)s” can be seen again."),
    subject="discussions",
)
JUDGED = Notice(
    "discussion_judged",
    _("Whether what I wrote counts"),
    _("An instructor has decided whether what you wrote in “%(item)s” counts."),
    subject="discussions",
)

FOLLOWED = Notice(
    "discussion_new",
    _("News in discussions that I follow"),
    _("There is something new in “%(item)s”, which you follow."),
    subject="discussions",
)
APPEAL = Notice(
    "discussion_appeal",
    _("Answers to my requests for a review"),
    _("Your request for a review in “%(item)s” has been decided. You will find the reason there."),
    subject="discussions",
)
JOINED = Notice(
    "discussion_group",
    _("My discussion group has changed"),
    _("Your group in “%(item)s” has changed: you talk with more, or with other, people now."),
    subject="discussions",
)
NUDGE = Notice(
    "discussion_nudge",
    _("Reminders by the facilitator"),
    _("Your answer in “%(item)s” is still missing. The others are looking forward to it."),
    subject="discussions",
)
GRADED = Notice(
    "discussion_graded",
    _("Grades by the criteria"),
    _("What you wrote in “%(item)s” has been graded."),
    subject="discussions",
)
PHASE = Notice(
    "discussion_phase",
    _("A discussion enters a new phase"),
    _("In “%(item)s” it is time for: %(phase)s."),
    subject="discussions",
)
DUE = Notice(
    "discussion_due",
    _("What is still missing in a discussion, two days and one day before the date"),
    _("In “%(item)s” this is still missing: %(what)s. It is due on %(when)s."),
    subject="discussions",
)
register(REPLY, HIDDEN, RESTORED, JUDGED, FOLLOWED, APPEAL, JOINED, NUDGE, GRADED, PHASE, DUE)

MISSING = {
    "initial": _("your answer to the prompt"),
    "replies": _("your replies to others"),
    "synthesis": _("your conclusion"),
}


def replied(post: Post, parent: Post) -> list[int]:
    """Tell the author of a post that somebody replied; not when they replied to themselves, nor
    where they cannot read it because they were moved to another group. Whom it told."""
    if parent.participation_id is None or parent.author_id in (None, post.author_id):
        return []
    here = Member.objects.filter(
        seat=parent.voice, item=parent.item, group__number=post.group
    ).exists()
    if not here:
        return []
    tell(parent, REPLY, f"reply-{post.pk}")
    return [parent.author_id]


def new_post(post: Post, besides=()) -> None:
    """Tell those who follow the thread or everything, once about each post."""
    people = [user for user in follows.followers(post) if user not in besides]
    if people:
        step = f"post-{post.root_id or post.pk}"
        notify(
            people,
            FOLLOWED.name,
            key=f"discussion-new-{post.pk}",
            **about(post.cohort, post.item, post.participation, step),
        )


def about(cohort, item, participation=None, step: str = "") -> dict:
    """The item's title and address, from any participation of the run."""
    if participation is None:
        participation = (
            Participation.objects.filter(cohort=cohort, item=item).select_related("version").first()
        )
    return of_item(participation, step) if participation is not None else {}


def joined(talk, users: list[int], key: str) -> None:
    """Tell people that their group is another one now."""
    told = about(talk.cohort, talk.item)
    if users and told:
        key = f"discussion-group-{talk.pk}-{key}"
        notify(users, JOINED.name, key=key, **told)


def phase_begins(talk, phase, users: list[int]) -> None:
    """Tell people that the next phase has begun."""
    told = about(talk.cohort, talk.item)
    if users and told:
        told["params"]["phase"] = words_of(phase.label)
        notify(users, PHASE.name, key=f"discussion-phase-{talk.pk}-{phase}", **told)


def words_of(label) -> dict[str, str]:
    """A word in every language, as a parameter of a notice."""
    words = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words[code] = str(label)
    return words


def due(participation, phase: str, user: int, end, hours: int) -> list:
    """Once for each date and each of the two reminders before it. `participation`: any of the run."""
    told = of_item(participation)
    told["params"]["what"] = words_of(MISSING[phase])
    told["params"]["when"] = in_languages(end)
    place = f"{participation.cohort}-{participation.item}-{phase}"
    return notify(user, DUE.name, key=f"discussion-due-{place}-{end:%Y%m%d%H%M}-{hours}", **told)


def nudge_key(desk) -> str:
    """One reminder a day and discussion."""
    day = timezone.localtime(desk.now).date()
    return f"discussion-nudge-{desk.cohort}-{desk.version.item}-{day}"


def nudge(desk, users: list[int]) -> int:
    """Remind people of their missing answer, each at most once a day. How many were reminded."""
    made = notify(
        users,
        NUDGE.name,
        key=nudge_key(desk),
        **of_item(SimpleNamespace(version=desk.version, item=desk.version.item)),
    )
    return len(made)


def graded(participation, grade) -> None:
    notify(
        participation.user_id,
        GRADED.name,
        key=f"discussion-graded-{grade.pk}-{grade.version}",
        **of_item(participation, "mine"),
    )


def appeal_decided(post: Post, at) -> None:
    """Tell the author what the second person decided."""
    tell(post, APPEAL, f"appeal-{post.pk}-{at:%Y%m%d%H%M%S}")


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
