"""The page tree: home, catalogue, courses with their sections and lessons, articles."""

from django.conf import settings
from django.db import models
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import (
    FieldPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PageChooserPanel,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.blocks import CharBlock, ListBlock
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageChooserBlock
from wagtail.models import Page, WorkflowPage
from wagtail.url_routing import RouteResult

from activities.core import registry
from activities.core.models import ItemPage
from activities.core.page_form import ScheduledPageForm

from .blocks import LessonBlock, ProseBlock
from .forms import CourseForm
from .framework import (  # noqa: F401 - Django finds an app's models here
    FrameworkVersion,
    LearningTheme,
    ResponsibleBody,
    Role,
    Skill,
    SkillGroup,
    Stage,
    TargetGroup,
)


def tabs(*tabs: tuple) -> TabbedInterface:
    """An edit form of (heading, panels) tabs, the last one holding the page's address."""
    return TabbedInterface(
        [
            *[ObjectList(panels, heading=heading) for heading, panels in tabs],
            ObjectList([*Page.promote_panels, PublishingPanel()], heading=_("Address and search")),
        ],
    )


class HomePage(Page):
    tagline = models.CharField(
        _("tagline"), max_length=200, help_text=_("One sentence below the title of the site.")
    )
    body = StreamField(
        ProseBlock(), blank=True, verbose_name=_("body"), help_text=_("Shown below the courses.")
    )

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "catalogue.CatalogPage",
        "catalogue.ArticlePage",
        "catalogue.SeminarReportPage",
    ]
    max_count_per_parent = 2
    template = "catalogue/home_page.html"
    edit_handler = tabs(
        (_("Content"), [*Page.content_panels, FieldPanel("tagline"), FieldPanel("body")])
    )

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request, *args, **kwargs):
        from .delivery_hooks import provider

        return {**super().get_context(request, *args, **kwargs), **provider().home(request, self)}


class CatalogPage(Page):
    intro = models.CharField(
        _("introduction"), max_length=300, blank=True, help_text=_("Shown above the courses.")
    )

    parent_page_types = ["catalogue.HomePage"]
    subpage_types = ["catalogue.CoursePage"]
    max_count_per_parent = 1
    # What is on offer is for everybody to see: the catalogue has an address of its own that asks
    # for no restriction.
    private_page_options: list[str] = []
    template = "catalogue/catalog_page.html"
    edit_handler = tabs((_("Content"), [*Page.content_panels, FieldPanel("intro")]))

    class Meta:
        verbose_name = _("catalogue")

    def get_context(self, request, *args, **kwargs):
        from .delivery_hooks import provider

        return {
            **super().get_context(request, *args, **kwargs),
            **provider().catalogue(request, self),
        }


class Level(models.TextChoices):
    FOUNDATION = "foundation", _("Foundation")
    INTERMEDIATE = "intermediate", _("Intermediate")
    ADVANCED = "advanced", _("Advanced")


class Pacing(models.TextChoices):
    ROLLING = "rolling", _("Learn at any time")
    COHORT = "cohort", _("Learn with a cohort")


class CoursePage(Page):
    """A course as its author edits it. What learners see comes from the course's release."""

    code = models.CharField(
        _("course code"), max_length=20, help_text=_("Short and lasting, for example DL-101.")
    )
    summary = models.TextField(
        _("summary"), help_text=_("Two or three sentences: what people will be able to do.")
    )
    outcomes = StreamField(
        [("outcome", CharBlock(label=_("Outcome")))],
        blank=True,
        verbose_name=_("outcomes"),
        help_text=_("“Having finished, you can …”: one line each."),
    )
    target_groups = ParentalManyToManyField(
        TargetGroup,
        blank=True,
        related_name="+",
        verbose_name=_("target groups"),
        help_text=_("For whom the course is meant."),
    )
    skill_groups = ParentalManyToManyField(
        SkillGroup,
        blank=True,
        related_name="+",
        verbose_name=_("skill groups"),
        help_text=_("Which groups of skills it develops."),
    )
    level = models.CharField(
        _("level"),
        max_length=12,
        choices=Level,
        default=Level.FOUNDATION,
        help_text=_("How much one should know already."),
    )
    pacing = models.CharField(
        _("pacing"),
        max_length=8,
        choices=Pacing,
        default=Pacing.ROLLING,
        help_text=_("Whether people start when they like, or together on a date."),
    )

    base_form_class = CourseForm
    parent_page_types = ["catalogue.CatalogPage"]
    edit_handler = tabs(
        (
            _("Content"),
            [
                *Page.content_panels,
                FieldPanel("code"),
                FieldPanel("summary"),
                FieldPanel("outcomes"),
            ],
        ),
        (
            _("For whom"),
            [
                FieldPanel("target_groups"),
                FieldPanel("skill_groups"),
                MultiFieldPanel(
                    [FieldPanel("level"), FieldPanel("pacing")], heading=_("Level and pacing")
                ),
                InlinePanel(
                    "prerequisites",
                    heading=_("Courses to complete before"),
                    label=_("Course to complete before"),
                    help_text=_("Enrolling asks for them, unless an instructor enrols somebody."),
                ),
            ],
        ),
    )

    class Meta:
        verbose_name = _("course")

    @classmethod
    def clean_subpage_models(cls):
        # Activity kinds are installed apps, so the list is the registry's and not written down.
        return [SectionPage, *registry.page_models()]

    @cached_property
    def nearest_workflow(self):
        """The active workflow of the page or of its nearest ancestor; None without one."""
        steps = range(self.steplen, len(self.path) + 1, self.steplen)
        assigned = WorkflowPage.objects.filter(
            page__path__in=[self.path[:end] for end in steps], workflow__active=True
        )
        nearest = assigned.select_related("workflow").order_by("-page__depth").first()
        return nearest.workflow if nearest else None

    # The form of a page asks five times, and Wagtail answers each time with one query to four.
    def get_workflow(self):
        return (
            self.nearest_workflow if getattr(settings, "WAGTAIL_WORKFLOW_ENABLED", True) else None
        )

    @property
    def has_workflow(self):
        return self.get_workflow() is not None

    def route(self, request, path_components):
        # Who is enrolled finds a withdrawn course here; for all others `serve` says what is true.
        if not path_components and not self.live:
            return RouteResult(self)
        return super().route(request, path_components)

    def serve(self, request, *args, **kwargs):
        from .delivery_hooks import provider

        response = provider().course_page(request, self)
        if response is None:
            raise Http404
        return response

    def serve_preview(self, request, mode_name):
        from .delivery_hooks import provider

        return provider().course_preview(request, self)


class Prerequisite(ClusterableModel):
    """A course that has to be completed before another one."""

    page = ParentalKey(CoursePage, on_delete=models.CASCADE, related_name="prerequisites")
    course = models.ForeignKey(
        CoursePage, on_delete=models.CASCADE, related_name="+", verbose_name=_("course")
    )

    panels = [PageChooserPanel("course", "catalogue.CoursePage")]

    class Meta:
        verbose_name = _("course to complete before")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["page", "course"], name="required_before_once"),
            models.CheckConstraint(
                condition=~models.Q(page=models.F("course")),
                name="no_course_is_required_before_itself",
            ),
        ]

    def __str__(self):
        return str(self.course_id)


class SectionPage(Page):
    """Groups items of a longer course under a heading."""

    base_form_class = ScheduledPageForm
    parent_page_types = ["catalogue.CoursePage"]
    edit_handler = tabs((_("Content"), Page.content_panels))

    class Meta:
        verbose_name = _("section")

    @classmethod
    def clean_subpage_models(cls):
        return registry.page_models()

    def serve(self, request, *args, **kwargs):
        from django.shortcuts import redirect

        return redirect(self.get_parent().get_url(request))

    def serve_preview(self, request, mode_name):
        return self.get_parent().specific.serve_preview(request, mode_name)


class LessonPage(ItemPage):
    """Something to read, watch or listen to; counts as lecture."""

    kind_name = "lesson"

    body = StreamField(LessonBlock(), verbose_name=_("content"), blank=True)

    edit_handler = ItemPage.tabs((_("Lesson"), [FieldPanel("body")]))

    class Meta:
        verbose_name = _("lesson")


class ArticlePage(Page):
    body = StreamField(ProseBlock(), verbose_name=_("content"), blank=True)

    parent_page_types = ["catalogue.HomePage"]
    subpage_types: list[str] = []
    template = "catalogue/article_page.html"
    edit_handler = tabs((_("Content"), [*Page.content_panels, FieldPanel("body")]))

    class Meta:
        verbose_name = _("article")


class SeminarReportPage(Page):
    """What happened at a seminar: when, where, pictures, the paper to take home."""

    date = models.DateField(
        _("date"),
        default=timezone.localdate,
        help_text=_("Shown with the year of the Buddhist era."),
    )
    venue = models.CharField(_("venue"), max_length=200, help_text=_("Where it took place."))
    body = StreamField(ProseBlock(), verbose_name=_("content"), blank=True)
    gallery = StreamField(
        [
            (
                "pictures",
                ListBlock(ImageChooserBlock(label=_("Picture")), label=_("Pictures")),
            )
        ],
        blank=True,
        verbose_name=_("gallery"),
        help_text=_("Pictures of the day; each uses the description given to the image."),
    )
    report = models.ForeignKey(
        "wagtaildocs.Document",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("report (PDF)"),
        help_text=_("Offered for download."),
    )

    parent_page_types = ["catalogue.HomePage"]
    subpage_types: list[str] = []
    template = "catalogue/seminar_report_page.html"
    edit_handler = tabs(
        (
            _("Content"),
            [*Page.content_panels, FieldPanel("date"), FieldPanel("venue"), FieldPanel("body")],
        ),
        (_("Gallery and report"), [FieldPanel("gallery"), FieldPanel("report")]),
    )

    class Meta:
        verbose_name = _("seminar report")
