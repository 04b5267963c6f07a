package org.attunet.spark.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.attunet.bundle.Precision;
import org.attunet.image.LabelMap;
import org.attunet.image.Structure;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.PixelSize;
import org.attunet.predict.FolderPrediction;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.PredictionListener;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.spark.TestModels;
import org.attunet.spark.TestScans;
import org.attunet.spark.TestSpark;
import org.attunet.spark.storage.Storage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Masks of a job against those of {@link FolderPrediction}, which attunet predict is, in one process and in several. */
class MasksTest {
    @TempDir
    static Path shared;

    static Path pictures;
    static Path volumes;
    static Path channels;
    static Path flat;
    static Path deep;
    static Path twofold;

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws Exception {
        flat = TestModels.pictures(shared.resolve("flat.zip"), 1);
        deep = TestModels.volumes(shared.resolve("deep"), 1, 2);
        twofold = TestModels.volumes(shared.resolve("twofold.zip"), 2, 3);
        pictures = Files.createDirectory(shared.resolve("pictures, 100% ä #1"));
        volumes = Files.createDirectory(shared.resolve("volumes"));
        channels = Files.createDirectory(shared.resolve("channels"));
        for (int k = 0; k < 6; k++) {
            TestScans.picture(pictures.resolve("p ö%20 #" + k + (k % 2 == 0 ? ".png" : ".tif")), k, 40 + k, 33);
            TestScans.volume(volumes.resolve("v" + k + (k % 2 == 0 ? ".nii.gz" : ".nii")), k, 20, 17 + k, 9);
            TestScans.volume(channels.resolve("c" + k + "_0000.nii.gz"), k, 20, 16, 8);
            TestScans.volume(channels.resolve("c" + k + "_0001.nii.gz"), k + 50, 20, 16, 8);
        }
        Files.writeString(pictures.resolve(".hidden.png"), "not a picture");
        Files.createDirectory(pictures.resolve("sub"));
    }

    @AfterAll
    static void end() {
        TestSpark.stop();
        assertThat(TestSpark.executors()).isEmpty();
    }

    @Test
    void in_one_process() throws Exception {
        SparkSession spark = TestSpark.local();
        equals(spark, pictures, List.of(flat));
        equals(spark, volumes, List.of(deep));
        equals(spark, channels, List.of(twofold));
        Path second = TestModels.pictures(folder.resolve("second.zip"), 9);
        equals(spark, pictures, List.of(flat, second));
    }

    @Test
    void in_executors_of_their_own_with_kryo() throws Exception {
        SparkSession spark = TestSpark.cluster(Map.of());
        equals(spark, pictures, List.of(flat));
        equals(spark, volumes, List.of(deep));
        equals(spark, channels, List.of(twofold));
        Path second = TestModels.pictures(folder.resolve("second.zip"), 9);
        equals(spark, pictures, List.of(flat, second));
    }

    @Test
    void of_dicom_series_in_folders_at_any_depth() throws Exception {
        Path series = folder.resolve("series");
        for (int k = 1; k <= 3; k++) {
            TestScans.series(series.resolve("patient " + k + (k == 2 ? "/ct" : "")), k, 9);
        }
        Files.writeString(series.resolve("patient 1/notes.txt"), "no slice");
        Files.writeString(series.resolve("README"), "no slice either");
        Path expected = folder.resolve("expected");
        predict(series, List.of(deep), SegmenterOptions.defaults(), expected);

        Path output = folder.resolve("output");
        var job = new SegmentJob(TestSpark.local(), List.of(deep.toString()), SegmentSettings.defaults());
        SegmentSummary summary = job.run(series.toString(), output.toString(), (done, total) -> {});

        assertThat(summary.done()).isEqualTo(3);
        assertThat(summary.failed()).isZero();
        for (int k = 1; k <= 3; k++) {
            Path image = series.resolve("patient " + k);
            Path mask = output.resolve("masks/patient " + k + (k == 2 ? "/ct" : "") + ".dcm");
            assertThat(Images.readMask(mask, image, null).labels().voxels())
                    .isEqualTo(Images.readMask(expected.resolve("patient " + k + ".dcm"), image, null)
                            .labels()
                            .voxels())
                    .contains((short) 1);
        }
    }

    @Test
    void with_all_that_stands_beside_a_mask() throws Exception {
        var options = SegmenterOptions.defaults()
                .withProbabilities(true)
                .withAttention(true)
                .withUncertainty(true);
        Path expected = folder.resolve("expected");
        predict(volumes, List.of(deep), options, expected);
        var settings = new SegmentSettings(options, Precision.FP32, null, 0, null, false);
        Path output = folder.resolve("output");
        var job = new SegmentJob(TestSpark.local(), List.of(deep.toString()), settings);
        job.run(volumes.toString(), output.toString(), (done, total) -> {});
        assertThat(TestScans.contents(output.resolve("masks"))).isEqualTo(TestScans.contents(expected));
    }

    @Test
    void with_objects_in_place_of_masks() throws Exception {
        Path output = folder.resolve("output");
        var settings = SegmentSettings.defaults().withObjects(true);
        SegmentSummary summary = new SegmentJob(TestSpark.local(), List.of(deep.toString()), settings)
                .run(volumes.toString(), output.toString(), (done, total) -> {});
        assertThat(summary.done()).isEqualTo(6);
        var objects = TestSpark.local()
                .read()
                .parquet(output.resolve("objects.parquet").toString());
        int all = 0;
        for (Row row : TestSpark.local()
                .read()
                .parquet(Storage.literal(summary.table()))
                .collectAsList()) {
            int count = row.getAs("objects");
            LabelMap numbers = Images.readLabels(Storage.local(row.getAs("mask")));
            assertThat(numbers.largest()).isEqualTo(count);
            List<Row> own = objects.where("case = '" + row.getAs("case") + "'").collectAsList();
            assertThat(own).hasSize(count);
            long covered = IntStream.range(0, numbers.voxels().length)
                    .filter(i -> numbers.label(i) > 0)
                    .count();
            assertThat(own.stream()
                            .mapToLong(one -> one.<Integer>getAs("voxels"))
                            .sum())
                    .isEqualTo(covered);
            all += count;
        }
        assertThat(all).isPositive();
    }

    @Test
    void with_the_pixel_size_of_pictures_that_have_none() throws Exception {
        Path model = TestModels.micrographs(folder.resolve("micrographs.zip"), 4);
        PixelSize size = PixelSize.of("0.5um");
        Path expected = folder.resolve("expected");
        try (Segmenter segmenter = Segmenter.open(model)) {
            List<ImageCase> cases = ImageCase.in(pictures, 1).stream()
                    .map(image -> image.withPixelSize(size))
                    .toList();
            FolderPrediction.run(segmenter, cases, expected, PredictionListener.NONE);
        }
        for (PixelSize given : Arrays.asList(null, size)) { // masks of another size are not done
            var settings = new SegmentSettings(SegmenterOptions.defaults(), Precision.FP32, null, 0, given, false);
            SegmentSummary summary = new SegmentJob(TestSpark.local(), List.of(model.toString()), settings)
                    .run(pictures.toString(), folder.resolve("output").toString(), (done, total) -> {});
            assertThat(summary.done()).isEqualTo(6);
            assertThat(summary.warned()).isEqualTo(given == null ? 6 : 0);
            assertThat(TestScans.contents(folder.resolve("output/masks")).equals(TestScans.contents(expected)))
                    .isEqualTo(given != null);
        }
    }

    private void equals(SparkSession spark, Path input, List<Path> models) throws Exception {
        Path work = Files.createTempDirectory(folder, "x");
        Path expected = work.resolve("expected");
        predict(input, models, SegmenterOptions.defaults(), expected);
        Path output = work.resolve("out put [1]");
        var job = new SegmentJob(spark, models.stream().map(Path::toString).toList(), SegmentSettings.defaults());
        SegmentSummary summary = job.run(input + "/", output.toString(), (done, total) -> {});

        assertThat(summary.done()).as(summary.toString()).isEqualTo(6);
        assertThat(summary.failed()).isZero();
        Map<String, String> masks = TestScans.contents(output.resolve("masks"));
        assertThat(masks).isEqualTo(TestScans.contents(expected));
        for (Row row : spark.read().parquet(Storage.literal(summary.table())).collectAsList()) {
            Path mask = Storage.local(row.getAs("mask"));
            LabelMap labels = Images.readLabels(mask);
            assertThat(row.getAs("status").toString()).isEqualTo("done");
            try (Segmenter one = Segmenter.open(models.get(0))) {
                for (Structure structure : Structure.of(labels, one.model().labels())) {
                    assertThat(row.<String, Double>getJavaMap(row.fieldIndex("volume_ml"))
                                    .get(structure.name()))
                            .isEqualTo(structure.millilitres());
                }
            }
            long different = IntStream.range(0, labels.voxels().length)
                    .map(labels::label)
                    .distinct()
                    .count();
            assertThat(different).as("labels in " + mask).isGreaterThan(1);
        }
        assertThat(TestScans.files(output))
                .extracting(file -> file.getFileName().toString())
                .noneMatch(name -> name.endsWith(".part"));
        try (Stream<Path> left = Files.list(output)) {
            assertThat(left)
                    .extracting(file -> file.getFileName().toString())
                    .containsExactlyInAnyOrder("_job", "cases.parquet", "masks", "records");
        }
    }

    private static void predict(Path input, List<Path> models, SegmenterOptions options, Path output) {
        List<Segmenter> opened = models.stream()
                .map(model -> Segmenter.open(model, options, OnnxOptions.defaults(), Precision.FP32))
                .toList();
        try (Segmenter segmenter = opened.size() == 1 ? opened.get(0) : Segmenter.ensemble(opened, options)) {
            FolderPrediction.run(
                    segmenter,
                    ImageCase.in(input, segmenter.model().preprocessing().channels()),
                    output,
                    PredictionListener.NONE);
        }
    }
}
