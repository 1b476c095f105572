"""The edit form of a course."""

from wagtail.admin.forms import WagtailAdminPageForm


class CourseForm(WagtailAdminPageForm):
    """Reads the framework's lists once: Wagtail renders a form's choices more than once."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("target_groups", "skill_groups"):
            if name in self.fields:
                # Through iter(): list() would ask for their number first, with a query.
                self.fields[name].choices = list(iter(self.fields[name].choices))
