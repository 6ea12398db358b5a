// The graph and its numbers: values forward, gradients backward, and the paths from the result to a node.
// GRAPH is the data that explore.py writes. ROWS holds each operation of autograd/ops.py: its value and its partials.

// A node of GRAPH is [operation, operands, name, group, saved] if it is computed. `saved` is [value, partials] of an operation
// that has no JavaScript, such as a custom one. A leaf is [LEAF, number, name, group, kind], or [PLAIN, ...] if it is a plain
// number of the program, which has no gradient. Operands are indices of nodes, and `group` is an index of GRAPH.groups or -1.
const LEAF = 0,
  PLAIN = 1;
const KINDS = ["constant", "input", "parameter", "target"];

const nodes = GRAPH.nodes.map(([op, content, name, group, more], i) =>
  op === LEAF || op === PLAIN
    ? {i, op: "", operands: [], users: [], name, group, kind: KINDS[more], start: Number(content), plain: op === PLAIN}
    : {i, op, operands: content, users: [], name, group, kind: "op", plain: false, saved: more ? savedNumbers(more) : null},
);
for (const n of nodes) for (const o of new Set(n.operands)) nodes[o].users.push(n.i);

const ROOTS = GRAPH.roots;
const ROOT = ROOTS[ROOTS.length - 1];
const RESULT = ROOTS.map((i) => nodes[i].name).join(" + "); // the gradients are derivatives of the sum of all roots
const hasParameters = nodes.some((n) => n.kind === "parameter");

const value = Float64Array.from(nodes, (n) => n.start ?? 0);
const gradient = new Float64Array(nodes.length);
const reached = new Uint8Array(nodes.length); // 1 if a gradient arrives at the node
const partials = nodes.map(() => []); // of each node with respect to its operands; null where no gradient passes

function savedNumbers([out, all]) {
  return {value: Number(out), partials: all.map((d) => (d === null ? null : Number(d)))};
}

// Return the value of a computed node and its partials, from the values of its operands.
function evaluate(n) {
  if (n.saved) return [n.saved.value, n.saved.partials];
  const x = n.operands.map((o) => value[o]);
  const row = ROWS[n.op];
  if (n.op === "sum")
    return [x.slice(1).reduce((sum, term) => sum + row.value(term), row.value(x[0])), x.map(() => row.partials[0]())];
  if (n.op === "dot") {
    // weights, inputs, bias
    const half = (x.length - 1) / 2,
      w = x.slice(0, half),
      inputs = x.slice(half, -1);
    const out = w.reduce((sum, weight, k) => sum + row.value(weight, inputs[k]), x[2 * half]);
    return [
      out,
      [
        ...w.map((weight, k) => row.partials[0](out, weight, inputs[k])),
        ...w.map((weight, k) => row.partials[1](out, weight, inputs[k])),
        1,
      ],
    ];
  }
  const out = row.value(...x);
  return [out, row.partials.map((partial) => partial(out, ...x))];
}

// A row that selects one of its operands passes nothing on to the others: not even 0 times an infinite gradient.
const isBlocked = (n, partial) => partial === 0 && ROWS[n.op]?.blocks === true;

// Compute all values, partials and gradients again, from the values of the leaves.
function compute() {
  for (const n of nodes)
    if (n.op) {
      const [out, all] = evaluate(n);
      value[n.i] = out;
      partials[n.i] = all.map((d, p) => (d === null || nodes[n.operands[p]].plain || isBlocked(n, d) ? null : d));
    }
  (gradient.fill(0), reached.fill(0));
  for (const i of ROOTS) {
    gradient[i] += 1;
    reached[i] = 1;
  }
  for (let i = nodes.length - 1; i >= 0; i--)
    if (reached[i])
      partials[i].forEach((d, p) => {
        if (d === null) return;
        const o = nodes[i].operands[p];
        gradient[o] += gradient[i] * d;
        reached[o] = 1;
      });
}

const passes = (n, p) => reached[n.i] === 1 && partials[n.i][p] !== null;

// Return the paths from the result to a node with the largest products of local derivatives, and the number of all paths.
function pathsTo(target, most = 5) {
  const leads = new Uint8Array(nodes.length),
    count = new Float64Array(nodes.length),
    best = nodes.map(() => []);
  leads[target] = 1;
  for (let i = target; i < nodes.length; i++) if (leads[i]) for (const u of nodes[i].users) leads[u] = 1;
  for (const i of ROOTS) {
    count[i] += 1;
    best[i].push({product: 1, at: i, before: null, factor: null});
  }
  const bySize = (a, b) => Math.abs(b.product) - Math.abs(a.product);
  for (let i = nodes.length - 1; i > target; i--)
    if (leads[i] && count[i])
      nodes[i].operands.forEach((o, p) => {
        if (!leads[o] || !passes(nodes[i], p)) return;
        const factor = partials[i][p];
        count[o] += count[i];
        best[o].push(...best[i].map((path) => ({product: path.product * factor, at: o, before: path, factor})));
        if (best[o].length > most) best[o] = best[o].sort(bySize).slice(0, most);
      });
  const paths = best[target].sort(bySize).map((path) => {
    const way = [],
      factors = [];
    for (let step = path; step; step = step.before) (way.unshift(step.at), step.before && factors.unshift(step.factor));
    return {product: path.product, nodes: way, factors};
  });
  return {count: count[target], paths};
}

// The gradient of the largest size, for the scale of the bars.
function largestGradient() {
  let largest = 1e-300;
  for (const n of nodes) if (!n.plain && Number.isFinite(gradient[n.i])) largest = Math.max(largest, Math.abs(gradient[n.i]));
  return largest;
}
