"""Measure pictures of graphs: boxes, width, crossings and texts of an SVG, whoever wrote it.

Graphviz writes a group of class ``node`` per box, and a group of class ``edge`` per edge, with a title such as ``n0->n1``. Our
own layout names its groups in the same way.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt

READABLE = 9.0  # pixels: the smallest text that is read without effort
SAMPLES = 16  # points per Bezier curve

Points = npt.NDArray[np.float64]  # a polyline, of shape (n, 2)


class Edge(NamedTuple):
    """An edge of a picture, as a polyline."""

    tail: str
    head: str
    points: Points


class Picture:
    """An SVG file.

    Args:
        svg: Text of the file.
    """

    def __init__(self, svg: str) -> None:
        root = ElementTree.fromstring(svg.encode())
        elements = list(root.iter())
        groups = [(set(e.get("class", "").split()), e) for e in elements]
        self.size: int = len(svg.encode())
        self.boxes: int = sum("node" in names for names, _ in groups)
        self.edges: list[Edge] = [edge for names, e in groups if "edge" in names for edge in _edges(e)]
        self.texts: list[str] = [" ".join(e.itertext()) for e in elements if e.tag.endswith("}text")]
        smallest = min(float(str(e.get("font-size")).removesuffix("px")) for e in elements if e.get("font-size"))
        width = float(root.get("viewBox", "0 0 0 0").split()[2])
        self.width: float = width * READABLE / smallest  # pixels, if the smallest text has 9 px

    def crossings(self) -> int:
        """Return the number of points at which two edges cross. Two edges with a common end do not count.

        Edges that leave the same box share their route in our layout, and dot bundles edges that arrive at the same port.
        """
        return sum(
            _crossings(a.points, b.points)
            for a, b in itertools.combinations(self.edges, 2)
            if not {a.tail, a.head} & {b.tail, b.head} and _boxes_overlap(a.points, b.points)
        )

    def names(self, wanted: Iterable[str]) -> int:
        """Return the number of names in ``wanted`` that the picture shows."""
        words = {word for text in self.texts for word in re.split(r"[\s|:=]+", text)}
        return sum(name in words for name in wanted)

    def gradients(self, data: Iterable[float], gradients: Iterable[float]) -> int:
        """Return the number of gradients that the picture also shows. A text with a number counts once, as data first."""
        words = (word for text in self.texts for word in re.split(r"[\s|:=]+", text))
        shown = Counter(float(word) for word in words if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", word))
        for number in data:
            _take(shown, number)
        return sum(_take(shown, number) for number in gradients)


def _take(shown: Counter[float], number: float) -> bool:
    """Remove a shown number that is the rounded ``number``. Return whether there was one."""
    for text in shown:
        if shown[text] and abs(text - number) <= 5.1e-5 * max(1.0, abs(number)):  # 4 decimals, or 5 digits
            shown[text] -= 1
            return True
    return False


def _edges(group: ElementTree.Element) -> list[Edge]:
    title = next((e.text or "" for e in group.iter() if e.tag.endswith("}title")), "")
    if "->" not in title:
        return []
    tail, head = (end.split(":")[0] for end in title.split("->"))
    lines = [e for e in group.iter() if e.tag.endswith("}path") and e.get("fill") == "none"]
    return [Edge(tail, head, polyline(e.get("d", ""))) for e in lines]


def polyline(path: str) -> Points:
    """Return points on a path of lines and Bezier curves with absolute coordinates.

    Example:
        >>> polyline("M0,0L2,0Q3,0 3,1")[[0, 1, -1]].tolist()
        [[0.0, 0.0], [2.0, 0.0], [3.0, 1.0]]
    """
    found: list[Points] = []
    for command, numbers in re.findall(r"([MLQC])([^MLQC]*)", path):
        points = np.array(re.findall(r"-?[\d.]+(?:e-?\d+)?", numbers), dtype=float).reshape(-1, 2)
        order = {"M": 1, "L": 1, "Q": 2, "C": 3}[command]
        for control in points.reshape(-1, order, 2):
            found.append(control if order == 1 else _bezier(np.vstack([found[-1][-1:], control])))
    return np.vstack(found)


def _bezier(control: Points) -> Points:
    """Return points on a Bezier curve, without its start (de Casteljau)."""
    t = np.linspace(0.0, 1.0, SAMPLES + 1)[1:, None, None]
    points = np.broadcast_to(control, (SAMPLES, *control.shape))
    while points.shape[1] > 1:
        points = (1 - t) * points[:, :-1] + t * points[:, 1:]
    return points[:, 0]


def _boxes_overlap(a: Points, b: Points) -> bool:
    return bool(np.all(a.min(0) <= b.max(0)) and np.all(b.min(0) <= a.max(0)))


def _crossings(a: Points, b: Points) -> int:
    """Return the number of segments of ``a`` and ``b`` that cross. The shift avoids segments that only touch."""
    b = b + np.array([1.7e-4, 1.1e-4])
    return int(np.sum(_sides(a, b) & _sides(b, a).T))


def _sides(a: Points, b: Points) -> npt.NDArray[np.bool_]:
    """Return whether the ends of segment j of ``b`` are on different sides of the line through segment i of ``a``."""
    along = np.diff(a, axis=0)[:, None]
    to = b[None] - a[:-1, None]
    left: npt.NDArray[np.bool_] = along[..., 0] * to[..., 1] - along[..., 1] * to[..., 0] > 0
    return np.not_equal(left[:, 1:], left[:, :-1])
