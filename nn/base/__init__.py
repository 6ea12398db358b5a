"""Helpers for all of nn: checks of arguments, random number generators, and classes with validated options."""
