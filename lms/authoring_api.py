"""Wagtail's API for programs that write courses, for operators who switch it on.

Only with a token (`manage.py api_tokens`): anonymous reading would show lessons to people who are
not enrolled. What the rule refuses is answered with a problem document and status 409.
"""

from wagtail.api.v3.errors import problem_response
from wagtail.api.v3.urls import api

from courses.releases.refusals import RuleBroken


@api.exception_handler(RuleBroken)
def rule_broken(request, error: RuleBroken):
    return problem_response(
        status=409,
        title="The course would break the 60/40 rule",
        detail=" ".join(error.texts),
        type_uri="urn:sala:rule-broken",
    )


urls = api.urls
