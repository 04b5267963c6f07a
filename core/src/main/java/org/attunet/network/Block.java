package org.attunet.network;

/** A part of a network with one input and one result. */
interface Block {
    /** Passes its input on. */
    Block IDENTITY = new Block() {
        @Override
        public <T> T forward(Operations<T> op, T x) {
            return x;
        }
    };

    /** Runs the block; each implementation documents its shapes. */
    <T> T forward(Operations<T> op, T x);
}
