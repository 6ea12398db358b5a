// Which part of the graph is on the screen: zoom, pan, and following the boxes at work.

const camera = {x: 0, y: 0, k: 1}; // a point p of the graph is at p * k + (x, y) on the screen
const goal = {...camera}; // where the camera is moving to
const MIN_ZOOM = 0.005,
  MAX_ZOOM = 3,
  READABLE = 0.62, // at READABLE, most text is at least 9 pixels high
  NEARLY = 0.95; // a graph that nearly fits at this zoom is shown whole, so that no box is cut off at the border
let flight = 0;

function look(x, y, k, smooth = false) {
  cancelAnimationFrame(flight);
  Object.assign(goal, {x, y, k});
  const from = {...camera},
    start = performance.now();
  const set = (t) => {
    const e = t * t * (3 - 2 * t);
    for (const key of ["x", "y", "k"]) camera[key] = from[key] + (goal[key] - from[key]) * e;
    world.setAttribute("transform", `translate(${camera.x},${camera.y}) scale(${camera.k})`);
    updateCanvas();
  };
  if (!smooth || calm.matches) return set(1);
  const tick = (now) => {
    const t = Math.min(1, (now - start) / 400);
    set(t);
    if (t < 1) flight = requestAnimationFrame(tick);
  };
  flight = requestAnimationFrame(tick);
}

// Show the whole graph, or its beginning if the whole would be too small to read.
function fit(smooth, whole = false) {
  const w = svg.clientWidth,
    h = svg.clientHeight,
    above = $("unfolded").hidden ? 20 : 48,
    room = h - above - $("legend").offsetHeight - 24;
  const k = Math.max(MIN_ZOOM, Math.min((w - 48) / size.width, room / size.height, 1.4));
  const least = whole ? 0 : w < 700 ? 0.8 : panel.hidden ? READABLE : 0.4; // with the panel, paths matter more than numbers
  if (k >= NEARLY * least) return look((w - size.width * k) / 2, above + (room - size.height * k) / 2, k, smooth);
  const box = steps[at]?.box ?? boxes[0],
    isLow = size.height * least < h;
  look(Math.min(24, w / 2 - box.x * least), isLow ? (h - size.height * least) / 2 : h / 2 - box.y * least, least, smooth);
}

// Move so that these boxes are visible, if they are not.
function follow(some, smooth = true) {
  if (!some.length) return;
  const w = svg.clientWidth,
    h = svg.clientHeight,
    {k} = goal;
  const x0 = Math.min(...some.map((box) => box.x)),
    x1 = Math.max(...some.map((box) => box.x + box.item.width));
  const y0 = Math.min(...some.map((box) => box.y)),
    y1 = Math.max(...some.map((box) => box.y + box.item.height));
  const needed = Math.min(k, Math.max(0.35, Math.min(w / (x1 - x0 + 40), h / (y1 - y0 + 40))));
  const isVisible = x0 * k + goal.x >= 0 && x1 * k + goal.x <= w && y0 * k + goal.y >= 0 && y1 * k + goal.y <= h;
  if (!isVisible) look(w / 2 - ((x0 + x1) / 2) * needed, h / 2 - ((y0 + y1) / 2) * needed, needed, smooth);
}

// Center a box, large enough to read.
function visit(box) {
  const k = Math.max(goal.k, 0.8),
    {x, y, item} = box;
  look(svg.clientWidth / 2 - (x + item.width / 2) * k, svg.clientHeight / 2 - (y + item.height / 2) * k, k, true);
}

function zoom(factor, x = svg.clientWidth / 2, y = svg.clientHeight / 2) {
  const k = Math.max(MIN_ZOOM, Math.min(MAX_ZOOM, goal.k * factor));
  look(x - ((x - goal.x) * k) / goal.k, y - ((y - goal.y) * k) / goal.k, k);
}

function pan(event) {
  const {x, y, k} = camera;
  const move = (e) => look(x + e.clientX - event.clientX, y + e.clientY - event.clientY, k);
  const stop = () => {
    (removeEventListener("pointermove", move), removeEventListener("pointerup", stop), svg.classList.remove("drag"));
  };
  svg.classList.add("drag");
  (addEventListener("pointermove", move), addEventListener("pointerup", stop));
}
