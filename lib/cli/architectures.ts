import {
  type Augmentation,
  compileRecipe,
  FASHION_93,
  FASHION_94,
  lenet,
  type Recipe,
  recipeNetwork,
  resnet18,
} from '../applications/index.js';
import type { LayersModel } from '../models/index.js';
import { adam } from '../optimizers/index.js';
import type { Shape } from '../tensor/index.js';

/** The data that a network is built for. */
export interface NetworkShape {
  /** [height, width, channels] */
  inputShape: Shape;
  classes: number;
}

/** The training that a network is compiled for. */
export interface TrainingPlan {
  /** Absent: the architecture's own. */
  learningRate?: number;
  /** Steps of the whole training. */
  totalSteps: number;
}

/** A network that can be trained by its name. */
export interface Architecture {
  name: string;
  /** For lists: what it is, and its size. */
  about: string;
  epochs: number;
  batch: number;
  /** The random changes of training images that suit it. */
  augment: Required<Augmentation>;
  /** Whether images are augmented unless the user says otherwise. */
  isAugmented: boolean;
  build(shape: NetworkShape, augment?: Augmentation): LayersModel;
  /** Compiles for whole-number labels. */
  compile(model: LayersModel, plan: TrainingPlan): void;
}

/** The filters of ResNet-18's first stage: a size that a processor trains in minutes. */
const RESNET_WIDTH = 16;

const AUGMENT = { flip: true, shift: 0.1 };

/** The built-in architectures; the first is the default. */
export const ARCHITECTURES: readonly Architecture[] = [
  {
    name: 'lenet',
    about: 'two convolutions and a dense layer of 1,000 units; Adam',
    epochs: 10,
    batch: 128,
    augment: AUGMENT,
    isAugmented: false,
    build: (shape, augment) => lenet({ ...shape, ...(augment && { augment }) }),
    compile: compileWithAdam,
  },
  ofRecipe(FASHION_93, 'six thin convolutions; AdamW, one-cycle learning rate; 93 % on Fashion-MNIST'),
  ofRecipe(FASHION_94, 'seven thin convolutions; AdamW, one-cycle learning rate; 94 % on Fashion-MNIST'),
  {
    name: 'resnet18',
    about: `ResNet-18 for small images, ${RESNET_WIDTH} filters in its first stage; Adam`,
    epochs: 10,
    batch: 64,
    augment: AUGMENT,
    isAugmented: true,
    build: (shape, augment) => resnet18({ ...shape, width: RESNET_WIDTH, ...(augment && { augment }) }),
    compile: compileWithAdam,
  },
];

function ofRecipe(recipe: Recipe, about: string): Architecture {
  const { name, stages, epochs, batchSize, augment } = recipe;
  return {
    name,
    about,
    epochs,
    batch: batchSize,
    augment,
    isAugmented: true,
    build: (shape, changes) =>
      recipeNetwork({ name, stages, ...shape, ...(changes && { augment: changes }) }),
    compile: (model, { learningRate = recipe.maxLearningRate, totalSteps }) =>
      compileRecipe(model, { ...recipe, maxLearningRate: learningRate }, totalSteps),
  };
}

function compileWithAdam(model: LayersModel, { learningRate }: TrainingPlan): void {
  model.compile({
    optimizer: learningRate === undefined ? 'adam' : adam({ learningRate }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
}

export function findArchitecture(name: string): Architecture | undefined {
  return ARCHITECTURES.find((each) => each.name === name);
}

/** A line for each architecture, for help texts. */
export function listArchitectures(): string {
  return ARCHITECTURES.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n');
}
