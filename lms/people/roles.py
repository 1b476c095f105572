"""The roles of the site and what each may do in the authoring site.

Learner is what everybody is. Instructor, course manager and central administrator are groups, so
that an operator sees them where Wagtail shows groups; a superuser is a central administrator too.
An agency administrator is a membership's role and never enters the authoring site.
"""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from courses.enrolment import rules

from . import scope

INSTRUCTOR = rules.INSTRUCTORS
COURSE_MANAGER = rules.COURSE_MANAGERS
CENTRAL_ADMINISTRATOR = rules.CENTRAL_ADMINISTRATORS

PAGE_PERMISSIONS = {
    INSTRUCTOR: ["add_page", "change_page", "publish_page"],
    COURSE_MANAGER: [
        "add_page",
        "change_page",
        "publish_page",
        "bulk_delete_page",
        "lock_page",
        "unlock_page",
    ],
    CENTRAL_ADMINISTRATOR: [],
}


def is_instructor(user) -> bool:
    """May run courses: sees participants of the runs that are theirs."""
    return user.is_authenticated and (is_manager(user) or INSTRUCTOR in rules.group_names(user))


def is_manager(user) -> bool:
    """May run every course of the site."""
    return rules.manages_all(user)


def is_agency_administrator(user) -> bool:
    """May see completion of the people of an agency."""
    return scope.administers(user)


@transaction.atomic
def create_roles(root_page, collection) -> None:
    """Make the two groups and grant what they need below `root_page`. Safe to repeat."""
    from wagtail.models import GroupCollectionPermission, GroupPagePermission

    for name, codenames in PAGE_PERMISSIONS.items():
        group, _created = Group.objects.get_or_create(name=name)
        group.permissions.add(Permission.objects.get(codename="access_admin"))
        for permission in Permission.objects.filter(
            codename__in=codenames, content_type__app_label="wagtailcore"
        ):
            GroupPagePermission.objects.get_or_create(
                group=group, page=root_page, permission=permission
            )
        for permission in Permission.objects.filter(
            codename__in=[]
            if name == CENTRAL_ADMINISTRATOR
            else [
                "add_image",
                "change_image",
                "choose_image",
                "add_document",
                "change_document",
                "choose_document",
            ]
        ):
            GroupCollectionPermission.objects.get_or_create(
                group=group, collection=collection, permission=permission
            )
    manager = Group.objects.get(name=COURSE_MANAGER)
    manager.permissions.add(
        *Permission.objects.filter(content_type__app_label="catalogue").exclude(
            content_type__model__endswith="page"
        ),
        *Permission.objects.filter(
            content_type__app_label="search",
            content_type__model__in=["synonymset", "promotedresult"],
        ),
        *Permission.objects.filter(
            content_type__app_label="community", content_type__model="announcement"
        ),
        *Permission.objects.filter(codename="submit_translation"),
    )
    Group.objects.get(name=CENTRAL_ADMINISTRATOR).permissions.add(
        *Permission.objects.filter(
            content_type__app_label="people",
            codename__in=[
                f"{verb}_{model}"
                for model in ("agency", "membership", "user")
                for verb in ("add", "change", "delete", "view")
                if (verb, model) != ("delete", "user")  # people are erased, with their records
            ],
        )
    )
    Group.objects.get(name=INSTRUCTOR).permissions.add(
        *Permission.objects.filter(codename="submit_translation")
    )
