"""Backpropagation as a moving picture: an SVG moved by CSS, or a GIF or APNG made of still pictures.

A film is a list of parts. A part is a piece of SVG, and the steps at which it is visible. The steps are the same as in the
page: each operation, the gradient 1 of the result, each contribution. The animated SVG has no script, so it plays in an
``<img>``. Readers who prefer no motion see its end.
"""

from __future__ import annotations

import io
import math
import re
from html import escape, unescape
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from visualize.boxes.style import printable, text_width
from visualize.layout.curves import arrow_head, edge_path
from visualize.layout.layout import Node as Item
from visualize.layout.layout import place
from visualize.page.theme import theme
from visualize.writers.mathtext import SIGNS, cut, derivative, factor, formula, name_text, short, up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

    from visualize.layout.layout import Layout
    from visualize.scene.facts import Node, Scene

MAX_NODES = 40  # more boxes would be too small to read, and the rules too fast
SECONDS = 1.3  # per step
HOLD = 3  # steps for which the end stays
STUB, HEIGHT, PORT, MARGIN, FOOT = 46.0, 76.0, 26.0, 20.0, 46.0
SANS = '"Helvetica Neue","Segoe UI","Liberation Sans",Arial,sans-serif'
SERIF = '"STIX Two Text",Cambria,Palatino,"Liberation Serif",serif'
STYLE = f"""
text{{fill:var(--ink);font:14px {SANS}}}.name{{font:italic 17px {SERIF}}}.sub{{font-size:12px}}
.rule{{font:italic 20px {SERIF}}}.rule .up{{font-style:normal}}.rule .words{{font:15px {SANS};fill:var(--soft)}}
.end{{text-anchor:end}}.value{{font-size:16px}}.soft{{fill:var(--soft);font-size:13px}}.gradient{{font-weight:600}}
.plus{{fill:var(--plus)}}.minus{{fill:var(--minus)}}.local{{fill:var(--local);font-size:12px;font-weight:600}}
.edge{{fill:none;stroke:var(--line);stroke-width:1.3}}.head{{fill:var(--line)}}.now{{fill:none;stroke:var(--now);stroke-width:2.6}}
.frame{{fill:var(--white);stroke:var(--line);stroke-width:1.3}}.inner{{fill:none;stroke:var(--output-line)}}.spark{{fill:var(--now);offset-rotate:0deg}}
""" + "".join(f".{kind}{{fill:var(--{kind});stroke:var(--{kind}-line)}}" for kind in ("input", "parameter", "output"))


Area: TypeAlias = tuple[int, int, int, int]  # left, top, right, bottom


class Part(NamedTuple):
    """A piece of SVG in ``area`` that is visible from step ``start`` until before ``end``; to the end if this is None."""

    svg: str
    area: Area
    start: int = 0
    end: int | None = None

    def is_visible(self, step: int) -> bool:
        """Return whether the part belongs to the still picture of a step. Sparks only move."""
        return self.start <= step and (self.end is None or step < self.end) and 'class="spark' not in self.svg


class Contribution(NamedTuple):
    """One step of the backward pass."""

    node: int
    position: int
    operand: int
    adjoint: float
    partial: float
    amount: float
    gradient: float


class Film:
    """The parts of a moving picture.

    Args:
        scene: The graph. It has one result and at most 40 nodes.

    Raises:
        ValueError: If the graph has several results or is too large.

    Attributes:
        parts: The pieces of SVG and their steps.
        last: The last step.
    """

    def __init__(self, scene: Scene) -> None:
        if len(scene.roots) != 1:
            raise ValueError(f"an animation must have one result, not {len(scene.roots)}; draw each result alone")
        self.nodes: list[Node] = scene.nodes
        shown = [i for i, node in enumerate(self.nodes) if node.kind != "constant" or i in scene.roots]
        if len(shown) > MAX_NODES:
            raise ValueError(
                f"an animation must have at most {MAX_NODES} nodes, not {len(shown):,}; write a page, as in y.html"
            )
        self.root: int = scene.roots[0]
        self.computed: list[int] = [i for i in shown if self.nodes[i].operands]
        self.contributions: list[Contribution] = list(_contributions(self.nodes, self.root))
        self.seed: int = len(self.computed) + 1  # the step at which the gradient of the result is 1
        self.last: int = self.seed + len(self.contributions)
        numbers = [node.data for node in self.nodes] + [step.gradient for step in self.contributions]
        self.width: float = max(92.0, max(text_width(short(x), 16) for x in numbers) + 36)
        self.layout: Layout = self._place(shown)
        self.parts: list[Part] = []
        for i in self.computed:
            self._draw_edges(i)
        for i in shown:
            self._draw_box(i)
        bottom = self.layout.height + FOOT
        self.size: tuple[float, float] = (max(self.layout.width, 620.0) + 2 * MARGIN, bottom + 2 * MARGIN)
        for step, rule in enumerate(self._rules()):
            text = f'<text class="rule" x="0" y="{bottom - 6:g}">{rule}</text>'
            length = 1.2 * text_width(unescape(re.sub("<.*?>", "", rule)), 20)
            place = _area([(0, bottom - 28), (min(length, self.size[0] - 2 * MARGIN), bottom)], 4)
            self.parts.append(Part(text, place, step, step + 1 if step < self.last else None))

    def _place(self, shown: list[int]) -> Layout:
        self.item = {i: k for k, i in enumerate(shown)}
        items = []
        for i in shown:
            node = self.nodes[i]
            height = max(HEIGHT, PORT * len(node.operands))
            inputs = [(self.item[o], self._port(node, p, height)) for p, o in enumerate(node.operands) if o in self.item]
            items.append(Item(self.width + STUB * bool(node.operands), height, height / 2, inputs))
        edges = [(self.item[i], k) for i in self.computed for k in range(len(items[self.item[i]].operands))]
        return place(items, [self.item[self.root]], whole=edges)

    @staticmethod
    def _port(node: Node, position: int, height: float) -> float:
        return height * (position + 1) / (len(node.operands) + 1)

    # ---- parts ----

    def _draw_edges(self, i: int) -> None:
        node, item = self.nodes[i], self.item[i]
        height = max(HEIGHT, PORT * len(node.operands))
        left, top = self.layout.x[item] + STUB, self.layout.y[item]
        now = self.computed.index(i) + 1
        arrival = 0
        for position, operand in enumerate(node.operands):
            y = top + self._port(node, position, height)
            if operand not in self.item:
                text = short(self.nodes[operand].data, 3)
                place = _area([(left - 10 - 1.2 * text_width(text, 14), y - 10), (left, y + 10)], 4)
                self.parts.append(Part(_text("end", left - 10, y + 4.5, text), place))
                self.parts.append(Part(f'<path class="edge" stroke-dasharray="1.5 2" d="M{left - 8:g},{y:.1f}h8"/>', place))
                continue
            points = [*self.layout.whole[item, arrival][:-1], (left - STUB, y), (left, y)]
            arrival += 1
            line, area = edge_path(points), _area(points, 6)
            self.parts.append(Part(f'<path class="edge" d="{line}"/><path class="head" d="{arrow_head(points)}"/>', area))
            partial = node.partials[position]
            if partial is not None and self.nodes[operand].op != "const":
                text = "×" + short(partial, 3)
                place = _area([(left - 9 - 1.2 * text_width(text, 12), y - 16), (left, y)], 4)
                self.parts.append(Part(_text("local end", left - 9, y - 4, text), place, now))
            self.parts.append(Part(f'<path class="now" d="{line}"/>', area, now, now + 1))
            self.parts.append(Part(_spark(line, now, "go"), area, now, now + 1))
            for k, step in enumerate(self.contributions, self.seed + 1):
                if (step.node, step.position) == (i, position):
                    self.parts.append(Part(f'<path class="now" d="{line}"/>', area, k, k + 1 if k < self.last else None))
                    self.parts.append(Part(_spark(line, k, "back"), area, k, k + 1))

    def _draw_box(self, i: int) -> None:
        node, item = self.nodes[i], self.item[i]
        x, y, w = self.layout.x[item] + STUB * bool(node.operands), self.layout.y[item], self.width
        h = max(HEIGHT, PORT * len(node.operands))
        kind = "output" if i == self.root else {"parameter": "parameter", "operation": ""}.get(node.kind, "input")
        operation = SIGNS.get(node.op, node.op)
        area = _area([(x + min(0.0, w - 11 - 1.2 * text_width(operation, 13)), y), (x + w, y + h)], 4)
        frame = f'<rect class="frame {kind}" width="{w:g}" height="{h:g}" rx="{3 if node.operands else 20}"/>'
        if i == self.root:
            frame += f'<rect class="inner" x="3.5" y="3.5" width="{w - 7:g}" height="{h - 7:g}"/>'
        frame += f'<text class="name" x="12" y="21">{name_text(cut(node.name, w - 52))}</text>'
        if node.operands:
            frame += _text("soft end", w - 11, 20, operation)
        frame += "" if node.op == "const" else _text("soft", 12, 60, "∂")
        where = f'<g transform="translate({x:.1f},{y:.1f})">'
        self.parts.append(Part(f"{where}{frame}</g>", area))
        start = self.computed.index(i) + 1 if node.operands else 0
        self.parts.append(Part(f"{where}{_text('value end', w - 11, 41, short(node.data))}</g>", area, start))
        if node.op == "const":
            return
        known = [(self.seed, 1.0)] if i == self.root else []
        known += [(k, step.gradient) for k, step in enumerate(self.contributions, self.seed + 1) if step.operand == i]
        known = known or [(self.last, 0.0)]  # no gradient reaches it
        self.parts.append(Part(f"{where}{_text('soft end', w - 11, 60, '–')}</g>", area, 0, known[0][0]))
        for k, (step, gradient) in enumerate(known):
            until = known[k + 1][0] if k + 1 < len(known) else None
            sign = "minus" if gradient < 0 else "plus"
            number = _text(f"gradient end {sign}", w - 11, 60, short(gradient)) + self._bar(gradient, sign)
            self.parts.append(Part(f"{where}{number}</g>", area, step, until))

    def _bar(self, gradient: float, sign: str) -> str:
        largest = max([1.0, *(abs(step.gradient) for step in self.contributions if math.isfinite(step.gradient))])
        share = (
            max(0.06, 1 + math.log10(abs(gradient) / largest) / 4) if gradient and math.isfinite(gradient) else bool(gradient)
        )
        middle, size = self.width / 2, (self.width / 2 - 10) * min(1.0, share)
        x = middle - size if gradient < 0 else middle
        return (
            f'<path class="edge" d="M{middle:g},64v8"/><rect class="{sign}" x="{x:.1f}" y="66" width="{size:.1f}" height="4"/>'
        )

    def _rules(self) -> Iterator[str]:
        """Yield the text below the graph for each step."""
        names = [name_text(node.name) for node in self.nodes]
        y = names[self.root]
        yield '<tspan class="words">Forward: values, from left to right</tspan>'
        for i in self.computed:
            node = self.nodes[i]
            letters = [names[o] if o in self.item else up(short(self.nodes[o].data)) for o in node.operands]
            numbers = [up(factor(self.nodes[o].data)) for o in node.operands]
            equal = f" {up('=')} "
            yield equal.join([names[i], formula(node.op, letters), formula(node.op, numbers), up(short(node.data))])
        yield f'{derivative(y, y)} {up("= 1")} &#160; <tspan class="words">Backward: gradients, from right to left</tspan>'
        for step in self.contributions:
            node_name, operand = names[step.node], names[step.operand]
            product = f"= {short(step.adjoint)} · {factor(step.partial)} = {short(step.amount)}"
            yield (
                f"{derivative(y, operand)} {up('+=')} {derivative(y, node_name)} {up('·')} {derivative(node_name, operand)} "
                f"{up(product)}"
            )

    # ---- pictures ----

    def animated(self) -> str:
        """Return an SVG that plays by itself."""
        moments = self.last + HOLD
        content, intervals = [], {}
        for part in self.parts:
            if part.start == 0 and part.end is None:
                content.append(part.svg)
                continue
            name = f"s{part.start}" + (f"e{part.end}" if part.end is not None else "")
            content.append(f'<g class="{name}">{part.svg}</g>')
            intervals[name] = part.start, part.end
        rules = []
        for name, (start, end) in intervals.items():
            steps = f"0%{{opacity:0}}{_percent(start, moments)}{{opacity:1}}" if start else "0%{opacity:1}"
            steps += f"{_percent(end, moments)}{{opacity:0}}" if end is not None else ""
            rules.append(f"@keyframes {name}{{{steps}}}.{name}{{animation-name:{name}}}")
        names = ",".join(f".{name}" for name in intervals)
        passing = ",".join([*(f".{name}" for name, (_, end) in intervals.items() if end is not None), ".spark"])
        light, dark = theme()
        colors = f"svg{{{_variables(light)}}}@media(prefers-color-scheme:dark){{svg{{{_variables(dark)}}}}}"
        motion = f"{names}{{animation:{moments * SECONDS:g}s steps(1) infinite}}{''.join(rules)}{self._spark_rules(moments)}"
        still = f"@media(prefers-reduced-motion:reduce){{{names},.spark{{animation:none}}{passing}{{display:none}}}}"
        return self._svg(colors + STYLE.replace("\n", "") + motion + still, "".join(content))

    def _spark_rules(self, moments: int) -> str:
        """Return the motion of the sparks: each runs along its edge once per round, at its own step."""
        rules = []
        for part in self.parts:
            match = re.search(r'class="spark (\w+)"', part.svg)
            if match:
                start, end = _percent(part.start, moments), _percent(part.start + 0.6, moments)
                way = ("0%", "100%") if match[1].startswith("go") else ("100%", "0%")
                rules.append(
                    f"@keyframes {match[1]}{{0%,{start}{{offset-distance:{way[0]}}}{end},100%{{offset-distance:{way[1]}}}}}"
                    f".{match[1]}{{animation:{match[1]} {moments * SECONDS:g}s linear infinite}}"
                )
        return "".join(dict.fromkeys(rules))

    def still(self, step: int, area: Area | None = None) -> str:
        """Return the SVG of one step, without motion and without CSS variables, which not every program knows.

        Args:
            step: Number of the step.
            area: Part of the picture. By default, the whole picture.
        """
        parts = [p.svg for p in self.parts if p.is_visible(step) and (area is None or _overlap(p.area, area))]
        light, _ = theme()
        style = re.sub(r"var\(--([\w-]+)\)", lambda match: light[match[1]], STYLE.replace("\n", ""))
        return self._svg(style, "".join(parts), area).replace("var(--paper)", light["paper"])

    def changes(self, step: int) -> list[Area]:
        """Return the areas in which the still picture of a step differs from the one before. They do not overlap."""
        found: list[Area] = []
        for part in self.parts:
            if part.is_visible(step) == part.is_visible(step - 1):
                continue
            area = part.area
            while others := [other for other in found if _overlap(other, area)]:
                area = _around([area, *others])
                found = [other for other in found if other not in others]
            found.append(area)
        return found

    def frames(self, format: str) -> bytes:
        """Return the still pictures as ``"gif"`` or ``"apng"``.

        Only the areas that change are drawn again: the converter needs a millisecond for each text.

        Raises:
            ImportError: If Pillow or vl-convert-python is missing.
        """
        import vl_convert
        from PIL import Image

        def draw(step: int, area: Area | None = None) -> Image.Image:
            return Image.open(io.BytesIO(vl_convert.svg_to_png(self.still(step, area)))).convert("RGB")

        images = [draw(0)]
        for step in range(1, self.last + 1):
            images.append(images[-1].copy())
            for area in self.changes(step):
                images[-1].paste(draw(step, area), (area[0] + round(MARGIN), area[1] + round(MARGIN)))
        if format == "gif":
            images = _with_one_palette(images)
        milliseconds = int(1000 * SECONDS)
        file = io.BytesIO()
        images[0].save(
            file, format={"gif": "GIF", "apng": "PNG"}[format], save_all=True, append_images=images[1:], loop=0,
            duration=[milliseconds] * self.last + [milliseconds * HOLD],
        )  # fmt: skip
        return file.getvalue()

    def _svg(self, style: str, content: str, area: Area | None = None) -> str:
        x, y, (width, height) = -MARGIN, -MARGIN, self.size
        if area is not None:
            x, y, width, height = area[0], area[1], area[2] - area[0], area[3] - area[1]
        title = escape(printable(f"Forward and backward through {self.nodes[self.root].name}, step by step"))
        box = f'viewBox="{x:g} {y:g} {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img"><title>{title}</title><style>{style}</style>'
            f'<rect x="{x:g}" y="{y:g}" width="100%" height="100%" fill="var(--paper)"/>{content}</svg>\n'
        )


def _area(points: list[tuple[float, float]], margin: int) -> Area:
    """Return whole numbers around points."""
    xs, ys = zip(*points, strict=True)
    return math.floor(min(xs)) - margin, math.floor(min(ys)) - margin, math.ceil(max(xs)) + margin, math.ceil(max(ys)) + margin


def _around(areas: list[Area]) -> Area:
    left, top, right, bottom = zip(*areas, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _overlap(a: Area, b: Area) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _with_one_palette(images: list[Image.Image]) -> list[Image.Image]:
    """Return pictures with the same 256 colors, which are found from three of them."""
    from PIL import Image

    width, height = images[0].size
    samples = Image.new("RGB", (width, 3 * height))
    for k in range(3):
        samples.paste(images[k * (len(images) - 1) // 2], (0, k * height))
    palette = samples.quantize(256)
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]


def _contributions(nodes: list[Node], root: int) -> Iterator[Contribution]:
    """Yield the steps of the backward pass, from the saved partial derivatives, in the order of ``backward``."""
    gradient = {root: 1.0}
    for i in reversed(range(len(nodes))):
        if i not in gradient:
            continue
        for position, (operand, partial) in enumerate(zip(nodes[i].operands, nodes[i].partials, strict=True)):
            if partial is None or nodes[operand].op == "const":
                continue
            gradient[operand] = gradient.get(operand, 0.0) + gradient[i] * partial
            yield Contribution(i, position, operand, gradient[i], partial, gradient[i] * partial, gradient[operand])


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _spark(line: str, step: int, way: str) -> str:
    return f'<circle class="spark {way}{step}" r="5" style="offset-path:path(\'{line}\')"/>'


def _percent(step: float, moments: int) -> str:
    return f"{100 * step / moments:.4g}%"


def _variables(colors: dict[str, str]) -> str:
    return ";".join(f"--{name}:{color}" for name, color in colors.items() if f"var(--{name})" in STYLE or name == "paper")
