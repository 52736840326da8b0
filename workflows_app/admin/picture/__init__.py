"""The six-lane picture of a contract (DESIGN.md section 12), laid out on the server; `picture.html` renders it.

Pure: from a contract to places and words, without a database or a request. Keys name the boxes:

- `trigger` and `gate`: one each;
- `context:<name>`: a reading of the context, `check:<name>`: a precondition;
- `step:<name>`: a step of the fan-out;
- `post:log_run`, `post:event`, `post:reflexion` when the contract is remembered, `post:<id>` of any other declared one;
- `verify:<name>`: a verify check.

`anchor(key)` is the id of a box's place on the contract's page: `step:write_d1` links to `#step-write_d1`.
"""

from workflows_app.admin.picture.drawing import Box, Picture, State, picture
from workflows_app.admin.picture.explanations import Look
from workflows_app.admin.picture.lanes import anchor

__all__ = ["Box", "Look", "Picture", "State", "anchor", "picture"]
