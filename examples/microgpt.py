"""A small GPT, written number by number. It learns the spelling of first names and generates new ones.

    python examples/microgpt.py [--steps 1000] [--seed 0] [--compile]

The network is a miniature GPT-2: one layer with four attention heads and a context of 16 characters. It uses root-mean-square
normalization instead of layer normalization, ReLU instead of GELU, and no biases. The sizes are the sizes of A. Karpathy's
"microgpt". A matrix is a list of rows of Values, and a vector is a list of Values. There are no tensors.

With ``--compile``, the loss is recorded once for each length of name and then replayed. The losses are the same.
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
Token = int | Value  # a Value while the loss is recorded, because a replay gets other letters

WIDTH, HEADS, CONTEXT = 16, 4, 16  # numbers per character, attention heads, characters of context
HEAD = WIDTH // HEADS
NAMES = Path(__file__).with_name("names.txt").read_text(encoding="utf-8").split()
LETTERS = sorted(set("".join(NAMES)))
END = len(LETTERS)  # the token before the first and after the last letter of a name


def tokens_of(name: str) -> list[int]:
    """Return the tokens of a name: ``END``, its letters, ``END``."""
    return [END, *(LETTERS.index(letter) for letter in name), END][: CONTEXT + 1]


def random_matrix(rng: random.Random, rows: int, columns: int, deviation: float = 0.08) -> Matrix:
    """Return a matrix of parameters, drawn from a normal distribution."""
    return [[Value(rng.gauss(0.0, deviation)) for _ in range(columns)] for _ in range(rows)]


class GPT:
    """The parameters, and the function from the characters so far to the logits of the next one."""

    def __init__(self, rng: random.Random) -> None:
        tokens = len(LETTERS) + 1
        self.token_embedding = random_matrix(rng, tokens, WIDTH)
        self.position_embedding = random_matrix(rng, CONTEXT, WIDTH)
        self.query, self.key, self.value, self.projection = (random_matrix(rng, WIDTH, WIDTH) for _ in range(4))
        self.up, self.down = random_matrix(rng, 4 * WIDTH, WIDTH), random_matrix(rng, WIDTH, 4 * WIDTH)
        self.unembedding = random_matrix(rng, tokens, WIDTH)

    def parameters(self) -> Vector:
        """Return all parameters as one list."""
        return [p for rows in vars(self).values() for row in rows for p in row]

    def __call__(self, token: Token, keys: Matrix, values: Matrix) -> Vector:
        """Return the logits of the token after ``token``.

        ``keys`` and ``values`` belong to the tokens before ``token``. Its own key and value are appended to them.
        """
        x = rms_norm(add(select_row(self.token_embedding, token), self.position_embedding[len(keys)]))

        # Attention: each head compares its query with the keys of all characters so far, and mixes their values accordingly.
        y = rms_norm(x)
        query = linear(self.query, y)
        keys.append(linear(self.key, y))
        values.append(linear(self.value, y))
        mixed: Vector = []
        for start in range(0, WIDTH, HEAD):
            head = slice(start, start + HEAD)
            weights = softmax([dot(query[head], key[head]) / HEAD**0.5 for key in keys])
            mixed += [dot(weights, [value[i] for value in values]) for i in range(start, start + HEAD)]
        x = add(x, linear(self.projection, mixed))

        # A hidden layer of neurons, and back to the width of the residual stream.
        hidden = [relu(z) for z in linear(self.up, rms_norm(x))]
        x = add(x, linear(self.down, hidden))
        return linear(self.unembedding, x)

    def loss(self, tokens: Sequence[Token]) -> Value:
        """Return the mean of -log(probability) of each token except the first, given the tokens before it."""
        keys: Matrix = []
        values: Matrix = []
        terms = []
        for token, target in itertools.pairwise(tokens):
            logits = self(token, keys, values)
            terms.append(logsumexp(logits) - take(logits, target))
        loss: Value = mean(terms)
        return loss

    def sample(self, rng: random.Random, temperature: float) -> str:
        """Generate a name. The lower the temperature, the more it resembles the names in the training set."""
        name, token = "", END
        keys: Matrix = []
        values: Matrix = []
        with no_grad():
            while len(keys) < CONTEXT:
                logits = self(token, keys, values)
                (token,) = rng.choices(range(END + 1), [p.data for p in softmax([z / temperature for z in logits])])
                if token == END:
                    break
                name += LETTERS[token]
        return name


def select_row(rows: Matrix, index: Token) -> Vector:
    """Return ``rows[index]``. While ``index`` is recorded, ``take`` selects the number in each column."""
    return rows[index] if isinstance(index, int) else [take(column, index) for column in zip(*rows, strict=True)]


def linear(weights: Matrix, x: Vector) -> Vector:
    """Return a matrix times a vector."""
    return affine(weights, x, [0.0] * len(weights))


def add(x: Vector, y: Vector) -> Vector:
    """Add two vectors."""
    return [a + b for a, b in zip(x, y, strict=True)]


def rms_norm(x: Vector) -> Vector:
    """Scale a vector to a mean square of 1."""
    scale = (dot(x, x) / len(x) + 1e-5) ** -0.5
    return [a * scale for a in x]


class Adam:
    """The Adam optimizer (Kingma and Ba, 2015), with a learning rate that decays linearly to 0."""

    def __init__(self, parameters: Vector, steps: int, rate: float = 0.01, beta1: float = 0.85, beta2: float = 0.99) -> None:
        self.parameters, self.steps, self.rate, self.beta1, self.beta2 = parameters, steps, rate, beta1, beta2
        self.means, self.squares = [0.0] * len(parameters), [0.0] * len(parameters)

    def step(self, number: int) -> None:
        """Update the parameters from their gradients, and set the gradients to 0. ``number`` counts from 0."""
        rate = self.rate * (1 - number / self.steps)
        correction1, correction2 = 1 - self.beta1 ** (number + 1), 1 - self.beta2 ** (number + 1)
        for i, parameter in enumerate(self.parameters):
            gradient, parameter.grad = parameter.grad, 0.0
            self.means[i] = self.beta1 * self.means[i] + (1 - self.beta1) * gradient
            self.squares[i] = self.beta2 * self.squares[i] + (1 - self.beta2) * gradient * gradient
            parameter.data -= rate * (self.means[i] / correction1) / ((self.squares[i] / correction2) ** 0.5 + 1e-8)


def train(model: GPT, steps: int, rng: random.Random, replay: bool = False) -> list[float]:
    """Train on one name per step, and return the losses. With ``replay``, the loss is recorded once per length of name."""
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
    """Train, and print generated names."""
    parser = argparse.ArgumentParser(description="Train a small GPT on first names, and generate new names.")
    parser.add_argument("--steps", type=int, default=1000, help="number of training steps, one name each (default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="seed of the weights, the order of the names and the samples")
    parser.add_argument("--compile", action="store_true", help="record the loss once per length of name, and replay it")
    options = parser.parse_args(arguments)

    rng = random.Random(options.seed)
    model = GPT(rng)
    print(f"{len(model.parameters()):,} parameters, {len(NAMES)} names, {len(LETTERS)} letters")
    start = time.perf_counter()
    train(model, options.steps, rng, options.compile)
    seconds = time.perf_counter() - start
    print(f"{1000 * seconds / options.steps:.1f} ms per step; generated names:")
    for _ in range(20):
        print("   ", model.sample(rng, temperature=0.5))


if __name__ == "__main__":
    main()
