# Write the derivative as a program
from autograd import Value, derivative_program, javascript_rows, to_latex

x1, x2 = Value(2.0, label="x1"), Value(5.0, label="x2")
y = x1.log() + x1 * x2 - x2.sin()

print(derivative_program(y, [x1, x2]))
print(to_latex(y))
print(javascript_rows(["sin"]))
