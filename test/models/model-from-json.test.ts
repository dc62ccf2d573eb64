import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { input, layers, loadLayersModel, model, models, ones } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { tinyClassifier, values } from '../support/tiny.js';

/** An input, two branches and their sum. */
function branched() {
  const inputs = input({ shape: [4] });
  const branches = ['left', 'right'].map((name) => layers.dense({ units: 2, name }).apply(inputs));
  return model({ inputs, outputs: layers.add().apply(branches), name: 'branched' });
}

describe('toJSON and modelFromJSON', () => {
  const path = temporaryFolder();

  it.each([tinyClassifier, branched])(
    'make a model of the same layers, with new weights (%o)',
    async (make) => {
      const first = make();
      const second = await models.modelFromJSON(first.toJSON());
      expect(second.getConfig()).toEqual(first.getConfig());
      expect(second.getClassName()).toBe(first.getClassName());
      const given = first.getWeights();
      expect(second.getWeights().map(({ shape }) => shape)).toEqual(given.map(({ shape }) => shape));
      expect(values(second.getWeights())).not.toEqual(values(given));
      second.setWeights(given);
      expect((await second.predict(ones([1, 4]))).arraySync()).toEqual(
        (await first.predict(ones([1, 4]))).arraySync(),
      );
    },
  );

  it('refuse custom classes', async () => {
    const json = tinyClassifier().toJSON();
    await expect(models.modelFromJSON(json, {})).resolves.toBeDefined();
    await expectError(
      () => models.modelFromJSON(json, { Mine: class {} as never }),
      'UNSUPPORTED',
      /customObjects has 'Mine'/,
    );
  });

  it("give text or an object, in the files' spelling", async () => {
    const net = tinyClassifier();
    const json = net.toJSON(null, false);
    expect(JSON.parse(net.toJSON())).toEqual(json);
    expect(json).toMatchObject({ class_name: 'Sequential', config: { name: 'tiny' } });
    await net.save(path('model'));
    const file = JSON.parse(readFileSync(path('model/model.json'), 'utf8'));
    expect(file.modelTopology).toEqual(json);
    const again = await models.modelFromJSON({ modelTopology: file.modelTopology });
    expect(again.countParams()).toBe(net.countParams());
    expect((await loadLayersModel(path('model'))).toJSON()).toBe(net.toJSON());
  });

  it("refuse values that aren't a model, and a model with weights", async () => {
    const make = (json: unknown) => () => models.modelFromJSON(json as string);
    await expectError(make('{'), 'INVALID_ARGUMENT', /modelFromJSON: this is not valid JSON/);
    await expectError(make(3), 'INVALID_ARGUMENT', /3 is not a model/);
    await expectError(
      make({ modelTopology: {}, weightsManifest: [] }),
      'INVALID_ARGUMENT',
      /use loadLayersModel/,
    );
    await expectError(make({ class_name: 'Lambda', config: {} }), 'UNSUPPORTED', /'Lambda'/);
    await expectError(make({ class_name: 'Sequential', config: {} }), 'CORRUPT_FILE', /no list of layers/);
  });
});

describe('input, output and getLayer', () => {
  it('are a value, or a list if there are several', () => {
    const net = branched();
    expect(net.input).toBe(net.inputs[0]);
    expect(net.output).toBe(net.outputs[0]);
    const twoOutputs = model({ inputs: net.inputs, outputs: [net.outputs[0], net.getLayer('left').output] });
    expect(twoOutputs.output).toEqual(twoOutputs.outputs);
  });

  it('find a layer by name or index', async () => {
    const net = branched();
    expect(net.getLayer('right').name).toBe('right');
    expect(net.getLayer(1)).toBe(net.getLayer('left'));
    expect(net.getLayer(null, 1)).toBe(net.getLayer('left'));
    await expectError(() => net.getLayer('centre'), 'INVALID_ARGUMENT', /no layer 'centre'/);
    await expectError(() => net.getLayer(9), 'INVALID_ARGUMENT', /no layer 9/);
  });
});
