# Loads the models that scripts/files/exchange-keras.mjs wrote, compares predictions, losses and metrics with its answers, trains
# on, and saves them for it to load. Usage: python3 keras.py FOLDER
import glob
import json
import os
import sys
import warnings

import keras
import numpy as np

warnings.simplefilter('error', UserWarning)
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
    model = keras.models.load_model(f'{path}.keras')
    differences = {'predicts': difference(arrays(answers['outputs']), model.predict(x, verbose=0))}
    other = keras.models.clone_model(model)
    if 'targets' in answers:
        other.compile_from_config(model.get_compile_config())
    other.load_weights(f'{path}.weights.h5')
    differences['weights'] = difference(arrays(answers['outputs']), other.predict(x, verbose=0))
    back = {'inputs': answers['inputs']}
    if 'targets' in answers:
        y = arrays(answers['targets'])
        wanted = np.array(answers['scores'], 'float32')[:, 0]
        for which, trained in (('trains', model), ('trains by weights', other)):
            scores = steps(trained, x, y, len(wanted))
            differences[which] = difference(wanted, np.array(scores)[:, 0])
            if which == 'trains':
                ours = np.sort(np.array(answers['scores'])[:, 1:])
                differences['metrics'] = difference(ours, np.sort(np.array(scores)[:, 1:])) if ours.size else 0.0
        differences['after'] = difference(arrays(answers['after']), model.predict(x, verbose=0))
        back['targets'] = answers['targets']
    model.save(f'{path}.back.keras')
    back['outputs'] = stored(model.predict(x, verbose=0))
    if 'targets' in answers:
        back['losses'] = [scores[0] for scores in steps(model, x, y, 3)]
    with open(f'{path}.back.json', 'w') as file:
        json.dump(back, file)
    return differences


def steps(model, x, y, count):
    scores = []
    for _ in range(count):
        model.reset_metrics()
        scores.append([float(score) for score in listed(model.train_on_batch(x, y))])
    return scores


failed = 0
for file in sorted(glob.glob(os.path.join(sys.argv[1], '*.json'))):
    name = os.path.basename(file)[: -len('.json')]
    if name.endswith('.back'):
        continue
    try:
        differences = compare(sys.argv[1], name)
        bad = {key: value for key, value in differences.items() if not value < TOLERANCE}
        text = f'differs: {bad}' if bad else f'{max(differences.values()):.2g}'
    except Exception as error:
        bad, text = True, f'{type(error).__name__}: {str(error)[:900]}'
    failed += bool(bad)
    print('FAIL' if bad else 'ok  ', f'{name}: {text}', flush=True)
sys.exit(1 if failed else 0)
