"""Import all compiled modules before pytest collects them: otherwise it imports the source file in place of the module."""

from importlib import import_module

import autograd
from autograd.base.build_info import MODULES

if autograd.backend() == "compiled":
    for name in (*[f"autograd.{module}" for module in MODULES], "nn.optim.update_rules"):
        import_module(name)
