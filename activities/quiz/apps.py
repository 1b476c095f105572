from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuizConfig(AppConfig):
    name = "activities.quiz"
    label = "quiz"
    verbose_name = _("Quiz")

    def ready(self):
        from activities.core import registry

        from .kind import QuizKind

        registry.register(QuizKind())
