import { describe, expect, test } from 'vitest';
import { ConvforgeError } from '../../../lib/errors.js';
import { describeProgram, type ProgramDescription } from '../../../lib/program/description.js';
import { ReferenceProgram } from '../../../lib/program/reference-engine/index.js';
import {
  activation,
  chain,
  conv2d,
  dense,
  dropout,
  type Link,
  type LinkNode,
  pool2d,
  reshape,
  rescaling,
  training,
} from '../../support/chain.js';

function refusal(description: ProgramDescription): ConvforgeError {
  try {
    new ReferenceProgram(description);
  } catch (error) {
    if (error instanceof ConvforgeError) return error;
    throw error;
  }
  return expect.fail('the program was not refused');
}

/** A link with some of its fields replaced. */
const changed =
  (link: Link, fields: Partial<LinkNode>): Link =>
  (input) => ({ ...link(input), ...fields });

const withAttributes =
  (link: Link, attributes: LinkNode['attributes']): Link =>
  (input) => {
    const node = link(input);
    return { ...node, attributes: { ...node.attributes, ...attributes } };
  };

const conv = conv2d([3, 3], 2);
const pool = pool2d('max', [2, 2]);

/** Invalid links on an input [8, 8, 3]. The message contains `text`. */
const BAD_NODES: { name: string; link: Link; code: string; text: string }[] = [
  {
    name: 'unknown op',
    link: changed(dense(2), { op: 'fft' as never }),
    code: 'UNSUPPORTED',
    text: "no op 'fft'",
  },
  {
    name: 'op of the prototype',
    link: changed(dense(2), { op: 'constructor' as never }),
    code: 'UNSUPPORTED',
    text: "no op 'constructor'",
  },
  {
    name: 'forward reference',
    link: changed(dense(2), { inputs: [1] }),
    code: 'INVALID_ARGUMENT',
    text: 'its input is node 1',
  },
  {
    name: 'no input',
    link: changed(dense(2), { inputs: [] }),
    code: 'INVALID_ARGUMENT',
    text: 'one input, not 0',
  },
  {
    name: 'fractional input',
    link: changed(dense(2), { inputs: [0.5] }),
    code: 'INVALID_ARGUMENT',
    text: 'node 0.5',
  },
  {
    name: 'wrong shape',
    link: changed(conv, { shape: [6, 6, 3] }),
    code: 'SHAPE_MISMATCH',
    text: '[6, 6, 2], not [6, 6, 3]',
  },
  {
    name: 'stride 0',
    link: withAttributes(conv, { strides: [1, 0] }),
    code: 'INVALID_ARGUMENT',
    text: 'strides is [1, 0]',
  },
  {
    name: 'fractional stride',
    link: withAttributes(conv, { strides: [1.5, 1] }),
    code: 'INVALID_ARGUMENT',
    text: 'strides is [1.5, 1]',
  },
  {
    name: 'one stride',
    link: withAttributes(conv, { strides: 1 }),
    code: 'INVALID_ARGUMENT',
    text: 'strides is 1',
  },
  {
    name: 'NaN dilation',
    link: withAttributes(conv, { dilation: [Number.NaN, 1] }),
    code: 'INVALID_ARGUMENT',
    text: 'dilation is [NaN, 1]',
  },
  {
    name: 'negative padding',
    link: withAttributes(conv, { padding: [0, -1, 0, 0] }),
    code: 'INVALID_ARGUMENT',
    text: 'padding is [0, -1, 0, 0]',
  },
  {
    name: 'unknown attribute',
    link: withAttributes(conv, { group: 3 }),
    code: 'INVALID_ARGUMENT',
    text: 'padding, groups, exact], not [strides, dilation, padding, groups, group]',
  },
  {
    name: 'no groups',
    link: withAttributes(conv, { groups: 0 }),
    code: 'INVALID_ARGUMENT',
    text: 'groups is 0',
  },
  {
    name: 'a list of groups',
    link: withAttributes(conv, { groups: [3] }),
    code: 'INVALID_ARGUMENT',
    text: 'groups is 3',
  },
  {
    name: 'groups that do not divide the channels',
    link: changed(conv2d([3, 3], 2, { groups: 2 }), {
      parameters: [{ name: 'kernel', shape: [3, 3, 1, 2] }],
    }),
    code: 'SHAPE_MISMATCH',
    text: 'takes 1 channels in each of 2 groups',
  },
  {
    name: 'groups that do not divide the filters',
    link: conv2d([3, 3], 4, { groups: 3 }),
    code: 'SHAPE_MISMATCH',
    text: "4 filters can't be divided evenly among 3 groups",
  },
  {
    name: 'missing attribute',
    link: changed(conv, { attributes: { strides: [1, 1] } }),
    code: 'INVALID_ARGUMENT',
    text: 'padding',
  },
  {
    name: 'kernel larger than its input',
    link: conv2d([9, 3], 2),
    code: 'SHAPE_MISMATCH',
    text: '9x3 is larger than its padded input 8x8',
  },
  {
    name: 'dilated kernel larger',
    link: conv2d([3, 3], 2, { dilation: [4, 4] }),
    code: 'SHAPE_MISMATCH',
    text: 'dilated to 9x9',
  },
  {
    name: 'kernel of zero',
    link: changed(conv, { parameters: [{ name: 'kernel', shape: [0, 3, 3, 2] }] }),
    code: 'INVALID_ARGUMENT',
    text: '[0, 3, 3, 2]',
  },
  {
    name: 'kernel for other channels',
    link: changed(conv, { parameters: [{ name: 'kernel', shape: [3, 3, 4, 2] }] }),
    code: 'SHAPE_MISMATCH',
    text: 'takes 4 channels',
  },
  {
    name: 'kernel of another rank',
    link: changed(conv, { parameters: [{ name: 'kernel', shape: [3, 3, 3] }] }),
    code: 'SHAPE_MISMATCH',
    text: '4 axes',
  },
  {
    name: 'no parameters',
    link: changed(conv, { parameters: [] }),
    code: 'INVALID_ARGUMENT',
    text: 'not []',
  },
  {
    name: 'bias first',
    link: changed(dense(2), { parameters: [{ name: 'bias', shape: [2] }] }),
    code: 'INVALID_ARGUMENT',
    text: 'not [bias]',
  },
  {
    name: 'bias of another length',
    link: changed(dense(2), {
      parameters: [
        { name: 'kernel', shape: [3, 2] },
        { name: 'bias', shape: [3] },
      ],
    }),
    code: 'SHAPE_MISMATCH',
    text: 'bias has shape [3]',
  },
  {
    name: 'dense of other inputs',
    link: changed(dense(2), { parameters: [{ name: 'kernel', shape: [4, 2] }] }),
    code: 'SHAPE_MISMATCH',
    text: 'takes 4 inputs',
  },
  { name: 'a billion units', link: dense(1e9), code: 'TOO_LARGE', text: '[3, 1000000000]' },
  {
    name: 'a product over 2^53',
    link: changed(dense(2), { parameters: [{ name: 'kernel', shape: [3, 2 ** 53 - 1] }] }),
    code: 'TOO_LARGE',
    text: 'more than 2147483647',
  },
  { name: 'value over 2^31', link: dense(2 ** 25 + 1), code: 'TOO_LARGE', text: '[8, 8, 33554433]' },
  {
    name: 'pool of size 0',
    link: withAttributes(pool, { size: [0, 2] }),
    code: 'INVALID_ARGUMENT',
    text: 'size is [0, 2]',
  },
  {
    name: 'pool padded as far as its size',
    link: pool2d('max', [2, 3], { padding: [0, 2, 0, 0] }),
    code: 'INVALID_ARGUMENT',
    text: 'less than the window 2x3',
  },
  {
    name: 'pool larger than its input',
    link: pool2d('sum', [2, 9]),
    code: 'SHAPE_MISMATCH',
    text: '2x9 is larger',
  },
  {
    name: 'unknown pool',
    link: withAttributes(pool, { kind: 'median' }),
    code: 'UNSUPPORTED',
    text: "no kind 'median'",
  },
  {
    name: 'pool with parameters',
    link: changed(pool, { parameters: [{ name: 'kernel', shape: [1] }] }),
    code: 'INVALID_ARGUMENT',
    text: 'no parameters',
  },
  {
    name: 'unknown activation',
    link: activation('toString' as never),
    code: 'UNSUPPORTED',
    text: "no kind 'toString'",
  },
  { name: 'rate 1', link: dropout(1), code: 'INVALID_ARGUMENT', text: 'rate is 1' },
  { name: 'negative rate', link: dropout(-0.1), code: 'INVALID_ARGUMENT', text: 'rate is -0.1' },
  {
    name: 'stream beyond 32 bits',
    link: dropout(0.5, 2 ** 32),
    code: 'INVALID_ARGUMENT',
    text: 'stream is 4294967296',
  },
  {
    name: 'infinite scale',
    link: rescaling(Number.POSITIVE_INFINITY, 0),
    code: 'INVALID_ARGUMENT',
    text: 'scale is Infinity',
  },
  {
    name: 'reshape to other elements',
    link: reshape(191),
    code: 'SHAPE_MISMATCH',
    text: 'has 192 elements, [191] has 191',
  },
  { name: 'reshape to a fraction', link: reshape(192, 1.5), code: 'INVALID_ARGUMENT', text: '[192, 1.5]' },
];

test.each(BAD_NODES)('refuses a node: $name', ({ link, code, text }) => {
  const description = chain([8, 8, 3], [link]);
  const error = refusal(description);
  expect(error.message).toContain(text);
  expect(error.code).toBe(code);
  expect(error.layer).toBe(description.graph.nodes[1].name);
});

describe('refuses a program', () => {
  const good = chain([4], [dense(3), dense(2)], training('meanSquaredError'));
  const [input, first, second] = good.graph.nodes;

  test('without nodes, or without an input first', () => {
    expect(refusal(describeProgram({ nodes: [] }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('node 0'),
    });
    expect(refusal(describeProgram({ nodes: [first] }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('not dense'),
    });
  });

  test('with an input after another node', () => {
    const error = refusal(describeProgram({ nodes: [input, first, { ...input, name: 'late' }] }));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', layer: 'late' });
    expect(error.message).toContain('must be its first nodes');
  });

  test('with an input of zero or too many elements', () => {
    expect(refusal(chain([4, 0], []))).toMatchObject({ code: 'INVALID_ARGUMENT', layer: 'input' });
    expect(refusal(chain([2 ** 20, 2 ** 20], []))).toMatchObject({ code: 'TOO_LARGE', layer: 'input' });
  });

  test('with two nodes of one name', () => {
    const error = refusal(describeProgram({ nodes: [input, first, { ...second, name: first.name }] }));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', layer: 'dense_1' });
  });

  const withTraining = (changes: Partial<NonNullable<ProgramDescription['training']>>) =>
    refusal({ ...good, training: { ...training('meanSquaredError'), ...changes } });

  test('with an unknown loss, metric or optimizer', () => {
    expect(withTraining(training('valueOf' as never))).toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining("no loss 'valueOf'"),
    });
    expect(withTraining(training('meanSquaredError', { metrics: [{ kind: 'auc' } as never] }))).toMatchObject(
      {
        code: 'UNSUPPORTED',
        message: expect.stringContaining("no metric 'auc'"),
      },
    );
    expect(withTraining({ optimizer: { kind: 'lamb', learningRate: 0.1 } as never })).toMatchObject({
      code: 'UNSUPPORTED',
    });
  });

  test('with a metric that needs other targets than its loss', () => {
    const error = withTraining(
      training('meanSquaredError', { metrics: [{ kind: 'sparseCategoricalAccuracy' }] }),
    );
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain('sparseCategoricalAccuracy compares with classes');
  });

  test.each([
    [{ kind: 'sgd', learningRate: -1, momentum: 0, nesterov: false }, 'learningRate is -1'],
    [{ kind: 'sgd', learningRate: 1, momentum: Number.NaN, nesterov: false }, 'momentum is NaN'],
    [{ kind: 'adam', learningRate: 1, beta1: 1, beta2: 0.9, epsilon: 0 }, 'beta1 is 1'],
    [{ kind: 'adam', learningRate: 1, beta1: 0.9, beta2: -0.1, epsilon: 0 }, 'beta2 is -0.1'],
    [{ kind: 'adam', learningRate: 1, beta1: 0.9, beta2: 0.9, epsilon: -1 }, 'epsilon is -1'],
  ] as const)('with the optimizer %o', (optimizer, text) => {
    const error = withTraining({ optimizer });
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain(text);
  });
});
