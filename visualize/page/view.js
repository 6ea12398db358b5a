// The view: builds boxes, layout and elements after a fold, and shows one step. Up to MAX_ELEMENTS boxes, all of them are SVG
// elements. Above, only the boxes on the screen are, if they are few; canvas.js draws the edges, and all boxes from afar.

const MAX_ELEMENTS = 600,
  MAX_NEAR = 160;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let at = 0; // the current step
let scale = 1; // the size of the largest gradient
let changed = null; // the text about an edit, which replaces the text of the step
let size = {width: 1, height: 1}; // of the whole layout
let placedFor = 0; // the width of the screen for which the boxes were placed
let elementOf = new Map(); // the element of each box that has one, by key

const usesCanvas = () => boxes.length > MAX_ELEMENTS;

// Build the view again, at the start or after a fold. `origin` is the key of the box from which new boxes appear.
function rebuild(origin = null) {
  const kind = steps[at]?.kind,
    wasLast = kind === "done",
    before = new Map(boxes.map((box) => [box.key, box]));
  const from = before.get(origin);
  makeBoxes();
  showsLocal = boxes.length <= 90;
  makeSteps();
  boxWidth = Math.max(boxWidth, widestText());
  placeBoxes();
  (frameLayer.replaceChildren(), edgeLayer.replaceChildren(), sparkLayer.replaceChildren(), hintLayer.replaceChildren());
  elementOf.forEach((el) => el.remove());
  elementOf = new Map();
  if (!usesCanvas()) showElements(boxes);
  if (!usesCanvas() && !calm.matches && boxes.length < 400)
    for (const box of boxes) {
      const start = before.get(box.key) ?? from;
      if (start)
        box.el.animate(
          [
            {transform: `translate(${start.x}px,${start.y}px)`, opacity: before.has(box.key) ? 1 : 0},
            {transform: `translate(${box.x}px,${box.y}px)`, opacity: 1},
          ],
          {duration: 450, easing: "ease-in-out"},
        );
    }
  edgeLayer.classList.toggle("fade", before.size > 0);
  $("at").max = lastStep;
  $("at").parentNode.style.setProperty("--seed", seedStep / lastStep);
  $("unfolded").hidden = groups.length === 0 || groups.every((group) => folded.has(group.id) === !group.isOpen);
  // Stay at the same moment, as far as the new steps have it.
  at = wasLast
    ? lastStep
    : kind === "forward"
      ? Math.min(at, seedStep - 1)
      : kind === undefined || kind === "start"
        ? 0
        : Math.min(Math.max(at, seedStep), lastStep);
  fit(before.size > 0 && !calm.matches);
  show(at, true);
}

function placeBoxes() {
  const items = boxes.map((box) => {
    const item = sizeOf(box);
    box.ports.forEach((port, k) => {
      if (port.from) item.inputs.push([port.from.rank, arrives(box, k, item.height)]);
    });
    return item;
  });
  placedFor = svg.clientWidth;
  const layout = place(items, {width: placedFor - 48, height: svg.clientHeight - 100});
  size = {width: layout.width, height: layout.height, frames: layout.frames};
  boxes.forEach((box, i) => {
    Object.assign(box, {item: items[i], x: layout.x[i], y: layout.y[i], el: null});
    box.ports
      .filter((port) => port.from)
      .forEach((port, k) => {
        port.route = layout.routes[i][k];
        port.el = null;
      });
  });
}

// Give these boxes an element each, in the order of the screen, in which Tab moves. Remove all other elements.
function showElements(some) {
  const keep = new Set(some.map((box) => box.key));
  for (const [key, el] of elementOf) if (!keep.has(key)) (el.remove(), elementOf.delete(key));
  for (const box of boxes) if (!keep.has(box.key)) box.el = null;
  for (const box of [...some].sort((a, b) => a.x - b.x || a.y - b.y)) {
    if (!box.el) {
      box.el = element("g", {
        tabindex: 0,
        role: "button",
        "data-key": box.key,
        transform: `translate(${box.x.toFixed(1)},${box.y.toFixed(1)})`,
      });
      elementOf.set(box.key, box.el);
      drawBox(box);
      boxLayer.append(box.el);
      updateBox(box, at);
    }
    if (!usesCanvas()) for (const port of box.ports) if (port.from) drawEdge(port);
  }
  frameLayer.replaceChildren();
  for (const [group, columns] of size.frames) if (!usesCanvas() || isTitleOnScreen(columns[0])) drawFrame(group, columns);
}

function unfold(box) {
  folded.delete(box.group.id);
  rebuild(box.key);
  follow(boxes.filter((other) => other.path.includes(box.group.id)));
}
function foldGroup(id) {
  for (const group of groups) if (isWithin(group.id, id)) folded.add(group.id);
  rebuild("g" + id);
  follow(boxes.filter((box) => box.group?.id === id));
}
function isWithin(id, outer) {
  while (id >= 0 && id !== outer) id = groups[id].parent;
  return id === outer;
}
function foldAsAtFirst() {
  folded.clear();
  for (const group of groups) if (!group.isOpen) folded.add(group.id);
  rebuild();
}

// Unfold the groups that hide a node, and return its box.
function reveal(i) {
  for (let tries = 0; !hostOf[i]?.node && hostOf[i] && tries < 40; tries++) unfold(hostOf[i]);
  return hostOf[i];
}

// ---- a step --------------------------------------------------------------------------------------------------------

// Show step k. `everything` updates all boxes, otherwise only those that the step concerns.
function show(k, everything = false) {
  k = Math.max(0, Math.min(lastStep, k));
  const before = steps[at],
    step = steps[k];
  if (everything || Math.abs(k - at) > 1 || k === lastStep || at === lastStep) for (const box of boxes) updateBox(box, k);
  else
    for (const {box, port} of [before, step]) {
      if (box) updateBox(box, k);
      if (port) updateBox(port.from, k);
    }
  at = k;
  mark(step);
  document.body.dataset.phase = step.kind === "start" || step.kind === "forward" ? "forward" : "backward";
  const [rule, words] = changed ?? explainStep(step, k);
  $("rule").innerHTML = rule;
  $("words").innerHTML = words;
  announce($("words").textContent);
  $("at").value = k;
  $("count").textContent = `${k} / ${lastStep}`;
  $("at").setAttribute("aria-valuetext", `step ${k} of ${lastStep}: ${$("words").textContent}`);
  paintSoon();
  if (step.box && !everything) follow(step.port ? [step.box, step.port.from] : [step.box]);
}

// Mark the boxes and edges at work, and let a spark run along each edge: backward with the gradient.
function mark(step) {
  for (const marked of svg.querySelectorAll(".now, .to")) marked.classList.remove("now", "to");
  sparkLayer.replaceChildren();
  step.box?.el?.classList.add("now");
  step.port?.from.el?.classList.add("to");
  for (const box of [step.box, step.port?.from])
    if (box && !box.el) {
      // on the canvas: a ring around it
      const w = box.item.width - box.item.stub;
      sparkLayer.append(
        element("path", {
          class: "ring",
          d: outline(box.leaf ?? box.kind, w, box.item.height),
          transform: `translate(${box.x + box.item.stub},${box.y})`,
        }),
      );
    }
  const active = step.kind === "forward" ? step.box.ports.filter((port) => port.from) : step.port ? [step.port] : [];
  for (const port of active.slice(0, 40)) {
    if (!port.el) (drawEdge(port), port.el.classList.add("passing"));
    port.el.classList.add("now");
    edgeLayer.append(port.el); // above all other edges
    if (!calm.matches) runSpark(port, step.kind === "backward");
  }
  for (const old of edgeLayer.querySelectorAll(".passing:not(.now)")) old.remove();
  if (usesCanvas()) for (const box of boxes) for (const port of box.ports) if (port.el && !port.el.isConnected) port.el = null;
}

function runSpark(port, isBackward) {
  const spark = element("circle", {r: isBackward ? 6 : 4, class: "spark", style: `offset-path:path("${port.line}")`});
  const way = [{offsetDistance: "0%"}, {offsetDistance: "100%"}],
    duration = Math.min(700, Number($("speed").value) * 0.7);
  sparkLayer.append(spark);
  spark.animate(isBackward ? way.reverse() : way, {duration, easing: "ease-in-out", fill: "forwards"}).onfinish = () =>
    spark.remove();
}

// Tell screen readers about the step, when nothing has changed for a while: not at each step of a fast play or a drag.
let waiting = 0;
function announce(text) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    $("live").textContent = text;
  }, 400);
}

// Show the numbers again after `compute`.
function refresh() {
  makeSteps();
  scale = largestGradient();
  if (!usesCanvas() && widestText() > boxWidth) return rebuild();
  show(Math.min(at, lastStep), true);
}
