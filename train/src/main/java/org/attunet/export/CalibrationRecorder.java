package org.attunet.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.error.ConfigException;
import org.attunet.network.NetworkShape;
import org.attunet.predict.Engine;

/**
 * An engine that keeps some of what it is asked to compute: a {@link org.attunet.predict.Segmenter} on top of it that
 * segments calibration images leaves here what the network really gets, prepared, padded and cut.
 *
 * <p>Of more blocks than may be kept, every second one is dropped again and again, so that those that remain are spread
 * over all. Not for several threads at once. Closing it closes the engine below.
 */
public final class CalibrationRecorder implements Engine {
    private final Engine engine;
    private final int most;
    private final List<CalibrationInput> kept = new ArrayList<>();
    private long seen;
    private long stride = 1;

    /**
     * Records in front of an engine, which it owns.
     *
     * @param most how many blocks are kept, 1 or more
     */
    public CalibrationRecorder(Engine engine, int most) {
        if (most < 1) {
            throw new ConfigException("calibration inputs", most, "a number of 1 or more");
        }
        this.engine = engine;
        this.most = most;
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
                keep(Arrays.copyOfRange(input, block * each, (block + 1) * each), size);
            }
        }
        return engine.run(input, batch, size, attention);
    }

    private void keep(float[] values, int[] size) {
        kept.add(new CalibrationInput(values, size.clone()));
        if (kept.size() > most) {
            List<CalibrationInput> even = new ArrayList<>();
            for (int k = 0; k < kept.size(); k += 2) {
                even.add(kept.get(k));
            }
            kept.clear();
            kept.addAll(even);
            stride *= 2;
        }
    }

    /** What was kept so far, in the order in which it came. */
    public List<CalibrationInput> inputs() {
        return List.copyOf(kept);
    }

    @Override
    public void close() {
        engine.close();
    }
}
