"""Choosing a course, then what of it to copy."""

from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.paginator import WagtailPaginator

from activities.core import registry
from courses.authoring.templates.views import DeskView
from courses.catalogue.models import CoursePage, SectionPage

from . import copying

PER_PAGE = 50


class ChooseCourse(DeskView):
    models = (CoursePage, SectionPage)
    page_title = gettext_lazy("Copy from another course")
    header_icon = "copy"
    template_name = "authoring/duplicate/courses.html"

    def get_context_data(self, **kwargs):
        query = self.request.GET.get("q", "").strip()
        courses = copying.courses_seen_by(self.request.user, besides=self.course)
        if query:
            courses = courses.filter(title__icontains=query) | courses.filter(code__icontains=query)
        page = WagtailPaginator(courses, PER_PAGE).get_page(self.request.GET.get("p"))
        rows = [
            {
                "course": course,
                "url": reverse("authoring_duplicate_parts", args=[self.page.pk, course.pk]),
            }
            for course in page
        ]
        return super().get_context_data(rows=rows, page_obj=page, query=query, **kwargs)

    @cached_property
    def course(self) -> CoursePage:
        return CoursePage.objects.ancestor_of(self.page, inclusive=True).get()


class ChooseParts(ChooseCourse):
    template_name = "authoring/duplicate/parts.html"

    def setup(self, request, pk, source, *args, **kwargs):
        super().setup(request, pk, *args, **kwargs)
        seen = copying.courses_seen_by(request.user, besides=self.course)
        self.source = get_object_or_404(seen, pk=source)

    @cached_property
    def parts(self) -> list:
        return copying.parts_of(self.source)

    def get_context_data(self, **kwargs):
        rows = [
            {
                "page": part,
                "nested": depth > 1,
                "is_section": isinstance(part, SectionPage),
                "kind": _("section") if isinstance(part, SectionPage) else self.kind_of(part),
            }
            for part, depth in self.parts
        ]
        return super().get_context_data(source=self.source, parts=rows, **kwargs)

    def kind_of(self, part) -> str:
        try:
            return str(part.kind.label)
        except registry.UnknownKind:
            return part.kind_name

    def post(self, request, *args, **kwargs):
        wanted = set(request.POST.getlist("part"))
        chosen = [part for part, _depth in self.parts if str(part.pk) in wanted]
        if not chosen:
            messages.error(request, _("Choose at least one item or section."))
            return self.render_to_response(self.get_context_data(), status=422)
        done = copying.copy_parts(chosen, self.page, request.user)
        if done.pages:
            titles = dict.fromkeys(
                page.title for page in done.pages if page.locale_id == self.page.locale_id
            )
            languages = dict.fromkeys(str(page.locale) for page in done.pages)
            messages.success(
                request,
                ngettext(
                    "Copied as a draft, in %(languages)s: %(titles)s.",
                    "Copied as drafts, in %(languages)s: %(titles)s.",
                    len(titles),
                )
                % {"languages": ", ".join(languages), "titles": ", ".join(titles)},
            )
        for sentence in done.left_out:
            messages.warning(request, sentence)
        return redirect("wagtailadmin_explore", self.page.pk)
