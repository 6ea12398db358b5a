// Only in the page of a widget: the notebook sends new numbers of the same graph, one per node. See widget.py.

addEventListener("message", ({source, data}) => {
  if (source !== parent || source === window || data?.numbers?.length !== nodes.length) return;
  nodes.forEach((n, i) => {
    if (!n.op) value[i] = n.start = Number(data.numbers[i]);
    else if (n.saved) n.saved = savedNumbers(data.numbers[i]);
  });
  changed = null;
  compute();
  copies = findCopies();
  refresh();
  showEdited();
});
