package org.attunet.tensor;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The child process of {@link SelfTest}: computes the kinds of convolution of the networks, forward and backward, and prints
 * a line before and after each. Its arguments are the names of {@link Precaution}s.
 */
final class Probes {
    /** Begins the lines for the parent; the JVM's own report of its death goes to the same stream. */
    static final String PREFIX = "attunet-probe ";

    private static final List<ScalarType> TYPES = List.of(ScalarType.Float, ScalarType.BFloat16);
    private static final int ROUNDS = 10;

    private final Set<Precaution> precautions;

    private Probes(Set<Precaution> precautions) {
        this.precautions = precautions;
    }

    /** Runs all probes; the parent judges by the lines and by how the process ends. */
    public static void main(String[] args) {
        endWithParent();
        Set<Precaution> precautions = EnumSet.noneOf(Precaution.class);
        Arrays.stream(args).map(Precaution::valueOf).forEach(precautions::add);
        say("begin loading");
        Natives.load(precautions);
        say("passed loading");
        new Probes(precautions).run();
        say("done");
        Runtime.getRuntime().halt(0);
    }

    /** A probe that hangs must not outlive the program that waits for it. */
    private static void endWithParent() {
        var watch = new Thread(() -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                say("lost its parent");
            }
            Runtime.getRuntime().halt(1);
        });
        watch.setDaemon(true);
        watch.start();
    }

    private static void say(String line) {
        System.out.println(PREFIX + line);
        System.out.flush();
    }

    private static void probe(String kind, Runnable work) {
        say("begin " + kind);
        try (var scope = TensorScope.open()) {
            work.run();
        }
        say("passed " + kind);
    }

    private void run() {
        int cores = Runtime.getRuntime().availableProcessors();
        for (int threads : cores == 1 ? new int[] {1} : cores == 2 ? new int[] {1, 2} : new int[] {1, 2, cores}) {
            Natives.threads(threads);
            for (ScalarType type : TYPES) {
                String where = (type == ScalarType.Float ? ", float32, " : ", bfloat16, ")
                        + (threads == 1 ? "1 thread" : threads + " threads");
                probe("kernel 1, 1024 to 2048 channels" + where, () -> {
                    convolve(type, true, 1, 1024, 2048, 16, 16);
                    convolve(type, true, 1, 64, 32, 32, 32);
                });
                probe("kernel 3" + where, () -> {
                    convolve(type, true, 3, 3, 64, 32, 32);
                    convolve(type, true, 3, 64, 64, 32, 32);
                    convolve(type, false, 3, 64, 64, 32, 32);
                    convolve(type, true, 3, 512, 256, 8, 8);
                });
                probe("kernel 3 in 3D" + where, () -> {
                    convolve(type, true, 3, 1, 16, 16, 16, 16);
                    convolve(type, true, 3, 16, 32, 8, 8, 8);
                    convolve(type, true, 1, 32, 16, 8, 8, 8);
                });
                probe("transposed in 3D" + where, () -> doubled(type, 32, 16, 8));
            }
        }
        probe("copies side by side", this::copies);
    }

    /** Two threads that prepare the same operations at the same time, as copies of a network do at a new size. */
    private void copies() {
        boolean inTurn = precautions.contains(Precaution.COPIES_IN_TURN);
        var barrier = new CyclicBarrier(inTurn ? 1 : 2);
        ExecutorService threads = Executors.newFixedThreadPool(inTurn ? 1 : 2);
        List<Future<?>> copies = List.of(threads.submit(() -> copy(barrier)), threads.submit(() -> copy(barrier)));
        try {
            for (Future<?> copy : copies) {
                copy.get();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private void copy(CyclicBarrier barrier) {
        Natives.threads(1);
        for (int round = 0; round < ROUNDS; round++) {
            for (ScalarType type : TYPES) {
                try (var scope = TensorScope.open()) {
                    barrier.await(60, TimeUnit.SECONDS);
                    convolve(type, true, 3, 8, 16, 8 + 2 * round, 16);
                    convolve(type, true, 1, 16, 8, 8 + 2 * round, 16);
                    convolve(type, true, 3, 8, 8, 4, 4 + 2 * round, 6);
                    doubled(type, 8, 8, 3 + round);
                } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
                    throw new IllegalStateException(e);
                } catch (RuntimeException | Error e) {
                    barrier.reset(); // or the other thread would wait forever
                    throw e;
                }
            }
        }
    }

    /** A convolution to a map of its input's size ([D,] H, W), forward and backward. */
    private void convolve(ScalarType type, boolean channelsLast, int kernel, int in, int out, long... size) {
        int d = size.length;
        MemoryFormat format = !channelsLast
                ? MemoryFormat.Contiguous
                : d == 3 ? MemoryFormat.ChannelsLast3d : MemoryFormat.ChannelsLast;
        Tensor x = random(type, format, shape(2, in, size));
        Tensor weight = random(type, format, shape(out, in, all(d, kernel)));
        boolean product =
                kernel == 1 && (precautions.contains(Precaution.MATRIX_PRODUCTS) || torch.get_num_threads() == 1);
        Tensor y = product
                ? torch.linear(x.movedim(1, d + 1), weight.flatten(1, -1), new TensorOptional())
                : torch.convolution(
                        x, weight, new TensorOptional(), all(d, 1), all(d, kernel / 2), all(d, 1), false, all(d, 0), 1);
        y.sum().backward();
    }

    /** A transposed convolution of kernel and stride 2 over a cube, forward and backward. */
    private static void doubled(ScalarType type, int in, int out, long side) {
        Tensor x = random(type, MemoryFormat.ChannelsLast3d, shape(2, in, all(3, side)));
        Tensor weight = random(type, MemoryFormat.Contiguous, shape(in, out, all(3, 2)));
        var none = new TensorOptional();
        torch.convolution(x, weight, none, all(3, 2), all(3, 0), all(3, 1), true, all(3, 0), 1)
                .sum()
                .backward();
    }

    private static Tensor random(ScalarType type, MemoryFormat format, long[] shape) {
        return torch.rand(shape, new TensorOptions(ScalarType.Float))
                .to(type)
                .contiguous(format)
                .requires_grad_(true);
    }

    private static long[] shape(long first, long second, long[] size) {
        long[] shape = new long[size.length + 2];
        shape[0] = first;
        shape[1] = second;
        System.arraycopy(size, 0, shape, 2, size.length);
        return shape;
    }

    private static long[] all(int dimension, long value) {
        long[] values = new long[dimension];
        Arrays.fill(values, value);
        return values;
    }
}
