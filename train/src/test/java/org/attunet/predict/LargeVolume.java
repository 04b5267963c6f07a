package org.attunet.predict;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.attunet.bundle.ModelDescription;
import org.attunet.export.OnnxExport;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.torch.TorchNetwork;
import org.attunet.train.TorchEngine;

/** A program that segments one volume with a narrow 3D network and prints its plan and its greatest resident memory. */
public final class LargeVolume {
    private LargeVolume() {}

    /** Arguments: the engine (torch or onnx), the image, the mask, the memory budget in bytes. */
    public static void main(String[] args) throws IOException {
        NetworkConfig network = NetworkConfig.attUNet(3, 1, 1).withWidths(List.of(4, 8, 16));
        var model = ModelDescription.of(
                "large",
                network,
                Preprocessing.of(1, new Normalisation.MinMax()),
                LabelSet.of(Map.of(1, "inside")),
                64,
                64,
                64);
        SegmenterOptions options = SegmenterOptions.defaults().withMemory(Long.parseLong(args[3]));
        PredictionListener telling = new PredictionListener() {
            @Override
            public void planned(String name, TilePlan plan) {
                System.out.println(plan);
            }
        };
        try (Segmenter segmenter = Segmenter.of(engine(args[0], network), model, options)) {
            for (CasePrediction outcome :
                    FolderPrediction.run(segmenter, ImageCase.in(Path.of(args[1]), 1), Path.of(args[2]), telling)) {
                if (outcome.error() != null) {
                    throw outcome.error();
                }
            }
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                System.out.println(line);
            }
        }
    }

    private static Engine engine(String kind, NetworkConfig network) {
        if (kind.equals("torch")) {
            return TorchEngine.owning(TorchNetwork.create(network, 3), "cpu");
        }
        try (TorchNetwork built = TorchNetwork.create(network, 3)) {
            return OnnxEngine.open(OnnxExport.of(built), "large", network, OnnxOptions.defaults());
        }
    }
}
