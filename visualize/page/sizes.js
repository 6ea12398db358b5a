// The sizes of texts and boxes. A box is wide enough for its numbers at all steps, so nothing moves while the steps play.

const STUB = {least: 10, most: 64}; // the level end of an edge, with its local derivative above
const MARGIN = 12; // between the frame of a box and its text
let boxWidth = 92; // wide enough for the widest number of all steps
let showsLocal = true; // whether local derivatives are always shown, or only at the box under the pointer

const measuring = document.createElement("canvas").getContext("2d");
const style = getComputedStyle(document.documentElement);
const FONTS = {
  value: `16px ${style.getPropertyValue("--sans")}`,
  grad: `600 14px ${style.getPropertyValue("--sans")}`,
  long: `600 13px ${style.getPropertyValue("--sans")}`,
  small: `14px ${style.getPropertyValue("--sans")}`,
  name: `italic 17px ${style.getPropertyValue("--serif")}`,
  sub: `12px ${style.getPropertyValue("--serif")}`,
  note: `12px ${style.getPropertyValue("--sans")}`,
};
function widthOf(text, font) {
  measuring.font = FONTS[font];
  return measuring.measureText(text).width;
}

// Cut a text to a width, between characters as a reader sees them: an emoji of several code points is one.
function cut(text, font, room) {
  if (widthOf(text, font) <= room) return text;
  const characters = [...new Intl.Segmenter().segment(text.slice(0, 200))].map((part) => part.segment);
  while (characters.length > 1 && widthOf(characters.join("") + "…", font) > room) characters.pop();
  return characters.join("") + "…";
}

const SIGN = 64; // most of an operation's name
// The width of the name and the operation in the first line of a box.
function widthOfHead(n) {
  const {isMath, stem, sub, rest} = partsOf(n.name);
  const name = isMath ? widthOf(stem, "name") + widthOf(sub, "sub") + widthOf(rest, "small") : widthOf(stem.slice(0, 40), "long");
  return name + Math.min(SIGN, widthOf(signOf(n), "small")) + 8;
}

// Return the width that fits the value of each box, its gradient at each step, and the names of leaves and operations.
function widestText() {
  let widest = 69,
    longest = 0,
    longestName = 0;
  const heads = new Set(); // that are measured: an operation, and the length of a name
  const fit = (x, font, more) => {
    const text = short(x);
    if (text.length < longest) return; // measuring is slow, and a shorter text is hardly ever wider
    longest = text.length;
    widest = Math.max(widest, widthOf(text, font) + more);
  };
  for (const box of boxes) {
    const {node} = box;
    if (!node) continue;
    fit(value[node.i], "value", 0);
    const [mark] = marksOf(box);
    const head = `${node.op} ${node.name.length}`;
    if (node.op && !heads.has(head)) (heads.add(head), (widest = Math.max(widest, widthOfHead(node))));
    if (mark) widest = Math.max(widest, widthOf(mark, "note") + 8 + widthOf(short(value[node.i]), "value"));
    if (!node.op && node.name.length > longestName) {
      longestName = node.name.length;
      if (!partsOf(node.name).isMath) widest = Math.max(widest, widthOf(node.name.slice(0, 40), "long"));
    }
    let sum = 0;
    for (const [, n, p] of contributions[node.i]) {
      sum += gradient[n.i] * partials[n.i][p];
      fit(sum, "grad", 14);
    }
  }
  return Math.min(Math.ceil(widest), 150) + 2 * MARGIN;
}

const isChart = (box) => !box.node && box.exits.length > 1; // many numbers as bars
// The numbers of values and parameters of a folded box.
function countsOf(box) {
  if (box.leaf) return "";
  const counts = [
    [box.exits.length, "value"],
    [box.members.filter((n) => n.kind === "parameter").length, "parameter"],
  ];
  return counts
    .filter(([count]) => count)
    .map(([count, noun]) => plural(count, noun))
    .join(" · ");
}
const hasGradient = (box) => !(box.node ?? box).plain;
function contentHeight(box) {
  if (isChart(box)) return hasGradient(box) ? 98 : 62;
  return box.node ? (hasGradient(box) ? 76 : 50) : 54;
}
const arrives = (box, k, height) => (height * (k + 1)) / (box.ports.length + 1);

function sizeOf(box) {
  const height = Math.max(contentHeight(box), box.ports.length * (box.node ? 24 : 12) + 6);
  const texts = box.node ? box.ports.map((port) => (port.from ? (showsLocal ? localText(port) : "") : constantText(port))) : [];
  const label = Math.max(0, ...texts.map((text) => widthOf(text, "small")));
  const stub = box.ports.length ? (label ? Math.min(STUB.most, Math.ceil(label) + 13) : STUB.least) : 0;
  const [mark] = box.node ? [] : marksOf(box);
  const title = widthOf(box.name, "long") + 32 + (mark ? widthOf(mark, "note") + 8 : 0);
  const content = box.node ? 0 : Math.max(title, isChart(box) ? widthOf(countsOf(box), "note") : 0);
  const width = box.node ? boxWidth : Math.max(138, boxWidth, Math.min(230, Math.ceil(content) + 2 * MARGIN));
  return {
    width: stub + width,
    height,
    stub,
    exit: height / 2,
    path: box.path,
    place: box.kind === "group" ? box.group.id : undefined,
    inputs: [],
  };
}
