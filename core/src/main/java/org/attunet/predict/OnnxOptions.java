package org.attunet.predict;

import org.attunet.error.ConfigException;

/**
 * How ONNX Runtime computes a network.
 *
 * @param threads the threads of one operation, from 1 to 1024
 * @param device "cpu", or "cuda" if {@code onnxruntime_gpu} is on the class path
 */
public record OnnxOptions(int threads, String device) {
    /**
     * Checks the components.
     *
     * @param threads the threads of one operation, from 1 to 1024
     * @param device "cpu", or "cuda" if {@code onnxruntime_gpu} is on the class path
     */
    public OnnxOptions {
        if (threads < 1 || threads > 1024) {
            throw new ConfigException("threads", threads, "a number from 1 to 1024");
        }
        if (!device.equals("cpu") && !device.equals("cuda")) {
            throw new ConfigException("device", device, "cpu or cuda");
        }
    }

    /** {@return the CPU with all cores} */
    public static OnnxOptions defaults() {
        return new OnnxOptions(Runtime.getRuntime().availableProcessors(), "cpu");
    }

    /**
     * {@return a copy with another number of threads}
     *
     * @param other from 1 to 1024
     */
    public OnnxOptions withThreads(int other) {
        return new OnnxOptions(other, device);
    }

    /**
     * {@return a copy for another device}
     *
     * @param other {@code cpu} or {@code cuda}
     */
    public OnnxOptions withDevice(String other) {
        return new OnnxOptions(threads, other);
    }
}
