// Python in a worker, so that the page stays responsive, and Stop can end any program.
import { loadPyodide } from "./pyodide/pyodide.mjs";

async function start() {
  const packages = fetch("packages.zip").then((response) => {
    if (!response.ok) throw new Error(`packages.zip: ${response.status}`);
    return response.arrayBuffer();
  });
  const python = await loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href });
  python.unpackArchive(await packages, "zip", { extractDir: "/packages" });
  python.runPython("import sys; sys.path.insert(0, '/packages'); from playground import runner");
  postMessage({ kind: "ready", version: python.runPython("sys.version.partition(' ')[0]") });
  return python.runPython("runner.run");
}

const started = start();
started.catch((error) => postMessage({ kind: "failed", text: String(error) }));

onmessage = async ({ data: { code, view } }) => {
  const run = await started;
  const begin = performance.now();
  run(code, view, (text) => postMessage({ kind: "result", result: JSON.parse(text) }));
  postMessage({ kind: "done", ms: performance.now() - begin });
};
