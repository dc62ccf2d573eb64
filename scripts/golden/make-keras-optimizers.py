# Makes the files of test/io/keras/optimizers: a small model trained by each optimizer of Keras, and what Keras answers
# after that. Needs keras 3.15 and jax. Usage: KERAS_BACKEND=jax python3 make-keras-optimizers.py OUT
import json
import os
import sys

import keras
import numpy as np

OPTIMIZERS = {
    'sgd_ema': lambda: keras.optimizers.SGD(0.05, momentum=0.9, use_ema=True, ema_momentum=0.9),
    'nadam': lambda: keras.optimizers.Nadam(0.01),
    'nadam_schedule': lambda: keras.optimizers.Nadam(keras.optimizers.schedules.ExponentialDecay(0.02, 4, 0.9)),
    'adamax': lambda: keras.optimizers.Adamax(0.01),
    'adadelta': lambda: keras.optimizers.Adadelta(1.0),
    'adagrad': lambda: keras.optimizers.Adagrad(0.05),
    'lion': lambda: keras.optimizers.Lion(0.001),
    'loss_scaled': lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)),
    'adam_accumulated_ema': lambda: keras.optimizers.Adam(
        0.01, gradient_accumulation_steps=2, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3
    ),
}

STEPS_BEFORE, STEPS_AFTER = 5, 3


def values(array):
    return {'shape': list(array.shape), 'values': [float(np.float32(v)) for v in np.asarray(array).ravel()]}


def make(folder, name, optimizer):
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.layers.Input((5, 5, 1)),
            keras.layers.Conv2D(2, 3, activation='tanh', name='conv'),
            keras.layers.Flatten(name='flat'),
            keras.layers.Dense(2, name='head'),
        ],
        name='small',
    )
    model.compile(optimizer=optimizer, loss='mean_squared_error')
    random = np.random.default_rng(7)
    x = random.normal(size=(6, 5, 5, 1)).astype('float32')
    y = random.normal(size=(6, 2)).astype('float32')
    for _ in range(STEPS_BEFORE):
        model.train_on_batch(x, y)
    model.save(os.path.join(folder, f'{name}.keras'))
    case = {'inputs': values(x), 'targets': values(y), 'outputs': values(model.predict(x, verbose=0))}
    case['losses'] = [float(model.train_on_batch(x, y)) for _ in range(STEPS_AFTER)]
    case['outputsAfter'] = values(model.predict(x, verbose=0))
    with open(os.path.join(folder, f'{name}.json'), 'w') as file:
        json.dump(case, file)


os.makedirs(sys.argv[1], exist_ok=True)
for name, optimizer in OPTIMIZERS.items():
    make(sys.argv[1], name, optimizer())
