"""Choosing a template, building from it, and filling in what it leaves open."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.pages.utils import get_breadcrumbs_items_for_page
from wagtail.models import Locale, Page

from activities.core import registry
from activities.core.placeholders import PLACEHOLDER
from courses.authoring.places import free_slug, in_all_languages, open_to
from courses.catalogue.models import CatalogPage, CoursePage, SectionPage
from courses.releases.mix import Mix

from . import build, fill, library

SLUG = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]*\Z", gettext_lazy("Use small Latin letters, digits and hyphens.")
)


class DeskView(WagtailAdminTemplateMixin, View):
    """A page of the desk about one page of the tree."""

    models: tuple = ()

    def setup(self, request, pk, *args, **kwargs):
        super().setup(request, pk, *args, **kwargs)
        self.page = get_object_or_404(Page, pk=pk).specific
        if not isinstance(self.page, self.models):
            raise Http404
        if not self.allowed():
            raise PermissionDenied

    def allowed(self) -> bool:
        return self.page.permissions_for_user(self.request.user).can_add_subpage()

    def get_page_subtitle(self):
        return self.page.get_admin_display_title()

    def get_breadcrumbs_items(self):
        trail = get_breadcrumbs_items_for_page(self.page, self.request.user)
        return [*trail, {"url": "", "label": self.page_title}]

    def get(self, request, *args, **kwargs):
        return self.render_to_response(self.get_context_data())


def language() -> str:
    return (get_language() or "th")[:2]


def row(template) -> dict:
    return {
        "name": template.name,
        "title": library.in_language(template.title, language()),
        "about": library.in_language(template.about, language()),
        "minutes": template.minutes,
    }


class ItemTemplates(DeskView):
    """The templates by kind; choosing one makes drafts and opens the editor."""

    models = (CoursePage, SectionPage)
    page_title = gettext_lazy("Add from a template")
    header_icon = "copy"
    template_name = "authoring/templates/items.html"

    def get_context_data(self, **kwargs):
        groups: dict[str, dict] = {}
        for template in library.templates():
            kind = registry.get(template.kind)
            group = groups.setdefault(kind.name, {"label": kind.label, "rows": []})
            preview = reverse("authoring_template_preview", args=[template.name, self.language])
            group["rows"].append({**row(template), "preview_url": preview})
        parents = open_to(self.request.user, in_all_languages(self.page))
        return super().get_context_data(
            groups=groups.values(),
            languages=[str(parent.locale) for parent in parents],
            course_page=self.page,
            **kwargs,
        )

    @property
    def language(self) -> str:
        return self.page.locale.language_code

    def post(self, request, *args, **kwargs):
        template = library.template(request.POST.get("template", ""))
        if template is None:
            messages.error(request, _("Choose one of the templates."))
            return self.render_to_response(self.get_context_data(), status=422)
        made = build.add_item(template, self.page, request.user)
        here = next((page for page in made if page.locale_id == self.page.locale_id), made[0])
        count = len(fill.open_places(here))
        text = _("“%(title)s” is there as a draft in: %(languages)s.") % {
            "title": here.title,
            "languages": ", ".join(str(page.locale) for page in made),
        }
        if count:
            text += " " + ngettext(
                "%(count)d place marked « » waits for your own words.",
                "%(count)d places marked « » wait for your own words.",
                count,
            ) % {"count": count}
        messages.success(request, text)
        return redirect("wagtailadmin_pages:edit", here.pk)


def preview(request, name: str, code: str):
    """A template as a learner would see it, in a language; nothing is made."""
    template = library.template(name)
    locale = Locale.objects.filter(language_code=code).first()
    if template is None or locale is None:
        raise Http404
    page = build.page_of(template, code, locale=locale, slug=template.name)
    return page.make_preview_request(request, request.GET.get("mode", ""))


# -- whole courses ------------------------------------------------------------------------------


class CourseForm(forms.Form):
    """What a new course needs beside its template."""

    template = forms.ChoiceField(
        label=gettext_lazy("Template"), widget=forms.RadioSelect, help_text=""
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "The course is made in each of them; they are linked as translations."
        ),
    )
    code = forms.CharField(
        label=gettext_lazy("course code"),
        max_length=20,
        help_text=gettext_lazy("Short and lasting, for example DL-101."),
    )
    slug = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=100,
        validators=[SLUG],
        help_text=gettext_lazy("The end of the course's address, for example service-design."),
    )

    def __init__(self, *args, catalogues: list, **kwargs):
        super().__init__(*args, **kwargs)
        self.catalogues = catalogues
        self.fields["template"].choices = [
            (one.name, library.in_language(one.title, language()))
            for one in library.course_templates()
        ]
        locales = [catalogue.locale for catalogue in catalogues]
        self.fields["languages"].choices = [(one.language_code, str(one)) for one in locales]
        self.fields["languages"].initial = [one.language_code for one in locales]
        for locale in locales:
            self.fields[f"title_{locale.language_code}"] = forms.CharField(
                label=_("Title (%(language)s)") % {"language": locale},
                max_length=200,
                required=False,
            )

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if free_slug(self.catalogues, slug) != slug:
            raise forms.ValidationError(
                _("There is a course with this address already. Choose another one."), code="taken"
            )
        return slug

    def clean(self):
        data = super().clean()
        for code in data.get("languages", []):
            if not data.get(f"title_{code}", "").strip():
                self.add_error(f"title_{code}", _("Write the title in each language you chose."))
        return data


class NewCourse(DeskView):
    models = (CatalogPage,)
    page_title = gettext_lazy("New course from a template")
    header_icon = "copy"
    template_name = "authoring/templates/course.html"

    @cached_property
    def catalogues(self) -> list:
        return open_to(self.request.user, in_all_languages(self.page))

    def form(self, data=None) -> CourseForm:
        return CourseForm(data, catalogues=self.catalogues)

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", self.form())
        shown = [
            {
                "title": library.in_language(one.title, language()),
                "about": library.in_language(one.about, language()),
                "minutes": one.minutes,
                "percent": mix_of(one).active_percent,
                "sections": [
                    {
                        "title": library.in_language(section.title, language())
                        if section.title
                        else "",
                        "items": [
                            {**row(placed.template), "minutes": placed.minutes}
                            for placed in section.items
                        ],
                    }
                    for section in one.sections
                ],
            }
            for one in library.course_templates()
        ]
        return super().get_context_data(
            course_templates=shown, submit_button_label=_("Make the course"), **kwargs
        )

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            messages.validation_error(request, _("The course was not made."), form)
            return self.render_to_response(self.get_context_data(form=form), status=422)
        data = form.cleaned_data
        chosen = [c for c in self.catalogues if c.locale.language_code in data["languages"]]
        courses = build.add_course(
            library.course_template(data["template"]),
            chosen,
            request.user,
            titles={code: data[f"title_{code}"].strip() for code in data["languages"]},
            slug=data["slug"],
            code=data["code"],
        )
        messages.success(
            request,
            _("The course is there as a draft in: %(languages)s. Fill in what is yours to say.")
            % {"languages": ", ".join(str(course.locale) for course in courses)},
        )
        return redirect("authoring_fill", courses[0].pk)


def mix_of(template) -> Mix:
    """The minutes of a course template as they will count."""
    total = Mix()
    for placed in template.items:
        page = build.page_of(placed.template, "th", minutes=placed.minutes)
        total += Mix(*registry.get(placed.template.kind).minutes(page))
    return total


# -- filling in ---------------------------------------------------------------------------------


class Fill(DeskView):
    """Every placeholder of a course once, with the pages where it stands."""

    models = (CoursePage,)
    page_title = gettext_lazy("Fill in the places")
    header_icon = "edit"
    template_name = "authoring/templates/fill.html"

    def allowed(self) -> bool:
        return self.page.permissions_for_user(self.request.user).can_edit()

    @cached_property
    def courses(self) -> list:
        user = self.request.user
        return [
            course
            for course in in_all_languages(self.page)
            if course.permissions_for_user(user).can_edit()
        ]

    def form(self, data=None) -> forms.Form:
        form = forms.Form(data)
        self.groups = []
        for course in self.courses:
            names = []
            for n, (place, pages) in enumerate(fill.places_in(fill.drafts(course)).items()):
                name = f"{course.locale.language_code}-{n}"
                form.fields[name] = FillField(place, pages)
                names.append(name)
            self.groups.append((course, names))
        return form

    def get_context_data(self, **kwargs):
        form = kwargs.pop("form", None) or self.form()
        groups = [
            {
                "course": course,
                "edit_url": reverse("wagtailadmin_pages:edit", args=[course.pk]),
                "fields": [form[name] for name in names],
            }
            for course, names in self.groups
        ]
        return super().get_context_data(
            form=form,
            groups=groups,
            any_left=any(group["fields"] for group in groups),
            course=self.page,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid() or self.is_out_of_date(form):
            if form.is_valid():
                messages.error(
                    request,
                    _("The course has changed in the meantime. Please look at the places again."),
                )
                return self.render_to_response(self.get_context_data(form=self.form()), status=409)
            messages.validation_error(request, _("Nothing was changed yet."), form)
            return self.render_to_response(self.get_context_data(form=form), status=422)
        changed, refused = self.save(form)
        if changed:
            messages.success(
                request,
                ngettext(
                    "Filled in, and saved as a draft: %(count)d page.",
                    "Filled in, and saved as drafts: %(count)d pages.",
                    changed,
                )
                % {"count": changed},
            )
        if refused:
            messages.warning(
                request,
                _("Left as they were, because they are locked or not yours to edit: %(titles)s.")
                % {"titles": ", ".join(refused)},
            )
        return redirect("authoring_fill", self.page.pk)

    def is_out_of_date(self, form) -> bool:
        """Whether the numbers of the form mean other places than when it was shown."""
        return any(
            self.request.POST.get(f"place-{name}", field.place) != field.place
            for name, field in form.fields.items()
        )

    @transaction.atomic
    def save(self, form) -> tuple[int, list[str]]:
        changed, refused = 0, []
        for course, names in self.groups:
            words = {
                form.fields[name].place: form.cleaned_data[name]
                for name in names
                if form.cleaned_data[name]
            }
            for page in fill.drafts(course) if words else ():
                if not fill.put_in(page, words):
                    continue
                rights = page.permissions_for_user(self.request.user)
                if not rights.can_edit() or rights.page_locked():
                    refused.append(page.title)
                    continue
                page.save_revision(user=self.request.user, log_action=True, clean=False)
                changed += 1
        return changed, refused


class FillField(forms.CharField):
    """The author's words for one placeholder."""

    def __init__(self, place: str, pages: list):
        self.place = place
        titles = list(dict.fromkeys(page.get_admin_display_title() for page in pages))
        super().__init__(
            label=place,
            required=False,
            max_length=200,
            help_text=_("In: %(titles)s") % {"titles": ", ".join(titles)},
            widget=forms.TextInput,
        )

    def clean(self, value):
        value = super().clean(value)
        if PLACEHOLDER.search(value):
            raise forms.ValidationError(
                _("Write your own words without the marks « »."), code="placeholder"
            )
        return value
