"""Agencies, memberships and people in the authoring site, for central administrators."""

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views import users as stock

from activities.core.errors import Refused
from activities.core.moments import date_words

from .agency_forms import AgencyForm, MembershipForm, may_edit_person
from .erase import erase
from .models import Agency, Membership, User


class AgencyIndex(generic.IndexView):
    default_ordering = "path"

    @cached_property
    def columns(self):
        title = self._get_title_column_class(stock.TitleColumn)
        return [
            title(
                "indented",
                label=gettext_lazy("Agency"),
                accessor="indented",
                get_url=self.get_edit_url,
            ),
            Column("level", label=gettext_lazy("Level"), accessor="level"),
            Column("code", label=gettext_lazy("Code"), sort_key="code"),
            BooleanColumn("is_active", label=gettext_lazy("Active"), sort_key="is_active"),
        ]


class AgencyDelete(generic.DeleteView):
    """Only an agency that nothing hangs on: deleting a tree's node would take all below along."""

    def dispatch(self, request, *args, **kwargs):
        agency = self.object = self.get_object()
        if agency.numchild or agency.memberships.exists():
            messages.error(
                request,
                _(
                    "“%(agency)s” has agencies or people below it, so it cannot be deleted. "
                    "Untick “active” instead: it then stays on record."
                )
                % {"agency": agency.name},
            )
            return redirect(reverse("agencies:edit", args=[agency.pk]))
        return super().dispatch(request, *args, **kwargs)


class AgencyViewSet(ModelViewSet):
    model = Agency
    name = "agencies"
    icon = "site"
    menu_label = gettext_lazy("Agencies")
    menu_order = 610
    add_to_settings_menu = True
    copy_view_enabled = False
    list_per_page = 100
    list_filter = ["is_active"]
    search_fields = ["name_th", "name_en", "code"]
    search_backend_name = None
    index_view_class = AgencyIndex
    delete_view_class = AgencyDelete

    def get_form_class(self, for_update=False):
        return AgencyForm


class DayColumn(Column):
    """A date in the years of the reader's language, as everywhere else."""

    def get_value(self, instance):
        value = super().get_value(instance)
        return date_words(value, (get_language() or "th")[:2]) if value else ""


class MembershipIndex(generic.IndexView):
    def get_base_queryset(self):
        own = User.objects.for_actor(self.request.user)
        return Membership.objects.filter(user__in=own).select_related("user", "agency")


class MembershipViewSet(ModelViewSet):
    model = Membership
    name = "memberships"
    icon = "group"
    menu_label = gettext_lazy("Members of agencies")
    menu_order = 620
    add_to_settings_menu = True
    copy_view_enabled = False
    list_per_page = 50
    list_display = [
        "user",
        "agency",
        "position",
        "role",
        DayColumn("since", label=gettext_lazy("Since"), sort_key="since"),
        DayColumn("until", label=gettext_lazy("Until"), sort_key="until"),
    ]
    list_filter = ["role", "agency"]
    search_fields = ["user__first_name", "user__last_name", "user__email", "agency__name_th"]
    search_backend_name = None
    index_view_class = MembershipIndex

    def get_form_class(self, for_update=False):
        return MembershipForm


# -- people -------------------------------------------------------------------------------------


class NoSuperuser:
    """Only a superuser makes superusers."""

    def get_form(self, *args, **kwargs):
        form = super().get_form(*args, **kwargs)
        if not self.request.user.is_superuser:
            form.fields.pop("is_superuser", None)
        return form


class PeopleIndex(stock.IndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().for_actor(self.request.user)


class PersonCreate(NoSuperuser, stock.CreateView):
    pass


class OnlyOwnPeople:
    """Whom one may not look after is not there."""

    def get_object(self, queryset=None):
        person = super().get_object(queryset)
        seen = User.objects.for_actor(self.request.user).filter(pk=person.pk).exists()
        if not seen or not may_edit_person(self.request.user, person):
            raise Http404
        return person


class PersonEdit(NoSuperuser, OnlyOwnPeople, stock.EditView):
    pass


class PersonDelete(OnlyOwnPeople, stock.DeleteView):
    """Deleting somebody is erasing them: training records stay, without the name."""

    def form_valid(self, form):
        try:
            erase(self.object)
        except Refused as refusal:
            messages.error(self.request, refusal.message)
            return redirect(self.get_success_url())
        messages.success(
            self.request, _("The account has been erased. Training records stay without a name.")
        )
        return redirect(self.get_success_url())


class PersonForm(UserEditForm):
    class Meta(UserEditForm.Meta):
        fields = UserEditForm.Meta.fields | {"first_name_en", "last_name_en"}


class PeopleViewSet(stock.UserViewSet):
    index_view_class = PeopleIndex
    add_view_class = PersonCreate
    edit_view_class = PersonEdit
    delete_view_class = PersonDelete
    copy_view_enabled = False

    def get_form_class(self, for_update=False):
        return PersonForm if for_update else UserCreationForm


def refuse_bulk(request, action_type: str, objects, action):
    """Several people at once: only whom one may look after, and nobody is deleted."""
    if User not in getattr(action, "models", ()):
        return None
    if action_type == "delete":
        text = _("People are erased one by one, each on their own page.")
    elif any(not may_edit_person(request.user, person) for person in objects):
        text = _("You may not change some of these accounts. Nothing was changed.")
    else:
        return None
    messages.error(request, text)
    return redirect(reverse("wagtailusers_users:index"))
