"""How people are called in a thread."""

from django.utils.translation import gettext as _

from .enums import PostKind


def person(user) -> str:
    """Somebody's name; the address up to its @ when no name was given."""
    return user.get_full_name() or user.email.partition("@")[0]


def author_of(post, content) -> str:
    """Who wrote a post, as everybody may read it. `content` names the sample voices."""
    if post.kind == PostKind.SEED:
        voice = content.seed_voice(post.seed_key)
        return voice.author if voice else post.seed_author
    if post.author_id is None:
        return _("Learner who deleted the account")
    return person(post.author)
