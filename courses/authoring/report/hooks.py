from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from .views import RuleReport


@hooks.register("register_admin_urls")
def urls():
    return [
        path("reports/rule/", RuleReport.as_view(), name="authoring_rule_report"),
        path(
            "reports/rule/results/",
            RuleReport.as_view(results_only=True),
            name="authoring_rule_report_results",
        ),
    ]


@hooks.register("register_reports_menu_item")
def menu_item():
    return MenuItem(
        _("60/40 rule"), reverse("authoring_rule_report"), icon_name="list-ul", order=50
    )
