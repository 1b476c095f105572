"""The stopwatch for pages tells what was asked before an answer from what is done after it."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from lms.operations.bench import measure
from lms.operations.bench.pages import Budget, Measured, table
from search import engines
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(monkeypatch):
    monkeypatch.setattr(measure, "REQUESTS", 1)
    engines.database().clear()
    client = Client()
    client.force_login(UserFactory())
    return client


def test_queries_after_the_answer_are_told_apart(client):
    with override("th"):
        searched = measure.page(client, f"{reverse('search')}?q=a")
        plain = measure.page(client, reverse("search"))
    assert (plain.afterwards, searched.afterwards) == (0, 2)
    assert searched.queries >= plain.queries > 0 and searched.plain > 0
    assert "get_response" not in vars(client.handler), "the handler is as it was"
    budget = Budget(10_000, searched.queries, 1000)
    lines = table([Measured("empty", plain), Measured("search", searched, budget)])
    assert f"| {searched.queries} + 2 |" in lines[-1] and lines[-1].endswith("| OK |")


def test_a_page_that_does_not_answer_has_no_figures(client):
    with pytest.raises(measure.NotAnswered):
        measure.page(client, "/th/nowhere/")
