package org.attunet.network;

import java.util.List;
import java.util.function.Supplier;

/**
 * What one forward pass costs, worked out from the network's definition.
 *
 * @param operations multiplications and additions for each voxel of the input
 * @param values results of all operations for each voxel of the input: what training keeps for the backward pass
 */
public record NetworkCost(double operations, double values) {

    /**
     * {@return the cost of a network, the heads of deep supervision included}
     *
     * @param network its configuration
     */
    public static NetworkCost of(NetworkConfig network) {
        var count = new Count(network.dimension());
        Network.of(network).forward(count, new Map(network.channels(), 1));
        return new NetworkCost(count.operations, count.values);
    }

    /**
     * A map.
     *
     * @param stride voxels of the input per voxel of this map, along each axis
     */
    private record Map(int channels, int stride) {}

    private static final class Count implements Operations<Map> {
        private final int dimension;
        private double operations;
        private double values;

        Count(int dimension) {
            this.dimension = dimension;
        }

        /** Counts a result and the operations for each of its values. */
        private Map made(int channels, int stride, double operationsPerValue) {
            double number = channels / Math.pow(stride, dimension);
            values += number;
            operations += number * operationsPerValue;
            return new Map(channels, stride);
        }

        @Override
        public Map conv(Conv layer, Map x) {
            double taps = Math.pow(layer.kernel(), dimension);
            return made(layer.out(), x.stride * layer.stride(), 2 * taps * layer.in());
        }

        @Override
        public Map convTranspose(Conv layer, Map x) {
            return made(layer.out(), x.stride / 2, 2.0 * layer.in()); // one tap for each voxel of the result
        }

        @Override
        public Map convNorm(ConvNorm layer, Map x) {
            Map y = conv(layer.conv(), x);
            return layer.kind() == NetworkConfig.NormLayer.NONE ? y : made(y.channels, y.stride, 2);
        }

        @Override
        public Map relu(Map x) {
            return x; // overwrites its input
        }

        @Override
        public Map sigmoid(Map x) {
            return made(x.channels, x.stride, 1);
        }

        @Override
        public Map maxPool(Map x) {
            return made(x.channels, 2 * x.stride, Math.pow(2, dimension));
        }

        @Override
        public Map upsampleNearest(Map x) {
            return made(x.channels, x.stride / 2, 0);
        }

        @Override
        public Map resize(Map x, Map like) {
            return x.stride == like.stride ? x : made(x.channels, like.stride, 2 * Math.pow(2, dimension));
        }

        @Override
        public Map concat(List<Map> maps) {
            return made(maps.stream().mapToInt(Map::channels).sum(), maps.get(0).stride, 0);
        }

        @Override
        public Map add(Map a, Map b) {
            operations += a.channels / Math.pow(a.stride, dimension);
            return a; // overwrites its input
        }

        @Override
        public Map mul(Map x, Map coefficients) {
            return made(x.channels, x.stride, 1);
        }

        @Override
        public void supervise(Supplier<Map> logits) {
            var unused = logits.get();
        }
    }
}
