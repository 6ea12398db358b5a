# Explain a gradient
from autograd import Value, explain
from visualize import draw

x = Value(3.0, label="x")
y = x * x + 2 * x
y.label = "y"
y.backward()

draw(y, partials=True)  # the local derivative is at each edge
explain(y, x)
