"""Every verify kind that a contract may name. To add one: a file in `checks/kinds/`, a line here, a test file."""

from collections.abc import Mapping
from typing import Any

from workflows_app.checks.base import VerifyKind
from workflows_app.checks.kinds.artifact import ArtifactKind
from workflows_app.checks.kinds.http import HttpKind
from workflows_app.checks.kinds.sql import SqlKind

KINDS: Mapping[str, VerifyKind[Any]] = {kind.name: kind for kind in (ArtifactKind(), HttpKind(), SqlKind())}
