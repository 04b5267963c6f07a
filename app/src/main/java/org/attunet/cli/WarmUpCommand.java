package org.attunet.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.BundleWriter;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.TestCase;
import org.attunet.error.AttunetException;
import org.attunet.export.MatrixProduct;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code attunet warm-up}: predicts pictures with a model of one matrix product. The launcher runs it once after a build
 * to record the classes that a prediction loads, for its class-data archive.
 */
@Command(
        name = "warm-up",
        hidden = true,
        description = "Predict empty pictures; used by the launcher to record the classes of a prediction.")
final class WarmUpCommand extends AttunetCommand {
    private static final int SIDE = 32;

    @Parameters(
            arity = "0..1",
            paramLabel = "DIR",
            description = "Where to leave the model, the pictures and the masks.")
    private @Nullable Path kept;

    @Override
    public Integer call() {
        try {
            if (kept != null) {
                return predict(WholeFile.makeFolder(kept));
            }
            Path folder = Files.createTempDirectory("attunet");
            try {
                return predict(folder);
            } finally {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
        } catch (IOException e) {
            throw new AttunetException(
                    System.getProperty("java.io.tmpdir", "temporary folder"),
                    "no files can be created there (" + e.getMessage() + ")",
                    "a folder for temporary files",
                    "free some space, or choose another folder with -Djava.io.tmpdir",
                    e);
        }
    }

    private static int predict(Path folder) throws IOException {
        Path bundle = folder.resolve("model.zip");
        write(bundle);
        Image picture = Image.of(Grid.ofPixels(SIDE, SIDE), new float[SIDE * SIDE]);
        Path images = WholeFile.makeFolder(folder.resolve("images"));
        Images.write(picture, images.resolve("picture.png"));
        Images.write(picture, images.resolve("scan.nii.gz"));
        Path masks = folder.resolve("masks");
        try (var silence = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            return Main.run(silence, silence, "predict", bundle.toString(), images.toString(), "-o", masks.toString());
        }
    }

    private static void write(Path bundle) {
        var model = ModelDescription.of(
                "warm-up",
                NetworkConfig.attUNet(2, 1, 1).withWidths(List.of(1, 1)),
                Preprocessing.of(1, new Normalisation.ZScore()),
                LabelSet.of(Map.of(1, "nothing")),
                SIDE,
                SIDE);
        float[] zeros = new float[SIDE * SIDE];
        TestCase test = TestCase.of(model, zeros, zeros, new int[] {SIDE, SIDE}, 1);
        BundleWriter.write(BundleContent.of(model, MatrixProduct.onnx(SIDE), test), bundle);
    }
}
