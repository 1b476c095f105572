from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "lms.operations"
    label = "operations"

    def ready(self):
        from . import checks  # noqa: F401 - registers the system checks
