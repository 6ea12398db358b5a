"""The remedy after Python's error for a call with wrong arguments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

import autograd
import visualize
from autograd import Value, strategies
from autograd.shared import did_you_mean, suggesting
from nn import MLP, History


@suggesting(remedies={"height": "a point has no height"})
def point(x: float, y: float = 0.0, *, width: float = 1.0) -> float:
    """Return a number."""
    if x < 0:
        point()  # type: ignore[call-arg]
    return x + y + width


class Line:
    """A class whose ``__init__`` is decorated."""

    @suggesting("Line(start, end)", synonyms={"begin": ["start"]})
    def __init__(self, start: float, end: float) -> None:
        self.length = end - start


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: point(1.0, widht=2.0), "got an unexpected keyword argument 'widht'; did you mean 'width'?"),  # type: ignore[call-arg]
        (lambda: point(1.0, height=2.0), "got an unexpected keyword argument 'height'; a point has no height"),  # type: ignore[call-arg]
        (lambda: point(1.0, zzz=2.0), "got an unexpected keyword argument 'zzz'; the arguments are x, y, width"),  # type: ignore[call-arg]
        (lambda: point(), "point() missing 1 required positional argument: 'x'; write point(x)"),  # type: ignore[call-arg]
        (lambda: point(1, 2, 3), "takes from 1 to 2 positional arguments but 3 were given; write point(x, y)"),  # type: ignore[call-arg]
        (lambda: Line(1), "Line.__init__() missing 1 required positional argument: 'end'; write Line(start, end)"),  # type: ignore[call-arg]
        (lambda: Line(begin=1, end=2), "got an unexpected keyword argument 'begin'; did you mean 'start'?"),  # type: ignore[call-arg]
    ],
)
def test_the_error_ends_with_a_remedy(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message) + "$"):
        call()


def test_an_error_from_inside_the_function_is_unchanged() -> None:
    @suggesting()
    def broken(x: float) -> None:
        raise TypeError("broken() got an unexpected keyword argument")

    with pytest.raises(TypeError, match=r"^broken\(\) got an unexpected keyword argument$"):
        broken(1.0)
    with pytest.raises(TypeError, match=r"^unsupported operand"):
        point(0, "a")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"write point\(x\)$"):  # the inner call is the wrong one
        point(-1.0)


def test_the_function_keeps_its_name_documentation_and_signature() -> None:
    assert (point.__name__, point.__qualname__, point.__module__, point.__doc__) == (
        "point", "point", __name__, "Return a number.",
    )  # fmt: skip
    assert list(inspect.signature(point).parameters) == ["x", "y", "width"]


def test_abbreviations_count_only_with_synonyms() -> None:
    names = ["mean_loss", "tan", "hardsigmoid"]
    assert did_you_mean("distance", names) == ""
    assert did_you_mean("ml", names) == ""
    assert did_you_mean("ml", names, {}) == "; did you mean 'mean_loss'?"
    assert did_you_mean("hard", names, {}, exact=True) == did_you_mean("hard", names) == ""
    assert did_you_mean("hard", names, {}) == did_you_mean("HardSigmiod", names) == "; did you mean 'hardsigmoid'?"


def called(function: Any, *args: Any, **options: Any) -> Callable[[], Any]:
    """Return a call that type checkers would reject."""
    return lambda: function(*args, **options)


x = Value(2.0)
y = x * x
PICTURE, LOSSES = visualize.draw(y), {"loss": [2.0, 1.0]}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (called(y.backward, retain_graph=True), "argument 'retain_graph'; omit it: a graph exists as long as its result"),
        (called(y.backward, create_graph=True), "argument 'create_graph'; use gradients(y, x, create_graph=True)"),
        (called(y.backward, gradient=1.0), "argument 'gradient'; write backward(seed=...), one number"),
        (called(y.backward, grad_tensors=[1.0]), "argument 'grad_tensors'; write backward(seed=...), one number"),
        (called(y.backward, inputs=[x]), "argument 'inputs'; use gradients(y, inputs)"),
        (called(y.backward, foo=1), "argument 'foo'; the only argument is seed"),
        (called(autograd.explain, y), "missing 1 required positional argument: 'x'; write explain(y, x)"),
        (called(autograd.explain), "missing 2 required positional arguments: 'y' and 'x'; write explain(y, x)"),
        (called(autograd.explain, y, x, max_paths=3), "argument 'max_paths'; the arguments are y, x, limit"),
        (called(y.explain), "missing 1 required positional argument: 'x'; write y.explain(x)"),
        (called(autograd.gradients, y), "missing 1 required positional argument: 'inputs'; write gradients(y, x)"),
        (called(autograd.gradients, y, x, retain_graph=True), "argument 'retain_graph'; omit it"),
        (called(autograd.gradients, y, x, grad_outputs=1.0), "argument 'grad_outputs'; write seed=, one number"),
        (called(autograd.gradients, y, x, y), "for two inputs write gradients(y, [a, b])"),
        (called(strategies.arrays, 3, min_value=0.5), "'min_value'; write arrays(shape, number=numbers(min_value=0.5))"),
        (called(autograd.gradcheck, abs), "missing 1 required positional argument: 'inputs'; write gradcheck(f, x)"),
        (called(autograd.gradcheck, abs, 2.0, eps=1e-6), "argument 'eps'; omit it: the check needs no step size"),
        (called(autograd.gradcheck, abs, 2.0, tol=1e-6), "argument 'tol'; write rtol= and atol=, or omit it"),
        (called(autograd.gradcheck, abs, 2.0, grad=abs), "argument 'grad'; write gradient=, a function of the inputs"),
        (called(autograd.gradcheck, abs, 2.0, raise_exception=True), "argument 'raise_exception'; omit it: gradcheck returns"),
        (called(autograd.grad, abs, argnum=1), "argument 'argnum'; did you mean 'argnums'?"),
        (called(autograd.grad), "missing 1 required positional argument: 'f'; write grad(f)"),
        (called(autograd.compile, abs, thread=2), "argument 'thread'; did you mean 'threads'?"),
        (called(autograd.to_python, y, x, x), "but 3 were given; write to_python(y, inputs)"),
        (called(autograd.derivative_program, y), "positional argument: 'x'; write derivative_program(y, x)"),
        (called(autograd.check_engine), "positional argument: 'engine'; write check_engine(engine)"),
        (called(strategies.expressions, max_operation=3), "argument 'max_operation'; did you mean 'max_operations'?"),
        (called(visualize.draw), "missing 1 required positional argument: 'value'; write draw(y)"),
        (called(visualize.draw, None), "not None; backward() returns None: call y.backward() first, then draw(y)"),
        (called(visualize.draw, lambda x: x * x), "must be followed by its arguments (x); write draw(f, 2.0)"),
        (called(visualize.draw, lambda a, b: a * b), "must be followed by its arguments (a, b); write draw(f, 2.0, 3.0)"),
        (called(visualize.draw, y, colour="red"), "argument 'colour'; the arguments are value, format, model"),
        (called(visualize.explore, y, figsize=(1, 2)), "argument 'figsize'; a picture has the size that its boxes need"),
        (called(visualize.diff, y), "missing 1 required positional argument: 'y2'; write diff(y1, y2)"),
        (called(visualize.diff, y, y, digit=3), "argument 'digit'; did you mean 'digits'?"),
        (called(visualize.draw, y, dpi=300), "argument 'dpi'; a .png has twice the width and height of the .svg"),
        (
            called(PICTURE.write, "y.png", dpi=300),
            "argument 'dpi'; a .png has twice the width and height of the .svg",
        ),
        (called(PICTURE.write, "y.png", scale=3), "argument 'scale'; a .png has twice the width and height of the .svg in pix"),
        (called(PICTURE.write, "y.gif", duration=2), "argument 'duration'; each step of a moving picture takes 1.3 seconds"),
        (called(PICTURE.write, "y.gif", fps=2), "argument 'fps'; each step of a moving picture takes 1.3 seconds"),
        (called(PICTURE.write, "y.svg", animated=True), "argument 'animated'; did you mean 'animate'?"),
        (called(PICTURE.write), "missing 1 required positional argument: 'path'; write draw(y).write('y.png')"),
        (called(visualize.explore(y).write, "y.html", scale=2), "argument 'scale'; the arguments are path"),
        (called(visualize.explore(y).write, "y.html", title="t"), "argument 'title'; it is an argument of explore(y, ...)"),
        (
            called(visualize.plot_losses, LOSSES, "a.png"),
            "ax must be axes of matplotlib, not str ('a.png'); write the file with ",
        ),
        (
            called(visualize.plot_losses, LOSSES, [1]),
            "ax must be axes of matplotlib, not list ([1]); pass ax=plt.subplots()",
        ),
        (called(visualize.plot_weights, MLP(1, [1]), "a.png"), "ax must be axes of matplotlib, not str ('a.png'); write the"),
        (called(visualize.plot_losses, LOSSES, filename="a.png"), "omit it, and write a file with .figure.savefig('plot.png')"),
        (called(visualize.plot_losses, LOSSES, logy=True), "argument 'logy'; use .set_yscale('log') of the returned axes"),
        (called(visualize.plot_history, LOSSES, "a.png"), "write plot_history(history).savefig('plot.png')"),
        (called(History(LOSSES).plot, log=True), "argument 'log'; use history.plot().axes[0].set_yscale('log')"),
        (called(History(LOSSES).plot, "a.png"), "but 2 were given; write history.plot().savefig('history.png')"),
        (called(visualize.widget, y, titel="t"), "argument 'titel'; did you mean 'title'?"),
    ],
)
def test_a_wrong_call_of_a_tool_gets_a_remedy(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        call()


def test_an_unknown_operation_suggests_a_similar_one() -> None:
    with pytest.raises(ValueError, match=r"unknown operation: 'sinn' .*; did you mean 'sin'\?$"):
        strategies.expressions(["sinn"])


@pytest.mark.parametrize("function", [visualize.draw, visualize.explore, visualize.diff, visualize.widget])
def test_help_lists_the_arguments_that_a_picture_has(function: Callable[..., Any]) -> None:
    kinds = [parameter.kind for parameter in inspect.signature(function).parameters.values()]
    assert inspect.Parameter.VAR_KEYWORD not in kinds
    assert "fold" in inspect.signature(function).parameters
