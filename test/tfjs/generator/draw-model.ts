import { Draw } from './draw.js';
import { withUnknownSizes } from './unknown-sizes.js';
import { GraphDrawer, Names } from './graph-drawer.js';
import type { GraphSpec, InputSpec, ModelSpec, TrainingSpec } from './spec.js';
import { drawMetrics, drawOptimizer, LOSSES, STEPPED } from './training-draws.js';

/** The model of this seed, number and attempt. Reproducible. */
export function drawModel(seed: number, number: number, attempt: number): ModelSpec {
  const draw = new Draw(seed * 1_000_003 + number * 101 + attempt);
  const kind = draw.chance(0.35) ? 'sequential' : 'model';
  const inputs = Array.from({ length: kind === 'model' ? draw.pick([1, 1, 2, 3]) : 1 }, () =>
    drawInput(draw),
  );
  const names = new Names(draw);
  const drawer = new GraphDrawer(draw, names, kind, inputs);
  drawer.grow();
  const heads = addHeads(draw, drawer, names);
  const drawn = drawer.finish(
    heads.map(({ value }) => value),
    names.maybe(0.5),
  );
  const graph = draw.chance(0.5) ? withUnknownSizes(drawn) : drawn;
  return {
    id: `${seed}:${number}${attempt > 0 ? `.${attempt}` : ''}`,
    graph,
    outputShapes: heads.map(({ value }) => drawer.shapeOf(value)),
    training: drawTraining(draw, heads, graph),
    limits: drawer.limits,
    samples: drawer.takesOneSample ? 1 : draw.whole(2, 5),
    dataSeed: draw.whole(0, 2 ** 30),
  };
}

function drawInput(draw: Draw): InputSpec {
  const rank = draw.pick([1, 2, 3, 3]);
  if (rank < 3 && draw.chance(0.2)) {
    const shape = Array.from({ length: rank }, () => draw.whole(1, 4));
    return { shape, classes: draw.whole(2, 9) };
  }
  if (rank === 1) return { shape: [draw.whole(1, 6)] };
  const sizes = Array.from({ length: rank - 1 }, () => draw.whole(1, 7));
  return { shape: [...sizes, draw.whole(1, 3)] };
}

interface Head {
  value: number;
  row: (typeof LOSSES)[number];
}

/**
 * The output layers, with the activations that the losses need. Several outputs are vectors, since
 * TF.js can't add other losses.
 */
function addHeads(draw: Draw, drawer: GraphDrawer, names: Names): Head[] {
  const ends = drawer.unite(draw.pick([1, 1, 2, 3]));
  const sharesRow = draw.chance(0.6);
  const common = draw.pick(LOSSES);
  return ends.map((end) => {
    const row = sharesRow ? common : draw.pick(LOSSES);
    const value = ends.length > 1 || draw.chance(0.5) ? drawer.flat(end) : end;
    const units = row.targets === 'binary' ? draw.whole(1, 3) : draw.whole(2, 4);
    const activation = draw.pick(row.activations);
    const options = { units, activation, ...names.maybe(0.3) };
    return { value: drawer.add({ make: 'dense', options }, [value]) as number, row };
  });
}

function drawTraining(draw: Draw, heads: readonly Head[], graph: GraphSpec): TrainingSpec {
  const rows = heads.map(({ row }) => row);
  const text = JSON.stringify(graph);
  const isConstrained = text.includes('"constraints"');
  // A shift before a normalization has no gradient, and gradients of equal size may cancel out.
  const hasNoise = /Normalization|"normalize":true/.test(text) || rows.some(({ loss }) => STEPPED.has(loss));
  const optimizer = drawOptimizer(draw, { exceptAdamax: isConstrained, hasNoise });
  return {
    losses: rows.map(({ loss }) => loss),
    targets: rows.map(({ targets }) => targets),
    metrics: drawMetrics(draw, rows),
    optimizer,
    // TF.js can't load Adamax's state, and applies constraints when it loads weights. A constraint scales a
    // small norm n with an error of 1e-7 / n, so it is idempotent only from the second time on.
    warmUp: optimizer.make === 'adamax' ? 0 : draw.whole(isConstrained ? 2 : 0, 2),
  };
}
