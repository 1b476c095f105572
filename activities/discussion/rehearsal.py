"""A discussion at the moments that an author wants to look at. Everything here is undone."""

import uuid

from django.utils.translation import gettext as _

from activities.core.errors import Refused
from activities.core.rehearsal import stand_in_text

from . import queries, screens
from .enums import PostKind
from .standing import seen_by, settle_visit
from .writing import Sent, mark_read, place_sample_voices, write


def modes(content) -> list[tuple[str, str]]:
    found = [("after", _("After the first answer")), ("reply", _("Replying to somebody"))]
    if content.synthesis:
        found.append(("conclusion", _("Writing the conclusion")))
    return [*found, ("done", _("At the end"))]


def screen(visit, mode: str, step: str):
    if not visit.rules.prompts:
        raise Refused(_("Write a prompt first."), code="no_prompt")
    answer(visit)
    if mode in ("conclusion", "done"):
        take_part(visit)
        if mode == "done" and visit.rules.synthesis:
            write(visit, text(visit, visit.rules.min_chars_synthesis), PostKind.SYNTHESIS)
            settle_visit(visit)
        return screens.screen(visit, step)
    match = screens.STEP.fullmatch(step)
    if match and match[1] != "page":
        # Posts are made anew for every look, so the one that a link names is gone: any will do.
        step = f"{match[1]}-{own_post(visit) if match[1] in OWN else first_post(visit)}"
    elif mode == "reply" and not step:
        step = f"reply-{first_post(visit)}"
    return screens.screen(visit, step)


OWN = ("edit", "delete", "appeal")


def text(visit, chars: int) -> Sent:
    return Sent(body=stand_in_text(visit.language, chars), confirmed=True, key=uuid.uuid4())


def answer(visit) -> None:
    """Two others have answered, then the learner; the sample voices are in the room."""
    for name in (_("First colleague"), _("Second colleague")):
        other = visit.beside(name)
        sent = text(visit, visit.rules.min_chars_initial)
        write(other, sent, PostKind.INITIAL, prompt=visit.rules.prompts[0].key)
    for prompt in visit.rules.prompts:
        sent = text(visit, visit.rules.min_chars_initial)
        write(visit, sent, PostKind.INITIAL, prompt=prompt.key)
    place_sample_voices(visit)
    settle_visit(visit)


def others(visit) -> list[int]:
    return list(
        queries.room(visit.participation)
        .exclude(voice=visit.participation.seat)
        .filter(kind__in=[PostKind.SEED, PostKind.INITIAL])
        .order_by("-kind", "pk")
        .values_list("pk", flat=True)
    )


def first_post(visit) -> int:
    return others(visit)[0]


def own_post(visit) -> int:
    return queries.own(visit.participation).values_list("pk", flat=True)[0]


def take_part(visit) -> None:
    """Read and reply as much as is asked."""
    participation, rules = visit.participation, visit.rules
    roots = list(queries.room(participation).filter(pk__in=others(visit)))
    for root in roots[: seen_by(visit).needed_replies]:
        sent = text(visit, rules.min_chars_reply)
        write(visit, sent, PostKind.REPLY, parent=root, root=root, prompt=root.prompt)
        queries.count_answers(root)
    mark_read(participation, [root.pk for root in roots], set())
    settle_visit(visit)
