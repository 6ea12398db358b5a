"""The theme's navigation has buttons that open a section. They are an arrow only, so they get a name that can be read aloud."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def name_buttons(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Replace the function that the theme's templates call for the navigation."""
    original = context.get("generate_toctree_html")
    if original is None:
        return

    def named(*arguments: Any, **options: Any) -> Any:
        soup = original(*arguments, **options)
        for button in soup("summary") if hasattr(soup, "select") else []:
            link = button.find_parent("li").find("a")
            button["aria-label"] = f"Pages of {link.get_text()}" if link else "Pages of this section"
        return soup

    context["generate_toctree_html"] = named


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-page-context", name_buttons, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
