"""Quantises FOLDER/NAME.onnx as ONNX Runtime does (onnxruntime 1.30.0) and prints the error of its logits.

FOLDER has NAME.onnx (OnnxExport), NAME.input.npy (batch, channels, [z,] y, x) and NAME.logits.npy (PyTorch's or float32's).
QuantisationTest compares the errors with those of attunet's quantisation of the same layers.
"""
import glob, os, sys
import numpy as np, onnx, onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static


class Blocks(CalibrationDataReader):
    def __init__(self, x):
        self.blocks = iter([{"input": x[k : k + 1]} for k in range(len(x))])

    def get_next(self):
        return next(self.blocks, None)


for file in sorted(glob.glob(sys.argv[1] + "/*.onnx")):
    stem = file[: -len(".onnx")]
    x, logits = np.load(stem + ".input.npy"), np.load(stem + ".logits.npy")
    graph = onnx.load(file).graph
    weights = {w.name: w for w in graph.initializer}
    computed = {o for node in graph.node for o in node.output}
    outputs = {node.input[0] for node in graph.node if node.op_type == "Identity"}
    in_float = [
        node.name
        for node in graph.node
        if node.op_type == "Conv"
        and (node.output[0] in outputs or (node.input[0] not in computed and weights[node.input[1]].dims[1] < 8))
    ]
    quantised = stem + ".int8"
    quantize_static(
        file, quantised, Blocks(x), quant_format=QuantFormat.QDQ, activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8, per_channel=True, reduce_range=True,
        calibrate_method=CalibrationMethod.MinMax, nodes_to_exclude=in_float,
    )
    found = ort.InferenceSession(quantised, providers=["CPUExecutionProvider"]).run(["logits"], {"input": x})[0]
    print(os.path.basename(stem), f"{np.sqrt(np.mean((logits - found) ** 2) / np.var(logits)):.5f}")
