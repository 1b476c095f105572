"""The certificates of somebody in a run, on the page of that person."""

from django.urls import reverse

from courses.enrolment.models import Enrolment

from .models import Certificate


def panel(enrolment: Enrolment, outline: dict, language: str) -> dict:
    """All of them, the latest first, with their states. One query."""
    found = Certificate.objects.filter(enrolment=enrolment).defer("segments").order_by("-version")
    return {
        "template": "certificates/panel.html",
        "certificates": [
            {
                "code": row.code,
                "url": reverse("certificate_verify", args=[row.code]),
                "issued_at": row.issued_at,
                "state": row.State(row.state).label,
                "valid": row.state == row.State.VALID,
            }
            for row in found
        ],
    }
