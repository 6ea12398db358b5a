"""Names: choices by name, the names of other libraries, and suggestions for unknown ones."""

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from autograd import shared

Function = TypeVar("Function", bound=Callable[..., Any])

# Names in other libraries, in lower case, without "_", "-" and a final "loss". The first known one is suggested.
SYNONYMS: dict[str, Sequence[str]] = {
    # arguments
    "learningrate": ["lr"], "learningrateinit": ["lr"], "eta": ["lr"], "verbose": ["progress"], "criterion": ["loss"],
    "objective": ["loss"], "earlystopping": ["patience"], "niterearlystop": ["patience"], "niternochange": ["patience"],
    "niter": ["epochs"], "iterations": ["epochs"], "maxiter": ["epochs"], "steps": ["epochs"], "numepochs": ["epochs"],
    "nepochs": ["epochs"], "solver": ["optimizer"], "classweight": ["class_weights"], "sampleweight": ["sample_weights"],
    "validationfraction": ["validation_split"], "randomstate": ["seed"],
    "testfraction": ["test_size"], "testratio": ["test_size"], "tol": ["tolerance"], "alpha": ["penalty"],
    "nonlin": ["activation"], "nonlinearity": ["activation"], "act": ["activation"],
    # losses and metrics
    "meansquarederror": ["mse"], "squarederror": ["mse"], "meansquared": ["mse"], "l2": ["mse"], "rmse": ["mse"],
    "meanabsoluteerror": ["mae"], "absoluteerror": ["mae"], "l1": ["mae"], "smoothl1": ["huber"],
    "binarycrossentropy": ["binary_cross_entropy"], "bce": ["binary_cross_entropy"],
    "bcewithlogits": ["binary_cross_entropy"], "softmargin": ["binary_cross_entropy"],
    "logistic": ["sigmoid", "binary_cross_entropy"], "log": ["binary_cross_entropy"], "deviance": ["binary_cross_entropy"],
    "categoricalcrossentropy": ["cross_entropy"], "sparsecategoricalcrossentropy": ["cross_entropy"],
    "crossentropy": ["cross_entropy"], "ce": ["cross_entropy"], "xent": ["cross_entropy"], "nll": ["cross_entropy"],
    "softmaxcrossentropy": ["cross_entropy"], "multinomial": ["cross_entropy"], "kldiv": ["cross_entropy"],
    "kldivergence": ["cross_entropy"], "kullbackleiblerdivergence": ["cross_entropy"], "multimargin": ["hinge"],
    "svm": ["hinge"], "modifiedhuber": ["hinge"], "softmax": ["cross_entropy"], "squaredhinge": ["hinge"],
    "categoricalhinge": ["hinge"], "logcosh": ["huber"],
    "acc": ["accuracy"], "categoricalaccuracy": ["accuracy"], "sparsecategoricalaccuracy": ["accuracy"],
    "binaryaccuracy": ["accuracy"], "r2": ["r2_score"], "rsquared": ["r2_score"],
    # optimizers, activations and initializers
    "nadam": ["adam"], "adamax": ["adam"], "adadelta": ["adagrad"], "momentum": ["sgd"], "lbfgsb": ["lbfgs"],
    "swish": ["silu"], "identity": ["linear"], "none": ["linear"], "hardsilu": ["hardswish"], "lrelu": ["leaky_relu"],
    "glorot": ["xavier_uniform"], "glorotuniform": ["xavier_uniform"], "glorotnormal": ["xavier_normal"],
    "xavier": ["xavier_uniform"], "kaiming": ["he_uniform"], "kaiminguniform": ["he_uniform"], "kaimingnormal": ["he_normal"],
    "he": ["he_uniform"], "lecununiform": ["uniform"], "lecunnormal": ["xavier_normal"], "zero": ["zeros"],
}  # fmt: skip

# Functions that people look for among the activations. They are part of the losses.
IN_LOSSES = "cross_entropy applies it, and predict(model, X, probabilities=True) returns probabilities"
REMEDIES_BY_NAME = dict.fromkeys(("softmax", "log_softmax", "logsoftmax"), f"; omit it: {IN_LOSSES}")


def library_of(thing: Any) -> str:
    """Return the name of the other machine learning library that ``thing`` comes from: ``"torch"``, ... or ``""``.

    >>> library_of([1.0])
    ''
    """
    kinds = [thing] if isinstance(thing, type) or not hasattr(type(thing), "__mro__") else [thing, *type(thing).__mro__]
    homes = {str(getattr(kind, "__module__", "")).partition(".")[0] for kind in kinds}
    return next((name for name in ("torch", "keras", "tensorflow", "jax", "sklearn") if name in homes), "")


def choose(choice: str | Function, known: Mapping[str, Function], kind: str, alternative: str) -> Function:
    """Return the entry of ``known`` named ``choice``, or ``choice`` itself if it is callable and not a class.

    Names are in lower case. The case of ``choice`` does not matter.

    Args:
        choice: A name or a function.
        known: Functions by name.
        kind: The noun for error messages, such as ``"loss"``.
        alternative: The accepted alternative to a name, for error messages.

    Raises:
        ValueError: If the name is unknown. The message lists the known names.
        TypeError: If ``choice`` is neither a name nor a function.
    """
    if callable(choice) and (library := library_of(choice)) and kind != "metric":
        name = str(getattr(choice, "__name__", type(choice).__name__))
        hint = did_you_mean(name, known) or f"; it must be one of {', '.join(map(repr, known))}, or {alternative}"
        raise TypeError(f"{kind} must compute with Values, not {name} of {library}{hint}")
    if callable(choice) and not isinstance(choice, type):
        return choice
    if isinstance(choice, str) and choice.lower() in known:
        return known[choice.lower()]
    names = f"(must be one of {', '.join(map(repr, known))}, or {alternative})"
    if isinstance(choice, str):
        remedy = REMEDIES_BY_NAME.get(choice.lower(), "") if kind in ("activation", "part") else ""
        raise ValueError(f"unknown {kind}: {choice!r} {names}{remedy or did_you_mean(choice, known)}")
    raise TypeError(f"unknown {kind}: {choice!r} {names}")


def did_you_mean(word: str, known: Iterable[str], exact: bool = False) -> str:
    """Return ``"; did you mean 'x'?"``, also for a name in another library. See ``autograd.shared.did_you_mean``.

    >>> did_you_mean("learning_rate", ["epochs", "lr"])
    "; did you mean 'lr'?"
    """
    return shared.did_you_mean(word, known, SYNONYMS, exact)


def in_nn(name: str) -> str:
    """Return the remedy for a name that a folder of nn does not have, such as ``nn.optim.Adam``, after a semicolon, or ``""``.

    >>> in_nn("Adam"), in_nn("SDG"), in_nn("lr_scheduler")
    ('; use nn.Adam', "; did you mean 'nn.SGD'?", '; schedules are in nn itself, such as nn.StepLR')
    """
    nn = sys.modules["nn"]
    public: Sequence[str] = getattr(nn, "__all__", ())  # it is not complete while nn is imported
    if name in public:
        return f"; use nn.{name}"
    remedy = (
        "schedules are in nn itself, such as nn.StepLR"
        if name == "lr_scheduler"
        else getattr(nn, "_IN_OTHER_LIBRARIES", {}).get(name)
    )
    return f"; {remedy}" if remedy else did_you_mean(name, public).replace("'", "'nn.", 1)


def suggesting(example: str = "", remedies: Mapping[str, str] | None = None) -> Callable[[Function], Function]:
    """Return the decorator ``autograd.shared.suggesting``, which also suggests our names for names in other libraries."""
    return shared.suggesting(example, remedies, SYNONYMS)


def tidy_signature(function: Function) -> Function:
    """Hide the parameters of ``function`` that accept nothing, which exist only to raise a clear error.

    They are ``*name`` and ``**name`` with the annotation ``Never``. Type checkers reject a call that uses them, and ``help``
    and the reference do not show them.

    >>> @tidy_signature
    ... def double(x: float, *unnamed: "Never") -> float: ...
    >>> inspect.signature(double)
    <Signature (x: float) -> float>
    """
    signature = inspect.signature(function)
    shown = [p for p in signature.parameters.values() if str(getattr(p.annotation, "__name__", p.annotation)) != "Never"]
    function.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    return function


def name_of(function: Callable[..., Any], known: Mapping[str, Callable[..., Any]]) -> str:
    """Return the name of ``function`` in ``known``, or else its own name.

    The name is the same in every process: it contains no memory address.

    >>> name_of(partial(round, ndigits=2), {})
    'partial(round, ndigits=2)'
    """
    for name, other in known.items():
        if other is function:
            return name
    if isinstance(function, partial):
        options = [*map(repr, function.args), *(f"{name}={value!r}" for name, value in function.keywords.items())]
        return f"partial({', '.join([name_of(function.func, known), *options])})"
    return str(getattr(function, "__name__", type(function).__name__))
