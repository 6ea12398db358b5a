# Train a network on XOR
from nn import MLP, Adam, mse_loss
from visualize import draw

X = [[0, 0], [0, 1], [1, 0], [1, 1]]
targets = [0, 1, 1, 0]

model = MLP(2, [4, 1], activation="tanh", seed=1)
optimizer = Adam(model.parameters(), lr=0.05)

for step in range(151):
    loss = mse_loss([model(x) for x in X], targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 30 == 0:
        print(f"step {step:3}: loss {loss.data:.5f}")

for x in X:
    print(x, "->", [round(output.data, 2) for output in model(x)])
draw(model)
