"""How people are called in a thread."""

from django.utils.translation import gettext as _

from .enums import PostKind
from .models import Reveal


def person(user) -> str:
    """Somebody's name; the address up to its @ when no name was given."""
    return user.get_full_name() or user.email.partition("@")[0]


def pseudonym(alias: int) -> str:
    """What a learner is called where names are not shown."""
    return _("Learner %(number)d") % {"number": alias}


def author_of(post, place) -> str:
    """Who wrote a post, as everybody may read it. `place` is a visit or a desk: its content names the
    sample voices, its rules say whether names are shown (a translation cannot decide that)."""
    if post.kind == PostKind.SEED:
        voice = place.content.seed_voice(post.seed_key)
        return voice.author if voice else post.seed_author
    if post.kind == PostKind.ARCHIVE:
        return _("Somebody from an earlier group")
    if post.author_id is None:
        return _("Learner who deleted the account")
    if place.rules.pseudonymous and post.kind != PostKind.FACILITATOR:
        return pseudonym(post.alias)
    return person(post.author)


def revealed(desk) -> set:
    """The seats whose names this facilitator has asked for, with a reason. No query where names are
    shown anyway."""
    if not desk.rules.pseudonymous:
        return set()
    found = Reveal.objects.filter(by=desk.user, cohort=desk.cohort, item=desk.version.item)
    return set(found.values_list("seat", flat=True))


def is_revealed(participation, by) -> bool:
    """Whether this facilitator has asked for the name behind a pseudonym, with a reason."""
    return Reveal.objects.filter(by=by, seat=participation.seat, item=participation.item).exists()


def learner_name(desk, participation, member, wrote: bool, known: set) -> str:
    """What a facilitator reads: the pseudonym where names are not shown and something was written
    that the name would belong to."""
    hidden = desk.rules.pseudonymous and wrote and participation.seat not in known
    if hidden and member is not None:
        return pseudonym(member.alias)
    return person(participation.user)
