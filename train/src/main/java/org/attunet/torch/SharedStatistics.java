package org.attunet.torch;

import java.util.Arrays;
import org.attunet.ranks.ProcessGroup;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mean and variance of each channel over the maps of all processes of a group; gradients flow through them to every
 * process.
 *
 * <p>Each process contributes n, n m and n (v + m^2) of its own maps (n values of mean m and variance v) in float64. The
 * sums are those of the whole batch, so several processes normalise as one process with all their patches does.
 *
 * @param count the number of values of each channel
 * @param mean (C) in float64
 * @param variance (C) in float64, biased
 */
record SharedStatistics(Tensor count, Tensor mean, Tensor variance) {
    /** The statistics of maps (B, C, [D,] H, W), whose batch is divided among the processes. */
    static SharedStatistics of(Tensor maps, ProcessGroup group) {
        long channels = maps.size(1);
        long[] axes = new long[(int) maps.dim() - 1];
        for (int i = 1; i < axes.length; i++) {
            axes[i] = i + 1L; // all but the channels
        }
        var type = new ScalarTypeOptional();
        Tensor centre = maps.mean(axes, false, type);
        // Around a detached centre, which changes neither value nor gradient; var_mean takes twenty times as long.
        Tensor around = maps.sub(perChannel(centre.detach(), maps));
        Tensor variance = around.mul(around).mean(axes, false, type).to(ScalarType.Double);
        Tensor mean = centre.to(ScalarType.Double);
        double count = (double) (maps.numel() / channels);
        Tensor number = mean.detach().narrow(0, 0, 1).mul(new Scalar(0.0)).add(new Scalar(count));
        Tensor squares = variance.add(mean.mul(mean)).mul(new Scalar(count));
        Tensor sums = group.summed(torch.cat(new TensorVector(number, mean.mul(new Scalar(count)), squares), 0));
        Tensor total = sums.narrow(0, 0, 1).detach();
        Tensor whole = sums.narrow(0, 1, channels).div(total);
        Tensor spread = sums.narrow(0, 1 + channels, channels).div(total).sub(whole.mul(whole));
        return new SharedStatistics(total, whole, spread.clamp_min(new Scalar(0.0)));
    }

    /** The maps, batch-normalised by these statistics, in their own type and layout. */
    Tensor normalised(Tensor maps, Tensor scale, Tensor shift, double epsilon) {
        Tensor factor = scale.mul(variance.add(new Scalar(epsilon)).rsqrt()); // (C) in float64
        Tensor offset = shift.sub(mean.mul(factor));
        ScalarType type = Tensors.type(maps);
        return maps.mul(perChannel(factor.to(type), maps)).add_(perChannel(offset.to(type), maps));
    }

    /** Reshapes one value per channel so that it broadcasts over maps. */
    private static Tensor perChannel(Tensor values, Tensor maps) {
        long[] shape = new long[(int) maps.dim()];
        Arrays.fill(shape, 1);
        shape[1] = values.numel();
        return values.reshape(shape);
    }

    /** Updates running statistics; the running variance is unbiased. */
    void update(Tensor runningMean, Tensor runningVariance, double momentum) {
        try (var scope = TensorScope.withoutGradients()) {
            ScalarType type = Tensors.type(runningMean);
            Tensor bessel = count.div(count.sub(new Scalar(1.0)).clamp_min(new Scalar(1.0)));
            runningMean.lerp_(mean.to(type), new Scalar(momentum));
            runningVariance.lerp_(variance.mul(bessel).to(type), new Scalar(momentum));
        }
    }
}
