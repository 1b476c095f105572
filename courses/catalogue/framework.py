"""The competency framework of the government, as editable snippets with a version.

The official lists change (2560 and 2566–2570 exist side by side), so nothing of them is a constant.
"""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.search import index


class FrameworkVersion(models.Model):
    """One edition of the framework, named by the year it took effect ("2560")."""

    version = models.CharField(_("version"), max_length=20, unique=True)
    title_th = models.CharField(_("title in Thai"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    is_current = models.BooleanField(
        _("in use"),
        default=False,
        help_text=_("Authors choose from editions that are in use; the others stay readable."),
    )

    panels = [
        FieldPanel("version"),
        FieldPanel("title_th"),
        FieldPanel("title_en"),
        FieldPanel("is_current"),
    ]

    class Meta:
        verbose_name = _("framework version")
        verbose_name_plural = _("framework versions")
        ordering = ["-version"]

    def __str__(self):
        return f"{self.version}: {self.title_th}"


class FrameworkTerm(index.Indexed, models.Model):
    """What the lists have in common: a key, an order, a name in two languages.

    A name may be empty: what the sources do not publish is left for the agency to fill in.
    """

    framework = models.ForeignKey(
        FrameworkVersion, on_delete=models.CASCADE, verbose_name=_("framework version")
    )
    key = models.SlugField(
        _("key"), max_length=80, help_text=_("Stable name used in course files and addresses.")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    name_th = models.CharField(_("name in Thai"), max_length=300, blank=True)
    name_en = models.CharField(_("name in English"), max_length=300, blank=True)

    panels = [
        FieldRowPanel([FieldPanel("framework"), FieldPanel("key"), FieldPanel("order")]),
        FieldPanel("name_th"),
        FieldPanel("name_en"),
    ]
    search_fields = [
        index.SearchField("name_th"),
        index.AutocompleteField("name_th"),
        index.SearchField("name_en"),
        index.AutocompleteField("name_en"),
        index.FilterField("framework"),
    ]

    class Meta:
        abstract = True
        ordering = ["framework", "order", "key"]

    def __str__(self):
        return f"{self.name} ({self.framework.version})"

    @property
    def name(self) -> str:
        """The name in the current language, else in the other one, else the key."""
        thai_first = (get_language() or "th").startswith("th")
        first, second = (self.name_th, self.name_en) if thai_first else (self.name_en, self.name_th)
        return first or second or self.key


def term_constraint(model_name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=["framework", "key"], name=f"one_{model_name}_per_key_and_framework"
    )


class TargetGroup(FrameworkTerm):
    class Meta(FrameworkTerm.Meta):
        verbose_name = _("target group")
        verbose_name_plural = _("target groups")
        constraints = [term_constraint("target_group")]


class Stage(FrameworkTerm):
    years = models.CharField(_("years"), max_length=20, blank=True)

    panels = [*FrameworkTerm.panels, FieldPanel("years")]

    class Meta(FrameworkTerm.Meta):
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [term_constraint("stage")]


class Role(FrameworkTerm):
    """One of the 18 slots (target group × stage); its name is the agency's to fill in."""

    target_group = models.ForeignKey(
        TargetGroup, on_delete=models.CASCADE, related_name="roles", verbose_name=_("target group")
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.CASCADE, related_name="roles", verbose_name=_("stage")
    )
    expected_behaviour_th = models.TextField(_("expected behaviour in Thai"), blank=True)
    expected_behaviour_en = models.TextField(_("expected behaviour in English"), blank=True)

    panels = [
        *FrameworkTerm.panels,
        FieldRowPanel([FieldPanel("target_group"), FieldPanel("stage")]),
        FieldPanel("expected_behaviour_th"),
        FieldPanel("expected_behaviour_en"),
    ]

    class Meta(FrameworkTerm.Meta):
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [term_constraint("role")]

    def __str__(self):
        if self.name_th or self.name_en:
            return super().__str__()
        return f"{self.target_group.name} · {self.stage.name} ({self.framework.version})"


class SkillGroup(FrameworkTerm):
    class Meta(FrameworkTerm.Meta):
        verbose_name = _("skill group")
        verbose_name_plural = _("skill groups")
        constraints = [term_constraint("skill_group")]


class Skill(FrameworkTerm):
    skill_group = models.ForeignKey(
        SkillGroup,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="skills",
        verbose_name=_("skill group"),
    )
    target_groups = models.ManyToManyField(
        TargetGroup, blank=True, related_name="skills", verbose_name=_("target groups")
    )
    unit_set = models.CharField(_("unit set"), max_length=20, blank=True)
    description_th = models.TextField(_("description in Thai"), blank=True)

    panels = [
        *FrameworkTerm.panels,
        FieldPanel("skill_group"),
        FieldPanel("target_groups"),
        FieldPanel("unit_set"),
        FieldPanel("description_th"),
    ]

    class Meta(FrameworkTerm.Meta):
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        constraints = [term_constraint("skill")]


class LearningTheme(FrameworkTerm):
    class Meta(FrameworkTerm.Meta):
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        constraints = [term_constraint("theme")]


class ResponsibleBody(FrameworkTerm):
    duty_th = models.TextField(_("duty in Thai"), blank=True)
    duty_en = models.TextField(_("duty in English"), blank=True)

    panels = [*FrameworkTerm.panels, FieldPanel("duty_th"), FieldPanel("duty_en")]

    class Meta(FrameworkTerm.Meta):
        verbose_name = _("responsible body")
        verbose_name_plural = _("responsible bodies")
        constraints = [term_constraint("responsible_body")]
