package org.attunet.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.attunet.network.Conv;
import org.attunet.tensor.TensorScope;
import org.attunet.tensor.Tensors;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The named tensors of a network: parameters, which training changes, and buffers, the running statistics.
 *
 * <p>Owns them: they outlive every scope and are freed by {@link #close}. Convolution weights have the layout of their maps
 * ({@link TorchLayers#format}).
 *
 * <p>A new network is initialised as the paper's authors do: convolution weights normal with Kaiming's variance 2 / fan-in
 * (He et al., arXiv 1502.01852), their biases uniform in +-1 / sqrt(fan-in), normalisation weights normal around 1 with
 * deviation 0.02. The numbers come from a seeded Java generator, so that a seed gives the same network on every platform.
 */
final class WeightStore implements AutoCloseable {
    private final Map<String, Tensor> all = new LinkedHashMap<>();
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final RandomGenerator random;
    private final Device device;

    WeightStore(long seed, Device device) {
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.device = TensorScope.keep(device);
    }

    /** Adds a convolution's weight and bias. */
    void add(Conv layer, int dimension) {
        long[] shape = layer.shape(dimension);
        long fanIn = fanIn(shape);
        double deviation = Math.sqrt(2.0 / fanIn);
        float[] values = new float[count(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        parameter(layer.weight(), values, shape);
        if (layer.bias()) {
            double bound = 1 / Math.sqrt((double) fanIn);
            float[] offsets = new float[layer.out()];
            for (int i = 0; i < offsets.length; i++) {
                offsets[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
            }
            parameter(layer.biasName(), offsets, layer.out());
        }
    }

    /** A tensor by name. */
    Tensor get(String name) {
        return Objects.requireNonNull(all.get(name), name);
    }

    /** Adds a normalisation layer's weight. */
    Tensor normWeight(String name, int channels) {
        float[] values = new float[channels];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (1 + 0.02 * random.nextGaussian());
        }
        return parameter(name, values, channels);
    }

    /** Adds a parameter or buffer filled with one value. */
    Tensor constant(String name, boolean trained, float value, int channels) {
        float[] values = new float[channels];
        Arrays.fill(values, value);
        return trained ? parameter(name, values, channels) : own(name, Tensors.of(values, channels));
    }

    /** Adds a count of 0. */
    Tensor counter(String name) {
        return own(name, Tensors.ofLongs(new long[1]));
    }

    /** Every tensor by name, in the order of the layers. */
    Map<String, Tensor> all() {
        return Collections.unmodifiableMap(all);
    }

    /** The tensors that training changes, by name. */
    Map<String, Tensor> parameters() {
        return Collections.unmodifiableMap(parameters);
    }

    private Tensor parameter(String name, float[] values, long... shape) {
        Tensor tensor = own(name, Tensors.of(values, shape));
        tensor.requires_grad_(true);
        parameters.put(name, tensor);
        return tensor;
    }

    private Tensor own(String name, Tensor tensor) {
        try (var scope = TensorScope.withoutGradients()) {
            Tensor placed = TensorScope.keep(placed(tensor));
            if (all.putIfAbsent(name, placed) != null) {
                throw new IllegalStateException("two tensors named " + name);
            }
            return placed;
        }
    }

    private Tensor placed(Tensor tensor) {
        int dimension = (int) tensor.dim() - 2;
        MemoryFormat format =
                dimension < 2 ? MemoryFormat.Contiguous : TorchLayers.format(dimension, tensor.size(1), tensor.size(0));
        ScalarType type = Tensors.type(tensor);
        return tensor.to(device, type, false, true, new MemoryFormatOptional(format));
    }

    private static long fanIn(long... shape) {
        long fan = 1;
        for (int i = 1; i < shape.length; i++) {
            fan *= shape[i];
        }
        return fan;
    }

    private static int count(long... shape) {
        return Math.toIntExact(shape[0] * fanIn(shape));
    }

    @Override
    public void close() {
        List<Tensor> owned = new ArrayList<>(all.values());
        all.clear();
        parameters.clear();
        owned.forEach(TensorScope::release);
        TensorScope.release(device);
    }
}
