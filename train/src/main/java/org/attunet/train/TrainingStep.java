package org.attunet.train;

import java.util.ArrayList;
import java.util.List;
import org.attunet.image.LabelSet;
import org.attunet.loss.Loss;
import org.attunet.plan.TrainingConfig;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.TensorScope;
import org.attunet.torch.Forward;
import org.attunet.torch.Mode;
import org.attunet.torch.TorchNetwork;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * One step of training: forward, loss, backward, change of the weights. Borrows the network and the optimizer; owns the
 * copies of the network that share the work.
 */
public final class TrainingStep implements AutoCloseable {
    private final Replicas replicas;
    private final TorchNetwork network;
    private final Optimizer optimizer;
    private final Loss loss;
    private final double clip;
    private final String device;
    private final boolean autocast;
    private final ProcessGroup ranks;
    private final ProcessGroup statistics; // the ranks over which sums go within the pass
    private final long patches; // of all ranks
    private final @Nullable RegionTargets regions; // null if labels exclude each other

    /** The step for labels that exclude each other. */
    public TrainingStep(TorchNetwork network, Optimizer optimizer, TrainingConfig config, ProcessGroup ranks) {
        this(network, optimizer, null, config, ranks);
    }

    /**
     * The step of one of several ranks, each of which takes its share of the batch, or of a process alone.
     *
     * @param labels of the model; null if they exclude each other
     * @param config settings divided for this rank (threads, copies); the batch is the global one
     */
    public TrainingStep(
            TorchNetwork network,
            Optimizer optimizer,
            @Nullable LabelSet labels,
            TrainingConfig config,
            ProcessGroup ranks) {
        TrainingConfig.ComputeConfig compute = config.compute();
        this.network = network;
        this.replicas = new Replicas(network, compute.copies(), compute.threads());
        this.optimizer = optimizer;
        this.loss = Loss.parse(config.optimization().loss());
        this.clip = config.optimization().clip();
        this.device = compute.device();
        this.autocast = compute.autocast();
        this.ranks = ranks;
        this.statistics = compute.syncBatchNorm() ? ranks : ProcessGroup.alone();
        this.patches = config.batches().size();
        this.regions = labels != null && labels.hasRegions() ? new RegionTargets(labels, device) : null;
        network.synchronize(statistics);
    }

    /**
     * Takes the step, within a {@link TensorScope} of the caller.
     *
     * @param input (B, channels, [D,] H, W), this rank's patches
     * @param target class indices (B, [D,] H, W) in int64: of regions, those of their {@linkplain LabelSet#parts parts}
     * @param number of the step, 1 for the first
     * @return the loss of the whole batch before the step; not finite if it or the gradient's norm is not, and the weights
     *     may then be unusable
     */
    public double take(Tensor input, Tensor target, double learningRate, long number) {
        var place = new Device(device);
        Tensor x = input.to(place, ScalarType.Float);
        Tensor truth = target.to(place, ScalarType.Long);
        optimizer.zeroGradients();
        long batch = x.size(0);
        Targets targets = targets(truth);
        double value = replicas.gradients((copy, part) -> {
            long from = batch * part / replicas.count();
            long size = batch * (part + 1) / replicas.count() - from;
            double weight = size / (double) patches;
            return gradients(copy, x.narrow(0, from, size), targets.narrow(from, size), weight);
        });
        value = shared(value);
        var parameters = new TensorVector(network.parameters().values().toArray(new Tensor[0]));
        double norm = torch.clip_grad_norm_(parameters, clip > 0 ? clip : Float.MAX_VALUE);
        if (!Double.isFinite(norm)) {
            return norm; // clip_grad_norm_ has multiplied the gradients by NaN or 0
        }
        optimizer.step(learningRate, number);
        return value;
    }

    /**
     * The target at the network's heads, the finest first.
     *
     * @param classes (B, [D,] H, W) each
     * @param judged the share of the voxels of all ranks that is judged at each level
     */
    private record Targets(List<Tensor> classes, double[] judged) {
        Targets narrow(long from, long size) {
            return new Targets(
                    classes.stream().map(level -> level.narrow(0, from, size)).toList(), judged);
        }
    }

    private Targets targets(Tensor truth) {
        List<Tensor> levels = new ArrayList<>(List.of(truth));
        int heads =
                network.config().deepSupervision() ? network.config().widths().size() - 2 : 0;
        for (int level = 0; level < heads; level++) {
            Tensor coarse = levels.get(level);
            for (long axis = 1; axis < truth.dim(); axis++) {
                coarse = everySecond(coarse, axis);
            }
            levels.add(coarse);
        }
        double[] judged =
                ranks.sum(levels.stream().mapToDouble(Loss.Part::judged).toArray());
        for (int level = 0; level < judged.length; level++) {
            judged[level] /= levels.get(level).numel() / truth.size(0) * (double) patches;
        }
        return new Targets(levels, judged);
    }

    /** Adds up the gradients and the loss over the ranks; running statistics become the ranks' mean. */
    private double shared(double value) {
        if (ranks.count() == 1) {
            return value;
        }
        try (var scope = TensorScope.withoutGradients()) {
            List<Tensor> tensors = new ArrayList<>(network.parameters().values().stream()
                    .map(Tensor::grad)
                    .filter(Tensor::defined)
                    .toList());
            List<Tensor> running = statistics.count() == 1 ? Replicas.statistics(network) : List.of();
            tensors.addAll(running);
            ranks.sum(tensors);
            running.forEach(tensor -> tensor.div_(new Scalar((double) ranks.count())));
        }
        return ranks.sum(value)[0];
    }

    /** Adds the gradients of a part of the batch, times a weight, to those of a copy's parameters. */
    private double gradients(TorchNetwork copy, Tensor x, Targets truth, double weight) {
        Tensor value = autocast ? inBfloat16(copy, x, truth) : supervised(copy.forward(x, Mode.TRAINING), truth);
        Tensor share = weight == 1 ? value : value.mul(new Scalar(weight));
        try {
            share.backward();
        } catch (RuntimeException e) {
            statistics.check();
            throw e;
        }
        return share.item_float();
    }

    private Tensor inBfloat16(TorchNetwork copy, Tensor x, Targets truth) {
        DeviceType type = device.equals("cpu") ? DeviceType.CPU : DeviceType.CUDA;
        torch.set_autocast_dtype(type, ScalarType.BFloat16);
        torch.set_autocast_cache_enabled(false); // it would keep copies of weights that the step changes
        torch.set_autocast_enabled(type, true);
        Forward forward;
        try {
            forward = copy.forward(x, Mode.TRAINING);
        } finally {
            torch.set_autocast_enabled(type, false);
        }
        List<Tensor> heads =
                forward.heads().stream().map(h -> h.to(ScalarType.Float)).toList();
        return supervised(new Forward(forward.logits().to(ScalarType.Float), heads, forward.attention()), truth);
    }

    /** With deep supervision each coarser level counts half as much as the finer one; the weights sum to 1. */
    private Tensor supervised(Forward forward, Targets targets) {
        Tensor sum = loss(forward.logits(), targets, 0);
        double weight = 1;
        double total = 1;
        for (int k = 0; k < forward.heads().size(); k++) {
            weight /= 2;
            total += weight;
            sum = sum.add(loss(forward.heads().get(k), targets, k + 1), new Scalar(weight));
        }
        return forward.heads().isEmpty() ? sum : sum.div(new Scalar(total));
    }

    private Tensor loss(Tensor logits, Targets targets, int level) {
        Tensor classes = targets.classes.get(level);
        Tensor learnt = regions == null ? classes : regions.of(classes);
        return loss.of(logits, learnt, Loss.Part.of(classes, targets.judged[level], statistics));
    }

    private static Tensor everySecond(Tensor target, long axis) {
        Tensor even = torch.arange(
                        new Scalar(0L),
                        new Scalar(target.size(axis)),
                        new Scalar(2L),
                        new TensorOptions(ScalarType.Long))
                .to(target.device(), ScalarType.Long);
        return target.index_select(axis, even);
    }

    @Override
    public void close() {
        if (regions != null) {
            regions.close();
        }
        replicas.close();
    }
}
