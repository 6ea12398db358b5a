"""The results that the playground shows: the representations of an object, and the views of the last Value."""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import autograd
from autograd import Value

MAX_LEAVES = 6
OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "%": "mod", "//": "floor_div"}


class Note(str):
    """A remark of the playground, in place of an object to show."""

    __slots__ = ()


class Result:
    """The result of a program: the last computed Value that a statement assigned, or that an expression shows.

    Attributes:
        value: The result, or None.
        is_shown: Whether it is the value of the last statement.
    """

    def __init__(self) -> None:
        self.value: Value | None = None
        self.is_shown: bool = False

    def show(self, value: object) -> None:
        """Consider the value of an expression statement."""
        self.is_shown = False
        if isinstance(value, Value) and value.op:
            self.value, self.is_shown = value, True

    def assign(self, statement: ast.stmt, namespace: dict[str, Any]) -> None:
        """Consider the names that a statement assigned."""
        self.is_shown = False
        for node in ast.walk(statement):
            value = namespace.get(node.id) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else None
            if isinstance(value, Value) and value.op:
                self.value = value

    def view(self, name: str, namespace: dict[str, Any]) -> Iterator[Any]:
        """Yield the objects that a view shows. Values without a label are labelled with the names of their variables."""
        if self.value is None:
            yield Note(
                'The program computes no Value. Write, for example, x = Value(2.0, label="x"), and in the last line x.tanh().'
            )
            return
        for variable, value in namespace.items():
            if isinstance(value, Value) and value.label is None and not variable.startswith("_"):
                value.label = variable
        yield from VIEWS[name](self.value)


def draw_graph(result: Value) -> Iterator[Any]:
    """Draw the graph."""
    from visualize import draw

    yield draw(result)


def play_steps(result: Value) -> Iterator[Any]:
    """Show the page that plays backpropagation."""
    from visualize import explore

    yield explore(result)


def explain_leaves(result: Value) -> Iterator[Any]:
    """Explain the derivative with respect to each leaf."""
    found = autograd.leaves(result)
    for leaf in found[:MAX_LEAVES]:
        yield autograd.explain(result, leaf)
    if len(found) > MAX_LEAVES:
        yield Note(f"{len(found) - MAX_LEAVES:,} more inputs are not explained. For one of them, call explain(y, x).")
    if not found:
        yield Note("The result depends on constants only.")


def check_leaves(result: Value) -> Iterator[Any]:
    """Compare the derivatives with respect to the leaves with the true ones."""
    found = autograd.leaves(result)
    if not found:
        yield Note("The result depends on constants only.")
        return
    try:
        function = as_function(result, found)
    except LookupError as problem:
        yield Note(
            f"The graph has the custom operation {problem.args[0]!r}. Check your function instead: gradcheck(f, inputs)."
        )
        return
    yield autograd.gradcheck(function, tuple(leaf.data for leaf in found))


VIEWS: dict[str, Callable[[Value], Iterator[Any]]] = {
    "draw": draw_graph, "steps": play_steps, "explain": explain_leaves, "check": check_leaves,
}  # fmt: skip


def as_function(result: Value, inputs: list[Value]) -> Callable[..., Value]:
    """Return the function of the inputs that applies the operations of a graph again.

    Raises:
        LookupError: If an operation of the graph is not a function of autograd.
    """
    nodes = [node for node in autograd.topological_order(result) if node.op and node.op != "const"]
    for node in nodes:
        operation(node.op)

    def function(*numbers: Any) -> Value:
        found: dict[int, Any] = {id(leaf): number for leaf, number in zip(inputs, numbers, strict=True)}
        for node in nodes:
            operands = [found.get(id(x), x.data) for x in node.operands]
            found[id(node)] = operation(node.op)(*operands)
        return found[id(result)]  # type: ignore[no-any-return]

    names = [leaf.label if leaf.label and leaf.label.isidentifier() else f"x{i}" for i, leaf in enumerate(inputs, 1)]
    if len(set(names)) < len(names):
        names = [f"x{i}" for i in range(1, len(names) + 1)]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    function.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
    function.__name__ = result.label or "the result"
    return function


def operation(symbol: str) -> Callable[..., Value]:
    """Return the function that computes the node of an operation from its operands."""
    if symbol == "sum":
        return lambda *terms: autograd.sum(list(terms))
    if symbol == "dot":  # the left factors, the right factors, and the bias
        return lambda *terms: autograd.dot(terms[: len(terms) // 2], terms[len(terms) // 2 : -1], terms[-1])
    name = OPERATORS.get(symbol, symbol)
    if name not in dir(autograd):
        raise LookupError(symbol)
    return getattr(autograd, name)  # type: ignore[no-any-return]


def views(item: Any) -> Iterator[tuple[str, str]]:
    """Yield the representations of an object as pairs of kind and text, as a notebook chooses them."""
    visualize = sys.modules.get("visualize")
    if visualize and isinstance(item, visualize.Page):
        yield "page", item.html
    elif text := represent(item, "_repr_html_"):
        yield "html", text
    elif text := represent(item, "_repr_svg_"):
        yield "svg", text
    elif text := represent(item, "_repr_latex_"):
        yield "text", f"{item!r}\n"
        yield "latex", text
    else:
        yield "text", f"{item!r}\n"


def represent(item: Any, method: str) -> str | None:
    """Return the result of a method for notebooks, or None if the object does not have the method, or is a class."""
    if isinstance(item, type) or not hasattr(type(item), method):
        return None
    return getattr(item, method)()  # type: ignore[no-any-return]


def import_missing(tree: ast.Module, namespace: dict[str, Any]) -> str:
    """Import the names that a program uses without defining or importing them, and return the statements that do so.

    Only names of the three packages are imported, and none that Python itself defines, such as ``sum``.
    """
    nodes = list(ast.walk(tree))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)} | set(dir(builtins)) | set(namespace)
    bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    aliases = [alias for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names]
    bound |= {(alias.asname or alias.name).partition(".")[0] for alias in aliases}
    missing = used - bound
    if "*" in bound:  # its names are not known here
        return ""
    statements = []
    for name in ("autograd", "visualize", "nn", "math", "pathlib"):
        if not missing:
            break
        module = importlib.import_module(name)
        if name in missing:
            namespace[name] = module
            missing.remove(name)
            statements.append(f"import {name}")
        if names := sorted(missing & set(getattr(module, "__all__", ()))):
            namespace |= {public: getattr(module, public) for public in names}
            missing -= set(names)
            statements.append(f"from {name} import {', '.join(names)}")
    return "; ".join(statements)


def replace_what_needs_numpy() -> None:
    """Let ``from autograd import compile`` succeed without NumPy: the error follows when it is called."""
    if importlib.util.find_spec("numpy") is None:
        autograd.compile = compile_needs_numpy  # type: ignore[assignment]


def compile_needs_numpy(*_: Any, **__: Any) -> None:
    """Raise the error of an import of NumPy."""
    raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
