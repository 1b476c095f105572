from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "courses.certificates"
    label = "certificates"
    verbose_name = _("Certificates")

    def ready(self):
        from courses.enrolment import dashboard, pages, teach_person

        from . import privacy, receivers  # noqa: F401 - make themselves known
        from .issue import certificates_of, url_of
        from .panel import panel

        pages.register_certificate_url(url_of)
        dashboard.register_certificates(certificates_of)
        teach_person.register_panel(panel)
