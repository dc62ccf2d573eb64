"""Runs the ONNX files that make-onnx-answers.ts wrote in onnxruntime: python onnx-answers.py FOLDER COUNT"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime

folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
onnxruntime.set_default_logger_severity(3)


def run(index):
    path = folder / f"{index}.onnx"
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    given = json.loads((folder / f"{index}.json").read_text())
    feeds = {
        port.name: np.array(each["values"], each["dtype"]).reshape(each["shape"])
        for port, each in zip(session.get_inputs(), given, strict=True)
    }
    names = [port.name for port in session.get_outputs()]
    outputs = session.run(names, feeds)
    return [
        {"name": name, "shape": list(y.shape), "values": [float(v) for v in y.reshape(-1)]}
        for name, y in zip(names, outputs, strict=True)
    ]


answers = []
for index in range(count):
    try:
        answers.append({"outputs": run(index)})
    except Exception as error:  # noqa: BLE001: the caller reports it
        answers.append({"error": str(error), "outputs": []})
(folder / "answers.json").write_text(json.dumps(answers, allow_nan=False))
