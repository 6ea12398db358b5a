// A link "Try it" below each block of Python: it opens the playground with the code, and with the earlier blocks of the page.
(() => {
  const PYTHON = /(^|\s)(doctest )?highlight-(i?python3?|pycon3?|doctest)(\s|$)/i;
  const PROMPT = /^(>>>|\.\.\.)( |$)/;

  /** The statements of a session with prompts. Those that end in an error are marked: later blocks must not repeat them. */
  function statements(text) {
    const parts = [];
    for (const line of text.split("\n")) {
      if (line.startsWith(">>>")) parts.push({ code: line.slice(4), fails: false });
      else if (PROMPT.test(line)) parts.at(-1).code += `\n${line.slice(4)}`;
      else if (line.startsWith("Traceback (most recent call last)") && parts.length) parts.at(-1).fails = true;
    }
    return parts;
  }

  /** The code of a block, and the part of it that later blocks build on. */
  function read(block) {
    const text = block.querySelector("pre").textContent;
    if (/^>>> /m.test(text)) {
      const parts = statements(text);
      const join = (some) => some.map(({ code }) => code).join("\n");
      return { code: join(parts), kept: join(parts.filter(({ fails }) => !fails)) };
    }
    return { code: text.trimEnd(), kept: block.closest(".tag_raises-exception") ? "" : text.trimEnd() };
  }

  function link(code) {
    const bytes = new TextEncoder().encode(code);
    const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    const root = document.documentElement.dataset.content_root ?? "./";
    return `${root}playground/index.html#code=${letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
  }

  function addLinks() {
    const earlier = new Map(); // the cells before, by the part of the page that they belong to
    for (const block of document.querySelectorAll("div[class*=highlight-]")) {
      if (!PYTHON.test(block.className) && !/^>>> /.test(block.textContent.trimStart())) continue;
      if (!block.querySelector("pre") || block.closest(".cell_output")) continue;
      const { code, kept } = read(block);
      const part = block.closest("dl.py > dd") ?? document; // each docstring is a separate session
      const cells = earlier.get(part) ?? "";
      const a = document.createElement("a");
      a.className = "try-it";
      a.textContent = "Try it";
      a.title = "Open this code in the playground";
      a.href = link(cells ? `${cells}# %% this block\n${code}\n` : `${code}\n`);
      (block.closest(".cell_input") ?? block).after(a);
      earlier.set(part, kept ? `${cells}${cells ? "# %%\n" : "# %% earlier blocks of the page\n"}${kept}\n\n` : cells);
    }
  }

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", addLinks);
  else addLinks();
})();
