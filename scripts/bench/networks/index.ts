import { EFFICIENTNET_B0, MOBILENET_V2, RESNET_18 } from './imagenet.js';
import type { Network } from './network.js';
import { LENET, MOBILENET, RESNET_20, UNET, VGG } from './small-images.js';

/** The networks that are measured. */
export const NETWORKS: readonly Network[] = [
  LENET,
  RESNET_20,
  VGG,
  MOBILENET,
  UNET,
  RESNET_18,
  MOBILENET_V2,
  EFFICIENTNET_B0,
];
