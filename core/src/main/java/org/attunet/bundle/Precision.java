package org.attunet.bundle;

/** The arithmetic that a bundle's ONNX model computes in. */
public enum Precision {
    /** 32-bit floating point: {@code model.onnx}. */
    FP32,
    /** 8-bit integers where that costs nothing, 32-bit floating point elsewhere: {@code model_int8.onnx}. */
    INT8
}
