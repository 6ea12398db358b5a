// The editor: CodeMirror for Python, with a mark for the line of an error. Its colors come from playground.css.
import { basicSetup, EditorView } from "codemirror";
import { python } from "@codemirror/lang-python";
import { indentUnit, syntaxHighlighting } from "@codemirror/language";
import { Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, keymap } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

const setMark = StateEffect.define();
const marks = StateField.define({
  create: () => Decoration.none,
  update(marks, transaction) {
    if (transaction.docChanged) marks = Decoration.none;
    for (const effect of transaction.effects) {
      if (effect.is(setMark)) marks = effect.value === null ? Decoration.none : Decoration.set([lineMark.range(effect.value)]);
    }
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});
const lineMark = Decoration.line({ class: "pg-bad-line" });

/** Create the editor in `parent`. Ctrl+Enter calls `run`. The Tab key leaves the editor, as in every text field. */
export function makeEditor(parent, run) {
  const view = new EditorView({
    parent,
    extensions: [
      Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
      basicSetup,
      python(),
      indentUnit.of("    "),
      syntaxHighlighting(classHighlighter),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": "Python program. Ctrl+Enter runs it." }),
      marks,
    ],
  });
  const start = (line) => view.state.doc.line(Math.max(1, Math.min(line, view.state.doc.lines))).from;
  return {
    get text() { return view.state.doc.toString(); },
    set text(text) { view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } }); },
    mark(line) { view.dispatch({ effects: setMark.of(line ? start(line) : null) }); },
    /** Scroll the editor, but not the page, so that a line is visible; with `first`, as the first line. */
    reveal(line, first = false) {
      view.requestMeasure({
        read: () => view.lineBlockAt(start(line)),
        write({ top, bottom }) {
          const { scrollTop, clientHeight } = view.scrollDOM;
          if (first || top < scrollTop || bottom > scrollTop + clientHeight) view.scrollDOM.scrollTop = first ? top : top - clientHeight / 2;
        },
      });
    },
    goTo(line) { view.dispatch({ selection: { anchor: start(line) }, scrollIntoView: true }); view.focus(); },
  };
}
