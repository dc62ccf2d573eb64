export type { Augmentation, ClassifierOptions } from './image-classifier.js';
export { lenet } from './lenet.js';
export {
  compileRecipe,
  FASHION_93,
  FASHION_94,
  type Recipe,
  type RecipeNetworkOptions,
  recipeNetwork,
} from './recipe.js';
export { type ResNetOptions, resnet18 } from './resnet.js';
