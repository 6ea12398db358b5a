"""Checks of arguments, and random number generators.

Most checks are functions of a value and the name of the argument. They return the value, converted to a plain Python type,
or raise an error that states the name, the rule and the value. Random numbers are drawn from Python's ``random.Random`` or
NumPy's ``Generator``, used alike.
"""

import inspect
import math
import operator
import os
import random
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias, TypeGuard, TypeVar

from autograd import Value
from autograd.shared import plural

if TYPE_CHECKING:
    import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])
Generator: TypeAlias = "random.Random | np.random.Generator"  # a string, so that NumPy is not imported
Seed: TypeAlias = "int | Generator | None"

# Names in other libraries, in lower case, without "_", "-" and a final "loss". The first known one is suggested.
SYNONYMS: dict[str, Sequence[str]] = {
    # arguments
    "learningrate": ["lr"], "learningrateinit": ["lr"], "eta": ["lr"], "verbose": ["progress"], "criterion": ["loss"],
    "objective": ["loss"], "earlystopping": ["patience"], "niterearlystop": ["patience"], "niternochange": ["patience"],
    "niter": ["epochs"], "iterations": ["epochs"], "maxiter": ["epochs"], "steps": ["epochs"], "numepochs": ["epochs"],
    "nepochs": ["epochs"], "solver": ["optimizer"], "classweight": ["class_weights"], "sampleweight": ["sample_weights"],
    "validationfraction": ["validation_split"], "randomstate": ["seed"], "tol": ["tolerance"], "alpha": ["penalty"],
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

# Iterables that are not lists of numbers: sets have no order, iterating a dict yields keys, and bytes yield character codes.
NOT_LISTS = (Set, Mapping, str, bytes)


def describe(value: Any) -> str:
    """Return the type of ``value`` and the beginning of its repr, for error messages.

    >>> describe("abc")
    "str ('abc')"
    """
    return f"{type(value).__name__} ({value!r:.40})"


def counted(n: int, noun: str) -> str:
    """Return a number with its noun, in the singular or the plural.

    >>> counted(1, "row"), counted(0, "row"), counted(2, "class"), counted(3, "entry")
    ('1 row', '0 rows', '2 classes', '3 entries')
    """
    return f"{n} {noun if n == 1 else plural(noun)}"


def library_of(thing: Any) -> str:
    """Return the name of the other machine learning library that ``thing`` comes from: ``"torch"``, ... or ``""``.

    >>> library_of(math.sin)
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
    """Return ``"; did you mean 'x'?"`` for the known name that resembles ``word`` most, or ``""``.

    Args:
        word: The given name.
        known: The known names, in lower case.
        exact: Whether only misspelt names count, but no abbreviations and longer names.

    >>> did_you_mean("bce", ["mse", "binary_cross_entropy"])
    "; did you mean 'binary_cross_entropy'?"
    """
    from difflib import get_close_matches  # only for an error

    names, given = list(known), word.lower()
    plain = given.replace("_", "").replace("-", "").removesuffix("loss") or given
    found = [name for name in names if name.replace("_", "") == plain] or [
        name for name in SYNONYMS.get(plain, ()) if name in names
    ][:1]
    found = found or get_close_matches(given, names, 1, 0.75 if exact else 0.6)
    if not found and not exact and len(given) > 2:
        found = [name for name in names if name.startswith(given)]
    if not found and not exact:
        initials = {"".join(part[:1] for part in name.split("_")): name for name in names if "_" in name.strip("_")}
        found = [name for short, name in initials.items() if given.startswith(short)]
        found = found or sorted((name for name in names if len(name) > 1 and name in given), key=len)[-1:]
    return f"; did you mean {found[0]!r}?" if found else ""


def suggesting(init: Function) -> Function:
    """Return an ``__init__`` whose error about an unknown argument suggests a known one.

    If required arguments are missing, the error ends with the result of the method ``_instead`` of the class for the given
    ones, if there is one.

    >>> class Point:
    ...     @suggesting
    ...     def __init__(self, *, width=1.0): ...
    >>> Point(widht=2.0)
    Traceback (most recent call last):
        ...
    TypeError: Point.__init__() got an unexpected keyword argument 'widht'; did you mean 'width'?
    """

    @wraps(init)
    def checked(self: Any, *args: Any, **options: Any) -> None:
        try:
            init(self, *args, **options)
        except TypeError as problem:
            if problem.__traceback__ is None or problem.__traceback__.tb_next is not None:
                raise  # from inside the function
            known = [name for name in inspect.signature(init).parameters if name != "self"]
            unknown = [name for name in options if name not in known]
            if unknown:
                hint = did_you_mean(unknown[0], known) or f"; the arguments are {', '.join(known)}"
            else:
                hint = getattr(type(self), "_instead", lambda *_: "")(*args)
            raise TypeError(f"{problem}{hint}") from None

    return checked  # type: ignore[return-value]


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


def positive_int(number: Any, name: str, least: int = 1) -> int:
    """Return ``number`` if it is an integer of at least ``least``.

    Raises:
        TypeError: If it is not an integer.
        ValueError: If it is less than ``least``.

    >>> positive_int(0, "epochs")
    Traceback (most recent call last):
        ...
    ValueError: epochs must be at least 1, not 0
    """
    if not is_integer(number):
        raise TypeError(f"{name} must be an integer, not {describe(number)}")
    integer = operator.index(number)
    if integer < least:
        raise ValueError(f"{name} must be at least {least}, not {integer}")
    return integer


def non_negative_int(number: Any, name: str) -> int:
    """Return ``number`` if it is a non-negative integer. Raises errors like ``positive_int``.

    >>> non_negative_int(0, "patience")
    0
    """
    return positive_int(number, name, least=0)


def positive_float(number: Any, name: str) -> float:
    """Return ``number`` as a float if it is positive and finite.

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is zero, negative, infinite or nan.

    >>> positive_float(-0.1, "lr")
    Traceback (most recent call last):
        ...
    ValueError: lr must be positive and finite, not -0.1
    """
    return any_float(number, name, "positive and finite", lambda x: 0 < x < math.inf)


def non_negative_float(number: Any, name: str) -> float:
    """Return ``number`` as a float if it is non-negative and finite.

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is negative, infinite or nan.

    >>> non_negative_float(-0.1, "eps")
    Traceback (most recent call last):
        ...
    ValueError: eps must be non-negative and finite, not -0.1
    """
    return any_float(number, name, "non-negative and finite", lambda x: 0 <= x < math.inf)


def probability(number: Any, name: str) -> float:
    """Return ``number`` as a float if it is in [0, 1).

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is outside [0, 1) or nan.

    >>> probability(1.0, "p")
    Traceback (most recent call last):
        ...
    ValueError: p must be in [0, 1), not 1.0
    """
    return any_float(number, name, "in [0, 1)", lambda x: 0 <= x < 1)


def any_float(number: Any, name: str, rule: str = "", satisfies: Callable[[float], bool] | None = None) -> float:
    """Return ``number`` as a float, which may be infinite or nan unless ``satisfies`` rejects it.

    Args:
        number: Any real number, such as an int, a Fraction or a NumPy scalar.
        name: The name of the argument.
        rule: The condition in words, for the error message.
        satisfies: The condition as a function of the float.

    Raises:
        TypeError: If it is not a number.
        ValueError: If the condition is not met.

    >>> any_float("0.1", "lr")
    Traceback (most recent call last):
        ...
    TypeError: lr must be a number, not str ('0.1')
    """
    if isinstance(number, str | bool | Value) or getattr(number, "ndim", False) or not hasattr(number, "__float__"):
        raise TypeError(f"{name} must be a number, not {describe(number)}")
    converted = float(number)
    if satisfies and not satisfies(converted):
        raise ValueError(f"{name} must be {rule}, not {converted!r}")
    return converted


def boolean(value: Any, name: str) -> bool:
    """Return ``value`` if it is True or False.

    Raises:
        TypeError: If it is anything else.

    >>> boolean(1, "bias")
    Traceback (most recent call last):
        ...
    TypeError: bias must be True or False, not int (1)
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {describe(value)}")
    return value


def file_path(path: Any, name: str) -> str:
    """Return ``path`` as a string if it is a string or a path.

    Raises:
        TypeError: If it is neither.

    >>> file_path(3, "checkpoint")
    Traceback (most recent call last):
        ...
    TypeError: checkpoint must be a file path, not int (3)
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"{name} must be a file path, not {describe(path)}")
    return os.fspath(path)


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


def is_integer(number: Any) -> TypeGuard[SupportsIndex]:
    """Return whether ``number`` is an integer of any type, except a bool or an array, even one with a single element."""
    return hasattr(number, "__index__") and not isinstance(number, bool) and not getattr(number, "ndim", False)


def generator(seed: Seed) -> Generator:
    """Return a random number generator.

    Args:
        seed: An int, for the same numbers on every run; None, for different ones; or a generator, which is returned.

    Raises:
        TypeError: If ``seed`` is anything else.

    >>> generator(3).random() == generator(3).random()
    True
    """
    if is_generator(seed):
        return seed  # type: ignore[return-value]
    if seed is None:
        return random.Random()
    if not is_integer(seed):
        raise TypeError(f"seed must be an integer, a random.Random, a NumPy Generator or None, not {describe(seed)}")
    return random.Random(operator.index(seed))


def is_generator(value: Any) -> bool:
    """Return whether ``value`` is a random number generator of Python or NumPy."""
    return isinstance(value, random.Random) or hasattr(getattr(value, "bit_generator", None), "state")


def get_state(rng: Generator) -> Any:
    """Return the state of a generator: numbers and strings in tuples or dicts."""
    return rng.getstate() if isinstance(rng, random.Random) else rng.bit_generator.state


def set_state(rng: Generator, state: Any) -> None:
    """Restore a state returned by ``get_state``."""
    if isinstance(rng, random.Random):
        version, numbers, rest = state
        rng.setstate((version, tuple(numbers), rest))  # a checkpoint stores tuples as lists
    else:
        rng.bit_generator.state = state


def normal(rng: Generator) -> float:
    """Draw from the standard normal distribution (Box & Muller 1958), with the same formula for every generator.

    >>> round(normal(random.Random(0)), 3)
    0.096
    """
    return math.sqrt(-2 * math.log(1 - rng.random())) * math.cos(2 * math.pi * rng.random())
