// Changing a number: by dragging, typing or the arrow keys, or by one step of gradient descent.

const RATE = 0.01; // learning rate of "step downhill"

const isEdited = (n) => !n.op && !Object.is(value[n.i], n.start);
const result = () => ROOTS.reduce((sum, i) => sum + value[i], 0);

// The numbers before an edit, to compare the prediction of the gradient with the result.
const moment = (n) => ({x: value[n.i], y: result(), slope: n.plain ? null : gradient[n.i]});

// The step of an arrow key and of dragging: one unit of the second digit.
const unitOf = (x) => 10 ** Math.floor(Math.log10(Math.max(Number.isFinite(x) ? Math.abs(x) : 1, 0.1)) - 1);

function change(n, x, start) {
  value[n.i] = x;
  const before = start.x;
  changed = null;
  compute();
  if (!Object.is(x, before)) changed = n.plain ? explainPlain(n, x, start) : explainChange(n, x, start);
  refresh();
  showEdited();
}

function explainChange(n, x, start) {
  const dx = x - start.x,
    predicted = start.slope * dx,
    actual = result() - start.y;
  const isClose = Math.abs(actual - predicted) <= 0.2 * Math.abs(actual) || Object.is(actual, predicted);
  const why = isClose ? "" : ", because a gradient holds only for small changes";
  return [
    `Δ${nameHtml(RESULT)} ≈ ${derivative(RESULT, n.name)} · Δ${nameHtml(n.name)} = ` +
      `${short(start.slope)} · ${inProduct(dx)} = <b>${short(predicted)}</b>`,
    `You changed ${escapeHtml(n.name)} from ${short(start.x)} to ${short(x)}. ` +
      `The gradient predicted a change of ${escapeHtml(RESULT)} by ${short(predicted)}; ` +
      `the actual change is ${short(actual)}${why}.${fixedNumbers()}`,
  ];
}

function explainPlain(n, x, start) {
  const name = n.name || "the constant";
  return [
    `${n.name ? nameHtml(n.name) : short(start.x)} ${n.name ? "=" : "→"} <b>${short(x)}</b>`,
    `You changed ${escapeHtml(name)}, a plain number without a gradient, from ${short(start.x)} to ${short(x)}. ` +
      `${escapeHtml(RESULT)} is now ${short(result())}.${fixedNumbers()}`,
  ];
}

// Constants that were copied from another number, such as `x.data` in a formula, do not follow an edit. They
// are recognized by all digits of a computed number that is not a whole number, or by a difference `x - constant` that is 0.
let copies = [];
function findCopies() {
  const sources = new Map(nodes.filter((n) => n.op && !Number.isInteger(value[n.i])).map((n) => [value[n.i], n]));
  for (const n of nodes)
    if (n.op === "-" && value[n.i] === 0) {
      const [source, constant] = n.operands.map((o) => nodes[o]);
      if (constant.kind === "constant" && constant.start !== 0 && source.kind !== "constant")
        sources.set(constant.start, source);
    }
  return nodes.filter((n) => n.kind === "constant" && sources.has(n.start)).map((n) => [n, sources.get(n.start), n.start]);
}
function fixedNumbers() {
  const stays = copies.find(([n, source]) => Object.is(value[n.i], n.start) && value[source.i] !== n.start);
  return stays
    ? ` The constant ${short(stays[0].start)} was copied from ${escapeHtml(stays[1].name)} and stays as it was recorded.`
    : "";
}

function showEdited() {
  $("reset").hidden = !nodes.some(isEdited);
  if (!panel.hidden) openPanel(panelBox);
}

function descend() {
  const before = result(),
    isMoved = (n) => n.kind === (hasParameters ? "parameter" : "input") && !n.plain;
  let square = 0;
  for (const n of nodes)
    if (isMoved(n)) {
      square += gradient[n.i] ** 2;
      value[n.i] -= RATE * gradient[n.i];
    }
  compute();
  const noun = hasParameters ? "parameter" : "input";
  changed = [
    `Δ${nameHtml(RESULT)} ≈ −${RATE} · |∇${nameHtml(RESULT)}|² = <b>${short(-RATE * square)}</b>`,
    `Each ${noun} changed by −${RATE} times its gradient. ` +
      `${escapeHtml(RESULT)} went from ${short(before)} to ${short(result())}: ` +
      `predicted change ${short(-RATE * square)}, actual change ${short(result() - before)}.${fixedNumbers()}`,
  ];
  refresh();
  showEdited();
}

function reset() {
  for (const n of nodes) if (!n.op) value[n.i] = n.start;
  compute();
  changed = null;
  refresh();
  showEdited();
}

// Drag a number to the left or right. A click without a movement opens a text field.
function scrub(event, n) {
  const start = moment(n),
    unit = unitOf(start.x);
  let isMoved = false;
  const move = (e) => {
    const steps = Math.round((e.clientX - event.clientX) / 4);
    if (!steps && !isMoved) return;
    isMoved = true;
    change(n, Number((start.x + steps * unit).toPrecision(12)), start);
  };
  const stop = () => {
    (removeEventListener("pointermove", move), removeEventListener("pointerup", stop));
    if (!isMoved) typeNumber(n);
  };
  (addEventListener("pointermove", move), addEventListener("pointerup", stop));
}

function nudge(n, steps) {
  const start = moment(n);
  change(n, Number((start.x + steps * unitOf(start.x)).toPrecision(12)), start);
}

// Open a text field over the number.
function typeNumber(n) {
  const number = svg.querySelector(`[data-node="${n.i}"]`),
    start = moment(n),
    focused = document.activeElement;
  const field = document.createElement("input");
  Object.assign(field, {
    className: "type",
    value: repr(start.x),
    inputMode: "decimal",
    ariaLabel: `value of ${n.name || "the constant"}`,
  });
  const place = number?.getBoundingClientRect(),
    stage = svg.getBoundingClientRect();
  const left = place ? Math.max(4, Math.min(place.right - stage.left - 130, stage.width - 190)) : 24;
  field.style.left = `${left}px`;
  field.style.top = `${place ? place.top - stage.top - 4 : 24}px`;
  const close = (keep) => {
    field.onblur = null;
    const x = readNumber(field.value);
    if (keep && x === undefined) {
      field.setAttribute("aria-invalid", "true");
      $("words").textContent = `"${field.value}" is not a number. Type a number such as 0.5 or 1e-3, or press Escape.`;
      return announce($("words").textContent);
    }
    field.remove();
    (n.kind === "constant" ? focused : (hostOf[n.i]?.el ?? focused))?.focus?.();
    if (keep) change(n, x, start);
  };
  field.onblur = () => {
    if (readNumber(field.value) === undefined) field.value = repr(start.x);
    close(true);
  };
  field.onkeydown = (e) => {
    e.stopPropagation();
    if (e.key === "Enter") close(true);
    if (e.key === "Escape") close(false);
  };
  svg.parentNode.append(field);
  (field.focus(), field.select());
}
