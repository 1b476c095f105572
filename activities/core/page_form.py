"""What the edit forms of all pages of a course have in common."""

from wagtail.admin.forms import WagtailAdminPageForm

from .date_input import in_gregorian_years


class ScheduledPageForm(WagtailAdminPageForm):
    """A schedule may be typed in years of either era; Wagtail would take 2569 for a year to come."""

    def clean_go_live_at(self):
        return in_gregorian_years(self.cleaned_data["go_live_at"])

    def clean_expire_at(self):
        return in_gregorian_years(self.cleaned_data["expire_at"])
