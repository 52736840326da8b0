"""How often somebody may ask who looks alike: enough for a day of forms, too little to list the customers.

Counted in the cache of this process (`CACHES`): several web processes count each for themselves.
"""

from typing import Final

from django.core.cache import cache

from workflows_app.admin import access

MOST: Final = 120
_SECONDS: Final = 3600


def may_ask(user: access.Visitor) -> bool:
    """Whether the visitor may ask once more in this hour, which counts; always for who may see all customers."""
    if user.has_perm("workflows_app.view_customer"):  # type: ignore[union-attr]  # nobody anonymous gets here
        return True
    key = f"intake:alike:{user.pk}"
    cache.add(key, 0, _SECONDS)
    try:
        return cache.incr(key) <= MOST
    except ValueError:  # it ran out just now
        return True
