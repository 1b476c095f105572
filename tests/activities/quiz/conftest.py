"""The learner's and the instructor's shell reduced to their blocks: what is tested is the kind's
own markup, and nothing of the course around it."""

import copy

import pytest

SHELL = "{% block head_extra %}{% endblock %}{% block stepper %}{% endblock %}{% block item %}{% endblock %}"


@pytest.fixture(autouse=True)
def bare_shells(settings):
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["APP_DIRS"] = False
    templates[0]["OPTIONS"]["context_processors"] = ["django.template.context_processors.request"]
    templates[0]["OPTIONS"]["loaders"] = [
        (
            "django.template.loaders.locmem.Loader",
            {"learn/shell.html": SHELL, "teach/item_shell.html": SHELL},
        ),
        "django.template.loaders.app_directories.Loader",
    ]
    settings.TEMPLATES = templates
