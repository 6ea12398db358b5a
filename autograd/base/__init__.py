"""Foundations: the accepted numbers and IEEE-754 arithmetic, recording modes, the build and its backend, helpers in C."""
