"""Whether the core is watched by the sanitizers of gcc: `make sanitize`."""

import os

SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")
