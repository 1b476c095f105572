"""The edit form of a course."""

from django.utils.translation import gettext as _

from activities.core.page_form import ScheduledPageForm


class CourseForm(ScheduledPageForm):
    """Reads the framework's lists once: Wagtail renders a form's choices more than once."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("target_groups", "skill_groups"):
            if name in self.fields:
                # Through iter(): list() would ask for their number first, with a query.
                self.fields[name].choices = list(iter(self.fields[name].choices))

    def clean(self):
        """No course may, by way of others, be required before itself: nobody could ever enrol."""
        data = super().clean()
        formset = self.formsets.get("prerequisites")
        if formset is None or self.instance.pk is None:
            return data
        wanted = {}
        for form in formset.forms:
            cleaned = getattr(form, "cleaned_data", None) or {}
            if cleaned.get("course") is not None and not cleaned.get("DELETE"):
                wanted[cleaned["course"].pk] = form
        if wanted:
            for pk, form in wanted.items():
                if pk == self.instance.pk or self.instance.pk in required_before(pk):
                    form.add_error(
                        "course",
                        _("This course requires the one you are editing: nobody could enrol."),
                    )
        return data


def required_before(pk: int) -> set[int]:
    """The courses to complete before one, and before those; one query for all there are."""
    from .models import Prerequisite

    before: dict[int, list[int]] = {}
    for page, course in Prerequisite.objects.values_list("page", "course"):
        before.setdefault(page, []).append(course)
    found: set[int] = set()
    todo = [pk]
    while todo:
        for course in before.get(todo.pop(), []):
            if course not in found:
                found.add(course)
                todo.append(course)
    return found
