// Trains and predicts, and prints "works" if the native engine did.
export async function run(tf) {
  try {
    const model = tf.sequential([tf.layers.dense({ units: 2, activation: 'softmax', inputShape: [3] })]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const x = tf.tensor(new Float32Array(12), [4, 3]);
    await model.fit(x, tf.tensor(new Int32Array(4)), { epochs: 1, verbose: 0 });
    const { shape } = await model.predict(x);
    if (tf.getEngine() === 'native' && shape.join() === '4,2') console.log('works');
  } catch (error) {
    // For an uncaught error, Node prints its line too: the whole of a minified bundle.
    console.error(`Error: ${error.message}`);
    process.exitCode = 1;
  }
}
