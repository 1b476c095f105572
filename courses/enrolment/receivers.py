from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, PageViewRestriction, ReferenceIndex
from wagtail.signals import page_slug_changed, post_page_move

from activities.core import notices
from activities.core.signals import participation_changed, shared_texts_changed
from courses.catalogue.models import ArticlePage, LessonPage, SeminarReportPage
from courses.releases.messages import in_all_languages
from courses.releases.settle import SEARCH_SOURCE, courses_of
from courses.releases.signals import course_settled
from search import outbox
from search.documents import PROBLEMS, document_read

from . import kept
from .enrol import ensure_rolling_run
from .models import Enrolment
from .progress import note_progress
from .search_source import SitePages
from .standing import told

DOCUMENT_UNREAD = notices.Notice(
    "document_unread",
    _("A document of yours cannot be searched"),
    _("“%(title)s” cannot be searched. %(problem)s"),
    subject="teaching",
)
notices.register(DOCUMENT_UNREAD)
user_logged_in.connect(kept.after_signing_in, dispatch_uid="give-back-kept-texts")


@receiver(participation_changed)
def participation_has_changed(sender, participation, visit=True, **kwargs):
    note_progress(participation, visit=visit)


@receiver(post_save, sender=Enrolment)
def enrolment_was_saved(sender, instance, created, update_fields=None, **kwargs):
    stood = instance._stood
    if instance.has_moved(created, update_fields):
        told([instance.user_id, stood[0] if stood else None])


@receiver(post_delete, sender=Enrolment)
def enrolment_was_deleted(sender, instance, **kwargs):
    told([instance.user_id])


@receiver(course_settled)
def course_has_settled(sender, state, **kwargs):
    """A course on offer that people take when they like has one run that never ends."""
    if state.current_id is not None and state.current.outline["pacing"] == "rolling":
        ensure_rolling_run(state.course)


@receiver(shared_texts_changed)
def posts_have_changed(sender, participation, **kwargs):
    outbox.changed("posts", str(participation.pk))


@receiver([post_save, post_delete], sender=ArticlePage)
@receiver([post_save, post_delete], sender=SeminarReportPage)
def site_page_has_changed(sender, instance, **kwargs):
    outbox.changed("pages", str(instance.pk))


@receiver([post_save, post_delete], sender=Page)
def plain_page_has_changed(sender, instance, **kwargs):
    """Wagtail expires pages through plain rows, which send no signal of their own kind."""
    if issubclass(instance.specific_class or Page, SitePages.models):
        outbox.changed("pages", str(instance.pk))


@receiver([post_page_move, page_slug_changed])
def place_has_changed(sender, instance, **kwargs):
    """What stands below a page has another address then, or other restrictions; it is not saved itself."""
    note_pages_below(instance)


@receiver([post_save, post_delete], sender=PageViewRestriction)
def restriction_has_changed(sender, instance, **kwargs):
    note_pages_below(instance.page)


def note_pages_below(page) -> None:
    # The instance may still say where it was.
    for place in Page.objects.filter(pk=page.pk):
        below = place.get_descendants(inclusive=True).type(*SitePages.models)
        for pk in below.values_list("pk", flat=True):
            outbox.changed("pages", str(pk))


@receiver(document_read)
def document_was_read(sender, document, row, **kwargs):
    """The courses whose lessons offer it are indexed anew; who uploaded a file that cannot be read is
    told, and nothing else stops."""
    if row.problem and document.uploaded_by_user_id:
        notices.notify(
            [document.uploaded_by_user_id],
            DOCUMENT_UNREAD.name,
            key=f"document-{document.pk}-{row.fingerprint}"[:120],
            params={
                "title": document.title,
                "problem": in_all_languages(lambda: str(PROBLEMS[row.problem])),
            },
            url=reverse("wagtaildocs:edit", args=[document.pk]),
        )
    pages = ReferenceIndex.get_references_to(document).values_list("object_id", flat=True)
    lessons = LessonPage.objects.filter(pk__in=[pk for pk in pages if str(pk).isdigit()])
    for lesson in lessons:
        for course in courses_of(lesson.path, lesson.translation_key):
            outbox.changed(SEARCH_SOURCE, str(course), again=True)
