"""Behind TLS, with a secret of its own. `check --deploy` is clean on these settings."""

from . import environment as env
from .base import *  # noqa: F403 - settings modules extend one another

LMS_SERVE_MEDIA = env.flag("LMS_SERVE_MEDIA", not env.text("LMS_S3_BUCKET"))
SECURE_SSL_REDIRECT = env.flag("LMS_SSL_REDIRECT", True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.number("LMS_HSTS_SECONDS", 365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
}
