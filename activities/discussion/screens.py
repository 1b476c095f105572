"""What a learner sees. Nothing of others is loaded before the learner has answered."""

import re
import unicodedata
import uuid
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from activities.core import live, substance
from activities.core.contract import Screen
from activities.core.moments import moment
from activities.core.record import draft_of

from . import archive, checkpoints, follows, groups, queries, talks
from .content import prompt_text
from .enums import GONE, READABLE, Grading, PostKind, PostState, ReportReason, RunPhase, Stage
from .models import Grade, Post
from .names import author_of
from .standing import Standing, seen_by, unlocked
from .writing import (
    MOST_CHARS,
    OWN_REGRETS,
    has_replies,
    least_chars,
    mark_read,
    not_found,
    own_post,
    post_to_reply_to,
    wall,
    within_window,
)

# Up to so many posts are shown in full below one another; of longer lists each post shows its
# beginning and is read on its own page, which a phone can still load and a person still survey.
MOST_IN_FULL = 12
EXCERPT_CHARS = 130
MOST_HIGHLIGHTS = 5
STEP = re.compile(r"(page|post|reply|edit|delete|report|appeal)-(\d{1,18})(?:-(\d{1,6}))?")
NAMED_STEPS = ("", "answer", "stream", "mine", "synthesis")
TEMPLATES = "activities/discussion/"


def screen(visit, step: str, submitted=None) -> Screen:
    """The screen of a step. Raises `Refused`: 404 for no such step, 403 at the wall."""
    chosen = choose(visit, step, submitted)
    if submitted is not None:
        chosen.context.setdefault("error", submitted.error)
    return chosen


def choose(visit, step: str, submitted) -> Screen:
    match = STEP.fullmatch(step)
    if match is None and step not in NAMED_STEPS:
        raise not_found()
    name = match[1] if match else step
    state = groups.ready(visit)
    if not unlocked(visit.participation) and name not in ("", "answer", "edit", "delete"):
        raise wall()
    if name in ("edit", "delete"):
        return edit_screen(visit, match[2], submitted, deleting=name == "delete")
    found = seen_by(visit)
    if state.closed and found.unlocked and name in ("", "answer") and submitted is None:
        return own_screen(visit, found, complete=found.complete)
    if name == "" and found.stage in (Stage.POSTED, Stage.REPLYING) and not found.answers_done:
        name = "answer"
    if name in ("", "answer") and (found.stage == Stage.LOCKED or not found.answers_done):
        return answer_screen(visit, found, submitted)
    if name in ("", "answer"):
        name = {Stage.SYNTHESISING: "synthesis", Stage.COMPLETE: "complete"}.get(
            found.stage, "stream"
        )
    if name in ("stream", "page"):
        return stream_screen(visit, found, int(match[2]) if match else 1, step)
    if name in ("post", "reply"):
        return thread_screen(visit, found, match, submitted)
    if name == "report":
        return report_screen(visit, found, match[2], submitted)
    if name == "appeal":
        return appeal_screen(visit, found, match[2], submitted)
    if name == "synthesis" and not found.synthesis:
        return synthesis_screen(visit, found, submitted)
    return own_screen(visit, found, complete=name != "mine")


# -- parts of screens ---------------------------------------------------------------------------


def base(visit, found: Standing) -> dict:
    """What every screen of a discussion holds."""
    return {
        "discussion": visit.content,
        "standing": found,
        "talk": talk_facts(visit, found),
        "stepper": stepper(visit, found),
        "checklist": checklist(visit, found) if found.unlocked else [],
        "home_url": visit.url(),
        "answer_url": visit.url("answer"),
        "stream_url": visit.url("stream"),
        "mine_url": visit.url("mine"),
    }


def talk_facts(visit, found: Standing) -> dict:
    """What the run's facilitator and its dates say: open or not, until when, the pinned summary."""
    state, language = talks.of_visit(visit), visit.language
    opens = state.start(RunPhase.INITIAL)
    shows_summary = found.unlocked and bool(state.talk.summary)
    return {
        "writable": state.writable,
        "locked": state.locked,
        "scheduled": state.scheduled,
        "closed": state.closed,
        "opens": moment(opens, language) if opens and state.scheduled else "",
        "closed_at": moment(talks.closed_at(state), language) if state.closed else "",
        "waits_until": moment(state.until, language)
        if found.waiting_for_others and state.until
        else "",
        "pseudonymous": visit.rules.pseudonymous,
        "summary": state.talk.summary if shows_summary else "",
        "summary_at": moment(state.talk.summary_at, language) if shows_summary else "",
    }


def stepper(visit, found: Standing) -> list[dict]:
    """The way through: what is done, where the learner is. Steps behind the wall have no link."""
    stage = found.stage
    order = [Stage.LOCKED, Stage.POSTED, Stage.SYNTHESISING, Stage.COMPLETE]
    here = order.index(Stage.POSTED if stage == Stage.REPLYING else stage)
    steps = [(_("Answer the prompt"), "", True), (_("Read and reply"), "stream", True)]
    steps.append((_("Conclude"), "synthesis", found.synthesis_asked))
    steps.append((_("Done"), "", True))
    return [
        {
            "label": label,
            "done": n < here or stage == Stage.COMPLETE,
            "current": n == here,
            "url": visit.url(step) if found.unlocked and step and n <= here else "",
        }
        for n, (label, step, wanted) in enumerate(steps)
        if wanted
    ]


def checklist(visit, found: Standing) -> list[dict]:
    """What is asked and how much of it is done, in words."""
    rows = [
        (
            ngettext("%(done)d/%(total)d answer", "%(done)d/%(total)d answers", found.prompts),
            len(found.answered),
            found.prompts,
        ),
        (
            ngettext(
                "%(done)d/%(total)d post read", "%(done)d/%(total)d posts read", found.needed_reads
            ),
            found.reads,
            found.needed_reads,
        ),
        (
            ngettext(
                "%(done)d/%(total)d reply", "%(done)d/%(total)d replies", found.needed_replies
            ),
            found.replies,
            found.needed_replies,
        ),
        (_("%(done)d/%(total)d conclusion"), int(found.synthesis), int(found.synthesis_asked)),
    ]
    return [
        {"label": label % {"done": min(done, total), "total": total}, "done": done >= total}
        for label, done, total in rows
        if total
    ]


def form(
    visit, action: str, name: str, least: int, submitted=None, stored: str = "", step=""
) -> dict:
    """A form to write in, holding what was typed last: sent and refused, drafted, or stored."""
    error = submitted.error if submitted is not None and submitted.action == action else None
    if error is not None:
        body = submitted.data.get("body", "")
        # A refused form keeps its id: what is sent next is still the same sending.
        key = submitted.data.get("key") or str(uuid.uuid4())
        if error.code == "stale":
            key = str(uuid.uuid4())
    else:
        draft = draft_of(visit.participation, name) if not visit.is_preview else {}
        body, key = draft.get("body", stored), str(uuid.uuid4())
    counted = substance.length(body)
    return {
        "action": action,
        "url": visit.url(step),
        "name": name,
        "key": key,
        "body": body,
        "least": least,
        "most": MOST_CHARS,
        "count": counted,
        "enough": counted >= least,
        "error": error,
        "body_error": error.fields.get("body", "") if error else "",
        "confirm_personal": bool(error and error.code == "personal_data"),
    }


def placeholder(state: str) -> str:
    """What stands in the place of a post that others cannot read."""
    return {
        PostState.HIDDEN: _("This post is hidden while it is being checked."),
        PostState.REMOVED: _("This post was removed by the facilitator."),
        PostState.WITHDRAWN: _("The author has withdrawn this post."),
    }.get(state, "")


def label(post: Post) -> str:
    """A word beside the name of whoever is not a fellow learner."""
    return {
        PostKind.SEED: _("Sample by the facilitator"),
        PostKind.ARCHIVE: _("From an earlier group"),
        PostKind.FACILITATOR: _("Facilitator"),
    }.get(post.kind, "")


def body_of(post: Post, content) -> str:
    """What a post says; sample voices speak the reader's language."""
    if post.kind == PostKind.SEED:
        voice = content.seed_voice(post.seed_key)
        return voice.text if voice else post.body
    return post.body


def excerpt(text: str, limit: int = EXCERPT_CHARS) -> str:
    """The beginning of a text, not cut between a consonant and its vowels and tone marks."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    space = text.rfind(" ", 2 * limit // 3, limit)  # between phrases, where there is one
    if space > 0:
        limit = space
    while limit > 1 and unicodedata.category(text[limit])[0] == "M":
        limit -= 1
    return text[:limit].rstrip() + "…"


def entry(visit, post: Post) -> dict:
    """A post as a template shows it. What may not be read is not in it."""
    own = post.voice == visit.participation.seat
    readable = post.readable or (own and post.state != PostState.WITHDRAWN)
    return {
        "id": post.pk,
        "author": _("You") if own else author_of(post, visit),
        "label": label(post),
        "own": own,
        "at": moment(post.created_at, visit.language),
        "edited": post.edited_at is not None,
        "highlighted": post.highlighted,
        "readable": readable,
        "body": body_of(post, visit.content) if readable else placeholder(post.state),
        "answers": post.answers,
    }


def reply_entry(visit, post: Post) -> dict:
    """A reply: two levels at most, so a reply to a reply says whom it answers, with a quotation."""
    shown = entry(visit, post)
    parent = post.parent
    if post.parent_id != post.root_id:
        own = parent.voice == visit.participation.seat
        shown["quoted"] = {
            "author": _("You") if own else author_of(parent, visit),
            "text": excerpt(parent.body, 80) if parent.readable else placeholder(parent.state),
        }
    shown["reply_url"] = answerable(visit, post)
    shown["report_url"] = reportable(visit, post)
    shown["edit_url"] = visit.url(f"edit-{post.pk}") if can_edit(visit, post) else ""
    return shown


def answerable(visit, post: Post) -> str:
    """The address for replying to a post, or "" where nobody can."""
    own = post.voice == visit.participation.seat
    if own or not post.readable or not talks.of_visit(visit).writable:
        return ""
    return visit.url(f"reply-{post.pk}")


def reportable(visit, post: Post) -> str:
    """The address for reporting a post, or "" when there is nothing to report."""
    placed = post.kind in (PostKind.SEED, PostKind.ARCHIVE)
    if placed or not post.readable or post.voice == visit.participation.seat:
        return ""
    return visit.url(f"report-{post.pk}")


def can_edit(visit, post: Post) -> bool:
    if post.voice != visit.participation.seat or post.state in GONE:
        return False
    return talks.of_visit(visit).writable


def can_delete(visit, post: Post) -> bool:
    """What was written just now can be taken back in any state of the discussion."""
    if post.voice != visit.participation.seat or post.state in GONE:
        return False
    return talks.of_visit(visit).writable or visit.now <= post.created_at + OWN_REGRETS


def pages(visit, page: int, count: int, prefix: str) -> dict:
    last = max(1, -(-count // queries.PER_PAGE))
    if not 1 <= page <= last:
        raise not_found()
    return {
        "number": page,
        "last": last,
        "previous_url": visit.url(f"{prefix}-{page - 1}") if page > 1 else "",
        "next_url": visit.url(f"{prefix}-{page + 1}") if page < last else "",
    }


# -- the screens --------------------------------------------------------------------------------


def answer_screen(visit, found: Standing, submitted=None) -> Screen:
    """The prompt and the form; of others only how many there are."""
    rules = visit.rules
    wanted = submitted.data.get("prompt", "") if submitted is not None else ""
    open_prompts = [prompt.key for prompt in rules.prompts if prompt.key not in found.answered]
    key = wanted if wanted in open_prompts else next(iter(open_prompts), "")
    prompt = visit.content.prompt(key) or rules.prompt(key)
    context = {
        **base(visit, found),
        "prompt": prompt,
        "prompt_text": prompt_text(visit, key),
        "prompt_number": len(rules.prompts) - len(open_prompts) + 1,
        "people": 0
        if visit.is_preview or found.unlocked
        else queries.people_who_posted(
            visit.participation, groups.number_for(visit.participation, rules)
        ),
    }
    if talks.of_visit(visit).writable or submitted is not None:
        context["form"] = form(
            visit,
            "answer",
            f"initial-{key}",
            rules.min_chars_initial,
            submitted,
            step="answer" if found.unlocked else "",
        )
    return Screen(f"{TEMPLATES}answer.html", context)


def stream_screen(visit, found: Standing, page: int, step: str) -> Screen:
    """Others' answers, those without a reply first. What is shown in full is marked as read."""
    participation, content = visit.participation, visit.content
    asking = live_part(visit, step)
    listed = found.others.listed
    paging = pages(visit, page, listed, "page")
    start = (page - 1) * queries.PER_PAGE
    in_full = listed <= MOST_IN_FULL
    entries, full = [], []
    for post in queries.stream(participation)[start : start + queries.PER_PAGE]:
        text = body_of(post, content) if post.readable else placeholder(post.state)
        cut = not in_full and len(text) > EXCERPT_CHARS
        if post.readable and not cut:
            full.append(post.pk)
        entries.append(
            {
                "id": post.pk,
                "author": author_of(post, visit),
                "label": label(post),
                "at": moment(post.created_at, visit.language),
                "edited": post.edited_at is not None,
                "highlighted": post.highlighted,
                "readable": post.readable,
                "body": excerpt(text) if cut else text,
                "cut": cut,
                "answers": post.answers,
                "replied": post.pk in found.replied,
                "read": post.pk in found.read_ids,
            }
        )
    if mark_read(participation, full, found.read_ids):
        found.read_ids.update(full)
        found.reads = len(found.read_ids)
    context = {
        **base(visit, found),
        "entries": entries,
        "paging": paging,
        "in_full": in_full,
        # Steps are siblings below the item's address; short addresses spare a kilobyte or five.
        "up": "../" if step else "",
        "only_samples": bool(listed) and all(e["label"] for e in entries) and page == 1,
        "ready": found.ready_for_synthesis,
        "writable": talks.of_visit(visit).writable,
        "follow": follow_form(visit),
        "live": asking,
    }
    return Screen(f"{TEMPLATES}stream.html", context)


def live_part(visit, here: str, root: Post | None = None) -> dict:
    """How the open page asks what is new: the address, the cursor, the thread, and the page itself.
    Taken before the posts are read, so that nothing falls between. Empty in a preview."""
    if visit.is_preview:
        return {}
    return live.bar(
        live.opening(visit.participation),
        visit.url("-") + "events/",
        visit.url(here),
        _("Load new posts"),
        pgettext("new posts", "Show"),
        live_root=root.pk if root else "",
        text_post=_("1 new post"),
        text_posts=_("{n} new posts"),
        text_reply=_("1 new reply"),
        text_replies=_("{n} new replies"),
        text_change=_("A post has changed"),
        text_new=_("New"),
    )


def follow_form(visit, root: Post | None = None) -> dict:
    """Whether the reader is told of news here, and the form that changes it."""
    if visit.is_preview:
        return {}
    thread, everything = follows.of(visit.participation, root.pk if root else None)
    return {
        "on": thread if root else everything,
        "everything": everything,
        "url": visit.url(f"post-{root.pk}" if root else "stream"),
    }


def thread_screen(visit, found: Standing, match, submitted=None) -> Screen:
    """One post with its replies; at the step “reply” with a form."""
    participation = visit.participation
    replying = match[1] == "reply"
    target = post_to_reply_to(participation, match[2])
    root = target.root or target
    if root.state == PostState.WITHDRAWN and not root.answers and root.voice != participation.seat:
        raise not_found()
    asking = live_part(visit, match[0], root)
    replies = queries.thread(root)
    page = int(match[3] or 1)
    paging = pages(visit, page, replies.count(), f"post-{root.pk}")
    start = (page - 1) * queries.PER_PAGE
    if root.readable and root.voice != participation.seat:
        mark_read(participation, [root.pk], found.read_ids)
        found.read_ids.add(root.pk)
        found.reads = len(found.read_ids)
    shown = entry(visit, root)
    shown["report_url"] = reportable(visit, root)
    shown["reply_url"] = answerable(visit, root)
    shown["edit_url"] = visit.url(f"edit-{root.pk}") if can_edit(visit, root) else ""
    context = {
        **base(visit, found),
        "root": shown,
        "prompt_text": prompt_text(visit, root.prompt) if root.prompt else "",
        "replies": [reply_entry(visit, post) for post in replies[start : start + queries.PER_PAGE]],
        "paging": paging,
        "follow": follow_form(visit, root),
        "live": asking,
    }
    allowed = bool(answerable(visit, target))
    if replying and (allowed or submitted is not None):
        context["form"] = form(
            visit,
            "reply",
            f"reply-{target.pk}",
            visit.rules.min_chars_reply,
            submitted,
            step=f"reply-{target.pk}",
        )
        context["reply_to"] = entry(visit, target)
    return Screen(f"{TEMPLATES}thread.html", context)


def synthesis_screen(visit, found: Standing, submitted=None) -> Screen:
    """One's own thread, what the facilitator marked as important, and the form."""
    context = {
        **base(visit, found),
        "ready": found.ready_for_synthesis,
        "synthesis_prompt": visit.content.synthesis_prompt or visit.rules.synthesis_prompt,
        "own": own_entries(visit, kinds=[PostKind.INITIAL]),
        "highlights": [
            entry(visit, post)
            for post in queries.room(visit.participation)
            .filter(highlighted=True, state__in=READABLE)
            .exclude(kind=PostKind.SYNTHESIS)
            .select_related("author")
            .order_by("created_at")[:MOST_HIGHLIGHTS]
        ],
    }
    may_write = found.ready_for_synthesis and talks.of_visit(visit).writable
    if may_write or submitted is not None:
        context["form"] = form(
            visit,
            "conclude",
            "synthesis",
            visit.rules.min_chars_synthesis,
            submitted,
            step="synthesis",
        )
    return Screen(f"{TEMPLATES}synthesis.html", context)


def own_entries(visit, kinds=None) -> list[dict]:
    """The learner's own posts, each with what others replied to it. Two queries."""
    posts = queries.own(visit.participation).exclude(state=PostState.WITHDRAWN, answers=0)
    if kinds:
        posts = posts.filter(kind__in=kinds)
    posts = list(posts.select_related("parent", "parent__author"))
    replies = {}
    for post in (
        Post.objects.filter(parent__in=[post.pk for post in posts])
        .exclude(voice=visit.participation.seat)
        .exclude(state__in=GONE)
        .select_related("author")
        .order_by("created_at", "pk")
    ):
        shown = entry(visit, post)
        shown["reply_url"] = answerable(visit, post)
        shown["report_url"] = reportable(visit, post)
        replies.setdefault(post.parent_id, []).append(shown)
    member = groups.member_of(visit.participation)
    group = member.group.number if member else None
    rows = []
    for post in posts:
        shown = entry(visit, post)
        taken = post.state in (PostState.HIDDEN, PostState.REMOVED)
        shown.update(
            kind=post.get_kind_display(),
            replies=replies.get(post.pk, []),
            to=author_of(post.parent, visit) if post.parent else "",
            taken=post.get_state_display() if taken else "",
            state_reason=post.reason_text if taken else "",
            appeal=post.appeal,
            appeal_decided=post.appeal_decided_at is not None,
            appeal_url=visit.url(f"appeal-{post.pk}") if taken and not post.appealed_at else "",
            late=post.late,
            edit_url=visit.url(f"edit-{post.pk}") if can_edit(visit, post) else "",
            delete_url=visit.url(f"delete-{post.pk}") if can_delete(visit, post) else "",
            # What was written in an earlier group still counts, but is read there only.
            thread_url=visit.url(f"post-{post.root_id or post.pk}")
            if post.kind != PostKind.SYNTHESIS and post.group == group
            else "",
            counts=post.valid and post.readable,
            not_counted=" ".join(str(r) for r in post.reasons if r != "replaced"),
        )
        rows.append(shown)
    return rows


def own_screen(visit, found: Standing, complete: bool) -> Screen:
    """Everything of one's own, with what the replies said; at the end also the score."""
    rules = visit.rules
    context = {
        **base(visit, found),
        "own": own_entries(visit),
        "complete": complete,
        "to_finish": found.complete and not visit.participation.completed,
        "score": plain(found.score) if found.score is not None else "",
        "graded_by_hand": rules.graded_by_hand,
        "grade": grade_shown(visit),
        "points": points(rules, found) if rules.grading in WITH_POINTS else [],
    }
    if rules.reuse_archive and not visit.is_preview:
        context["archive"] = {"agreed": archive.agreed(visit.participation)}
    return Screen(f"{TEMPLATES}own.html", context)


WITH_POINTS = (Grading.CHECKPOINTS, Grading.BOTH)


def grade_shown(visit) -> dict | None:
    """What the facilitator judged, once it is released, in the reader's language."""
    if not visit.rules.graded_by_hand or visit.is_preview:
        return None
    grade = Grade.objects.filter(
        participation=visit.participation, released_at__isnull=False
    ).first()
    if grade is None:
        return None
    return {
        "score": plain(grade.score),
        "comment": grade.comment,
        "at": moment(grade.released_at, visit.language),
        "criteria": [
            {
                "name": criterion.name,
                "points": grade.levels.get(criterion.key),
                "most": max(level.points for level in criterion.levels),
                "text": next(
                    (
                        level.text
                        for level in criterion.levels
                        if level.points == grade.levels.get(criterion.key)
                    ),
                    "",
                ),
            }
            for criterion in visit.content.rubric
        ],
    }


def plain(score: Decimal) -> str:
    """A score with at most one decimal place."""
    return f"{score:.1f}".removesuffix(".0")


def points(rules, found: Standing) -> list[dict]:
    """What the score is made of."""
    for_initial, for_replies, for_synthesis = rules.points
    if not found.needed_replies:
        for_initial, for_replies = for_initial + for_replies, 0
    if not found.synthesis_asked:
        for_initial, for_synthesis = for_initial + for_synthesis, 0
    late_answers, late_replies = found.late
    answers = Decimal(min(len(found.answered), found.prompts))
    worth = checkpoints.late_factor(
        len(found.answered) - late_answers, late_answers, rules.late_initial_percent
    )
    counted_late = max(0, found.replies - (found.valid_replies - late_replies))
    worth_replies = checkpoints.late_factor(
        found.replies - counted_late, counted_late, rules.late_replies_percent
    )
    rows = [
        (_("Answer"), for_initial, answers * worth, found.prompts, late_answers),
        (
            _("Replies"),
            for_replies,
            found.replies * worth_replies,
            found.needed_replies,
            counted_late,
        ),
        (_("Conclusion"), for_synthesis, int(found.synthesis), 1, 0),
    ]
    return [
        {
            "label": text,
            "most": most,
            "got": plain(Decimal(most) * done / total),
            "late": late,
        }
        for text, most, done, total, late in rows
        if most and total
    ]


def edit_screen(visit, post_id, submitted=None, deleting: bool = False) -> Screen:
    post = own_post(visit, post_id)
    found = seen_by(visit)
    context = {
        **base(visit, found),
        "post": entry(visit, post),
        "deleting": deleting,
        "replied_to": has_replies(post),
        "error": submitted.error if submitted is not None else None,
        "silent": within_window(post, visit.rules, visit.now),
        "window": visit.rules.edit_window_minutes,
        "edit_url": visit.url(f"edit-{post.pk}"),
        "delete_url": visit.url(f"delete-{post.pk}"),
        "is_answer": post.kind == PostKind.INITIAL,
    }
    if not deleting:
        context["form"] = form(
            visit,
            "edit",
            f"edit-{post.pk}",
            least_chars(post, visit.rules),
            submitted,
            post.body,
            step=f"edit-{post.pk}",
        )
    return Screen(f"{TEMPLATES}{'delete' if deleting else 'edit'}.html", context)


def report_screen(visit, found: Standing, post_id, submitted=None) -> Screen:
    post = post_to_reply_to(visit.participation, post_id)
    if not reportable(visit, post) and submitted is None:
        raise not_found()
    data = submitted.data if submitted is not None else {}
    context = {
        **base(visit, found),
        "post": entry(visit, post),
        "reasons": ReportReason.choices,
        "reason": data.get("reason", ""),
        "detail": data.get("detail", ""),
        "error": submitted.error if submitted is not None else None,
        "back_url": visit.url(f"post-{post.root_id or post.pk}"),
        "form_url": visit.url(f"report-{post.pk}"),
    }
    return Screen(f"{TEMPLATES}report.html", context)


def appeal_screen(visit, found: Standing, post_id, submitted=None) -> Screen:
    post = queries.own(visit.participation).filter(pk=post_id).first()
    if post is None or (post.state not in (PostState.HIDDEN, PostState.REMOVED)):
        raise not_found()
    context = {
        **base(visit, found),
        "post": {**entry(visit, post), "state_reason": post.reason_text},
        "appeal": submitted.data.get("appeal", "") if submitted is not None else "",
        "error": submitted.error if submitted is not None else None,
        "form_url": visit.url(f"appeal-{post.pk}"),
    }
    return Screen(f"{TEMPLATES}appeal.html", context)
