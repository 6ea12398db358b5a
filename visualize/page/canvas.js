// Graphs with many visible boxes. A canvas below the SVG shows edges, and boxes from afar. It is painted once for a region
// larger than the screen and then moved with the camera, so that panning costs nothing. When the camera rests, the region is
// painted again, and the boxes on the screen become SVG elements if they are few.

const canvas = $("far"),
  pen = canvas.getContext("2d");
const BEYOND = 0.4; // extent of the painted region beyond each border, in screens
const REST = 120; // milliseconds
let painted = null; // {left, top, right, bottom, k}: the region, in the graph
let resting = 0;

// Called whenever the camera moves.
function updateCanvas() {
  canvas.hidden = !usesCanvas();
  if (canvas.hidden) return;
  const {x, y, k} = camera,
    w = svg.clientWidth,
    h = svg.clientHeight;
  clearTimeout(resting);
  resting = setTimeout(rest, REST);
  const isCovered =
    painted &&
    painted.left * k + x <= 0 &&
    painted.top * k + y <= 0 &&
    painted.right * k + x >= w &&
    painted.bottom * k + y >= h;
  if (!isCovered && (!painted || painted.k === k)) return paint();
  canvas.style.transform = `translate(${painted.left * k + x}px,${painted.top * k + y}px) scale(${k / painted.k})`;
}

// Called when a step or an edit changes the numbers: paint soon, but not for each step of a fast play.
let repaint = 0;
function paintSoon() {
  if (usesCanvas())
    repaint ||= setTimeout(() => {
      repaint = 0;
      paint();
    }, REST);
}

function rest() {
  const near = boxes.filter((box) => isOnScreen(box));
  showElements(near.length <= MAX_NEAR ? near : []);
  mark(steps[at]);
  paint();
}

function isOnScreen(box, margin = 60) {
  const {x, y, k} = camera;
  return (
    (box.x + box.item.width) * k + x > -margin &&
    box.x * k + x < svg.clientWidth + margin &&
    (box.y + box.item.height) * k + y > -margin &&
    box.y * k + y < svg.clientHeight + margin
  );
}

const isTitleOnScreen = ({left, top}) => camera.k > 0.25 && isOnScreen({x: left, y: top, item: {width: 100, height: 30}});

function paint() {
  if (!usesCanvas()) return;
  const {x, y, k} = camera,
    w = svg.clientWidth,
    h = svg.clientHeight;
  painted = {
    left: (-x - w * BEYOND) / k,
    top: (-y - h * BEYOND) / k,
    right: (-x + w * (1 + BEYOND)) / k,
    bottom: (-y + h * (1 + BEYOND)) / k,
    k,
  };
  canvas.width = w * (1 + 2 * BEYOND);
  canvas.height = h * (1 + 2 * BEYOND);
  canvas.style.transform = `translate(${-w * BEYOND}px,${-h * BEYOND}px)`;
  pen.setTransform(k, 0, 0, k, -painted.left * k, -painted.top * k);
  paintFrames();
  paintEdges();
  paintBoxes();
}

const outlines = new WeakMap(); // of each frame: its path and its borders. To make them again would take most of the time.
function outlineOf(columns) {
  if (!outlines.has(columns)) {
    const border = (side, choose) => columns.reduce((found, column) => choose(found, column[side]), columns[0][side]);
    outlines.set(columns, {
      path: new Path2D(framePath(columns)),
      left: columns[0].left,
      right: columns.at(-1).right,
      top: border("top", Math.min),
      bottom: border("bottom", Math.max),
    });
  }
  return outlines.get(columns);
}

function paintFrames() {
  pen.fillStyle = color("--group");
  pen.strokeStyle = color("--group-line");
  pen.lineWidth = 1.2;
  for (const [, columns] of size.frames) {
    const {path, left, right, top, bottom} = outlineOf(columns);
    const isNear = right > painted.left && left < painted.right && bottom > painted.top && top < painted.bottom;
    if (!isNear || (right - left) * camera.k < 2) continue; // too small to be seen
    pen.globalAlpha = 0.55;
    pen.fill(path);
    pen.globalAlpha = 1;
    pen.stroke(path);
  }
}

function paintEdges() {
  pen.strokeStyle = color("--line");
  pen.lineWidth = Math.max(1.3, 0.6 / camera.k);
  pen.globalAlpha = camera.k < 0.15 ? 0.35 : 0.9;
  pen.beginPath();
  let count = 0;
  for (const box of boxes)
    for (const {route} of box.ports) {
      if (!route || !touches(route)) continue;
      pen.moveTo(...route[0]);
      for (const [x, y] of route) pen.lineTo(x, y);
      if (++count % 200 === 0) (pen.stroke(), pen.beginPath()); // one long path would be slower
    }
  pen.stroke();
  pen.globalAlpha = 1;
}

function touches(route) {
  const [x0, y0] = route[0],
    [x1, y1] = route.at(-1);
  return x0 < painted.right && x1 > painted.left && Math.min(y0, y1) < painted.bottom && Math.max(y0, y1) > painted.top;
}

// Boxes of one look are filled and outlined together: to change colors for each box would take longer than to paint it.
function paintBoxes() {
  const looks = new Map(),
    shown = [];
  const add = (fill, line, width, ...rect) => {
    const key = `${fill} ${line} ${width}`;
    if (!looks.has(key)) looks.set(key, {fill, line, width, rects: []});
    looks.get(key).rects.push(rect);
  };
  for (const box of boxes) {
    const x = box.x + box.item.stub,
      w = box.item.width - box.item.stub,
      {y} = box,
      h = box.item.height;
    if (box.el || x > painted.right || x + w < painted.left || y > painted.bottom || y + h < painted.top) continue;
    const kind = box.leaf ?? box.kind,
      isKnown = !box.computed || at >= box.step,
      isMarked = marksOf(box, isKnown).length > 0;
    const line = isMarked ? "--ink" : ({op: "--line"}[kind] ?? `--${kind}-line`);
    add(isKnown ? ({op: "--white"}[kind] ?? `--${kind}`) : "--paper", line, isMarked ? 4 : 1.3, x, y, w, h);
    shown.push({box, isKnown, x, w});
  }
  for (const {box, x, w} of shown) {
    const n = box.exits[0],
      sum = n ? gradientAt(n.i, at) : null;
    if (sum) add(sum < 0 ? "--minus" : "--plus", "", 0, sum < 0 ? x + 6 : x + w / 2, box.y + box.item.height - 16, w / 2 - 6, 10);
  }
  for (const {fill, line, width, rects} of looks.values()) {
    for (let first = 0; first < rects.length; first += 500) {
      const path = new Path2D();
      for (const rect of rects.slice(first, first + 500)) path.rect(...rect);
      pen.fillStyle = color(fill);
      pen.fill(path);
      if (!line) continue;
      pen.strokeStyle = color(line);
      pen.lineWidth = width;
      pen.stroke(path);
    }
  }
  if (camera.k * 16 >= 7) for (const each of shown) paintText(each);
}

function paintText({box, isKnown, x, w}) {
  pen.fillStyle = color("--ink");
  pen.font = FONTS.small;
  pen.textAlign = "left";
  pen.fillText(cut(box.name, "small", w - 2 * MARGIN), x + MARGIN, box.y + 20);
  if (!box.node || !isKnown) return;
  pen.textAlign = "right";
  pen.fillText(short(value[box.node.i]), x + w - MARGIN, box.y + 41);
}

const color = (name) => getComputedColor(name);
const colors = new Map();
function getComputedColor(name) {
  if (!colors.has(name)) colors.set(name, style.getPropertyValue(name).trim());
  return colors.get(name);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  (colors.clear(), paint());
});

// The box at a point of the screen. Boxes without an element cannot receive the event themselves.
function boxAtPoint(clientX, clientY) {
  const r = svg.getBoundingClientRect(),
    x = (clientX - r.left - camera.x) / camera.k,
    y = (clientY - r.top - camera.y) / camera.k;
  return (
    boxes.find(
      (box) => x >= box.x + box.item.stub && x <= box.x + box.item.width && y >= box.y && y <= box.y + box.item.height,
    ) ?? null
  );
}
