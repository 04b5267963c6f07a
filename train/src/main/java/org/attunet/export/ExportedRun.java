package org.attunet.export;

import java.nio.file.Files;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.dataset.Case;
import org.attunet.dataset.Split;
import org.attunet.metrics.Tolerance;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.Engine;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.train.Evaluation;
import org.attunet.train.Run;
import org.jspecify.annotations.Nullable;

/**
 * A run being exported, with what its ONNX models are computed and measured with.
 *
 * @param model under the name that the bundle gets
 * @param onnx how ONNX Runtime computes while the export measures
 */
record ExportedRun(Run run, ModelDescription model, OnnxOptions onnx, BundleExport.Listener listener) {
    NetworkConfig network() {
        return model.network();
    }

    /** The split of the data set; null if the run has none. */
    @Nullable
    Split split() {
        return Files.exists(run.split()) ? Split.read(run.split()) : null;
    }

    Engine engine(byte[] bytes) {
        return OnnxEngine.open(bytes, "model", network(), onnx);
    }

    Segmenter segmenter(byte[] bytes) {
        return Segmenter.of(engine(bytes), model, SegmenterOptions.defaults()).withObjects(run.objects());
    }

    Evaluation evaluate(String phase, Segmenter segmenter, List<Case> cases) {
        return Evaluation.of(segmenter, cases, Tolerance.DEFAULT, (done, total) -> listener.at(phase, done, total));
    }
}
