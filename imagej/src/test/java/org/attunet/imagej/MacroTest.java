package org.attunet.imagej;

import static org.assertj.core.api.Assertions.assertThat;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.io.FileSaver;
import ij.process.ColorProcessor;
import ij.process.FloatProcessor;
import ij.process.ShortProcessor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.predict.CasePrediction;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.Segmenter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Macros in a real ImageJ, whose results are compared with those of core on the same files. */
class MacroTest {
    @TempDir
    static Path folder;

    private static List<String> errors;
    private static final java.util.Map<String, String> said = new TreeMap<>();

    @BeforeAll
    static void run_the_macros() throws Exception {
        try (RealImageJ imageJ = RealImageJ.in(Files.createDirectories(folder.resolve("ImageJ")))) {
            save(picture(), "picture.png");
            save(hyperstack(), "hyper.tif");
            save(volume(), "volume.tif");
            save(slow(), "slow.tif");
            StringBuilder real = new StringBuilder();
            String data = System.getenv("ATTUNET_DATA");
            if (data != null) {
                real.append(realImages(Path.of(data)));
            }
            errors = imageJ.run(
                    macro("outputs.ijm"),
                    macro("failures.ijm"),
                    macro("abort.ijm"),
                    real.toString(),
                    macro("recorded.ijm")); // the last: windows that a dialog opens become current at any moment
        }
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".txt")).toList()) {
                said.put(String.valueOf(file.getFileName()), Files.readString(file));
            }
        }
    }

    @AfterAll
    static void forget() {
        said.clear();
    }

    @Test
    void the_mask_of_a_picture_is_that_of_predict() {
        assertThat(errors.get(0)).isEmpty();
        assertSame("picture-labels.tif", predicted("nuclei.zip", folder.resolve("picture.png")));
        assertThat(opened("picture-labels.tif").getStatistics().max).isEqualTo(255);
    }

    @Test
    void the_mask_of_a_stack_is_that_of_predict_in_the_stacks_own_units() {
        assertSame("volume-labels.tif", predicted("hippocampus.zip", folder.resolve("volume.tif")));
        assertThat(opened("volume-labels.tif").getCalibration().getUnit()).isEqualTo("mm");
    }

    @Test
    void every_result_is_shown_under_its_name() {
        assertThat(said.get("titles.txt").lines())
                .containsExactlyInAnyOrder(
                        "picture.png", "picture-labels", "picture-probabilities", "picture-attention");
        assertThat(said.get("current.txt").strip()).isEqualTo("picture-labels");
    }

    @Test
    void outlines_are_as_many_as_objects_and_keep_the_users_own_overlay() {
        long objects = said.get("objects.csv.txt").lines().count() - 1;

        assertThat(objects).isGreaterThan(5);
        assertThat(said.get("rois.txt").strip()).isEqualTo(String.valueOf(objects));
        // The outlines, one picture of attention, and the selection that was there before; twice the command, not twice
        // the outlines.
        assertThat(said.get("overlay.txt").strip()).isEqualTo(String.valueOf(objects + 2));
    }

    @Test
    void areas_are_in_the_images_unit() {
        ImagePlus labels = opened("picture-labels.tif");
        long pixels = labels.getProcessor().getHistogram()[255];

        // The macro calibrated a pixel as 0.5 x 0.25 µm.
        assertThat(Double.parseDouble(said.get("area.txt").strip())).isEqualTo(pixels * 0.125);
        assertThat(said.get("unit.txt").strip()).isEqualTo("µm²");
    }

    @Test
    void a_model_of_objects_numbers_them_as_predict_does() {
        int[] expected;
        int count;
        try (Segmenter segmenter = Segmenter.open(RealImageJ.model("nuclei-objects.zip"))) {
            var objects = ObjectSegmentation.of(segmenter, Images.read(folder.resolve("picture.png")));
            expected = objects.objects().map().numbers();
            count = objects.count();
        }
        short[] found = mask(opened("counted-labels.tif"), 1);

        assertThat(count).isGreaterThan(5);
        assertThat(IntStream.range(0, found.length)
                        .map(i -> Short.toUnsignedInt(found[i]))
                        .toArray())
                .isEqualTo(expected);
        // Selections, the number in Results, and its rows: the levels of depth are no labels of their own.
        assertThat(said.get("counted.txt").lines()).containsExactly("" + count, "" + count, "1");
        assertThat(said.get("counted.csv.txt").lines().skip(1)).hasSize(count).allMatch(row -> row.contains("object"));
    }

    @Test
    void frames_of_a_hyperstack_are_images_of_their_own() {
        ImagePlus labels = opened("hyper-labels.tif");
        ImagePlus hyper = opened("hyper.tif");

        assertThat(labels.getDimensions()).containsExactly(96, 64, 1, 2, 2);
        try (Segmenter segmenter = Segmenter.open(RealImageJ.model("nuclei.zip"))) {
            for (int frame = 1; frame <= 2; frame++) {
                Image image = new Frames(hyper, 3).read(frame);
                assertThat(image.channels().length).isEqualTo(3);
                assertThat(mask(labels, frame))
                        .isEqualTo(segmenter.segment(image).labels().voxels());
            }
        }
    }

    @Test
    void agreement_is_measured_in_the_images_unit() {
        String row = said.get("agreement.csv.txt").lines().skip(1).findFirst().orElseThrow();

        // A square of 20 x 20 pixels of 0.5 µm, moved by 4 pixels: 2 * 320 / 800, 320 / 480; the far sides are 4 pixels
        // apart.
        assertThat(row).contains("0.8000", "0.6667", "2.0000", "micron");
    }

    @Test
    void a_macro_that_goes_on_sees_the_failure() {
        assertThat(errors.get(1)).isEmpty();
        assertThat(said.get("slices.txt")).contains("picture.png: one slice; expected a stack of slices");
        assertThat(said.get("model.txt")).contains("no such model; expected a path, or one of hippocampus, nuclei");
        assertThat(said.get("channels.txt")).contains("2 channels");
        assertThat(said.get("success.txt").strip()).isEmpty();
    }

    @Test
    void escape_ends_a_segmentation_without_results() {
        assertThat(said.get("cancelled.txt").strip()).isEqualTo("1 slow.tif cancelled");
    }

    @Test
    void another_macro_stops_at_a_failure() {
        assertThat(errors.get(2)).contains("an option \"lables\"");
        assertThat(said).doesNotContainKey("after.txt");
    }

    @Test
    void the_dialog_is_recorded_as_macros_have_it() {
        assertThat(errors.get(4)).isEmpty();
        assertThat(said.get("recorded.txt")).contains("run(\"Segment...\", \"model=nuclei labels overlay table\");");
        assertThat(said.get("recorded-titles.txt")).contains("picture-labels");
    }

    @Test
    void masks_of_real_images_are_those_of_predict() {
        String data = System.getenv("ATTUNET_DATA");
        Assumptions.assumeTrue(data != null, "ATTUNET_DATA is not set");
        assertThat(errors.get(3)).isEmpty();
        assertSame("dsb-labels.tif", predicted("nuclei.zip", first(Path.of(data, "dsb2018", "images"))));
        assertSame(
                "mr-labels.tif", predicted("hippocampus.zip", first(Path.of(data, "Task04_Hippocampus", "imagesTr"))));
    }

    private static LabelMap predicted(String model, Path file) {
        try (Segmenter segmenter = Segmenter.open(RealImageJ.model(model))) {
            return CasePrediction.segment(
                            segmenter,
                            new ImageCase("case", List.of(file)),
                            segmenter.options(),
                            (name, plan) -> {},
                            share -> {})
                    .labels();
        }
    }

    private static void assertSame(String file, LabelMap expected) {
        short[] found = mask(opened(file), 1);
        assertThat(found).hasSameSizeAs(expected.voxels());
        long different = java.util.stream.IntStream.range(0, found.length)
                .filter(i -> found[i] != expected.voxels()[i])
                .count();
        assertThat(different).as("voxels of %s that differ", file).isZero();
        assertThat(expected.values()).isNotEmpty();
    }

    private static short[] mask(ImagePlus labels, int frame) {
        int plane = labels.getWidth() * labels.getHeight();
        short[] voxels = new short[plane * labels.getNSlices()];
        for (int z = 0; z < labels.getNSlices(); z++) {
            var slice = labels.getStack().getProcessor(labels.getStackIndex(1, z + 1, frame));
            for (int i = 0; i < plane; i++) {
                voxels[z * plane + i] = (short) slice.get(i);
            }
        }
        return voxels;
    }

    private static ImagePlus opened(String file) {
        return IJ.openImage(folder.resolve(file).toString());
    }

    private static Path first(Path images) {
        return Images.list(images).get(0);
    }

    private static String macro(String name) throws IOException {
        try (var in = MacroTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
                    .replace(
                            "OBJECTS_MODEL",
                            RealImageJ.model("nuclei-objects.zip")
                                    .toAbsolutePath()
                                    .normalize()
                                    .toString()
                                    .replace('\\', '/'))
                    .replace("FOLDER", folder.toString().replace('\\', '/'));
        }
    }

    /** A macro for a picture, and for a volume that is saved as ImageJ has it. */
    private static String realImages(Path data) {
        Image scan = Images.read(first(data.resolve("Task04_Hippocampus").resolve("imagesTr")));
        int width = scan.grid().size(0);
        int height = scan.grid().size(1);
        var stack = new ImageStack(width, height);
        for (int from = 0; from < scan.grid().voxels(); from += width * height) {
            stack.addSlice(new FloatProcessor(
                    width, height, Arrays.copyOfRange(scan.channel(0), from, from + width * height)));
        }
        var image = new ImagePlus("mr", stack);
        image.getCalibration().setUnit("mm");
        save(image, "mr.tif");
        Path picture = first(data.resolve("dsb2018").resolve("images"));
        return "run(\"Close All\"); setBatchMode(true);\n"
                + "open(\"" + picture + "\"); run(\"Segment...\", \"model=nuclei labels\");\n"
                + "saveAs(\"tiff\", \"" + folder.resolve("dsb-labels.tif") + "\");\n"
                + "open(\"" + folder.resolve("mr.tif") + "\"); run(\"Segment...\", \"model=hippocampus labels\");\n"
                + "saveAs(\"tiff\", \"" + folder.resolve("mr-labels.tif") + "\");\n";
    }

    private static void save(ImagePlus image, String name) {
        String path = folder.resolve(name).toString();
        boolean saved = name.endsWith(".png")
                ? new FileSaver(image).saveAsPng(path)
                : image.getStackSize() > 1
                        ? new FileSaver(image).saveAsTiffStack(path)
                        : new FileSaver(image).saveAsTiff(path);
        assertThat(saved).isTrue();
    }

    /** Bright discs on a dark ground, as nuclei in fluorescence. */
    private static int[] discs(int width, int height, long seed) {
        var random = new Random(seed);
        int[] grey = new int[width * height];
        for (int i = 0; i < grey.length; i++) {
            grey[i] = 12 + random.nextInt(6);
        }
        for (int k = 0; k < 12; k++) {
            int cx = random.nextInt(width);
            int cy = random.nextInt(height);
            int r = 5 + random.nextInt(4);
            for (int i = 0; i < grey.length; i++) {
                int dx = i % width - cx;
                int dy = i / width - cy;
                grey[i] += dx * dx + dy * dy <= r * r ? 80 + random.nextInt(20) : 0;
            }
        }
        return Arrays.stream(grey).map(value -> Math.min(255, value)).toArray();
    }

    private static ImagePlus picture() {
        int[] pixels = Arrays.stream(discs(160, 128, 1)).map(v -> v * 0x10101).toArray();
        return new ImagePlus("picture", new ColorProcessor(160, 128, pixels));
    }

    /** Three channels of 16 bit, two slices, two frames. */
    private static ImagePlus hyperstack() {
        var stack = new ImageStack(96, 64);
        for (int t = 0; t < 2; t++) {
            for (int z = 0; z < 2; z++) {
                int[] grey = discs(96, 64, 10 * t + z);
                for (int c = 0; c < 3; c++) {
                    short[] values = new short[grey.length];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (short) (grey[i] * (100 + 10 * c));
                    }
                    stack.addSlice(new ShortProcessor(96, 64, values, null));
                }
            }
        }
        var image = new ImagePlus("hyper", stack);
        image.setDimensions(3, 2, 2);
        image.setOpenAsHyperStack(true);
        return image;
    }

    /** A bent grey tube in white matter, with fluid above it, as large as a hippocampus. */
    private static ImagePlus volume() {
        var random = new Random(5);
        var stack = new ImageStack(40, 56);
        for (int z = 0; z < 40; z++) {
            float[] values = new float[40 * 56];
            for (int i = 0; i < values.length; i++) {
                double along = (i / 40 - 8) / 36.0; // 0 at the tail, 1 at the head
                double t = Math.max(0, Math.min(1, along));
                double x = 0.72 * (i % 40 - 17 - 14 * (t - 0.4) * (t - 0.4));
                double y = 36 * (along - t);
                double up = 1.2 * (z - 28 + 21 * t);
                double depth = 2.5 + 3 * t - Math.sqrt(x * x + y * y + up * up);
                double above = 4 + 2 * t - Math.sqrt(x * x + y * y + (up - 3) * (up - 3));
                double tissue = depth > 0 ? 350 : above > 0 && i % 40 > 17 ? 56 : 633;
                values[i] = (float) Math.max(0, tissue + 25 * random.nextGaussian());
            }
            stack.addSlice(new FloatProcessor(40, 56, values));
        }
        var image = new ImagePlus("volume", stack);
        image.getCalibration().setUnit("mm");
        image.getCalibration().pixelDepth = 1.1;
        return image;
    }

    private static ImagePlus slow() {
        var stack = new ImageStack(300, 300);
        for (int t = 0; t < 40; t++) {
            int[] pixels =
                    Arrays.stream(discs(300, 300, 5)).map(v -> v * 0x10101).toArray();
            stack.addSlice(new ColorProcessor(300, 300, pixels));
        }
        var image = new ImagePlus("slow", stack);
        image.setDimensions(1, 1, 40);
        return image;
    }
}
