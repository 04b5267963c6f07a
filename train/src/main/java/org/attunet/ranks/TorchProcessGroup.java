package org.attunet.ranks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.attunet.error.AttunetException;
import org.attunet.tensor.Natives;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.jspecify.annotations.Nullable;

/**
 * One of several ranks, connected by libtorch's c10d: sums by Gloo over TCP, signs of life by the server's store.
 *
 * <p>Gloo sums in a ring, in which each piece is added up in one place and then handed on, so that all ranks hold the same
 * bits, and the same ones each time. Gradients on a GPU are copied to the host and back: NCCL's binding can't be loaded
 * without the CUDA natives, and nothing here has been run on several GPUs.
 */
final class TorchProcessGroup implements ProcessGroup {
    private final RankConfig place;
    private final Heartbeat signs;
    private @Nullable GradientSumHook hook; // made when needed, because a process has room for few
    private @Nullable ProcessGroupGloo group;
    private @Nullable AttunetException failure;

    TorchProcessGroup(RankConfig place) {
        this.place = place;
        Natives.load();
        signs = new Heartbeat(place);
        try {
            signs.join();
            group = connected();
        } catch (RuntimeException e) {
            signs.leave(e);
            signs.close();
            throw e;
        }
    }

    private ProcessGroupGloo connected() {
        try (var scope = TensorScope.open()) {
            var options = ProcessGroupGloo.Options.create(new Milliseconds(1000L * place.timeoutSeconds()));
            options.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(place.own(), false)));
            return TensorScope.keep(new ProcessGroupGloo(signs.store(), place.number(), place.count(), options));
        } catch (RuntimeException e) {
            throw new AttunetException(
                    RankConfig.words(place.number(), place.count()),
                    "it can't be connected with the others (" + reason(e) + ")",
                    "ranks that reach each other over TCP, this one as " + place.own(),
                    "give each rank an address of its own machine that the others reach",
                    e);
        }
    }

    @Override
    public int number() {
        return place.number();
    }

    @Override
    public int count() {
        return place.count();
    }

    @Override
    public int neighbours() {
        return place.neighbours();
    }

    @Override
    public void sum(List<Tensor> tensors) {
        try (var scope = TensorScope.withoutGradients()) {
            FlattenedTensors flat = FlattenedTensors.of(tensors);
            exchange(() -> group().allreduce(new TensorVector(flat.values())));
            flat.back();
        }
    }

    @Override
    public double[] sum(double... values) {
        try (var scope = TensorScope.withoutGradients()) {
            Tensor sums = Tensors.ofDoubles(values, values.length);
            exchange(() -> group().allreduce(new TensorVector(sums)));
            return Tensors.toDoubles(sums);
        }
    }

    @Override
    public Tensor summed(Tensor tensor) {
        Tensor sum = tensor.detach().clone();
        sum(List.of(sum));
        if (!tensor.requires_grad()) {
            return sum;
        }
        // The bracket is 0, so that all ranks hold the same bits, and has the gradient of the tensor.
        Tensor total = sum.add(tensor.sub(tensor.detach()));
        total.register_hook(hook());
        return total;
    }

    private GradientSumHook hook() {
        if (hook == null) {
            hook = TensorScope.keep(new GradientSumHook(gradient -> {
                Tensor sum = gradient.clone();
                sum(List.of(sum));
                return sum;
            }));
        }
        return hook;
    }

    @Override
    public void broadcast(List<Tensor> tensors) {
        try (var scope = TensorScope.withoutGradients()) {
            FlattenedTensors flat = FlattenedTensors.of(tensors);
            exchange(() -> group().broadcast(new TensorVector(flat.values())));
            flat.back();
        }
    }

    @Override
    public byte[] broadcast(byte[] bytes) {
        int length = (int) sum(first() ? bytes.length : 0)[0];
        if (length == 0) {
            return new byte[0];
        }
        try (var scope = TensorScope.withoutGradients()) {
            Tensor tensor = Tensors.ofBytes(first() ? bytes : new byte[length], length);
            exchange(() -> group().broadcast(new TensorVector(tensor)));
            return Tensors.toBytes(tensor);
        }
    }

    @Override
    public List<byte[]> gather(byte[] bytes) {
        double[] lengths = new double[count()];
        lengths[number()] = bytes.length;
        lengths = sum(lengths);
        int before = (int) Arrays.stream(lengths, 0, number()).sum();
        byte[] all = new byte[(int) Arrays.stream(lengths).sum()];
        System.arraycopy(bytes, 0, all, before, bytes.length);
        if (all.length > 0) {
            try (var scope = TensorScope.withoutGradients()) {
                Tensor tensor = Tensors.ofBytes(all, all.length);
                exchange(() -> group().allreduce(new TensorVector(tensor))); // only one rank's are not 0
                all = Tensors.toBytes(tensor);
            }
        }
        List<byte[]> parts = new ArrayList<>();
        int from = 0;
        for (double length : lengths) {
            parts.add(Arrays.copyOfRange(all, from, from + (int) length));
            from += (int) length;
        }
        return parts;
    }

    @Override
    public void barrier() {
        try {
            signs.barrier();
        } catch (AttunetException e) {
            failure = e;
            leave();
            throw e;
        }
    }

    @Override
    public void check() {
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void fail(Throwable reason) {
        if (failure == null) {
            leave();
            signs.leave(reason);
        }
    }

    private void exchange(Supplier<Work> start) {
        try (var scope = TensorScope.withoutGradients()) {
            start.get()._wait();
        } catch (RuntimeException e) {
            if (failure == null) {
                // First, so that ranks which wait for this one don't wait for the timeout.
                leave();
                failure = signs.lost(e);
            }
            throw failure;
        }
    }

    private ProcessGroupGloo group() {
        if (group == null) {
            throw failure == null ? new IllegalStateException("this rank has left") : failure;
        }
        return group;
    }

    private void leave() {
        if (group != null) {
            TensorScope.release(group);
            group = null;
        }
    }

    /** The first line of a native message, without the leading source location. */
    static String reason(Throwable e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("").replaceFirst("^\\[[^]]*]\\s*", "");
    }

    @Override
    public void close() {
        leave();
        signs.close();
        if (hook != null) {
            TensorScope.release(hook);
            hook = null;
        }
    }
}
