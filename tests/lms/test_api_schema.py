"""The API keeps what `openapi.json` says, whatever it is sent: generated requests as three roles."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.generation import GenerationMode

from tests.factories.people import UserFactory
from tests.factories.site import searchable_demo_course

EXAMPLES = 60
# The same requests every time: what fails here can be found again.
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture
def operations(db):
    """What the API can be asked, as it describes itself."""
    # The connection is the test's: its transaction goes on after a request.
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield asked()
    for signal in signals:
        signal.connect(close_old_connections)


def asked() -> list:
    searchable_demo_course()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    found = [one.ok() for one in schema.get_all_operations()]
    assert [(one.method, one.path) for one in found] == [("get", "/api/v1/search")]
    return found


def cookies_of(role: str) -> dict[str, str]:
    if role == "visitor":
        return {}
    browser = Client()
    browser.force_login(UserFactory(is_superuser=role == "administrator"))
    return {"sessionid": browser.cookies["sessionid"].value}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("role", ["visitor", "learner", "administrator"])
def test_every_answer_is_as_described(operations, role, mode):
    cookies, answers = cookies_of(role), []
    for operation in operations:

        @SETTINGS
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case):
            answers.append(case.call_and_validate(cookies=cookies).status_code)

        ask()
    wanted = 200 if mode == GenerationMode.POSITIVE else 422
    assert wanted in answers and len(answers) >= EXAMPLES
