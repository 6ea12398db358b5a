# Check a gradient
from autograd import gradcheck


def quotient(x, y):
    return x / y


def gradient(x, y):
    return 1 / y, x / y**2  # the second derivative has the wrong sign


print(gradcheck(quotient, (3.0, 2.0), gradient=gradient))
