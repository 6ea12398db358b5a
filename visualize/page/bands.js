// A graph that is much wider than the screen is cut into bands, one below the other, like lines of text. An edge that ends in
// the next band runs back to the left below its own band.

const GUTTER = {edge: 7, side: 18, between: 26}; // space per returning edge, next to a band, and between bands
const MAX_BANDS = 8,
  MAX_RETURNS = 3; // with more edges that return, the bands would be harder to read than one long row
const MIN_GAIN = 1.2; // factor by which the graph must become larger

// Return {band, dx, dy, turn, width, height}: the band of each column, its shift, and the points of an edge that turns into the
// next band.
function makeBands(cells, columns, borders, height, room) {
  const whole = {band: () => 0, dx: () => 0, dy: () => 0, turn: () => [], width: borders[0].right, height};
  const zoomOf = ({width, height}) => Math.min(room.width / width, room.height / height, 1.4);
  let best = whole;
  for (let count = 2; count <= MAX_BANDS && zoomOf(whole) < 1; count++) {
    const bands = cutInto(count, cells, columns, borders);
    if (bands && zoomOf(bands) > zoomOf(best) * (best === whole ? MIN_GAIN : 1)) best = bands;
  }
  return best;
}

function cutInto(count, cells, columns, borders) {
  const limit = borders[0].right / count + 60,
    bandOf = [],
    bands = [];
  const crossing = columns.map((column) => column.filter((i) => cells[i].outs.length)); // edges that leave each column
  const side = (c) => Math.max(...columns[c].map((i) => padding(cells[i].path).side)); // of the frames around a column
  for (let first = columns.length - 1; first >= 0; first = bands.at(-1).last - 1) {
    let last = first;
    while (last > 0 && borders[last - 1].right - borders[first].left <= limit) last--;
    // Cut where few edges pass, in the last third.
    for (let c = last; last > 0 && first - c > (first - last) * 0.66; c++)
      if (crossing[c].length < crossing[last].length) last = c;
    const left = borders[first].left - side(first),
      band = {left, right: borders[last].right + side(last), top: Infinity, bottom: -Infinity, last};
    for (let c = first; c >= last; c--) {
      bandOf[c] = bands.length;
      for (const i of columns[c]) {
        const around = padding(cells[i].path);
        band.top = Math.min(band.top, cells[i].y - around.top);
        band.bottom = Math.max(band.bottom, cells[i].y + cells[i].height + around.side);
      }
    }
    bands.push(band);
  }
  // The edges that leave a band, from the lowest: they turn one inside the other, so they do not cross.
  let y = 0,
    most = 0;
  for (const band of bands) {
    band.returns = crossing[band.last].toReversed();
    band.dx = GUTTER.side + GUTTER.edge * MAX_RETURNS - band.left;
    band.dy = y - band.top;
    y += band.bottom - band.top + GUTTER.between + GUTTER.edge * band.returns.length + 10;
    most = Math.max(most, band.returns.length);
  }
  if (most > MAX_RETURNS || bands.length < 2) return null;
  const right = Math.max(...bands.map((band) => band.right + band.dx));
  const turn = (from, column, level) => {
    const band = bands[bandOf[cells[from].column]],
      next = bands[bandOf[column]];
    if (band === next) return [];
    const k = band.returns.indexOf(from),
      start = cells[from].y + cells[from].exit + band.dy,
      below = band.bottom + band.dy + 12 + GUTTER.edge * k;
    const outer = right + GUTTER.side + GUTTER.edge * k,
      inner = GUTTER.edge * (MAX_RETURNS - k);
    return [
      [outer, start],
      [outer, below],
      [inner, below],
      [inner, level + next.dy],
    ];
  };
  return {
    band: (c) => bandOf[c],
    dx: (c) => bands[bandOf[c]].dx,
    dy: (c) => bands[bandOf[c]].dy,
    turn,
    width: right + GUTTER.side + GUTTER.edge * MAX_RETURNS,
    height: y - GUTTER.between,
  };
}
