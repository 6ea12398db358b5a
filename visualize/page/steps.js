// What happens, one step after the other: each box is computed, the result gets the gradient 1, and each contribution moves
// one edge back. The gradient at any step is a function of the step, so the slider can jump anywhere.

let steps = [];
let seedStep = 0; // the first step of the backward pass
let lastStep = 0;
let contributions = []; // for each node: [step, user, position of the operand], in the order in which `backward` adds them

function makeSteps() {
  const pass = ([n, p]) => passes(n, p);
  steps = [{kind: "start"}];
  for (const box of boxes) if (box.computed) box.step = steps.push({kind: "forward", box}) - 1;
  seedStep = steps.push({kind: "seed", box: hostOf[ROOT]}) - 1;
  contributions = nodes.map(() => []);
  const add = (kind, box, port, uses) => {
    for (const [n, p] of uses) contributions[n.operands[p]].push([steps.length, n, p]);
    if (uses.length) steps.push({kind, box, port, uses});
  };
  for (const box of [...boxes].reverse())
    if (box.computed) {
      // All contributions within a box are one step, in the order of `backward`: from the last node to the first.
      add(
        "inside",
        box,
        null,
        box.inside.filter(pass).sort((a, b) => b[0].i - a[0].i || a[1] - b[1]),
      );
      for (const port of box.ports) if (port.from) add("backward", box, port, port.uses.filter(pass));
    }
  lastStep = steps.push({kind: "done"}) - 1;
}

// The gradient of a node after step k; null while no contribution has arrived.
function gradientAt(i, k) {
  let sum = k >= seedStep && ROOTS.includes(i) ? 1 : null;
  for (const [step, n, p] of contributions[i]) {
    if (step > k) break;
    sum = (sum ?? 0) + gradient[n.i] * partials[n.i][p];
  }
  return sum === null && k === lastStep && !nodes[i].plain ? 0 : sum;
}

// Whether all contributions have arrived.
const isFinal = (i, k) => k >= seedStep && (contributions[i].at(-1)?.[0] ?? 0) <= k;
