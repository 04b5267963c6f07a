package org.attunet.ranks;

import java.util.List;
import java.util.function.Supplier;
import org.attunet.error.AttunetException;
import org.bytedeco.pytorch.Tensor;

/**
 * This process's place among the processes (ranks) that train one network together, and what they do in common.
 *
 * <p>Every method but {@link #number}, {@link #count}, {@link #neighbours}, {@link #first}, {@link #check}, {@link #fail} and {@link #close} is collective: all
 * ranks call it, in the same order, and it returns when the others have done their part. All ranks get the same bits from
 * it. Tensors may be on any device; those on a GPU go through the memory of the host. One thread calls.
 */
public sealed interface ProcessGroup extends AutoCloseable permits SingleProcess, TorchProcessGroup {
    /** The only process of a training, for which everything in common is its own. */
    static ProcessGroup alone() {
        return SingleProcess.ALONE;
    }

    /**
     * Joins the others; returns when all are there. To be closed.
     *
     * @throws AttunetException where the server can't be reached, the own address is none of this machine's, or a rank
     *     doesn't come within the time
     */
    static ProcessGroup join(RankConfig place) {
        return new TorchProcessGroup(place);
    }

    /** Which one this is, from 0. */
    int number();

    /** How many there are, 1 or more. */
    int count();

    /** How many ranks, itself included, divide the cores of this machine. */
    int neighbours();

    /** Whether this is rank 0, which decides and writes. */
    default boolean first() {
        return number() == 0;
    }

    /**
     * Replaces tensors of one type by their sums over the ranks, in one exchange.
     *
     * @throws AttunetException where a rank is lost or has failed
     */
    void sum(List<Tensor> tensors);

    /** The sums of numbers over the ranks. */
    double[] sum(double... values);

    /**
     * The sum of a tensor over the ranks, through which gradients flow back: that of the sum of what each rank makes of
     * it. The backward passes of all ranks must meet these sums in the same order, as those of the same network do.
     */
    Tensor summed(Tensor tensor);

    /** Replaces tensors of one type by those of rank 0, bit for bit, in one exchange. */
    void fromFirst(List<Tensor> tensors);

    /** The bytes that rank 0 gives; what the others give is ignored. */
    byte[] fromFirst(byte[] bytes);

    /** The bytes that each rank gives, in the order of the ranks. */
    List<byte[]> gather(byte[] bytes);

    /**
     * Waits for all ranks to come here, however long their work takes, as long as they show that they live; so no timeout
     * runs while one of them reads, predicts or writes.
     */
    void meet();

    /**
     * Throws the failure that an exchange of this rank has met, if one has: a backward pass hands it on in libtorch's words
     * only.
     */
    void check();

    /** Tells the others why this rank leaves, as far as they can still be told; their next exchange throws the same. */
    void fail(Throwable reason);

    /** Runs work, and tells the others where it fails. */
    default <T> T telling(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
    }

    /** Leaves; the others are not waited for. */
    @Override
    void close();
}
