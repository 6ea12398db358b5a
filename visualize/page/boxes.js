// Which nodes are one box. A folded group is a box, and so are many similar operands of one node. Everything else is a box of
// its own, except constants, which are text where the edge would arrive.

const FEW = 6;  // similar operands shown one by one
const SEVERAL = 24;  // operands in an unfolded bundle shown one by one; more are divided into smaller bundles

const groups = GRAPH.groups.map(([title, parent], id) => ({id, title, parent}));
const folded = new Set(groups.map((group) => group.id));
const opened = new Set();  // keys of unfolded bundles
let boxes = [];  // each after the boxes that it depends on
let hostOf = [];  // the box of each node; null for constants

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

function makeBoxes() {
  const byKey = new Map();
  hostOf = nodes.map(() => null);
  const put = (n, key, properties) => {
    if (!byKey.has(key)) byKey.set(key, {key, members: [], ports: [], outs: [], inside: [], path: openGroups(n.group), ...properties});
    hostOf[n.i] = byKey.get(key);
    hostOf[n.i].members.push(n);
  };
  for (const n of nodes) {
    const group = outermostFolded(n.group);
    if (group && n.kind !== "constant") put(n, "g" + group.id, {kind: "group", group, name: group.title, path: openGroups(group.parent)});
  }
  if (nodes.length > 60) bundleTerms(put);
  for (const n of nodes) if (n.op && !hostOf[n.i]) put(n, "n" + n.i, {kind: ROOTS.includes(n.i) ? "output" : "op", node: n, name: n.name});
  bundleLeaves(put);
  boxes = [...byKey.values()];
  for (const box of boxes) {
    box.exits = box.node ? [box.node] : box.members.filter((n) => ROOTS.includes(n.i) || n.users.some((u) => hostOf[u] !== box));
    box.computed = box.members.some((n) => n.op);
    box.members.sort((a, b) => a.i - b.i);
  }
  for (const box of boxes) addPorts(box);
  sortBoxes();
}

// The outermost group of a node that is folded, or null.
function outermostFolded(id) {
  let found = null;
  for (; id >= 0; id = groups[id].parent) if (folded.has(id)) found = groups[id];
  return found;
}

// The unfolded groups around a node, outermost first: their frames are drawn.
function openGroups(id) {
  const path = [];
  for (; id >= 0; id = groups[id].parent) if (!folded.has(id)) path.unshift(id);
  return path;
}

// Computed operands that serve one node only, together with everything that serves only them.
function bundleTerms(put) {
  for (const n of nodes) if (n.op && !hostOf[n.i]) {
    const isTerm = (t) => t.op && !hostOf[t.i] && t.users.length === 1 && t.group === n.group;
    const terms = [...new Set(n.operands)].map((o) => nodes[o]).filter(isTerm);
    for (const bundle of divide(terms, "t" + n.i)) {
      const inside = new Set(bundle.list.map((t) => t.i));
      for (let i = n.i - 1; i >= 0 && inside.size; i--) {
        if (!hostOf[i] && nodes[i].users.length && nodes[i].kind !== "constant" && nodes[i].users.every((u) => inside.has(u))) inside.add(i);
      }
      const name = bundle.part || plural(terms.length, "term");
      for (const i of [...inside].sort((a, b) => a - b)) put(nodes[i], bundle.key, {kind: "bundle", noun: "term", name});
    }
  }
}

// Leaves of one kind that serve the same boxes.
function bundleLeaves(put) {
  const alike = new Map();
  for (const n of nodes) if (!n.op && n.kind !== "constant" && !hostOf[n.i]) {
    const key = [n.kind, n.plain, n.group, ...new Set(n.users.map((u) => hostOf[u].key))].join();
    if (!alike.has(key)) alike.set(key, []);
    alike.get(key).push(n);
  }
  for (const list of alike.values()) {
    const {kind, plain} = list[0];
    for (const bundle of divide(list, "l" + list[0].i)) {
      const name = bundle.part || plural(list.length, kind);
      for (const n of bundle.list) put(n, bundle.key, {kind: "bundle", leaf: kind, plain, noun: kind, name});
    }
    for (const n of list) if (!hostOf[n.i]) put(n, "n" + n.i, {kind, plain, node: n, name: n.name, bundle: list.length > FEW ? "l" + list[0].i : null});
  }
}

// Divide a list into bundles: none if it is short or unfolded, one if it is folded, otherwise parts that unfold on their own.
function divide(list, key) {
  if (list.length <= FEW || (opened.has(key) && list.length <= SEVERAL)) return [];
  if (!opened.has(key)) return [{key, list, part: key.includes(":") ? `${list[0].name} … ${list.at(-1).name}` : ""}];
  const size = Math.max(10, 10 ** Math.floor(Math.log10(list.length - 1)));
  const parts = [];
  for (let k = 0; k < list.length; k += size) parts.push(...divide(list.slice(k, k + size), `${key}:${k}`));
  return parts;
}

// A port is where an edge arrives: from another box, or from a constant. Several edges between two folded boxes share a port.
function addPorts(box) {
  const byBox = new Map();
  for (const n of box.members) {
    const order = operandOrder(n), constants = order.filter((p) => nodes[n.operands[p]].kind === "constant");
    for (const p of order) {
      const o = nodes[n.operands[p]], from = hostOf[o.i];
      if (!from) {
        if (!box.node) continue;
        if (constants.length <= FEW) box.ports.push({constant: o, uses: []});
        else if (p === constants[0]) box.ports.push({constant: null, text: plural(constants.length, "number"), uses: []});
      } else if (from === box) box.inside.push([n, p]);
      else if (byBox.has(from) && !(box.node && from.node)) byBox.get(from).uses.push([n, p]);
      else {
        const port = {from, to: box, uses: [[n, p]]};
        byBox.set(from, port), box.ports.push(port), from.outs.push(port);
      }
    }
  }
}

// The operands of a neuron as a reader expects them: each weight with its input, then the bias, unless it is the number 0.
function operandOrder(n) {
  if (n.op !== "dot") return n.operands.map((_, p) => p);
  const half = (n.operands.length - 1) / 2, bias = nodes[n.operands[2 * half]], order = [];
  for (let k = 0; k < half; k++) order.push(k, half + k);
  return bias.plain && value[bias.i] === 0 ? order : [...order, 2 * half];
}

// Sort the boxes: each comes after the boxes that it depends on, and otherwise in the order of the nodes.
function sortBoxes() {
  boxes.sort((a, b) => a.members.at(-1).i - b.members.at(-1).i);
  boxes.forEach((box, i) => { box.rank = i; });
  if (boxes.every((box) => box.ports.every((port) => !port.from || port.from.rank < box.rank))) return;
  const waiting = ROOTS.map((i) => hostOf[i]), state = new Map(), order = [];
  while (waiting.length) {
    const box = waiting.at(-1);
    if (state.has(box)) {
      waiting.pop();
      if (state.get(box) === "open") state.set(box, "done"), order.push(box);
      continue;
    }
    state.set(box, "open");
    for (const {from} of box.ports) if (from && !state.has(from)) waiting.push(from);
      else if (from && state.get(from) === "open" && unfoldCycle(box, from)) return makeBoxes();
  }
  boxes = order;
  boxes.forEach((box, i) => { box.rank = i; });
}

// Two boxes that depend on each other cannot both stay folded. Return whether one of them was unfolded.
function unfoldCycle(...pair) {
  for (const box of pair) {
    if (box.kind === "group") return folded.delete(box.group.id);
    if (box.kind === "bundle" && !opened.has(box.key)) return Boolean(opened.add(box.key));
  }
  return false;
}
