// Numbers, names and formulas as text. Functions that return HTML escape every name.

const escapeHtml = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt()};`);
const SIGNS = {
  "-": "−",
  "*": "×",
  "/": "÷",
  neg: "−",
  sum: "Σ",
  dot: "Σ w·x",
  "**": "xʸ",
  "%": "mod",
  "//": "⌊÷⌋",
  gate: "where",
  less: "<",
  less_equal: "≤",
  equal: "=",
};
const signOf = (n) => SIGNS[n.op] ?? n.op;

// A number with 4 digits, as in a textbook.
function short(x, digits = 4) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  if (size && (size < 1e-3 || size >= 1e5)) {
    const [mantissa, exponent] = x.toExponential(digits - 2).split("e");
    const raised = [...String(Number(exponent))].map((c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c])).join("");
    return `${Number(mantissa)}·10`.replace("-", "−") + raised;
  }
  return String(Number(x.toPrecision(digits + (size >= 1e3 ? 1 : 0)))).replace("-", "−");
}

// A number with all its digits, as Python's repr writes it.
function repr(x) {
  if (!Number.isFinite(x)) return String(x).replace("Infinity", "inf").replace("NaN", "nan");
  const [mantissa, exponent] = x.toExponential().split("e");
  const isPlain = Number(exponent) >= -4 && Number(exponent) < 16;
  const text = isPlain ? String(x) : `${mantissa}e${exponent.replace(/^([+-])(\d)$/, "$10$2")}`;
  return (Object.is(x, -0) ? "-" : "") + (/[.e]/.test(text) ? text : text + ".0");
}

// Read a number that a reader typed. Return undefined if it is not a number.
function readNumber(text) {
  const plain = text.trim().replace("−", "-").toLowerCase(),
    special = {inf: Infinity, "-inf": -Infinity, nan: NaN, "∞": Infinity, "-∞": -Infinity};
  if (plain in special) return special[plain];
  return plain === "" || Number.isNaN(Number(plain)) ? undefined : Number(plain);
}

const inProduct = (x) => (x < 0 || Object.is(x, -0) || short(x).includes("·") ? `(${short(x)})` : short(x));

// A name as mathematics prints it: a single letter in italics, its number as a subscript, and other indices after it.
function partsOf(name) {
  const found = /^(\p{L})_?(\d*|[ij])(?:\[([\d, ]+)\])?$/u.exec(name);
  if (!found) return {isMath: false, stem: name, sub: "", rest: ""};
  const [, stem, number, indices] = found;
  return {isMath: true, stem, sub: number || (indices ?? ""), rest: number && indices ? `[${indices}]` : ""};
}
function nameHtml(name) {
  const {isMath, stem, sub, rest} = partsOf(name);
  return `<i class="${isMath ? "" : "long"}"><bdi>${escapeHtml(stem)}</bdi></i>${sub ? `<sub>${sub}</sub>` : ""}${rest}`;
}
const derivative = (y, x) => `<span class="frac"><span>∂${nameHtml(y)}</span><span>∂${nameHtml(x)}</span></span>`;
const nodeName = (n) => (n.kind === "constant" ? short(value[n.i]) : nameHtml(n.name));
const nodeValue = (n) => inProduct(value[n.i]);

// The formula of a computed node, with each operand written by `write`.
function formula(n, write) {
  const x = n.operands.map((o) => write(nodes[o]));
  const bare = (text) => text.replace(/^\((.*)\)$/, "$1");
  const joined = (list, sign) => (list.length > FEW ? [...list.slice(0, 3), "…", list.at(-1)] : list).join(sign);
  if (!["neg", "**"].includes(n.op)) x[0] = bare(x[0]); // the first operand needs no parentheses
  switch (n.op) {
    case "sum":
      return joined(x, " + ");
    case "dot": {
      const half = (x.length - 1) / 2,
        terms = x.slice(0, half).map((w, k) => `${w} · ${x[half + k]}`);
      return joined(operandOrder(n).length === x.length ? [...terms, x[2 * half]] : terms, " + ");
    }
    case "+":
      return x.join(" + ");
    case "-":
      return x.join(" − ");
    case "*":
      return x.join(" · ");
    case "neg":
      return `−${x[0]}`;
    case "/":
      return `<span class="frac"><span>${x[0]}</span><span>${x[1]}</span></span>`;
    case "**":
      return `${x[0]}<sup>${x[1]}</sup>`;
    case "sqrt":
      return `√<span class="root">${x[0]}</span>`;
    case "exp":
      return `<i>e</i><sup>${x[0]}</sup>`;
    case "abs":
      return `|${x[0]}|`;
    default:
      return `<span class="fn">${escapeHtml(n.op)}</span>(${x.map(bare).join(", ")})`;
  }
}

// The partials of a row as its formulas in the table: [["dx", "out * sigmoid(-x)"], ...]. Variables follow the formula.
function ruleOf(n) {
  if (!ROWS[n.op]) return [];
  return ROWS[n.op].partials.map((partial, p) => {
    const text = String(partial).replace(/^\(.*?\) => /s, "");
    const [, definitions, result] = /^\{ (.*); return (.*); \}$/s.exec(text) || [];
    return [`d${"xy"[p]}`, result ? `${result}, ${definitions.replace(/const /g, "").replace(/; /g, ", ")}` : text];
  });
}

// Return the effect of a step as [mathematics, one plain sentence].
function explainStep(step, k) {
  switch (step.kind) {
    case "start":
      return [
        `${nameHtml(RESULT)} <small>is computed from left to right</small>`,
        "Then gradients go back from right to left, one contribution per step" +
          (boxes.some((box) => !box.node) ? ", or all contributions of a folded box. " : ". ") +
          "Press → or play, or drag any underlined number.",
      ];
    case "seed":
      return [
        `${derivative(RESULT, RESULT)} = <b>1</b>`,
        "Backward: the derivative of the result with respect to itself is 1. Each box now passes its gradient to its operands.",
      ];
    case "forward":
      return explainForward(step.box);
    case "inside":
      return explainInside(step);
    case "backward":
      return step.uses.length > 1 ? explainSeveral(step) : explainContribution(step, k);
    default:
      return explainResult();
  }
}

function explainForward(box) {
  if (box.node)
    return [
      `${nameHtml(box.name)} = ${formula(box.node, nodeName)} = ${formula(box.node, nodeValue)} = <b>${short(value[box.node.i])}</b>`,
      `Forward: ${signOf(box.node)} computes the value of ${escapeHtml(box.name)}.`,
    ];
  const result =
    box.exits.length > 1 ? `computes ${plural(box.exits.length, "value")}` : `= <b>${short(value[box.exits[0].i])}</b>`;
  const count = plural(box.members.filter((n) => n.op).length, "operation");
  return [`${nameHtml(box.name)} <small>${result}</small>`, `Forward: ${count} in this box. Click + to unfold it.`];
}

function explainInside({box, uses}) {
  const inside = box.members.filter((n) => n.kind === "parameter").length;
  return [
    `${plural(uses.length, "contribution")} <small>inside ${nameHtml(box.name)}</small>`,
    `Backward: all gradients inside ${escapeHtml(box.name)} are now known` +
      (inside ? `, including the gradients of its ${plural(inside, "parameter")}.` : "."),
  ];
}

function explainSeveral({box, port, uses}) {
  const common = (b, index) => {
    // v_i for several nodes v1, v2, ...
    const stems = new Set(b.exits.map((n) => partsOf(n.name)).map(({isMath, stem}) => (isMath ? stem : "")));
    return b.node || stems.size !== 1 || stems.has("") ? b.name : `${[...stems][0]}_${index}`;
  };
  const to = common(port.from, "i"),
    from = common(box, "j");
  return [
    `${derivative(RESULT, to)} <span class="op">+=</span> ${derivative(RESULT, from)} · ${derivative(from, to)} ` +
      `<small>${plural(uses.length, "contribution")}</small>`,
    `Backward: each gradient in ${escapeHtml(box.name)} times its local derivative is added to a gradient in ${escapeHtml(port.from.name)}.`,
  ];
}

function explainContribution({uses}, k) {
  const [n, p] = uses[0],
    o = nodes[n.operands[p]],
    local = partials[n.i][p],
    all = contributions[o.i];
  const number = all.findIndex(([, user, position]) => user === n && position === p) + 1;
  const state = number < all.length ? "so far" : "in total";
  return [
    `${derivative(RESULT, o.name)} <span class="op">+=</span> ${derivative(RESULT, n.name)} · ${derivative(n.name, o.name)} = ` +
      `${short(gradient[n.i])} · ${inProduct(local)} = <b>${short(gradient[n.i] * local)}</b>`,
    `${escapeHtml(n.name)} passes its gradient times the local derivative to ${escapeHtml(o.name)}. ` +
      (all.length > 1
        ? `Contribution ${number} of ${all.length}: the gradient of ${escapeHtml(o.name)} is ${short(gradientAt(o.i, k))} ${state}.`
        : `This is its only contribution.`),
  ];
}

// The first node whose value is nan or infinite although its operands are finite; undefined if the value of `n` is finite.
function originOf(n) {
  const isBad = (i) => !Number.isFinite(value[i]);
  if (!isBad(n.i)) return undefined;
  for (let next = n.i; next !== undefined; next = n.operands.find(isBad)) n = nodes[next];
  return n;
}
const beganAt = (n) => `${short(value[n.i])} began at ${escapeHtml(n.name || "a constant")}`;
const capital = (text) => text[0].toUpperCase() + text.slice(1);

// The end: the largest gradients.
function explainResult() {
  const leaves = nodes.filter((n) => n.kind === (hasParameters ? "parameter" : "input") && !n.plain);
  const largest = [...leaves]
    .sort((a, b) => Math.abs(gradient[b.i]) - Math.abs(gradient[a.i]))
    .slice(0, innerWidth < 700 ? 2 : 4);
  const list = largest.map((n) => `${derivative(RESULT, n.name)} = <b>${short(gradient[n.i])}</b>`).join(", &ensp;");
  const summary =
    leaves.length > largest.length ? `these are the largest of ${leaves.length} gradients` : "all gradients are known";
  const first = largest.find((n) => Number.isFinite(gradient[n.i]));
  const origin = ROOTS.map((i) => originOf(nodes[i])).find(Boolean);
  if (origin) return [list, `${capital(beganAt(origin))}. From there on, numbers are not finite.`];
  return [
    list + (leaves.length > largest.length ? ", &ensp;…" : ""),
    `Done: ${summary}.` +
      (first
        ? ` If ${escapeHtml(first.name)} grows a little, ${escapeHtml(RESULT)} changes ${short(gradient[first.i])} times as much. Drag it and see.`
        : ""),
  ];
}
