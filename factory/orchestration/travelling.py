"""The specs travel with the run.

A process that runs a step builds the definitions anew. Were it to read the folder again, an
edit between launch and start would change or break the run. Dagster keeps reconstruction
metadata for this; reaching it needs a private import, so it is all here, and without it the
folder is read again.
"""

import importlib
from collections.abc import Callable
from typing import Any

_KEY = "pipeline-factory/specs"


def travelled(make: Callable[[], str]) -> str:
    """The text that `make` returned when the code location was loaded; made now if this is it."""
    context = _load_context()
    if context is None:
        return make()
    if context.load_type.name == "RECONSTRUCTION":
        text = context.reconstruction_metadata.get(_KEY)
        return text if isinstance(text, str) else make()
    text = make()
    context.add_to_pending_reconstruction_metadata(_KEY, text)
    return text


def _load_context() -> Any:
    """Dagster's DefinitionsLoadContext, or None in a release that has it no more."""
    try:
        module = importlib.import_module("dagster._core.definitions.definitions_load_context")
        return module.DefinitionsLoadContext.get()
    except (ImportError, AttributeError):
        return None
