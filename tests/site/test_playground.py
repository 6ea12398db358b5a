"""The playground in Chromium, as a part of the built site: ``make docs`` builds it."""

from __future__ import annotations

import base64
import functools
import http.server
import re
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from javascript import axe_source
from playground import build

EXAMPLES = dict(build.read_examples())


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def files(site: Path) -> Path:
    """The folder of the playground."""
    folder = site / "_static" / "playground"
    if not folder.is_dir():
        pytest.skip("the site was built without the playground, because npm was missing")
    return folder


@pytest.fixture(scope="module")
def address(site: Path, files: Path) -> Iterator[str]:
    """The address of the site on a web server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Playground:
    """One page, which the tests share because Python takes seconds to start."""

    def __init__(self, browser: Any, address: str) -> None:
        self.address = address
        self.problems: list[str] = []
        self.page = browser.new_page(viewport={"width": 1400, "height": 900})
        self.page.set_default_timeout(60_000)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: self.console(message.type, message.text))
        self.page.on("request", lambda request: self.request(request.url))
        self.page.on("response", lambda response: self.problems.append(response.url) if response.status >= 400 else None)

    def console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "Failed to load resource" not in text:  # this message does not name the resource
            self.problems.append(text)

    def request(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"request to {url}")

    def open(self, code: str | None = None) -> None:
        """Open the page, with code in its address, and wait for the first result."""
        letters = "" if code is None else base64.urlsafe_b64encode(code.encode()).decode().rstrip("=")
        self.page.goto("about:blank")
        self.page.goto(f"{self.address}/playground/index.html" + (f"#code={letters}" if letters else ""))
        self.wait()

    def run(self, code: str, view: str = "output") -> str:
        """Type code, run it with a button, and return the text of the output."""
        self.type(code)
        self.page.click(f"#pg-{view}")
        self.wait()
        return self.output()

    def type(self, code: str) -> None:
        self.page.locator(".cm-content").fill(code)

    def wait(self) -> None:
        self.page.wait_for_function("/^(Finished|Error)/.test(document.getElementById('pg-state').textContent)")

    def state(self) -> str:
        return str(self.page.inner_text("#pg-state"))

    def output(self) -> str:
        """The text of the output, including pictures and tables, which are shadow trees."""
        script = (
            "[...document.getElementById('pg-results').children].map((item) => item.shadowRoot?.textContent ?? item.innerText)"
        )
        return "\n".join(self.page.evaluate(script))


@pytest.fixture(scope="module")
def opened(browser: Any, address: str) -> Playground:
    playground = Playground(browser, address)
    playground.open()
    assert playground.problems == []
    return playground


@pytest.fixture
def playground(opened: Playground) -> Iterator[Playground]:
    """The shared page. In the end, there was no error in the console, and no request to another host."""
    opened.problems.clear()
    yield opened
    assert opened.problems == []


def test_the_first_example_runs_when_the_page_opens(playground: Playground) -> None:
    assert playground.state().startswith("Finished in ")
    shown = re.search(r"dy/da = (\S+)", playground.output())
    assert shown is not None
    assert float(shown[1]) == pytest.approx(2.740076975157922, rel=1e-15)  # the C library of the browser has its own exp
    assert playground.page.locator("#pg-results svg[role=img]").count() == 1


def test_an_expression_is_enough_for_a_graph(playground: Playground) -> None:
    output = playground.run('(Value(2.0, label="x") * 3).tanh()')
    assert "Imported for you: from autograd import Value" in output
    assert "tanh" in playground.page.locator("#pg-results svg").first.text_content()


def test_the_views_draw_step_explain_and_check(playground: Playground) -> None:
    code = 'from autograd import Value\nx = Value(3.0, label="x")\ny = x * x + 2 * x\n'
    playground.run(code, "draw")
    assert playground.page.locator("#pg-results svg .node").count() >= 4
    assert playground.page.get_attribute("#pg-draw", "aria-pressed") == "true"
    playground.run(code, "steps")
    frame = playground.page.frame_locator("#pg-results iframe")
    assert "Backpropagation from y" in frame.locator("h1").inner_text()
    frame.locator(".box.input").first.focus()
    playground.page.keyboard.press("End")
    frame.locator(".box.input", has_text="8").first.wait_for()  # dy/dx = 2 * x + 2
    explained = playground.run(code, "explain")
    assert "dy/dx = 8.0, the sum over 3 paths" in explained
    playground.page.wait_for_selector("#pg-results .katex, #pg-results math")
    assert "gradcheck of y: 1 derivative, none wrong" in playground.run(code, "check")


def test_a_wrong_gradient_is_found(playground: Playground) -> None:
    output = playground.run(EXAMPLES["Check a gradient"])
    assert "1 WRONG" in output
    assert "the sign looks wrong" in output.lower()


def test_an_error_shows_and_marks_its_line(playground: Playground) -> None:
    output = playground.run(EXAMPLES["An error"])
    assert playground.state() == "Error in line 7: TypeError. The output shows the message."
    assert "before the error" in output
    assert "called from line 12, in the program" in output
    assert playground.page.inner_text(".pg-bad-line").strip() == "return math.pi * math.sqrt(radius)"
    playground.page.click("#pg-results .pg-line")
    assert playground.page.evaluate("document.activeElement.className").startswith("cm-content")
    playground.run("x = (")
    assert playground.state() == "Error in line 1: SyntaxError. The output shows the message."
    playground.run("1")
    assert playground.page.locator(".pg-bad-line").count() == 0


@pytest.mark.parametrize("title", ["Fit a line with an optimizer", "Train a network on XOR"])
def test_optimizers_work(playground: Playground, title: str) -> None:
    output = playground.run(EXAMPLES[title])
    assert playground.state().startswith("Finished")
    losses = [float(loss) for loss in re.findall(r"loss (\S+?),?\s", output)]
    assert len(losses) > 4
    assert losses[-1] < 0.05 * losses[0]
    assert playground.page.locator("#pg-results svg").count() == 1


def test_what_needs_numpy_says_so(playground: Playground) -> None:
    output = playground.run("from autograd import compile\nf = compile(lambda x: x * x)\nf(2.0)")
    assert "NumPy is not part of the playground. compile(), arrays and saved files need it." in output
    assert playground.state().startswith("Error in line 2")
    assert "pandas is not part of the playground." in playground.run("import pandas")


def test_output_cannot_run_scripts(playground: Playground) -> None:
    page = "<img src=/_static/icon.svg onload='window.bad = 1'><script>window.bad = 1</script>"
    page += "<svg onload='window.bad = 1'></svg><b>shown</b>"
    playground.run(f"class A:\n    def _repr_html_(self): return {page!r}\nA()")
    assert playground.page.locator("#pg-results b").inner_text() == "shown"
    playground.page.wait_for_timeout(300)  # the picture is loaded
    assert playground.page.evaluate("window.bad") is None


def test_pictures_follow_the_theme_of_the_page(playground: Playground) -> None:
    playground.run("draw(Value(2.0) * 3)")
    background = "getComputedStyle(document.querySelector('#pg-results div').shadowRoot.querySelector('svg .sa-bg')).fill"
    colors = []
    for theme in ("light", "dark", "light"):
        playground.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        playground.page.wait_for_timeout(50)
        colors.append(playground.page.evaluate(background))
    assert colors[0] == colors[2] != colors[1]


def test_the_address_carries_the_program(playground: Playground) -> None:
    code = "# żółć, 関数, 🎈\nprint(6 * 7)\n"
    playground.run(code)
    letters = playground.page.url.split("#code=")[1]
    assert base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)).decode() == code
    other = base64.urlsafe_b64encode(b"print('from the link')").decode().rstrip("=")
    playground.page.evaluate(f"location.hash = 'code={other}'")
    playground.page.wait_for_function("document.getElementById('pg-results').textContent.includes('from the link')")
    playground.page.evaluate("location.hash = 'code=A'")
    playground.page.wait_for_function("document.querySelector('.cm-content').textContent.includes('The link is damaged')")


def test_the_keyboard_is_enough(playground: Playground) -> None:
    page = playground.page
    playground.type("print('typed')")
    page.locator(".cm-content").press("Control+Enter")
    playground.wait()
    assert playground.output().strip() == "typed"
    page.focus("#pg-output")
    reached = []
    for _ in range(10):
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        page.keyboard.press("Tab")
    names = ["pg-output", "pg-draw", "pg-steps", "pg-explain", "pg-check", "pg-stop", "pg-example", "pg-link"]
    assert reached[:8] == names
    assert "cm-content" in reached[8]
    assert reached[9] == "pg-results"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", ["error", "output", "explain", "check"])
def test_axe_finds_no_violation(playground: Playground, theme: str, view: str) -> None:
    page = playground.page
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    code = "import warnings\nwarnings.warn('careful')\nfrom autograd import Value  # a comment\n"
    code += "x = Value(0.5, label='x')\nx.sin() * 2\n"
    playground.run(code + "1 / 0" * (view == "error"), "output" if view == "error" else view)
    page.wait_for_timeout(300)  # transitions of colors
    page.evaluate(axe_source())
    violations = page.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false}).then((r) => r.violations)")
    assert [(v["id"], v["nodes"][0]["html"], v["nodes"][0].get("failureSummary")) for v in violations] == []


@pytest.mark.parametrize("width", [400, 1400])
def test_nothing_is_wider_than_the_page(playground: Playground, width: int) -> None:
    playground.page.set_viewport_size({"width": width, "height": 900})
    for view in ("output", "explain", "check", "steps"):
        playground.run(EXAMPLES["A first graph"], view)
        assert playground.page.evaluate("document.documentElement.scrollWidth") <= width
    playground.page.set_viewport_size({"width": 1400, "height": 900})


def test_every_block_of_python_has_a_link_that_runs(playground: Playground) -> None:
    """The second block of a page runs with the first one before it, whose output is not shown."""
    page = playground.page
    page.goto(f"{playground.address}/how-to/derivatives.html")
    blocks = page.locator("main div[class*=highlight-python]")
    links = page.locator("main a.try-it")
    assert links.count() == blocks.count() > 1
    page.locator("main a.try-it").nth(1).click()
    playground.wait()
    assert "# %% this block" in page.locator(".cm-content").inner_text()
    assert page.evaluate("scrollY") == 0  # only the editor scrolls to the block
    output = playground.output()
    assert "[3.0, 2.0]" in output  # of this block
    assert "ValueError" in output  # which the page shows, too
    assert "(12.0, 12.0" not in output  # of the block before
    page.goto(f"{playground.address}/index.html")
    assert page.locator("a.try-it").count() == page.locator("div[class*=highlight-python]").count()


BLOCKS = """
<html data-content_root="../"><body>
<div class="highlight-python notranslate"><div class="highlight"><pre>&gt;&gt;&gt; x = 1
&gt;&gt;&gt; if x:
...     y = 2
...
&gt;&gt;&gt; x / 0
Traceback (most recent call last):
ZeroDivisionError: division by zero
&gt;&gt;&gt; x
1
</pre></div></div>
<div class="highlight-bash"><div class="highlight"><pre>make docs</pre></div></div>
<dl class="py function"><dd><div class="doctest highlight-default"><div class="highlight"><pre>&gt;&gt;&gt; a = 3
</pre></div></div></dd></dl>
<div class="cell tag_raises-exception"><div class="cell_input"><div class="highlight-ipython3"><pre>1 / 0</pre></div></div>
<div class="cell_output"><div class="highlight-python"><pre>output</pre></div></div></div>
<div class="cell"><div class="cell_input">
<div class="highlight-ipython3"><pre>x + y  # \N{GREEK SMALL LETTER DELTA}</pre></div></div></div>
</body></html>"""


def test_a_link_carries_the_earlier_blocks_without_their_errors(browser: Any) -> None:
    page = browser.new_page()
    page.set_content(BLOCKS)
    page.add_script_tag(path=str(build.HERE / "tryit.js"))
    links = page.eval_on_selector_all(".try-it", "(links) => links.map((link) => link.getAttribute('href'))")
    page.close()
    codes = []
    for link in links:
        address, letters = link.split("#code=")
        assert address == "../playground/index.html"
        codes.append(base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)).decode())
    kept = "# %% earlier blocks of the page\nx = 1\nif x:\n    y = 2\n\nx\n\n"
    assert codes == [
        "x = 1\nif x:\n    y = 2\n\nx / 0\nx\n",
        "a = 3\n",
        kept + "# %% this block\n1 / 0\n",
        kept + "# %% this block\nx + y  # \N{GREEK SMALL LETTER DELTA}\n",
    ]


def test_stop_ends_a_program_and_python_starts_again(playground: Playground) -> None:
    if "playground" not in playground.page.url:
        playground.open()
    playground.type("print('started')\nwhile True:\n    pass")
    playground.page.click("#pg-output")
    playground.page.wait_for_function("document.getElementById('pg-results').textContent.includes('started')")
    assert playground.page.get_attribute("#pg-results", "aria-busy") == "true"
    playground.page.click("#pg-stop")
    assert playground.state() == "The program was stopped. Python restarts…"
    assert playground.output().split() == ["started", "Stopped."]
    playground.type("print('again')")
    playground.page.click("#pg-output")  # before Python is ready: the program waits
    playground.wait()
    assert playground.output().strip() == "again"


def test_a_page_opened_as_a_file_says_how_to_serve_it(browser: Any, site: Path, files: Path) -> None:
    page = browser.new_page()
    page.goto((site / "playground" / "index.html").as_uri())
    page.wait_for_function("document.getElementById('pg-state').textContent.includes('make docs-serve')")
    assert "python -m http.server" in page.inner_text("#pg-state")
    page.close()


def test_modules_of_the_first_result_are_not_compiled_in_the_browser(files: Path) -> None:
    if build.node_version() < build.LEAST_NODE:
        pytest.skip(f"bytecode needs Node.js {build.LEAST_NODE}")
    packages, library = (zipfile.ZipFile(files / name).namelist() for name in ("packages.zip", "pyodide/python_stdlib.zip"))
    for name, archive in {"autograd/value": packages, "visualize/drawing": packages, "typing": library}.items():
        assert (f"{name}.pyc" in archive, f"{name}.py" in archive) == (True, False), name


def test_the_playground_is_small(files: Path) -> None:
    """It is loaded in one go, so its size, as a web server compresses it, is limited."""
    compressed = sum(size for _, size in build.sizes(files).values())
    assert compressed < 7_500_000
