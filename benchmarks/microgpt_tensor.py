"""The GPT of ``examples/microgpt.py`` with PyTorch and JAX tensors: all characters at once, with a causal mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from microgpt_scalar import initial_matrices, tokens_of
from moons_problem import Step
from moons_tensor import flatten
from report import peer

WIDTH, HEADS = 16, 4


def arrays(numbers: Sequence[float] | None = None) -> dict[str, Any]:
    """Return the matrices by name, filled with ``numbers`` or with the initial parameters."""
    np = peer("numpy")
    found = {key: np.array(rows) for key, rows in initial_matrices().items()}
    if numbers is None:
        return found
    start = 0
    for key, array in found.items():
        found[key] = np.array(numbers[start : start + array.size]).reshape(array.shape)
        start += array.size
    return found


def torch_step(name: str) -> Step:
    """Return the step with PyTorch tensors, on one thread."""
    torch = peer("torch")
    torch.set_num_threads(1)
    functional = torch.nn.functional
    tokens = tokens_of(name)
    n = len(tokens) - 1
    before, after = torch.tensor(tokens[:-1]), torch.tensor(tokens[1:])
    m = {key: torch.tensor(array, requires_grad=True) for key, array in arrays().items()}

    def rms_norm(x: Any) -> Any:
        return functional.rms_norm(x, (WIDTH,), eps=1e-5)

    def run() -> Any:
        for p in m.values():
            p.grad = None
        x = rms_norm(m["token_embedding"][before] + m["position_embedding"][:n])
        y = rms_norm(x)
        heads = [(y @ m[key].T).reshape(n, HEADS, -1).transpose(0, 1) for key in ("query", "key", "value")]
        mixed = functional.scaled_dot_product_attention(*heads, is_causal=True).transpose(0, 1).reshape(n, WIDTH)
        x = x + mixed @ m["projection"].T
        x = x + torch.relu(rms_norm(x) @ m["up"].T) @ m["down"].T
        loss = functional.cross_entropy(x @ m["unembedding"].T, after)
        loss.backward()
        return loss.detach()

    def load(numbers: Sequence[float]) -> None:
        for key, new in arrays(numbers).items():
            m[key].data.copy_(torch.tensor(new))

    return Step(run, load, lambda: flatten([p.grad for p in m.values()]))


def jax_step(name: str) -> Step:
    """Return the step with JAX arrays, compiled by ``jit`` once for each length of name."""
    jax = peer("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = peer("jax.numpy")
    tokens = jnp.array(tokens_of(name))
    state: list[Any] = [None, None]

    def rms_norm(x: Any) -> Any:
        return x * (jnp.mean(x * x, -1, keepdims=True) + 1e-5) ** -0.5

    def loss(m: dict[str, Any], tokens: Any) -> Any:
        n = len(tokens) - 1
        x = rms_norm(m["token_embedding"][tokens[:-1]] + m["position_embedding"][:n])
        y = rms_norm(x)
        query, key, value = ((y @ m[key].T).reshape(n, HEADS, -1) for key in ("query", "key", "value"))
        scores = jnp.einsum("ihd,jhd->hij", query, key) / (WIDTH // HEADS) ** 0.5
        weights = jax.nn.softmax(jnp.where(jnp.tril(jnp.ones((n, n), bool)), scores, -jnp.inf))
        x = x + jnp.einsum("hij,jhd->ihd", weights, value).reshape(n, WIDTH) @ m["projection"].T
        x = x + jax.nn.relu(rms_norm(x) @ m["up"].T) @ m["down"].T
        return -jnp.mean(jax.nn.log_softmax(x @ m["unembedding"].T)[jnp.arange(n), tokens[1:]])

    value_and_grad = jax.jit(jax.value_and_grad(loss))

    def run() -> Any:
        value, state[1] = jax.block_until_ready(value_and_grad(state[0], tokens))
        return value

    def load(numbers: Sequence[float]) -> None:
        state[0] = {key: jnp.array(array) for key, array in arrays(numbers).items()}

    state[0] = {key: jnp.array(array) for key, array in arrays().items()}
    return Step(run, load, lambda: flatten([state[1][key] for key in state[0]]))
