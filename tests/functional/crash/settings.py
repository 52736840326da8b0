"""Production's settings with the crash points in reach. Nothing of production names this module or this app."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as _PRODUCTION

INSTALLED_APPS = [*_PRODUCTION, "tests.functional.crash"]
EMAIL_TIMEOUT = 2  # for the mail server's answer; one of these tests waits for it in vain
