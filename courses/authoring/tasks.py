from celery import shared_task

from .files.run import run
from .models import CourseImport


@shared_task
def run_import(job_id: str, apply: bool) -> None:
    """Check or import an uploaded course file. Done once: what is over is not done again."""
    wanted = CourseImport.State.IMPORTING if apply else CourseImport.State.CHECKING
    job = CourseImport.objects.select_related("user").filter(pk=job_id, state=wanted).first()
    if job is not None:
        run(job, apply=apply)
