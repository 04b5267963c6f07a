package org.attunet.export;

import java.util.Arrays;

/** An ONNX model of one matrix product: the limit of what a machine computes in a second, and the smallest model there is. */
public final class MatrixProduct {
    private MatrixProduct() {}

    /** A model that multiplies its input (1, 1, rows, size) by a matrix of (size, size) with all values 1 / size. */
    public static byte[] onnx(int size) {
        var graph = new Graph("product", 2);
        graph.input(NetworkGraph.INPUT, 1);
        float[] values = new float[size * size];
        Arrays.fill(values, 1f / size);
        String product = graph.matMul("product", NetworkGraph.INPUT, new Graph.Values(values, size, size));
        graph.output(NetworkGraph.LOGITS, product, 1, true);
        return graph.model().toByteArray();
    }
}
