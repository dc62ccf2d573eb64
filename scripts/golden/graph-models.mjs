// Small graphs of TensorFlow, each of which has a kind of node that real ones have.

/** Numbers from -1 to 1 that differ from one index to the next. */
const numbers = (count, seed = 1) =>
  Array.from(
    { length: count },
    (_, i) => Math.round(1000 * Math.sin(12.9898 * (i + 1) * seed + seed)) / 1000,
  );

const size = (shape) => shape.reduce((product, each) => product * each, 1);
const text = (value) => ({ s: Buffer.from(value).toString('base64') });
const list = (values) => ({ list: { i: values.map(String) } });
const whole = (value) => ({ i: String(value) });
const float = { type: 'DT_FLOAT' };

/** Builds the artifacts of a graph. Every method returns the name of a node. */
class Builder {
  node = [];
  specs = [];
  bytes = [];
  inputs = {};
  seed = 1;

  input(name, shape, dtype = 'DT_FLOAT') {
    const dim = [-1, ...shape].map((each) => ({ size: String(each) }));
    this.node.push({ name, op: 'Placeholder', attr: { dtype: { type: dtype }, shape: { shape: { dim } } } });
    const full = [2, ...shape.map((each) => (each === -1 ? 5 : each))];
    this.inputs[name] = { shape: full, values: numbers(size(full), 0.1) };
    return name;
  }

  /** A constant: numbers, whole numbers, or a shape to be filled. */
  constant(value, dtype = 'float32', shape = Array.isArray(value) ? [value.length] : []) {
    const name = `const_${this.specs.length}`;
    const Typed = { float32: Float32Array, int32: Int32Array }[dtype];
    const values = Typed.from([value].flat());
    this.specs.push({ name, shape, dtype });
    this.bytes.push(...new Uint8Array(values.buffer));
    this.node.push({
      name,
      op: 'Const',
      attr: { dtype: { type: dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' } },
    });
    return name;
  }

  ints(value, shape) {
    return this.constant(value, 'int32', shape ?? (Array.isArray(value) ? [value.length] : []));
  }

  weight(...shape) {
    return this.constant(numbers(size(shape), ++this.seed), 'float32', shape);
  }

  op(op, input, attr = {}, name = `${op}_${this.node.length}`) {
    this.node.push({ name, op, input, attr: { T: float, ...attr } });
    return name;
  }

  conv(op, x, kernel, { strides = [1, 1], padding = 'VALID', dilations = [1, 1], more = [], ...attr } = {}) {
    return this.op(op, [x, kernel, ...more], {
      strides: list([1, ...strides, 1]),
      padding: text(padding),
      dilations: list([1, ...dilations, 1]),
      data_format: text('NHWC'),
      ...attr,
    });
  }
}

const fused = (...names) => ({
  fused_ops: { list: { s: names.map((name) => text(name).s) } },
  num_args: whole(names.includes('Prelu') ? 2 : 1),
});

const GRAPHS_BY_NAME = {
  fused_convolutions(b) {
    const x = b.input('image', [6, 7, 4]);
    const a = b.conv('_FusedConv2D', x, b.weight(3, 3, 4, 5), {
      padding: 'SAME',
      strides: [2, 2],
      more: [b.weight(5)],
      ...fused('BiasAdd', 'Relu6'),
    });
    const c = b.conv('FusedDepthwiseConv2dNative', a, b.weight(3, 3, 5, 2), {
      padding: 'SAME',
      more: [b.weight(10)],
      ...fused('BiasAdd', 'Elu'),
    });
    const d = b.conv('_FusedConv2D', c, b.weight(1, 1, 10, 3), {
      more: [b.weight(3), b.weight(1, 1, 3)],
      ...fused('BiasAdd', 'Prelu'),
    });
    return [d, a];
  },
  unfused_batch_normalization(b) {
    const x = b.input('image', [5, 5, 3]);
    const conv = b.conv('Conv2D', x, b.weight(3, 3, 3, 4), {
      padding: 'EXPLICIT',
      explicit_paddings: list([0, 0, 1, 0, 2, 1, 0, 0]),
    });
    const biased = b.op('BiasAdd', [conv, b.weight(4)]);
    const scaled = b.op('Mul', [biased, b.weight(4)]);
    const shifted = b.op('AddV2', [scaled, b.weight(4)]);
    const relu = b.op('Relu', [shifted]);
    const variance = b.constant([0.5, 1, 2, 0.25]);
    const normalized = b.op('FusedBatchNormV3', [relu, b.weight(4), b.weight(4), b.weight(4), variance], {
      epsilon: { f: 0.001 },
      is_training: { b: false },
      data_format: text('NHWC'),
    });
    return [normalized];
  },
  padded_and_dilated(b) {
    const x = b.input('image', [9, 8, 2]);
    const padded = b.op('Pad', [x, b.ints([0, 0, 1, 2, 0, 1, 0, 0], [4, 2])]);
    const conv = b.conv('Conv2D', padded, b.weight(3, 3, 2, 2), { strides: [2, 2] });
    const block = b.ints([2, 2]);
    const spread = b.op('SpaceToBatchND', [x, block, b.ints([2, 3, 2, 2], [2, 2])]);
    const dilated = b.conv('Conv2D', spread, b.weight(3, 3, 2, 3));
    const biased = b.op('BiasAdd', [dilated, b.weight(3)]);
    const relu = b.op('Relu', [biased]);
    const gathered = b.op('BatchToSpaceND', [relu, block, b.ints([0, 1, 0, 0], [2, 2])]);
    return [conv, gathered];
  },
  shape_arithmetic(b) {
    const x = b.input('image', [4, 6, 3]);
    const pooled = b.op('MaxPool', [x], {
      ksize: list([1, 2, 2, 1]),
      strides: list([1, 2, 2, 1]),
      padding: text('VALID'),
      data_format: text('NHWC'),
    });
    const shape = b.op('Shape', [pooled], { out_type: { type: 'DT_INT32' } });
    const masks = {
      begin_mask: whole(0),
      end_mask: whole(0),
      ellipsis_mask: whole(0),
      new_axis_mask: whole(0),
    };
    const batch = b.op('StridedSlice', [shape, b.ints([0]), b.ints([1]), b.ints([1])], {
      ...masks,
      shrink_axis_mask: whole(1),
    });
    const rest = b.op('StridedSlice', [shape, b.ints([1]), b.ints([4]), b.ints([1])], {
      ...masks,
      shrink_axis_mask: whole(0),
    });
    const count = b.op('Prod', [rest, b.ints([0])], { keep_dims: { b: false } });
    const target = b.op('Pack', [batch, count], { axis: whole(0), N: whole(2) });
    const flat = b.op('Reshape', [pooled, target]);
    const hidden = b.op('_FusedMatMul', [flat, b.weight(18, 5), b.weight(5)], {
      transpose_a: { b: false },
      transpose_b: { b: false },
      ...fused('BiasAdd', 'Relu'),
    });
    const logits = b.op('MatMul', [hidden, b.weight(4, 5)], {
      transpose_a: { b: false },
      transpose_b: { b: true },
    });
    return [b.op('Softmax', [b.op('BiasAdd', [logits, b.weight(4)])]), flat];
  },
  branches(b) {
    const x = b.input('image', [4, 4, 2]);
    const y = b.input('other', [4, 4, 2]);
    const sum = b.op('AddV2', [x, y]);
    const difference = b.op('Sub', [x, y]);
    const product = b.op('Mul', [sum, difference]);
    const joined = b.op('ConcatV2', [sum, product, x, b.ints(3)], { N: whole(3) });
    const most = b.op('Maximum', [x, y]);
    const turned = b.op('Transpose', [most, b.ints([0, 2, 1, 3])]);
    const mean = b.op('Mean', [joined, b.ints([1, 2])], { keep_dims: { b: true } });
    const average = b.op('AvgPool', [x], {
      ksize: list([1, 3, 3, 1]),
      strides: list([1, 2, 2, 1]),
      padding: text('SAME'),
      data_format: text('NHWC'),
    });
    const deep = b.op('ConcatV2', [x, y, b.ints(-1)], { N: whole(2) });
    const blocks = b.op('DepthToSpace', [deep], { block_size: whole(2), data_format: text('NHWC') });
    return [joined, turned, mean, average, blocks, b.op('Add', [x, x])];
  },
  enlarged(b) {
    const x = b.input('image', [3, 4, 2]);
    const shape = b.op('Shape', [x], { out_type: { type: 'DT_INT32' } });
    const masks = {
      begin_mask: whole(0),
      end_mask: whole(0),
      ellipsis_mask: whole(0),
      new_axis_mask: whole(0),
      shrink_axis_mask: whole(1),
    };
    const batch = b.op('StridedSlice', [shape, b.ints([0]), b.ints([1]), b.ints([1])], masks);
    const sizes = b.op('Pack', [batch, b.ints(6), b.ints(8), b.ints(3)], { axis: whole(0), N: whole(4) });
    const strides = list([1, 2, 2, 1]);
    const large = b.op('Conv2DBackpropInput', [sizes, b.weight(3, 3, 3, 2), x], {
      strides,
      padding: text('SAME'),
      data_format: text('NHWC'),
      dilations: list([1, 1, 1, 1]),
    });
    return [b.op('Tanh', [b.op('BiasAdd', [large, b.weight(3)])])];
  },
  read_twice(b) {
    const x = b.input('image', [4, 4, 2]);
    const conv = b.conv('Conv2D', x, b.weight(2, 2, 2, 3), { padding: 'SAME' });
    const scaled = b.op('Mul', [conv, b.weight(3)]);
    const sum = b.op('AddV2', [scaled, conv]);
    return [b.op('Relu', [sum]), sum];
  },
  elementwise(b) {
    const x = b.input('x', [3, 4]);
    const y = b.input('y', [3, 4]);
    const positive = b.op('Add', [b.op('Square', [x]), b.constant(0.5)]);
    const unary = [
      'Abs',
      'Neg',
      'Floor',
      'Ceil',
      'Round',
      'Sign',
      'Exp',
      'Expm1',
      'Erf',
      'Sin',
      'Cos',
      'Softplus',
      'Selu',
    ];
    const roots = ['Log', 'Log1p', 'Sqrt', 'Rsqrt', 'Reciprocal'];
    const binary = ['Sub', 'Mul', 'Maximum', 'Minimum', 'SquaredDifference', 'RealDiv', 'FloorMod'];
    return [
      ...unary.map((op) => b.op(op, [x])),
      ...roots.map((op) => b.op(op, [positive])),
      ...binary.map((op) => b.op(op, [x, y])),
      ...binary.slice(0, 5).map((op) => b.op(op, [x, b.weight(4)])),
      b.op('Sub', [b.constant(1), x]),
      b.op('RealDiv', [b.weight(3, 1), positive]),
      b.op('Pow', [positive, b.constant(1.5)]),
      b.op('ClipByValue', [x, b.constant(-0.25), b.constant(0.5)]),
      b.op('DivNoNan', [y, b.op('Relu', [x])]),
      b.op('SelectV2', [b.op('Greater', [x, y]), x, b.op('Neg', [y])]),
      b.op('LeakyRelu', [x], { alpha: { f: 0.3 } }),
      b.op('Prelu', [x, b.weight(4)]),
      b.op('AddN', [x, y, positive], { N: whole(3) }),
    ];
  },
  cutting(b) {
    const x = b.input('x', [4, 5, 2]);
    const masks = (begin, end, added = 0, shrunk = 0) => ({
      begin_mask: whole(begin),
      end_mask: whole(end),
      ellipsis_mask: whole(0),
      new_axis_mask: whole(added),
      shrink_axis_mask: whole(shrunk),
    });
    const slice = (begin, end, strides, attr) =>
      b.op('StridedSlice', [x, b.ints(begin), b.ints(end), b.ints(strides)], attr);
    const parts = b.op('Split', [b.ints(3), x], { num_split: whole(2) });
    const unpacked = b.op('Unpack', [x], { axis: whole(2), num: whole(5) });
    return [
      slice([0, 1, -4], [0, 4, -1], [1, 1, 1], masks(1, 1)),
      slice([0, 0, 5], [0, 5, 0], [1, 2, -2], masks(1, 5)),
      slice([0, 0, 2], [0, 0, 3], [1, 1, 1], masks(3, 3, 0, 4)),
      slice([0, 0, 1], [0, 0, 5], [1, 1, 1], masks(1, 1, 2)),
      b.op('Slice', [x, b.ints([0, 1, 2, 0]), b.ints([-1, 3, 2, -1])]),
      b.op('GatherV2', [x, b.ints([1, 0, 1]), b.ints(3)]),
      b.op('GatherV2', [x, b.ints(1), b.ints(1)]),
      b.op('ReverseV2', [x, b.ints([1])]),
      b.op('ConcatV2', [parts, `${parts}:1`, b.ints(-1)], { N: whole(2) }),
      b.op('Pack', [`${unpacked}:1`, unpacked], { axis: whole(1), N: whole(2) }),
      b.op('Pad', [x, b.ints([0, 0, 1, 0, 0, 2, 1, 1], [4, 2])]),
      b.op('PadV2', [x, b.ints([0, 0, 1, 0, 0, 2, 0, 0], [4, 2]), b.constant(0.5)]),
      b.op('MirrorPad', [x, b.ints([0, 0, 2, 1, 0, 3, 0, 0], [4, 2])], { mode: text('REFLECT') }),
      b.op('MirrorPad', [x, b.ints([0, 0, 2, 1, 0, 3, 0, 0], [4, 2])], { mode: text('SYMMETRIC') }),
      b.op('Squeeze', [b.op('ExpandDims', [x, b.ints(-1)])], { squeeze_dims: list([4]) }),
      b.op('Tile', [x, b.ints([1, 2, 1, 1])]),
    ];
  },
  reductions(b) {
    const x = b.input('x', [3, 4, 2]);
    const reduce = (op, axes, keep) => b.op(op, [x, b.ints(axes)], { keep_dims: { b: keep } });
    return [
      reduce('Sum', [1], false),
      reduce('Mean', [-1], true),
      reduce('Max', [1, 2], false),
      reduce('Min', [2, 3], true),
      reduce('Prod', [1, 3], false),
      reduce('Sum', [1, 2, 3], false),
      b.op('Cumsum', [x, b.ints(2)], { exclusive: { b: true }, reverse: { b: true } }),
      b.op('LRN', [x], { depth_radius: whole(1), bias: { f: 1 }, alpha: { f: 0.2 }, beta: { f: 0.75 } }),
      b.op('LogSoftmax', [x]),
    ];
  },
  resizing(b) {
    const x = b.input('x', [3, 4, 2]);
    const size = () => b.ints([5, 7]);
    const ways = [
      [true, false],
      [false, true],
      [false, false],
    ];
    const each = (op) =>
      ways.map(([corners, half]) =>
        b.op(op, [x, size()], { align_corners: { b: corners }, half_pixel_centers: { b: half } }),
      );
    return [...each('ResizeBilinear'), ...each('ResizeNearestNeighbor')];
  },
  products(b) {
    const x = b.input('x', [3, 4]);
    const y = b.input('y', [4, 5]);
    const z = b.input('z', [5, 4]);
    const adjoint = (a, c) => ({ adj_x: { b: a }, adj_y: { b: c } });
    return [
      b.op('BatchMatMulV2', [x, y], adjoint(false, false)),
      b.op('BatchMatMulV2', [x, z], adjoint(false, true)),
      b.op('BatchMatMulV2', [y, x], adjoint(true, true)),
      b.op('BatchMatMulV2', [x, b.weight(4, 3)], adjoint(false, false)),
    ];
  },
};

export const GRAPHS = Object.entries(GRAPHS_BY_NAME).map(([name, make]) => {
  const builder = new Builder();
  const nodes = make(builder);
  const ports = Object.fromEntries(nodes.map((node, i) => [`out_${i}`, { name: `${node}:0` }]));
  const inputs = Object.fromEntries(Object.keys(builder.inputs).map((key) => [key, { name: `${key}:0` }]));
  const artifacts = {
    format: 'graph-model',
    generatedBy: '2.21.0',
    modelTopology: { node: builder.node, versions: { producer: 2474 } },
    signature: { inputs, outputs: ports },
    weightSpecs: builder.specs,
    weightBase64: Buffer.from(builder.bytes).toString('base64'),
  };
  return { name, artifacts, inputs: builder.inputs, nodes };
});
