package org.attunet.predict;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.attunet.image.Grid;
import org.attunet.preprocess.PlaneResampling;
import org.attunet.preprocess.Prepared;

/**
 * The computation of an image by one model, resampled to the image's own grid.
 *
 * <p>Not thread-safe.
 */
final class MemberSweep {
    private final Prepared prepared;
    private final Progress progress;
    private final SlidingWindow window;
    private final PlaneResampling resampling;
    private final double planeWork;
    private final Map<String, PlaneResampling> gates = new LinkedHashMap<>();
    private int planes; // finished on the image's grid

    /** @param progress learns how much this model computes, and how much it has computed */
    MemberSweep(EnsembleMember member, Prepared prepared, TilePlanner planner, TilePlan plan, Progress progress) {
        this.prepared = prepared;
        this.progress = progress;
        window = new SlidingWindow(member, planner, plan, prepared.image());
        resampling = prepared.planeResampling(planner.maps());
        Grid restored = prepared.oriented();
        int all = restored.size(restored.dimension() - 1);
        planeWork = Progress.restoring((double) restored.voxels() / all * planner.maps());
        progress.expect(window.work() + planeWork * all);
    }

    /** The planes that are finished on the image's grid. */
    int planes() {
        return planes;
    }

    /** Returns whether all planes are. */
    boolean finished() {
        return window.finished();
    }

    /** Computes the next row or layer of blocks. */
    void step(PlaneMean mean, Function<String, PlaneMean> ofGate) {
        PlaneBuffer.Sink sink = (count, maps, attention) -> {
            resampling.accept(count, maps, (plane, values) -> {
                mean.add(plane, values);
                planes++;
                progress.done(planeWork);
            });
            attention.forEach(
                    (gate, values) -> gates.computeIfAbsent(gate, name -> prepared.planeResampling(values.length))
                            .accept(count, values, ofGate.apply(gate)::add));
        };
        window.step(sink, progress);
    }
}
