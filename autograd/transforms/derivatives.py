"""Transforms of functions: ``grad``, ``value_and_grad``, ``jacobian``, ``hessian``, ``hvp``, ``jvp`` and ``vjp``.

    >>> from autograd import grad
    >>> def f(x):
    ...     return x**3
    >>> grad(f)(2.0), grad(grad(f))(2.0), grad(grad(grad(f)))(2.0)
    (12.0, 12.0, 6.0)

The function is called once, with Values in place of its numbers, and the graph it creates is differentiated. It may accept
and return numbers, NumPy arrays, and nested lists, tuples, dicts and dataclasses of these. The derivatives have the same
structures. They contain floats, or Values if the call is itself being differentiated, if an argument contains a Value, or with
``create_graph=True``. Operations are recorded even inside ``no_grad()``.
"""

from __future__ import annotations

import functools

from autograd.backward import adjoints
from autograd.base.real import refusal
from autograd.nodes.sums import dot
from autograd.shared import refuse_non_value, suggesting
from autograd.transforms.calls import (
    IS_DIFFERENTIATING,
    Evaluation,
    check_function,
    check_transform,
    check_unused,
    check_used,
    recording_enabled,
)
from autograd.transforms.pytrees import flatten, format_path, paths
from autograd.transforms.sweeps import recorded_adjoints, recorded_tangents, tangents
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from autograd.transforms.calls import Argnums, Function
    from autograd.transforms.pytrees import Structure


# Remedies for arguments of torch.autograd.grad, by name.
_REMEDIES = {
    "retain_graph": "omit it: a graph exists as long as its result",
    "grad_outputs": "write seed=, one number",
    "allow_unused": "write unused='zero', which is the default, or unused='error'",
}


@suggesting("gradients(y, x)", _REMEDIES)
def gradients(output: Value, inputs: Any, create_graph: bool = False, *, seed: float = 1.0, unused: str = "zero") -> Any:
    """Return the derivative of ``output`` with respect to each of ``inputs``, without changing any ``.grad``.

    Args:
        output: A Value.
        inputs: Values that ``output`` depends on, leaves or computed: one, or a structure of them.
        create_graph: Whether to return Values, which can be differentiated again.
        seed: A factor of all derivatives.
        unused: The treatment of an input that ``output`` does not depend on: ``"zero"`` or ``"error"``.

    Returns:
        The derivatives, in the structure of ``inputs``.

    Raises:
        TypeError: If ``output`` is not a Value, ``inputs`` contains anything but Values, or ``create_graph`` is not a bool.
        ValueError: If an input is unused and ``unused`` is ``"error"``.
        autograd.ChangedLeafError: With ``create_graph``, if the data of a leaf changed after it was used.

    >>> x, y = Value(2.0), Value(3.0)
    >>> gradients(x * y, [x, y])
    [3.0, 2.0]
    """
    if not isinstance(output, Value):
        rule = "the output of gradients() must be a Value"
        refuse_non_value(output, rule)
        raise TypeError(refusal(output, rule))
    if isinstance(create_graph, Value):
        raise TypeError(
            f"create_graph must be True or False, not {create_graph!r:.40}; for two inputs write gradients(y, [a, b])"
        )
    if not isinstance(create_graph, bool):
        raise TypeError(f"create_graph must be True or False, not {create_graph!r:.40}; pass a factor as seed=...")
    check_unused(unused)
    values, structure = flatten(inputs, "inputs")
    for i, value in enumerate(values):
        if not isinstance(value, Value):
            raise TypeError(
                f"the inputs of gradients() must be Values from which the output was computed, but number {i} is {value!r}; "
                "convert a plain number to a Value before it is used, or use grad()"
            )
    check_used([output], values, (f"inputs{format_path(path)}" for path in paths(inputs, ())), unused)
    if create_graph or IS_DIFFERENTIATING.get():
        with recording_enabled():
            return structure.unflatten(recorded_adjoints(output, values, seed))
    return structure.unflatten(adjoints(output, values, seed))


@suggesting()
def grad(
    f: Function, argnums: Argnums = 0, *, has_aux: bool = False, create_graph: bool = False, unused: str = "zero"
) -> Function:
    """Return a function that computes the gradient of ``f``.

    Args:
        f: A function of numbers and structures of numbers that returns one Value. A plain number is a constant: its gradient
            is 0.0, as in ``max(x, 0.0)`` where the number is larger. It is also 0.0 if f loses the gradient with ``v.data``.
        argnums: The position of the argument to differentiate with respect to, or a tuple of positions. With a tuple, the
            gradient is a tuple as well.
        has_aux: Whether ``f`` returns a pair: the Value, and anything else that it computed, for example predictions. The
            result is then the pair ``(gradient, aux)``, where aux has floats in place of Values.
        create_graph: Whether the gradient consists of Values.
        unused: The treatment of a number that the result does not depend on: ``"zero"`` or ``"error"``.

    Returns:
        A function with the arguments of ``f``. Its result has the structure of the argument.

    Raises:
        TypeError: If ``f`` is not callable or ``argnums`` is not a position. When called, also if the result of ``f`` is not
            one Value, or an argument contains anything but numbers.
        ValueError: If ``unused`` is unknown. When called, also if there is no argument at a position, or a number is unused
            and ``unused`` is ``"error"``.

    >>> grad(lambda x, y: x * y**2, argnums=(0, 1))(3.0, 2.0)
    (4.0, 12.0)
    >>> grad(lambda p: p["w"] * p["x"][0])({"w": 2.0, "x": [5.0, 6.0]})
    {'w': 5.0, 'x': [2.0, 0.0]}
    >>> grad(lambda x: (x**2, {"cube": x**3}), has_aux=True)(2.0)
    (4.0, {'cube': 8.0})
    """
    check_transform("grad", f, argnums, unused)
    both = value_and_grad(f, argnums, has_aux=has_aux, create_graph=create_graph, unused=unused)

    @functools.wraps(f, assigned=("__name__",), updated=())
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


@suggesting()
def value_and_grad(
    f: Function, argnums: Argnums = 0, *, has_aux: bool = False, create_graph: bool = False, unused: str = "zero"
) -> Function:
    """Return a function that computes the value and the gradient of ``f``.

    It can be passed to SciPy: ``scipy.optimize.minimize(value_and_grad(f), x0, jac=True)``.

    Args:
        f: A function that returns one Value, see ``grad``.
        argnums: The position of the argument to differentiate with respect to, or a tuple of positions.
        has_aux: Whether ``f`` returns a pair, see ``grad``. The result is then ``((value, aux), gradient)``.
        create_graph: Whether the value and the gradient consist of Values.
        unused: The treatment of a number that the result does not depend on: ``"zero"`` or ``"error"``.

    Returns:
        A function with the arguments of ``f`` that returns a pair.

    Raises:
        TypeError, ValueError: See ``grad``.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    check_transform("value_and_grad", f, argnums, unused)

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        evaluation = Evaluation(f, argnums, args, kwargs, create_graph, unused, has_aux)
        output = evaluation.single_output("grad")
        with recording_enabled():
            found = (recorded_adjoints if evaluation.create_graph else adjoints)(output, evaluation.inputs, 1.0)
        value = evaluation.with_aux(evaluation.as_results([output])[0])
        return value, evaluation.unpack(evaluation.structure.unflatten(found))

    return value_and_gradient


@suggesting()
def jacobian(
    f: Function, argnums: Argnums = 0, *, has_aux: bool = False, create_graph: bool = False, unused: str = "zero"
) -> Function:
    """Return a function that computes the derivative of every output of ``f`` with respect to every input.

    The function runs one backward sweep per output, or one forward sweep per input if there are fewer inputs than outputs.

    Args:
        f: A function that returns any structure of Values and numbers.
        argnums: The position of the argument to differentiate with respect to, or a tuple of positions.
        has_aux: Whether ``f`` returns a pair, see ``grad``. The result is then the pair of the derivatives and aux.
        create_graph: Whether the derivatives are Values.
        unused: The treatment of a number that no output depends on: ``"zero"`` or ``"error"``.

    Returns:
        A function with the arguments of ``f``. Its result has the structure of the result of ``f``, with each number replaced
        by its gradient. For an output array of shape S and an input array of shape T, the result is an array of shape S + T.

    Raises:
        TypeError, ValueError: See ``grad``.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + 1])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 0.0]]
    """
    check_transform("jacobian", f, argnums, unused)

    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        evaluation = Evaluation(f, argnums, args, kwargs, create_graph, unused, has_aux)
        outputs, structure = evaluation.outputs()
        with recording_enabled():
            rows = _matrix(outputs, evaluation.inputs, evaluation.create_graph)
        found = structure.rebuild(lambda leaf: evaluation.unpack(evaluation.structure.unflatten_matrix(leaf, rows)))
        return evaluation.with_aux(found)

    return jacobian_of_f


@suggesting()
def hessian(
    f: Function, argnums: Argnums = 0, *, has_aux: bool = False, create_graph: bool = False, unused: str = "zero"
) -> Function:
    """Return a function that computes the second derivatives of ``f``.

    ``f`` is called once. Its gradient is recorded as a graph. Then one sweep per input runs over that graph.

    Args:
        f: A function that returns one Value, see ``grad``.
        argnums: The position of the argument to differentiate with respect to, or a tuple of positions.
        has_aux: Whether ``f`` returns a pair, see ``grad``. The result is then the pair of the derivatives and aux.
        create_graph: Whether the derivatives are Values.
        unused: The treatment of a number that the result does not depend on: ``"zero"`` or ``"error"``.

    Returns:
        A function with the arguments of ``f``. Its result has the structure of ``jacobian(grad(f))``: for an array of shape
        (n,), an array of shape (n, n).

    Raises:
        TypeError, ValueError: See ``grad``.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    check_transform("hessian", f, argnums, unused)
    gradient = grad(f, argnums, has_aux=has_aux, create_graph=True, unused=unused)
    return jacobian(gradient, argnums, has_aux=has_aux, create_graph=create_graph)


@suggesting()
def hvp(f: Function, *, create_graph: bool = False, unused: str = "zero") -> Function:
    """Return a function that computes the product of the Hessian of ``f`` and a vector, without computing the Hessian.

    The cost is a small multiple of the cost of ``f``, for any number of inputs. The result can be used as ``hessp`` in
    ``scipy.optimize.minimize``. The product is the derivative of the gradient along the vector (Pearlmutter 1994).

    Args:
        f: A function that returns one Value, see ``grad``.
        create_graph: Whether the products are Values.
        unused: The treatment of a number that the result does not depend on: ``"zero"`` or ``"error"``.

    Returns:
        A function of ``(x, vector, *more_arguments_of_f)``. The vector and the result have the structure of ``x``.

    Raises:
        TypeError: See ``grad``.
        ValueError: If ``vector`` and ``x`` have different structures; see also ``grad``.

    >>> hvp(lambda x: x[0] ** 2 * x[1])([2.0, 3.0], [1.0, 0.0])
    [6.0, 4.0]
    """
    check_transform("hvp", f, unused=unused)
    gradient = grad(f, unused=unused)

    def hessian_times(x: Any, vector: Any, *args: Any, **kwargs: Any) -> Any:
        _flatten_like(vector, "the vector", flatten(x, "argument 0")[1], "x")
        return jvp(lambda x: gradient(x, *args, **kwargs), (x,), (vector,), create_graph=create_graph)[1]

    return hessian_times


@suggesting()
def jvp(
    f: Function, primals: Sequence[Any], vectors: Sequence[Any], *, create_graph: bool = False, unused: str = "zero"
) -> tuple[Any, Any]:
    """Return ``f(*primals)`` and its derivative along a direction: the Jacobian times a vector, in one forward sweep.

    Args:
        f: A function that returns any structure of Values and numbers.
        primals: The arguments of ``f``, as a tuple or list.
        vectors: One direction per argument, with the structure of the argument.
        create_graph: Whether the results consist of Values.
        unused: The treatment of a number that no output depends on: ``"zero"`` or ``"error"``.

    Returns:
        A pair: the result of ``f``, and its derivative with the same structure.

    Raises:
        TypeError: If ``primals`` or ``vectors`` is not a tuple or list; see also ``grad``.
        ValueError: If the structures of ``primals`` and ``vectors`` differ; see also ``grad``.

    >>> jvp(lambda x, y: [x * y, x + y], (2.0, 3.0), (1.0, 0.0))
    ([6.0, 5.0], [3.0, 1.0])
    """
    check_function("jvp", f)
    check_unused(unused)
    primals = _as_tuple(primals, "primals")
    evaluation = Evaluation(f, tuple(range(len(primals))), primals, {}, create_graph, unused)
    vector = _flatten_like(_as_tuple(vectors, "vectors"), "vectors", evaluation.structure, "primals")
    evaluation.create_graph |= any(isinstance(number, Value) for number in vector)
    outputs, structure = evaluation.outputs()
    with recording_enabled():
        found = (recorded_tangents if evaluation.create_graph else tangents)(outputs, evaluation.inputs, vector)
    return structure.unflatten(evaluation.as_results(outputs)), structure.unflatten(found)


@suggesting()
def vjp(f: Function, *primals: Any, create_graph: bool = False, unused: str = "zero") -> tuple[Any, Function]:
    """Return ``f(*primals)``, and a function that computes a vector times the Jacobian, in one backward sweep.

    Args:
        f: A function that returns any structure of Values and numbers.
        *primals: The arguments of ``f``.
        create_graph: Whether the results consist of Values.
        unused: The treatment of a number that no output depends on: ``"zero"`` or ``"error"``.

    Returns:
        A pair: the result of ``f``, and a function of one vector. The vector has the structure of the result of ``f``. The
        function returns a tuple with one item per argument, which has the structure of the argument.

    Raises:
        TypeError: See ``grad``.
        ValueError: If the vector and the result of ``f`` have different structures; see also ``grad``.

    >>> value, pull_back = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> value, pull_back([1.0, 0.0])
    ([6.0, 5.0], (3.0, 2.0))
    """
    check_function("vjp", f)
    check_unused(unused)
    evaluation = Evaluation(f, tuple(range(len(primals))), primals, {}, create_graph, unused)
    outputs, structure = evaluation.outputs()

    def pull_back(vector: Any) -> tuple[Any, ...]:
        numbers = _flatten_like(vector, "the vector", structure, "the result of the function")
        create = evaluation.create_graph or IS_DIFFERENTIATING.get() or any(isinstance(number, Value) for number in numbers)
        with recording_enabled():
            together = dot(numbers, outputs)
            together = together if isinstance(together, Value) else Value(together)  # all outputs are constants
            found = (recorded_adjoints if create else adjoints)(together, evaluation.inputs, 1.0)
        return tuple(evaluation.structure.unflatten(found))

    return structure.unflatten(evaluation.as_results(outputs)), pull_back


def _matrix(outputs: list[Any], inputs: list[Value], create_graph: bool) -> list[list[Any]]:
    """Return the derivative of each output with respect to each input, with one row per output."""
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
            f"{name} must be a tuple with one item per argument of the function, not {type(arguments).__name__} "
            f"({arguments!r:.40}); for one argument write (x,)"
        )
    return tuple(arguments)


def _flatten_like(vector: Any, name: str, structure: Structure, other: str) -> list[Any]:
    """Return ``vector`` as a flat list, after checking that it has the given structure."""
    numbers, own = flatten(vector, name)
    if own.outline() != structure.outline():
        raise ValueError(f"{name} must have the same structure as {other}: {structure.outline()}, not {own.outline()}")
    return numbers
