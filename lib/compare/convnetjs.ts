import type { LayerSpec, NetworkSpec } from './network.js';

/** A network for ConvNetJS's makeLayers. The last dense layer must have the softmax. */
export function convnetjsLayers({ input, layers }: NetworkSpec): object[] {
  const [height, width, depth] = input;
  const first = { type: 'input', out_sx: width, out_sy: height, out_depth: depth };
  return [first, ...layers.flatMap(convnetjsLayer)];
}

/** None for what ConvNetJS does by itself. */
function convnetjsLayer(layer: LayerSpec): object[] {
  switch (layer.kind) {
    case 'conv': {
      const { size, filters, activation } = layer;
      return [{ type: 'conv', sx: size, filters, stride: 1, pad: 0, activation }];
    }
    case 'maxPool':
      return [{ type: 'pool', sx: layer.size, stride: layer.size }];
    case 'flatten':
      return [];
    case 'dense':
      return layer.activation === 'softmax'
        ? [{ type: 'softmax', num_classes: layer.units }]
        : [{ type: 'fc', num_neurons: layer.units, activation: layer.activation }];
  }
}
