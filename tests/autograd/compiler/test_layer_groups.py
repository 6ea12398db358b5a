"""Layers: neurons with the same inputs are computed together, with the bits of neurons that are computed one by one."""

from __future__ import annotations

import copy
import hashlib
import random
from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from fresh import run_python
from hypothesis import given
from hypothesis import strategies as st
from replayed import assert_same_as_eager, bits, eager, same

import autograd
from autograd import Value, compile, dot, relu, tanh  # noqa: A004
from autograd.replay.executor import Executor
from autograd.replay.instructions import LAYER, LAYER_BACK, NEURON_BACK

RNG = random.Random(0)
WIDTHS = [2, 4, 8]  # of vectors
Numbers = Sequence[Any]


def matrix(rows: int, columns: int) -> list[list[Value]]:
    return [[Value(RNG.gauss(0, 1)) for _ in range(columns)] for _ in range(rows)]


def layer(weights: Sequence[Numbers], x: Numbers, biases: Numbers | None = None) -> list[Any]:
    return [dot(row, x, biases[j] if biases else 0.0) for j, row in enumerate(weights)]


def network(inputs: int, width: int, activation: Callable[[Any], Any], has_biases: bool) -> Callable[[Any], Any]:
    """Return a function of a row: a layer, then the same layer with other parameters, then a dot."""
    first, second, (last,) = matrix(width, inputs), matrix(width + 1, width), matrix(1, width + 1)
    biases = matrix(2, width + 1)

    def f(x: Any) -> Any:
        hidden = [activation(y) for y in layer(first, x, biases[0] if has_biases else None)]
        hidden = [activation(y) for y in layer(second, hidden, biases[1] if has_biases else None)]
        return dot(last, hidden)  # not an activation, which could block the gradients of all rows

    return f


def kinds(program: Any) -> list[int]:
    return program.code[::8].tolist()


def ungrouped(program: Any) -> Any:
    """Return the program without LAYER instructions, so that each neuron is computed on its own."""
    code, sections = array("i"), [0]
    for first, last in zip(program.sections, program.sections[1:], strict=False):
        for i in range(first, last):
            if program.code[8 * i] not in (LAYER, LAYER_BACK):
                code.extend(program.code[8 * i : 8 * i + 8])
        sections.append(len(code) // 8)
    found = copy.copy(program)
    found.code, found.sections = code, sections
    return found


def run(program: Any, rows: int, width: int = 8, threads: int = 1) -> bytes:
    """Return the bytes of the results of a program and of all its gradients."""
    rng = np.random.default_rng(rows)
    replay = Executor(program)
    replay.use_vectors(width)
    parameters = tuple(rng.normal(size=program.n_parameters).tolist())
    replay.run([rng.normal(size=(16, program.n_wide_inputs))], [], parameters, 16)  # leaves numbers in lanes that do not count
    results, gradients = np.zeros((len(program.outputs), rows)), np.zeros((len(program.input_adjoints), rows))
    numbers = rng.normal(size=(rows, program.n_wide_inputs))
    total, found = replay.run([numbers], [], parameters, rows, 0.5, results, gradients, threads)
    return np.array([total, *found]).tobytes() + results.tobytes() + gradients.tobytes()


def programs(f: Callable[..., Any], inputs: int) -> list[Any]:
    """Return the programs for the gradients with respect to the parameters, and to the inputs."""
    compiled = compile(f)
    compiled.value_and_grad(np.zeros((1, inputs)))
    (recording,) = compiled._recordings.values()
    return [recording.program("parameters"), recording.program((0,))]


@pytest.mark.parametrize("has_biases", [True, False])
@pytest.mark.parametrize("activation", [relu, tanh])
@pytest.mark.parametrize(("inputs", "width"), [(1, 2), (2, 3), (3, 5), (5, 4), (4, 9), (9, 8), (8, 12), (17, 21), (23, 11)])
def test_a_layer_has_the_bits_of_its_neurons(inputs: int, width: int, activation: Any, has_biases: bool) -> None:
    for program in programs(network(inputs, width, activation, has_biases), inputs):
        assert (kinds(program).count(LAYER), kinds(program).count(LAYER_BACK)) == (2, 2)
        for rows in (1, 2, 4, 7, 8, 9, 16, 17, 31, 257):
            expected = run(ungrouped(program), rows)
            assert {run(program, rows, vectors) for vectors in WIDTHS} == {expected}
            assert run(program, rows, threads=2) == expected


@pytest.mark.skipif(autograd.backend() == "python", reason="Python has no kernels")
def test_layers_of_more_than_256_inputs_and_neurons_have_the_bits_of_their_neurons() -> None:
    for program in programs(network(2, 270, relu, True), 2):  # the kernels copy at most 256 inputs or 128 neurons at a time
        for rows in (1, 3, 5, 16, 40):  # and copy weights for more than 16 rows. At most 4, 8 and 16 rows have other kernels
            assert {run(program, rows, vectors) for vectors in WIDTHS} == {run(ungrouped(program), rows)}


@pytest.mark.parametrize("activation", [relu, tanh])
def test_sums_over_rows_are_the_sums_of_eager_gradients(activation: Any) -> None:
    f = network(3, 9, activation, True)
    compiled = compile(f)
    points = np.random.default_rng(1).normal(size=(21, 3))
    parameters = compiled.parameters(points)
    each = []
    for point in points.tolist():
        f(point).backward()
        each.append([p.grad for p in parameters])
        for p in parameters:
            p.grad = 0.0
    compiled.backward(points, reduce="sum")
    for p, gradients in zip(parameters, zip(*each, strict=True), strict=True):
        s = [-0.0] * 8
        for i, gradient in enumerate(gradients):
            s[i % 8] += gradient
        assert bits(p.grad) == bits(((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7])))


W, B = matrix(7, 5), matrix(1, 7)[0]
SHARED = matrix(1, 12)[0]


def twice(x: Numbers) -> list[Any]:
    """The same weights in two layers."""
    return layer(W[:5], [tanh(y) for y in layer(W[:5], x)])


def overlapping(x: Numbers) -> list[Any]:
    """Weights of a convolution: neighbours share all but one."""
    return layer([SHARED[j : j + 5] for j in range(7)], x)


def tied(x: Numbers) -> list[Any]:
    """The transposed weights decode."""
    return layer(list(zip(*W, strict=True)), [tanh(y) for y in layer(W, x)])


def equal_inputs(x: Numbers) -> list[Any]:
    """Two lists of inputs with the same values, whose adjoints are separate."""
    first, second = [tanh(number) for number in x], [tanh(number) for number in x]
    return [dot(row, second if j % 3 else first, B[j]) for j, row in enumerate(W)]


def bias_is_a_weight(x: Numbers) -> list[Any]:
    return layer(W, x, [W[(j + 3) % 7][2] for j in range(7)])


def two_layers(x: Numbers, biases: Numbers) -> list[Any]:
    """Use the same parameters twice: the order of two contributions would not matter."""
    return layer(W, [*map(tanh, layer(W, x, biases)[:5])], biases)


def bias_is_a_later_weight(x: Numbers) -> list[Any]:
    return two_layers(x, [*[row[2] for row in W[1:]], 0.0])


def bias_is_an_earlier_weight(x: Numbers) -> list[Any]:
    return two_layers(x, [0.0, *[row[2] for row in W[:-1]]])


def bias_is_its_own_weight(x: Numbers) -> list[Any]:
    return two_layers(x, [row[2] for row in W])


def one_bias(x: Numbers) -> list[Any]:
    return layer(W, x, [B[0]] * 7)


def equal_neurons(x: Numbers) -> list[Any]:
    return layer([W[0], W[1], W[0], W[2], W[1], W[0]], x, B)


def used_between(x: Numbers) -> list[Any]:
    """The adjoints of the inputs are used between two neurons of a layer."""
    hidden = [tanh(number) for number in x]
    first = layer(W[:3], hidden)
    return [*first, hidden[0] * first[0], *layer(W[3:], hidden), hidden[1].sin()]


def repeated_input(x: Numbers) -> list[Any]:
    return layer(W, [x[0], x[1], x[0], x[0], x[1]])


def computed_weights(x: Numbers) -> list[Any]:
    return layer([[w * B[j] for w in row] for j, row in enumerate(W)], x)


def fixed_weights(x: Numbers) -> list[Any]:
    return layer([[0.1 * j - 0.07 * k for k in range(5)] for j in range(7)], x, B)


def gated(x: Numbers) -> list[Any]:
    return [autograd.where(y > 0, y, 0.25) for y in layer(W, x, B)]


@pytest.mark.parametrize("rows", [1, 3, 11])
@pytest.mark.parametrize("outputs", [
    twice, overlapping, tied, equal_inputs, bias_is_a_weight, bias_is_a_later_weight, bias_is_an_earlier_weight,
    bias_is_its_own_weight, one_bias, equal_neurons, used_between, repeated_input, computed_weights, fixed_weights, gated,
])  # fmt: skip
def test_neurons_that_share_numbers_equal_eager(outputs: Callable[[Numbers], list[Any]], rows: int) -> None:
    def f(*x: Any) -> Any:
        return autograd.sum([relu(y) for y in outputs(x)])

    columns = list(np.random.default_rng(2).normal(size=(5, rows)))
    assert_same_as_eager(f, columns, [p for row in W for p in row] + B + SHARED)
    for program in programs(lambda x: f(*x), 5):
        assert run(program, 40) == run(ungrouped(program), 40)


@given(st.integers(0, 2**32))
def test_random_layers_that_share_numbers_have_the_bits_of_their_neurons(seed: int) -> None:
    """Weights are rows of a matrix or slices of a list, biases are any parameters, and layers repeat both."""
    rng = random.Random(seed)
    pool = [*SHARED, *B, *[w for row in W for w in row]]
    rows = [*W, *[SHARED[k : k + 5] for k in range(8)]]
    layers = [([rng.choice(rows) for _ in range(5)], [rng.choice([*pool, *[0.0] * 20]) for _ in range(5)]) for _ in range(2)]
    layers = [rng.choice(layers) for _ in range(3)]
    mixed = [rng.randrange(5) for _ in range(rng.choice([0, 3]))]  # inputs of the first layer that later ones have, too

    def f(x: Any) -> Any:
        hidden = list(x)
        for weights, biases in layers:
            hidden = [tanh(y) for y in layer(weights, hidden, biases)]
            for k in mixed:
                hidden[k] = x[k]
        return autograd.sum(hidden)

    count = rng.choice([1, 2, 5, 12, 40])
    for program in programs(f, 5):
        assert run(program, count) == run(ungrouped(program), count)


def test_only_parameters_of_the_layer_that_are_wanted_get_gradients() -> None:
    """The weights are arguments, and the gradient of one list of them is requested."""

    def f(x: Any, first: Any, second: Any) -> Any:
        return dot(second, [relu(y) for y in layer([first[:3], first[3:6], first[6:]], x)])

    x = np.random.default_rng(3).normal(size=(1, 3))
    first, second = [0.5, -1.0, 2.0, 1.5, 0.25, -0.5, 1.0, 3.0, -2.0], [1.0, -2.0, 0.5]
    wanted = eager(lambda *numbers: f(numbers[:3], numbers[3:12], numbers[12:]), [*x[0].tolist(), *first, *second])
    for argnums, part in ((0, slice(1, 4)), (1, slice(4, 13)), (2, slice(13, 16))):
        value, by = compile(f).value_and_grad(x, first, second, argnums=argnums)
        assert same([*value, *np.ravel(by)], [wanted[0], *wanted[part]])


def test_neurons_with_scattered_weights_stay_single() -> None:
    """The weights of a neuron are columns of a matrix whose rows were used first."""

    def f(x: Any) -> Any:
        scale = autograd.sum([w for row in W for w in row])
        return scale * autograd.sum([relu(y) for y in layer(list(zip(*W, strict=True)), x)])

    program = compile(f).program(np.zeros((3, 7)), gradient=True)
    assert LAYER not in kinds(program)
    assert LAYER_BACK not in kinds(program)
    assert kinds(program).count(NEURON_BACK) == 6  # with the sum


def test_a_layer_is_printed_and_counted_as_its_neurons() -> None:
    program = compile(lambda x: layer([[0.5, 2.0], [3.0, 4.0]], x)).program(np.zeros((3, 2)))
    assert kinds(program).count(LAYER) == 1
    assert program.counts() == {"dot": 2}
    assert [line.strip() for line in str(program).splitlines()[1:]] == [
        "t1[] = dot([0.5, 2.0], [x0[], x1[]], 0.0)",
        "t2[] = dot([3.0, 4.0], [x0[], x1[]], 0.0)",
        "result: t1[], t2[]",
    ]


HASHED = """
import hashlib
import numpy as np
import autograd
from autograd import relu
from test_layer_groups import network, programs, run
def rational(x):
    return x / (1.0 + abs(x))
print(autograd.backend())
digest = hashlib.sha256()
for inputs, width in ((2, 5), (9, 12), (17, 3), (23, 11)):
    for activation in (relu, rational):
        for program in programs(network(inputs, width, activation, width != 5), inputs):
            for rows in (1, 3, 4, 6, 9, 43):
                digest.update(run(program, rows))
print(digest.hexdigest())
"""


def test_layers_are_bit_for_bit_equal_in_compiled_code_and_in_python() -> None:
    import replayed

    paths = [str(replayed.__file__).rpartition("/")[0], __file__.rpartition("/")[0]]
    code = f"import sys; sys.path[:0] = {paths!r}\n{HASHED}"
    printed = [run_python(code, AUTOGRAD_BACKEND=backend).split() for backend in ("python", autograd.backend())]
    assert [backend for backend, _ in printed] == ["python", autograd.backend()]
    assert printed[0][1] == printed[1][1]
    assert len(printed[0][1]) == len(hashlib.sha256().hexdigest())
