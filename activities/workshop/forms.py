"""What learners and instructors fill in: worksheets and rubrics, read and checked.

A form that is not right is refused as a whole, with a message for each field, so that everything
can be put right in one go.
"""

import uuid

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.core import substance
from activities.core.errors import Refused

MOST_CHARS = 6000


def key_of(data) -> uuid.UUID:
    """The form's own id, by which a repeated sending is recognised."""
    try:
        return uuid.UUID(str(data.get("key", "")))
    except ValueError:
        return uuid.uuid4()


def clean(value) -> str:
    return str(value or "").replace("\r\n", "\n").replace("\x00", "").strip()


def refuse(fields: dict[str, str], code: str) -> Refused:
    """One refusal for all that is not right; a single message speaks for itself."""
    if len(fields) == 1:
        return Refused(next(iter(fields.values())), code=code, fields=fields)
    message = ngettext(
        "%(count)d place needs your attention. What you wrote is kept.",
        "%(count)d places need your attention. What you wrote is kept.",
        len(fields),
    ) % {"count": len(fields)}
    return Refused(message, code=code, fields=fields)


def too_long(text: str) -> str:
    return _("At most %(most)d characters (now %(now)d)") % {"most": MOST_CHARS, "now": len(text)}


# -- worksheets ---------------------------------------------------------------------------------


def worksheet_of(data, rules) -> dict[str, str]:
    """The texts of a worksheet's fields as they were sent, unchecked."""
    return {field.key: clean(data.get(f"field-{field.key}")) for field in rules.text_fields}


def check_worksheet(values: dict[str, str], content, rules, lacking: dict | None = None) -> None:
    """Raises `Refused` unless every required field has enough in it, in the author's own words.

    `content` names the fields in the reader's language, `rules` says what is asked; `lacking` is
    what the files lack, so that everything is said at once.
    """
    wrong = {}
    for field in rules.text_fields:
        text = values.get(field.key, "")
        label = (content.field(field.key) or field).label
        now = substance.length(text)
        if len(text) > MOST_CHARS:
            message = too_long(text)
        elif field.required and (not text or now < max(1, field.min_chars)):
            message = _("“%(field)s” needs at least %(least)d characters (now %(now)d).") % {
                "field": label,
                "least": max(1, field.min_chars),
                "now": now,
            }
        elif text and copied_from_a_sample(text, content, rules):
            message = _(
                "“%(field)s” is the same as a sample by more than 80 per cent. Please write about "
                "your own work."
            ) % {"field": label}
        else:
            continue
        wrong[f"field-{field.key}"] = message
    wrong |= lacking or {}
    if wrong:
        raise refuse(wrong, "worksheet")


def copied_from_a_sample(text: str, content, rules) -> bool:
    own = substance.shingles(substance.normalise(text))
    if not own:
        return False
    samples = (*rules.sample_shingles, *(() if content is rules else content.sample_shingles))
    return any(len(own & sample) / len(own) >= substance.COPIED_FROM for sample in samples)


# -- rubrics ------------------------------------------------------------------------------------


def scores_of(data, content, rules, *, reasons: bool = True) -> dict:
    """The points and reasons of a filled-in rubric: {criterion: {points, comment}}.

    Raises `Refused` for what is missing or outside the scale. `reasons` says whether the reasons
    that criteria ask for are needed.
    """
    scores, wrong = {}, {}
    for criterion in rules.criteria:
        name = (content.criterion(criterion.key) or criterion).name
        sent = clean(data.get(f"points-{criterion.key}"))
        comment = clean(data.get(f"comment-{criterion.key}"))
        if sent == "":
            wrong[f"points-{criterion.key}"] = _("Choose a level for “%(criterion)s”.") % {
                "criterion": name
            }
        elif not sent.isascii() or not sent.isdigit() or not criterion.allows(int(sent[:6])):
            wrong[f"points-{criterion.key}"] = _(
                "The points for “%(criterion)s” must be between %(least)d and %(most)d."
            ) % {"criterion": name, "least": criterion.least, "most": criterion.most}
        if len(comment) > MOST_CHARS:
            wrong[f"comment-{criterion.key}"] = too_long(comment)
        elif reasons and criterion.comment_required:
            least, now = max(1, criterion.min_chars), substance.length(comment)
            if now < least:
                wrong[f"comment-{criterion.key}"] = _(
                    "Give your reason under “%(criterion)s”: at least %(least)d characters "
                    "(now %(now)d)."
                ) % {"criterion": name, "least": least, "now": now}
        if not wrong.get(f"points-{criterion.key}"):
            scores[criterion.key] = {"points": int(sent), "comment": comment}
    if wrong:
        raise Wrong(wrong, scores)
    return scores


class Wrong(Exception):
    """What is not right in a rubric, before the rest of the form has been looked at."""

    def __init__(self, fields: dict, scores: dict):
        super().__init__(fields)
        self.fields = fields
        self.scores = scores


def review_of(data, content, rules, sources=(), *, reasons: bool = True, least: int | None = None):
    """(scores, overall feedback) of a review. `sources` are texts that may not be repeated.

    Raises `Refused` with every message at its field.
    """
    least = rules.min_chars_comment if least is None else least
    wrong, scores = {}, {}
    try:
        scores = scores_of(data, content, rules, reasons=reasons)
    except Wrong as error:
        wrong = dict(error.fields)
    overall = clean(data.get("overall"))
    now = substance.length(overall)
    if len(overall) > MOST_CHARS:
        wrong["overall"] = too_long(overall)
    elif now < least:
        wrong["overall"] = _(
            "Write feedback of at least %(least)d characters (now %(now)d): what is good, what "
            "could be better, and how."
        ) % {"least": least, "now": now}
    elif overall and substance.copied_from(overall, sources):
        wrong["overall"] = _(
            "More than 80 per cent of this text is the same as one that is already here. Please "
            "write it in your own words."
        )
    if wrong:
        raise refuse(wrong, "review")
    return scores, overall
