"""Settings from the environment; safe by default: without DEBUG=1 this is production.

`docs/operations.md` lists every variable. What production cannot do without (SECRET_KEY, DATABASE_URL, REDIS_URL,
ALLOWED_HOSTS, EMAIL_URL) has no default there: the portal refuses to start.
"""

import os
from datetime import timedelta
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF

# Lets `ModelForm[Application]` be written: Django's own classes are not generic at run time.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
TESTING = "PYTEST_VERSION" in os.environ  # pytest sets it for the time of its run
LOCAL = DEBUG or TESTING

SECRET_KEY = env("SECRET_KEY", default="only-for-development-and-tests") if LOCAL else env("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"]) if LOCAL else env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The address in mails and PDFs, where no request tells it.
SITE_URL = env(
    "SITE_URL", default=f"http://localhost:{env('PORT', default='8000')}" if LOCAL else f"https://{ALLOWED_HOSTS[0]}"
)

# The account that the fund pays from; without it no payment file can be made. The demo's is made up.
FUND_NAME = env("FUND_NAME", default="Fonds voor Innoveren en Ondernemen")
FUND_IBAN = env("FUND_IBAN", default="BE71096123456769" if DEMO or TESTING else "")
FUND_BIC = env("FUND_BIC", default="")

# ---------------------------------------------------------------- apps

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "pgtrigger",
    "ibnportal.core.accounts",
    "ibnportal.core.audit",
    "ibnportal.core.files",
    "ibnportal.core.outbox",
    "ibnportal.core.workdays",
    "ibnportal.core.democlock",
    "ibnportal.core.ui",
    "ibnportal.core.rulebook",
    "calls",
    "applications",
    "evaluation",
    "monitoring",
    "ibnportal.portal",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ibnportal.core.accounts.middleware.StaffMfaMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "ibnportal.urls"
WSGI_APPLICATION = "ibnportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ibnportal.core.demo.context.demo",
                "ibnportal.core.ui.context_processors.portal",
            ],
            "builtins": ["django.templatetags.l10n"],  # `unlocalize`: a key or a year is no amount
        },
    },
]

FORM_RENDERER = "ibnportal.core.ui.form_rendering.FormRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# ---------------------------------------------------------------- data

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0") if LOCAL else env("REDIS_URL")

DATABASES = {"default": env.db("DATABASE_URL", default="postgres:///ibn") if LOCAL else env.db("DATABASE_URL")}
if env("DATABASE_HOST", default=""):  # a socket folder, which a URL cannot carry: django-environ leaves %2F as it is
    DATABASES["default"]["HOST"] = env("DATABASE_HOST")
# Every trigger of pgtrigger reads this setting. Where it was never set the reading fails in a subtransaction of its own, which walks
# all foreign keys that are still to be checked: each row of an import then costs more than the one before.
# `work_mem`: the 4 MB that PostgreSQL takes by itself makes sums over the ledger of a large programme go by way of the disk.
_OPTIONS = DATABASES["default"].setdefault("OPTIONS", {})
_OPTIONS["options"] = f"{_OPTIONS.get('options', '')} -c pgtrigger.ignore={{}} -c work_mem=32MB".strip()
DATABASES["default"]["CONN_MAX_AGE"] = 0 if TESTING else env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if TESTING
    else {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cache"}
}

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Uploads are private: no URL leads to them, `ibnportal.core.files` hands them out after checking who asks.
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(BASE_DIR / ".data" / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}
# Whose digital signatures on a letter count as trusted: certificates (PEM or DER), files or folders of them.
SIGNATURE_TRUST_ROOTS = env.list("SIGNATURE_TRUST_ROOTS", default=[])
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 100
FILE_UPLOAD_HANDLERS = ["ibnportal.core.files.uploads.CappedUploadHandler"]  # 50 MB; what a kind allows is less
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750

# ---------------------------------------------------------------- people

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "ibnportal.core.accounts.backends.SessionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "ibnportal.core.accounts.signup.SignupForm"
ACCOUNT_ADAPTER = "ibnportal.core.accounts.adapter.AccountAdapter"  # its mail leaves through the outbox
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/werk/"
MFA_TOTP_ISSUER = "IBN-portaal"
MFA_TOTP_INSECURE_BYPASS_CODE = "123456" if DEBUG and DEMO else None

# OpenID Connect (ACM/IDM) is there once its four variables are; see docs/operations.md.
if env("OIDC_ISSUER", default=""):
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": env("OIDC_PROVIDER_ID", default="acmidm"),
                    "name": env("OIDC_NAME", default="Vlaamse overheid"),
                    "client_id": env("OIDC_CLIENT_ID"),
                    "secret": env("OIDC_CLIENT_SECRET"),
                    "settings": {"server_url": env("OIDC_ISSUER"), "fetch_userinfo": False},
                },
            ],
        },
    }

# Proxies in front of us whose X-Forwarded-For we believe; 1 behind the nginx of docker-compose.yml.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
AXES_CLIENT_IP_CALLABLE = "ibnportal.proxies.client_ip"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# One person from one place: a stranger's guesses do not lock the owner out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "login"
AXES_DISABLE_ACCESS_LOG = True

# ---------------------------------------------------------------- the browser

HTTPS = env.bool("HTTPS", default=not LOCAL)
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^gezondheid/$"]  # asked from inside, without TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# For browsers that know no frame-ancestors; the others read the policy below: only our own pages frame our PDFs.
X_FRAME_OPTIONS = "DENY"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessie" if HTTPS else "sessie"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
LANGUAGE_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "ibnportal.core.ui.views.csrf_failure"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's icons are data: URLs inside its stylesheet
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [NONE],  # except where a stored PDF is shown in the page: core.files.http.shows_files
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
        **({"upgrade-insecure-requests": True} if HTTPS else {}),
    },
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "screen-wake-lock", "xr-spatial-tracking",
    )
}  # fmt: skip

# ---------------------------------------------------------------- language and time

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands")]
TIME_ZONE = "Europe/Brussels"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# ---------------------------------------------------------------- background work

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task longer than the visibility timeout would run twice: the time limit stays well under it.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 3}
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A nudge that finds no broker gives up soon: the sweep picks the work up.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    # Picks up what a lost broker or a killed worker forgot.
    "outbox-sweep": {"task": "outbox.sweep", "schedule": 30.0, "options": {"expires": 25}},
    "files-sweep": {"task": "files.sweep_orphans", "schedule": 3600.0, "options": {"expires": 3000}},
    # A dossier goes on as soon as its term has run out (P2-COM-06); no page has to be opened for it.
    "supplements-expire": {"task": "applications.expire_supplements", "schedule": 60.0, "options": {"expires": 50}},
}
# What else follows from the calendar. Not in the demo: there the clock travels, and a visit to 2028 would end all of 2026.
if not DEMO:
    CELERY_BEAT_SCHEDULE |= {
        "papers-drop-unused": {
            "task": "calls.drop_unused_papers",
            "schedule": 86400.0,
            "options": {"expires": 3600},
        },
        "experts-remind": {"task": "evaluation.remind_experts", "schedule": 3600.0, "options": {"expires": 3000}},
        "conflicts-search": {"task": "evaluation.search_conflicts", "schedule": 86400.0, "options": {"expires": 3600}},
        "supplements-remind": {
            "task": "applications.remind_supplements",
            "schedule": 3600.0,
            "options": {"expires": 3000},
        },
        "unsubmitted-close": {
            "task": "applications.close_unsubmitted",
            "schedule": 3600.0,
            "options": {"expires": 3000},
        },
        "report-reminders": {
            "task": "monitoring.report_reminders",
            "schedule": 6 * 3600.0,
            "options": {"expires": 3600},
        },
        "cofinancing-reminders": {
            "task": "monitoring.cofinancing_reminders",
            "schedule": 6 * 3600.0,
            "options": {"expires": 3600},
        },
        "future-plans": {
            "task": "monitoring.future_plans",
            "schedule": 6 * 3600.0,
            "options": {"expires": 3600},
        },
        "minutes-reminders": {
            "task": "monitoring.minutes_reminders",
            "schedule": 6 * 3600.0,
            "options": {"expires": 3600},
        },
    }

# ---------------------------------------------------------------- mail

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("DEFAULT_FROM_EMAIL", default="IBN-portaal <ibn@portaal.example>")
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = env("EMAIL_FILE_PATH", default=str(BASE_DIR / ".data" / "mail"))
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if not LOCAL or env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))  # smtp+tls://user:password@host:587
elif DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_BACKEND = env("EMAIL_BACKEND", default=EMAIL_BACKEND)

# ---------------------------------------------------------------- logs

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "ibnportal.logs.PlainFormatter"},
        "json": {"()": "ibnportal.logs.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain" if LOCAL else "json"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING" if TESTING else "INFO")},
    "loggers": {
        # Django's own handlers mail addresses and request data to administrators: ours go to the console, scrubbed.
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},  # a 404 is no news; a 500 is
        "axes": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "pikepdf": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
    },
}
