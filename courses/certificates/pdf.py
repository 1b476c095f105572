"""PDFs: the certificate (one page of A4, landscape) and the transcript (A4, upright)."""

from pathlib import Path

import segno
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from .models import Certificate, Transcript
from .transcript import by_year, shown_row


class PdfUnavailable(RuntimeError):
    """The system libraries that draw the PDF (Pango) are not installed on this machine."""

    code = "pdf_unavailable"


def fonts() -> dict[str, Path]:
    """{address: file} of the four cuts of Sarabun that the sheet names; those not there are left out."""
    found = (
        finders.find(f"vendor/sarabun/sarabun-{script}-{weight}-normal.woff")
        for script in ("thai", "latin")
        for weight in (400, 600)
    )
    return {Path(file).as_uri(): Path(file) for file in found if file}


def only(files: dict[str, Path]):
    """WeasyPrint's door to the outside, for these files alone: no other file, no network."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Only(URLFetcher):
        def fetch(self, url, headers=None):
            if url not in files:
                raise ValueError(f"Not part of a certificate: {url}")
            return URLFetcherResponse(url, files[url].read_bytes(), {"Content-Type": "font/woff"})

    return Only()


def verify_address(certificate: Certificate) -> str:
    with translation.override("th"):
        return settings.SITE_URL + reverse("certificate_verify", args=[certificate.code])


def render(certificate: Certificate) -> bytes:
    """The PDF's bytes. Raises `PdfUnavailable`."""
    address = verify_address(certificate)
    context = {"certificate": certificate, "segments": certificate.segments}
    return sheet("certificates/certificate_pdf.html", "certificate.css", context, address)


def render_transcript(transcript: Transcript) -> bytes:
    """A printed transcript, A4 upright, as many pages as it takes. Raises `PdfUnavailable`."""
    with translation.override("th"):
        address = settings.SITE_URL + reverse("transcript_verify", args=[transcript.code])
        rows = [shown_row(row, "th") for row in transcript.content["rows"]]
    sums = {year["year"]: year for year in transcript.content["years"]}
    context = {"transcript": transcript, "years": by_year(rows, sums)}
    return sheet("certificates/transcript_pdf.html", "transcript.css", context, address)


def sheet(template: str, style: str, context: dict, address: str) -> bytes:
    """A template of the theme, in Thai, with a QR code of `address`, as PDF."""
    try:
        from weasyprint import CSS, HTML
    except (ImportError, OSError) as error:
        raise PdfUnavailable(str(error)) from error
    qr = segno.make(address, error="m").svg_inline(scale=3, border=0)
    files = fonts()
    with translation.override("th"):
        html = render_to_string(
            template,
            {
                **context,
                "qr_svg": qr,
                "verify_url": address,
                "font_dir": next((f"{file.parent.as_uri()}/" for file in files.values()), ""),
            },
        )
    css = finders.find(f"sala/css/{style}")
    return HTML(string=html, url_fetcher=only(files)).write_pdf(
        stylesheets=[CSS(string=Path(css).read_text(encoding="utf-8"), url_fetcher=only(files))]
    )
