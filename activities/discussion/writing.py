"""Writing in a discussion: what is accepted, and what follows from it."""

import math
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.core import substance
from activities.core.errors import Refused
from activities.core.personal import seems_personal
from activities.core.record import drop_draft, note

from . import archive, follows, groups, machine, notices, queries, talks
from .enums import GONE, READABLE, PostKind, PostState, RunPhase, Stage
from .models import Post, PostRevision, ReadMark
from .standing import seen_by, settle_visit, stage_of, unlocked

MOST_CHARS = 20_000
POSTS_PER_HOUR = 20
# Compared with a new text; of very long discussions only the newest posts.
MOST_COMPARED = 500
SAMPLE_VOICES = uuid.UUID("5f3b4a52-8a0c-4d1e-9f55-6b2f2a1d7c10")


@dataclass(frozen=True)
class Sent:
    """What a form held: the text, whether the warning was confirmed, the form's own id."""

    body: str
    confirmed: bool
    key: uuid.UUID

    @classmethod
    def of(cls, data) -> "Sent":
        try:
            key = uuid.UUID(str(data.get("key", "")))
        except ValueError:
            key = uuid.uuid4()
        body = str(data.get("body", "")).replace("\r\n", "\n").replace("\x00", "").strip()
        return cls(body=body, confirmed=bool(data.get("confirm_personal")), key=key)


def wall() -> Refused:
    return Refused(
        _("Answer the prompt first: then you can see what others wrote and reply to them."),
        code="wall",
        status=403,
    )


def not_found() -> Refused:
    return Refused(_("There is no such page."), code="not_found", status=404)


# -- what every text must pass ------------------------------------------------------------------


def body_refused(message: str, code: str) -> Refused:
    return Refused(message, code=code, fields={"body": message})


def check_pace(user, now) -> None:
    """Raises `Refused` (429) for somebody who has written too much within the hour."""
    hour = timedelta(hours=1)
    written = Post.objects.filter(author=user, created_at__gt=now - hour)
    times = list(
        written.order_by("-created_at").values_list("created_at", flat=True)[:POSTS_PER_HOUR]
    )
    if len(times) < POSTS_PER_HOUR:
        return
    # Room for one more when the oldest of the last twenty is an hour old.
    wait = max(1, math.ceil((times[-1] + hour - now).total_seconds()))
    if wait <= 30:
        message = _("You are sending too often. Please wait 30 seconds.")
    else:
        minutes = math.ceil(wait / 60)
        message = ngettext(
            "You have written many posts within an hour. Please wait %(count)d minute.",
            "You have written many posts within an hour. Please wait %(count)d minutes.",
            minutes,
        ) % {"count": minutes}
    raise Refused(message, code="too_many", status=429, retry_after=max(wait, 30))


def check_length(text: str, least: int) -> None:
    if not text:
        raise body_refused(_("Please write something first."), "empty")
    if len(text) > MOST_CHARS:
        raise body_refused(
            _("At most %(most)d characters (now %(now)d)") % {"most": MOST_CHARS, "now": len(text)},
            "too_long",
        )
    counted = substance.length(text)
    if counted < least:
        raise body_refused(
            _("At least %(least)d characters (now %(now)d)") % {"least": least, "now": counted},
            "too_short",
        )


def check_original(text: str, visit, *, besides: Post | None = None) -> None:
    """Raises `Refused` for a text that stands in the prompt, in an own post or in anybody's."""
    sources = []
    for content in (visit.rules, visit.content):
        sources += [prompt.text for prompt in content.prompts]
        sources += [voice.text for voice in content.seed_voices]
        sources.append(content.synthesis_prompt)
    posts = (
        queries.room(visit.participation)
        .exclude(kind=PostKind.SEED)
        .filter(state__in=READABLE)
        .order_by("-created_at")
    )
    if besides is not None:
        posts = posts.exclude(pk=besides.pk)
    sources += posts.values_list("body", flat=True)[:MOST_COMPARED]
    if substance.copied_from(text, sources):
        raise body_refused(
            _(
                "More than 80 per cent of this text is the same as one that is already here. "
                "Please write it in your own words."
            ),
            "copied",
        )


def check_personal(sent: Sent) -> None:
    """A warning, not a block: it passes once the writer has confirmed it."""
    if not sent.confirmed and seems_personal(sent.body):
        message = _("This text may contain personal data. Check it before you send it.")
        raise Refused(message, code="personal_data", fields={"confirm_personal": message})


def check_text(sent: Sent, least: int, visit, *, besides: Post | None = None) -> None:
    check_length(sent.body, least)
    check_original(sent.body, visit, besides=besides)
    check_personal(sent)


def sent_before(sent: Sent, participation) -> Post | None:
    """The post that an earlier sending of the same form has made."""
    post = Post.objects.filter(key=sent.key).first()
    if post is not None and post.voice != participation.seat:
        raise Refused(
            _("Something has changed while you were writing. Your text is still below."),
            code="stale",
            status=409,
        )
    return post


# Which phase a contribution belongs to: there it may come late.
PHASE_OF = {
    PostKind.INITIAL: "initial",
    PostKind.REPLY: "replies",
    PostKind.SYNTHESIS: "synthesis",
}


def write(visit, sent: Sent, kind: PostKind, **values) -> Post:
    participation = visit.participation
    member = groups.join(participation, visit.rules, visit.now)
    post = Post.objects.create(
        key=sent.key,
        cohort=participation.cohort,
        item=participation.item,
        group=member.group.number,
        alias=member.alias,
        late=visit.late(PHASE_OF[kind]),
        participation=participation,
        author=visit.user,
        voice=participation.seat,
        kind=kind,
        body=sent.body,
        length=substance.length(sent.body),
        created_at=visit.now,
        **values,
    )
    note(participation, f"discussion_{kind.value}", {"post": post.pk})
    return post


# -- the steps of a learner ---------------------------------------------------------------------


def answer(visit, data) -> Post:
    """Answer a prompt. With the last prompt answered, the wall opens."""
    participation, rules, sent = visit.participation, visit.rules, Sent.of(data)
    if post := sent_before(sent, participation):
        return post
    groups.ready(visit)
    state = talks.check_open(visit, "initial")
    if state.dated and state.phase == RunPhase.INITIAL:
        # The last answer moves the discussion on: one after the other, so that one is the last.
        talks.lock(participation.cohort, participation.item)
    key = data.get("prompt", "") or (rules.prompts[0].key if len(rules.prompts) == 1 else "")
    if rules.prompt(key) is None:
        raise not_found()
    if key in seen_by(visit).answered:
        raise Refused(
            _("You have answered this prompt already. You can change your answer instead."),
            code="answered",
            status=409,
        )
    check_pace(visit.user, visit.now)
    check_text(sent, rules.min_chars_initial, visit)
    post = write(visit, sent, PostKind.INITIAL, prompt=key)
    place_sample_voices(visit)
    archive.place_voices(visit, post.group)
    follows.follow(participation, post)
    settle_visit(visit)
    drop_draft(participation, f"initial-{key}")
    notices.new_post(post)
    talks.advance_when_all_have_answered(visit)
    return post


def place_sample_voices(visit) -> None:
    """Give every sample voice a post in the room, so that there is something to reply to."""
    participation = visit.participation
    group = groups.join(participation, visit.rules, visit.now).group.number
    present = set(
        queries.room(participation).filter(kind=PostKind.SEED).values_list("seed_key", flat=True)
    )
    Post.objects.bulk_create(
        [
            Post(
                cohort=participation.cohort,
                item=participation.item,
                group=group,
                voice=uuid.uuid5(SAMPLE_VOICES, f"{participation.item} {voice.key}"),
                kind=PostKind.SEED,
                seed_key=voice.key,
                seed_author=voice.author,
                body=voice.text,
                length=substance.length(voice.text),
                created_at=visit.now,
            )
            for voice in visit.rules.seed_voices
            if voice.key not in present
        ],
        ignore_conflicts=True,  # somebody else's answer may have placed them a moment ago
    )


def reply(visit, parent_id, data) -> Post:
    """Reply to somebody. The wall stands before everything else, then what is there at all."""
    participation, rules, sent = visit.participation, visit.rules, Sent.of(data)
    if not unlocked(participation):
        raise wall()
    if post := sent_before(sent, participation):
        return post
    talks.check_open(visit, "replies")
    parent = post_to_reply_to(participation, parent_id)
    if parent.voice == participation.seat:
        raise Refused(
            _("This is your own post. Reply to somebody else's."), code="own_post", status=422
        )
    if not parent.readable:
        raise Refused(
            _("This post is hidden at the moment. Please reply to another one."),
            code="hidden",
            status=409,
        )
    check_pace(visit.user, visit.now)
    check_text(sent, rules.min_chars_reply, visit)
    root = held_thread(visit, parent)
    post = write(visit, sent, PostKind.REPLY, parent=parent, root=root, prompt=root.prompt)
    queries.count_answers(root)
    follows.follow(participation, root)
    told = notices.replied(post, parent)
    notices.new_post(post, besides=told)
    if root.voice != participation.seat:
        mark_read(participation, [root.pk], set())
    settle_visit(visit)
    drop_draft(participation, f"reply-{parent.pk}")
    return post


def held_thread(visit, parent: Post) -> Post:
    """The top of a post's thread, held until the end of the transaction: it could be moved to another
    group meanwhile. Raises `Refused` 404 when it has been."""
    member = groups.join(visit.participation, visit.rules, visit.now)
    root = (
        Post.objects.select_for_update(of=("self",))
        .filter(pk=parent.root_id or parent.pk, group=member.group.number)
        .first()
    )
    if root is None:
        raise not_found()
    return root


def post_to_reply_to(participation, post_id) -> Post:
    """A post of the room that replies may go to. Raises `Refused` 404 for anything else."""
    try:
        post = (
            queries.room(participation)
            .select_related("root__author", "author")
            .get(pk=int(post_id))
        )
    except (Post.DoesNotExist, TypeError, ValueError, OverflowError):
        raise not_found() from None
    if post.kind == PostKind.SYNTHESIS:
        raise not_found()
    return post


def conclude(visit, data) -> Post:
    """Write one's conclusion, once enough was read and replied to."""
    participation, rules, sent = visit.participation, visit.rules, Sent.of(data)
    if not unlocked(participation):
        raise wall()
    if post := sent_before(sent, participation):
        return post
    if not rules.synthesis:
        raise not_found()
    talks.check_open(visit, "synthesis")
    # Others may have come or gone since the learner was last seen.
    found = settle_visit(visit)
    if found.synthesis:
        raise Refused(
            _("You have written your conclusion already. You can change it instead."),
            code="concluded",
            status=409,
        )
    if found.stage != Stage.SYNTHESISING:
        raise machine.not_allowed(stage_of(participation), Stage.COMPLETE)
    check_pace(visit.user, visit.now)
    check_text(sent, rules.min_chars_synthesis, visit)
    post = write(visit, sent, PostKind.SYNTHESIS)
    settle_visit(visit)
    drop_draft(participation, "synthesis")
    return post


# -- changing one's own posts -------------------------------------------------------------------


def own_post(visit, post_id) -> Post:
    """One of the learner's own posts that still has a text. Raises `Refused` 404 otherwise."""
    try:
        post = queries.own(visit.participation).select_related("root").get(pk=int(post_id))
    except (Post.DoesNotExist, TypeError, ValueError, OverflowError):
        raise not_found() from None
    if post.state in GONE:
        raise not_found()
    return post


def least_chars(post: Post, rules) -> int:
    return {
        PostKind.INITIAL: rules.min_chars_initial,
        PostKind.REPLY: rules.min_chars_reply,
        PostKind.SYNTHESIS: rules.min_chars_synthesis,
    }[post.kind]


def within_window(post: Post, rules, now) -> bool:
    """Whether a change is still a correction that readers need not know of."""
    return now <= post.created_at + timedelta(minutes=rules.edit_window_minutes)


def edit(visit, post_id, data) -> Post:
    """Change an own post. What it said before is kept; later changes are shown as such."""
    sent, post = Sent.of(data), own_post(visit, post_id)
    talks.check_open(visit)
    if sent.body == post.body:
        drop_draft(visit.participation, f"edit-{post.pk}")
        return post
    check_text(sent, least_chars(post, visit.rules), visit, besides=post)
    PostRevision.objects.create(post=post, body=post.body, replaced_at=visit.now)
    if not within_window(post, visit.rules, visit.now):
        post.edited_at = visit.now
    post.body, post.length = sent.body, substance.length(sent.body)
    post.save(update_fields=["body", "length", "edited_at"])
    note(visit.participation, "discussion_edited", {"post": post.pk})
    drop_draft(visit.participation, f"edit-{post.pk}")
    return post


def has_replies(post: Post) -> bool:
    return post.children.exclude(state__in=GONE).exists()


def delete(visit, post_id) -> Post:
    """Take an own post away that nobody has replied to yet."""
    post = own_post(visit, post_id)
    check_take_back(visit, post)
    if has_replies(post):
        raise Refused(
            _(
                "Somebody has replied already, so the post cannot be deleted. You can withdraw its "
                "text instead."
            ),
            code="replied_to",
            status=409,
        )
    return take_back(visit, post)


def withdraw(visit, post_id) -> Post:
    """Take the text of an own post away; the replies to it stay."""
    post = own_post(visit, post_id)
    check_take_back(visit, post)
    return take_back(visit, post)


# For so long an author may take a post out of sight, whatever state the discussion is in.
OWN_REGRETS = timedelta(minutes=30)


def check_take_back(visit, post: Post) -> None:
    """Raises `Refused` where nothing is written any more, except for what was written just now."""
    if visit.now > post.created_at + OWN_REGRETS:
        talks.check_open(visit)


def take_back(visit, post: Post) -> Post:
    PostRevision.objects.create(post=post, body=post.body, replaced_at=visit.now)
    post.state, post.body, post.length = PostState.WITHDRAWN, "", 0
    post.save(update_fields=["state", "body", "length"])
    if post.root is not None:
        queries.count_answers(post.root)
    note(visit.participation, "discussion_withdrawn", {"post": post.pk})
    archive.take_back(post)
    settle_visit(visit)
    return post


# -- reading ------------------------------------------------------------------------------------


def mark_read(participation, post_ids, known: set) -> int:
    """Note that posts of others were shown in full. How many of them were new."""
    new = [pk for pk in post_ids if pk not in known]
    if new:
        ReadMark.objects.bulk_create(
            [ReadMark(participation=participation, post_id=pk) for pk in new],
            ignore_conflicts=True,
        )
    return len(new)
