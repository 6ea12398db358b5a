"use strict";
// DATA has: epochs (one per frame), columns (the History), weights (per frame, one number per parameter), layers (positions of
// the parameters by layer), network (layers of neurons, or null), plane (predictions on a grid, or null).
const DATA = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const MARKERS = 4, CLASSES = 8;
const color = (i) => getComputedStyle(document.documentElement).getPropertyValue(`--c${i % CLASSES}`).trim();
const last = DATA.epochs.length - 1;
let frame = last, playing = null;

function shape(parent, name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}
const format = (x) => x === null ? "not finite" : Number.isInteger(x) ? String(x) : x.toPrecision(4);

// ---- the predictions -----------------------------------------------------------------------------------------------------

// One byte per point of the grid: the class times 32, plus its probability from 0 to 31.
const decoded = DATA.plane && DATA.plane.frames.map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));

function drawPlane() {
  const {size, x, y, rows, classes} = DATA.plane, canvas = $("plane"), pen = canvas.getContext("2d");
  const small = new OffscreenCanvas(size, size), image = new ImageData(size, size);
  const channels = Array.from({length: CLASSES}, (_, i) => color(i).match(/\w\w/g).map((hex) => parseInt(hex, 16)));
  decoded[frame].forEach((byte, i) => {
    const at = 4 * ((size - 1 - Math.floor(i / size)) * size + i % size);  // the second coordinate grows upwards
    image.data.set([...channels[byte >> 5], 20 + 4 * (byte & 31)], at);
  });
  small.getContext("2d").putImageData(image, 0, 0);
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--ink");
  rows.forEach(([a, b], i) => {
    const kind = Math.max(classes[i], 0);  // -1 is the other name of class 0
    const px = (a - x[0]) / (x[1] - x[0]) * canvas.width, py = (1 - (b - y[0]) / (y[1] - y[0])) * canvas.height;
    pen.beginPath();
    marker(pen, kind % MARKERS, px, py);
    pen.fillStyle = color(kind), pen.strokeStyle = ink, pen.lineWidth = 1;
    pen.fill(), pen.stroke();
  });
}
function marker(pen, kind, x, y) {
  if (kind === 0) pen.arc(x, y, 5, 0, 7);
  else if (kind === 1) pen.rect(x - 4.5, y - 4.5, 9, 9);
  else if (kind === 2) pen.moveTo(x, y - 6), pen.lineTo(x + 5.5, y + 4), pen.lineTo(x - 5.5, y + 4), pen.closePath();
  else pen.moveTo(x, y - 6), pen.lineTo(x + 6, y), pen.lineTo(x, y + 6), pen.lineTo(x - 6, y), pen.closePath();
}

// ---- the network ---------------------------------------------------------------------------------------------------------

const edges = [], neurons = [];
const largest = Math.max(1e-12, ...DATA.weights.flat().map((x) => Math.abs(x ?? 0)));

function buildNetwork() {
  const svg = $("network"), sizes = [DATA.network[0].neurons[0].weights.length, ...DATA.network.map((layer) => layer.neurons.length)];
  const place = (layer, i) => [40 + layer * 560 / (sizes.length - 1), 30 + (i + 0.5) * 420 / sizes[layer]];
  const radius = Math.max(3, Math.min(11, 180 / Math.max(...sizes)));
  DATA.network.forEach((layer, k) => layer.neurons.forEach((neuron, i) => neuron.weights.forEach((position, j) => {
    const [x1, y1] = place(k, j), [x2, y2] = place(k + 1, i);
    const line = shape(svg, "line", {x1, y1, x2, y2, class: "edge"});
    edges.push({line, position, title: shape(line, "title", {}), name: `${layer.name} neuron ${i}, weight ${j}`});
  })));
  sizes.forEach((size, layer) => {
    for (let i = 0; i < size; i++) {
      const [cx, cy] = place(layer, i), circle = shape(svg, "circle", {cx, cy, r: radius});
      const bias = layer ? DATA.network[layer - 1].neurons[i].bias : null;
      neurons.push({bias, title: shape(circle, "title", {}), name: layer ? `neuron ${i}` : `input ${i}`});
    }
    shape(svg, "text", {x: place(layer, 0)[0], y: 20, "text-anchor": "middle"}, layer ? `${DATA.network[layer - 1].name} (${size})` : `${size} input${size === 1 ? "" : "s"}`);
  });
}
function drawNetwork() {
  const weights = DATA.weights[frame];
  for (const {line, position, title, name} of edges) {
    const weight = weights[position];
    line.setAttribute("stroke-width", (0.4 + 6 * Math.abs(weight ?? 0) / largest).toFixed(2));
    line.classList.toggle("negative", weight < 0);
    title.textContent = `${name}: ${format(weight)}`;
  }
  for (const {bias, title, name} of neurons) title.textContent = bias === null ? name : `${name}, bias ${format(weights[bias])}`;
}

// ---- curves and histograms -----------------------------------------------------------------------------------------------

const LEFT = 44, RIGHT = 628, TOP = 26, BOTTOM = 236;
const shown = Object.keys(DATA.columns).filter((name) => !["lr", "seconds"].includes(name));
const epochs = Math.max(...Object.values(DATA.columns).map((column) => column.length), 1);
const xOfEpoch = (epoch) => LEFT + (RIGHT - LEFT) * (epoch - 1) / Math.max(epochs - 1, 1);
let cursor = null;

function buildCurves() {
  const svg = $("curves");
  const numbers = shown.flatMap((name) => DATA.columns[name]).filter((x) => x !== null);
  const low = Math.min(0, ...numbers), high = Math.max(...numbers, low + 1e-12);
  const yOf = (x) => BOTTOM - (BOTTOM - TOP) * (x - low) / (high - low);
  for (const x of [low, (low + high) / 2, high]) {
    shape(svg, "line", {x1: LEFT, x2: RIGHT, y1: yOf(x), y2: yOf(x), class: "axis"});
    shape(svg, "text", {x: LEFT - 6, y: yOf(x) + 4, "text-anchor": "end"}, x.toPrecision(2));
  }
  shown.forEach((name, i) => {
    let down = false, path = "";
    DATA.columns[name].forEach((x, k) => {
      if (x === null) return void (down = false);
      path += `${down ? "L" : "M"}${xOfEpoch(k + 1).toFixed(1)} ${yOf(x).toFixed(1)}`;
      down = true;
    });
    const dashes = ["", "7 4", "2 4", "9 3 2 3"][i % 4];
    shape(svg, "path", {d: path, class: "curve", style: `stroke: var(--c${i % CLASSES})`, "stroke-dasharray": dashes});
    const x = LEFT + i * (RIGHT - LEFT) / shown.length;
    shape(svg, "line", {x1: x, x2: x + 26, y1: 12, y2: 12, class: "curve", style: `stroke: var(--c${i % CLASSES})`, "stroke-dasharray": dashes});
    shape(svg, "text", {x: x + 32, y: 16}, name);
  });
  shape(svg, "text", {x: RIGHT, y: 254, "text-anchor": "end"}, `epoch ${epochs}`);
  shape(svg, "text", {x: LEFT, y: 254}, "epoch 1");
  cursor = shape(svg, "line", {y1: TOP, y2: BOTTOM, class: "cursor"});
}

const BINS = 25;
function drawHistograms() {
  const svg = $("histograms"), layers = Object.entries(DATA.layers), height = 250 / layers.length;
  svg.replaceChildren();
  layers.forEach(([name, positions], i) => {
    const numbers = positions.map((position) => DATA.weights[frame][position]).filter((x) => x !== null);
    const counts = new Array(BINS).fill(0), bottom = (i + 1) * height;
    for (const x of numbers) counts[Math.min(BINS - 1, Math.floor((x / largest + 1) / 2 * BINS))]++;
    const most = Math.max(...counts, 1), wide = (RIGHT - LEFT) / BINS;
    counts.forEach((count, k) => shape(svg, "rect", {
      x: LEFT + k * wide, width: wide - 1, y: bottom - (height - 22) * count / most, height: (height - 22) * count / most,
      style: `fill: var(--c${i % CLASSES})`,
    }));
    shape(svg, "line", {x1: LEFT, x2: RIGHT, y1: bottom, y2: bottom, class: "axis"});
    const lost = positions.length - numbers.length;
    shape(svg, "text", {x: LEFT, y: bottom - height + 15}, `${name}: ${positions.length} parameter${positions.length === 1 ? "" : "s"}${lost ? `, ${lost} not finite` : ""}, from ${format(-largest)} to ${format(largest)}`);
  });
}

// ---- the current epoch ---------------------------------------------------------------------------------------------------

function show(k, speak = true) {
  frame = Math.max(0, Math.min(last, k));
  const epoch = DATA.epochs[frame];
  $("at").value = frame;
  $("at").setAttribute("aria-valuetext", `epoch ${epoch}`);
  $("epoch").textContent = `epoch ${epoch} of ${DATA.epochs[last]}`;
  $("numbers").replaceChildren(...Object.entries(DATA.columns).map(([name, column]) => {
    const item = document.createElement("span"), number = document.createElement("b");
    number.textContent = format(column[epoch - 1]);
    number.dataset.column = name;
    item.append(`${name} `, number);
    return item;
  }));
  cursor.setAttribute("x1", xOfEpoch(epoch));
  cursor.setAttribute("x2", xOfEpoch(epoch));
  if (DATA.plane) drawPlane();
  if (DATA.network) drawNetwork();
  drawHistograms();
  if (speak) $("live").textContent = `epoch ${epoch}: ${$("numbers").textContent}`;
}
function play(on) {
  clearTimeout(playing);
  playing = null;
  if (on && frame === last) show(0, false);
  const tick = () => {
    if (frame === last) return play(false);
    show(frame + 1, false);  // announcing every frame would be noise
    playing = setTimeout(tick, Math.max(40, Math.min(400, 8000 / (last + 1))));
  };
  if (on) playing = setTimeout(tick, 300);
  $("play").textContent = playing ? "❚❚" : "▶";
  $("play").setAttribute("aria-label", playing ? "pause" : "play");
}

$("at").max = last;
$("at").addEventListener("input", () => (play(false), show(Number($("at").value))));
$("play").addEventListener("click", () => play(!playing));
$("curves").addEventListener("click", (event) => {
  const box = $("curves").getBoundingClientRect(), x = (event.clientX - box.left) / box.width * 640;
  const epoch = 1 + (x - LEFT) / (RIGHT - LEFT) * (epochs - 1);
  const nearest = DATA.epochs.reduce((best, each, i) => Math.abs(each - epoch) < Math.abs(DATA.epochs[best] - epoch) ? i : best, 0);
  play(false), show(nearest);
});
addEventListener("keydown", (event) => {
  if (event.target.matches("button, input") && event.key === " ") return;
  const keys = {" ": () => play(!playing), ArrowRight: () => show(frame + 1), ArrowLeft: () => show(frame - 1), Home: () => show(0), End: () => show(last)};
  if (!keys[event.key] || event.target.matches("input")) return;
  event.preventDefault();
  if (event.key !== " ") play(false);
  keys[event.key]();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(frame, false));

$("plane-figure").hidden = !DATA.plane;
$("network-figure").hidden = !DATA.network;
$("plane").setAttribute("aria-label", "the predicted class at each point, and the rows of the data");
$("network").setAttribute("aria-label", "the network: neurons, and weights as lines");
$("curves").setAttribute("aria-label", `curves of ${shown.join(", ")} by epoch`);
$("histograms").setAttribute("aria-label", "histograms of the parameters, one per layer");
if (DATA.network) buildNetwork();
buildCurves();
show(last);
