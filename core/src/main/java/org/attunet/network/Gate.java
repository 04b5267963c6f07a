package org.attunet.network;

/** Weighs a skip connection by a gating signal. */
interface Gate {
    /** No gate: the skip connection passes as it is. */
    Gate OPEN = new Gate() {
        @Override
        public <T> T forward(Operations<T> op, T g, T x) {
            return x;
        }
    };

    /**
     * The gated skip connection.
     *
     * @param g the gating signal
     * @param x the skip connection, whose shape the result has
     */
    <T> T forward(Operations<T> op, T g, T x);
}
