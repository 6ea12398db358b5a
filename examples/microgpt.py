"""A small GPT, written number by number: it learns what first names look like, and makes up new ones.

    python examples/microgpt.py [--steps 1000] [--seed 0] [--compile]

The network is that of GPT-2 in miniature, one layer of four heads over the last 16 characters, with root-mean-square
normalisation in place of layer normalisation, ReLU in place of GELU, and no biases (A. Karpathy's "microgpt", whose
sizes these are). A matrix is a list of rows of Values; a vector, a list of Values. Nothing is hidden in tensors.

With ``--compile`` the loss is recorded once for each length of name and then replayed. The losses are the same.
"""

from __future__ import annotations

import argparse
import itertools
import random
import time
from collections.abc import Sequence
from pathlib import Path

from autograd import Value, affine, compile, dot, logsumexp, mean, no_grad, relu, softmax, sum, take  # noqa: A004 - of Values

Vector = list[Value]
Matrix = list[Vector]
Token = int | Value  # a Value while the loss is being recorded, as each name has other letters

WIDTH, HEADS, CONTEXT = 16, 4, 16  # numbers for a character; attention heads; characters that it looks back on
HEAD = WIDTH // HEADS
NAMES = Path(__file__).with_name("names.txt").read_text(encoding="utf-8").split()
LETTERS = sorted(set("".join(NAMES)))
END = len(LETTERS)  # the token before the first and after the last letter of a name


def matrix(rng: random.Random, rows: int, columns: int, deviation: float = 0.08) -> Matrix:
    """Parameters, normally distributed at first."""
    return [[Value(rng.gauss(0.0, deviation)) for _ in range(columns)] for _ in range(rows)]


class GPT:
    """The parameters, and how they turn the characters so far into scores for the next one."""

    def __init__(self, rng: random.Random) -> None:
        tokens = len(LETTERS) + 1
        self.token_embedding = matrix(rng, tokens, WIDTH)
        self.place_embedding = matrix(rng, CONTEXT, WIDTH)
        self.query, self.key, self.value, self.joined = (matrix(rng, WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = matrix(rng, 4 * WIDTH, WIDTH), matrix(rng, WIDTH, 4 * WIDTH)
        self.scores = matrix(rng, tokens, WIDTH)

    def parameters(self) -> Vector:
        """All of them, in one list."""
        return [p for rows in vars(self).values() for row in rows for p in row]

    def __call__(self, token: Token, keys: Matrix, values: Matrix) -> Vector:
        """Scores for what follows ``token``; ``keys`` and ``values`` of the tokens before it grow by its own."""
        x = normalised(added(taken_row(self.token_embedding, token), self.place_embedding[len(keys)]))

        # Attention: each head asks all characters so far, and mixes their values by how well their keys answer.
        y = normalised(x)
        query = linear(self.query, y)
        keys.append(linear(self.key, y))
        values.append(linear(self.value, y))
        mixed: Vector = []
        for start in range(0, WIDTH, HEAD):
            head = slice(start, start + HEAD)
            weights = softmax([dot(query[head], key[head]) / HEAD**0.5 for key in keys])
            mixed += [dot(weights, [value[i] for value in values]) for i in range(start, start + HEAD)]
        x = added(x, linear(self.joined, mixed))

        # A layer of neurons, and back to the width of the residual stream.
        hidden = [relu(z) for z in linear(self.up, normalised(x))]
        x = added(x, linear(self.down, hidden))
        return linear(self.scores, x)

    def loss(self, tokens: Sequence[Token]) -> Value:
        """The mean of -log(probability) of each token but the first, given those before it."""
        keys: Matrix = []
        values: Matrix = []
        terms = []
        for token, after in itertools.pairwise(tokens):
            scores = self(token, keys, values)
            terms.append(logsumexp(scores) - take(scores, after))
        loss: Value = mean(terms)
        return loss

    def sample(self, rng: random.Random, temperature: float) -> str:
        """A new name; the lower the temperature, the more like those it has seen."""
        name, token = "", END
        keys: Matrix = []
        values: Matrix = []
        with no_grad():
            while len(keys) < CONTEXT:
                scores = self(token, keys, values)
                (token,) = rng.choices(range(END + 1), [p.data for p in softmax([s / temperature for s in scores])])
                if token == END:
                    break
                name += LETTERS[token]
        return name


def tokens_of(name: str) -> list[int]:
    """What the model reads for a name, and is to foresee."""
    return [END, *(LETTERS.index(letter) for letter in name), END][: CONTEXT + 1]


def taken_row(rows: Matrix, index: Token) -> Vector:
    """``rows[index]``, also while that is being recorded: then each number is selected in its column."""
    return rows[index] if isinstance(index, int) else [take(column, index) for column in zip(*rows, strict=True)]


def linear(weights: Matrix, x: Vector) -> Vector:
    """A matrix times a vector."""
    return affine(weights, x, [0.0] * len(weights))


def added(x: Vector, y: Vector) -> Vector:
    """Element by element."""
    return [a + b for a, b in zip(x, y, strict=True)]


def normalised(x: Vector) -> Vector:
    """Scaled to a mean square of 1."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [a * scale for a in x]


class Adam:
    """Steps as long as the gradient is steady (Kingma and Ba, 2015), shorter and shorter down to 0 at the last."""

    def __init__(self, parameters: Vector, steps: int, rate: float = 0.01, beta1: float = 0.85, beta2: float = 0.99) -> None:
        self.parameters, self.steps, self.rate, self.beta1, self.beta2 = parameters, steps, rate, beta1, beta2
        self.means, self.squares = [0.0] * len(parameters), [0.0] * len(parameters)

    def step(self, number: int) -> None:
        """Change the parameters by their gradients, and set these to 0; ``number`` counts from 0."""
        rate = self.rate * (1 - number / self.steps)
        started1, started2 = 1 - self.beta1 ** (number + 1), 1 - self.beta2 ** (number + 1)
        for i, parameter in enumerate(self.parameters):
            gradient, parameter.grad = parameter.grad, 0.0
            self.means[i] = self.beta1 * self.means[i] + (1 - self.beta1) * gradient
            self.squares[i] = self.beta2 * self.squares[i] + (1 - self.beta2) * gradient * gradient
            parameter.data -= rate * (self.means[i] / started1) / ((self.squares[i] / started2) ** 0.5 + 1e-8)


def train(model: GPT, steps: int, rng: random.Random, replay: bool = False) -> list[float]:
    """One name a step, recorded anew each time or replayed; the loss of each."""
    optimizer = Adam(model.parameters(), steps)
    names = rng.sample(NAMES, len(NAMES))
    recorded = compile(model.loss)
    losses = []
    for number in range(steps):
        tokens = tokens_of(names[number % len(names)])
        if replay:
            losses.append(recorded.backward(tokens))
        else:
            loss = model.loss(tokens)
            loss.backward()
            losses.append(loss.data)
        optimizer.step(number)
        if (number + 1) % max(1, steps // 10) == 0:
            recent = losses[-max(1, steps // 10) :]
            print(f"step {number + 1:5d} of {steps}: mean loss {sum(recent) / len(recent):.4f}")
    return losses


def main(arguments: list[str] | None = None) -> None:
    """Train, and print new names."""
    parser = argparse.ArgumentParser(description="Train a small GPT on first names, and make up new ones.")
    parser.add_argument("--steps", type=int, default=1000, help="names to learn from, one a step (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first weights, the order of the names and the new ones")
    parser.add_argument("--compile", action="store_true", help="record once for each length of name, and replay")
    options = parser.parse_args(arguments)

    rng = random.Random(options.seed)
    model = GPT(rng)
    print(f"{len(model.parameters()):,} parameters, {len(NAMES)} names of {len(LETTERS)} letters")
    began = time.perf_counter()
    train(model, options.steps, rng, options.compile)
    seconds = time.perf_counter() - began
    print(f"{1000 * seconds / options.steps:.1f} ms a step; new names:")
    for _ in range(20):
        print("   ", model.sample(rng, temperature=0.5))


if __name__ == "__main__":
    main()
