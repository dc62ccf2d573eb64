import type { Command } from 'commander';
import { imageSize, text } from './option-values.js';

/** The options that say what to read. */
export interface DataFlags {
  data: string;
  imageSize?: [number, number];
  grayscale?: boolean;
}

/** Adds --data, --image-size and --grayscale. */
export function addDataOptions(command: Command): Command {
  return command
    .option('--data <name>', 'a known dataset, or a folder: see below', text('data'), 'fashion-mnist')
    .option(
      '--image-size <HxW>',
      "height and width in pixels to resize images of a folder to (default: the model's, or 64x64)",
      imageSize('image-size'),
    )
    .option(
      '--grayscale',
      "read images of a folder as grey (default: as the model's channels say, or colour)",
    );
}
