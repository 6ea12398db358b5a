"""Time and size of pictures by number of nodes, crossings of our layout and of ``dot``, and pictures of other libraries.

    python benchmarks/drawing.py     (skips libraries that are not installed, and dot)

The times in the browser need playwright and Chromium. The other libraries are micrograd, torchviz, torchview and torchvista
(``pip install torchviz torchview torchvista ipython playwright``; the last one also needs Chromium).
"""

from __future__ import annotations

import contextlib
import os
import random
import runpy
import shutil
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from peer_drawings import PEERS, Drawn, graphs, ours
from report import Report, peer
from svg_measures import Picture
from timing import digits, duration

import autograd
from autograd import Value
from nn import MLP, mse_loss
from visualize import draw, explore

GALLERY = Path(__file__).parent.parent / "examples" / "gallery.py"
ANIMATED = 40  # nodes: a larger graph is not animated
SECONDS_TO_DRAW, SECONDS_TO_EXPLORE, SECONDS_TO_PAINT = 2.0, 10.0, 2.0  # targets for the largest graph
MILLISECONDS = 17.0  # target of a frame while a reader pans over 5,000 visible boxes: a screen shows 60 frames per second
Graph = tuple[Value, dict[str, Any]]  # a result, and the arguments of draw


def expression(nodes: int) -> Graph:
    """Return an expression in which each operation uses the previous result and a random earlier node."""
    rng = random.Random(0)
    made = [Value(rng.uniform(0.5, 1.0), f"x{i}") for i in range(max(1, nodes // 5))]
    inputs = made[:-1]
    while len(made) < nodes:
        other = inputs.pop() if inputs else rng.choice(made[-100:])
        made.append(made[-1] * other if len(made) % 2 else made[-1] - other)
    return made[-1], {}


def network(nodes: int) -> Graph:
    """Return the loss of ``MLP(2, [8, 8, 1])`` on as many rows as the number of nodes allows."""
    model = MLP(2, [8, 8, 1], seed=0)
    rng = random.Random(0)

    def loss(rows: int) -> Value:
        X = [[rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)] for _ in range(rows)]
        return mse_loss([model(row) for row in X], [float(x > y) for x, y in X])

    one, two = (autograd.count_nodes(loss(rows)) for rows in (1, 2))
    return loss(1 + max(0, nodes - one) // (two - one)), {"model": model}


def grid(width: int, depth: int) -> Value:
    """Return the sum of the last of ``depth`` layers of products. All nodes are visible at once on a screen."""
    layer = [Value(1.0 + i / width / 10, f"x{i}") for i in range(width)]
    for _ in range(depth):
        layer = [layer[i] * 0.5 + layer[(i + 1) % width] for i in range(width)]
    return autograd.sum(layer)


def outputs(graph: Graph) -> dict[str, Callable[[], str]]:
    """Return the functions that make each kind of picture, by name. Only small graphs have an animated SVG."""
    root, options = graph
    made: dict[str, Callable[[], str]] = {
        "SVG": lambda: draw(root, **options).pipe("svg", encoding="utf-8"),
        "text": lambda: draw(root, **options).to_text(width=100),
        "page": lambda: explore(root, **options).html,
    }
    if autograd.count_nodes(root) <= ANIMATED:
        made["animated SVG"] = lambda: animated(root, options)
    return made


def animated(root: Value, options: dict[str, Any]) -> str:
    """Return an animated SVG."""
    with tempfile.TemporaryDirectory() as folder:
        path = draw(root, **options).write(Path(folder, "moving.svg"), animate=True)
        return path.read_text(encoding="utf-8")


def timed(function: Callable[[], str], rounds: int) -> tuple[str, float]:
    """Return the result, and the minimum processor time of several calls, which hardly depends on other processes."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        result = function()
        best = min(best, time.process_time() - start)
    return result, best


def size(text: str) -> str:
    """Format the size of a text in kB."""
    return f"{digits(len(text.encode()) / 1000)} kB"


def measure_sizes(report: Report) -> None:
    """Add the table of times and sizes."""
    report.say("## Time and size by number of nodes\n")
    report.say("All pictures are folded as by default. The page holds the whole graph. Times are processor times.\n")
    counts = [1, 10, 200] if report.quick else [1, 10, 1_000, 5_000, 20_000]
    rows, seconds = [], dict[str, float]()
    for kind, make in (("expression", expression), ("network", network)):
        for count in counts:
            if kind == "network" and count < 200:
                continue  # a row of the network has more nodes
            root, options = make(count)
            root.backward()
            nodes = autograd.count_nodes(root)
            cells = []
            for name, function in outputs((root, options)).items():
                text, elapsed = timed(function, 1 if report.quick else 3 if nodes > 1_000 else 9)
                cells += [duration(elapsed), size(text)]
                seconds[name] = max(seconds.get(name, 0.0), elapsed)
            cells += [""] * (8 - len(cells))
            boxes = len(draw(root, **options).picture)
            rows.append([kind, f"{nodes:,}", f"{boxes:,}", *cells])
    report.table(["graph", "nodes", "boxes", "SVG", "", "text", "", "page", "", "animated SVG", ""], rows)
    report.target("SVG of the largest graph", seconds["SVG"], SECONDS_TO_DRAW, at_most="s")
    report.target("page of the largest graph", seconds["page"], SECONDS_TO_EXPLORE, at_most="s")


# Unfold the whole graph, pan for 200 frames, and return [visible boxes, milliseconds per frame].
PAN = """async () => {
  folded.clear();
  rebuild();
  fit(false, true);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const frames = [];
  let before = 0;
  await new Promise((resolve) => {
    const tick = (now) => {
      if (before) frames.push(now - before);
      before = now;
      look(camera.x + (frames.length % 100 < 50 ? 8 : -8), camera.y, camera.k);
      if (frames.length < 200) requestAnimationFrame(tick);
      else resolve();
    };
    requestAnimationFrame(tick);
  });
  return [boxes.filter((box) => isOnScreen(box, 0)).length, frames];
}"""


@contextlib.contextmanager
def all_cores() -> Iterator[None]:
    """Let programs that are started within use all cores. Other parts of the benchmark run on one core."""
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if before is not None:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        if before is not None:
            os.sched_setaffinity(0, before)


def measure_browser(report: Report) -> None:
    """Add the times of a page in Chromium."""
    report.say("\n## Pages in Chromium\n")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        report.say("- without playwright: pip install playwright")
        return
    rounds = 1 if report.quick else 5
    paints, medians, slow, visible = [], [], [], 0
    largest, _ = expression(200 if report.quick else 20_000)
    wide = grid(*((10, 10) if report.quick else (50, 52)))
    with all_cores(), sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        paths = [explore(root).write(Path(folder, f"{i}.html")) for i, root in enumerate((largest, wide))]
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for _ in range(rounds):
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.goto(paths[0].as_uri())
            page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
            paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
            page.goto(paths[1].as_uri())
            visible, frames = page.evaluate(PAN)
            medians.append(statistics.median(frames))
            slow.append(sorted(frames)[int(0.95 * len(frames))])
            page.close()
        browser.close()
    report.say(
        f"A reader pans for 200 frames over {visible:,} visible boxes. A screen shows a frame each 16.7 ms. The browser\n"
        "consists of several processes, which use all cores.\n"
    )
    times = {"first paint of the largest graph": paints, "median of a frame": medians, "95 % of the frames": slow}
    rows = [[name, f"{min(found):,.1f} ms", f"{max(found):,.1f} ms"] for name, found in times.items()]
    report.table([f"{rounds} runs", "best", "worst"], rows)
    report.target("first paint", min(paints) / 1000, SECONDS_TO_PAINT, at_most="s")
    report.target(f"median of a frame with {visible:,} visible boxes", min(medians), MILLISECONDS, at_most="ms")


def measure_crossings(report: Report) -> None:
    """Add the table of crossings: the graphs of the gallery, unfolded, in our layout and in the layout of ``dot``."""
    report.say("\n## Crossings of edges in the gallery, unfolded\n")
    report.say("Both layouts have the same boxes, and operands arrive in order. Edges with a common end are not counted.\n")
    rows = []
    gallery = runpy.run_path(str(GALLERY))["GRAPHS"]
    more = 0  # graphs in which our layout has more crossings
    for name in list(gallery)[:3] if report.quick else gallery:
        root, options = gallery[name]()
        root.backward()  # as in the gallery: the boxes have gradients
        drawing = draw(root, fold=False, **options)
        pictures = [Picture(drawing.pipe("svg", encoding="utf-8"))]
        if shutil.which("dot"):
            pictures.append(Picture(peer("graphviz").Source(drawing.source).pipe("svg", encoding="utf-8")))
        counts = [picture.crossings() for picture in pictures]
        widths = [f"{picture.width:,.0f}" for picture in pictures]
        more += counts[0] > counts[-1]
        absent = ["-"] * (2 - len(pictures))
        edges = f"{len(pictures[0].edges):,}"
        cells = [*(f"{count:,}" for count in counts), *absent, *widths, *absent]
        rows.append([name.replace("_", " "), f"{pictures[0].boxes:,}", edges, *cells])
    report.table(["graph", "boxes", "edges", "crossings", "by dot", "width in px", "by dot"], rows)
    report.target("graphs in which our layout has more crossings than dot", float(more), 0.0, at_most="graphs")


def compare(report: Report) -> None:
    """Add the tables of the pictures of other libraries."""
    report.say("\n## The same graphs in other libraries\n")
    report.say(
        "Names and gradients of inputs and parameters that the picture shows. A tensor has one name, and a gradient per\n"
        "element. The width is for the smallest text at 9 px. micrograd does not keep the order of operands.\n"
    )
    unfolded = "this library, unfolded"
    drawers: dict[str, Callable[[Any], Drawn]] = {"this library": ours, unfolded: lambda graph: ours(graph, fold=False)}
    drawers |= {function.__name__: function for function in PEERS}
    missing: dict[str, str] = {}
    chosen = list(graphs().items())
    for title, graph in chosen[:2] if report.quick else chosen:
        rows: list[list[str]] = []
        expected = ours(graph).result
        for name in [name for name in drawers if name not in missing]:
            try:
                with warnings.catch_warnings(action="ignore"):  # of the other libraries
                    drawn = drawers[name](graph)
            except (ImportError, OSError) as error:  # a library, or the program dot
                missing[name] = str(error)
                continue
            assert abs(drawn.result - expected) < 1e-9, (name, drawn.result, expected)
            rows.append([name, *_describe(drawn)])
        report.say(f"### {title}\n")
        report.table(["", "boxes", "width in px", "crossings", "names", "gradients", "size", "time"], rows)
    for name, reason in missing.items():
        report.say(f"- without {name}: {reason.splitlines()[0]}")


def _describe(drawn: Drawn) -> list[str]:
    picture = Picture(drawn.svg)
    gradients = picture.gradients(drawn.data, drawn.gradients)
    return [
        f"{picture.boxes:,}",
        f"{picture.width:,.0f}",
        f"{picture.crossings():,}" if picture.edges else "-",
        f"{picture.names(drawn.names)} of {len(drawn.names)}",
        f"{gradients} of {len(drawn.gradients)}",
        size(drawn.svg),
        duration(drawn.seconds),
    ]


def main() -> int:
    """Print the tables and targets."""
    report = Report("drawing", "Pictures of graphs")
    measure_sizes(report)
    measure_browser(report)
    measure_crossings(report)
    compare(report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
