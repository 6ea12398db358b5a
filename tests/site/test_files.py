"""The files of the site: links lead somewhere, ids are unique, nothing is loaded from another host, every name is described."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from site_pages import pages

import autograd
import nn
import visualize

LOADED = {("script", "src"), ("img", "src"), ("iframe", "src"), ("source", "src"), ("link", "href"), ("object", "data")}


class Page(HTMLParser):
    """The links, the loaded files and the ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(found["id"] or "")
        if tag == "a" and found.get("href"):
            self.links.append(found["href"] or "")
        for key, value in attrs:
            if (tag, key) in LOADED and value and found.get("rel") not in ("next", "prev", "index", "search", "canonical"):
                self.loaded.append(value)


@cache
def read(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", pages(everything=True) or ["index.html"])
def test_links_lead_to_files_and_places_of_the_site(site: Path, name: str) -> None:
    path = site / name
    broken = []
    for link in read(path).links:
        if re.match(r"[a-z]+:", link):
            continue
        target, place = urldefrag(unquote(link))
        file = (path.parent / target.partition("?")[0]).resolve() if target else path
        if not file.is_file() or (place and file.suffix == ".html" and place not in read(file).ids):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("name", pages() or ["index.html"])
def test_a_page_loads_files_of_the_site_only(site: Path, name: str) -> None:
    path = site / name
    for link in read(path).loaded:
        assert link.startswith("data:") or (path.parent / unquote(link).partition("?")[0]).resolve().is_file(), link


@pytest.mark.parametrize("name", pages() or ["index.html"])
def test_ids_are_unique_in_a_page(site: Path, name: str) -> None:
    assert [id_ for id_, count in Counter(read(site / name).ids).items() if count > 1] == []


def test_every_public_name_is_described(site: Path) -> None:
    inventory = (site / "objects.inv").read_bytes()
    text = zlib.decompress(inventory.split(b"zlib.\n", 1)[1]).decode()
    described = {line.split(" ", 1)[0] for line in text.splitlines()}
    public = {f"{package.__name__}.{name}" for package in (autograd, nn, visualize) for name in package.__all__}
    public |= {f"autograd.{name}" for name in autograd._BUILTINS}
    assert public - described <= {"nn.find_mistakes"}  # the function of autograd


def test_every_operation_of_the_table_has_a_plot_and_its_code(site: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (site / "reference" / "operations").glob("*.html"))
    rows = autograd.ops.TABLE
    for row in rows:
        assert f'id="autograd.{row.name}"' in text
        assert row.variadic or f"Plot of {row.name} and its derivative" in text
    assert text.count("Generated code") == len(rows)
