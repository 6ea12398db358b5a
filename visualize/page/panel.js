// The panel: all about one box. It lists the paths from the result to the node, and the graph shows them.

const panel = $("panel");
let panelBox = null;
let chosenPath = null; // node indices of the path that is highlighted

const KIND_NAMES = {
  op: "operation",
  output: "result",
  group: "folded group",
  input: "input",
  parameter: "parameter",
  target: "target",
};
const row = (head, cell) => `<tr><th scope="row">${head}</th><td>${cell}</td></tr>`;

function openPanel(box) {
  const isNew = panelBox?.key !== box.key || panel.hidden,
    wasHidden = panel.hidden,
    place = panel.scrollTop;
  panelBox = box;
  const kind = KIND_NAMES[box.kind] + (box.node?.plain ? ", a plain number: it has no gradient" : "");
  panel.innerHTML =
    `<button class="close" aria-label="close the panel">×</button><h2>${nameHtml(box.name)}</h2><p class="kind">${kind}</p>` +
    (hostOf[GRAPH.different] === box ? "<p>The first difference between the two graphs is here.</p>" : "") +
    (box.node ? nodeDetails(box.node) : groupDetails(box));
  panel.hidden = false;
  if (isNew && !box.node) chosenPath = null;
  highlight(box);
  if (wasHidden) fit(true);
  else if (!isNew) panel.scrollTop = place;
}

function nodeDetails(n) {
  const shown = n.plain ? "" : row(derivative(RESULT, n.name), `<code>${repr(gradient[n.i])}</code>`);
  let html = `<table>${row("value", `<code>${repr(value[n.i])}</code>`)}${shown}</table>`;
  const origin = originOf(n);
  if (origin) html += `<p>${capital(beganAt(origin))}.</p>`;
  html += n.op ? operationDetails(n) : `<p><button data-change="${n.i}">change the value</button></p>`;
  return html + (n.plain ? "" : pathDetails(n));
}

function operationDetails(n) {
  let html = `<h3>Computed as</h3><p class="math" tabindex="0">${nameHtml(n.name)} = ${formula(n, nodeName)}<br>&emsp;= ${formula(n, nodeValue)}</p>`;
  const locals = n.operands
    .map((o, p) => (partials[n.i][p] === null ? "" : row(derivative(n.name, nodes[o].name), short(partials[n.i][p], 6))))
    .filter(Boolean);
  if (locals.length) html += `<h3>Local derivatives</h3><table>${locals.slice(0, 12).join("")}</table>`;
  if (ROWS[n.op]?.blocks && partials[n.i].includes(null))
    html += `<p class="rule">No gradient passes to an operand that ${escapeHtml(signOf(n))} does not select.</p>`;
  const rules = ruleOf(n).map(([name, text]) => `<code>${name} = ${escapeHtml(text)}</code>`);
  if (rules.length) html += `<h3>Rule in the table</h3><p class="rule">${rules.join("")}</p>`;
  if (n.saved) html += "<p>A custom operation: this page keeps the numbers that Python computed, also after an edit.</p>";
  const constants = [...new Set(n.operands)]
    .map((o) => nodes[o])
    .filter((o) => o.kind === "constant")
    .slice(0, FEW);
  if (constants.length) html += `<h3>Constants</h3>${constants.map(constantDetails).join("")}`;
  return html;
}

function constantDetails(n) {
  const copy = copies.find(([constant]) => constant === n);
  const origin = copy ? ` It is equal to ${nameHtml(copy[1].name)} as recorded, and does not follow an edit.` : "";
  return `<p>${short(value[n.i])}, a plain number: it has no gradient.${origin} <button data-change="${n.i}">change</button></p>`;
}

function pathDetails(n) {
  if (!reached[n.i])
    return `<p>No gradient reaches it: ${nameHtml(RESULT)} depends on it only through operations that pass no gradient, such as relu of a negative number.</p>`;
  const {count, paths} = pathsTo(n.i),
    most = Math.max(...paths.map((path) => Math.abs(path.product)), 1e-300);
  const rest = gradient[n.i] - paths.reduce((sum, path) => sum + path.product, 0);
  if (!chosenPath || chosenPath.at(-1) !== n.i) chosenPath = paths[0]?.nodes ?? null;
  const number = (x) => (x < 1e15 ? plural(x, "path") : `about ${short(x)} paths`);
  const items = paths.map((path) => {
    const way =
      path.nodes.length > 14
        ? [...path.nodes.slice(0, 6).map(pathName), "…", ...path.nodes.slice(-6).map(pathName)]
        : path.nodes.map(pathName);
    const factors = path.factors.filter((d) => d !== 1).map(inProduct),
      product = [...factors.slice(0, 10), ...(factors.length > 10 ? ["…"] : [])].join(" · ") || "1";
    const share = Math.max(2, (100 * Math.abs(path.product)) / most) || 2;
    const isChosen = String(path.nodes) === String(chosenPath);
    return (
      `<li><button class="path" aria-pressed="${isChosen}" data-path="${path.nodes}"><span class="way">${way.join(" ← ")}</span>` +
      `<span>${product} = <b>${short(path.product)}</b></span>` +
      `<span class="meter ${path.product < 0 ? "minus" : "plus"}" style="width:${share}%"></span></button></li>`
    );
  });
  const others =
    count > paths.length
      ? `and ${count < 1e15 ? plural(count - paths.length, "more path") : "more"}, together ${short(rest)}<br>`
      : "";
  return (
    `<h3>${number(count)} from ${nameHtml(RESULT)}</h3><ol class="paths">${items.join("")}</ol>` +
    `<p class="sum">${others}The sum over all paths is the gradient: <b>${short(gradient[n.i])}</b></p>`
  );
}
const pathName = (i) => nameHtml(nodes[i].name);

function groupDetails(box) {
  const list = box.members.filter((n) => n.kind !== "constant" && (!n.op || box.exits.includes(n)));
  list.sort((a, b) => Boolean(b.op) - Boolean(a.op) || a.name.localeCompare(b.name, "en", {numeric: true}));
  const shown = list.slice(0, 40);
  const lines = shown.map(
    (n) =>
      `<tr><th scope="row">${nameHtml(n.name)}</th><td>${short(value[n.i])}</td><td>${n.plain ? "" : short(gradient[n.i])}</td></tr>`,
  );
  const norm = Math.hypot(...box.members.filter((n) => !n.op && !n.plain).map((n) => gradient[n.i]));
  return (
    `<p><button data-unfold>unfold</button></p><p>${plural(box.members.length, "node")}${norm ? `, gradient norm of its leaves ${short(norm)}` : ""}</p>` +
    `<table class="list"><tr><th scope="col">name</th><th scope="col">value</th><th scope="col">gradient</th></tr>${lines.join("")}</table>` +
    (list.length > shown.length ? `<p>and ${(list.length - shown.length).toLocaleString("en")} more</p>` : "")
  );
}

function closePanel() {
  if (panel.hidden) return;
  panel.hidden = true;
  chosenPath = null;
  (fit(true), highlight(null));
  hostBox(panelBox)?.el?.focus();
}
const hostBox = (box) => boxes.find((other) => other.key === box?.key);

panel.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches(".close")) closePanel();
  else if (button.dataset.change) typeNumber(nodes[button.dataset.change]);
  else if (button.dataset.path) choosePath(button);
  else if ("unfold" in button.dataset) {
    const box = hostBox(panelBox);
    closePanel();
    if (box) unfold(box);
  }
});

function choosePath(button) {
  chosenPath = button.dataset.path.split(",").map(Number);
  for (const other of panel.querySelectorAll(".path")) other.setAttribute("aria-pressed", other === button);
  highlight(hostBox(panelBox));
}

// ---- highlighted paths and the tooltip ---------------------------------------------------------------------------------

// Highlight all paths from a box to the result, and most of all the chosen one. Without a box, remove the highlight.
function highlight(box) {
  for (const el of svg.querySelectorAll(".lit, .best")) el.classList.remove("lit", "best");
  hintLayer.replaceChildren();
  svg.classList.toggle("dim", Boolean(box?.outs.length));
  if (!box) return;
  const waiting = [box],
    met = new Set(waiting);
  while (waiting.length) {
    const one = waiting.pop();
    one.el?.classList.add("lit");
    for (const port of one.outs) {
      port.el?.classList.add("lit");
      if (!met.has(port.to)) (met.add(port.to), waiting.push(port.to));
    }
  }
  const onPath = new Set(chosenPath?.slice(0, -1).map((i, k) => `${i},${chosenPath[k + 1]}`));
  if (!panel.hidden && onPath.size)
    for (const {ports} of boxes)
      for (const port of ports) {
        if (port.el && port.uses.some(([n, p]) => onPath.has(`${n.i},${n.operands[p]}`)))
          (port.el.classList.add("best"), edgeLayer.append(port.el));
      }
  if (!showsLocal) showLocal(box);
}

// The local derivatives at a box, where there is no room to show all of them always.
function showLocal(box) {
  for (const port of [...box.ports, ...box.outs]) {
    if (!port.from || port.uses.length !== 1) continue;
    const [n, p] = port.uses[0],
      [x, y] = port.route.at(-1);
    if (partials[n.i][p] !== null) hintLayer.append(textElement("local", x - 8, y - 4, `×${short(partials[n.i][p], 3)}`));
  }
}

const tip = $("tip");
let tipTimer = 0;
function showTip(box) {
  clearTimeout(tipTimer);
  tip.hidden = true;
  if (!box?.node?.op) return;
  tipTimer = setTimeout(() => {
    const r = box.el?.getBoundingClientRect(),
      stage = svg.getBoundingClientRect();
    if (!r) return;
    const rules = ruleOf(box.node).map(
      ([name, text]) => `<code>${name} = ${escapeHtml(text.length > 90 ? text.slice(0, 88) + "…" : text)}</code>`,
    );
    tip.innerHTML = `<span class="math">${nameHtml(box.name)} = ${formula(box.node, nodeName)}</span>${rules.join("")}`;
    tip.hidden = false;
    tip.style.left = `${Math.max(4, Math.min(r.left - stage.left, stage.width - tip.offsetWidth - 4))}px`;
    const below = r.bottom - stage.top + 8;
    tip.style.top = `${below + tip.offsetHeight < stage.height ? below : Math.max(4, r.top - stage.top - tip.offsetHeight - 8)}px`;
  }, 350);
}
