# An error
import math

from autograd import Value


def area(radius):
    return math.pi * math.sqrt(radius)


x = Value(2.0)
print("before the error")
area(x)
