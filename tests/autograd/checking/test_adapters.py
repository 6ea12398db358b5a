"""``gradcheck`` of functions of PyTorch, JAX and NumPy, and of a class with data, grad and backward."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fresh import run_python

from autograd import GradcheckReport, Value, gradcheck
from autograd.checking.adapters import adapt


def verdicts(report: GradcheckReport) -> list[str]:
    return [entry.verdict for entry in report.entries]


# ---- a class with .data, .grad and .backward() -------------------------------------------------------------------------


class Number:
    """A minimal engine in the style of micrograd, with one operation that may be wrong."""

    factor = 1.0  # by which the derivative of a product is off

    def __init__(self, data: float, operands: tuple[Number, ...] = (), partials: tuple[float, ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.operands = operands
        self.partials = partials

    def __add__(self, other: Number) -> Number:
        return Number(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Number) -> Number:
        return Number(self.data * other.data, (self, other), (self.factor * other.data, self.factor * self.data))

    def tanh(self) -> Number:
        return Number(math.tanh(self.data), (self,), (1 - math.tanh(self.data) ** 2,))

    def backward(self, seed: float = 1.0) -> None:
        """Push the gradient along every path."""
        self.grad += seed
        for operand, partial in zip(self.operands, self.partials, strict=True):
            operand.backward(seed * partial)


class WrongNumber(Number):
    """An engine that forgets a factor."""

    def tanh(self) -> Number:
        return Number(math.tanh(self.data), (self,), (1 - math.tanh(self.data),))


def neuron(x: list[Any], weights: dict[str, Any]) -> Any:
    return (x[0] * weights["w"] + x[1] * x[1] + weights["b"]).tanh()


def test_a_class_of_the_user_is_checked_by_its_own_backward() -> None:
    report = gradcheck(neuron, ([Number(0.3), Number(-0.5)], {"w": Number(0.7), "b": Number(0.1)}))
    assert report, str(report)
    assert [entry.by for entry in report.entries] == [
        "x[0]", "x[1]", "weights['w']", "weights['b']"
    ]  # fmt: skip
    assert report.entries[1].analytic == pytest.approx(-1.0 * (1 - math.tanh(0.21 + 0.25 + 0.1) ** 2))


def test_a_wrong_derivative_of_a_class_is_found() -> None:
    report = gradcheck(lambda x: x.tanh(), WrongNumber(0.3))
    assert verdicts(report) == ["WRONG"]
    with pytest.raises(AssertionError, match="entry for x"):
        report.raise_if_wrong()


def test_a_gradient_that_is_none_counts_as_zero() -> None:
    class Lazy(Number):
        def __init__(self, data: float, *rest: Any) -> None:
            super().__init__(data, *rest)
            self.grad = None  # type: ignore[assignment]

        def backward(self, seed: float = 1.0) -> None:
            pass

    assert verdicts(gradcheck(lambda x: x, Lazy(1.0))) == ["WRONG"]


def test_several_outputs_have_one_row_each() -> None:
    adapter = adapt(lambda x: (x[0] * x[1], x[0] + x[0]), ([Number(2.0), Number(3.0)],))
    assert adapter is not None
    assert adapter.outputs(adapter.numbers) == [6.0, 4.0]
    assert adapter.jacobian(adapter.numbers) == [[3.0, 2.0], [2.0, 0.0]]


@pytest.mark.parametrize(
    ("f", "inputs", "error", "message"),
    [
        (lambda x: x.data, Number(1.0), TypeError, r"must return a Number, not float \(1.0\); compute it from the arguments"),
        (lambda x: None, Number(1.0), TypeError, "must return a Number, not NoneType"),
        (
            lambda x, y: x,
            (Number(1.0), 2.0),
            TypeError,
            r"argument 1 must be an object with .* like the other arguments, not float \(2.0\)",
        ),
        (lambda x: x, Number("one"), TypeError, "argument 0.data must be a real number, not str"),  # type: ignore[arg-type]
        (lambda x: x, Number(1j), TypeError, "use its .real part"),  # type: ignore[arg-type]
    ],
)
def test_errors_for_a_class_name_the_remedy(f: Any, inputs: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        gradcheck(f, inputs)


def test_a_function_that_changes_its_arguments_is_refused() -> None:
    def f(x: Number) -> Number:
        x.data += 1.0
        return x * x

    with pytest.raises(ValueError, match=r"f must not change its arguments, but sets argument 0 to 2.0; change a copy"):
        gradcheck(f, Number(1.0))


def test_numbers_and_values_of_this_package_need_no_adapter() -> None:
    for inputs in (1.0, Value(1.0), [1.0, np.float64(2.0)], np.ones(3), {"a": np.float32(1)}):
        assert adapt(lambda x: x, (inputs,)) is None


def test_gradcheck_imports_no_other_library() -> None:
    code = "import sys, autograd; autograd.gradcheck(lambda x: x * x, 3.0); print({'torch', 'jax'} & set(sys.modules))"
    assert run_python(code).strip() == "set()"


# ---- NumPy -------------------------------------------------------------------------------------------------------------


def test_a_function_of_numpy_arrays_is_checked_with_its_gradient() -> None:
    a = np.array([[2.0, 1.0], [1.0, 3.0]])

    def f(x: np.ndarray) -> float:
        return float(x @ a @ x)

    assert gradcheck(f, np.array([0.3, -0.7]), gradient=lambda x: 2 * a @ x)
    assert verdicts(gradcheck(f, np.array([0.3, -0.7]), gradient=lambda x: a @ x)) == ["WRONG", "WRONG"]
    assert gradcheck(lambda w, x: np.sum(w * x), (np.ones((2, 2)), np.arange(4.0).reshape(2, 2)), gradient=lambda w, x: (x, w))


# ---- PyTorch -----------------------------------------------------------------------------------------------------------


@pytest.fixture(name="torch")
def import_torch() -> Any:
    return pytest.importorskip("torch")


def test_a_function_of_torch_needs_tensors(torch: Any) -> None:
    with pytest.raises(TypeError) as caught:
        gradcheck(torch.sin, 1.0)
    remedy = "call it with tensors: gradcheck(sin, torch.tensor([0.5, 2.0], dtype=torch.float64))"
    assert str(caught.value) == f"sin does not accept Values; {remedy}"
    assert "must be Tensor" in str(caught.value.__cause__)


def test_torch_computes_the_gradient_of_its_functions(torch: Any) -> None:
    x = torch.tensor([[0.3, -0.7], [1.2, 2.5]], dtype=torch.float64)
    w = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
    report = gradcheck(lambda x, w: torch.logsumexp(torch.tanh(x) @ w, 0), (x, w))
    assert report, str(report)
    assert [entry.by for entry in report.entries][-3:] == ["x[1][1]", "w[0]", "w[1]"]
    assert min(entry.digits for entry in report.entries) >= 8
    assert w.grad is None


def test_32_bit_tensors_are_judged_by_their_noise(torch: Any) -> None:
    x = torch.linspace(-2, 2, 9)
    report = gradcheck(lambda x: torch.nn.functional.softplus(x).sum(), x)
    assert report, str(report)
    assert all(3 <= entry.digits <= 7 for entry in report.entries)


@pytest.mark.parametrize("seed", range(8))
def test_a_right_gradient_in_single_precision_far_from_0_is_not_wrong(seed: int) -> None:
    """The distance of two numbers near 1000 is 6e-5, so f is a staircase whose stairs are no property of the function."""
    torch = pytest.importorskip("torch")
    rng = random.Random(seed)
    k, p, x = rng.uniform(1, 200), rng.uniform(1, 1000), rng.uniform(-1e4, 1e4)
    assert "WRONG" not in verdicts(gradcheck(lambda x: (torch.cos(k * x) + torch.tanh(x / p)).sum(), torch.tensor([x])))
    k, x = math.floor(k), abs(x)
    plain = gradcheck(lambda x: float(np.sin(np.float32(k) * np.float32(x))), x, gradient=lambda x: k * math.cos(k * x))
    assert "WRONG" not in verdicts(plain)


def test_a_module_of_torch_is_a_function_of_tensors(torch: Any) -> None:
    x = torch.tensor([0.3, -1.2], dtype=torch.float64)
    assert gradcheck(torch.nn.Linear(2, 1).double(), x)
    assert gradcheck(torch.nn.MSELoss(), (x, x.flip(0)))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("factor", [-1.0, 2.0, 0.0, 1.01])
def test_a_wrong_backward_of_a_torch_function_is_found(torch: Any, dtype: str, factor: float) -> None:
    class Sine(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return torch.sin(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return factor * grad * torch.cos(x)

    report = gradcheck(lambda x: Sine.apply(x).sum(), torch.tensor([0.4, -2.0], dtype=getattr(torch, dtype)))
    assert verdicts(report) == ["WRONG", "WRONG"]


def test_a_gradient_lost_by_detach_is_found(torch: Any) -> None:
    x = torch.tensor([0.3, 1.5], dtype=torch.float64)
    assert verdicts(gradcheck(lambda x: x[0] * x[1].detach(), x)) == ["agrees", "WRONG"]


def test_parameters_of_a_torch_module_are_checked_by_name(torch: Any) -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1)).double()
    x = torch.tensor([0.3, -0.7], dtype=torch.float64)

    def loss(parameters: dict[str, Any]) -> Any:
        return torch.func.functional_call(model, parameters, (x,)).square().sum()

    report = gradcheck(loss, dict(model.named_parameters()))
    assert report, str(report)
    assert report.entries[0].by == "parameters['0.weight'][0][0]"
    assert len(report.entries) == 13


def test_several_torch_outputs_have_one_row_each(torch: Any) -> None:
    adapter = adapt(lambda x: (x * x, x[0]), (torch.tensor([2.0, 3.0]),))
    assert adapter is not None
    assert adapter.outputs(adapter.numbers) == [4.0, 9.0, 2.0]
    assert adapter.jacobian(adapter.numbers) == [[4.0, 0.0], [0.0, 6.0], [1.0, 0.0]]


def test_a_gradient_of_the_user_is_checked_on_tensors(torch: Any) -> None:
    x = torch.tensor([0.3, 1.5], dtype=torch.float64)
    assert gradcheck(lambda x: torch.exp(x).sum(), x, gradient=torch.exp)
    assert not gradcheck(lambda x: torch.exp(x).sum(), x, gradient=lambda x: 2 * torch.exp(x))


TORCH_ERRORS: list[tuple[Callable[[Any], Any], Callable[[Any], Any], type[Exception], str]] = [
    (lambda t: lambda x: x.sum().item(), lambda t: t.ones(2), TypeError, r"must return a tensor, not float \(2.0\); do not"),
    (lambda t: lambda x: x.detach().sum(), lambda t: t.ones(2), TypeError, r"requires grad; compute it .* without .detach\(\)"),
    (lambda t: lambda x: (x * 1j).sum(), lambda t: t.ones(2), TypeError, "must return a real tensor, .* its .real and .imag"),
    (lambda t: lambda x: x.add_(1).sum(), lambda t: t.ones(2), ValueError, r"must not change its arguments .* x.clone\(\)"),
    (
        lambda t: lambda x: x.data.add_(1).sum(),
        lambda t: t.ones(2),
        ValueError,
        r"but sets argument 0\[0\] to 2.0; change a copy",
    ),
    (
        lambda t: sum,
        lambda t: t.tensor([1, 2]),
        TypeError,
        r"argument 0 must have .* not torch.int64; pass x.double\(\), or fix",
    ),
    (lambda t: sum, lambda t: t.ones(2, dtype=t.complex64), TypeError, r"not torch.complex64; .* torch.view_as_real\(x\)"),
    (lambda t: sum, lambda t: t.ones(2).half(), TypeError, r"not torch.float16; pass x.double\(\)"),
    (
        lambda t: sum,
        lambda t: [t.ones(2), 3.0],
        TypeError,
        r"argument 0\[1\] must be a tensor like the other arguments, not float",
    ),
]


@pytest.mark.parametrize(("make_f", "make_inputs", "error", "message"), TORCH_ERRORS)
def test_errors_for_torch_name_the_remedy(torch: Any, make_f: Any, make_inputs: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        gradcheck(make_f(torch), make_inputs(torch))


# ---- JAX ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(name="jnp")
def import_jax() -> Any:
    return pytest.importorskip("jax").numpy


def test_jax_computes_the_gradient_of_its_functions(jnp: Any) -> None:
    report = gradcheck(lambda x, y: jnp.sum(jnp.sin(x) * y), (jnp.array([0.3, -0.7]), jnp.float32(2.0)))
    assert report, str(report)
    assert [entry.by for entry in report.entries] == ["x[0]", "x[1]", "y"]
    assert not sys.modules["jax"].config.jax_enable_x64


def test_compiled_jax_functions_accept_numpy_arrays_and_numbers(jnp: Any) -> None:
    jax = sys.modules["jax"]
    assert gradcheck(jax.jit(lambda x, y: jnp.sum(jnp.tanh(x)) * y), (np.array([0.3, -0.7]), 1.5))


def test_64_bit_arrays_of_jax_keep_their_precision(jnp: Any) -> None:
    with sys.modules["jax"].enable_x64(True):
        report = gradcheck(lambda x: jnp.sum(jnp.exp(x)), jnp.array([0.3, -0.7]))
    assert min(entry.digits for entry in report.entries) >= 8


def test_a_wrong_derivative_of_a_jax_function_is_found(jnp: Any) -> None:
    jax = sys.modules["jax"]

    @jax.custom_jvp
    def sine(x: Any) -> Any:
        return jnp.sin(x)

    sine.defjvp(lambda primals, tangents: (jnp.sin(primals[0]), -jnp.cos(primals[0]) * tangents[0]))
    assert verdicts(gradcheck(sine, jnp.float32(0.7))) == ["WRONG"]


def test_errors_for_jax_name_the_remedy(jnp: Any) -> None:
    with pytest.raises(TypeError, match=r"argument 0 must have .* not int32; pass x.astype\(float\)"):
        gradcheck(jnp.sum, jnp.array([1, 2]))
    with pytest.raises(TypeError, match="must return a real array"):
        gradcheck(lambda x: 1j * x, jnp.float32(1.0))


# ---- reproduction ------------------------------------------------------------------------------------------------------


def run_snippet(report: GradcheckReport, k: int, names: dict[str, Any]) -> tuple[float, float]:
    """Run the code that reproduces an entry. Return the two numbers that it prints."""
    printed: list[Any] = []
    exec(report.entries[k].snippet, {**names, "print": lambda *numbers: printed.extend(map(float, numbers))})
    stated, difference = printed
    return stated, difference


def test_the_reproduction_of_a_class_runs() -> None:
    def f(x: Any, rest: list[Any]) -> Any:
        return x.tanh() * rest[0]

    report = gradcheck(f, (WrongNumber(0.3), [Number(2.0)]))
    stated, difference = run_snippet(report, 0, {"f": f, "WrongNumber": WrongNumber, "Number": Number})
    assert stated == report.entries[0].analytic
    assert difference == pytest.approx(2 * (1 - math.tanh(0.3) ** 2), abs=1e-3)


def test_the_reproduction_of_a_torch_function_runs(torch: Any) -> None:
    def f(d: dict[str, Any], y: Any) -> Any:
        return (d["w"] @ d["w"].detach()).sum() * y

    inputs = ({"w": torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)}, torch.tensor(2.0))
    report = gradcheck(f, inputs)
    stated, difference = run_snippet(report, 2, {"f": f})
    assert stated == report.entries[2].analytic
    assert difference == pytest.approx(report.entries[2].numeric, rel=1e-3)
    report = gradcheck(f, inputs, gradient=lambda d, y: ({"w": torch.ones(2, 2)}, 3.0))
    assert run_snippet(report, 1, {"f": f, "gradient": lambda d, y: ({"w": torch.ones(2, 2)}, 3.0)})[0] == 1.0


def test_the_reproduction_of_a_jax_function_runs(jnp: Any) -> None:
    def f(x: Any, y: Any) -> Any:
        return jnp.sum(jnp.sin(x)) * y[0]

    report = gradcheck(f, (jnp.array([0.3, 0.7]), [jnp.float32(2.0)]))
    for k in range(3):
        stated, difference = run_snippet(report, k, {"f": f})
        assert stated == pytest.approx(report.entries[k].analytic, rel=1e-6)
        assert difference == pytest.approx(report.entries[k].numeric, rel=1e-2)
