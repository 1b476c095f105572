"""Search in the authoring site: synonyms, promoted results, what people search for."""

from django.core.exceptions import PermissionDenied
from django.db.models import Max, Sum
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.reports import ReportView
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .finding_page import LANGUAGES
from .models import PromotedResult, QueryCount, SynonymSet


class SynonymViewSet(SnippetViewSet):
    model = SynonymSet
    icon = "tag"
    list_display = ["words"]
    search_fields = ["words"]


class PromotedViewSet(SnippetViewSet):
    model = PromotedResult
    icon = "pick"
    list_display = ["title", "queries", "url", "language"]
    search_fields = ["title", "queries"]


class SearchGroup(SnippetViewSetGroup):
    menu_label = _("Search")
    menu_icon = "search"
    menu_order = 310
    items = [SynonymViewSet, PromotedViewSet]


register_snippet(SearchGroup)


class LanguageColumn(Column):
    """A language by its name."""

    def get_value(self, instance):
        code = super().get_value(instance)
        return LANGUAGES.get(code, code)


class QueriesReport(ReportView):
    """What was searched for, how often, and how often nothing was found. Nobody is named."""

    page_title = _("Searches")
    header_icon = "search"
    index_url_name = "search_queries"
    index_results_url_name = "search_queries_results"
    default_ordering = "-nothing_total"
    paginate_by = 50
    columns = [
        Column("query", label=_("What was typed"), sort_key="query"),
        LanguageColumn("language", label=_("Language"), sort_key="language"),
        Column("total", label=_("Searches"), sort_key="total"),
        Column("nothing_total", label=_("Nothing found"), sort_key="nothing_total"),
        Column("last", label=_("Last on"), sort_key="last"),
    ]
    list_export = ["query", "language", "total", "nothing_total", "last"]
    export_headings = {
        "query": _("What was typed"),
        "language": _("Language"),
        "total": _("Searches"),
        "nothing_total": _("Nothing found"),
        "last": _("Last on"),
    }

    def dispatch(self, request, *args, **kwargs):
        if not request.user.has_perm("search.change_synonymset"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_base_queryset(self):
        return (
            QueryCount.objects.order_by()
            .values("query", "language")
            .annotate(total=Sum("searches"), nothing_total=Sum("nothing"), last=Max("day"))
        )


@hooks.register("register_admin_urls")
def urls():
    return [
        path("reports/searches/", QueriesReport.as_view(), name="search_queries"),
        path(
            "reports/searches/results/",
            QueriesReport.as_view(results_only=True),
            name="search_queries_results",
        ),
    ]


class QueriesMenuItem(MenuItem):
    def is_shown(self, request):
        return request.user.has_perm("search.change_synonymset")


@hooks.register("register_reports_menu_item")
def menu_item():
    return QueriesMenuItem(_("Searches"), reverse("search_queries"), icon_name="search", order=900)
