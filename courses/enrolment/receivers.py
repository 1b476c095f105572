from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.models import PageViewRestriction, ReferenceIndex

from activities.core.signals import participation_changed, shared_texts_changed
from courses.catalogue.models import ArticlePage, LessonPage, SeminarReportPage
from courses.releases.settle import SEARCH_SOURCE, courses_of
from courses.releases.signals import course_settled
from search import outbox
from search.documents import document_read

from .enrol import ensure_rolling_run
from .progress import note_progress


@receiver(participation_changed)
def participation_has_changed(sender, participation, **kwargs):
    note_progress(participation)


@receiver(course_settled)
def course_has_settled(sender, state, **kwargs):
    """A course on offer that people take when they like has one run that never ends."""
    if state.current_id is not None:
        ensure_rolling_run(state.course)


@receiver(shared_texts_changed)
def posts_have_changed(sender, participation, **kwargs):
    outbox.changed("posts", str(participation.pk))


@receiver([post_save, post_delete], sender=ArticlePage)
@receiver([post_save, post_delete], sender=SeminarReportPage)
def site_page_has_changed(sender, instance, **kwargs):
    outbox.changed("pages", str(instance.pk))


@receiver([post_save, post_delete], sender=PageViewRestriction)
def restriction_has_changed(sender, instance, **kwargs):
    for page in instance.page.get_descendants(inclusive=True).type(ArticlePage, SeminarReportPage):
        outbox.changed("pages", str(page.pk))


@receiver(document_read)
def document_was_read(sender, document, **kwargs):
    """The courses whose lessons offer it are indexed anew."""
    pages = ReferenceIndex.get_references_to(document).values_list("object_id", flat=True)
    lessons = LessonPage.objects.filter(pk__in=[pk for pk in pages if str(pk).isdigit()])
    for lesson in lessons:
        for course in courses_of(lesson.path, lesson.translation_key):
            outbox.changed(SEARCH_SOURCE, str(course), again=True)
