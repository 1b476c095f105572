"""The run as its facilitator leads it: phases, summary, groups, who is missing, what lives on."""

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.core import cohorts
from activities.core.contract import Download, Outcome, Screen
from activities.core.errors import Refused
from activities.core.models import Notification, Participation
from activities.core.moments import moment
from activities.core.tables import table

from . import archive, groups, machine, notices, talks
from .enums import READABLE, PostKind, RunPhase
from .models import Group, Member, Post
from .names import author_of, learner_name, person, revealed
from .writing import not_found

TEMPLATES = "activities/discussion/"
MOST_MEMBERS_SHOWN = 300


# -- phases and the summary ---------------------------------------------------------------------


def talk_panel(desk, submitted=None) -> dict:
    """The state of the discussion with the buttons that it allows, and the pinned summary."""
    state = talks.of_desk(desk)
    data = submitted.data if submitted is not None else {}
    current = state.talk.version
    return {
        "talk": {
            "phase": state.phase,
            "words": talks.words(state),
            "version": current,
            "dated": state.dated,
            "locked": state.locked,
            "can_lock": state.writable or state.locked,
            "closed": state.closed,
            "starts": [
                {"label": RunPhase(phase).label, "at": moment(at, desk.language)}
                for phase, at in state.starts
                if at is not None
            ],
            "steps": [
                {"to": str(there), "label": RunPhase(there).label, "back": state.closed}
                for there in machine.run_steps(state.phase, desk.rules.synthesis)
            ],
            "url": desk.url(),
            "reason": data.get("reason", ""),
            "summary": data.get("summary", state.talk.summary),
            "pinned": moment(state.talk.summary_at, desk.language) if state.talk.summary else "",
        }
    }


def move(desk, step, data) -> Outcome:
    state = talks.move(desk, data.get("to", ""), talks.Seen.of(data), data.get("reason", ""))
    groups.bring_up_to_date(state, desk.rules)
    return Outcome(message=_("The discussion is now: %(state)s.") % {"state": talks.words(state)})


def lock(desk, step, data) -> Outcome:
    talks.set_lock(desk, True, talks.Seen.of(data))
    return Outcome(message=_("The discussion is locked: everybody can read, nobody can write."))


def unlock(desk, step, data) -> Outcome:
    talks.set_lock(desk, False, talks.Seen.of(data))
    return Outcome(message=_("The discussion is open again."))


def summarise(desk, step, data) -> Outcome:
    talks.summarise(desk, str(data.get("summary", "")), talks.Seen.of(data).version)
    return Outcome(message=_("Noted."))


# -- groups -------------------------------------------------------------------------------------


def group_choices(desk, submitted=None) -> list[dict]:
    """Where a facilitator's post can go; empty where there is one group only."""
    found = list(groups.standing_groups(talks.of_desk(desk).talk))
    if len(found) < 2:
        return []
    chosen = submitted.data.get("to", "") if submitted is not None else "all"
    choices = [("all", _("All groups"))]
    choices += [(str(g.number), _("Group %(number)d") % {"number": g.number}) for g in found]
    return [{"value": v, "label": text, "chosen": v == chosen} for v, text in choices]


def chosen_groups(desk, data) -> list[int]:
    """The groups that a new post of the facilitator is for. Raises `Refused`."""
    state = talks.of_desk(desk)
    talk = talks.lock(desk.cohort, desk.version.item)
    found = [group.number for group in groups.standing_groups(talk)]
    if not found:
        if state.dated:
            raise Refused(
                _("Groups are formed when the discussion opens. Please write then."),
                code="no_group",
                status=409,
            )
        return [groups.new_group(talk, desk.now).number]
    wanted = str(data.get("to") or "all")
    if wanted == "all" or len(found) == 1:
        return found
    return [groups.group_numbered(talk, wanted).number]


def groups_screen(desk, submitted=None) -> Screen:
    """Every group with its people and how lively it is, to look at, move somebody, join two."""
    from .desk import base, paged

    talk = talks.of_desk(desk).talk
    standing = groups.standing_groups(talk)
    found, paging = paged(desk, standing)
    numbers = {
        row["group"]: row
        for row in Post.objects.filter(
            cohort=desk.cohort,
            item=desk.version.item,
            group__in=[group.number for group in found],
            state__in=READABLE,
        )
        .values("group")
        .order_by()
        .annotate(
            answered=Count("voice", distinct=True, filter=Q(kind=PostKind.INITIAL)),
            replies=Count("pk", filter=Q(kind=PostKind.REPLY)),
            alone=Count("pk", filter=Q(kind=PostKind.INITIAL, answers=0)),
        )
    }
    members = list(
        Member.objects.filter(group__in=found)
        .select_related("user")
        .order_by("alias")[:MOST_MEMBERS_SHOWN]
    )
    wrote = set(
        Post.objects.filter(
            voice__in=[m.seat for m in members], item=desk.version.item, kind=PostKind.INITIAL
        ).values_list("voice", flat=True)
    )
    known = revealed(desk)
    people: dict = {}
    for member in members:
        people.setdefault(member.group_id, []).append(
            {
                "id": member.pk,
                "name": learner_name(desk, member, member, member.seat in wrote, known),
                "wrote": member.seat in wrote,
            }
        )
    data = submitted.data if submitted is not None else {}
    nothing = {"answered": 0, "replies": 0, "alone": 0}
    context = {
        **base(desk, "groups"),
        "paging": paging,
        "form_url": desk.url("groups"),
        "all_groups": list(standing.values_list("number", flat=True)),
        "merged": Group.objects.filter(
            cohort=desk.cohort, item=desk.version.item, merged_into__isnull=False
        ).count(),
        "least": groups.LEAST_ANSWERS,
        "typed": {name: data.get(name, "") for name in ("reason", "to", "member", "from")},
        "acted": submitted.action if submitted is not None else "",
        "groups": [
            {
                "number": group.number,
                "size": group.people,
                "people": people.get(group.pk, []),
                "quiet": numbers.get(group.number, nothing)["answered"] < groups.LEAST_ANSWERS,
                **(numbers.get(group.number) or nothing),
            }
            for group in found
        ],
    }
    return Screen(f"{TEMPLATES}desk_groups.html", context)


def merge(desk, step, data) -> Outcome:
    groups.merge_by_hand(desk, data.get("from", ""), data.get("to", ""), data.get("reason", ""))
    return Outcome(step="groups", message=_("The groups are one now, and everybody is told."))


def move_person(desk, step, data) -> Outcome:
    raw = str(data.get("member", ""))
    member, _dash, seen = raw.partition("-")
    if not (member.isascii() and member.isdigit()):
        message = _("Choose somebody.")
        raise Refused(message, code="nobody", fields={"member": message})
    groups.move(desk, int(member), seen, data.get("to", ""), data.get("reason", ""))
    return Outcome(step="groups", message=_("Moved, with what was written there."))


# -- who is missing -----------------------------------------------------------------------------


def missing_people(desk) -> list:
    """Everybody of the run who has no answer that stands: [(user id, seat)]."""
    answered = set(
        Post.objects.filter(
            cohort=desk.cohort,
            item=desk.version.item,
            kind=PostKind.INITIAL,
            valid=True,
            state__in=READABLE,
        ).values_list("voice", flat=True)
    )
    people = {member.seat: member.user for member in cohorts.members(desk.cohort)}
    rows = Participation.objects.filter(cohort=desk.cohort, item=desk.version.item)
    if not people:
        people = dict(rows.values_list("seat", "user_id"))
    excused = set(rows.filter(state="excused").values_list("seat", flat=True))
    return [
        (user, seat)
        for seat, user in people.items()
        if seat not in answered and seat not in excused
    ]


def missing_screen(desk, submitted=None) -> Screen:
    """Who has not answered, and a button that reminds them all."""
    from django.contrib.auth import get_user_model

    from .desk import base, paged

    missing = missing_people(desk)
    users = get_user_model().objects.filter(pk__in=[user for user, _seat in missing])
    people, paging = paged(desk, users.order_by("first_name", "last_name", "pk"))
    opened = dict(
        Participation.objects.filter(
            cohort=desk.cohort, item=desk.version.item, user__in=[user.pk for user in people]
        ).values_list("user_id", "last_seen_at")
    )
    reminded = set(
        Notification.objects.filter(
            user__in=[user.pk for user in people], key=notices.nudge_key(desk)
        ).values_list("user_id", flat=True)
    )
    context = {
        **base(desk, "missing"),
        "paging": paging,
        "form_url": desk.url("missing"),
        "open": talks.of_desk(desk).writable,
        "count": len(missing),
        "people": [
            {
                "name": person(user),
                "seen": moment(opened[user.pk], desk.language) if opened.get(user.pk) else "",
                "reminded": user.pk in reminded,
            }
            for user in people
        ],
    }
    return Screen(f"{TEMPLATES}desk_missing.html", context)


def nudge(desk, step, data) -> Outcome:
    if not talks.of_desk(desk).writable:
        raise Refused(
            _("The discussion is not open, so nobody could answer now."), code="closed", status=409
        )
    users = [user for user, _seat in missing_people(desk)]
    count = notices.nudge(desk, users)
    talks.log(talks.of_desk(desk).talk, "desk_nudged", desk.user, {"people": count})
    if not count:
        return Outcome(step="missing", message=_("Everybody concerned was reminded today already."))
    return Outcome(
        step="missing",
        message=ngettext("%(count)d person is reminded.", "%(count)d people are reminded.", count)
        % {"count": count},
    )


# -- what lives on, and the file ----------------------------------------------------------------


def archive_screen(desk, submitted=None) -> Screen:
    """Answers whose authors agree that later groups read them."""
    from .desk import base, paged, row

    if not desk.rules.reuse_archive:
        raise not_found()
    posts, paging = paged(desk, archive.consents(desk))
    context = {
        **base(desk, "archive"),
        "paging": paging,
        "form_url": desk.url("archive"),
        "posts": [{**row(desk, post), "held_back": post.held_back} for post in posts],
    }
    return Screen(f"{TEMPLATES}desk_archive.html", context)


def hold_back(desk, step, data) -> Outcome:
    post = (
        archive.consents(desk).filter(pk=data.get("post") or 0).first()
        if str(data.get("post", "")).isdigit()
        else None
    )
    if post is None:
        raise not_found()
    on = data.get("action") == "hold_back"
    archive.hold_back(post, on)
    talks.log(
        talks.of_desk(desk).talk, "desk_archive", desk.user, {"post": post.pk, "held_back": on}
    )
    return Outcome(step="archive", message=_("Noted."))


def export(desk, submitted=None) -> Download:
    """All posts of the run as CSV, streamed. Pseudonyms stay pseudonyms."""
    posts = (
        Post.objects.filter(cohort=desk.cohort, item=desk.version.item)
        .select_related("author", "parent", "parent__author")
        .order_by("group", "created_at", "pk")
    )
    header = [
        _("Number"), _("Group"), _("Author"), _("What it is"), _("Reply to"), _("Sent"),
        _("Characters"), _("Counts"), _("Late"), _("State"), _("Text"),
    ]  # fmt: skip
    yes, no = _("yes"), _("no")
    rows = (
        [
            post.pk,
            post.group,
            author_of(post, desk),
            post.get_kind_display(),
            author_of(post.parent, desk) if post.parent else "",
            post.created_at.isoformat(timespec="minutes"),
            post.length,
            yes if post.valid and post.readable else no,
            yes if post.late else no,
            post.get_state_display(),
            post.body,
        ]
        for post in posts.iterator(chunk_size=500)
    )
    talks.log(talks.of_desk(desk).talk, "desk_exported", desk.user, {})
    return table("discussion", header, rows)


ACTIONS = {
    "move": move,
    "lock": lock,
    "unlock": unlock,
    "summary": summarise,
    "merge": merge,
    "move_person": move_person,
    "nudge": nudge,
    "hold_back": hold_back,
    "offer": hold_back,
}
