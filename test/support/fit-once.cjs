const tf = require('../..');

/** Trains a dense layer of `units` units for two epochs with checkpoints in `dir`, in a process of its own. */
exports.fitOnce = async (dir, units) => {
  const model = tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [30] })] });
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  await model.fit(tf.ones([8, 30]), tf.ones([8, units]), { epochs: 2, verbose: 0, checkpoint: { dir } });
};
