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

    /** One pass; shapes are the implementation's. */
    <T> T forward(Operations<T> op, T x);
}
