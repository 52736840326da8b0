"""Settings, from the environment only (`.env` beside manage.py is read first; `make run` writes it)."""

from collections.abc import Callable
from pathlib import Path

import environ
from django.templatetags.static import static
from django.urls import reverse_lazy

from config import security

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise environ.ImproperlyConfigured("SECRET_KEY is not set: run `make run` once, or set it in the environment.")
# Earlier keys, so that what they signed or sealed (sessions, secrets of webhooks) stays good after a new one.
SECRET_KEY_FALLBACKS = [key for key in env.list("SECRET_KEY_FALLBACKS", default=[]) if key]
# The first password of the approver that `set_up` creates; empty: a fresh one is printed.
MIKE_PASSWORD = env.str("MIKE_PASSWORD", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "workflows_app.admin.sign_in.old_form.refused"
# Where `http_call` steps reach our own endpoints; empty: in this process, without a socket.
SITE_URL = env.str("SITE_URL", default="")
# Where people open the console, such as https://office.example.com: the chat server links cards. Empty: no links.
CONSOLE_URL = env.str("CONSOLE_URL", default="")
# Far ends that `http_call` steps may reach beside our own endpoints, by name, with a port unless it is 443.
HTTP_HOSTS = [host.strip().lower() for host in env.list("HTTP_HOSTS", default=[]) if host.strip()]
# Networks of the house that calls and webhooks may enter, such as 10.1.0.0/16; all other private addresses are refused.
HTTP_NETWORKS = env.list("HTTP_NETWORKS", default=[])
# HTTP_SECRET_PARTNER=… is what a contract calls {secret: PARTNER} as the value of a header.
HTTP_SECRETS = {
    name.removeprefix("HTTP_SECRET_"): value for name, value in env.ENVIRON.items() if name.startswith("HTTP_SECRET_")
}
# Who we are: printed on letters and quotations.
COMPANY = {
    "name": env.str("COMPANY_NAME", default="Larkfield Foodservice"),
    "address": env.str("COMPANY_ADDRESS", default="418 Harvest Road\nAlbany, NY 12207").replace("\\n", "\n"),
    "phone": env.str("COMPANY_PHONE", default="(518) 555-0142"),
    "email": env.str("COMPANY_EMAIL", default="office@example.com"),
    "logo": env.str("COMPANY_LOGO", default=""),  # a file (SVG, PNG, JPEG); empty: a leaf is drawn
}

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_q",
    "approvals",
    "workflows_app",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.security.headers",
    "config.security.no_nul",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.office_time.office_time",
    "allauth.account.middleware.AccountMiddleware",
    "workflows_app.admin.sign_in.second_factor.SecondFactorMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "workflows_app.admin.banner.banner",
                "workflows_app.admin.sign_in.look.look",
            ],
        },
    },
]


def _database(url: str) -> dict[str, object]:
    """Django's settings for one database, with the options that its engine needs (docs/django_q2.md)."""
    scheme, found, _ = url.partition("://")
    if not found or scheme not in environ.Env.DB_SCHEMES:  # django-environ would say the whole address
        raise environ.ImproperlyConfigured("The address of a database begins with postgres:// or sqlite:///.")
    config: dict[str, object] = dict(environ.Env.db_url_config(url))
    config["CONN_MAX_AGE"] = 60
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["ENGINE"] = "config.sqlite"
        config["TEST"] = {"NAME": ":memory:"}  # Django's default; pytest-xdist knows it for Django's own engine only
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA mmap_size=134217728;"
                "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-8000"
            ),
        }
    else:
        config["CONN_HEALTH_CHECKS"] = True
        options = dict(config.get("OPTIONS") or {})  # type: ignore[call-overload]
        config["OPTIONS"] = {"connect_timeout": 5, "options": "-c lock_timeout=5s"} | options
    return config


DATABASES = {"default": _database(env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'countersign.sqlite3'}"))}
if env.str("DATABASE_READONLY_URL", default=""):
    DATABASES["readonly"] = _database(env.str("DATABASE_READONLY_URL"))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# Whoever may decide, or may give that right, needs an authenticator app or a passkey before any page opens.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=False)
vars().update(security.LOGIN)

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
OFFICE_TIME_ZONE = env.str("OFFICE_TIME_ZONE", default="America/New_York")  # what pages show, and what is typed there
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns when it is missing
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "artifacts"))
# Files in an object store that speaks S3 (docs/files.md), when a bucket is named; else in MEDIA_ROOT.
S3 = {
    "bucket_name": env.str("S3_BUCKET", default=""),
    "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,  # R2: https://<account>.r2.cloudflarestorage.com
    "region_name": env.str("S3_REGION", default="auto"),
    "access_key": env.str("S3_ACCESS_KEY_ID", default="") or None,
    "secret_key": env.str("S3_SECRET_ACCESS_KEY", default="") or None,
    "location": env.str("S3_PREFIX", default=""),
}
STORAGES = {
    "default": {"BACKEND": "workflows_app.delivery.object_store.ObjectStore", "OPTIONS": S3}
    if S3["bucket_name"]
    else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"allow_overwrite": True}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}

# Without EMAIL_URL (smtp+tls://user:password@host:587), letters are written to files instead of being sent.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 20
# The mailbox that customers write to, imaps://user:password@host/INBOX; read every minute, nothing in it is changed.
INBOUND_IMAP_URL = env.str("INBOUND_IMAP_URL", default="")
# Who is told of open alerts by email, comma separated; empty: nobody. The only mail that needs no decision.
ALERT_EMAIL = [address.strip() for address in env.list("ALERT_EMAIL", default=[]) if address.strip()]
# Asked once a minute while nothing is silent, so that a service outside notices when we stop; empty: not asked.
DEADMAN_URL = env.str("DEADMAN_URL", default="")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Countersign <office@example.com>")
# Where answers to letters go, and where mail servers return what they cannot deliver (MAIL FROM, Return-Path); empty:
# to the sender. docs/mail.md.
REPLY_TO_EMAIL = env.str("REPLY_TO_EMAIL", default="")
BOUNCE_EMAIL = env.str("BOUNCE_EMAIL", default="")

# A language model that drafts letters where a contract says so: an OpenAI-compatible endpoint (docs/drafting.md).
# Without URL and MODEL nothing leaves the house. TRIAGE: it may also be shown mail that came in.
DRAFTING = {
    "URL": env.str("DRAFTING_URL", default=""),
    "MODEL": env.str("DRAFTING_MODEL", default=""),
    "KEY": env.str("DRAFTING_KEY", default=""),
    "TIMEOUT": env.float("DRAFTING_TIMEOUT", default=10.0),
    "TRIAGE": env.bool("DRAFTING_TRIAGE", default=False),
}

# NetSuite (docs/netsuite.md). A live account has a name and one of two logins; with none of them set, the embedded
# sandbox is used. NETSUITE_URL: another address than the account's own.
NETSUITE = {
    "ACCOUNT": env.str("NETSUITE_ACCOUNT", default=""),
    "CLIENT_ID": env.str("NETSUITE_CLIENT_ID", default=""),
    "CERTIFICATE_ID": env.str("NETSUITE_CERTIFICATE_ID", default=""),
    "PRIVATE_KEY_FILE": env.str("NETSUITE_PRIVATE_KEY_FILE", default=""),
    "CONSUMER_KEY": env.str("NETSUITE_CONSUMER_KEY", default=""),
    "CONSUMER_SECRET": env.str("NETSUITE_CONSUMER_SECRET", default=""),
    "TOKEN_ID": env.str("NETSUITE_TOKEN_ID", default=""),
    "TOKEN_SECRET": env.str("NETSUITE_TOKEN_SECRET", default=""),
    "URL": env.str("NETSUITE_URL", default=""),
    "CONCURRENCY": env.int("NETSUITE_CONCURRENCY", default=2),
    "TIMEOUT": env.float("NETSUITE_TIMEOUT", default=60.0),
    "MAPPING": env.str("NETSUITE_MAPPING", default=""),
    "TIME_ZONE": env.str("NETSUITE_TIME_ZONE", default=""),  # SuiteQL speaks local time; a live account must name it
    "SANDBOX_PORT": env.int("NETSUITE_SANDBOX_PORT", default=8090),
    "SANDBOX_FOLDER": env.str("NETSUITE_SANDBOX_FOLDER", default=str(VAR_DIR / "netsuite_sandbox")),
}

# How long a worker that says nothing keeps what it took; see "Lease and fence" in ARCHITECTURE.md before shortening it.
LEASE_SECONDS = env.float("LEASE_SECONDS", default=120.0)

# Every setting has its reason in docs/django_q2.md. Recovery, retries and schedules are ours; this is a doorbell.
Q_CLUSTER = {
    "name": "countersign",
    "orm": "default",
    "broker_class": "workflows_app.runner.enqueue.Queue",
    "workers": env.int("Q_WORKERS", default=2),
    "queue_limit": 2,
    "bulk": 1,
    "poll": 0.2,
    "timeout": 300,
    "retry": 3600,
    "ack_failures": True,
    "max_attempts": 1,
    "recycle": 200,
    "save_limit": 50,
    "guard_cycle": 0.5,
    "catch_up": False,
    "time_zone": "UTC",
    "ALT_CLUSTERS": {},
}

# Secure by itself as soon as others can reach us; `make run` on the own machine speaks plain http, and its cookies too.
HTTPS = not DEBUG and not security.only_here(ALLOWED_HOSTS)
# How many reverse proxies stand before us; 0: what X-Forwarded-… says is not believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
vars().update(security.behind(TRUSTED_PROXIES))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=HTTPS)
SECURE_SSL_REDIRECT = env.bool("HTTPS_REDIRECT", default=HTTPS and TRUSTED_PROXIES > 0)
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000 if HTTPS else 0)
SESSION_COOKIE_AGE = round(env.float("SESSION_HOURS", default=12) * 3600)
vars().update(security.HEADERS)

CONSOLE_STYLES = ("theme", "console", "front", "inbox", "card", "picture", "run", "memory", "intake")


def _file(path: str) -> Callable[[object], str]:
    return lambda request: static(path)


UNFOLD = {
    "SITE_TITLE": "Countersign",
    "SITE_HEADER": "Countersign",
    "SITE_SUBHEADER": "Nothing leaves without your signature",
    "SITE_SYMBOL": "draw",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "workflows_app.admin.front.desk.front_page",
    "STYLES": [_file(f"countersign/{name}.css") for name in CONSOLE_STYLES],
    "SCRIPTS": [_file(f"countersign/{name}.js") for name in ("console", "inbox", "intake")],
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("countersign/favicon.svg")}
    ],
    "SIDEBAR": {"show_search": True, "navigation": "workflows_app.admin.navigation.sidebar"},
    "COLORS": lambda request: {},  # they are in theme.css: the policy refuses the <style> that unfold would write
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": reverse_lazy("admin:password_change")},
            {"title": "Second factor", "link": reverse_lazy("mfa_index")},
        ]
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"warnings": {"()": "django.utils.log.CallbackFilter", "callback": security.is_warning}},
    "handlers": {
        "console": {"class": "logging.StreamHandler"},
        "end_the_group": {"class": "config.cluster.EndTheGroup"},
    },
    "loggers": {
        "django-q": {"level": env.str("Q_LOG_LEVEL", default="WARNING"), "handlers": ["end_the_group"]},
        "axes": {"level": "WARNING"},
        "httpx": {"level": "WARNING", "filters": ["warnings"]},  # it logs whole addresses, such as DEADMAN_URL
        "httpcore": {"level": "WARNING"},
        "oauthlib": {"level": "WARNING"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
