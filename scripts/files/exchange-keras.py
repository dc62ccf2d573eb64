# Loads the models that scripts/files/exchange-keras.mjs wrote, compares predictions, losses and metrics with its answers, trains
# on, and saves them for it to load. Usage: python3 exchange-keras.py FOLDER [keras|tf_keras]: Keras 3 loads .keras, tf-keras .h5.
import glob
import importlib
import json
import os
import sys
import warnings

import numpy as np

FOLDER, PACKAGE = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else 'keras'
ENDING = 'h5' if PACKAGE == 'tf_keras' else 'keras'
keras = importlib.import_module(PACKAGE)
warnings.simplefilter('error', UserWarning)
# tf-keras warns of the format that it writes.
warnings.filterwarnings('ignore', message='You are saving your model as an HDF5 file')
TOLERANCE = 1e-4


def arrays(stored):
    given = [np.array(each['values'], 'float32').reshape(each['shape']) for each in stored]
    return given[0] if len(given) == 1 else given


def listed(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def stored(value):
    return [{'shape': list(each.shape), 'values': [float(v) for v in np.ravel(each)]} for each in listed(value)]


def difference(wanted, got):
    pairs = list(zip(listed(wanted), listed(got), strict=True))
    return max(float(np.max(np.abs(a - b)) / max(1, np.max(np.abs(a)))) for a, b in pairs)


def compare(folder, name):
    path = os.path.join(folder, name)
    with open(f'{path}.json') as file:
        answers = json.load(file)
    x = arrays(answers['inputs'])
    model = keras.models.load_model(f'{path}.{ENDING}')
    differences = {'predicts': difference(arrays(answers['outputs']), model.predict(x, verbose=0))}
    trains = {'trains': model}
    if ENDING == 'keras':
        other = keras.models.clone_model(model)
        if 'targets' in answers:
            other.compile_from_config(model.get_compile_config())
        other.load_weights(f'{path}.weights.h5')
        differences['weights'] = difference(arrays(answers['outputs']), other.predict(x, verbose=0))
        trains['trains by weights'] = other
    back = {'inputs': answers['inputs']}
    if 'targets' in answers:
        y = arrays(answers['targets'])
        wanted = np.array(answers['scores'], 'float32')[:, 0]
        for which, trained in trains.items():
            scores = steps(trained, x, y, len(wanted))
            differences[which] = difference(wanted, np.array(scores)[:, 0])
            if which == 'trains':
                ours = np.sort(np.array(answers['scores'])[:, 1:])
                differences['metrics'] = difference(ours, np.sort(np.array(scores)[:, 1:])) if ours.size else 0.0
        differences['after'] = difference(arrays(answers['after']), model.predict(x, verbose=0))
        back['targets'] = answers['targets']
    model.save(f'{path}.back.{ENDING}')
    back['outputs'] = stored(model.predict(x, verbose=0))
    if 'targets' in answers and not forgets(name):
        back['losses'] = [scores[0] for scores in steps(model, x, y, 3)]
    with open(f'{path}.back.json', 'w') as file:
        json.dump(back, file)
    return differences


def forgets(name):
    """tf-keras stores no product of Nadam's momenta, and starts it anew."""
    return PACKAGE == 'tf_keras' and 'nadam' in name


def steps(model, x, y, count):
    scores = []
    for _ in range(count):
        model.reset_metrics()
        scores.append([float(score) for score in listed(model.train_on_batch(x, y))])
    return scores


failed = 0
for file in sorted(glob.glob(os.path.join(FOLDER, f'*.{ENDING}'))):
    name = os.path.basename(file)[: -len(ENDING) - 1]
    if name.endswith(('.back', '.weights')):
        continue
    try:
        differences = compare(FOLDER, name)
        judged = {'predicts': differences['predicts']} if forgets(name) else differences
        bad = {key: value for key, value in judged.items() if not value < TOLERANCE}
        text = f'differs: {bad}' if bad else f'{max(judged.values()):.2g}'
    except Exception as error:
        bad, text = True, f'{type(error).__name__}: {str(error)[:900]}'
    failed += bool(bad)
    print('FAIL' if bad else 'ok  ', f'{name}: {text}', flush=True)
sys.exit(1 if failed else 0)
