"""The page: one HTML file that plays backpropagation through a graph, and computes it again when a number is edited.

===============  =====================================================================
``explore.py``   ``explore`` and ``Page``: scene -> one HTML file
``theme.py``     the colors of page.css, for pictures
``page.html``    template: the order of the parts, with landmarks and labels
``page.css``     colors, for light and dark; shapes of text and lines
``graph.js``     nodes; values, partials and gradients; paths
``boxes.js``     which nodes are one box
``marks.js``     a dead relu, the origin of a nan, a difference
``steps.js``     what happens at each step; gradients at a step
``bands.js``     wide graphs in several rows
``layout.js``    positions of boxes, edges and frames
``text.js``      numbers, names, formulas and the sentence of each step
``sizes.js``     sizes of texts and boxes
``drawing.js``   boxes, edges and frames as SVG
``view.js``      builds the view, shows one step
``canvas.js``    edges and distant boxes of large graphs
``camera.js``    zoom and pan
``editing.js``   changed numbers, gradient descent
``panel.js``     details of one box; highlighted paths; tooltip
``search.js``    search by name or operation
``controls.js``  buttons, keys and pointer; starts the page
===============  =====================================================================

``widget.py`` and ``widget.js`` show the page in a notebook, and ``messages.js`` is the part of it that receives new numbers.
``training.py``, ``training.html``, ``training.css`` and ``training.js`` are another page, about a training run.

The scripts of this page share one scope and are concatenated in this order. The JavaScript of the operations is generated from
the table by ``autograd.javascript_rows``, so no derivative is stated a second time.
"""
