import { readFileSync } from 'node:fs';
import * as tfjs from '@tensorflow/tfjs-core';
import * as tfjsLayers from '@tensorflow/tfjs-layers';
import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import {
  io,
  type LayersModel,
  layers,
  loadLayersModel,
  sequential,
  setSeed,
  tensor,
} from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { weightsFile } from '../support/weights-file.js';
import { predictInOurs, predictInTfjs, someSamples } from '../support/tfjs-files.js';

const pathOf = temporaryFolder();
const X = someSamples([[4, 4, 2]]);

let model: LayersModel;
beforeEach(() => {
  setSeed(5);
  model = sequential({
    name: 'net',
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 2, activation: 'relu', inputShape: [4, 4, 2] }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
});

/** The artifacts that save passes to a handler. */
async function artifactsOf(given: LayersModel, includeOptimizer = false): Promise<io.ModelArtifacts> {
  return given.save(
    io.withSaveHandler(async (artifacts) => artifacts),
    { includeOptimizer },
  );
}

describe("convforge's handlers", () => {
  it('pass on a model, its weights and its optimizer', async () => {
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const x = tensor(X[0].values as number[], X[0].shape);
    await model.fit(x, [0, 1], { verbose: 0 });
    const loaded = await loadLayersModel(io.fromMemory(await artifactsOf(model, true)));
    expect(predictInOurs(loaded, X)).toEqual(predictInOurs(model, X));
    expect(loaded.optimizer.getClassName()).toBe('Adam');
    await model.fit(x, [0, 1], { verbose: 0 });
    await loaded.fit(x, [0, 1], { verbose: 0 });
    expect(predictInOurs(loaded, X)).toEqual(predictInOurs(model, X));
  });

  it("receive artifacts in TF.js's form", async () => {
    const artifacts = await artifactsOf(model);
    expect(Object.keys(artifacts).sort()).toEqual([
      'convertedBy',
      'format',
      'generatedBy',
      'modelTopology',
      'weightData',
      'weightSpecs',
    ]);
    expect(artifacts.modelTopology).toEqual(model.toJSON(null, false));
    expect(artifacts.weightSpecs?.[0]).toEqual({
      name: 'conv2d_1/kernel',
      shape: [2, 2, 2, 3],
      dtype: 'float32',
    });
    expect(artifacts.weightData).toBeInstanceOf(ArrayBuffer);
    expect((artifacts.weightData as ArrayBuffer).byteLength).toBe(4 * model.countParams());
    expectTypeOf(artifacts).toEqualTypeOf<io.ModelArtifacts>();
  });

  it('receive copies', async () => {
    const artifacts = await artifactsOf(model);
    const before = predictInOurs(model, X);
    new Float32Array(artifacts.weightData as ArrayBuffer).fill(0);
    expect(predictInOurs(model, X)).toEqual(before);
  });

  it("accept TF.js's older arguments, and layers without weights", async () => {
    const { modelTopology, weightSpecs, weightData } = await artifactsOf(model);
    const handlers = [
      io.fromMemory(modelTopology as object, weightSpecs, weightData),
      io.fromMemorySync(modelTopology as object, weightSpecs, weightData),
    ];
    for (const handler of handlers) {
      expect(predictInOurs(await loadLayersModel(handler), X)).toEqual(predictInOurs(model, X));
    }
    for (const fresh of [io.fromMemory(modelTopology as object), io.fromMemory({ modelTopology })]) {
      expect((await loadLayersModel(fresh)).countParams()).toBe(model.countParams());
    }
  });

  it('accept weights split at any byte, also as views', async () => {
    const artifacts = await artifactsOf(model);
    const bytes = Buffer.from(artifacts.weightData as ArrayBuffer);
    const around = Buffer.concat([Buffer.alloc(3), bytes.subarray(7, 50), Buffer.alloc(5)]);
    const weightData = [
      Uint8Array.from(bytes.subarray(0, 7)).buffer,
      around.subarray(3, 46),
      new ArrayBuffer(0),
      new DataView(Uint8Array.from(bytes.subarray(50)).buffer),
    ];
    const loaded = await loadLayersModel(io.fromMemory({ ...artifacts, weightData }));
    expect(predictInOurs(loaded, X)).toEqual(predictInOurs(model, X));
  });

  it('may give more data than is read', async () => {
    const artifacts = { ...(await artifactsOf(model)), raw: Buffer.alloc(10), id: 7n, load: () => 1 };
    expect((await loadLayersModel(io.fromMemory(artifacts))).name).toBe('net');
  });

  it('are any objects with load() or save()', async () => {
    class Store {
      held?: io.ModelArtifacts;
      save(artifacts: io.ModelArtifacts) {
        this.held = artifacts;
        return { id: 7 };
      }
      load() {
        return this.held as io.ModelArtifacts;
      }
    }
    const store = new Store();
    const saved = await model.save(store);
    expectTypeOf(saved).toEqualTypeOf<{ id: number }>();
    expect(saved).toEqual({ id: 7 });
    expect(predictInOurs(await loadLayersModel(store), X)).toEqual(predictInOurs(model, X));
  });
});

describe('fileSystem', () => {
  it('saves and loads a folder', async () => {
    const result = await model.save(io.fileSystem(`file://${pathOf('m')}`));
    expect(result.modelArtifactsInfo.weightDataBytes).toBe(4 * model.countParams());
    for (const source of [io.fileSystem(pathOf('m')), io.fileSystem(pathOf('m/model.json'))]) {
      expect(predictInOurs(await loadLayersModel(source), X)).toEqual(predictInOurs(model, X));
    }
  });

  it('gives and takes artifacts, called by itself', async () => {
    const { modelArtifactsInfo } = await io.fileSystem(pathOf('m')).save(await artifactsOf(model));
    const artifacts = await io.fileSystem(pathOf('m')).load();
    expect(artifacts).toEqual(await artifactsOf(model));
    expect(modelArtifactsInfo).toEqual({
      ...io.getModelArtifactsInfoForJSON(artifacts),
      dateSaved: expect.any(Date),
    });
  });

  it('checks its argument like a path', async () => {
    await expectError(() => io.fileSystem('https://example.org/m'), 'UNSUPPORTED', /https/);
    await expectError(() => io.fileSystem(['a', 'b'] as never), 'INVALID_ARGUMENT', /not a location/);
    await expectError(() => model.save(io.fileSystem(pathOf('m.pb'))), 'UNSUPPORTED', /\.pb/);
    await expectError(() => loadLayersModel(io.fileSystem(pathOf('nowhere'))), 'IO_ERROR', /nowhere/);
  });
});

describe('save resolves to the date and sizes', () => {
  it('in a folder', async () => {
    const before = Date.now();
    const { modelArtifactsInfo: info } = await model.save(pathOf('m'));
    const json = JSON.parse(readFileSync(pathOf('m/model.json'), 'utf8'));
    expect(info.dateSaved.getTime()).toBeGreaterThanOrEqual(before);
    expect(info).toEqual({
      dateSaved: expect.any(Date),
      modelTopologyType: 'JSON',
      modelTopologyBytes: JSON.stringify(json.modelTopology).length,
      weightSpecsBytes: JSON.stringify(json.weightsManifest[0].weights).length,
      weightDataBytes: readFileSync(weightsFile(pathOf('m'))).length,
    });
  });
});

describe("TF.js's own handlers", () => {
  it('receive our models, which TF.js loads', async () => {
    let held: tfjs.io.ModelArtifacts = {};
    const handler = tfjs.io.withSaveHandler(async (artifacts) => {
      held = artifacts;
      return { modelArtifactsInfo: tfjs.io.getModelArtifactsInfoForJSON(artifacts) };
    });
    const { modelArtifactsInfo } = await model.save(handler);
    expect(modelArtifactsInfo).toEqual({
      ...io.getModelArtifactsInfoForJSON(await artifactsOf(model)),
      dateSaved: expect.any(Date),
    });
    const theirs = await tfjsLayers.loadLayersModel(tfjs.io.fromMemory(held));
    expectNear(predictInTfjs(theirs, X), predictInOurs(model, X));
  });

  it('give us models of TF.js', async () => {
    const theirs = theirModel();
    let held: tfjs.io.ModelArtifacts = {};
    await theirs.save(
      tfjs.io.withSaveHandler(async (artifacts) => {
        held = artifacts;
        return { modelArtifactsInfo: tfjs.io.getModelArtifactsInfoForJSON(artifacts) };
      }),
    );
    for (const handler of [tfjs.io.fromMemory(held), tfjs.io.fromMemorySync(held)]) {
      const ours = await loadLayersModel(handler);
      expectNear(predictInOurs(ours, X), predictInTfjs(theirs, X));
    }
  });

  it('accept our handlers when TF.js saves and loads', async () => {
    const theirs = theirModel();
    await theirs.save(io.fileSystem(pathOf('theirs')));
    expectNear(predictInOurs(await loadLayersModel(pathOf('theirs')), X), predictInTfjs(theirs, X));
    const again = await tfjsLayers.loadLayersModel(io.fileSystem(pathOf('theirs')));
    expect(predictInTfjs(again, X)).toEqual(predictInTfjs(theirs, X));
    const fromOurs = await tfjsLayers.loadLayersModel(io.fromMemory(await artifactsOf(model)));
    expectNear(predictInTfjs(fromOurs, X), predictInOurs(model, X));
    let taken: io.ModelArtifacts = {};
    const saver = io.withSaveHandler(async (artifacts) => {
      taken = artifacts;
      return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
    });
    await theirs.save(saver);
    expectNear(predictInOurs(await loadLayersModel(io.fromMemory(taken)), X), predictInTfjs(theirs, X));
  });
});

function theirModel(): tfjsLayers.LayersModel {
  return tfjsLayers.sequential({
    layers: [
      tfjsLayers.layers.conv2d({ filters: 3, kernelSize: 2, activation: 'relu', inputShape: [4, 4, 2] }),
      tfjsLayers.layers.flatten(),
      tfjsLayers.layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
}

function expectNear(values: number[][], expected: number[][]): void {
  expect(values[0]).toHaveLength(expected[0].length);
  for (const [i, value] of expected[0].entries()) expect(values[0][i]).toBeCloseTo(value, 6);
}

describe('options', () => {
  const without = async (name: string) => {
    const artifacts = await artifactsOf(model);
    const { [name]: _gone, ...kept } = io.decodeWeights(
      artifacts.weightData as ArrayBuffer,
      artifacts.weightSpecs ?? [],
    );
    const { data, specs } = await io.encodeWeights(kept);
    return { ...artifacts, weightData: data, weightSpecs: specs };
  };

  it('strict: false ignores missing and unexpected weights', async () => {
    const artifacts = await without('dense_1/kernel');
    await expectError(
      () => loadLayersModel(io.fromMemory(artifacts)),
      'CORRUPT_FILE',
      /'dense_1\/kernel' is missing/,
    );
    const { data, specs } = await io.encodeWeights({ other: tensor([1, 2]) });
    const both = {
      ...artifacts,
      weightData: [artifacts.weightData, data],
      weightSpecs: [...artifacts.weightSpecs, ...specs],
    };
    setSeed(1);
    const first = await loadLayersModel(io.fromMemory(both), { strict: false });
    const weights = (each: LayersModel) => each.getWeights().map((weight) => [...weight.dataSync()]);
    const [ours, theirs] = [weights(model), weights(first)];
    expect(theirs[4]).not.toEqual(ours[4]);
    expect(theirs.with(4, [])).toEqual(ours.with(4, []));
    setSeed(1);
    expect(weights(await loadLayersModel(io.fromMemory(both), { strict: false }))).toEqual(theirs);
  });

  it('strict: false refuses a weight of another shape', async () => {
    const artifacts = await artifactsOf(model);
    (artifacts.weightSpecs ?? [])[0].shape = [4, 2, 1, 3];
    const load = () => loadLayersModel(io.fromMemory(artifacts), { strict: false });
    await expectError(load, 'CORRUPT_FILE', /'conv2d_1\/kernel' is float32 \[4, 2, 1, 3\]/);
  });

  it('onProgress ends at 1 where there are no weights', async () => {
    await sequential([layers.flatten({ inputShape: [2, 2] })]).save(pathOf('none'));
    const fractions: number[] = [];
    await loadLayersModel(pathOf('none'), { onProgress: (fraction) => fractions.push(fraction) });
    expect(fractions).toEqual([0, 1]);
  });

  it('onProgress receives the fraction read', async () => {
    const fractions: number[] = [];
    await model.save(pathOf('m'));
    await loadLayersModel(pathOf('m'), { onProgress: (fraction) => fractions.push(fraction) });
    const sizes = model.getWeights().map((weight) => weight.size);
    const sums = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size));
    expect(fractions).toEqual([0, ...sums.map((sum) => sum / model.countParams())]);
    expect(fractions.at(-1)).toBe(1);
    const throws = () => {
      throw new Error('enough');
    };
    await expect(loadLayersModel(pathOf('m'), { onProgress: throws })).rejects.toThrow('enough');
  });

  it('are validated', async () => {
    await model.save(pathOf('m'));
    const load = (options: object) => () => loadLayersModel(pathOf('m'), options);
    await expectError(load({ stric: false }), 'UNKNOWN_OPTION', /did you mean 'strict'/);
    await expectError(load({ strict: 0 }), 'INVALID_ARGUMENT', /strict is 0/);
    await expectError(load({ onProgress: 1 }), 'INVALID_ARGUMENT', /onProgress is 1/);
    await expectError(load({ signal: 1 }), 'INVALID_ARGUMENT', /signal is 1/);
    await expectError(load({ fetchFunc: fetch }), 'UNSUPPORTED', /fetchFunc .*io\.fromMemory/);
    await expectError(() => model.save(pathOf('m'), { signal: 1 } as never), 'INVALID_ARGUMENT', /signal/);
  });
});

describe('a handler that fails', () => {
  it.each<[string, unknown, 'IO_ERROR' | 'INVALID_ARGUMENT', RegExp]>([
    [
      'throws',
      {
        load: () => {
          throw new Error('no bucket');
        },
      },
      'IO_ERROR',
      /load\(\) failed: no bucket/,
    ],
    ['rejects', { load: async () => Promise.reject('gone') }, 'IO_ERROR', /load\(\) failed: 'gone'/],
    ['gives nothing', { load: () => undefined }, 'INVALID_ARGUMENT', /gave undefined/],
    ['gives text', { load: () => '{}' }, 'INVALID_ARGUMENT', /gave '{}'/],
    [
      'gives bytes',
      { load: async () => [new ArrayBuffer(8)] },
      'INVALID_ARGUMENT',
      /modelTopology, weightSpecs/,
    ],
    ['has no load', { save: () => 1 }, 'INVALID_ARGUMENT', /object with load\(\)/],
    ['has no method as load', { load: 1 }, 'INVALID_ARGUMENT', /object with load\(\)/],
    ['is null', null, 'INVALID_ARGUMENT', /null is not a location/],
  ])('%s: loading rejects', async (_what, handler, code, text) => {
    await expectError(() => loadLayersModel(handler as io.IOHandler), code, text);
  });

  it('rejects save, and leaves the model usable', async () => {
    const cause = new Error('no bucket');
    const throws = () => {
      throw cause;
    };
    const error = await expectError(
      () => model.save({ save: throws }),
      'IO_ERROR',
      /save\(\) failed: no bucket/,
    );
    expect(error.cause).toBe(cause);
    await expectError(() => model.save({ load: throws }), 'INVALID_ARGUMENT', /object with save\(\)/);
    await expectError(() => model.save(null as never), 'INVALID_ARGUMENT', /null is not a location/);
    await expectError(() => io.withSaveHandler(1 as never), 'INVALID_ARGUMENT', /1 is not a function/);
    expect(predictInOurs(model, X)[0]).toHaveLength(4);
  });

  it('that never answers is abandoned when the signal aborts', async () => {
    const never = { load: () => new Promise<never>(() => {}), save: () => new Promise<never>(() => {}) };
    for (const start of [
      (signal: AbortSignal) => loadLayersModel(never, { signal }),
      (signal: AbortSignal) => model.save(never, { signal }),
    ]) {
      const controller = new AbortController();
      const ended = expectError(() => start(controller.signal), 'ABORTED');
      controller.abort();
      await ended;
      await expectError(() => start(controller.signal), 'ABORTED');
    }
  });
});
