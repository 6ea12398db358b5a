// The boxes, edges and frames as SVG. A box is drawn once per view; its numbers are set again at each step.

const $ = (id) => document.getElementById(id);
const svg = $("graph");
const world = element("g"),
  frameLayer = element("g"),
  edgeLayer = element("g", {class: "edges"}),
  boxLayer = element("g");
const sparkLayer = element("g", {"aria-hidden": true}),
  hintLayer = element("g", {"aria-hidden": true});
world.append(frameLayer, edgeLayer, boxLayer, sparkLayer, hintLayer);
svg.append(world);

const MAX_BARS = 64;

function element(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const key in attributes) if (attributes[key] !== null) made.setAttribute(key, attributes[key]);
  made.append(...children);
  return made;
}
const textElement = (kind, x, y, text = "", more = {}) => element("text", {class: kind, x, y, ...more}, text);

// ---- boxes -----------------------------------------------------------------------------------------------------------

// The outline shows the kind of a box, so that no reader depends on colors.
function outline(kind, w, h) {
  const polygon = (...points) => `M${points.join("L")}Z`,
    corner = 11;
  if (kind === "parameter")
    return polygon(
      [corner, 0],
      [w - corner, 0],
      [w, corner],
      [w, h - corner],
      [w - corner, h],
      [corner, h],
      [0, h - corner],
      [0, corner],
    );
  if (kind === "target") return polygon([0, 0], [w, 0], [w + 9, h / 2], [w, h], [0, h], [9, h / 2]);
  const r = Math.min({input: 20, group: 8}[kind] ?? 3, h / 2);
  return `M${r},0H${w - r}q${r},0 ${r},${r}V${h - r}q0,${r} ${-r},${r}H${r}q${-r},0 ${-r},${-r}V${r}q0,${-r} ${r},${-r}Z`;
}

function nameElement(name, x, y, room) {
  const {isMath, stem, sub, rest} = partsOf(name);
  const text = element("text", {x, y, class: isMath ? "name" : "name long"}, isMath ? stem : cut(stem, "long", room));
  if (sub) text.append(element("tspan", {class: "sub", dy: 4}, cut(sub, "sub", room - widthOf(stem, "name"))));
  if (rest)
    text.append(
      element("tspan", {class: "rest", dy: -4}, cut(rest, "small", room - widthOf(stem, "name") - widthOf(sub, "sub"))),
    );
  if (!isMath && widthOf(stem, "long") > room) text.append(element("title", {}, stem));
  return text;
}

// Make the element of a box, or make it again in place.
function drawBox(box) {
  const {height: h, stub} = box.item,
    w = box.item.width - stub,
    n = box.node,
    kind = box.leaf ?? box.kind;
  const top = Math.max(0, (h - contentHeight(box)) / 2);
  const body = element("g", {transform: `translate(${stub},0)`});
  box.parts = {};
  if (!n)
    for (const shift of [6, 3])
      body.append(element("path", {class: "card", d: outline("group", w, h), transform: `translate(${shift},${shift})`}));
  body.append(element("path", {class: "frame", d: outline(kind, w, h)}));
  if (box.kind === "output") body.append(element("rect", {class: "inner", x: 3.5, y: 3.5, width: w - 7, height: h - 7, rx: 1}));
  const sign = n?.op ? cut(signOf(n), "small", SIGN) : "";
  const taken = n ? (sign ? widthOf(sign, "small") + 8 : 0) : 30;
  // The mark of a node is next to its value, the mark of a group next to its name.
  const [mark] = n ? [] : marksOf(box),
    room = w - 2 * MARGIN - taken + 2 - (mark ? widthOf(mark, "note") + 8 : 0);
  body.append(nameElement(box.name, MARGIN, 20 + top, room));
  const beside = n ? MARGIN : MARGIN + 8 + Math.min(room, widthOf(box.name, "long"));
  Object.assign(box.parts, {body, markPlace: [beside, (n ? 41 : 20) + top], mark: null}); // few boxes ever have a mark
  if (sign) body.append(textElement("sign", w - 11, 20 + top, sign));
  if (isChart(box)) drawCharts(box, body, top);
  else drawNumbers(box, body, w, top);
  if (!n)
    body.append(
      element(
        "g",
        {class: "fold", transform: `translate(${w - 18},14)`},
        element("title", {}, "unfold"),
        element("circle", {r: 9}),
        element("path", {d: "M-4,0h8M0,-4v8"}),
      ),
    );
  box.el.replaceChildren(body);
  box.el.setAttribute(
    "class",
    [
      "box",
      box.leaf ? `group ${box.leaf}` : box.kind,
      hasGradient(box) ? "" : "plain",
      ROOTS.some((i) => hostOf[i] === box) ? "output" : "",
    ].join(" "),
  );
  box.ports.forEach((port, k) => drawPort(box, port, arrives(box, k, h)));
}

function drawNumbers(box, body, w, top) {
  const y = 41 + top,
    isOne = Boolean(box.node),
    below = isOne ? y + 19 : y; // a folded neuron has both numbers in one line
  const isLeaf = isOne && !box.node.op;
  box.parts.value = textElement(
    `value ${isOne ? "" : "first"} ${isLeaf ? "edit" : ""}`,
    isOne ? w - 11 : MARGIN,
    y,
    "",
    isLeaf ? {"data-node": box.node.i} : {},
  );
  body.append(box.parts.value);
  if (!hasGradient(box)) return;
  Object.assign(box.parts, {
    grad: textElement("grad", w - 11, below),
    bar: element("rect", {y: below + 6, height: 4}),
    zero: element("path", {class: "zero", d: `M${w / 2},${below + 4}v8`}),
    width: w,
  });
  if (isOne) body.append(textElement("d", MARGIN, below, "∂"));
  body.append(box.parts.grad, box.parts.bar, box.parts.zero);
}

function drawCharts(box, body, top) {
  const counts = countsOf(box);
  if (counts) body.append(textElement("note", MARGIN, 34 + top, counts));
  box.parts.charts = (hasGradient(box) ? ["value", "gradient"] : ["value"]).map((_, k) => {
    const chart = element("g", {transform: `translate(${MARGIN},${(counts ? 40 : 27) + top + k * 27})`});
    body.append(chart);
    return chart;
  });
  box.parts.width = box.item.width - box.item.stub;
}

function drawPort(box, port, y) {
  const stub = box.item.stub;
  if (!port.from) {
    const text = constantText(port),
      isEditable = Boolean(port.constant);
    port.label = textElement(
      `constant ${isEditable ? "edit" : ""}`,
      stub - 10,
      y + 3,
      text,
      isEditable ? {"data-node": port.constant.i} : {},
    );
    box.el.append(element("path", {class: "edge tie", d: `M${stub - 8},${y}H${stub}`}), port.label);
  } else if (box.node && showsLocal) {
    port.label = textElement("local", stub - 9, y - 4);
    box.el.append(port.label);
  }
}

// ---- numbers at a step -----------------------------------------------------------------------------------------------

function updateBox(box, k) {
  if (!box.el) return;
  const {parts} = box,
    isKnown = !box.computed || k >= box.step,
    sums = box.exits.map((n) => gradientAt(n.i, k));
  box.el.classList.toggle("todo", !isKnown);
  const [mark] = marksOf(box, isKnown);
  if (mark && !parts.mark) parts.body.append((parts.mark = textElement("mark", ...parts.markPlace)));
  if (parts.mark) parts.mark.textContent = mark ?? "";
  box.el.classList.toggle("differs", mark === "differs");
  if (parts.charts) {
    updateCharts(box, isKnown, sums);
  } else {
    const n = box.exits[0] ?? box.members.at(-1);
    parts.value.textContent = isKnown ? short(value[n.i]) : "?";
    parts.value.classList.toggle("edited", isEdited(n));
    if (parts.grad) updateGradient(box, n, sums[0] ?? null, k);
  }
  for (const port of box.ports) if (port.label) updateLabel(port, isKnown);
  box.el.setAttribute("aria-label", describeBox(box, isKnown));
}

function updateGradient({parts}, n, sum, k) {
  const half = parts.width / 2 - 10;
  const size = Number.isFinite(sum)
    ? sum
      ? half * Math.min(1, Math.max(0.06, 1 + Math.log10(Math.abs(sum) / scale) / 4))
      : 0
    : Number.isNaN(sum) || sum === null
      ? 0
      : half;
  const sign = sum < 0 ? "minus" : sum > 0 ? "plus" : "";
  parts.grad.textContent = sum === null ? "–" : short(sum);
  parts.grad.setAttribute("class", `grad ${sign} ${sum !== null && isFinal(n.i, k) ? "done" : ""}`);
  parts.bar.setAttribute("class", `bar ${sign}`);
  parts.bar.setAttribute("x", sum < 0 ? parts.width / 2 - size : parts.width / 2);
  parts.bar.setAttribute("width", sum === null ? 0 : size);
  parts.zero.style.display = sum === null ? "none" : "";
}

function updateLabel(port, isKnown) {
  if (!port.from) {
    port.label.textContent = constantText(port);
    if (port.constant) port.label.classList.toggle("edited", isEdited(port.constant));
    return;
  }
  port.label.classList.toggle("one", localText(port) === "×1");
  port.label.textContent = isKnown ? localText(port) : "";
}
const constantText = (port) => port.text ?? short(value[port.constant.i], 3);
function localText({uses}) {
  const [n, p] = uses[0],
    local = partials[n.i][p];
  return uses.length === 1 && local !== null ? `×${short(local, Math.abs(local) < 0.1 ? 2 : 3)}` : "";
}

// Many numbers in a box: a bar for each, up or down, so that its sign does not depend on its color.
function updateCharts({parts, exits}, isKnown, sums) {
  const shown = exits.slice(0, MAX_BARS),
    width = parts.width - 2 * MARGIN,
    step = width / shown.length;
  parts.charts.forEach((chart, which) => {
    const numbers = which ? sums.slice(0, MAX_BARS) : shown.map((n) => (isKnown ? value[n.i] : null));
    if (numbers.every((x) => x === null)) return chart.replaceChildren(textElement("d", 0, 15, which ? "∂ –" : "?"));
    const most = Math.max(...numbers.map((x) => (Number.isFinite(x) ? Math.abs(x) : 0)), 1e-300);
    const bars = numbers.map((x, j) => {
      if (x === null) return "";
      const size = 10 * Math.sqrt(Math.min(1, Number.isNaN(x) ? 0 : Math.abs(x) / most));
      const kind = which ? (x < 0 ? "bar minus" : "bar plus") : "bar data";
      return element("rect", {
        class: kind,
        x: (step * (j + 0.12)).toFixed(1),
        width: (step * 0.76).toFixed(1),
        y: (x < 0 ? 11 : 11 - size).toFixed(1),
        height: size.toFixed(1),
      });
    });
    chart.replaceChildren(element("path", {class: "zero", d: `M0,11H${width}`}), ...bars);
  });
}

// The text of a box for a screen reader.
function describeBox(box, isKnown) {
  const kind =
    {op: "operation", output: "result", group: "folded group"}[box.kind] ??
    (box.node.plain ? `${box.kind}, a plain number` : box.kind);
  const parts = [`${kind} ${box.name}`];
  if (box.node?.op) parts.push(signOf(box.node));
  if (box.parts.charts) parts.push(plural(box.exits.length, "value"));
  else parts.push(isKnown ? `value ${box.parts.value.textContent}` : "not computed yet");
  if (box.parts.grad)
    parts.push(box.parts.grad.textContent === "–" ? "gradient not known yet" : `gradient ${box.parts.grad.textContent}`);
  return [...parts, ...marksOf(box, isKnown)].join(", ");
}

// ---- edges and frames ------------------------------------------------------------------------------------------------

// A smooth line through points, level at each of them.
function wire(points) {
  let [[x, y]] = points,
    d = `M${x.toFixed(1)},${y.toFixed(1)}`;
  for (const [a, b] of points.slice(1)) {
    const middle = ((x + a) / 2).toFixed(1);
    d +=
      Math.abs(b - y) < 0.05
        ? `H${a.toFixed(1)}`
        : `C${middle},${y.toFixed(1)} ${middle},${b.toFixed(1)} ${a.toFixed(1)},${b.toFixed(1)}`;
    x = a;
    y = b;
  }
  return d;
}

function drawEdge(port) {
  const [x, y] = port.route.at(-1);
  port.line ??= wire(port.route);
  port.el = element("path", {class: "edge", d: `${port.line}M${x - 6},${y - 3.2}L${x},${y}L${x - 6},${y + 3.2}`});
  edgeLayer.append(port.el);
}

// The outline of a group: along the tops of its columns, and back along the bottoms.
function framePath(columns) {
  const curve = (points) =>
    points
      .slice(1)
      .map(([x, y], k) => {
        const [before, level] = points[k],
          middle = (before + x) / 2;
        return Math.abs(y - level) < 0.05 ? `L${x},${y}` : `C${middle},${level} ${middle},${y} ${x},${y}`;
      })
      .join("");
  const corners = (side) => columns.flatMap((column) => [column.left, column.right].map((x) => [x, column[side]]));
  const above = corners("top"),
    below = corners("bottom").reverse();
  return `M${above[0]}${curve(above)}L${below[0]}${curve(below)}Z`;
}

// The frame around an unfolded group, with its title and a button that folds it. For many boxes, the canvas draws the outline.
function drawFrame(group, columns) {
  const [{left, top}] = columns;
  const head = element(
    "g",
    {class: "head", role: "button", tabindex: 0, "data-group": group, "aria-label": `fold ${groups[group].title}`},
    element("title", {}, "fold"),
    element(
      "g",
      {class: "fold", transform: `translate(${left + 16},${top + 13})`},
      element("circle", {r: 9}),
      element("path", {d: "M-4,0h8"}),
    ),
    textElement("title", left + 31, top + 18, cut(groups[group].title, "long", 400)),
  );
  if (!usesCanvas()) frameLayer.append(element("path", {class: "around", d: framePath(columns)}));
  frameLayer.append(head);
}
