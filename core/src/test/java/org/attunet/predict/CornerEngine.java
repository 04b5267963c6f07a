package org.attunet.predict;

import java.util.Arrays;
import java.util.List;
import org.attunet.network.NetworkConfig;

/** Claims the first voxel of whatever it is shown. */
record CornerEngine(NetworkConfig network) implements Engine {
    @Override
    public Output run(float[] input, int batch, int[] size, boolean attention) {
        float[] logits = new float[input.length];
        Arrays.fill(logits, -100);
        logits[0] = 100;
        return new Output(logits, List.of());
    }

    @Override
    public void close() {}
}
