// What a reader should notice about a box: a difference between two graphs, the origin of a nan or an infinity, a dead relu.

const isDead = (n) => n.op === "relu" && partials[n.i][0] === null && !nodes[n.operands[0]].plain;
const isOrigin = (n) => n.kind !== "constant" && !Number.isFinite(value[n.i]) && n.operands.every((o) => Number.isFinite(value[o]));

// Return the words, the most important first. Only the first one has room in the box.
function marksOf(box, isKnown = true) {
  const marks = [];
  if (box.members.some((n) => n.i === GRAPH.different)) marks.push("differs");
  if (!isKnown) return marks;
  if (box.members.some(isOrigin)) marks.push("began here");
  const dead = box.members.filter(isDead).length;
  if (dead) marks.push(box.node ? "dead" : `${dead} dead`);
  return marks;
}
