"""The meter above the tabs of the edit forms of courses, sections, lessons and activities."""

from django.contrib.contenttypes.models import ContentType
from django.forms import Media
from django.urls import reverse
from wagtail.admin.panels import Panel, PanelGroup, get_edit_handler

from activities.core import registry
from courses.catalogue.models import CoursePage, SectionPage

from .shown import meter_of

# Fields that hold no minutes and nothing that accounts for them.
WITHOUT_MINUTES = {"title", "slug", "seo_title", "search_description", "comments", "__all__"}


class MeterPanel(Panel):
    """Lecture against doing, as it is and as it would be."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "authoring/meter/panel.html"

        def show_panel_furniture(self):
            return False

        def get_context_data(self, parent_context=None):
            context = super().get_context_data(parent_context)
            parent = getattr(self.form, "parent_page", None)
            context["meter"] = meter_of(self.instance, parent=parent, unread=unread(self.form))
            context["meter_url"] = address_of(self.instance, parent)
            context["meter_edit_url"] = reverse("meter_edit", args=[0])
            return context

        @property
        def media(self):
            return Media(css={"all": ["sala/css/admin/meter.css"]}, js=["sala/js/admin/meter.js"])


class MeterEditor(PanelGroup):
    """An edit form with the meter above it."""

    class BoundPanel(PanelGroup.BoundPanel):
        template_name = "authoring/meter/editor.html"


def address_of(page, parent) -> str:
    """Where the form is sent to be counted."""
    if page.pk:
        return reverse("meter_edit", args=[page.pk])
    model = ContentType.objects.get_for_model(type(page))
    return reverse("meter_create", args=[model.app_label, model.model, parent.pk])


def unread(form) -> list[str]:
    """Labels of the fields of a form in which there is nothing that could be counted."""
    if not form.is_bound:
        return []
    return [
        str(form.fields[name].label)
        for name in form.errors
        if name in form.fields and name not in WITHOUT_MINUTES
    ]


def page_models() -> list[type]:
    return [CoursePage, SectionPage, *registry.page_models()]


def attach() -> None:
    """Put the meter above the edit forms. Called once every kind is registered; safe to repeat."""
    for model in page_models():
        if not isinstance(model.edit_handler, MeterEditor):
            model.edit_handler = MeterEditor([MeterPanel(), model.edit_handler])
    get_edit_handler.cache_clear()
