"""The forms of a run: dates in the years of either era, instructors by their addresses."""

from datetime import time

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from activities.core.date_input import MomentField, read_moment, written

from .models import CourseRun
from .rules import COURSE_MANAGERS, INSTRUCTORS, agency_choices

MOST_INSTRUCTORS = 50
MOST_PLACES = 100_000
MOST_DAYS = 3660
# How to write a date stands above the form: in the boxes it looked as if they were filled in.
EXAMPLE = {"autocomplete": "off"}


class BeginningField(MomentField):
    """A date without a time is the beginning of that day."""

    widget = forms.TextInput(attrs=EXAMPLE)

    def to_python(self, value):
        if not value or not str(value).strip():
            return None
        try:
            return read_moment(str(value), default=time(0, 0))
        except (ValueError, OverflowError):
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class EndField(MomentField):
    """A date without a time is the end of that day."""

    widget = forms.TextInput(attrs=EXAMPLE)


def number(label, help_text="", *, least=1, most=MOST_PLACES, required=False):
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=required,
        min_value=least,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class RunForm(forms.Form):
    """Everything about a run but its people."""

    name = forms.CharField(
        label=gettext_lazy("Name in Thai"),
        max_length=120,
        help_text=gettext_lazy("For example: รุ่นที่ 1/2570"),
    )
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120, required=False)
    starts_at = BeginningField(label=gettext_lazy("Begins"))
    ends_at = EndField(label=gettext_lazy("Ends"))
    enrol_from = BeginningField(label=gettext_lazy("Enrolment opens"), required=False)
    enrol_until = EndField(label=gettext_lazy("Enrolment closes"), required=False)
    access_from = BeginningField(
        label=gettext_lazy("People get in from"),
        required=False,
        help_text=gettext_lazy("Empty: when the run begins."),
    )
    access_days_after = number(
        gettext_lazy("Days of access after the end"),
        gettext_lazy("Empty: for good."),
        least=0,
        most=MOST_DAYS,
    )
    readable_after = forms.BooleanField(
        label=gettext_lazy("Afterwards people can still read the course and their own work"),
        required=False,
        initial=True,
    )
    least_people = number(
        gettext_lazy("Fewest people"), gettext_lazy("With fewer the run is not worth holding.")
    )
    capacity = number(gettext_lazy("Places"), gettext_lazy("Empty: without limit."))
    has_waiting_list = forms.BooleanField(
        label=gettext_lazy("When all places are taken, people wait and move up"),
        required=False,
        initial=True,
    )
    answer_days = number(
        gettext_lazy("Days in which somebody who moved up may decline"),
        least=1,
        most=60,
        required=True,
    )
    method = forms.ChoiceField(
        label=gettext_lazy("How people enrol"),
        choices=CourseRun.Method.choices,
        widget=forms.RadioSelect,
    )
    enrol_key = forms.CharField(
        label=gettext_lazy("Enrolment key"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("For enrolling by key. Give it to those who may join."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    agency = forms.ChoiceField(label=gettext_lazy("Only for people of"), required=False)
    instructors = forms.CharField(
        label=gettext_lazy("Instructors"),
        required=False,
        help_text=gettext_lazy("Their e-mail addresses, one a line."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    sections = (
        (gettext_lazy("Name"), ("name", "name_en")),
        (gettext_lazy("Dates"), ("starts_at", "ends_at", "enrol_from", "enrol_until")),
        (gettext_lazy("Access"), ("access_from", "access_days_after", "readable_after")),
        (gettext_lazy("Places"), ("capacity", "least_people", "has_waiting_list", "answer_days")),
        (gettext_lazy("Enrolment"), ("method", "enrol_key", "agency")),
        (gettext_lazy("Who teaches"), ("instructors",)),
    )
    COHORT_ONLY = ("starts_at", "ends_at", "access_from", "access_days_after", "readable_after")

    def __init__(self, *args, user, run: CourseRun | None = None, **kwargs):
        self.run = run
        if run is not None:
            kwargs.setdefault("initial", stored(run))
        else:
            kwargs.setdefault("initial", {"method": CourseRun.Method.OPEN, "answer_days": 3})
        super().__init__(*args, **kwargs)
        if run is not None and run.pacing == CourseRun.Pacing.ROLLING:
            for name in self.COHORT_ONLY:
                del self.fields[name]
            self.fields["name"].required = False
        choices = [(str(key), name) for key, name in agency_choices(user)]
        kept = str(run.agency) if run is not None and run.agency else ""
        if kept and kept not in dict(choices):
            choices.append((kept, _("the agency that was chosen")))
        if choices:
            self.fields["agency"].choices = [("", _("Everybody")), *choices]
        else:
            del self.fields["agency"]

    def fieldsets(self):
        """[(heading, [bound field])] of what this run has."""
        return [
            (heading, [self[name] for name in names if name in self.fields])
            for heading, names in self.sections
            if any(name in self.fields for name in names)
        ]

    def clean_instructors(self) -> list:
        wanted = {line.strip().lower() for line in self.cleaned_data["instructors"].splitlines()}
        wanted.discard("")
        if len(wanted) > MOST_INSTRUCTORS:
            raise ValidationError(
                _("A run has at most %(most)d instructors.") % {"most": MOST_INSTRUCTORS}
            )
        people = get_user_model().objects.filter(email__in=wanted, is_active=True)
        found = {
            person.email: person
            for person in people.filter(groups__name__in=(INSTRUCTORS, COURSE_MANAGERS)).distinct()
        }
        found |= {person.email: person for person in people.filter(is_superuser=True)}
        if unknown := sorted(wanted - set(found)):
            raise ValidationError(
                _("Not an instructor of this site: %(addresses)s")
                % {"addresses": ", ".join(unknown)}
            )
        return list(found.values())

    def clean_agency(self):
        return self.cleaned_data["agency"] or None

    def clean(self):
        data = super().clean()

        def later(first: str, second: str, message: str):
            a, b = data.get(first), data.get(second)
            if a is not None and b is not None and b <= a:
                self.add_error(second, message)

        later("starts_at", "ends_at", _("The run has to end after it begins."))
        later("enrol_from", "enrol_until", _("Enrolment has to close after it opens."))
        later("access_from", "ends_at", _("The run has to end after people get in."))
        later("enrol_from", "ends_at", _("The run has to end after enrolment opens."))
        least, capacity = data.get("least_people"), data.get("capacity")
        if least is not None and capacity is not None and least > capacity:
            self.add_error("least_people", _("This is more than there are places."))
        if data.get("method") == CourseRun.Method.KEY and not data.get("enrol_key"):
            self.add_error("enrol_key", _("Write the key that people need."))
        return data

    def values(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name != "instructors"}


def stored(run: CourseRun) -> dict:
    """A run's values as its form shows them."""
    language = (get_language() or "th")[:2]
    values = {
        name: getattr(run, name)
        for name in RunForm.base_fields
        if name not in ("instructors", "agency")
    }
    for name, field in RunForm.base_fields.items():
        if isinstance(field, MomentField):
            values[name] = written(values[name], language)
    values["agency"] = str(run.agency or "")
    values["instructors"] = "\n".join(run.instructors.values_list("email", flat=True))
    return values


class CopyForm(forms.Form):
    """When the copy begins and what it is called."""

    name = forms.CharField(label=gettext_lazy("Name in Thai"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120, required=False)
    starts_at = BeginningField(
        label=gettext_lazy("Begins"),
        help_text=gettext_lazy("All other dates move by the same number of days."),
    )
