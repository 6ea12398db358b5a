"""Helpers for all of nn: checks of arguments, random number generators, and classes with validated options."""

from typing import TYPE_CHECKING, Any

if not TYPE_CHECKING:  # type checkers would accept every name

    def __getattr__(name: str) -> Any:
        """Raise the error for a name that does not exist. Public names are in nn itself."""
        from autograd.shared import missing_name
        from nn.base.names import in_nn

        raise missing_name(__name__, name, in_nn(name))
