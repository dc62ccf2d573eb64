import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { io, loadLayersModel, loadModel, models, ones } from '../../../lib/index.js';
import { expectError } from '../../support/convforge-error.js';
import { checkOutputs, readJson, type Values } from './cases.js';

/** Models with operators of keras.ops. scripts/golden/make-keras-operators.py made them. */
const FOLDER = join(__dirname, 'operators');
const { inputs, outputs } = readJson<{ inputs: Values; outputs: Record<string, Values[]> }>(
  join(FOLDER, 'answers.json'),
);

describe.each(Object.keys(outputs))('%s', (name) => {
  it('predicts as Keras does', async () => {
    const model = await loadModel(join(FOLDER, `${name}.keras`));
    checkOutputs(model, [inputs], outputs[name], 1e-5);
  });
});

it('are read from HDF5, too', async () => {
  const model = await loadModel(join(FOLDER, 'layers.h5'));
  checkOutputs(model, [inputs], outputs.layers, 1e-5);
  expect(model.layers.map((layer) => layer.getClassName())).toContain('Operation');
});

describe('an operator', () => {
  const tensor = (name: string, shape: (number | null)[] = [null, 4]) => ({
    class_name: '__keras_tensor__',
    config: { shape, dtype: 'float32', keras_history: [name, 0, 0] },
  });
  /** A model of one operator of x [null, 4]. */
  const load = (className: string, config: object, args: unknown[], kwargs: object = {}) => {
    const input = { class_name: 'InputLayer', config: { batch_shape: [null, 4], name: 'x' } };
    const operator = {
      module: 'keras.src.ops.numpy',
      class_name: className,
      config: { name: 'y', ...config },
    };
    const layers = [
      { ...input, module: 'keras.layers', name: 'x', inbound_nodes: [] },
      { ...operator, name: 'y', inbound_nodes: [{ args, kwargs }] },
    ];
    const inputs = { input_layers: [['x', 0, 0]], output_layers: [['y', 0, 0]] };
    const graph = { name: 'm', layers, ...inputs };
    return () => models.modelFromJSON({ module: 'keras', class_name: 'Functional', config: graph });
  };
  const x = tensor('x');

  it('keeps its constants as weights, which are saved with the model', async () => {
    const constant = { class_name: '__tensor__', config: { value: [1, 2, 3, 4], dtype: 'float32' } };
    const model = await load('Multiply', {}, [constant], { x2: x })();
    const given = ones([1, 4]);
    expect([...model.predict(given).dataSync()]).toEqual([1, 2, 3, 4]);
    const saved = await model.save(io.withSaveHandler(async (artifacts) => artifacts));
    const again = await loadLayersModel(io.fromMemory(saved));
    expect([...again.predict(given).dataSync()]).toEqual([1, 2, 3, 4]);
  });

  it.each<[string, object, unknown[], RegExp]>([
    ['Argsort', {}, [x], /the operator 'y' \(Argsort\) isn't here/],
    ['Mean', { axis: 1, where: 3 }, [x], /'y' \(Mean\) has the option where 3/],
    ['Mean', { axis: null }, [x], /it reduces all axes, the batch too/],
    ['Cast', { dtype: 'int32' }, [x], /makes int32 of its input/],
    ['Take', { axis: 1 }, [x, x], /takes indices that the model computes/],
    ['Add', {}, [x, { class_name: '__lambda__', config: {} }], /takes .*, which is neither/],
    ['Add', {}, [1, 2], /takes no value of the model/],
    ['Add', {}, [x, { class_name: '__tensor__', config: { value: [[1, 2], 3] } }], /isn't one of numbers/],
    ['Concatenate', { axis: 1 }, [x], /where a list of values must be/],
    ['GetItem', {}, [x, ['a']], /takes the index 'a'/],
    ['Sigmoid', {}, [x, 1], /is called with 2 arguments/],
  ])("that can't be done is named: %s %j", async (className, config, args, message) => {
    await expectError(load(className, config, args), 'UNSUPPORTED', message);
  });
});
