"""The names of micrograd (Karpathy 2020), for code and lectures that use them.

Only the imports change: ``micrograd.engine`` becomes ``autograd.micrograd.engine``, and ``micrograd.nn`` becomes
``autograd.micrograd.nn``. The names can also be imported from here.

``Value`` is the class of this package, so ``draw``, ``explain``, ``gradcheck`` and all other tools accept it. Importing this
package adds the attributes ``_prev``, ``_op`` and ``_backward`` to it. New code uses ``operands``, ``op``, ``partials`` and the
networks of ``nn``. Code that creates nodes itself, such as ``Value(data, (x,), "+")``, uses ``autograd.primitive`` instead.

>>> from autograd.micrograd import MLP, Value
>>> x = Value(3.0)
>>> y = x * x + 1
>>> y._op, sorted(child.data for child in y._prev)
('+', [1.0, 9.0])
>>> model = MLP(2, [4, 1])
>>> model
MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(4)]]
>>> isinstance(model([1.0, -2.0]), Value)
True
"""

from autograd.micrograd.engine import Value
from autograd.micrograd.nn import MLP, Layer, Module, Neuron

__all__ = ["MLP", "Layer", "Module", "Neuron", "Value"]
