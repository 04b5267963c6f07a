package org.attunet.predict;

import org.attunet.error.ConfigException;

/**
 * How ONNX Runtime computes a network.
 *
 * @param threads the threads of one operation, from 1 to 1024
 * @param device "cpu", or "cuda" if {@code onnxruntime_gpu} is on the class path
 */
public record OnnxOptions(int threads, String device) {
    public OnnxOptions {
        if (threads < 1 || threads > 1024) {
            throw new ConfigException("threads", threads, "a number from 1 to 1024");
        }
        if (!device.equals("cpu") && !device.equals("cuda")) {
            throw new ConfigException("device", device, "cpu or cuda");
        }
    }

    /** The CPU with all cores. */
    public static OnnxOptions defaults() {
        return new OnnxOptions(Runtime.getRuntime().availableProcessors(), "cpu");
    }

    /** A copy with another number of threads. */
    public OnnxOptions withThreads(int other) {
        return new OnnxOptions(other, device);
    }

    /** A copy for another device. */
    public OnnxOptions withDevice(String other) {
        return new OnnxOptions(threads, other);
    }
}
