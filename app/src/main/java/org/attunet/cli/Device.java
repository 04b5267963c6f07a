package org.attunet.cli;

import org.attunet.tensor.Natives;

/** Where a network is computed, as the user says it. */
enum Device {
    CPU,
    CUDA,
    /** CUDA where a GPU and its natives are there, else the CPU. */
    AUTO;

    @Override
    public String toString() {
        return OptionText.word(this);
    }

    /** The name that the library knows: cpu or cuda. */
    String library() {
        return this == CUDA || (this == AUTO && Natives.cuda()) ? "cuda" : "cpu";
    }
}
