package org.attunet.network;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The most values that are alive at once in one forward pass for each voxel of the input, if each operation's result is freed
 * after its last use: worked out from the network's definition.
 */
public final class NetworkMemory {
    private NetworkMemory() {}

    /**
     * {@return the number of values per voxel of the input, the input and the logits included; gates' maps are freed}
     *
     * @param network the network
     */
    public static double of(NetworkConfig network) {
        var trace = new Trace(network.dimension());
        Map logits = Network.of(network).forward(trace, trace.made(network.channels(), 1));
        return trace.most(logits);
    }

    /**
     * A map.
     *
     * @param number of the operation that made it
     * @param stride voxels of the input per voxel of this map, along each axis
     */
    private record Map(int number, int channels, int stride) {}

    /** An operation: the values of its result and the maps that it reads. */
    private record Step(double values, List<Map> inputs) {}

    private static final class Trace implements Operations<Map> {
        private final int dimension;
        private final List<Step> steps = new ArrayList<>();

        Trace(int dimension) {
            this.dimension = dimension;
        }

        Map made(int channels, int stride, Map... inputs) {
            return made(channels, stride, Arrays.asList(inputs));
        }

        private Map made(int channels, int stride, List<Map> inputs) {
            steps.add(new Step(channels / Math.pow(stride, dimension), inputs));
            return new Map(steps.size() - 1, channels, stride);
        }

        /** Runs through the operations and frees each result after the last one that reads it. */
        double most(Map result) {
            int[] last = new int[steps.size()];
            for (int step = 0; step < last.length; step++) {
                for (Map input : steps.get(step).inputs) {
                    last[input.number] = step;
                }
            }
            last[result.number] = last.length;
            double alive = 0;
            double most = 0;
            for (int step = 0; step < last.length; step++) {
                alive += steps.get(step).values;
                most = Math.max(most, alive);
                for (int earlier = 0; earlier <= step; earlier++) {
                    alive -= last[earlier] == step && earlier < step ? steps.get(earlier).values : 0;
                }
            }
            return most;
        }

        @Override
        public Map conv(Conv layer, Map x) {
            return made(layer.out(), x.stride * layer.stride(), x);
        }

        @Override
        public Map convTranspose(Conv layer, Map x) {
            return made(layer.out(), x.stride / 2, x);
        }

        @Override
        public Map convNorm(ConvNorm layer, Map x) {
            return conv(layer.conv(), x);
        }

        @Override
        public Map relu(Map x) {
            return x; // in place
        }

        @Override
        public Map sigmoid(Map x) {
            return made(x.channels, x.stride, x);
        }

        @Override
        public Map maxPool(Map x) {
            return made(x.channels, 2 * x.stride, x);
        }

        @Override
        public Map upsampleNearest(Map x) {
            return made(x.channels, x.stride / 2, x);
        }

        @Override
        public Map resize(Map x, Map like) {
            return x.stride == like.stride ? x : made(x.channels, like.stride, x);
        }

        @Override
        public Map concat(List<Map> maps) {
            return made(maps.stream().mapToInt(Map::channels).sum(), maps.get(0).stride, maps);
        }

        @Override
        public Map add(Map a, Map b) {
            return made(a.channels, a.stride, a, b);
        }

        @Override
        public Map mul(Map x, Map coefficients) {
            return made(x.channels, x.stride, x, coefficients);
        }
    }
}
