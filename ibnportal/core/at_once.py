"""Many steps of one migration with the models rendered once, because a squashed migration has a hundred of them."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class AtOnce(Operation):
    """Performs steps on the state after all of them.

    Django renders every related model again after every step, a tenth of a second each; here it happens once. Right for
    steps that only add (a table with its constraints and triggers, or columns to such tables), in one group as long as
    none of them adds to a table that the same group creates (docs/adr/0032).
    """

    serialization_expand_args = ["operations"]
    reversible = False

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """How it is written in a migration."""
        return self.__class__.__qualname__, [], {"operations": self.operations}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models after all of the steps."""
        state.__dict__.pop("apps", None)  # rendered again at its first use, with all of the steps
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Each step in its order, on the models after all of them."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What `migrate` and `makemigrations` print."""
        return f"{len(self.operations)} steps at once"
