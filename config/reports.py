"""What a page of an error leaves out, where DEBUG shows one: addresses too, as those of databases and mailboxes hold
passwords."""

import re

from django.views.debug import SafeExceptionReporterFilter


class ReportFilter(SafeExceptionReporterFilter):
    """Django's own, and every setting and variable of the environment with an address."""

    hidden_settings = re.compile(f"{SafeExceptionReporterFilter.hidden_settings.pattern}|URL", re.IGNORECASE)
