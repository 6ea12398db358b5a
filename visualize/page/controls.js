// Buttons, keys, pointer and legend; the last file, which also starts the page.

let playing = null;

function play(on = !playing) {
  clearTimeout(playing);
  playing = null;
  if (on && at === lastStep) show(0);
  const tick = () => {
    if (at >= lastStep) return play(false);
    go(at + 1);
    playing = setTimeout(tick, Number($("speed").value));
  };
  if (on) tick();
  document.body.classList.toggle("playing", Boolean(playing));
  document.querySelector("[data-do=play]").setAttribute("aria-label", playing ? "pause" : "play");
}
function go(k) {
  changed = null;
  show(k);
}
const halt = (k) => {
  (play(false), go(k));
};

const actions = {
  home: () => halt(0),
  end: () => halt(lastStep),
  back: () => halt(at - 1),
  next: () => halt(at + 1),
  play: () => play(),
  in: () => zoom(1.3),
  out: () => zoom(1 / 1.3),
  fit: () => fit(true, true),
  fold: foldAsAtFirst,
  descend,
  reset,
};
document.addEventListener("click", (event) => actions[event.target.closest("[data-do]")?.dataset.do]?.());
$("at").addEventListener("input", (event) => halt(Number(event.target.value)));

function boxOf(event) {
  const key = event.target.closest?.(".box")?.dataset.key;
  if (key) return boxes.find((box) => box.key === key);
  return usesCanvas() && "clientX" in event ? boxAtPoint(event.clientX, event.clientY) : null;
}

addEventListener("keydown", (event) => {
  if (event.target.matches("select, input:not(#at)") || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = boxOf(event),
    leaf = box?.node && !box.node.op ? box.node : null,
    head = event.target.closest?.("[data-group]");
  const keys = {
    ArrowRight: actions.next,
    ArrowLeft: actions.back,
    Home: actions.home,
    End: actions.end,
    Escape: closePanel,
    "/": () => query.focus(),
    "+": actions.in,
    "-": actions.out,
    0: actions.fit,
  };
  if (box)
    Object.assign(keys, {
      Enter: () => (leaf ? typeNumber(leaf) : box.node ? openPanel(box) : unfold(box)),
      i: () => openPanel(box),
    });
  if (leaf) Object.assign(keys, {ArrowUp: () => nudge(leaf, 1), ArrowDown: () => nudge(leaf, -1)});
  if (head) keys.Enter = () => foldGroup(Number(head.dataset.group));
  if (event.key === " " && !event.target.matches("button")) keys[" "] = actions.play;
  if (event.key === "Enter" && event.target.matches("button")) return;
  if (keys[event.key]) (event.preventDefault(), keys[event.key]());
});

// A click and a drag begin alike: the number under the pointer is dragged, otherwise the graph.
svg.addEventListener("pointerdown", (event) => {
  const number = event.target.closest("[data-node]");
  if (number) return (event.preventDefault(), scrub(event, nodes[number.dataset.node]));
  if (!event.target.closest(".box, .head")) pan(event);
});
let pressed = [0, 0];
addEventListener(
  "pointerdown",
  (event) => {
    pressed = [event.clientX, event.clientY];
  },
  {capture: true},
);
svg.addEventListener("click", (event) => {
  if (Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 4) return; // the end of a drag
  const head = event.target.closest(".head"),
    box = boxOf(event);
  if (head) foldGroup(Number(head.dataset.group));
  else if (!box) closePanel();
  else if (event.target.closest(".fold")) unfold(box);
  else if (!event.target.closest("[data-node]")) {
    if (!box.el) visit(box);
    openPanel(box);
  }
});
svg.addEventListener("dblclick", (event) => {
  const box = boxOf(event);
  if (box && !box.node) unfold(box);
});
svg.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const r = svg.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 500), event.clientX - r.left, event.clientY - r.top);
  },
  {passive: false},
);
for (const type of ["pointerover", "focusin"])
  svg.addEventListener(type, (event) => {
    const box = event.target.closest?.(".box") ? boxOf(event) : null;
    showTip(box);
    if (panel.hidden) highlight(box);
    if (box && type === "focusin" && event.target.matches(":focus-visible")) follow([box]);
  });
for (const type of ["pointerleave", "focusout"])
  svg.addEventListener(type, () => {
    showTip(null);
    if (panel.hidden) highlight(null);
  });

// The layout depends on the width. A frame, such as in a notebook, may get its width only after the page was built, and not
// every such change is an event of the window. The height of <main> does not count: it changes with the length of a sentence.
let resized = 0,
  sizeAtFit = "";
const main = document.querySelector("main"),
  sizeOfPage = () => `${main.clientWidth} ${document.documentElement.clientHeight}`;
const sizes = new ResizeObserver(() => {
  if (sizeAtFit === sizeOfPage()) return;
  sizeAtFit = sizeOfPage();
  fit(false);
  clearTimeout(resized);
  resized = setTimeout(() => {
    if (placedFor !== svg.clientWidth && !usesCanvas()) rebuild();
    showDifference();
  }, 120);
});
for (const element of [main, document.documentElement]) sizes.observe(element);

function showDifference() {
  const different = hostOf[GRAPH.different];
  if (different) follow([different], false);
}
addEventListener("beforeprint", () => {
  (go(lastStep), fit(false, true));
});

// ---- legend and start ------------------------------------------------------------------------------------------------

function makeLegend() {
  const entries = {
    input: "input",
    plain: "plain number",
    parameter: "parameter",
    target: "target",
    op: "operation",
    output: "result",
    group: "folded, + unfolds",
  };
  const present = new Set(
    nodes.filter((n) => n.kind !== "constant").map((n) => (n.kind === "input" && n.plain ? "plain" : n.kind)),
  );
  present.add("output");
  if (groups.length) present.add("group");
  const icon = (kind) => {
    const shape = kind === "plain" ? "input" : kind;
    const view = `width="26" height="18" viewBox="-1 -1 ${kind === "target" ? 44 : 36} 26"`;
    return `<svg aria-hidden="true" ${view} class="box ${shape} ${kind}"><path class="frame" d="${outline(shape, 34, 24)}"/></svg>`;
  };
  const bars =
    '<svg aria-hidden="true" width="40" height="12" viewBox="0 0 40 12"><rect class="bar minus" x="4" y="4" width="16" height="4"/>' +
    '<path class="zero" d="M20,1v10"/><rect class="bar plus" x="20" y="4" width="16" height="4"/></svg>';
  $("legend").innerHTML =
    Object.keys(entries)
      .filter((kind) => present.has(kind))
      .map((kind) => `<li>${icon(kind)}${entries[kind]}</li>`)
      .join("") + `<li><b class="local">×2</b>local derivative</li><li>${bars}gradient − / +, log scale</li>`;
}

function start() {
  compute();
  scale = largestGradient();
  copies = findCopies();
  makeLegend();
  const count = nodes.reduce((sum, n) => sum + n.operands.filter((_, p) => passes(n, p)).length, 0);
  const stale = GRAPH.stale
    ? `${plural(GRAPH.stale, "recorded value")} differed: a leaf changed after the graph was recorded`
    : "";
  $("about").textContent = [
    plural(nodes.filter((n) => n.kind !== "constant").length, "node"),
    plural(count, "contribution"),
    stale,
  ]
    .filter(Boolean)
    .join(", ");
  rebuild();
  sizeAtFit = sizeOfPage();
  showDifference();
}

start();
