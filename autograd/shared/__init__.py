"""Helpers that ``autograd``, ``nn`` and ``visualize`` share: warnings at the line of the user, complete files, and messages."""

from autograd.shared.attributes import OtherNames, missing_name
from autograd.shared.calls import suggesting
from autograd.shared.files import file_to_write, write_atomically
from autograd.shared.frames import users_frame
from autograd.shared.notices import warn
from autograd.shared.words import counted, did_you_mean, plural, refuse_non_value, refuse_other_value

__all__ = [
    "OtherNames", "counted", "did_you_mean", "file_to_write", "missing_name", "plural", "refuse_non_value",
    "refuse_other_value", "suggesting", "users_frame", "warn", "write_atomically",
]  # fmt: skip
