"""What holds everywhere. Every value that an operator may change comes from the environment;
docs/settings.md lists them."""

from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.core import plugins

from . import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"

DEBUG = False
SECRET_KEY = env.text("LMS_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.words("LMS_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("LMS_ALLOWED_HOSTS")
SITE_URL = env.text("LMS_SITE_URL", "http://127.0.0.1:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "themes.base",
    "lms.people",
    "lms.operations",
    "activities.core",
    "activities.discussion",
    "activities.role_play",
    "activities.workshop",
    "activities.quiz",
    "courses.catalogue",
    "courses.releases",
    "courses.enrolment",
    "courses.grades",
    "courses.certificates",
    "courses.community",
    "courses.teaching",
    "courses.authoring",
    "search",
    "allauth",
    "allauth.account",
    "wagtail.contrib.forms",
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.simple_translation",
    "wagtail.embeds",
    "wagtail.sites",
    "lms.people.wagtail_users.PeopleAdminConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "lms.middleware.Maintenance",
    "lms.middleware.TokenOnly",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lms.middleware.EndedSession",
    "django.contrib.messages.middleware.MessageMiddleware",
    "lms.people.sessions.Sessions",
    "lms.people.limits.RateLimits",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "lms.middleware.NotAnAuthor",
    "lms.middleware.AtomicAdmin",
    "lms.middleware.FullDisk",
    "lms.middleware.PluginFailures",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.context.site",
            ],
        },
    },
]

# -- Data ---------------------------------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(
        env.text("LMS_DATABASE_URL", f"sqlite:///{VAR_DIR / 'sala.sqlite3'}"),
        conn_max_age=env.number("LMS_DATABASE_CONN_MAX_AGE", 60),
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Readers go on while one writes (WAL); a writer takes its lock at BEGIN (IMMEDIATE), since a
    # lock that is upgraded half-way fails at once instead of waiting for its turn.
    DATABASES["default"].setdefault("OPTIONS", {}).update(
        {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;"
                "PRAGMA synchronous=NORMAL;"
                "PRAGMA mmap_size=134217728;"
                "PRAGMA journal_size_limit=27103364;"
                "PRAGMA cache_size=-16000;"
            ),
        }
    )
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # An address that swallows packets must not hold a worker for minutes.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# ATOMIC_REQUESTS would make every read on SQLite take the write lock (IMMEDIATE), so views that
# write are atomic one by one; the Wagtail admin is wrapped whole by lms.middleware.
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("LMS_REDIS_URL")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "lms.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "sala",
            "OPTIONS": {"MAX_ENTRIES": 5000},
        }
    }

CELERY_BROKER_URL = REDIS_URL or None
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
# Who cannot be queued now is found by a sweeper: a request never waits for a broker that is away.
CELERY_TASK_PUBLISH_RETRY = False
# A Redis that takes a connection and then says nothing must not hold a request either.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 2}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = env.text("LMS_TIME_ZONE", "Asia/Bangkok")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "settle-all-courses": {
        "task": "courses.releases.tasks.settle_all",
        "schedule": env.number("LMS_SETTLE_EVERY_SECONDS", 24 * 3600),
    },
    "audit-measured-minutes": {
        "task": "courses.enrolment.tasks.audit_measured",
        "schedule": 24 * 3600,
    },
    "publish-scheduled-pages": {
        "task": "courses.releases.tasks.publish_scheduled",
        "schedule": 300,
    },
    "apply-search-changes": {"task": "search.tasks.apply_changes", "schedule": 60},
    "check-search": {"task": "search.tasks.check", "schedule": 24 * 3600},
    "sweep-errands": {"task": "activities.core.tasks.sweep_errands", "schedule": 120},
    "advance-discussions": {
        "task": "activities.discussion.tasks.advance_discussions",
        "schedule": 900,
    },
    "remind-reviewers": {
        "task": "activities.workshop.tasks.remind_reviewers",
        "schedule": 1800,
    },
    "recalculate-closed-grades": {
        "task": "courses.grades.tasks.recalculate_closed",
        "schedule": 24 * 3600,
    },
    "tell-announcements": {
        "task": "courses.teaching.tasks.tell_announcements",
        "schedule": 300,
    },
    "remind-of-runs": {"task": "courses.enrolment.tasks.remind", "schedule": 3600},
    "forget-what-has-ended": {"task": "lms.people.tasks.forget_ended", "schedule": 24 * 3600},
    "sweep-learning": {"task": "lms.people.tasks.sweep_learning", "schedule": 120},
    "check-learning": {"task": "lms.people.tasks.check_learning", "schedule": 24 * 3600},
    "send-notices": {"task": "activities.core.tasks.send_notices", "schedule": 600},
    "drop-attachments": {"task": "activities.core.tasks.drop_attachments", "schedule": 24 * 3600},
}

# Search. Without an address the database's own engine answers; with one it stands ready.
LMS_ELASTICSEARCH_URL = env.text("LMS_ELASTICSEARCH_URL")
LMS_ELASTICSEARCH_INDEX = env.text("LMS_ELASTICSEARCH_INDEX", "sala")

# Wagtail's API for programs that write courses, below /api/authoring/, with tokens.
LMS_AUTHORING_API = env.flag("LMS_AUTHORING_API", False)

MEDIA_ROOT = env.text("LMS_MEDIA_ROOT", str(VAR_DIR / "media"))
MEDIA_URL = "/media/"
STATIC_ROOT = env.text("LMS_STATIC_ROOT", str(VAR_DIR / "static"))
STATIC_URL = "/static/"
STATICFILES_DIRS = [
    # Installed by `npm ci`; the front-end's third-party files are never part of this repository.
    ("vendor/sarabun", BASE_DIR / "node_modules" / "@fontsource" / "sarabun" / "files"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# What learners attach: never below an address of its own, only through views that ask who reads.
STORAGES["attachments"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": env.text("LMS_ATTACHMENTS_ROOT", str(VAR_DIR / "attachments")),
        "base_url": None,
        "file_permissions_mode": 0o640,
    },
}
if env.text("LMS_S3_BUCKET"):
    STORAGES["attachments"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.text("LMS_ATTACHMENTS_S3_BUCKET", env.text("LMS_S3_BUCKET")),
            "endpoint_url": env.text("LMS_S3_ENDPOINT") or None,
            "region_name": env.text("LMS_S3_REGION") or None,
            "location": "attachments",
            "default_acl": "private",
            "querystring_auth": True,
        },
    }
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": env.text("LMS_S3_BUCKET"),
            "endpoint_url": env.text("LMS_S3_ENDPOINT") or None,
            "region_name": env.text("LMS_S3_REGION") or None,
        },
    }

# -- People -------------------------------------------------------------------------------------

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["lms.people.backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard"
ACCOUNT_ADAPTER = "lms.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "lms.people.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "lms.people.names.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = None
# lms.people.limits counts instead, in the database: allauth counts in the cache, which two processes
# share only with Redis. What is left keeps a mailbox from being filled with the same message.
ACCOUNT_RATE_LIMITS = dict.fromkeys(
    (
        "change_email",
        "change_password",
        "login",
        "login_failed",
        "manage_email",
        "reauthenticate",
        "reset_password",
        "reset_password_from_key",
        "signup",
    ),
    "",
) | {"confirm_email": "1/2m/key"}
# How many proxies in front of the site may be believed when they name the caller's address.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("LMS_TRUSTED_PROXIES", 0)
# A session ends after this time without a request, and in any case so many days after signing in.
LMS_SESSION_IDLE_MINUTES = env.number("LMS_SESSION_IDLE_MINUTES", 3 * 24 * 60)
LMS_SESSION_DAYS = env.number("LMS_SESSION_DAYS", 14)
SESSION_COOKIE_AGE = LMS_SESSION_DAYS * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lms.views.csrf_failure"

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if env.text("LMS_EMAIL_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("LMS_EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("LMS_EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("LMS_EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("LMS_EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("LMS_EMAIL_USE_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("LMS_EMAIL_FROM", "Sala <no-reply@sala.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# -- Language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "th"
LANGUAGES = [("th", _("Thai")), ("en", _("English"))]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
# The second holds what Wagtail and Django say: their own Thai is incomplete.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "frameworks"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("LMS_TIME_ZONE", "Asia/Bangkok")

# -- Wagtail ------------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = pgettext_lazy("logo", "Sala")
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAILADMIN_PERMITTED_LANGUAGES = [("th", "ไทย"), ("en", "English")]
WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE = False
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp", "avif", "svg"]
WAGTAILDOCS_EXTENSIONS = [
    "pdf",
    "docx",
    "xlsx",
    "pptx",
    "odt",
    "txt",
    "csv",
    "vtt",
    "mp3",
    "mp4",
    "m4a",
]
WAGTAILDOCS_SERVE_METHOD = "serve_view"
# The plain one: it looks for what was typed anywhere in a text. The full-text ones take a Thai
# sentence for one word, or split words at their vowels, and find nothing inside.
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "modelsearch.backends.database.fallback"},
}
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILADMIN_LOGIN_URL = "account_login"

# -- Sala ---------------------------------------------------------------------------------------

LMS_ACTIVE_SHARE_PERCENT = env.number("LMS_ACTIVE_SHARE_PERCENT", 40)
# Who awards the credentials; empty is the site's name.
LMS_ISSUER_NAME = env.text("LMS_ISSUER_NAME")
LMS_HELP_PHONE = env.text("LMS_HELP_PHONE", "1313")
# Where letters from the help page go. Empty: the page has no form, only the telephone number.
LMS_HELP_EMAIL = env.text("LMS_HELP_EMAIL")
LMS_MAINTENANCE = env.flag("LMS_MAINTENANCE")
# Kinds of activity of other packages (entry points). What fails at this early stage is left out.
LMS_PLUGINS_DISABLED = env.words("LMS_PLUGINS_DISABLED")
LMS_PLUGINS = plugins.find(LMS_PLUGINS_DISABLED, INSTALLED_APPS)
INSTALLED_APPS += [plugin.app for plugin in LMS_PLUGINS if plugin.app]
# Evidence of doing, in minutes: assumptions to calibrate from measured medians of the first runs.
LMS_READ_CHARS_PER_MINUTE = env.number("LMS_READ_CHARS_PER_MINUTE", 900)
LMS_WRITE_CHARS_PER_MINUTE = env.number("LMS_WRITE_CHARS_PER_MINUTE", 40)

# What looks at attached files for viruses: the dotted path of a function, see docs/attachments.md.
LMS_ATTACHMENT_SCANNER = env.text("LMS_ATTACHMENT_SCANNER")
LMS_CLAMAV_ADDRESS = env.text("LMS_CLAMAV_ADDRESS", "127.0.0.1:3310")

# -- Security -----------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    # Wagtail's admin needs inline scripts; everything that learners meet does without.
    "EXCLUDE_URL_PREFIXES": ("/admin/",),
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'"],
        "frame-src": [
            "https://www.youtube-nocookie.com",
            "https://www.youtube.com",
            "https://player.vimeo.com",
        ],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "lms.log_lines.OneLine",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("LMS_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "elastic_transport": {"level": "WARNING"},  # a line for each search
        # Without a broker every task would leave a line in the request that caused it.
        "celery.app.trace": {"level": "INFO" if REDIS_URL else "WARNING"},
        "kombu": {"level": "ERROR"},
        "django_tasks": {
            "level": "WARNING"
        },  # Wagtail's index tasks: two lines for each page saved
    },
}
