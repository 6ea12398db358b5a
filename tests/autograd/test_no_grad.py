"""``no_grad``: nothing is recorded inside, in the current thread and task only."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import math
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import autograd
from autograd import Value, dot, no_grad
from autograd import sum as add_up


def records() -> bool:
    return bool((Value(2.0) * 3).operands)


def test_results_inside_are_leaves() -> None:
    x = Value(2.0)
    with no_grad():
        results = [x * x, -x, 2 - x, x.tanh(), dot([x], [x]), add_up([x, 1.0])]
    assert [result.operands for result in results] == [()] * 6
    assert [result.data for result in results] == [4.0, -2.0, 0.0, math.tanh(2.0), 4.0, 3.0]
    assert all(type(result) is Value for result in results)


def test_results_after_the_block_are_recorded() -> None:
    assert records()
    with no_grad():
        assert not records()
    assert records()


def test_values_created_inside_stop_gradients() -> None:
    x = Value(2.0)
    with no_grad():
        y = x * x
    (y * x).backward()
    assert x.grad == 4.0


def test_blocks_nest() -> None:
    block = no_grad()
    with block:
        with block, no_grad():
            assert not records()
        assert not records()
    assert records()


def test_an_exception_ends_the_block() -> None:
    with pytest.raises(ZeroDivisionError), no_grad():
        1 / 0  # noqa: B018 - for its error
    assert records()


def test_backward_works_inside() -> None:
    x = Value(2.0)
    y = x * x
    with no_grad():
        y.backward()
    assert x.grad == 4.0


@pytest.mark.parametrize("decorate", [no_grad, no_grad()], ids=["@no_grad", "@no_grad()"])
def test_a_decorated_function_does_not_record(decorate: Any) -> None:
    @decorate
    def predict(x: Value, scale: float = 10.0) -> Value:
        """Predict something."""
        return x * scale

    assert predict(Value(2.0), scale=5.0).operands == ()
    assert predict(Value(2.0)).data == 20.0
    assert (predict.__name__, predict.__doc__) == ("predict", "Predict something.")
    assert records()


def test_a_decorated_function_may_be_recursive_and_raise() -> None:
    @no_grad
    def countdown(n: int) -> None:
        assert not records()
        if n == 0:
            raise RuntimeError("lift-off")
        countdown(n - 1)

    with pytest.raises(RuntimeError, match="lift-off"):
        countdown(3)
    assert records()


@pytest.mark.parametrize("decorate", [no_grad, no_grad()], ids=["@no_grad", "@no_grad()"])
def test_a_decorated_coroutine_function_does_not_record_after_an_await(decorate: Any) -> None:
    @decorate
    async def predict() -> list[bool]:
        before = records()
        await asyncio.sleep(0)
        return [before, records()]

    async def main() -> list[bool]:
        return [*await predict(), records()]

    assert inspect.iscoroutinefunction(predict)
    assert asyncio.run(main()) == [False, False, True]


def test_generator_functions_cannot_be_decorated() -> None:
    def items() -> Iterator[int]:
        yield 1

    async def later() -> AsyncIterator[int]:
        yield 1

    for function in (items, later):
        with pytest.raises(TypeError) as caught:
            no_grad(function)
        assert str(caught.value) == (
            f"no_grad cannot decorate the generator function '{function.__name__}', because the caller's code runs between two "
            "of its items; use `with autograd.no_grad():` inside it, around the code between two yields"
        )


def test_methods_and_classes_with_call_can_be_decorated() -> None:
    class Model:
        @no_grad
        def method(self) -> bool:
            return records()

        def __call__(self) -> bool:
            return records()

    assert (Model().method(), no_grad(Model())()) == (False, False)


def test_another_thread_still_records() -> None:
    found = []
    with no_grad():
        thread = threading.Thread(target=lambda: found.append(records()))
        thread.start()
        thread.join()
        assert not records()
    assert found == [True]


def test_a_block_in_another_thread_does_not_stop_this_one() -> None:
    entered, leave = threading.Event(), threading.Event()

    def stay_inside() -> None:
        with no_grad():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=stay_inside)
    thread.start()
    assert entered.wait(10)
    assert records()
    leave.set()
    thread.join()


def test_many_threads_entering_and_leaving_blocks_do_not_interfere() -> None:
    def go(inside: bool) -> bool:
        for _ in range(300):
            if inside:
                with no_grad():
                    if records():
                        return False
            elif not records():
                return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(go, [True, False] * 8))


def test_a_copied_context_carries_the_state() -> None:
    with no_grad():
        context = contextvars.copy_context()
    assert context.run(records) is False
    assert records()


def test_asyncio_tasks_have_their_own_state() -> None:
    async def inside() -> list[bool]:
        found = []
        with no_grad():
            for _ in range(3):
                found.append(records())
                await asyncio.sleep(0)
        return found

    async def outside() -> list[bool]:
        found = []
        for _ in range(3):
            found.append(records())
            await asyncio.sleep(0)
        return found

    async def main() -> list[list[bool]]:
        return list(await asyncio.gather(inside(), outside(), inside()))

    assert asyncio.run(main()) == [[False] * 3, [True] * 3, [False] * 3]


def test_a_task_started_inside_keeps_its_state_after_the_block_ends() -> None:
    async def late() -> bool:
        await asyncio.sleep(0)
        return records()

    async def main() -> tuple[bool, bool]:
        with no_grad():
            task = asyncio.create_task(late())
        return records(), await task

    assert asyncio.run(main()) == (True, False)


def test_values_are_converted_to_floats_inside() -> None:
    x = Value(2.5)
    with no_grad():
        assert (float(x), int(x), math.floor(x).data) == (2.5, 2, 2.0)
    with pytest.raises(TypeError):
        float(x)


def test_a_generator_closed_in_another_thread_does_not_disable_recording() -> None:
    def generator() -> Generator[None, None, None]:
        with no_grad():
            yield

    started = generator()
    thread = threading.Thread(target=next, args=(started,))
    thread.start()
    thread.join()
    started.close()
    assert records()


@pytest.mark.parametrize("thing", [3, Value, type("Model", (), {})])
def test_only_functions_can_be_decorated(thing: Any) -> None:
    with pytest.raises(TypeError, match=r"^no_grad decorates functions, not \w+ \(.*\); decorate the methods of a class$"):
        no_grad(thing)


@pytest.mark.parametrize("name", ["no_grad", "detect_anomaly", "find_mistakes"])
def test_a_block_without_a_call_is_named(name: str) -> None:
    message = rf"^{name} must be called in a with statement; write `with autograd\.{name}\(\):`$"
    with pytest.raises(TypeError, match=message), getattr(autograd, name):
        pass
    with getattr(autograd, name)():
        assert (Value(2.0) * 3.0).data == 6.0
