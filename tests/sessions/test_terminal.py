"""Sessions at the Python prompt, one per role: every line is typed in a terminal, and its output is compared."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from terminal import Terminal, play, read_to_prompt

STUDENT = r"""
>>> from autograd import *
>>> from autograd import Value
>>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
>>> y = (x * w + 5).tanh()
>>> y
Value(-0.76159415595..., grad=0.0, op='tanh')
>>> y.backward(); x.grad, w.grad
(-1.25992302484..., 0.83994868322...)
>>> y.item()
AttributeError: a Value has no attribute 'item'; x.data is its number
>>> y.value
AttributeError: a Value has no attribute 'value'; x.data is its number
>>> x.gradient
AttributeError: a Value has no attribute 'gradient'; use x.grad after y.backward()
>>> y._prev
AttributeError: a Value has no attribute '_prev'; use x.operands, or import Value from autograd.micrograd
>>> y._op
AttributeError: a Value has no attribute '_op'; use x.op, or import Value from autograd.micrograd
>>> y.children
AttributeError: a Value has no attribute 'children'; use x.operands
>>> Value(1.0, (x,))
TypeError: Value() takes a number and a label, not the operands of an operation ((Value(2.0, ...); operations such ...
>>> Value(1.0, (x,), "+")
TypeError: Value...() takes ... a...
>>> Value("2.0")
TypeError: the data of a Value must be a real number, not str ('2.0'); convert it first: float(text)
>>> Value([1.0, 2.0])
TypeError: ...not list ([1.0, 2.0]); create one Value per element: [Value(x) for x in numbers]
>>> Value(None)
TypeError: the data of a Value must be a real number, not NoneType; pass a number, for example 0.0
>>> Value(1j)
TypeError: ...not complex (1j); use its .real part, or separate Values for the real and imaginary parts
>>> sin([1.0, 2.0])
TypeError: ...not list ([1.0, 2.0]); apply it to each element: [sin(x) for x in xs]
>>> exp("1")
TypeError: the argument of autograd.exp() must be a real number, not str ('1'); convert it first: float(text)
>>> x + [1.0]
TypeError: ...not list ([1.0]); apply it to each element: [v + x for x in xs]
>>> import math, builtins
>>> math.exp(x)
TypeError: cannot convert a Value to float implicitly, ... autograd.exp(v) instead of math.exp(v), ...
>>> builtins.round(Value(2.7)), math.floor(Value(2.7)), math.trunc(Value(2.7))
(Value(3.0, grad=0.0, op='round'), Value(2.0, grad=0.0, op='floor'), Value(2.0, grad=0.0, op='trunc'))
>>> int(Value(2.7))
TypeError: cannot convert a Value to int implicitly, because its gradient would be silently lost; use v.data for the number, ...
>>> float(Value(2.7))
TypeError: cannot convert a Value to float implicitly, because its gradient would be silently lost; use v.data ...
>>> with no_grad:
...     pass
...
TypeError: no_grad must be called in a with statement; write `with autograd.no_grad():`
>>> with no_grad():
...     float(Value(2.5)), int(Value(2.5))
...
(2.5, 2)
>>> builtins.pow(x, 2, 3)
TypeError: pow() with a modulus is for ints only; use (x ** y) % modulus
>>> y.data = 3.0
AttributeError: the data of a Value computed by 'tanh' is read-only, because it follows from the operands; update the leaves ...
>>> x.data = "a"
TypeError: the data of a Value must be a real number, not str ('a'); convert it first: float(text)
>>> y.backward(retain_graph=True)
TypeError: backward() got an unexpected keyword argument 'retain_graph'; omit it: a graph exists as long as its result, ...
>>> y.backward(create_graph=True)
TypeError: ...; use gradients(y, x, create_graph=True) for a gradient that can be differentiated, or grad(grad(f))
>>> y.backward(gradient=1.0)
TypeError: ...; write backward(seed=...), one number
>>> explain(y)
TypeError: explain() missing 1 required positional argument: 'x'; write explain(y, x)
>>> y.backward(x)
TypeError: the seed of backward() must be a real number, not Value (...
>>> x.label = 3
TypeError: a label must be a string or None, not int (3); use str(...)
>>> mean(x)
TypeError: autograd.mean() takes a sequence of numbers and Values, not a single Value; use [x]
>>> log(8, 2)
TypeError: ...log() takes 1 positional argument...
>>> y.explain(w)
dv5/dw = 0.83994868322..., along one path:
  dv5/dv4 * dv4/dv3 * dv3/dw = 0.41997434161... * 1.0 * 2.0 = 0.83994868322...
where
  v5 = tanh(v4) = -0.76159415595...
  v4 = v3 + 5.0 = -1.0
  v3 = x * w = -6.0
  w = -3.0
  x = 2.0
>>> from visualize import draw
>>> draw(y, x)
TypeError: value must be alone or a function, ... draw(y, highlight=x) marks x, and explain(y, x) lists the paths from y to x
>>> blocked = (x * w).relu() + x; blocked.explain(w)
dv5/dw = 0.0: v5 depends on w only through operations that pass no gradient to it: ...
>>> x ^ 2
TypeError: unsupported operand type(s) for ^: 'Value' and 'int'; use ** for a power: x ** 2
>>> "%.2f" % x
TypeError: cannot convert a Value to float implicitly, ... f'{v:.2f}' for text, ...
>>> Value(1.0, requires_grad=True)
TypeError: Value() takes a number and a label, not requires_grad=; omit it, because every Value has a gradient; ...
>>> import autograd, visualize
>>> autograd.Tanh
AttributeError: module 'autograd' has no attribute 'Tanh'; did you mean 'tanh'?
>>> autograd.Variable
AttributeError: module 'autograd' has no attribute 'Variable'; use Value, one number
>>> from autograd import Tensor
ImportError: cannot import name 'Tensor' from 'autograd'; use Value, one number
>>> from autograd import draw
ImportError: cannot import name 'draw' from 'autograd'; use y.draw(), or visualize.draw(y)
>>> from visualize import draw_dot
ImportError: cannot import name 'draw_dot' from 'visualize'; use draw(y)
>>> x.clone()
AttributeError: a Value has no attribute 'clone'; use x itself: no operation changes it; ...
>>> autograd.numpy
AttributeError: module 'autograd' has no attribute 'numpy'; that is of the package autograd by HIPS; ...
>>> visualize.plot
AttributeError: module 'visualize' has no attribute 'plot'; use draw(y)
>>> print(y.draw())
v5 = tanh(v4) = -0.76159, grad 1
...
(.show() opens it in a browser, .write('picture.svg') writes a file)
>>> print(y.draw().to_text())
v5 = tanh(v4) = -0.76159, grad 1
...
>>> y.draw().to_svg()
AttributeError: 'Drawing' object has no attribute 'to_svg'; use drawing.svg for the text, or drawing.write('y.svg') for a file
>>> visualize.explore(y).save("y.html")
AttributeError: 'Page' object has no attribute 'save'; use page.write('graph.html')
>>> draw(y, theme="dark")
TypeError: draw() got an unexpected keyword argument 'theme'; a picture follows the light or dark mode of its reader
>>> "TYPE_CHECKING" in dir(visualize), "explore" in dir(visualize)
(False, True)
>>> with autograd.detect_anomaly(x):
...     pass
...
TypeError: ...takes 1 positional argument but 2 were given; write with detect_anomaly(): ...
>>> autograd.explain(y, x, model=3)
TypeError: ...'model'; names come from labels: for name, p in model.named_parameters(): p.label = name
>>> print(autograd.to_latex(Value(2.0, label="alpha") * Value(3.0, label="β")))
\alpha \cdot \beta
>>> v = Value(2.0, label="v")
>>> with autograd.find_mistakes():
...     for _ in range(2):
...         (v * v).backward(); v -= 0.1 * v.grad
...
<stdin>:3: MistakeWarning: this line looks like an update that computes a new Value from v and v.grad. ...
>>> from autograd.micrograd.engine import Value
>>> from autograd.micrograd.nn import MLP
>>> n = MLP(2, [16, 16, 1]); out = n([1.0, -2.0]); isinstance(out, Value), len(n.parameters()), len(n.layers[0].neurons[0].w)
(True, 337, 2)
>>> y._op, {child.data for child in y._prev}
('tanh', {-1.0})
"""

TRAINER = r"""
>>> import numpy as np
>>> from nn import *
>>> import nn
>>> nn.ReLU
AttributeError: module 'nn' has no attribute 'ReLU'; write Layer(2, 3, activation='relu'); the function is autograd.relu
>>> nn.CrossEntropyLoss
AttributeError: module 'nn' has no attribute 'CrossEntropyLoss'; did you mean 'cross_entropy'?
>>> model, X, y = MLP(2, [4, 1], seed=0), np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]
>>> fit(model, X, y)
TypeError: loss must be one of 'mse', 'mae', ...
>>> fit(model, X, y, loss="bce")
ValueError: unknown loss: 'bce' ...did you mean 'binary_cross_entropy'?
>>> fit(model, X, y, loss="mse", learning_rate=0.1)
TypeError: ...'learning_rate'; did you mean 'lr'?
>>> fit(model, X, y, loss="mse", verbose=True)
TypeError: ...'verbose'; did you mean 'progress'?
>>> fit(model, X, y, loss="mse", optimizer="Adam", epochs=1, progress=False)
History(1 epoch, ...
>>> fit(model, X, y, loss="mse", optimizer=Adam)
TypeError: optimizer must not be the class Adam; pass 'adam', or an instance: Adam(model.parameters(), lr=0.1)
>>> MLP(2, [4, 1], activation="Relu")
MLP(2, [4, 1], activation='relu')
>>> MLP(2, [4, 1], activation="relue")
ValueError: unknown activation: 'relue' ...did you mean 'relu'?
>>> model(X)
TypeError: ... needs one row of numbers, not a table; use predict(model, X) ...
>>> model(1, 2)
TypeError: ... use model([1, 2])
>>> fit(MLP(2, [3]), X, np.eye(3)[[0, 1, 2, 0]], loss="cross_entropy", progress=False)
ValueError: cross_entropy needs class numbers from 0 to 2 as targets, not [1.0, 0.0, 0.0] in row 0; convert one-hot rows ...
>>> save_checkpoint("m.npz", model)
TypeError: save_checkpoint needs a name for each part, such as save_checkpoint('m.npz', model=model), ...
>>> accuracy([[0.9], [0.1]], [1, 0])
...use threshold=0.5 for probabilities, threshold=0 for logits...
0.5
>>> accuracy([[0.9], [0.1]], [1, 0], threshold=0.5)
1.0
>>> accuracy([[0.9], [0.1]], [1, 0])
<stdin>:1: UserWarning: ...use threshold=0.5 for probabilities, threshold=0 for logits...
0.5
>>> for _ in range(3):
...     accuracy([[0.9], [0.1]], [1, 0])
...
<stdin>:2: UserWarning: ...use threshold=0.5 for probabilities, threshold=0 for logits
0.5
0.5
0.5
>>> history = fit(model, X, y, loss="mse", optimizer="Adam", epochs=2, progress=False)
>>> list(dict(history)), list(history.to_frame().columns)
(['loss', 'lr', 'seconds'], ['loss', 'lr', 'seconds'])
>>> model.summary()
name      module                           shape  parameters
...total     MLP(2, [4, 1])                  2 -> 1          17
>>> standardize(X)
[[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]
>>> three, labels = MLP(2, [3], seed=0), ["a", "b", "a", "c"]
>>> fit(three, X, labels, loss="cross_entropy", epochs=1, progress=False, class_weights="balanced")
History(1 epoch, ...
>>> fit(three, X, labels, loss="cross_entropy", epochs=1, progress=False, sample_weights=[1, 1, 1, 2])
History(1 epoch, ...
>>> [round(sum(row), 9) for row in predict(three, X, probabilities=True)]
[1.0, 1.0, 1.0, 1.0]
>>> len(model.parameters()), len(model.parameters(exclude=model[0]))
(17, 5)
>>> Adam(model.parameters(), lr=0.1, amsgrad=True)
Adam(17 parameters, lr=0.1, amsgrad=True)
>>> from visualize import draw
>>> draw(model)
<Drawing of ...
>>> load_iris().data
AttributeError: 'Dataset' object has no attribute 'data'; use dataset.X
>>> history.loss
AttributeError: 'History' object has no attribute 'loss'; use history['loss']
>>> model.cuda()
AttributeError: 'MLP' object has no attribute 'cuda'; omit it: Values are floats of 64 bits in main memory
>>> from autograd import compile
>>> fit(compile(model), X, y, loss="mse")
TypeError: model must be a Module, not Compiled (<compiled MLP(2, [4, 1]), ...); pass the model itself: fit compiles it
>>> to_torch(compile(model))
TypeError: model must be a Module, not Compiled (<compiled MLP(2, [4, 1]), ...); pass the model itself, without compile
>>> compile(model).layers
AttributeError: 'Compiled' object has no attribute 'layers'; it is an attribute of the function itself: f.function.layers
>>> open("fruit.csv", "w").write("a,b\n1,2\n")
8
>>> from autograd import MLP
ImportError: cannot import name 'MLP' from 'autograd'; it is in the package nn: from nn import MLP
>>> from nn import mse
ImportError: cannot import name 'mse' from 'nn'; use nn.mse_loss(outputs, targets), or fit(..., loss='mse')
>>> nn.load
AttributeError: module 'nn' has no attribute 'load'; use nn.save_checkpoint('m.npz', model=model) and ...
>>> MLP(3, [1], nonlin="relu")
TypeError: MLP.__init__() got an unexpected keyword argument 'nonlin'; did you mean 'activation'?
>>> open("y.csv", "w").write("y,k\n99999,1.5\n12345,2.5\n") and print(load_csv("y.csv", target="k"))
Dataset: 2 rows, 1 feature, numbers as targets
    y  target
99999     1.5
12345     2.5
>>> load_csv("fruits.csv")
FileNotFoundError: [Errno 2] No such file or directory (did you mean 'fruit.csv'?): 'fruits.csv'
>>> load_csv("data/fruit.csv")
FileNotFoundError: [Errno 2] No such file or directory (the folder 'data' does not exist): 'data/fruit.csv'
>>> X, y = load_iris(); len(X), len(y)
(150, 150)
"""

ENGINEER = r"""
>>> import numpy as np
>>> import autograd
>>> from autograd import Value, compile, grad, gradcheck, hessian, jacobian, value_and_grad
>>> Value(np.array(1.0))
TypeError: the data of a Value must be a real number, not ndarray (array(1.)); use its number: array.item()
>>> Value(np.ones(3))
TypeError: ...not ndarray (array([1., 1., 1.])); create one Value per element: [Value(x) for x in array], or use ...
>>> autograd.sin(np.ones(3))
TypeError: ...not ndarray (array([1., 1., 1.])); apply it to each element: [sin(x) for x in xs]
>>> autograd.hypot([3.0], [4.0])
TypeError: ...not list ([3.0]); apply it to each pair: [hypot(x, y) for x, y in zip(xs, ys)]
>>> from dataclasses import dataclass
>>> @dataclass
... class Params:
...     w: list
...     b: float
...
>>> def f(p):
...     return p.w[0] * p.b + p.w[1] ** 2
...
>>> p = Params([2.0, 3.0], 4.0)
>>> grad(f)(p)
Params(w=[4.0, 6.0], b=2.0)
>>> value_and_grad(f)(p)
(17.0, Params(w=[4.0, 6.0], b=2.0))
>>> compile(grad(f))(Params([2.0, 3.0], np.array([4.0, 5.0])))
Params(w=[array([4., 5.]), array([6., 6.])], b=array([2., 2.]))
>>> compile(f).program()
TypeError: program() needs arguments, as in program(p), because each structure of arguments has its own program
>>> compile(lambda x: x * x)([1.0, 2.0])
TypeError: ...argument 0 was a list shared by all rows (rows are passed as an array: np.array(...)). ...
>>> compile(lambda x: x * 3)([1.0, 2.0])
<stdin>:1: UserWarning: <lambda> returns the list of argument 0 3 times, ... pass an array of rows: np.array(...)
[1.0, 2.0, 1.0, 2.0, 1.0, 2.0]
>>> jacobian(lambda x: x**2)([1.0, 2.0])
TypeError: unsupported operand type(s) for ** or pow(): 'list' and 'int'
argument 0 is a list, on which Python has no arithmetic; pass an array to compute with each number: np.array(...)
>>> compile(lambda x: x, static_argnums=3)
ValueError: static_argnums must be positions of arguments (0: x), not 3
>>> compile(lambda x, n: x**n, static_argnums=1)(np.array([2.0, 3.0]), 3)
array([ 8., 27.])
>>> report = gradcheck(f, p); report.passed, bool(report)
(True, True)
>>> print(report)
gradcheck of f: 3 derivatives, none wrong
  input   analytic  numeric  difference  error  digits  verdict
  p.w[0] ...
>>> grad(f)("text")
TypeError: argument 0 must be a number, a Value, a NumPy array, or a list, tuple, dict or dataclass of them, not str ...
>>> value_and_grad(lambda x: (x * x, {"cube": x**3}), has_aux=True)(2.0)
((4.0, {'cube': 8.0}), 4.0)
>>> grad(lambda x: (x * x, "aux"), has_aux=True)(2.0), jacobian(lambda x: ([x, x * x], None), has_aux=True)(3.0)
((4.0, 'aux'), ([1.0, 6.0], None))
>>> grad(lambda x: (x, x))(1.0)
TypeError: <lambda> must return one Value to be differentiated by grad, not tuple; ... or has_aux=True for a pair
>>> grad(lambda x, y: x * y, argnum=1)
TypeError: grad() got an unexpected keyword argument 'argnum'; did you mean 'argnums'?
>>> gradcheck(lambda x: x * x, 2.0, eps=1e-6)
TypeError: gradcheck() got an unexpected keyword argument 'eps'; omit it: the check needs no step size
>>> grad(Value(2.0))
TypeError: grad takes a function to differentiate, not Value (Value(2.0)); ...gradients(y, x) computes the derivative of a Value
>>> grad(lambda x: x * x, 2.0)
TypeError: argnums must be the position of an argument or a tuple of positions, not 2.0; grad(f) returns a function ...
>>> [name for name in dir(autograd) if name.startswith("_") or name in ("os", "annotations")]
['__version__']
>>> len(dir(Value(1.0))) == len(set(dir(Value(1.0)))), "item" in dir(Value(1.0)), hasattr(Value(1.0), "shape")
(True, False, False)
>>> compile(lambda x: 2 * x)(np.ma.array([1.0, 2.0], mask=[0, 1]))
TypeError: argument 0 must be a plain array, not a MaskedArray; fill the masked elements first: array.filled(0.0)
>>> autograd.strategies
AttributeError: module 'autograd' has no attribute 'strategies'; write import autograd.strategies, which needs Hypothesis
>>> import autograd.strategies
>>> autograd.strategies.expressions(max_depth=3)
TypeError: ...'max_depth'; write max_operations=, the number of operations
>>> autograd.strategies.expressions("sin")
TypeError: operations must be a list of operations, not str; pass ['sin']
>>> compile(f).grad
AttributeError: 'Compiled' object has no attribute 'grad'; use f.value_and_grad(...), or compile(grad(f))
>>> compile(f).to_c("f.c")
AttributeError: 'Compiled' object has no attribute 'to_c'; use f.program(...).to_c('f.c') for C, ...
>>> import math
>>> compile(lambda x: math.sin(x))(2.0)
autograd.errors.RecordingError: ...it is turned into a float, as math.exp(x) does it; write autograd.exp(x). ...
>>> gradcheck(math.sin, 1.0)
TypeError: sin does not accept Values; use autograd.sin, or state the gradient to check: gradcheck(sin, x, gradient=...)
>>> gradcheck(np.linalg.det, np.eye(2))
TypeError: det does not accept Values; state the gradient to check: gradcheck(det, x, gradient=...)
>>> import nn
>>> gradcheck(nn.MLP(2, [1]), [1.0, 2.0])
TypeError: inputs must be rows for a model, not numbers; write gradcheck(model, [[1.0, 2.0]]) for one row
>>> gradcheck(nn.MLP(2, [1]), np.ones(2))
TypeError: inputs must be rows for a model, not numbers; write gradcheck(model, [[1.0, 2.0]]) for one row
>>> with autograd.detect_anomaly:
...     pass
...
TypeError: detect_anomaly must be called in a with statement; write `with autograd.detect_anomaly():`
>>> autograd.xlogy(0.0, 0.0), autograd.entropy([0.5, 0.5])
(0.0, 0.6931471805599453)
>>> print(autograd.to_latex(Value(1.5, "x").floor() + Value(1.5, "y").ceil()))
\left\lfloor x\right\rfloor + \left\lceil y\right\rceil
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize("session", [STUDENT, TRAINER, ENGINEER], ids=["student", "trainer", "engineer"])
def test_every_line_prints_what_the_session_states(session: str, tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        assert "\n".join(play(terminal, session)) == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_difference_is_found(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        assert play(terminal, ">>> 1 + 1\n2\n>>> print('a\\nb')\na\n...\n>>> 1 / 0\nZeroDivisionError: ...") == []
        found = play(terminal, ">>> 1 + 1\n3\n>>> x = 1\n>>> x\n")
        assert found == ["1 + 1\n  expected: 3\n  printed:  2", "x\n  expected: \n  printed:  1"]


@pytest.mark.skipif(sys.platform == "win32", reason="select() takes only sockets on Windows")
def test_a_character_may_arrive_in_two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    # CI once received the two bytes of a letter separately.
    ours, theirs = os.pipe()
    os.write(theirs, "Curé\r\n>>> ".encode())
    read = os.read
    with monkeypatch.context() as patch:
        patch.setattr(os, "read", lambda file, _: read(file, 1))
        assert read_to_prompt(ours) == "Curé"
    os.close(ours)
    os.close(theirs)
