// Run a program in Pyodide, and write the bytecode of the modules that it imported to a folder.
//
//     node bytecode.mjs PYODIDE PACKAGES PROGRAM FOLDER
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [pyodide, packages, program, folder] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodide, "pyodide.mjs")));
// Positions within a line, which only mark a part of a line in an error, would be a quarter of the bytecode.
const env = { HOME: "/home/pyodide", PYTHONNODEBUGRANGES: "1" };
const python = await loadPyodide({ indexURL: pyodide, env });
python.unpackArchive(new Uint8Array(readFileSync(packages)), "zip", { extractDir: "/packages" });
python.runPython("import sys; sys.path.insert(0, '/packages'); from playground import runner");
python.runPython("runner.run")(readFileSync(program, "utf8"), "output", (text) => {
  if (JSON.parse(text).kind === "error") throw new Error(text);
});
const roots = python.runPython("['/packages', *(path for path in sys.path if path.endswith('.zip'))]");
python.globals.set("roots", roots);
const compiled = python.runPython("from playground import bytecode; list(bytecode.compile_imported(tuple(roots)).items())");
for (const [path, content] of compiled.toJs()) {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}
