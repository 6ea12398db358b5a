# Fit a line with an optimizer
from autograd import Value, mean
from nn import SGD
from visualize import draw

data = [(1, 3.1), (2, 4.9), (3, 7.2), (4, 8.8)]
w, b = Value(0.0, label="w"), Value(0.0, label="b")
optimizer = SGD([w, b], lr=0.05)

for step in range(201):
    loss = mean([(w * x + b - t) ** 2 for x, t in data])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 40 == 0:
        print(f"step {step:3}: loss {loss.data:.4f}, w {w.data:.3f}, b {b.data:.3f}")

draw(loss)
