package org.attunet.ranks;

import java.util.List;
import java.util.function.Supplier;
import org.attunet.error.AttunetException;
import org.bytedeco.pytorch.Tensor;

/**
 * A group of processes (ranks) that train one network together, seen from one of them.
 *
 * <p>Every method but {@link #number}, {@link #count}, {@link #neighbours}, {@link #first}, {@link #check}, {@link #fail} and {@link #close} is collective: all
 * ranks call it, in the same order, and it returns when the others have done their part. All ranks get the same bits.
 * Tensors may be on any device; those on a GPU are copied through the host's memory. One thread only.
 */
public sealed interface ProcessGroup extends AutoCloseable permits SingleProcess, TorchProcessGroup {
    /** The group of a single process. */
    static ProcessGroup alone() {
        return SingleProcess.ALONE;
    }

    /**
     * Joins the other ranks; returns when all have joined. To be closed.
     *
     * @throws AttunetException if the server can't be reached, the own address is not this machine's, or a rank doesn't
     *     join in time
     */
    static ProcessGroup join(RankConfig place) {
        return new TorchProcessGroup(place);
    }

    /** The number of this rank, from 0. */
    int number();

    /** The number of ranks, 1 or more. */
    int count();

    /** The number of ranks, including this one, that divide the cores of this machine. */
    int neighbours();

    /** Whether this is rank 0, which decides and writes. */
    default boolean first() {
        return number() == 0;
    }

    /**
     * Replaces tensors of one type by their sums over the ranks, in one exchange.
     *
     * @throws AttunetException if a rank is lost or has failed
     */
    void sum(List<Tensor> tensors);

    /** The sums of numbers over the ranks. */
    double[] sum(double... values);

    /**
     * The sum of a tensor over the ranks, through which gradients flow: the gradient is that of the sum of all ranks'
     * losses. The backward passes of all ranks must reach these sums in the same order, as those of the same network do.
     */
    Tensor summed(Tensor tensor);

    /** Replaces tensors of one type by those of rank 0, bit for bit, in one exchange. */
    void broadcast(List<Tensor> tensors);

    /** Rank 0's bytes; those of the others are ignored. */
    byte[] broadcast(byte[] bytes);

    /** The bytes of each rank, in the order of the ranks. */
    List<byte[]> gather(byte[] bytes);

    /**
     * Waits until all ranks arrive, without a timeout as long as they live, so that a rank may take its time to read, predict
     * or write.
     */
    void barrier();

    /** Throws the failure of an earlier exchange, if there is one, which libtorch's backward pass reduces to a message of its own. */
    void check();

    /** Sends the other ranks the reason why this one leaves, if it can; their next exchange throws it. */
    void fail(Throwable reason);

    /** Runs work; if it fails, notifies the others. */
    default <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (RuntimeException | Error e) {
            fail(e);
            throw e;
        }
    }

    /** Leaves without waiting for the others. */
    @Override
    void close();
}
