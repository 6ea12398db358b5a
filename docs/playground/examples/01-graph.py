# A first graph
from autograd import Value

a = Value(2.0, label="a")
b = Value(-3.0, label="b")
y = (a * b + 5).tanh() + a**2
y.label = "y"
y.backward()

print("dy/da =", a.grad)
print("dy/db =", b.grad)
y
