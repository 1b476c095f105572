"""Forms of this app."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm

from activities.core.date_input import in_gregorian_years
from courses.enrolment import rules


class AnnouncementForm(WagtailAdminModelForm):
    """An announcement in the authoring site: the agency is chosen by its name."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "agency" not in self.fields:
            return
        choices = [(str(key), name) for key, name in rules.agency_choices(self.for_user)]
        kept = str(self.instance.agency) if self.instance.agency else ""
        if kept and kept not in dict(choices):
            choices.append((kept, _("the agency that was chosen")))
        old = self.fields["agency"]
        self.fields["agency"] = forms.TypedChoiceField(
            label=old.label,
            help_text=old.help_text,
            required=False,
            choices=[("", _("Everybody")), *choices],
            coerce=UUID,
            empty_value=None,
        )

    def clean_shown_from(self):
        return in_gregorian_years(self.cleaned_data["shown_from"])

    def clean_shown_until(self):
        return in_gregorian_years(self.cleaned_data["shown_until"])


class HelpForm(forms.Form):
    """A question to the people who run the site."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address for the answer"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    subject = forms.CharField(
        label=gettext_lazy("What it is about"),
        max_length=120,
        help_text=gettext_lazy("For example: I cannot open the discussion of DL-101."),
    )
    text = forms.CharField(
        label=gettext_lazy("What happened?"),
        max_length=4000,
        min_length=10,
        widget=forms.Textarea(attrs={"rows": 7}),
        help_text=gettext_lazy(
            "Tell us the course, the part of it, and when it happened. Never send a password or an identification number."
        ),
        error_messages={
            "min_length": gettext_lazy("Please write a little more, so that we can help.")
        },
    )
    page = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)


class FeedbackForm(forms.Form):
    """Whether a lesson was of use."""

    useful = forms.TypedChoiceField(
        label=gettext_lazy("Was this lesson of use to you?"),
        choices=[("yes", gettext_lazy("Yes, it was")), ("no", gettext_lazy("No, it was not"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the two answers.")},
    )
    why = forms.CharField(
        label=gettext_lazy("Why?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The authors read this without your name."),
    )


SCALE_CHOICES = [
    ("5", gettext_lazy("Agree entirely")),
    ("4", gettext_lazy("Agree")),
    ("3", gettext_lazy("Neither agree nor disagree")),
    ("2", gettext_lazy("Disagree")),
    ("1", gettext_lazy("Disagree entirely")),
]
QUESTIONS = {
    "content": gettext_lazy("The content is clear and useful."),
    "instructor": gettext_lazy("The instructors help when they are needed."),
    "activities": gettext_lazy("The activities made me practise what the course is about."),
    "platform": gettext_lazy("The site is easy to use."),
    "at_work": gettext_lazy("I can use what I learned at work."),
}
TEXTS = {
    "best": gettext_lazy("What was best?"),
    "better": gettext_lazy("What should be better?"),
}


class SurveyForm(forms.Form):
    """The questions at the end of every course: the same ones, so that runs can be compared."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, label in QUESTIONS.items():
            self.fields[name] = forms.TypedChoiceField(
                label=label,
                choices=SCALE_CHOICES,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        for name, label in TEXTS.items():
            self.fields[name] = forms.CharField(
                label=label,
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=gettext_lazy("Please name no persons."),
            )

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not any(cleaned.values()):
            raise forms.ValidationError(
                _("Answer at least one question, or leave the page: nothing depends on it."),
                code="empty",
            )
        return cleaned
