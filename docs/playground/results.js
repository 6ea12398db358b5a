// Show the results of a program. Pictures and tables are placed in shadow trees, so that their styles and ids stay apart.

const TABLES = `
:host { display: block; overflow-x: auto; }
table { border-collapse: collapse; } th, td { padding: 2px 10px; text-align: left; overflow-wrap: normal; border-bottom: 1px solid var(--pst-color-border, #999); }
tr[style] td { color: inherit; } pre { white-space: pre-wrap; } svg { max-width: 100%; height: auto; display: block; }`;
const themed = []; // functions that adapt a result to the theme of the page

export const isDark = () =>
  (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";

new MutationObserver(() => themed.forEach((adapt) => adapt()))
  .observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

/** Append a result to the output. `goTo` moves to a line of the program. */
export function showResult(output, result, base, goTo) {
  if (!output.childElementCount) themed.length = 0;
  const last = output.lastElementChild;
  if (result.kind === "text" && last?.className === "pg-text") {
    last.append(result.text);
    return;
  }
  output.append((show[result.kind] ?? show.text)(result, base, goTo));
}

const show = {
  text: ({ text }) => element("pre", "pg-text", text),
  note: ({ text }) => element("p", "pg-note", text),
  warning: (result, base, goTo) => problem(result, goTo),
  error: (result, base, goTo) => problem(result, goTo),
  html: ({ text }) => fragment(text),
  svg: ({ text }) => fragment(text.slice(text.indexOf("<svg"))),
  latex: ({ text }, base) => formula(text, base),
  page: ({ text }) => page(text),
};

function element(name, className, ...children) {
  const node = document.createElement(name);
  node.className = className;
  node.append(...children);
  return node;
}

/** An error or a warning: the line, its text, the calls that led to it, and the message. */
function problem({ kind, text, line, source, calls = [] }, goTo) {
  const node = element("div", `pg-${kind}`);
  if (line) {
    const button = element("button", "pg-line", `Line ${line}`);
    button.type = "button";
    button.title = "Move to this line";
    button.onclick = () => goTo(line);
    node.append(element("div", "pg-where", button, source ? element("code", "", source.trim()) : ""));
  }
  if (calls.length) node.append(element("div", "pg-calls", `called from ${calls.toReversed().join(", from ")}`));
  node.append(element("pre", "", text));
  return node;
}

/** A picture or a table, without anything that could run. */
function fragment(text) {
  const node = element("div", "pg-fragment");
  const parsed = new DOMParser().parseFromString(text, "text/html");
  for (const item of parsed.querySelectorAll("script, iframe, object, embed, link, meta, base, form")) item.remove();
  for (const item of parsed.querySelectorAll("*")) {
    for (const { name, value } of [...item.attributes]) {
      if (name.startsWith("on") || /^\s*(javascript|data|https?|\/\/):?/i.test(value) && /^(xlink:)?(href|src)$/.test(name)) item.removeAttribute(name);
    }
  }
  const root = node.attachShadow({ mode: "open" });
  root.append(element("style", "", TABLES), ...parsed.head.children, ...parsed.body.childNodes);
  for (const svg of root.querySelectorAll("svg:not([aria-label], [aria-labelledby], :has(> title))")) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", "Computation graph. “Explain” says the same in words.");
  }
  node.tabIndex = 0; // it scrolls
  node.role = "group";
  node.ariaLabel = root.querySelector("svg") ? "Picture" : "Table";
  // Pictures are dark if the system is. Here, they follow the theme of the page. A style has rules once it is in the page.
  let rules;
  const adapt = () => {
    rules ??= [...root.styleSheets].flatMap((sheet) => [...sheet.cssRules])
      .filter((rule) => rule.media?.mediaText.replaceAll(" ", "") === "(prefers-color-scheme:dark)");
    for (const rule of rules) rule.media.mediaText = isDark() ? "all" : "not all";
  };
  queueMicrotask(adapt);
  themed.push(adapt);
  return node;
}

/** The page of `explore`, which brings scripts: it runs in a frame that cannot reach this page. */
function page(html) {
  const frame = element("iframe", "pg-page");
  frame.sandbox = "allow-scripts";
  frame.title = html.match(/<title>([^<]*)/)?.[1] ?? "Page";
  const adapt = () => { frame.srcdoc = html.replaceAll("(prefers-color-scheme: dark)", isDark() ? "all" : "not all"); };
  adapt();
  themed.push(adapt);
  return frame;
}

/** A formula. KaTeX is loaded with the first one. Without its style sheet, the browser draws MathML. */
function formula(text, base) {
  const node = element("div", "pg-formula", text);
  node.tabIndex = 0; // it scrolls
  node.role = "group";
  node.ariaLabel = "Formula";
  const output = document.querySelector('link[href*="katex"]') ? "htmlAndMathml" : "mathml";
  import(new URL("katex.mjs", base).href).then(({ default: katex }) => {
    katex.render(text.replace(/^\$+\\displaystyle|^\$+|\$+$/g, ""), node, { displayMode: true, throwOnError: false, output });
  });
  return node;
}
