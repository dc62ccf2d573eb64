/**
 * "Convolutional Neural Network from scratch" (Duy V. Huynh, 2018): its Keras script, step by step, in
 * convforge.
 *
 *     npx tsx examples/tutorial.ts
 *
 * TUTORIAL_EPOCHS shortens the training. The plot goes to convforge-out/tutorial-accuracy.svg.
 */
import * as tf from 'convforge';

const batchSize = 128;
const numClasses = 10;
const epochs = Number(process.env.TUTORIAL_EPOCHS ?? 10);

// Records the training accuracy of each epoch.
class AccuracyHistory extends tf.Callback {
  acc: number[] = [];

  override onTrainBegin(): void {
    this.acc = [];
  }

  override onEpochEnd(_epoch: number, logs: tf.Logs = {}): void {
    this.acc.push(logs.acc);
  }
}

async function main(): Promise<void> {
  // input image dimensions
  const [imgX, imgY] = [28, 28];

  // load the Fashion-MNIST data set directly
  const { train, test } = await tf.datasets.fashionMnist({ log: console.log });

  // reshape the data into a 4D tensor (sampleNumber, imgX, imgY, numChannels)
  // there is only 1 channel in Fashion-MNIST
  let xTrain = train.images.reshape([train.images.shape[0], imgX, imgY, 1]);
  let xTest = test.images.reshape([test.images.shape[0], imgX, imgY, 1]);
  const inputShape = [imgX, imgY, 1];

  // normalize the data
  xTrain = xTrain.cast('float32').div(255);
  xTest = xTest.cast('float32').div(255);

  // convert class vectors to binary class matrices
  const yTrain = tf.oneHot(train.labels, numClasses);
  const yTest = tf.oneHot(test.labels, numClasses);

  // print details of the data
  console.log('xTrain shape:\t', xTrain.shape);
  console.log(xTrain.shape[0], 'train samples');
  console.log(xTest.shape[0], 'test samples');

  // define the CNN (LeNet)
  const model = tf.sequential();

  // layer 1
  model.add(
    tf.layers.conv2d({ filters: 32, kernelSize: [5, 5], strides: [1, 1], activation: 'relu', inputShape }),
  );
  model.add(tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));

  // layer 2
  model.add(tf.layers.conv2d({ filters: 64, kernelSize: [5, 5], activation: 'relu' }));
  model.add(tf.layers.maxPooling2d({ poolSize: [2, 2] }));

  // fully connected layers
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 1000, activation: 'relu' }));
  model.add(tf.layers.dense({ units: numClasses, activation: 'softmax' }));

  // cross-entropy as the loss and the Adam optimizer; SGD would do as well
  model.compile({
    loss: tf.losses.categoricalCrossentropy,
    optimizer: tf.train.adam(),
    metrics: ['accuracy'],
  });

  // train the model
  const history = new AccuracyHistory();
  await model.fit(xTrain, yTrain, {
    batchSize,
    epochs,
    verbose: 1,
    validationData: [xTest, yTest],
    callbacks: [history],
  });

  // test the model
  const score = (await model.evaluate(xTest, yTest)) as tf.Tensor[];

  // show its performance
  console.log('Test loss:', score[0].arraySync());
  console.log('Test accuracy:', score[1].arraySync());

  // plot the accuracy
  const plot = await tf.report.lineChart({
    title: 'Training accuracy',
    xLabel: 'Epochs',
    yLabel: 'Accuracy',
    series: [{ name: 'acc', x: history.acc.map((_, epoch) => epoch + 1), y: history.acc }],
  });
  await tf.report.write('convforge-out/tutorial-accuracy.svg', plot);
}

main();
