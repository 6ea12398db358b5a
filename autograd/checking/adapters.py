"""Functions of other libraries under ``gradcheck``: PyTorch tensors, JAX arrays, and classes such as micrograd's ``Value``.

``adapt`` recognizes the arguments. An adapter turns a flat list of floats into arguments, calls the function, and asks the
library itself for the gradient. No library is imported here: its objects exist only if the user has already imported it.

NumPy needs no adapter, because it computes no gradients: pass ``gradient=``.
"""

from __future__ import annotations

import sys

from autograd.base.real import as_float, is_real, same_number
from autograd.transforms.pytrees import NUMBER, Structure, format_path, paths, walk
from autograd.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from autograd.transforms.pytrees import Path


def adapt(f: Callable[..., Any], arguments: tuple[Any, ...]) -> Adapter | None:
    """Return the adapter for the library of these arguments, or None if they are numbers, NumPy arrays or our Values.

    Raises:
        TypeError: If the arguments mix a library's objects with others, or have a dtype that cannot be checked.
    """
    leaves: list[Any] = []

    def collect(item: Any, name: str) -> str:
        leaves.append(item)
        return "number"

    walk(arguments, "", collect)
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    if any(isinstance(leaf, getattr(torch, "Tensor", ())) for leaf in leaves):
        return TorchAdapter(f, arguments)
    if any(isinstance(leaf, getattr(jax, "Array", ())) for leaf in leaves) or type(f).__module__.partition(".")[0] == "jaxlib":
        return JaxAdapter(f, arguments)
    if any(_is_value_of_another_class(leaf) for leaf in leaves):
        return ClassAdapter(f, arguments)
    return None


def _is_value_of_another_class(thing: Any) -> bool:
    return not isinstance(thing, Value) and all(hasattr(thing, name) for name in ("data", "grad", "backward"))


class Adapter:
    """A function of another library, as a function of a flat list of floats. Subclasses know one library each.

    Args:
        f: The function.
        arguments: Its arguments: the library's objects, or lists, tuples and dicts of them.

    Attributes:
        numbers: The numbers in the arguments, as one flat list.
        paths: The path of each number: the position of its argument, then keys and indices.
        originals: The library's objects, in the order of their numbers.
        structure: The structure of the arguments.
    """

    def __init__(self, f: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.f: Callable[..., Any] = f
        self.name: str = getattr(f, "__name__", type(f).__name__)
        self.numbers: list[float] = []
        self.paths: list[Path] = [path for i, argument in enumerate(arguments) for path in paths(argument, (i,))]
        self.originals: list[Any] = []
        trees = [walk(argument, f"argument {i}", self._add) for i, argument in enumerate(arguments)]
        self.structure: Structure = Structure((tuple, *trees))

    def _add(self, item: Any, name: str) -> Any:
        self.numbers += self.read(item, name)
        self.originals.append(item)
        return ("array", tuple(item.shape)) if hasattr(item, "shape") else NUMBER

    # ---- called by gradcheck ------------------------------------------------------------------------------------------

    def arguments(self, numbers: list[float]) -> tuple[Any, ...]:
        """Return new arguments for the function, with these numbers."""
        return self._arrange(self._make_leaves(numbers))

    def outputs(self, numbers: list[float]) -> list[float]:
        """Compute the function. Return all its outputs as a flat list."""
        leaves = self._make_leaves(numbers)
        return self._unchanged(leaves, lambda: self.values(self.f(*self._arrange(leaves))))  # type: ignore[no-any-return]

    def jacobian(self, numbers: list[float]) -> list[list[float]]:
        """Return the derivatives that the library computes, one row per output and one column per input."""
        leaves = self._make_leaves(numbers)
        return self._unchanged(leaves, lambda: self.rows(leaves))  # type: ignore[no-any-return]

    def _make_leaves(self, numbers: list[float]) -> list[Any]:
        pairs = zip(self.originals, self.structure.leaves, strict=True)
        return [self.make(original, leaf.of(numbers)) for original, leaf in pairs]

    def _arrange(self, leaves: list[Any]) -> tuple[Any, ...]:
        rest = iter(leaves)
        return self.structure.rebuild(lambda _: next(rest))  # type: ignore[no-any-return]

    def _unchanged(self, leaves: list[Any], compute: Callable[[], Any]) -> Any:
        """Return the result of ``compute``. Raise ValueError if it changes the leaves."""
        before = [number for leaf in leaves for number in self.read(leaf, "")]
        try:
            result = compute()
        except RuntimeError as error:
            if "leaf Variable that requires grad" not in str(error):
                raise
            raise ValueError(f"{self.name} must not change its arguments in place; change a copy, x.clone()") from error
        after = [number for leaf in leaves for number in self.read(leaf, "")]
        for path, old, new in zip(self.paths, before, after, strict=True):
            if not same_number(old, new):
                name = f"argument {path[0]}{format_path(path[1:])}"
                raise ValueError(f"{self.name} must not change its arguments, but sets {name} to {new!r}; change a copy")
        return result

    def _refuse(self, result: Any, kind: str, remedy: str) -> TypeError:
        return TypeError(f"{self.name} must return {kind}, not {type(result).__name__} ({result!r:.40}); {remedy}")

    # ---- implemented by subclasses -------------------------------------------------------------------------

    SETUP: tuple[str, ...] = ()  # lines of code that import the library
    RESULT = "{}"  # code that converts a result to a number
    PART: tuple[str, ...] = (  # lines of code that list the outputs of a result
        "def parts(result):",
        "    parts = result if isinstance(result, (tuple, list)) else [result]",
        "    return [item for part in parts for item in part.reshape(-1)]",
    )
    STATED: tuple[str, ...] = ()  # lines of code that set ``stated``, for the object at ``inputs{place}``, its item ``{index}``

    def code(self, original: Any, texts: list[str]) -> str:
        """Return the code of an object like the original, with these numbers or names."""
        raise NotImplementedError

    def read(self, leaf: Any, name: str) -> list[float]:
        """Return the floats in one of the library's objects. Raise TypeError if it is not one, or cannot be checked."""
        raise NotImplementedError

    def make(self, original: Any, numbers: list[float]) -> Any:
        """Return a new object like the original, with these numbers, whose gradient the library computes."""
        raise NotImplementedError

    def values(self, result: Any) -> list[float]:
        """Return the numbers in the result of the function."""
        raise NotImplementedError

    def rows(self, leaves: list[Any]) -> list[list[float]]:
        """Return the derivatives of each output with respect to the leaves."""
        raise NotImplementedError


class TorchAdapter(Adapter):
    """Functions of PyTorch tensors. The gradient is ``torch.autograd.grad``. A tensor that is not used has the gradient 0."""

    SETUP: tuple[str, ...] = ("import torch",)
    RESULT = "{}.item()"
    STATED: tuple[str, ...] = ("f(*inputs).backward()", "stated = inputs{place}.grad{index}.item()")

    def code(self, original: Any, texts: list[str]) -> str:
        """Return a call of ``torch.tensor``."""
        shape, dtype = tuple(original.shape), original.dtype
        data = f"[{', '.join(texts)}]).reshape({shape}" if len(shape) > 1 else f"[{', '.join(texts)}]" if shape else texts[0]
        return f"torch.tensor({data}).to({dtype}).requires_grad_()"

    def read(self, leaf: Any, name: str) -> list[float]:
        """Return the floats in a tensor of 32 or 64 bits."""
        torch = sys.modules["torch"]
        if not isinstance(leaf, torch.Tensor):
            raise TypeError(_mixed(leaf, name, "a tensor"))
        if leaf.dtype not in (torch.float64, torch.float32):
            raise TypeError(_wrong_dtype(name, leaf.dtype, "x.double()", "torch.view_as_real(x)"))
        return leaf.detach().reshape(-1).tolist()  # type: ignore[no-any-return]

    def make(self, original: Any, numbers: list[float]) -> Any:
        """Return a leaf tensor of the same dtype, device and shape."""
        torch = sys.modules["torch"]
        made = torch.tensor(numbers, dtype=original.dtype, device=original.device).reshape(original.shape)
        return made.requires_grad_()

    def values(self, result: Any) -> list[float]:
        """Return the numbers in a tensor, or in a tuple or list of tensors."""
        return [number for tensor in self._tensors(result) for number in tensor.detach().reshape(-1).tolist()]

    def rows(self, leaves: list[Any]) -> list[list[float]]:
        """Differentiate each output."""
        torch = sys.modules["torch"]
        outputs = [output for tensor in self._tensors(self.f(*self._arrange(leaves))) for output in tensor.reshape(-1)]
        if not any(output.requires_grad for output in outputs):
            raise TypeError(
                f"{self.name} must return a tensor that requires grad; compute it with PyTorch from the arguments, without "
                ".detach(), .item(), .data, torch.tensor() and no_grad()"
            )
        rows = []
        for output in outputs:
            found = [None] * len(leaves)
            if output.requires_grad:
                found = torch.autograd.grad(output, leaves, retain_graph=True, allow_unused=True)
            pairs = zip(leaves, found, strict=True)
            rows.append([x for leaf, part in pairs for x in (leaf * 0 if part is None else part).reshape(-1).tolist()])
        return rows

    def _tensors(self, result: Any) -> list[Any]:
        torch = sys.modules["torch"]
        tensors = list(result) if isinstance(result, tuple | list) else [result]
        for tensor in tensors:
            if not isinstance(tensor, torch.Tensor):
                raise self._refuse(tensor, "a tensor", "do not convert it with .item(), .tolist() or .numpy()")
            if tensor.is_complex():
                raise self._refuse(tensor, "a real tensor", "check its .real and .imag parts one at a time")
        return tensors


class JaxAdapter(Adapter):
    """Functions of JAX arrays. The gradient is computed by ``jax.vjp``. Arrays keep their dtype, 32 or 64 bits."""

    SETUP: tuple[str, ...] = ("import jax",)
    RESULT = "float({})"
    STATED: tuple[str, ...] = ("stated = jax.grad(lambda *inputs: f(*inputs), range({count}))(*inputs){place}{index}",)

    def code(self, original: Any, texts: list[str]) -> str:
        """Return a call of ``jax.numpy.array``."""
        shape = getattr(original, "shape", ())
        data = f"[{', '.join(texts)}]).reshape({shape}" if len(shape) > 1 else f"[{', '.join(texts)}]" if shape else texts[0]
        return f"jax.numpy.array({data})"

    def read(self, leaf: Any, name: str) -> list[float]:
        """Return the floats in an array, or a number as a list."""
        jax = sys.modules["jax"]
        if is_real(leaf) and not isinstance(leaf, int):
            return [float(leaf)]
        if not isinstance(leaf, jax.Array) and type(leaf).__name__ != "ndarray":
            raise TypeError(_mixed(leaf, name, "an array"))
        if str(leaf.dtype) not in ("float64", "float32"):
            raise TypeError(_wrong_dtype(name, leaf.dtype, "x.astype(float)", "jnp.stack([x.real, x.imag])"))
        return leaf.ravel().tolist()  # type: ignore[no-any-return]

    def make(self, original: Any, numbers: list[float]) -> Any:
        """Return an array of the same dtype and shape."""
        jnp = sys.modules["jax"].numpy
        dtype = original.dtype if isinstance(original, sys.modules["jax"].Array) else None  # else JAX's default
        return jnp.asarray(numbers, dtype=dtype).reshape(getattr(original, "shape", ()))

    def values(self, result: Any) -> list[float]:
        """Return the numbers in an array, or in a tuple or list of arrays."""
        return [number for array in self._arrays(result) for number in array.ravel().tolist()]

    def rows(self, leaves: list[Any]) -> list[list[float]]:
        """Pull back each output."""
        jnp = sys.modules["jax"].numpy

        def outputs(*leaves: Any) -> Any:
            return jnp.concatenate([array.ravel() for array in self._arrays(self.f(*self._arrange(list(leaves))))])

        found, pull = sys.modules["jax"].vjp(outputs, *leaves)
        one = jnp.eye(len(found), dtype=found.dtype)
        return [[x for part in pull(row) for x in part.ravel().tolist()] for row in one]

    def _arrays(self, result: Any) -> list[Any]:
        jax = sys.modules["jax"]
        arrays = list(result) if isinstance(result, tuple | list) else [result]
        for array in arrays:
            if not isinstance(array, jax.Array):
                raise self._refuse(array, "a JAX array", "compute it with jax.numpy, and do not convert it with float()")
            if jax.numpy.iscomplexobj(array):
                raise self._refuse(array, "a real array", "check its .real and .imag parts one at a time")
        return arrays


class ClassAdapter(Adapter):
    """Functions of a class with ``.data``, ``.grad`` and ``.backward()``, such as micrograd's ``Value``.

    ``type(argument)(number)`` must return a new leaf. A ``.grad`` that is None counts as 0.
    """

    RESULT = "{}.data"
    PART: tuple[str, ...] = ("parts = tuple",)
    STATED: tuple[str, ...] = ("f(*inputs).backward()", "stated = inputs{place}.grad")

    def code(self, original: Any, texts: list[str]) -> str:
        """Return a call of the class."""
        return f"{type(original).__name__}({texts[0]})"

    def read(self, leaf: Any, name: str) -> list[float]:
        """Return the number of an object."""
        if not hasattr(leaf, "data") or not hasattr(leaf, "backward"):
            raise TypeError(_mixed(leaf, name, "an object with .data, .grad and .backward()"))
        return [as_float(leaf.data, f"{name or 'an argument'}.data")]

    def make(self, original: Any, numbers: list[float]) -> Any:
        """Return a new object of the same class."""
        return type(original)(numbers[0])

    def values(self, result: Any) -> list[float]:
        """Return the data of an object, or of a tuple or list of objects."""
        return [as_float(output.data, f"the data of {self.name}'s result") for output in self._objects(result)]

    def rows(self, leaves: list[Any]) -> list[list[float]]:
        """Run the backward pass of each output, each in a new graph, because gradients accumulate."""
        numbers = [number for leaf in leaves for number in self.read(leaf, "")]
        outputs = self._objects(self.f(*self._arrange(leaves)))
        rows = []
        for k in range(len(outputs)):
            if k > 0:
                leaves = self._make_leaves(numbers)
                outputs = self._objects(self.f(*self._arrange(leaves)))
            outputs[k].backward()
            rows.append([self._grad(leaf) for leaf in leaves])
        return rows

    def _grad(self, leaf: Any) -> float:
        grad = getattr(leaf, "grad", None)
        if grad is None:
            return 0.0
        return as_float(getattr(grad, "data", grad) if not is_real(grad) else grad, f"the .grad of a {type(leaf).__name__}")

    def _objects(self, result: Any) -> list[Any]:
        objects = list(result) if isinstance(result, tuple | list) else [result]
        for item in objects:
            if not hasattr(item, "data") or not hasattr(item, "backward"):
                kind = type(self.originals[0]).__name__
                raise self._refuse(item, f"a {kind}", f"compute it from the arguments with operations of {kind}")
        return objects


def _mixed(item: Any, name: str, kind: str) -> str:
    given = f"{type(item).__name__} ({item!r:.40})"
    remedy = "fix a constant like this: gradcheck(lambda x: f(x, constant), x)"
    return f"{name} must be {kind} like the other arguments, not {given}; {remedy}"


def _wrong_dtype(name: str, dtype: Any, remedy: str, parts: str) -> str:
    rule = f"{name} must have 64-bit or 32-bit floats, not {dtype}"
    if "complex" in str(dtype):
        return f"{rule}; pass its real and imaginary parts, {parts}"
    return f"{rule}; pass {remedy}, or fix a constant like this: gradcheck(lambda x: f(x, labels), x)"
