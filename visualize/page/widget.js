// The view of a GraphWidget: the page in a frame. New numbers are sent to the page, so that it keeps its step and its folds. The
// whole page is loaded again only for a graph of another structure.

function render({model, el}) {
  const frame = document.createElement("iframe");
  frame.title = "computation graph";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.style.cssText = `width: 100%; height: ${model.get("height")}px; border: 0`;
  const load = () => {
    frame.srcdoc = model.get("html");
  };
  const send = () => frame.contentWindow?.postMessage({numbers: model.get("numbers")}, "*");
  frame.addEventListener("load", send);
  model.on("change:html", load);
  model.on("change:numbers", send);
  load();
  el.append(frame);
  return () => (model.off("change:html", load), model.off("change:numbers", send));
}

export default {render};
