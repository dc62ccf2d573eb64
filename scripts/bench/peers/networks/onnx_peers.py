"""Inference of FOLDER/network.onnx: onnx_peers.py onnxruntime|openvino FOLDER THREADS."""

import sys

import numpy
from serve import Printer, Samples, serve


class Onnxruntime:
    def __init__(self, folder, threads):
        import onnxruntime

        self.onnxruntime = onnxruntime
        self.version = onnxruntime.__version__
        self.model = f"{folder}/network.onnx"
        self.threads = threads

    def function(self, batch):
        options = self.onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = self.onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.add_free_dimension_override_by_name("n", batch)
        session = self.onnxruntime.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])
        return lambda x: session.run(None, {"x": x})[0]

    def ways(self, batch):
        """Functions from a list of inputs to a list of outputs, by the name of the way."""
        run = self.function(batch)
        return {"CPU provider, all optimizations": lambda inputs: [run(x) for x in inputs]}


class Openvino:
    def __init__(self, folder, threads):
        import openvino

        self.openvino = openvino
        self.version = openvino.__version__.split("-")[0]
        self.model = f"{folder}/network.onnx"
        self.threads = threads

    def compile(self, batch, hint):
        core = self.openvino.Core()
        model = core.read_model(self.model)
        model.reshape([batch, *[size.get_length() for size in model.input(0).partial_shape[1:]]])
        settings = {"INFERENCE_NUM_THREADS": self.threads, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": hint}
        return core.compile_model(model, "CPU", settings)

    def function(self, batch):
        request = self.compile(batch, "LATENCY").create_infer_request()
        return lambda x: request.infer({0: x}, share_inputs=True, share_outputs=True)[0]

    def ways(self, batch):
        run = self.function(batch)
        ways = {"latency hint": lambda inputs: [run(x) for x in inputs]}
        if self.threads > 1:
            ways["throughput hint, several requests at a time"] = self.streams(batch)
        return ways

    def streams(self, batch):
        queue = self.openvino.AsyncInferQueue(self.compile(batch, "THROUGHPUT"))

        def run(inputs):
            outputs = [None] * len(inputs)

            def keep(request, i):
                outputs[i] = request.get_output_tensor(0).data

            queue.set_callback(keep)
            for i, x in enumerate(inputs):
                queue.start_async({0: x}, i, share_inputs=True)
            queue.wait_all()
            return outputs

        return run


class OnnxPeer:
    def __init__(self, engine, folder):
        self.engine = engine
        self.samples = samples = Samples(folder)
        self.out = Printer(samples, engine.version)
        images = numpy.ascontiguousarray(samples.images.transpose(0, 3, 1, 2))
        self.batches = numpy.split(images, len(samples) // samples.batch)
        self.ones = numpy.split(images[:64], min(64, len(samples)))

    def prepare(self):
        self.ways = self.engine.ways(self.samples.batch)
        self.of_one = self.engine.function(1)
        count = len(self.samples.outputs)
        for run in self.ways.values():
            outputs = numpy.moveaxis(run(self.batches[:1])[0], 1, -1)
            self.samples.check_part(outputs[:count], slice(0, count))
        self.samples.check_part(numpy.moveaxis(self.of_one(self.ones[0]), 1, -1), slice(0, 1))

    def inference(self):
        for config, run in self.ways.items():
            self.out.rate("inference", config, lambda: run(self.batches))

    def latency(self):
        config = next(iter(self.ways))
        self.out.latency(config, lambda i: self.of_one(self.ones[i % len(self.ones)]))


if __name__ == "__main__":
    name, folder, threads = sys.argv[1:]
    engine = {"onnxruntime": Onnxruntime, "openvino": Openvino}[name]
    serve(OnnxPeer(engine(folder, int(threads)), folder))
