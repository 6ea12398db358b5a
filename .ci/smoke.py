"""A quick test of an installed package, run in another folder than the source: python .ci/smoke.py compiled|python."""

import math
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import autograd
import nn
import visualize
from autograd import Value


def main(backend: str) -> None:
    """Check the backend and one result of each package."""
    assert autograd.backend() == backend, f"the backend is {autograd.backend()}, not {backend}"
    assert autograd.__version__ == version("scalar-autograd")
    source = Path(__file__).resolve().parent.parent
    assert source not in Path(autograd.__file__).resolve().parents, f"{autograd.__file__} is not the installed package"

    x = Value(2.0)
    y = x**3 + x.exp()
    y.backward()
    assert x.grad == 12.0 + math.exp(2.0)
    assert autograd.gradcheck(lambda x, y: (x * y).tanh(), (0.5, -1.0)).passed
    squares = autograd.compile(lambda x: [x * x, x + 1.0])
    assert squares.vjp((3.0,), [1.0, 10.0]) == ([9.0, 4.0], (16.0,))

    model = nn.MLP(2, [4, 1], seed=0)
    history = nn.fit(model, [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0], loss="mse", epochs=5)
    assert history.losses[-1] < history.losses[0]
    with tempfile.TemporaryDirectory() as folder:
        saved = nn.save_checkpoint(Path(folder) / "model.npz", model=model)
        nn.load_checkpoint(saved, model=nn.MLP(2, [4, 1]))
        assert Path(visualize.draw(y).save("y.svg", folder)).read_text(encoding="utf-8").startswith("<")
    print(f"{sys.implementation.name} {sys.version.split()[0]}, {backend} backend: passed")


if __name__ == "__main__":
    main(sys.argv[1])
