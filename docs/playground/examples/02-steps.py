# Backpropagation step by step
from autograd import Value
from visualize import explore

x = Value(2.0, label="x")
w = Value(0.5, label="w")
y = (w * x).sin() * x
y.label = "y"

explore(y)  # press the arrow keys, or edit a number
