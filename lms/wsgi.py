import os

from django.core.wsgi import get_wsgi_application

from lms.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings.production")

application = get_wsgi_application()
settle()
