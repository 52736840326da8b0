"""Follow the links of the console in Chromium, one or a few pages of every kind."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import Page

SKIPPED = ("/static/", "/logout/", "/admin/jsi18n/", "/api/")
EACH = 1  # pages of one kind: a list of customers is one kind, the page of a customer another one
MORE = {"admin:approvals_proposedaction_change": 8, "admin:workflows_app_workflowrun_change": 3}
_LINKS = "() => [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"


def crawl(page: Page, site: str, *starts: str) -> Iterator[str]:
    """Open page after page, and yield the path of each while it is open."""
    seen: Counter[str] = Counter()
    queued: set[str] = set()
    todo = [*starts]
    while todo:
        path = todo.pop(0)
        kind = _kind(path)
        if kind is None or seen[kind] >= MORE.get(kind, EACH):
            continue
        seen[kind] += 1
        response = page.goto(site + path, wait_until="load")
        assert response is not None
        assert response.status < 400, f"{path}: {response.status}"
        yield path
        found = [urlsplit(urljoin(site + path, href)) for href in page.evaluate(_LINKS)]
        for link in found:
            if f"{link.scheme}://{link.netloc}" == site and link.path not in queued:
                queued.add(link.path)
                todo.append(link.path)


def _kind(path: str) -> str | None:
    """The name of the view, None for what is not looked at."""
    if path.startswith(SKIPPED):
        return None
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return None if "file" in match.view_name else match.view_name
