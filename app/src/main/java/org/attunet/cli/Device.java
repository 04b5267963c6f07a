package org.attunet.cli;

import org.attunet.tensor.Natives;

/** The device that computes a network, as an option value. */
enum Device {
    CPU,
    CUDA,
    /** CUDA if a GPU and its native libraries are available, else the CPU. */
    AUTO;

    @Override
    public String toString() {
        return Wording.word(this);
    }

    /** The name for the library: cpu or cuda. */
    String library() {
        return this == CUDA || (this == AUTO && Natives.cuda()) ? "cuda" : "cpu";
    }
}
