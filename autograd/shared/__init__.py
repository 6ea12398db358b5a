"""Helpers that ``autograd``, ``nn`` and ``visualize`` share: warnings at the line of the user, and complete files."""

from autograd.shared.files import write_atomically
from autograd.shared.frames import users_frame
from autograd.shared.notices import warn

__all__ = ["users_frame", "warn", "write_atomically"]
