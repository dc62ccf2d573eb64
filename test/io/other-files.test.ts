import { readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { layers, loadLayersModel, sequential } from '../../lib/index.js';
import { expectError } from '../support/convforge-error.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { weightsFile, weightsName } from '../support/weights-file.js';

const pathOf = temporaryFolder();

const latin = (text: string) => Buffer.from(text, 'latin1');
const HDF5 = latin('\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0');
const safetensors = (length: bigint) => {
  const header = Buffer.alloc(8);
  header.writeBigUInt64LE(length);
  return Buffer.concat([header, latin('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}')]);
};

/** The local headers of members, or the central directory's, which come last in an archive. */
function zip(names: readonly string[], central = false): Buffer {
  const records = names.map((name) => {
    const record = Buffer.alloc(central ? 46 : 30);
    record.write(central ? 'PK\x01\x02' : 'PK\x03\x04', 'latin1');
    record.writeUInt16LE(name.length, central ? 28 : 26);
    return Buffer.concat([record, latin(name), Buffer.alloc(100)]);
  });
  return Buffer.concat(records);
}

describe('a file of another format is named, with a remedy', () => {
  it.each<[string, Buffer | string, RegExp]>([
    ['model.h5', HDF5, /HDF5 file, as Keras writes it \(\.h5\); .*loadModel/],
    ['model.h5', Buffer.concat([Buffer.alloc(2048), HDF5]), /HDF5/],
    // Keras 2 also wrote HDF5 under this ending.
    ['model.keras', HDF5, /HDF5/],
    ['model.keras', zip(['metadata.json', 'config.json', 'model.weights.h5']), /\.keras format/],
    ['model.json', zip(['config.json', 'metadata.json']), /\.keras format/],
    [
      'model.keras',
      Buffer.concat([
        zip(['big.bin']),
        Buffer.alloc(200_000),
        zip(['config.json', 'model.weights.h5'], true),
      ]),
      /\.keras format/,
    ],
    ['model.onnx', Buffer.from('080812077079746f7263681a', 'hex'), /ONNX model; .*loadModel/],
    ['model.onnx', Buffer.from('08033a10', 'hex'), /ONNX/],
    ['w.safetensors', safetensors(54n), /safetensors file, .*loadSafetensors/],
    ['w.safetensors', safetensors(2n ** 62n), /safetensors/],
    ['m.tflite', latin('\x1c\0\0\0TFL3'), /TensorFlow Lite/],
    ['saved_model.pb', Buffer.from('080112a4bd01', 'hex'), /SavedModel/],
    ['m.pt', zip(['archive/data.pkl', 'archive/data/0']), /checkpoint of PyTorch/],
    ['m.pth', latin('\x80\x02\x8a\nl\xfc\x9cF\xf9'), /checkpoint of PyTorch/],
    ['w.npz', zip(['kernel.npy', 'bias.npy']), /NumPy/],
    ['w.npy', latin('\x93NUMPY\x01\0'), /NumPy/],
    ['m.zip', zip(['model/model.json', 'model/weights.bin']), /zip archive; unpack it/],
    ['m.zip', latin('PK\x05\x06'), /zip archive/],
    ['m.tgz', latin('\x1f\x8b\x08\0'), /gzip archive; unpack it/],
    ['model.json', 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n', /git lfs pull/],
    ['model.json', '\n<!doctype html><title>404</title>', /a web page/],
    ['model.json', '{"format":"graph-model"}', /graph model .*loadGraphModel/],
    ['model.json', '{"modelTopology":{"node":[],"library":{}},"weightsManifest":[]}', /graph model/],
    ['model.json', '{"class_name":"Sequential","config":{"layers":[]}}', /models\.modelFromJSON/],
    ['model.json', '{"modelTopology":{"class_name":"Sequential"}}', /models\.modelFromJSON/],
    ['package.json', '{"name":"app"}', /JSON of another kind/],
    ['weights.bin', Buffer.from(Float32Array.of(1, 2, 3).buffer), /the model\.json that names it/],
  ])('%s, case %#', async (name, bytes, text) => {
    writeFileSync(pathOf(name), bytes);
    const error = await expectError(() => loadLayersModel(pathOf(name)), 'UNSUPPORTED', text);
    expect(error.message).toContain(pathOf(name));
  });

  it('is also named in a folder without model.json', async () => {
    writeFileSync(pathOf('notes.txt'), 'trained on Monday');
    writeFileSync(pathOf('index.html'), '<!doctype html>');
    await expectError(() => loadLayersModel(pathOf('')), 'IO_ERROR', /model\.json/);
    writeFileSync(pathOf('net.json'), '{}');
    await expectError(() => loadLayersModel(pathOf('')), 'IO_ERROR', /if net\.json is one, give its path/);
    writeFileSync(pathOf('best.h5'), HDF5);
    await expectError(() => loadLayersModel(pathOf('')), 'UNSUPPORTED', /best\.h5 is an HDF5 file/);
  });

  it('is also named in place of the weights', async () => {
    const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
    await model.save(pathOf('m'));
    writeFileSync(weightsFile(pathOf('m')), 'version https://git-lfs.github.com/spec/v1\n');
    await expectError(
      () => loadLayersModel(pathOf('m')),
      'UNSUPPORTED',
      /weights\.[0-9a-f]+\.bin: .*git lfs pull/,
    );
  });

  it('is named whatever its size', async () => {
    writeFileSync(pathOf('big.h5'), Buffer.concat([HDF5, Buffer.alloc(65 * 2 ** 20)]));
    await expectError(() => loadLayersModel(pathOf('big.h5')), 'UNSUPPORTED', /HDF5/);
  });
});

describe('a file of unknown format is CORRUPT_FILE', () => {
  it.each<[string, Buffer | string]>([
    ['empty', ''],
    ['cut off', '{"format":"layers-model","modelTopo'],
    ['of noise', Buffer.from('deadbeef00112233445566778899aabb', 'hex')],
    ['of weights', Buffer.from(Float32Array.of(1, 2, 3).buffer)],
    ['of spaces up to a brace', '        {'],
    ['of text', 'seven'],
  ])('%s', async (_what, bytes) => {
    writeFileSync(pathOf('model.json'), bytes);
    const load = () => loadLayersModel(pathOf('model.json'));
    const error = await expectError(load, 'CORRUPT_FILE', /this is not valid JSON/);
    expect(error.message).toMatch(/^[ -~]*$/);
  });
});

describe("save to a path with another format's extension", () => {
  it.each([
    ['m.weights.h5', /Keras's \.h5 format/],
    ['m.weights.h5', /Keras's \.h5 format/],
    ['m.safetensors', /safetensors/],
    ['m.tflite', /TensorFlow Lite/],
  ])('%s is refused, and nothing is created', async (name, text) => {
    const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
    await expectError(() => model.save(pathOf(name)), 'UNSUPPORTED', text);
    await expectError(() => model.save(`file://${pathOf(name)}`), 'UNSUPPORTED', text);
    expect(readdirSync(pathOf(''))).toEqual([]);
  });

  it('other extensions name folders, unless a file exists', async () => {
    const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
    await model.save(pathOf('v1.2'));
    expect(readdirSync(pathOf('v1.2')).sort()).toEqual(['model.json', weightsName(pathOf('v1.2'))]);
    await expectError(() => model.save(pathOf('v1.2/model.json')), 'IO_ERROR', /is a file; give the folder/);
  });
});
