"""From functions to functions: ``grad``, ``value_and_grad``, ``jacobian``, ``hessian``, ``hvp``, ``jvp``, ``vjp``.

    >>> from autograd import grad
    >>> def f(x):
    ...     return x**3
    >>> grad(f)(2.0), grad(grad(f))(2.0), grad(grad(grad(f)))(2.0)
    (12.0, 12.0, 6.0)

The function is called once, on Values in the place of its numbers; what it computes from them is differentiated. It may
take and return numbers, NumPy arrays, and lists, tuples and dicts of these, and so do the derivatives: floats and
arrays of floats as a rule; Values where the call is itself being differentiated, where an argument holds a Value, and
with ``create_graph=True``. Each transform records also inside ``no_grad()``.
"""

from __future__ import annotations

import functools

from autograd.backward import adjoints
from autograd.base.real import refusal
from autograd.nodes.sums import dot
from autograd.transforms.calls import IS_INSIDE, Call, Recording, check_function, check_transform, check_unused, check_used
from autograd.transforms.pytrees import flatten, format_path, paths
from autograd.transforms.sweeps import recorded_adjoints, recorded_tangents, tangents
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from autograd.transforms.calls import Argnums, Function
    from autograd.transforms.pytrees import Structure


def gradients(output: Value, inputs: Any, create_graph: bool = False, *, seed: float = 1.0, unused: str = "zero") -> Any:
    """The derivative of ``output`` by each of ``inputs``, for a graph that exists; no leaf's ``.grad`` changes.

    Args:
        output: a Value.
        inputs: Values below it, leaves or computed: one, or a structure of them.
        create_graph: whether the derivatives are to be Values, which can be differentiated again.
        seed: a factor.
        unused: what to do about an input that the output does not depend on: ``"zero"`` or ``"error"``.

    Returns:
        The derivatives, arranged as the inputs are.

    Raises:
        TypeError: if ``output`` is not a Value, ``inputs`` holds anything else than Values, or ``create_graph`` is not a bool.
        ValueError: if an input is not used and ``unused`` is ``"error"``.
        autograd.ChangedLeafError: with ``create_graph``, if the data of a leaf was changed after it was used.

    >>> x, y = Value(2.0), Value(3.0)
    >>> gradients(x * y, [x, y])
    [3.0, 2.0]
    """
    if not isinstance(output, Value):
        raise TypeError(refusal(output, "the output of gradients() must be a Value"))
    if not isinstance(create_graph, bool):
        raise TypeError(f"create_graph must be True or False, not {create_graph!r:.40}; a factor goes by its name, seed=")
    check_unused(unused)
    values, structure = flatten(inputs, "inputs")
    for i, value in enumerate(values):
        if not isinstance(value, Value):
            raise TypeError(
                f"the inputs of gradients() must be Values from which the output was computed, but number {i} is "
                f"{value!r}; to differentiate by a plain number, make it a Value before it is used, or use grad()"
            )
    check_used([output], values, (f"inputs{format_path(path)}" for path in paths(inputs, ())), unused)
    if create_graph or IS_INSIDE.get():
        with Recording():
            return structure.unflatten(recorded_adjoints(output, values, seed))
    return structure.unflatten(adjoints(output, values, seed))


def grad(f: Function, argnums: Argnums = 0, *, create_graph: bool = False, unused: str = "zero") -> Function:
    """The function that computes the derivative of ``f``, which returns one Value.

    Args:
        f: any function of numbers and structures of numbers.
        argnums: the position of the argument to differentiate by, or a tuple of positions for a tuple of derivatives.
        create_graph: whether the results are to be Values.
        unused: what to do about a number that the result does not depend on: ``"zero"`` or ``"error"``.

    Raises (when called):
        TypeError: if the result of ``f`` is not one Value, or an argument holds something else than numbers.
        ValueError: if there is no argument at a position; or a number is not used, and ``unused`` is ``"error"``.

    An unknown ``unused``, or ``argnums`` that are no positions, are refused at once.

    >>> grad(lambda x, y: x * y**2, argnums=(0, 1))(3.0, 2.0)
    (4.0, 12.0)
    >>> grad(lambda p: p["w"] * p["x"][0])({"w": 2.0, "x": [5.0, 6.0]})
    {'w': 5.0, 'x': [2.0, 0.0]}
    """
    check_transform("grad", f, argnums, unused)
    both = value_and_grad(f, argnums, create_graph=create_graph, unused=unused)

    @functools.wraps(f, assigned=("__name__",), updated=())
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def value_and_grad(f: Function, argnums: Argnums = 0, *, create_graph: bool = False, unused: str = "zero") -> Function:
    """As ``grad``, but the function returns the value too; ``scipy.optimize.minimize(value_and_grad(f), x0, jac=True)``.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    check_transform("value_and_grad", f, argnums, unused)

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = Call(f, argnums, args, kwargs, create_graph, unused)
        output = call.one_output("grad")
        with Recording():
            found = (recorded_adjoints if call.create_graph else adjoints)(output, call.inputs, 1.0)
        return call.finished([output])[0], call.unpacked(call.structure.unflatten(found))

    return value_and_gradient


def jacobian(f: Function, argnums: Argnums = 0, *, create_graph: bool = False, unused: str = "zero") -> Function:
    """The function that computes the derivative of every output of ``f`` by every input.

    The result is arranged as what ``f`` returns, with, in the place of each number, what ``grad`` would return for it;
    an array of shape S by an array of shape T gives an array of shape S + T. Sweeps backward once for each output, or
    forward once for each input, whichever are fewer.

    Raises (when called): as ``grad``, but ``f`` may return any structure with at least one Value in it.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + 1])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 0.0]]
    """
    check_transform("jacobian", f, argnums, unused)

    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, argnums, args, kwargs, create_graph, unused)
        outputs, structure = call.outputs("jacobian")
        with Recording():
            rows = _matrix(outputs, call.inputs, call.create_graph)
        return structure.rebuild(lambda leaf: call.unpacked(call.structure.unflatten_matrix(leaf, rows)))

    return jacobian_of_f


def hessian(f: Function, argnums: Argnums = 0, *, create_graph: bool = False, unused: str = "zero") -> Function:
    """The function that computes the second derivatives of ``f``, which returns one Value.

    The result is arranged as ``jacobian(grad(f))``: for an array of shape (n,) an array of shape (n, n). ``f`` is called
    once; its gradient is recorded as a graph, and swept over once for each input.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    check_transform("hessian", f, argnums, unused)
    return jacobian(grad(f, argnums, create_graph=True, unused=unused), argnums, create_graph=create_graph)


def hvp(f: Function, *, create_graph: bool = False, unused: str = "zero") -> Function:
    """The Hessian of ``f`` times a vector, without the Hessian: a function of ``(x, vector, *more_arguments_of_f)``.

    The vector and the result are arranged as ``x`` is. Costs a few times what ``f`` does, however many numbers there
    are in ``x``; ``scipy.optimize.minimize(..., hessp=hvp(f))``.

    >>> hvp(lambda x: x[0] ** 2 * x[1])([2.0, 3.0], [1.0, 0.0])
    [6.0, 4.0]
    """
    check_transform("hvp", f, unused=unused)
    gradient = grad(f, unused=unused)

    def hessian_times(x: Any, vector: Any, *args: Any, **kwargs: Any) -> Any:
        _arranged_alike(vector, "the vector", flatten(x, "argument 0")[1], "x")
        return jvp(lambda x: gradient(x, *args, **kwargs), (x,), (vector,), create_graph=create_graph)[1]

    return hessian_times


def jvp(
    f: Function, primals: Sequence[Any], vectors: Sequence[Any], *, create_graph: bool = False, unused: str = "zero"
) -> tuple[Any, Any]:
    """The value of ``f(*primals)``, and its derivative along a direction: the Jacobian times a vector, in one forward sweep.

    Args:
        f: a function whose result holds at least one Value.
        primals: its arguments.
        vectors: for each argument, a direction, arranged as the argument is.
        create_graph: whether the results are to be Values.

    Returns:
        The result of ``f`` and its derivative, arranged alike.

    >>> jvp(lambda x, y: [x * y, x + y], (2.0, 3.0), (1.0, 0.0))
    ([6.0, 5.0], [3.0, 1.0])
    """
    check_function("jvp", f)
    check_unused(unused)
    primals = _as_tuple(primals, "primals")
    call = Call(f, tuple(range(len(primals))), primals, {}, create_graph, unused)
    vector = _arranged_alike(_as_tuple(vectors, "vectors"), "vectors", call.structure, "primals")
    call.create_graph |= any(isinstance(number, Value) for number in vector)
    outputs, structure = call.outputs("jvp")
    with Recording():
        found = (recorded_tangents if call.create_graph else tangents)(outputs, call.inputs, vector)
    return structure.unflatten(call.finished(outputs)), structure.unflatten(found)


def vjp(f: Function, *primals: Any, create_graph: bool = False, unused: str = "zero") -> tuple[Any, Function]:
    """The value of ``f(*primals)``, and a function that multiplies the Jacobian by a vector from the left.

    That function takes a number for each number in the result of ``f``, arranged alike, and returns a tuple with one
    item an argument, arranged as the argument is.

    >>> value, pull_back = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> value, pull_back([1.0, 0.0])
    ([6.0, 5.0], (3.0, 2.0))
    """
    check_function("vjp", f)
    check_unused(unused)
    call = Call(f, tuple(range(len(primals))), primals, {}, create_graph, unused)
    outputs, structure = call.outputs("vjp")

    def pull_back(vector: Any) -> tuple[Any, ...]:
        numbers = _arranged_alike(vector, "the vector", structure, "the result of the function")
        create = call.create_graph or IS_INSIDE.get() or any(isinstance(number, Value) for number in numbers)
        with Recording():
            together = dot(numbers, outputs)
            found = (recorded_adjoints if create else adjoints)(together, call.inputs, 1.0)
        return tuple(call.structure.unflatten(found))

    return structure.unflatten(call.finished(outputs)), pull_back


def _matrix(outputs: list[Any], inputs: list[Value], create_graph: bool) -> list[list[Any]]:
    """The derivative of each output by each input, a row an output."""
    if len(outputs) <= len(inputs):
        backward = recorded_adjoints if create_graph else adjoints
        return [backward(output, inputs, 1.0) if isinstance(output, Value) else [0.0] * len(inputs) for output in outputs]
    forward = recorded_tangents if create_graph else tangents
    unit_vectors = ([float(i == j) for i in range(len(inputs))] for j in range(len(inputs)))
    columns = [forward(outputs, inputs, vector) for vector in unit_vectors]
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in outputs]


def _as_tuple(arguments: Any, name: str) -> tuple[Any, ...]:
    if not isinstance(arguments, tuple | list):
        raise TypeError(
            f"{name} must be a tuple with one item for each argument of the function, not {type(arguments).__name__} "
            f"({arguments!r:.40}); for one argument write (x,)"
        )
    return tuple(arguments)


def _arranged_alike(vector: Any, name: str, structure: Structure, other: str) -> list[Any]:
    """The numbers of ``vector``, which must have as many in the same places."""
    numbers, own = flatten(vector, name)
    if own.outline() != structure.outline():
        raise ValueError(f"{name} must be arranged as {other}: {structure.outline()}, not {own.outline()}")
    return numbers
