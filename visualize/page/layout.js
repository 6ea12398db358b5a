// Where the boxes are: columns from left to right, each box to the left of all boxes that use it. An edge that passes through
// a column has a place in it, like a thin box, so it crosses no box (K. Sugiyama and others, 1981). visualize/layout.py does
// the same for pictures; here, boxes of an unfolded group also stay together, so that a frame fits around them.

const GAP = 16,
  LANE = 10; // between boxes of a column, and next to an edge that passes
const FRAME = {side: 10, top: 26}; // between a frame and its content
const SWEEPS = 6,
  MAX_LANES = 50_000;
const mean = (list) => (list.length ? list.reduce((a, b) => a + b) / list.length : 0);

// Place items {width, height, stub, exit, path, place, inputs: [[item, height of arrival], ...]}, each after its inputs.
// Return {x, y, routes, width, height, frames}. Frames are pairs of a group and an outline: a group may be in several bands.
// `room` is the size of the screen.
function place(items, room) {
  const cells = items.map((item) => ({...item, column: 0, isItem: true, outs: [], ins: [], y: 0}));
  for (let i = items.length - 1; i >= 0; i--)
    for (const [o] of items[i].inputs) cells[o].column = Math.max(cells[o].column, cells[i].column + 1);
  const lanes = addLanes(cells, items);
  const columns = orderColumns(cells, items.length);
  setHeights(cells, columns);
  const top = Math.min(...columns.flatMap((column) => column.slice(0, 1).map((i) => cells[i].y - padding(cells[i].path).top)));
  for (const cell of cells) cell.y -= top;
  const borders = setBorders(cells, columns);
  const bottom = Math.max(
    ...columns.flatMap((column) => column.slice(-1).map((i) => cells[i].y + cells[i].height + padding(cells[i].path).side)),
  );
  const frames = makeFrames(cells, columns, borders),
    bands = makeBands(cells, columns, borders, bottom, room);
  const at = (c, x, y) => [x + bands.dx(c), y + bands.dy(c)]; // a point in column c
  const routes = items.map((item, i) =>
    item.inputs.map(([o, arrives], k) => {
      const level = cells[o].y + items[o].exit,
        end = cells[i].y + arrives,
        way = [...lanes[i][k], i];
      const points = [at(cells[o].column, borders[cells[o].column].right, level)];
      way.slice(1).forEach((c, step) => {
        const {left, right} = borders[cells[c].column],
          y = c === i ? end : cells[c].y;
        points.push(...bands.turn(way[step], cells[c].column, y), at(cells[c].column, left, y));
        points.push(at(cells[c].column, c === i ? right - item.width + item.stub : right, y));
      });
      return points;
    }),
  );
  return {
    x: items.map((item, i) => borders[cells[i].column].right - item.width + bands.dx(cells[i].column)),
    y: items.map((_, i) => cells[i].y + bands.dy(cells[i].column)),
    routes,
    width: bands.width,
    height: bands.height,
    frames: [...frames].flatMap(([group, parts]) => cutFrame(parts, bands).map((piece) => [group, piece])),
  };
}

// Cut the outline of a group where its columns are in different bands, and move each piece to its band.
function cutFrame(parts, bands) {
  const pieces = [];
  for (const [k, {column, left, right, top, bottom}] of parts.entries()) {
    const dx = bands.dx(column),
      dy = bands.dy(column);
    if (!k || bands.band(column) !== bands.band(parts[k - 1].column)) pieces.push([]);
    pieces.at(-1).push({column, left: left + dx, right: right + dx, top: top + dy, bottom: bottom + dy});
  }
  return pieces;
}

// Add a cell to each column that an edge passes. Edges from one item share their cells as far as they go together.
function addLanes(cells, items) {
  const trunks = items.map((_, i) => [i]);
  const connect = (a, b, arrives) => {
    cells[a].outs.push([b, arrives]);
    cells[b].ins.push(a);
  };
  let passing = 0;
  items.forEach((item, i) =>
    item.inputs.forEach(([o]) => {
      passing += cells[o].column - cells[i].column - 1;
    }),
  );
  return items.map((item, i) =>
    item.inputs.map(([o, arrives]) => {
      const trunk = trunks[o],
        length = passing < MAX_LANES ? cells[o].column - cells[i].column : 1;
      while (trunk.length < length) {
        cells.push({
          column: cells[o].column - trunk.length,
          width: 0,
          height: 0,
          exit: 0,
          path: commonPath(cells[o].path, item.path),
          outs: [],
          ins: [],
          y: 0,
        });
        connect(trunk.at(-1), cells.length - 1, 0);
        trunk.push(cells.length - 1);
      }
      connect(trunk[length - 1], i, arrives);
      return trunk.slice(0, length);
    }),
  );
}

function commonPath(a, b) {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

// The order in each column: near the users, and otherwise in the order of operands. Groups and siblings stay together.
function orderColumns(cells, count) {
  const columns = Array.from({length: Math.max(...cells.map((cell) => cell.column)) + 1}, () => []);
  const seen = new Map(),
    waiting = [];
  for (let i = count - 1; i >= 0; i--) if (!cells[i].outs.length) waiting.unshift(i);
  while (waiting.length) {
    const i = waiting.pop();
    if (seen.has(i)) continue;
    seen.set(i, seen.size);
    waiting.push(...cells[i].ins.filter((s) => !seen.has(s)).reverse());
  }
  for (const i of seen.keys()) columns[cells[i].column].push(i);
  const position = [];
  for (const column of columns) {
    const wish = new Map(
      column.map((i) => [
        i,
        mean(cells[i].outs.map(([end, arrives]) => position[end] + arrives / Math.max(cells[end].height, 1))),
      ]),
    );
    column.sort((a, b) => wish.get(a) - wish.get(b) || seen.get(a) - seen.get(b));
    column.splice(0, column.length, ...together(column, cells, wish, 0));
    column.forEach((i, k) => {
      position[i] = k;
    });
  }
  return columns;
}

// Reorder a column so that the cells of each group are next to each other, and siblings are in their own order.
function together(list, cells, wish, depth) {
  const entries = [...Map.groupBy(list, (i) => cells[i].path[depth] ?? "cell" + i)].map(([group, members]) => ({
    members: typeof group === "number" ? together(members, cells, wish, depth + 1) : members,
    place: typeof group === "number" ? group : cells[members[0]].place,
    wish: mean(members.map((i) => wish.get(i))),
  }));
  entries.sort((a, b) => a.wish - b.wish);
  const siblings = entries.filter((entry) => entry.place !== undefined),
    slots = siblings.map((entry) => entries.indexOf(entry));
  siblings
    .sort((a, b) => a.place - b.place)
    .forEach((entry, k) => {
      entries[slots[k]] = entry;
    });
  return entries.flatMap((entry) => entry.members);
}

// Space for the frames around a cell.
const padding = (path) => ({side: FRAME.side * path.length, top: FRAME.top * path.length});

function gapBetween(a, b) {
  const common = commonPath(a.path, b.path).length;
  return (a.isItem && b.isItem ? GAP : LANE) + FRAME.side * (a.path.length - common) + FRAME.top * (b.path.length - common);
}

// Set the y of each cell: near the mean of its neighbors, without overlap. Edges that pass several columns become straight.
function setHeights(cells, columns) {
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (const column of sweep % 2 ? [...columns].reverse() : columns) {
      const wishes = column.map((i) => {
        const level = (e) => cells[e].y + cells[e].exit - cells[i].exit,
          neighbors = cells[i].outs.map(([e]) => e);
        if (sweep) neighbors.push(...cells[i].ins.filter((s) => cells[s].ins.length));
        const straight = cells[i].isItem ? [] : neighbors.filter((e) => !cells[e].isItem);
        return mean([...neighbors, ...straight, ...straight, ...straight, ...straight].map(level));
      });
      // Isotonic regression by pooling adjacent violators: the closest positions to the wishes that keep the order and the gaps.
      const room = [0],
        pools = [];
      for (let k = 1; k < column.length; k++)
        room.push(room[k - 1] + cells[column[k - 1]].height + gapBetween(cells[column[k - 1]], cells[column[k]]));
      column.forEach((i, k) => {
        let weight = cells[i].ins.length ? 1 : 1e-6,
          total = weight * (wishes[k] - room[k]),
          count = 1;
        while (pools.length && pools.at(-1).total * weight >= total * pools.at(-1).weight) {
          const last = pools.pop();
          total += last.total;
          weight += last.weight;
          count += last.count;
        }
        pools.push({total, weight, count});
      });
      let k = 0;
      for (const {total, weight, count} of pools)
        for (let c = 0; c < count; c++, k++) cells[column[k]].y = total / weight + room[k];
    }
}

// Set the left and right border of each column. The gap is wider where edges climb far.
function setBorders(cells, columns) {
  const borders = [];
  let left = 0;
  for (let c = columns.length - 1; c >= 0; c--) {
    const depth = columns[c].reduce((most, i) => Math.max(most, cells[i].path.length), 0);
    left += FRAME.side * depth;
    const right = left + columns[c].reduce((width, i) => Math.max(width, cells[i].width), 0);
    borders[c] = {left, right};
    let climb = 0;
    for (const i of columns[c])
      for (const [end, arrives] of cells[i].outs)
        climb = Math.max(climb, Math.abs(cells[end].y + arrives - cells[i].y - cells[i].exit));
    left = right + FRAME.side * depth + Math.min(12 + 0.11 * climb, 160);
  }
  return borders;
}

// The outline of each group: for each column from left to right, {left, right, top, bottom} of its cells, with padding.
function makeFrames(cells, columns, borders) {
  const frames = new Map();
  for (let c = columns.length - 1; c >= 0; c--)
    for (const i of columns[c])
      cells[i].path.forEach((group, depth) => {
        if (!frames.has(group)) frames.set(group, []);
        const parts = frames.get(group),
          inner = padding(cells[i].path.slice(depth));
        if (parts.at(-1)?.column !== c)
          parts.push({column: c, left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity});
        const part = parts.at(-1);
        part.left = Math.min(part.left, borders[c].left - inner.side);
        part.right = Math.max(part.right, borders[c].right + inner.side);
        part.top = Math.min(part.top, cells[i].y - inner.top);
        part.bottom = Math.max(part.bottom, cells[i].y + cells[i].height + inner.side);
      });
  return frames;
}
