package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import org.attunet.bundle.KeepLargest;
import org.attunet.bundle.ModelDescription;
import org.attunet.bundle.TrainingProfile;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.PixelSize;
import org.attunet.io.SeriesResult;
import org.attunet.io.WholeNumbers;
import org.attunet.network.NetworkConfig;
import org.attunet.objects.EnergyLevels;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectSettings;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectPredictionTest {
    private static final Grid GRID = Grid.ofPixels(48, 32);
    private static final ResultOptions ALL =
            new ResultOptions(true, true, Set.of(SeriesResult.Kind.SEG), null, true, true);

    @TempDir
    Path folder;

    private Path images;
    private Path out;

    @BeforeEach
    void makeFolder() throws IOException {
        images = Files.createDirectory(folder.resolve("images"));
        out = folder.resolve("out");
    }

    @Test
    void files_of_an_earlier_prediction_that_may_not_fit_the_new_masks_are_reported() throws IOException {
        Images.write(discs(GRID, 200, 14, 16, 30, 16), images.resolve("a.png"));
        run(masks(), ImageCase.in(images, 1));
        List<Path> left = new ArrayList<>();
        var listener = new PredictionListener() {
            @Override
            public void leftover(List<Path> files) {
                left.addAll(files);
            }
        };
        try (Segmenter segmenter = masks()) {
            FolderPrediction.run(segmenter, ImageCase.in(images, 1), out, ALL, listener);
            assertThat(left).isEmpty();
            FolderPrediction.run(segmenter, ImageCase.in(images, 1), out, listener);
        }
        assertThat(left)
                .extracting(file -> file.getFileName().toString())
                .containsExactly(
                        "a_objects.csv", "a.geojson", "a_rois.zip", "a_overlay.png", "counts.csv", "index.html");
    }

    @Test
    void a_mask_without_a_deeper_level_of_objects_has_no_warning_of_it() {
        var profile = new TrainingProfile(30, 0, Map.of(1, 30, 2, 30, 3, 30), Map.of());
        Image rims = discs(GRID, 1, 10, 10);
        try (Segmenter segmenter = objects().withProfile(profile)) {
            assertThat(segmenter.segment(rims).warnings()).isEmpty();
            Segmenter structures = segmenter.withObjects(null);
            assertThat(structures.segment(rims).warnings())
                    .hasSize(2)
                    .first()
                    .asString()
                    .contains("level 2");
        }
    }

    @Test
    void touching_objects_of_a_mask_model_are_counted_measured_and_outlined() throws IOException {
        Images.write(discs(GRID, 200, 14, 16, 30, 16), images.resolve("a.png"));
        Images.write(discs(GRID, 200, 10, 10), images.resolve("b.tif"));
        Images.write(discs(GRID, 0), images.resolve("c.png"));
        Files.writeString(images.resolve("d.png"), "no picture");
        List<CasePrediction> done = run(masks(), ImageCase.in(images, 1));
        assertThat(done).extracting(CasePrediction::failed).containsExactly(false, false, false, true);
        assertThat(names(out))
                .contains(
                        "a.png",
                        "a.geojson",
                        "a_objects.csv",
                        "a_overlay.png",
                        "a_rois.zip",
                        "b.tif",
                        "counts.csv",
                        "index.html");
        int[] numbers = WholeNumbers.read(out.resolve("a.png")).values();
        assertThat(numbers[16 * 48 + 14]).isEqualTo(1);
        assertThat(numbers[16 * 48 + 30]).isEqualTo(2);
        List<String> table = Files.readAllLines(out.resolve("a_objects.csv"));
        assertThat(table).hasSize(3);
        assertThat(table.get(1)).startsWith("1,nucleus,").contains(",200,");
        try (ZipFile rois = new ZipFile(out.resolve("a_rois.zip").toFile())) {
            assertThat(rois.size()).isEqualTo(2);
        }
        List<String> counts = Files.readAllLines(out.resolve("counts.csv"));
        assertThat(counts).hasSize(5);
        assertThat(counts.get(1)).startsWith("a,2,").contains(",px2,");
        assertThat(counts.get(3)).startsWith("c,0,0.00000,px2,,,,");
        assertThat(counts.get(4)).startsWith("d,,").contains("d.png");
        assertThat(done.get(0).structures()).singleElement().extracting("name").isEqualTo("nucleus");
    }

    @Test
    void the_page_of_all_images_has_a_small_picture_of_each_and_no_links() throws IOException {
        Images.write(discs(Grid.ofPixels(700, 500), 200, 100, 100), images.resolve("a<b.png"));
        run(masks(), ImageCase.in(images, 1));
        String page = Files.readString(out.resolve("index.html"));
        assertThat(page).contains("1 object in 1 image", "a&lt;b").doesNotContain("a<b", "href", "http://x");
        Matcher found = Pattern.compile("base64,([^\"]+)").matcher(page);
        assertThat(found.find()).isTrue();
        byte[] jpeg = Base64.getDecoder().decode(found.group(1));
        BufferedImage picture = ImageIO.read(new java.io.ByteArrayInputStream(jpeg));
        assertThat(picture.getWidth()).isEqualTo(288);
        assertThat(jpeg.length).isLessThanOrEqualTo(32 << 10);
        var many = new ContactSheet(10_000); // noise compresses worst
        float[] noise = new float[500 * 500];
        var random = new Random(1);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = random.nextInt(256);
        }
        Grid grid = Grid.ofPixels(500, 500);
        many.draw(new ObjectPictures(Image.of(grid, noise), new ObjectMap(grid, new int[noise.length]), false));
        many.finish();
        assertThat(many.page(List.of(done("x"))).length).isLessThan(3_355 * 4 / 3 + 3000);
    }

    @Test
    void labels_that_may_overlap_are_not_counted_as_objects() {
        NetworkConfig network = FunctionEngine.network(2, 1, 2);
        ModelDescription model = ModelDescription.of(
                "organs",
                network,
                Preprocessing.of(1, new Normalisation.Identity()),
                LabelSet.overlapping(List.of("liver", "vessel")),
                new int[] {16, 16});
        try (Segmenter segmenter = Segmenter.of(new LevelEngine(network), model, SegmenterOptions.defaults())) {
            assertThatThrownBy(() -> ObjectSegmentation.requireSeparable(segmenter))
                    .hasMessageContaining("its labels may overlap")
                    .hasMessageContaining("ask for masks");
            Segmenter ofObjects = segmenter
                    .withObjects(new ObjectSettings(0.5, 1.5, 1, true))
                    .withKeepLargest(new KeepLargest(true, List.of()));
            assertThatThrownBy(() -> ObjectSegmentation.requireSeparable(ofObjects))
                    .hasMessageContaining("leave out --keep-largest, or ask for the mask (--no-objects)");
        }
    }

    @Test
    void files_of_others_are_not_replaced() throws IOException {
        Images.write(discs(GRID, 200, 14, 16), images.resolve("a.bmp"));
        Files.writeString(images.resolve("a.geojson"), "drawn by hand");
        List<ImageCase> cases = ImageCase.in(images, 1);
        List<CasePrediction> done = FolderPrediction.run(masks(), cases, images, ALL, PredictionListener.NONE);
        assertThat(done.get(0).error()).hasMessageContaining("a.geojson").hasMessageContaining("replaced");
        assertThat(images.resolve("a.geojson")).hasContent("drawn by hand");
        Files.createDirectories(out);
        Files.writeString(out.resolve("counts.csv"), "image,by hand\na,3\n");
        assertThatThrownBy(() -> run(masks(), cases)).hasMessageContaining("counts.csv");
        Files.delete(out.resolve("counts.csv"));
        run(masks(), cases);
        assertThat(run(masks(), cases).get(0).failed())
                .as("its own results are")
                .isFalse();
        Images.write(discs(GRID, 200, 14, 16), images.resolve("a.tif"));
        assertThat(run(masks(), ImageCase.in(images, 1)))
                .as("two tables of one name")
                .extracting(CasePrediction::failed)
                .containsExactly(false, true);
    }

    @Test
    void formats_that_lose_numbers_are_refused_before_anything_is_computed() {
        ImageCase image = picture("a.png", discs(GRID, 200, 14, 16));
        for (String name : List.of("a.dcm", "a.jpg", "a.bmp")) {
            Path file = out.resolve(name);
            assertThatThrownBy(() -> FolderPrediction.run(masks(), List.of(image), file, ALL, PredictionListener.NONE))
                    .hasMessageContaining(name)
                    .hasMessageContaining("--no-objects");
        }
        Path one = out.resolve("one.tif");
        FolderPrediction.run(masks(), List.of(image), one, ResultOptions.OBJECTS, PredictionListener.NONE);
        assertThat(WholeNumbers.read(one).values()).contains(1);
        assertThat(out.resolve("one_objects.csv")).exists();
        assertThat(out.resolve("index.html")).doesNotExist();
    }

    @Test
    void outlines_of_a_volume_are_refused_before_anything_is_computed() {
        Image volume = discs(Grid.of(16, 16, 8), 200, 8, 8);
        ImageCase image = picture("volume.nii.gz", volume);
        CasePrediction done = FolderPrediction.run(volumes(), List.of(image), out, ALL, new PredictionListener() {
                    @Override
                    public void planned(String name, TilePlan plan) {
                        throw new AssertionError("computed");
                    }
                })
                .get(0);
        assertThat(done.error()).hasMessageContaining("volume.nii.gz: a volume").hasMessageContaining("--rois");
    }

    @Test
    void a_model_of_objects_shows_no_levels() {
        Image target = levels(GRID, 14, 16, 30, 16);
        ImageCase image = picture("a.tif", target);
        CasePrediction mask = FolderPrediction.run(objects(), List.of(image), out, PredictionListener.NONE)
                .get(0);
        assertThat(mask.structures()).singleElement().extracting("name").isEqualTo("object");
        assertThat(Images.readLabels(mask.mask()).largest()).isEqualTo(1);
        CasePrediction found = run(objects(), List.of(image)).get(0);
        assertThat(found.structures()).singleElement().extracting("name").isEqualTo("object");
        assertThat(found.objects()).isNotNull();
        assertThat(found.objects().counts()).containsExactly(java.util.Map.entry("object", 2));
    }

    @Test
    void sizes_are_in_the_unit_of_the_pixel_size() throws IOException {
        ImageCase image = picture("a.png", discs(GRID, 200, 14, 16)).withPixelSize(PixelSize.of("0.5um"));
        CasePrediction done = run(masks(), List.of(image)).get(0);
        assertThat(done.objects()).isNotNull();
        assertThat(done.objects().unit()).isEqualTo("µm²");
        int pixels = (int) Stream.of(WholeNumbers.read(done.mask()).values())
                .flatMapToInt(java.util.Arrays::stream)
                .filter(number -> number == 1)
                .count();
        assertThat(done.objects().size()).isEqualTo(pixels * 0.25);
        assertThat(Files.readAllLines(out.resolve("a_objects.csv")).get(0)).contains("area_um2", "centroid_x_um");
    }

    @Test
    void objects_are_the_same_in_tiles_and_as_a_whole() {
        var random = new Random(3);
        int[] centres = new int[400];
        for (int k = 0; k < centres.length; k++) {
            centres[k] = random.nextInt(256);
        }
        Image image = levels(Grid.ofPixels(256, 256), centres);
        Segmenter segmenter = objects();
        SegmenterOptions tiled =
                SegmenterOptions.defaults().withTiles(TileMode.EXACT).withMemory(3 << 20);
        assertThat(segmenter.plan(image.grid(), tiled).toString()).contains("tiles");
        ObjectSegmentation whole = ObjectSegmentation.of(segmenter, image);
        ObjectSegmentation parts = ObjectSegmentation.of(segmenter, image, tiled, share -> {});
        assertThat(whole.count()).isGreaterThan(50);
        assertThat(parts.objects().map().numbers())
                .isEqualTo(whole.objects().map().numbers());
        assertThat(parts.measures(image)).isEqualTo(whole.measures(image));
    }

    private CasePrediction done(String name) {
        return new CasePrediction(name, List.of(), out, List.of(), Reliability.UNKNOWN, List.of(), null, null);
    }

    private List<CasePrediction> run(Segmenter segmenter, List<ImageCase> cases) {
        return FolderPrediction.run(segmenter, cases, out, ALL, PredictionListener.NONE);
    }

    private ImageCase picture(String name, Image image) {
        Path file = images.resolve(name);
        Images.write(image, file);
        return new ImageCase(Images.stem(file), List.of(file));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static Segmenter masks() {
        return PointEngine.segmenter(PointEngine.model(8, 8), 1, -100);
    }

    private static Segmenter volumes() {
        return PointEngine.segmenter(PointEngine.model(8, 8, 8), 1, -100);
    }

    /** Overlapping discs of radius 9. */
    private static Image discs(Grid grid, float value, int... centres) {
        float[] values = new float[grid.voxels()];
        int[] numbers = numbers(grid, centres);
        for (int i = 0; i < values.length; i++) {
            values[i] = numbers[i] > 0 ? value : 0;
        }
        return Image.of(grid, values);
    }

    private static int[] numbers(Grid grid, int... centres) {
        int[] numbers = new int[grid.voxels()];
        for (int k = 0; k < centres.length; k += 2) {
            for (int i = 0; i < numbers.length; i++) {
                int x = i % grid.size(0) - centres[k];
                int y = i / grid.size(0) - centres[k + 1];
                numbers[i] = numbers[i] == 0 && x * x + y * y <= 81 ? k / 2 + 1 : numbers[i];
            }
        }
        return numbers;
    }

    /** An image whose values are the levels of depth of discs. */
    private static Image levels(Grid grid, int... centres) {
        LabelMap levels = EnergyLevels.standard().of(new ObjectMap(grid, numbers(grid, centres)));
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = levels.label(i);
        }
        return Image.of(grid, values);
    }

    /** A model of objects that reads the levels from the image. */
    private static Segmenter objects() {
        NetworkConfig network = FunctionEngine.network(2, 1, 3);
        ModelDescription model = ModelDescription.of(
                "levels",
                network,
                Preprocessing.of(1, new Normalisation.Identity()),
                EnergyLevels.standard().labels(),
                new int[] {16, 16});
        return Segmenter.of(new LevelEngine(network), model, SegmenterOptions.defaults())
                .withObjects(new ObjectSettings(0.5, 1.5, 1, true));
    }

    /** Output k is probable from the value k + 1 on. */
    private record LevelEngine(NetworkConfig network) implements Engine {
        @Override
        public Output run(float[] input, int batch, int[] size, boolean attention) {
            int voxels = input.length / batch;
            float[] logits = new float[3 * input.length];
            for (int i = 0; i < logits.length; i++) {
                int one = i / (3 * voxels);
                int output = i / voxels % 3;
                logits[i] = 20 * (input[one * voxels + i % voxels] - output - 0.5f);
            }
            return new Output(logits, List.of());
        }

        @Override
        public void close() {}
    }
}
