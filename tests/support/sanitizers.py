"""Whether the core runs under gcc's sanitizers, as in `make sanitize`."""

import os

SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")
