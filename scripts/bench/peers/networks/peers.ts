import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { MissingPeer, type Peer, PEERS_FOLDER, setupCommand, UNSET, VENV } from '../peer.js';

/** The peers that train or infer whole networks, each in a process that takes turns. */

const PYTHON = path.join(VENV, 'bin', 'python');
/** What PyTorch has compiled stays here, so that it compiles once only. */
const COMPILED = path.join(PEERS_FOLDER, 'inductor');

function script(name: string): string {
  return path.join(__dirname, name);
}

function pytorch(name: string, mode: 'nchw' | 'nhwc' | 'compiled'): Peer {
  return networkPeer({
    name: `PyTorch ${name}`,
    command: (_, threads, folder) => {
      checkPackage('torchvision', 'pytorch');
      const env = {
        ...UNSET,
        OMP_NUM_THREADS: String(threads),
        // By default, glibc returns large freed tensors to the system, and zeroes them when they are allocated again.
        MALLOC_MMAP_MAX_: '0',
        MALLOC_TRIM_THRESHOLD_: String(2 ** 30),
        MALLOC_TOP_PAD_: String(2 ** 26),
        TORCHINDUCTOR_CACHE_DIR: COMPILED,
        TORCHINDUCTOR_COMPILE_THREADS: '1',
      };
      return { file: PYTHON, args: [script('pytorch_peer.py'), mode, folder], env };
    },
  });
}

function onnx(name: string, engine: 'onnxruntime' | 'openvino'): Peer {
  return networkPeer({
    name,
    command: (_, threads, folder) => {
      checkPackage(engine, engine);
      exportOnnx(folder);
      return { file: PYTHON, args: [script('onnx_peers.py'), engine, folder, String(threads)] };
    },
  });
}

function keras(name: string, backend: 'jax' | 'tensorflow'): Peer {
  return networkPeer({
    name,
    networks: ['lenet'],
    command: (_, threads, folder) => {
      checkPackage('keras', 'keras');
      return { file: PYTHON, args: [script('keras_lenet.py'), backend, folder, String(threads)] };
    },
  });
}

function networkPeer(peer: Pick<Peer, 'name' | 'networks' | 'command'>): Peer {
  return { work: ['networks'], threaded: true, slow: false, ...peer };
}

/** Throws MissingPeer if the peers' Python doesn't have the package. */
function checkPackage(name: string, part: string): void {
  const find = `import importlib.util, sys; sys.exit(importlib.util.find_spec("${name}") is None)`;
  try {
    execFileSync(PYTHON, ['-c', find], { stdio: 'ignore' });
  } catch {
    throw new MissingPeer(setupCommand(part));
  }
}

/** PyTorch writes the ONNX model, unless it is there and newer than the weights and the network's source. */
function exportOnnx(folder: string): void {
  const model = path.join(folder, 'network.onnx');
  const sources = [path.join(folder, 'weights.bin'), script('networks.py'), script('export_onnx.py')];
  if (existsSync(model) && sources.every((file) => statSync(file).mtimeMs < statSync(model).mtimeMs)) return;
  checkPackage('torchvision', 'pytorch');
  execFileSync(PYTHON, [script('export_onnx.py'), folder], { stdio: ['ignore', 'ignore', 'pipe'] });
}

export const NETWORK_PEERS: readonly Peer[] = [
  pytorch('nchw', 'nchw'),
  pytorch('nhwc', 'nhwc'),
  pytorch('compiled', 'compiled'),
  onnx('onnxruntime', 'onnxruntime'),
  onnx('OpenVINO', 'openvino'),
  keras('Keras on JAX', 'jax'),
  keras('Keras on TensorFlow', 'tensorflow'),
];
