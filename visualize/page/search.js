// Find a node by its name or its operation. Enter goes to the next match, and unfolds the groups that hide it.

const query = $("find"),
  foundCount = $("found");
let matches = [],
  current = -1;

function search() {
  const text = query.value.trim().toLowerCase();
  const rank = (n) => (n.name.toLowerCase() === text ? 0 : n.name.toLowerCase().startsWith(text) ? 1 : 2);
  const isMatch = (n) =>
    n.name.toLowerCase().includes(text) ||
    n.op.toLowerCase() === text ||
    (n.op && signOf(n).toLowerCase() === text) ||
    n.kind === text;
  matches = text ? nodes.filter((n) => n.kind !== "constant" && isMatch(n)).sort((a, b) => rank(a) - rank(b) || a.i - b.i) : [];
  current = -1;
  markMatches();
  foundCount.textContent = text ? `${matches.length} match${matches.length === 1 ? "" : "es"}` : "";
}

function markMatches() {
  const hosts = new Set(matches.map((n) => hostOf[n.i]));
  for (const box of boxes) box.el?.classList.toggle("match", hosts.has(box));
}

function goToMatch(way) {
  if (!matches.length) return;
  current = (current + way + matches.length) % matches.length;
  const n = matches[current],
    box = reveal(n.i);
  if (!box) return;
  openPanel(box);
  visit(box);
  markMatches();
  foundCount.textContent = `${current + 1} of ${matches.length}: ${n.name}`;
}

query.addEventListener("input", search);
query.addEventListener("keydown", (event) => {
  if (event.key === "Enter") (event.preventDefault(), goToMatch(event.shiftKey ? -1 : 1));
  if (event.key === "Escape") {
    query.value = "";
    search();
    boxLayer.firstElementChild?.focus();
  }
  event.stopPropagation();
});
