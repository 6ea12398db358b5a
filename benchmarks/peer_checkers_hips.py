"""The process that runs the gradient checker of HIPS autograd, in a separate environment.

It answers each line of JSON, ``[code, inputs, fault, entry]``, with the gradient and whether it passed, or with null if HIPS
autograd lacks a function.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent.parent / "tests" / "support"))
from composites import compose
from peer_functions import NUMPY_NAMES, namespace
from wrong_gradients import WRONG_GRADIENTS

np: Any = importlib.import_module("autograd.numpy")
hips: Any = importlib.import_module("autograd")
extend: Any = importlib.import_module("autograd.extend")
special: Any = importlib.import_module("autograd.scipy.special")
check_grads: Any = importlib.import_module("autograd.test_util").check_grads

FUNCTIONS = namespace(NUMPY_NAMES, np, lambda x: x)
FUNCTIONS |= {"erf": special.erf, "erfc": special.erfc, "sigmoid": special.expit, "where": np.where}
FUNCTIONS |= {"relu": lambda x: np.maximum(x, 0.0), "softplus": lambda x: np.logaddexp(x, 0.0)}
FUNCTIONS |= compose(FUNCTIONS | {"constant": lambda x: getattr(x, "_value", x)})
FUNCTIONS["logsumexp"] = lambda items: special.logsumexp(np.array(items))


def stated(f: Callable[..., Any], gradient: Callable[..., Sequence[float]], count: int) -> Any:
    """Return ``f`` as a primitive with this gradient."""
    wrapped = extend.primitive(f)
    extend.defvjp(wrapped, *(lambda out, *xs, k=k: lambda g: g * gradient(*xs)[k] for k in range(count)))
    return wrapped


def answer(code: str, inputs: list[float], fault: str | None, i: int) -> tuple[list[float], bool]:
    """Return the gradient, and whether it passes the check with this fault."""
    f: Any = eval(code, dict(FUNCTIONS))
    gradient = hips.grad(f, argnum=tuple(range(len(inputs))))
    found = [float(g) for g in gradient(*inputs)]
    if fault is not None:
        f = stated(f, lambda *xs: WRONG_GRADIENTS[fault](list(gradient(*xs)), i), len(inputs))
    try:
        check_grads(f, modes=["rev"], order=1)(*inputs)
    except AssertionError:
        return found, False
    return found, True


def main() -> None:
    """Answer lines until the input ends."""
    warnings.simplefilter("ignore")
    np.random.seed(0)  # the directions that are checked
    for line in sys.stdin:
        try:
            reply: Any = answer(*json.loads(line))
        except Exception:  # noqa: BLE001 - a function that HIPS autograd lacks or cannot differentiate
            reply = None
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
