# Second derivatives
from autograd import exp, grad, hessian


def f(x):
    return x * exp(-x * x)


print("f'(1)   =", grad(f)(1.0))
print("f''(1)  =", grad(grad(f))(1.0))
print("f'''(1) =", grad(grad(grad(f)))(1.0))

hessian(lambda p: p[0] ** 2 * p[1] + p[1] ** 3)([1.0, 2.0])
