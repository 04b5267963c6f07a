package org.attunet.torch;

/** What a forward pass is for. */
public enum Mode {
    /** Batch normalisation uses the batch's statistics and updates the running ones. */
    TRAINING,
    /** Batch normalisation uses the running statistics; nothing of the network changes. */
    INFERENCE
}
