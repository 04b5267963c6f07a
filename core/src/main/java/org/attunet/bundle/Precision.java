package org.attunet.bundle;

/** The arithmetic of a bundle's ONNX model. */
public enum Precision {
    /** 32-bit floating point: {@code model.onnx}. */
    FP32,
    /** 8-bit integers where they cost no accuracy, else 32-bit floating point: {@code model_int8.onnx}. */
    INT8
}
