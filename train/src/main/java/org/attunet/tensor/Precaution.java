package org.attunet.tensor;

/** A way to avoid a part of libtorch that ends the process on some processors; none changes results beyond rounding. */
public enum Precaution {
    /** Convolutions of kernel 1 become matrix products at any number of threads. */
    MATRIX_PRODUCTS("kernel-1 convolutions as matrix products"),
    /** oneDNN prepares each operation anew instead of sharing it among threads. */
    NO_PRIMITIVE_CACHE("oneDNN without its cache of operations"),
    /** Copies of a network compute one after the other. */
    COPIES_IN_TURN("copies of the network one after the other"),
    /** libtorch's own convolutions instead of oneDNN's, several times as slow. */
    NO_ONEDNN("convolutions without oneDNN (slow)"),
    /** Every operation runs on one thread. */
    ONE_THREAD("one thread");

    private final String words;

    Precaution(String words) {
        this.words = words;
    }

    @Override
    public String toString() {
        return words;
    }
}
