package org.attunet.network;

import java.util.List;
import java.util.function.Supplier;

/**
 * The operations that networks consist of, over maps of some kind: tensors of libtorch, nodes of an ONNX graph, ranges of
 * voxels, sizes and costs. A network states its {@code forward} once, in these words; each implementation is one reading
 * of it.
 *
 * <p>Maps are (B, C, [D,] H, W). A map that {@link #relu} or {@link #add} takes first may be overwritten, so networks
 * don't use it again. One instance serves one pass of one thread.
 *
 * @param <T> a map
 */
public interface Operations<T> {
    /**
     * (B, in, ...) to (B, out, ...); the kernel, stride and padding are the layer's.
     *
     * @param layer the layer with its weights
     * @param x the map
     * @return (B, out, ...)
     */
    T conv(Conv layer, T x);

    /**
     * Transposed convolution with kernel 2 and stride 2: (B, in, ...) to (B, out, 2 x ...).
     *
     * @param layer the layer with its weights
     * @param x the map
     * @return (B, out, 2 x ...)
     */
    T convTranspose(Conv layer, T x);

    /**
     * Convolution and the normalisation after it: (B, in, ...) to (B, out, ...).
     *
     * @param layer the layer with its weights
     * @param x the map
     * @return (B, out, ...)
     */
    T convNorm(ConvNorm layer, T x);

    /**
     * max(x, 0).
     *
     * @param x the map
     * @return of the same shape
     */
    T relu(T x);

    /**
     * 1 / (1 + exp(-x)).
     *
     * @param x the map
     * @return of the same shape
     */
    T sigmoid(T x);

    /**
     * The largest value in each block of 2 voxels a side: halves each spatial size.
     *
     * @param x the map
     * @return half the spatial size
     */
    T maxPool(T x);

    /**
     * Doubles each spatial size by repeating values.
     *
     * @param x the map
     * @return twice the spatial size
     */
    T upsampleNearest(T x);

    /**
     * Linear interpolation to the spatial size of another map, as PyTorch does without {@code align_corners}.
     *
     * @param x the map
     * @param like the map that has the wanted size
     * @return of the spatial size of the other
     */
    T resize(T x, T like);

    /**
     * The maps joined along the channels, in this order.
     *
     * @param maps the maps, of one spatial size
     * @return (B, sum of channels, ...)
     */
    T concat(List<T> maps);

    /**
     * The sum of two maps of one shape.
     *
     * @param a one map
     * @param b another of the same shape
     * @return of the same shape
     */
    T add(T a, T b);

    /**
     * x (B, C, ...) times the coefficients (B, 1 or C, ...) of each voxel.
     *
     * @param x the map
     * @param coefficients one for each voxel, from 0 to 1
     * @return of the shape of x
     */
    T mul(T x, T coefficients);

    /**
     * Runs a part of the network; its inner maps may be freed when it returns.
     *
     * @param body computes the part
     * @return what it computes
     */
    default T block(Supplier<T> body) {
        return body.get();
    }

    /**
     * Passes on the coefficients of an attention gate, so that implementations can report them.
     *
     * @param gate the gate's name, as in the names of its weights
     * @param coefficients (B, 1 or more, ...) in 0..1, at the resolution of the skip connection
     * @return the coefficients
     */
    default T attention(String gate, T coefficients) {
        return coefficients;
    }

    /**
     * The logits of a coarser decoder level, which only training needs (deep supervision); coarsest first.
     *
     * @param logits computes (B, outputs, ...) at the level's resolution; not called if nobody needs it
     */
    default void supervise(Supplier<T> logits) {}
}
