package org.attunet.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.error.ConfigException;
import org.attunet.network.NetworkShape;
import org.attunet.predict.Engine;

/**
 * An engine that records some of the blocks it computes. A {@link org.attunet.predict.Segmenter} on top of it that segments
 * calibration images thus yields the network's real inputs: preprocessed, padded and cut.
 *
 * <p>If there are more blocks than the recorder keeps, every second one is dropped repeatedly, so that the rest is spread
 * over all. Not thread-safe. Closing it closes the engine below.
 */
final class CalibrationRecorder implements Engine {
    private final Engine engine;
    private final int limit;
    private final List<CalibrationInput> recorded = new ArrayList<>();
    private long seen;
    private long stride = 1;

    /**
     * Records in front of an engine, which it owns.
     *
     * @param limit the greatest number of blocks, 1 or more
     */
    CalibrationRecorder(Engine engine, int limit) {
        if (limit < 1) {
            throw new ConfigException("calibration inputs", limit, "a number of 1 or more");
        }
        this.engine = engine;
        this.limit = limit;
    }

    @Override
    public NetworkShape network() {
        return engine.network();
    }

    @Override
    public List<String> gates() {
        return engine.gates();
    }

    @Override
    public Output run(float[] input, int batch, int[] size, boolean attention) {
        int each = input.length / batch;
        for (int block = 0; block < batch; block++) {
            if (seen++ % stride == 0) {
                float[] values = Arrays.copyOfRange(input, block * each, (block + 1) * each);
                recorded.add(new CalibrationInput(values, size.clone()));
                thin();
            }
        }
        return engine.run(input, batch, size, attention);
    }

    private void thin() {
        if (recorded.size() > limit) {
            List<CalibrationInput> every = List.copyOf(recorded);
            recorded.clear();
            for (int k = 0; k < every.size(); k += 2) {
                recorded.add(every.get(k));
            }
            stride *= 2;
        }
    }

    /** The recorded blocks in order. */
    List<CalibrationInput> inputs() {
        return List.copyOf(recorded);
    }

    @Override
    public void close() {
        engine.close();
    }
}
