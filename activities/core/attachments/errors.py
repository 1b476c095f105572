"""Why a file was refused, in words for whoever sent it."""

from django.utils.translation import gettext as _

from activities.core.errors import Refused


def bad_file(message: str, code: str, *, status: int = 422) -> Refused:
    """The message stands at the field `files`, wherever the form is."""
    return Refused(message, code=code, status=status, fields={"files": message})


def not_kept() -> Refused:
    return bad_file(
        _(
            "Files cannot be kept at the moment. What you wrote is kept; send the file later. If it "
            "stays like this, tell those who run the site."
        ),
        "not_kept",
        status=503,
    )


def damaged(name: str) -> Refused:
    return bad_file(
        _(
            "“%(name)s” cannot be opened: it is damaged or protected. Open it on your device, save it "
            "again without a password, and send that."
        )
        % {"name": name},
        "damaged",
    )


def not_what_it_says(name: str) -> Refused:
    return bad_file(
        _(
            "“%(name)s” is not what its name says. Save it again in the program that made it, and "
            "send that file."
        )
        % {"name": name},
        "wrong_type",
    )


def active_content(name: str) -> Refused:
    return bad_file(
        _(
            "“%(name)s” holds macros, scripts or embedded programs. Save a copy without them, for "
            "example as PDF, and send that."
        )
        % {"name": name},
        "active_content",
    )


def reaches_out(name: str) -> Refused:
    return bad_file(
        _(
            "“%(name)s” loads parts from other files or from the internet. Put everything into the "
            "file itself, or save it as PDF, and send that."
        )
        % {"name": name},
        "external_reference",
    )


def too_much_inside(name: str) -> Refused:
    return bad_file(
        _("“%(name)s” holds too much when it is unpacked. Save it as PDF, and send that.")
        % {"name": name},
        "unpacks_too_large",
    )
