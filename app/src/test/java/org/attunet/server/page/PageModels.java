package org.attunet.server.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.Precision;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.server.LiveServer;
import org.attunet.server.work.ServedModel;

/**
 * The bundles under models/, and hippocampus twice more: as {@code twin}, and as {@code crossed}, whose two label values are
 * swapped.
 */
final class PageModels {
    private PageModels() {}

    static List<ServedModel> open(Path folder) {
        Path hippocampus = LiveServer.MODELS.resolve("hippocampus.zip");
        return List.of(
                model("hippocampus", hippocampus),
                model("nuclei", LiveServer.MODELS.resolve("nuclei.zip")),
                model("twin", hippocampus),
                model("crossed", crossed(hippocampus, folder.resolve("crossed.zip"))));
    }

    private static ServedModel model(String name, Path bundle) {
        // one thread: several would spin while they wait for each other
        var segmenter = Segmenter.open(
                bundle, SegmenterOptions.defaults(), OnnxOptions.defaults().withThreads(1), Precision.FP32);
        return ServedModel.of(name, segmenter, Bundle.open(bundle));
    }

    private static Path crossed(Path bundle, Path target) {
        try (var in = new ZipInputStream(Files.newInputStream(bundle));
                var out = new ZipOutputStream(Files.newOutputStream(target))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                if (entry.getName().equals("rdf.yaml")) {
                    String text = new String(content, StandardCharsets.UTF_8);
                    text = text.replace("Anterior", "?")
                            .replace("Posterior", "Anterior")
                            .replace("?", "Posterior");
                    content = text.getBytes(StandardCharsets.UTF_8);
                }
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(content);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return target;
    }
}
