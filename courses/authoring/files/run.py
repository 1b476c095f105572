"""Checking and importing an uploaded file, apart from any request."""

import logging
import tempfile
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from courses.authoring.models import CourseImport
from courses.catalogue.course_file import CourseFileRefused, Report, import_courses
from courses.releases.cut import candidate
from courses.releases.delivery import current_release
from courses.releases.refusals import texts_of

from .archive import NotUsable, unpack

logger = logging.getLogger("sala.authoring")
State = CourseImport.State


def language_of(user) -> str:
    profile = getattr(user, "wagtail_userprofile", None)
    return (profile and profile.preferred_language) or user.preferred_language


def run(job: CourseImport, *, apply: bool) -> None:
    """Check the file, or import it. What comes of it is written into the job. Never raises."""
    ratios: list[dict] = []

    def check(page) -> list[str]:
        result = candidate(page)
        release = current_release(page.translation_key)
        ratios.append(
            {
                "title": page.title,
                "before": minutes(release.mix) if release else None,
                "after": minutes(result.mix),
            }
        )
        return [] if result.passes else texts_of(result, draft_saved=False)

    def progress(done: int, total: int) -> None:
        # Inside the import's transaction: seen by others when it is over.
        job.percent = 100 * done // total

    with translation.override(language_of(job.user)):
        try:
            with tempfile.TemporaryDirectory() as folder:
                file = unpack(job.name, bytes(job.content), Path(folder))
                report = import_courses(
                    file,
                    dry_run=not apply,
                    remove_rest=job.remove_rest,
                    check=check,
                    progress=progress,
                )
        except NotUsable as error:
            refuse(job, [{"line": None, "path": "", "message": str(error)}])
        except CourseFileRefused as error:
            refuse(
                job,
                [
                    {"line": p.line, "path": p.path, "message": str(p.message)}
                    for p in error.problems
                ],
            )
        except Exception:  # whatever a file brings about is told, and the log has the rest
            logger.exception("Could not import %s", job.name)
            message = _("Something went wrong that is not your fault. Please tell your operator.")
            job.problems = [{"line": None, "path": "", "message": message}]
            job.state = State.FAILED
        else:
            job.report = as_json(report) | {"ratios": ratios}
            job.problems = []
            job.percent = 100
            job.state = State.DONE if apply else State.READY
    job.save(update_fields=["state", "percent", "report", "problems"])


def minutes(mix) -> list[int]:
    return [mix.lecture, mix.active, mix.neutral]


def refuse(job: CourseImport, problems: list[dict]) -> None:
    job.problems, job.state = problems, State.REFUSED


def as_json(report: Report) -> dict:
    return {
        "created": report.created,
        "changed": [
            {"title": title, "fields": report.details.get(title, [])} for title in report.changed
        ],
        "unchanged": len(report.unchanged),
        "moved": report.moved,
        "removed": report.removed,
        "left": sorted(set(report.left)),
        "courses": [str(course) for course in report.courses],
    }
