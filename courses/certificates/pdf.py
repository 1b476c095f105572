"""The certificate as PDF: one page of A4, landscape."""

from pathlib import Path

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from .models import Certificate


class PdfUnavailable(RuntimeError):
    """The system libraries that draw the PDF (Pango) are not installed on this machine."""

    code = "pdf_unavailable"


def verify_address(certificate: Certificate) -> str:
    with translation.override("th"):
        return settings.SITE_URL + reverse("certificate_verify", args=[certificate.code])


def render(certificate: Certificate) -> bytes:
    """The PDF's bytes. Raises `PdfUnavailable`."""
    try:
        from weasyprint import CSS, HTML
    except (ImportError, OSError) as error:
        raise PdfUnavailable(str(error)) from error
    address = verify_address(certificate)
    qr = segno.make(address, error="m").svg_inline(scale=3, border=0)
    font = finders.find("vendor/sarabun/sarabun-thai-400-normal.woff")
    with translation.override("th"):
        html = render_to_string(
            "certificates/certificate_pdf.html",
            {
                "certificate": certificate,
                "segments": certificate.segments,
                "qr_svg": qr,
                "verify_url": address,
                "font_dir": f"{Path(font).parent.as_uri()}/" if font else "",
            },
        )
    sheet = finders.find("sala/css/certificate.css")
    return HTML(string=html).write_pdf(stylesheets=[CSS(filename=sheet)])
