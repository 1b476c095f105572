"""The forms of the central administrators: agencies in their tree, and who belongs to them."""

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.widgets import AdminDateInput

from activities.core.date_input import in_gregorian_years
from courses.enrolment.rules import is_central

from .models import Agency, Membership, User
from .places import target_group_names


class AgencyChoice(forms.ModelChoiceField):
    def label_from_instance(self, agency):
        return agency.indented


class AgencyForm(WagtailAdminModelForm):
    """An agency and its place. Moving it takes what is below along."""

    parent = AgencyChoice(
        label=gettext_lazy("Below"),
        queryset=Agency.objects.none(),
        required=False,
        empty_label=gettext_lazy("At the top: a ministry"),
        help_text=gettext_lazy("Who administers an agency sees the people of everything below it."),
    )

    class Meta:
        model = Agency
        fields = ["name_th", "name_en", "code", "is_active"]

    field_order = ["parent"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        above = Agency.objects.all()
        if self.instance.pk:
            above = above.exclude(path__startswith=self.instance.path)
            self.fields["parent"].initial = self.instance.get_parent()
        self.fields["parent"].queryset = above

    @transaction.atomic
    def save(self, commit=True):
        agency, parent = self.instance, self.cleaned_data["parent"]
        # One change of the tree at a time: places are given out by counting.
        list(Agency.objects.select_for_update().filter(depth=1).values_list("pk", flat=True))
        if parent is not None:
            parent.refresh_from_db()
        if agency._state.adding:
            if parent is None:
                Agency.add_root(instance=agency)
            else:
                parent.add_child(instance=agency)
            return agency
        agency.save()
        before = agency.get_parent(update=True)
        if parent != before:
            if parent is None:
                agency.move(Agency.get_last_root_node(), pos="last-sibling")
            else:
                agency.move(parent, pos="last-child")
            agency.refresh_from_db()
        return agency


class MembershipForm(WagtailAdminModelForm):
    """A person is named by the e-mail address: a list of all people would be endless."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address of the person"),
        help_text=gettext_lazy("The address that the person signs in with."),
    )
    agency = AgencyChoice(label=gettext_lazy("Agency"), queryset=Agency.objects.none())
    target_group = forms.ChoiceField(label=gettext_lazy("Target group"), required=False)

    class Meta:
        model = Membership
        fields = ["agency", "position", "target_group", "role", "since", "until"]
        widgets = {"since": AdminDateInput, "until": AdminDateInput}

    field_order = ["email"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        own = self.instance.agency_id
        known = Agency.objects.filter(is_active=True)
        self.fields["agency"].queryset = known | Agency.objects.filter(pk=own) if own else known
        groups = target_group_names()
        now = self.instance.target_group
        if now and now not in groups:  # of an earlier framework: kept until somebody changes it
            groups = {now: now, **groups}
        self.fields["target_group"].choices = [("", "—"), *groups.items()]
        if self.instance.pk:
            self.fields["email"].initial = self.instance.user.email
            self.fields["email"].disabled = True

    def clean_since(self):
        return in_gregorian_years(self.cleaned_data["since"])

    def clean_until(self):
        return in_gregorian_years(self.cleaned_data["until"])

    def clean_email(self):
        email = self.cleaned_data["email"]
        people = User.objects.all()
        if self.for_user is not None:
            people = people.for_actor(self.for_user)
        person = people.filter(email__iexact=email.strip(), erased_at__isnull=True).first()
        if person is None:
            raise forms.ValidationError(
                _("Nobody has an account with this address. Ask the person to sign up first.")
            )
        self.instance.user = person
        return email

    def clean(self):
        data = super().clean()
        same = Membership.objects.filter(user=self.instance.user_id, agency=data.get("agency"))
        if self.instance.user_id and same.exclude(pk=self.instance.pk).exists():
            self.add_error(
                "agency",
                _("This person is a member of this agency already. Change that membership."),
            )
        return data


def may_edit_person(actor, person) -> bool:
    """The centre looks after accounts; those of superusers only a superuser."""
    if not is_central(actor) or person.erased_at is not None:
        return False
    return actor.is_superuser or not person.is_superuser
