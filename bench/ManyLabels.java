import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.attunet.bundle.BundleContent;
import org.attunet.bundle.BundleWriter;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.Precision;
import org.attunet.bundle.TestCase;
import org.attunet.export.OnnxExport;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelSet;
import org.attunet.network.NetworkConfig;
import org.attunet.predict.OnnxEngine;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.attunet.torch.TorchNetwork;

/**
 * The segmentation of a volume into 100 classes: time and memory.
 *
 * <p>{@code java -cp app/target/attunet-app.jar bench/ManyLabels.java model OUT.zip} writes a bundle of a narrow 3D network
 * with random weights for voxels of 1.5 mm; {@code … segment MODEL.zip SIDE SPACING MEMORY} segments a volume of SIDE voxels a
 * side of SPACING mm within a budget of MEMORY MiB and prints the plan, the seconds and the process' greatest resident memory.
 */
public final class ManyLabels {
    private static final int CLASSES = 100;

    private ManyLabels() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("model")) {
            write(Path.of(args[1]));
        } else {
            segment(Path.of(args[1]), Integer.parseInt(args[2]), Double.parseDouble(args[3]), Long.parseLong(args[4]));
        }
    }

    private static void write(Path target) {
        NetworkConfig network = NetworkConfig.attUNet(3, 1, CLASSES).withWidths(List.of(8, 16, 32));
        Map<Integer, String> names = new HashMap<>();
        for (int label = 1; label < CLASSES; label++) {
            names.put(label, "structure " + label);
        }
        Preprocessing preprocessing =
                Preprocessing.of(1, new Normalisation.ZScore()).withTargetSpacing(new double[] {1.5, 1.5, 1.5});
        ModelDescription model =
                ModelDescription.of("hundred labels", network, preprocessing, LabelSet.of(names), 32, 32, 32);
        byte[] onnx;
        try (TorchNetwork weights = TorchNetwork.create(network, 7)) {
            onnx = OnnxExport.of(weights);
        }
        int[] size = {32, 32, 32};
        float[] input = scan(Grid.of(size));
        try (var engine = OnnxEngine.open(onnx, "model", network, OnnxOptions.defaults())) {
            float[] block = TestCase.networkInput(model, input, size);
            TestCase test =
                    TestCase.of(model, input, engine.run(block, 1, size, false).logits(), size, 1);
            BundleWriter.write(BundleContent.of(model, onnx, test), target);
        }
    }

    private static void segment(Path bundle, int side, double spacing, long memory) throws Exception {
        Grid grid = Grid.of(new int[] {side, side, side}, new double[] {spacing, spacing, spacing});
        SegmenterOptions options = SegmenterOptions.defaults().withMemory(memory << 20);
        try (Segmenter segmenter = Segmenter.open(bundle, options, OnnxOptions.defaults(), Precision.FP32)) {
            System.out.println(segmenter.plan(grid, options));
            Image image = Image.of(grid, scan(grid));
            long start = System.nanoTime();
            Segmentation result = segmenter.segment(image);
            System.out.printf(
                    Locale.ROOT,
                    "%.1f s, %d labels, checksum %d%n",
                    (System.nanoTime() - start) / 1e9,
                    result.labels().values().size(),
                    Arrays.hashCode(result.labels().voxels()));
        }
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                System.out.println(line);
            }
        }
        System.out.println("load " + Files.readString(Path.of("/proc/loadavg")).strip());
    }

    /** A smooth pattern. */
    private static float[] scan(Grid grid) {
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            int x = i % grid.size(0);
            int y = i / grid.size(0) % grid.size(1);
            int z = i / grid.size(0) / grid.size(1);
            values[i] = (float) (Math.sin(x / 9.0) + Math.cos(y / 7.0) + Math.sin((z + x) / 11.0));
        }
        return values;
    }
}
