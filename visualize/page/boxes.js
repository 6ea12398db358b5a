// Decides which nodes share a box. A folded group is a box. Every other node has its own box, except constants, which are text
// where the edge would arrive.

const FEW = 6; // operands that a formula or a box lists one by one

// A group of GRAPH is [title, parent, kind, whether it is unfolded at first]. Parents come first.
const groups = GRAPH.groups.map(([title, parent, kind, isOpen], id) => ({id, title, parent, kind, isOpen}));
const folded = new Set(groups.filter((group) => !group.isOpen).map((group) => group.id));
let boxes = []; // each after the boxes that it depends on
let hostOf = []; // the box of each node; null for constants

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

function makeBoxes() {
  const byKey = new Map();
  hostOf = nodes.map((n) => {
    const group = outermostFolded(n.group),
      key = group ? "g" + group.id : "n" + n.i;
    if (n.kind === "constant" && (!group || !n.users.every((u) => outermostFolded(nodes[u].group) === group))) return null;
    if (!byKey.has(key))
      byKey.set(key, {
        key,
        members: [],
        ports: [],
        outs: [],
        inside: [],
        ...(group
          ? {kind: "group", group, name: group.title, path: openGroups(group.parent)}
          : {kind: ROOTS.includes(n.i) ? "output" : n.kind, node: n, name: n.name, path: openGroups(n.group)}),
      });
    byKey.get(key).members.push(n);
    return byKey.get(key);
  });
  boxes = [...byKey.values()].filter((box) => box.members.some((n) => n.kind !== "constant"));
  for (const box of boxes) {
    box.exits = box.node
      ? [box.node]
      : box.members.filter((n) => ROOTS.includes(n.i) || n.users.some((u) => hostOf[u] !== box));
    box.computed = box.members.some((n) => n.op);
    const [first] = box.members,
      isAlike = !box.node && !first.op && box.members.every((n) => n.kind === first.kind && n.plain === first.plain);
    box.leaf = isAlike ? first.kind : null; // a group of leaves of one kind has their shape
    box.plain = isAlike && first.plain;
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

// A port is where an edge arrives: from another box, or from a constant. Several edges between two folded boxes share a port.
function addPorts(box) {
  const byBox = new Map();
  for (const n of box.members) {
    const order = operandOrder(n),
      constants = order.filter((p) => nodes[n.operands[p]].kind === "constant");
    for (const p of order) {
      const o = nodes[n.operands[p]],
        from = hostOf[o.i];
      if (!from) {
        if (!box.node) continue;
        if (constants.length <= FEW) box.ports.push({constant: o, uses: []});
        else if (p === constants[0]) box.ports.push({constant: null, text: plural(constants.length, "number"), uses: []});
      } else if (from === box) box.inside.push([n, p]);
      else if (byBox.has(from) && !(box.node && from.node)) byBox.get(from).uses.push([n, p]);
      else {
        const port = {from, to: box, uses: [[n, p]]};
        (byBox.set(from, port), box.ports.push(port), from.outs.push(port));
      }
    }
  }
}

// The operands of a neuron as a reader expects them: each weight with its input, then the bias, unless it is the number 0.
function operandOrder(n) {
  if (n.op !== "dot") return n.operands.map((_, p) => p);
  const half = (n.operands.length - 1) / 2,
    bias = nodes[n.operands[2 * half]],
    order = [];
  for (let k = 0; k < half; k++) order.push(k, half + k);
  return bias.plain && value[bias.i] === 0 ? order : [...order, 2 * half];
}

// Sort the boxes: each comes after the boxes that it depends on, and otherwise in the order of the nodes.
function sortBoxes() {
  boxes.sort((a, b) => a.members.at(-1).i - b.members.at(-1).i);
  boxes.forEach((box, i) => {
    box.rank = i;
  });
  if (boxes.every((box) => box.ports.every((port) => !port.from || port.from.rank < box.rank))) return;
  const waiting = ROOTS.map((i) => hostOf[i]),
    state = new Map(),
    order = [];
  while (waiting.length) {
    const box = waiting.at(-1);
    if (state.has(box)) {
      waiting.pop();
      if (state.get(box) === "open") (state.set(box, "done"), order.push(box));
      continue;
    }
    state.set(box, "open");
    for (const {from} of box.ports)
      if (from && !state.has(from)) waiting.push(from);
      else if (from && state.get(from) === "open" && unfoldCycle(box, from)) return makeBoxes();
  }
  boxes = order;
  boxes.forEach((box, i) => {
    box.rank = i;
  });
}

// Two boxes that depend on each other cannot both stay folded. Return whether one of them was unfolded.
function unfoldCycle(...pair) {
  const group = pair.find((box) => box.kind === "group");
  return group ? folded.delete(group.group.id) : false;
}
