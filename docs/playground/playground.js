// The page of the playground: sends the program to the worker, and shows the results that come back. See runner.py for their kinds.
import { makeEditor } from "./editor.js";
import { showResult } from "./results.js";
import examples from "playground-examples"; // [[title, program], ...]: build.py reads the folder examples

const base = new URL(".", document.currentScript.src);
const $ = (name) => document.getElementById(`pg-${name}`);
const views = ["output", "draw", "steps", "explain", "check"];
const output = $("results");
let worker = null;
let ready = false;
let running = false; // a program runs
let waiting = null; // the view to show as soon as Python is ready
let error = null; // the message about an error of the last run
const editor = makeEditor($("editor"), () => run("output"));

function say(text) {
  $("state").textContent = text;
}

/** Start Python in a new worker. The previous worker ends at once. */
function start(message) {
  worker?.terminate();
  ready = running = false;
  say(message);
  buttons();
  if (location.protocol === "file:") {
    say("Python cannot run in a page that was opened as a file. Run “make docs-serve”, or “python -m http.server” in the folder of the site, and open the address that it prints.");
    return;
  }
  worker = new Worker(new URL("worker.js", base), { type: "module" });
  worker.onerror = (event) => say(`Python could not be loaded: ${event.message ?? "the worker did not start"}`);
  worker.onmessage = ({ data }) => receive[data.kind](data);
}

const receive = {
  ready({ version }) {
    ready = true;
    say(`Python ${version} is ready.`);
    buttons();
    if (waiting) run(waiting);
  },
  failed({ text }) {
    say(`Python could not be loaded: ${text}`);
  },
  result({ result }) {
    const line = result.line;
    showResult(output, result, base, (number) => editor.goTo(number));
    if (result.kind === "error") {
      error = `${line ? `Error in line ${line}` : "Error"}: ${result.text.match(/^\w+/)?.[0] ?? ""}. The output shows the message.`;
      if (line) { editor.mark(line); editor.reveal(line); }
    }
  },
  done({ ms }) {
    running = false;
    buttons();
    const time = ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString("en");
    say(error ?? `Finished in ${time} ms${output.childElementCount ? "." : ", without output."}`);
  },
};

/** Run the program, and show a view of it. While Python starts, this is done later. */
function run(view) {
  if (running) return;
  if (!ready) {
    waiting = view;
    say("Loading Python. The program runs as soon as it is ready.");
    return;
  }
  waiting = null;
  running = true;
  error = null;
  editor.mark(0);
  output.replaceChildren();
  history.replaceState(null, "", `#${codeFragment()}`);
  say("Running…");
  buttons();
  for (const name of views) $(name).setAttribute("aria-pressed", String(name === view));
  worker.postMessage({ code: editor.text, view });
}

/** Buttons that do nothing now stay focusable, so that a keyboard user does not lose the place. */
function buttons() {
  for (const name of views) $(name).setAttribute("aria-disabled", String(running));
  $("stop").setAttribute("aria-disabled", String(!running));
  output.setAttribute("aria-busy", String(running));
}

// ---- the link that carries the program: #code=, UTF-8 in base64 with the letters of URLs. tryit.js writes the same ----

function codeFragment() {
  const bytes = new TextEncoder().encode(editor.text);
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return `code=${letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

function codeFromLink() {
  const letters = location.hash.match(/^#code=([\w-]*)$/)?.[1];
  if (letters === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return "# The link is damaged: its program could not be read.\n";
  }
}

async function copyLink() {
  history.replaceState(null, "", `#${codeFragment()}`);
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link was copied. It opens the playground with this program.");
  } catch {
    say("The address of this page now contains the program. Copy it from the address bar.");
  }
}

function load(text) {
  editor.text = text;
  const cell = text.split("\n").findLastIndex((line) => line.startsWith("# %%"));
  if (cell > 0) editor.reveal(cell + 1, true);
  run("output");
}

// ---- start ----

for (const view of views) $(view).onclick = () => run(view);
$("link").onclick = copyLink;
$("stop").onclick = () => {
  if (!running) return;
  showResult(output, { kind: "note", text: "Stopped." }, base);
  waiting = null;
  start("The program was stopped. Python restarts…");
};
examples.forEach(([title], i) => $("example").append(new Option(title, String(i))));
$("example").onchange = (event) => {
  const [, text] = examples[event.target.value] ?? [];
  if (text) {
    if (running) start("Python restarts…");
    load(text);
  }
};
addEventListener("hashchange", () => {
  const text = codeFromLink();
  if (text !== null && text !== editor.text) {
    if (running) start("Python restarts…");
    load(text);
  }
});
start("Loading Python…");
if (worker) load(codeFromLink() ?? examples[0][1]);
else editor.text = codeFromLink() ?? examples[0][1];
