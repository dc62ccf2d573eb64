"""Writes test/data/fixtures/photos: images of many kinds, and keras.json: what Keras and Pillow read from them.

Run with a Python that has pillow, numpy, tensorflow and keras 3.15:  python3 scripts/golden/make-images.py
"""

import json
import os
import pathlib
import shutil
import subprocess

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from PIL import Image

FIXTURES = pathlib.Path(__file__).parents[2] / "test" / "data" / "fixtures"
PHOTOS = FIXTURES / "photos"
ODD = FIXTURES / "odd-photos"
SIZE = [12, 10]


def smooth(height, width, phase):
    """Slow waves of red, green and blue."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    waves = [np.sin(x / 9 + phase), np.cos(y / 7 - phase), np.sin((x + y) / 11 + 2 * phase)]
    return np.stack([np.round(127.5 + 100 * wave) for wave in waves], -1).astype(np.uint8)


def photo(height, width, phase, mode="RGB"):
    return Image.fromarray(smooth(height, width, phase)).convert(mode)


def save(image, path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)


def make_photos():
    """Files that Keras reads: classes with names whose order differs between cases, and nested folders."""
    save(photo(24, 20, 0), PHOTOS / "Zebra" / "1.jpg", quality=95, subsampling=0)
    save(photo(21, 33, 1), PHOTOS / "Zebra" / "10.jpg", quality=90, subsampling=2)
    save(photo(21, 33, 2), PHOTOS / "Zebra" / "2.jpeg", quality=90, progressive=True)
    save(photo(20, 20, 3), PHOTOS / "ant" / "deep" / "a.png")
    save(photo(6, 5, 4), PHOTOS / "ant" / "b.PNG")
    save(photo(19, 23, 5, "L"), PHOTOS / "ant" / "grey.jpg", quality=95)
    save(photo(16, 16, 6), PHOTOS / "bee-2" / "x.jpg", quality=95)
    save(photo(12, 10, 7), PHOTOS / "bee" / "own-size.jpg", quality=95, subsampling=2)


def make_odd():
    """Files with what Keras ignores or refuses."""
    exif = Image.Exif()
    exif[0x0112] = 6
    save(photo(16, 24, 0), ODD / "files" / "turned.jpg", quality=95, exif=exif)
    save(photo(16, 24, 1).convert("CMYK"), ODD / "files" / "cmyk.jpg", quality=95)
    save(photo(16, 24, 2).convert("P"), ODD / "files" / "palette.png")
    clear = photo(16, 24, 3).convert("RGBA")
    clear.putalpha(Image.fromarray(np.tile(np.linspace(0, 255, 24).astype(np.uint8), (16, 1))))
    save(clear, ODD / "files" / "clear.png")
    save(Image.fromarray(np.arange(16 * 24, dtype=np.uint16).reshape(16, 24) * 170), ODD / "files" / "deep.png")
    frames = [photo(16, 24, phase) for phase in (4, 5)]
    save(frames[0], ODD / "files" / "moving.webp", save_all=True, append_images=frames[1:], lossless=True)
    whole = (PHOTOS / "Zebra" / "10.jpg").read_bytes()
    broken = ODD / "broken"
    broken.mkdir(parents=True)
    (broken / "cut.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    (broken / "cut.png").write_bytes((PHOTOS / "ant" / "deep" / "a.png").read_bytes()[:150])
    (broken / "empty.jpg").write_bytes(b"")
    (broken / "text.jpg").write_bytes(b"This is no image.\n")


def pixels(values):
    return np.round(values).astype(int).reshape(-1).tolist()


def main():
    for folder in (PHOTOS, ODD):
        shutil.rmtree(folder, ignore_errors=True)
    make_photos()
    make_odd()
    dataset = keras.utils.image_dataset_from_directory(
        PHOTOS, image_size=SIZE, batch_size=None, shuffle=False, interpolation="bilinear"
    )
    rows = list(dataset.as_numpy_iterator())
    expected = {
        "classNames": dataset.class_names,
        "files": [str(pathlib.Path(path).relative_to(PHOTOS)) for path in dataset.file_paths],
        "labels": [int(label) for _, label in rows],
        "size": SIZE,
        "bilinear": [pixels(image) for image, _ in rows],
        "decoded": [
            pixels(np.asarray(Image.open(path).convert("RGB"), dtype=float)) for path in dataset.file_paths
        ],
    }
    path = FIXTURES / "keras.json"
    path.write_text(json.dumps(expected))
    subprocess.run(["npx", "biome", "format", "--write", path], check=True)


main()
