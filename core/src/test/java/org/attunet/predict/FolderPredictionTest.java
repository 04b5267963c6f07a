package org.attunet.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.PixelSize;
import org.attunet.io.SeriesResult;
import org.attunet.network.NetworkConfig;
import org.attunet.preprocess.Normalisation;
import org.attunet.preprocess.Preprocessing;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderPredictionTest {
    private static final Grid VOLUME =
            Grid.ofAffine(new int[] {4, 3, 2}, new double[][] {{-0.5, 0, 0, 7}, {0, 0, 2, -8}, {0, 1.5, 0, 9}});

    @TempDir
    Path folder;

    private Path images;
    private Path masks;

    @BeforeEach
    void makeFolders() throws IOException {
        images = Files.createDirectory(folder.resolve("images"));
        masks = folder.resolve("out").resolve("masks");
    }

    @Test
    void a_volume_gives_a_nifti_mask_with_its_affine() {
        volume("scan.nii", true);
        List<CasePrediction> outcomes = run(segmenter(3, 1), images, masks);
        assertThat(outcomes).hasSize(1);
        assertThat(outcomes.get(0).failed()).isFalse();
        assertThat(outcomes.get(0).name()).isEqualTo("scan");
        assertThat(outcomes.get(0).mask()).isEqualTo(masks.resolve("scan.nii.gz"));
        LabelMap mask = Images.readLabels(masks.resolve("scan.nii.gz"));
        assertThat(mask.grid().sameAs(VOLUME, 1e-6)).isTrue();
        for (int i = 0; i < 24; i++) {
            assertThat(mask.label(i)).isEqualTo(i > 11 ? 255 : 0);
        }
    }

    @Test
    void pictures_give_png_and_tiff_masks_with_the_label_values_of_the_model() {
        for (String name : new String[] {"a.png", "b.bmp", "c.tif"}) {
            picture(name);
        }
        List<CasePrediction> outcomes = run(segmenter(2, 1), images, masks);
        assertThat(outcomes).noneMatch(CasePrediction::failed);
        assertThat(names(masks)).containsExactly("a.png", "b.png", "c.tif");
        for (CasePrediction outcome : outcomes) {
            LabelMap mask = Images.readLabels(outcome.mask());
            assertThat(new int[] {mask.label(0), mask.label(1), mask.label(2)})
                    .as(outcome.name())
                    .containsExactly(0, 255, 255);
        }
    }

    @Test
    void a_picture_of_smaller_pixels_is_resampled_and_its_mask_is_on_its_own_grid() {
        ModelDescription trained = PointEngine.model(8, 8);
        ModelDescription model =
                trained.withPreprocessing(trained.preprocessing().withTargetSpacing(new double[] {0.001, 0.001}));
        Grid grid = Grid.ofPixels(16, 12);
        float[] values = new float[grid.voxels()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 16 < 7 ? 0 : 200;
        }
        Path file = images.resolve("a.png");
        Images.write(new Image(grid, new float[][] {values}), file);
        ImageCase image = new ImageCase("a", List.of(file));
        Segmenter segmenter = PointEngine.segmenter(model, 1, -100);
        List<String> tiles = new ArrayList<>();
        PredictionListener listener = new PredictionListener() {
            @Override
            public void planned(String name, TilePlan plan) {
                tiles.add(plan.toString());
            }
        };
        CasePrediction asIs =
                FolderPrediction.run(segmenter, List.of(image), masks, listener).get(0);
        assertThat(asIs.warnings()).singleElement().asString().contains("--pixel-size");
        CasePrediction sized = FolderPrediction.run(
                        segmenter, List.of(image.withPixelSize(PixelSize.of("0.5um"))), masks, listener)
                .get(0);
        assertThat(sized.warnings()).isEmpty();
        assertThat(tiles.get(0)).isNotEqualTo(tiles.get(1));
        LabelMap mask = Images.readLabels(sized.mask());
        assertThat(mask.grid()).isEqualTo(grid);
        for (int i = 0; i < mask.voxels().length; i++) {
            if (Math.abs(i % 16 - 6.5) > 1) { // beyond the pixels that the coarser grid mixes
                assertThat(mask.label(i)).isEqualTo(i % 16 < 7 ? 0 : 255);
            }
        }
    }

    @Test
    void probabilities_and_attention_stand_beside_the_mask() {
        volume("scan.nii.gz", true);
        picture("cells.png");
        SegmenterOptions all =
                SegmenterOptions.defaults().withProbabilities(true).withAttention(true);
        FolderPrediction.run(
                segmenter(3, 1, all), ImageCase.in(images.resolve("scan.nii.gz"), 1), masks, PredictionListener.NONE);
        List<CasePrediction> pictures = FolderPrediction.run(
                segmenter(2, 1, all), ImageCase.in(images.resolve("cells.png"), 1), masks, PredictionListener.NONE);
        assertThat(names(masks))
                .containsExactly(
                        "cells.png",
                        "cells_attention_Att2_1.png",
                        "cells_attention_Att2_2.png",
                        "cells_probabilities.tif",
                        "scan.nii.gz",
                        "scan_attention_Att2.nii.gz",
                        "scan_probabilities.nii.gz");
        assertThat(pictures.get(0).written()).hasSize(4).endsWith(masks.resolve("cells.png"));
        Image attention = Images.read(masks.resolve("scan_attention_Att2.nii.gz"));
        assertThat(attention.channels()).hasNumberOfRows(2);
        assertThat(attention.grid().sameAs(VOLUME, 1e-6)).isTrue();
        assertThat(Images.read(masks.resolve("scan_probabilities.nii.gz"))
                        .grid()
                        .sameAs(VOLUME, 1e-6))
                .isTrue();
        // cells of the gate hold the means of 0, 1, 0, 1 and of 1, 1, 1, 1 of 255ths
        Image heat = Images.read(masks.resolve("cells_attention_Att2_1.png"));
        assertThat(heat.channel(0)[0]).isEqualTo(128);
        // a quarter of the way from a cell of 1 to the padding's cell of 0
        assertThat(heat.channel(0)[3]).isEqualTo(191);
    }

    @Test
    void overlays_stand_beside_the_mask_and_a_table_has_a_row_for_each_label() throws IOException {
        volume("scan.nii.gz", true);
        picture("cells.png");
        var options = new ResultOptions(false, true, Set.of(SeriesResult.Kind.SEG), null);
        List<CasePrediction> volumes = FolderPrediction.run(
                segmenter(3, 1),
                ImageCase.in(images.resolve("scan.nii.gz"), 1),
                masks,
                options,
                PredictionListener.NONE);
        Files.write(images.resolve("broken, one.png"), new byte[] {1, 2, 3});
        Files.delete(images.resolve("scan.nii.gz"));
        List<CasePrediction> pictures =
                FolderPrediction.run(segmenter(2, 1), ImageCase.in(images, 1), masks, options, PredictionListener.NONE);
        assertThat(names(masks)).containsExactly("cells.png", "cells_overlay.png", "scan.nii.gz", "scan_overlay.png");
        Image overlay = Images.read(masks.resolve("cells_overlay.png"));
        assertThat(overlay.grid().size())
                .isEqualTo(Images.readLabels(masks.resolve("cells.png")).grid().size());
        assertThat(overlay.channels()).hasNumberOfRows(3);

        String table = PredictionTable.toCsv(pictures);
        List<String> lines = table.lines().toList();
        assertThat(lines.get(0)).startsWith("case,label,name,voxels,volume,unit,components,confidence,");
        assertThat(lines.get(1)).startsWith("\"broken, one\",,,,,,,").contains("broken, one.png");
        LabelMap mask = Images.readLabels(masks.resolve("cells.png"));
        int labelled = 0;
        for (int i = 0; i < mask.voxels().length; i++) {
            labelled += mask.label(i) != 0 ? 1 : 0;
        }
        assertThat(lines.get(2)).startsWith("cells,255,").contains("," + labelled + ",", ",px2,");
        assertThat(lines).hasSize(3);
        assertThat(PredictionTable.toCsv(volumes)).contains("scan,", ",mm3,");
    }

    @Test
    void a_table_of_another_program_is_not_replaced() throws IOException {
        Files.createDirectories(masks);
        PredictionTable.requireOwn(masks);
        Path table = masks.resolve(PredictionTable.NAME);
        Files.writeString(table, PredictionTable.toCsv(List.of()));
        PredictionTable.requireOwn(masks);
        Files.writeString(table, "case,label,mine\n");
        assertThatThrownBy(() -> PredictionTable.requireOwn(masks))
                .hasMessageContaining("predictions.csv")
                .hasMessageContaining("would be replaced");
    }

    @Test
    void masks_of_overlapping_labels_have_folders_of_their_own_and_replace_no_image() {
        LabelSet labels = LabelSet.overlapping(List.of("a/b", "A:b", "images"));
        assertThat(new ResultFiles(Path.of("x.png")).regionFiles(labels).values())
                .containsExactly(Path.of("a_b", "x.png"), Path.of("A_b label 2", "x.png"), Path.of("images", "x.png"));
    }

    @Test
    void one_damaged_file_does_not_stop_the_others() throws IOException {
        picture("a.png");
        byte[] whole = Files.readAllBytes(picture("b.png"));
        Files.write(images.resolve("b.png"), Arrays.copyOf(whole, whole.length / 2));
        picture("c.png");
        List<String> told = new ArrayList<>();
        List<CasePrediction> outcomes =
                FolderPrediction.run(segmenter(2, 1), ImageCase.in(images, 1), masks, new PredictionListener() {
                    @Override
                    public void done(CasePrediction image, int done, int total) {
                        told.add(image.name() + " " + done + "/" + total);
                    }
                });
        assertThat(told).containsExactly("a 1/3", "b 2/3", "c 3/3");
        assertThat(outcomes).extracting(CasePrediction::failed).containsExactly(false, true, false);
        assertThat(outcomes.get(1).error()).hasMessageContaining("b.png").hasMessageContaining("Remedy");
        assertThat(outcomes.get(1).written()).isEmpty();
        assertThat(names(masks)).containsExactly("a.png", "c.png");
    }

    @Test
    void an_image_of_the_wrong_kind_fails_under_its_own_name() {
        picture("flat.png");
        volume("deep.nii.gz", true);
        List<CasePrediction> outcomes = run(segmenter(3, 1), images, masks);
        assertThat(outcomes).extracting(CasePrediction::failed).containsExactly(false, true);
        assertThat(outcomes.get(1).error()).hasMessageContaining("flat.png").hasMessageContaining("3D");
    }

    @Test
    void an_engine_that_breaks_or_runs_out_of_memory_fails_that_image_alone() {
        picture("a.png");
        picture("b.png");
        NetworkConfig network = FunctionEngine.network(2, 1, 1);
        FunctionEngine sound = new FunctionEngine(network, 0);
        for (Throwable failure : new Throwable[] {new IllegalStateException("native"), new OutOfMemoryError("heap")}) {
            Engine breaking = new Engine() {
                private boolean broke;

                @Override
                public NetworkConfig network() {
                    return network;
                }

                @Override
                public Output run(float[] input, int batch, int[] size, boolean attention) {
                    if (!broke) {
                        broke = true;
                        if (failure instanceof Error error) {
                            throw error;
                        }
                        throw (RuntimeException) failure;
                    }
                    return sound.run(input, batch, size, attention);
                }

                @Override
                public void close() {}
            };
            Segmenter segmenter = Segmenter.of(breaking, model(2, 1), SegmenterOptions.defaults());
            List<CasePrediction> outcomes = run(segmenter, images, masks);
            assertThat(outcomes).extracting(CasePrediction::failed).containsExactly(true, false);
            assertThat(outcomes.get(0).error()).hasMessageContaining("a.png").hasCause(failure);
        }
    }

    @Test
    void a_single_image_may_name_its_mask_and_many_may_not() {
        Path image = volume("scan.nii.gz", true);
        Path mask = folder.resolve("new").resolve("mask.nii");
        assertThat(run(segmenter(3, 1), image, mask).get(0).failed()).isFalse();
        assertThat(Images.readLabels(mask).grid().sameAs(VOLUME, 1e-6)).isTrue();
        volume("other.nii.gz", true);
        assertThatThrownBy(() -> run(segmenter(3, 1), images, mask))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("one file for 2 masks");
    }

    @Test
    void an_output_that_cannot_be_a_folder_is_refused_before_any_work() throws IOException {
        picture("a.png");
        Path file = Files.writeString(folder.resolve("file"), "text");
        for (Path output : new Path[] {file, file.resolve("below")}) {
            assertThatThrownBy(() -> run(segmenter(2, 1), images, output))
                    .isInstanceOf(AttunetException.class)
                    .hasMessageStartingWith(output + ": ");
        }
        assertThat(Files.readString(file)).isEqualTo("text");
    }

    @Test
    void a_read_only_output_folder_is_refused_before_any_work() throws IOException {
        picture("a.png");
        Path output = Files.createDirectory(folder.resolve("locked"));
        assumeTrue(output.toFile().setWritable(false) && !Files.isWritable(output), "root may write everywhere");
        assertThatThrownBy(() -> run(segmenter(2, 1), images, output))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("read-only");
    }

    @Test
    void a_mask_never_replaces_an_image_or_another_mask() throws IOException {
        byte[] image = Files.readAllBytes(picture("a.png"));
        List<CasePrediction> same =
                run(segmenter(2, 1), images, images.resolve("..").resolve("images"));
        assertThat(same.get(0).error()).hasMessageContaining("would replace an image");
        assertThat(Files.readAllBytes(images.resolve("a.png"))).isEqualTo(image);
        Path entropy = picture("other_entropy.png");
        byte[] before = Files.readAllBytes(entropy);
        CasePrediction beside =
                run(segmenter(2, 1), entropy, images.resolve("other.png")).get(0);
        assertThat(beside.error()).hasMessageContaining("would replace an image");
        assertThat(Files.readAllBytes(entropy)).isEqualTo(before);
        Files.delete(entropy);
        picture("a.bmp");
        List<CasePrediction> twice = run(segmenter(2, 1), images, masks);
        assertThat(twice).extracting(CasePrediction::failed).containsExactly(false, true);
        assertThat(twice.get(1).error()).hasMessageContaining("another image of this name");
    }

    @Test
    void numbered_nifti_files_are_the_channels_of_one_image() {
        volume("case_0000.nii.gz", true);
        volume("case_0001.nii.gz", false);
        volume("half_0000.nii.gz", true);
        List<CasePrediction> outcomes = run(segmenter(3, 2), images, masks);
        assertThat(outcomes).extracting(CasePrediction::name).containsExactly("case", "half");
        assertThat(outcomes.get(0).inputs()).hasSize(2);
        assertThat(outcomes.get(1).error()).hasMessageContaining("_0000; expected _0000 _0001");
        LabelMap mask = Images.readLabels(masks.resolve("case.nii.gz"));
        // the mean of i / 23 and 0 is nowhere above 0.5
        assertThat(mask.voxels()).containsOnly((short) 0);
        // a model of one channel takes each file for an image
        assertThat(run(segmenter(3, 1), images, masks)).hasSize(3).noneMatch(CasePrediction::failed);
    }

    @Test
    void an_empty_mask_is_called_empty_and_has_no_confidence() {
        volume("bright.nii.gz", true);
        volume("dark.nii.gz", false);
        List<CasePrediction> outcomes = run(segmenter(3, 1), images, masks);
        assertThat(outcomes).extracting(CasePrediction::empty).containsExactly(false, true);
        assertThat(outcomes.get(0).confidence()).isPresent();
        String spacing = "the model doesn't record the spacing of its training images: the voxels of 0.5 x 1.5 x 2 mm"
                + " are taken as they are";
        assertThat(outcomes.get(0).warnings()).containsExactly(spacing);
        assertThat(outcomes.get(1).confidence()).isEmpty();
        assertThat(outcomes.get(1).warnings()).containsExactly("empty mask: no voxel has a label", spacing);
    }

    @Test
    void channels_on_different_grids_are_refused() {
        volume("case_0000.nii.gz", true);
        Images.write(Image.of(Grid.of(4, 3, 2), new float[24]), images.resolve("case_0001.nii.gz"));
        assertThat(run(segmenter(3, 2), images, masks).get(0).error())
                .hasMessageContaining("case_0001.nii.gz")
                .hasMessageContaining("resample the channels to one grid");
    }

    @Test
    void numbered_pictures_stay_pictures_of_their_own() {
        Grid grid = Grid.of(2, 1);
        for (String name : new String[] {"IMG_0000.png", "IMG_0001.png"}) {
            Images.write(new Image(grid, new float[][] {{0, 255}, {0, 255}, {0, 255}}), images.resolve(name));
        }
        assertThat(run(segmenter(2, 3), images, masks))
                .extracting(CasePrediction::name)
                .containsExactly("IMG_0000", "IMG_0001");
        assertThat(names(masks)).containsExactly("IMG_0000.png", "IMG_0001.png");
    }

    /** Intensities of 0, or i / 23 of 255, which pass 0.5 from the thirteenth voxel on. */
    private Path volume(String name, boolean ramp) {
        float[] values = new float[24];
        for (int i = 0; i < 24; i++) {
            values[i] = !ramp ? 0 : i / 23f * 255;
        }
        Path file = images.resolve(name);
        Images.write(Image.of(VOLUME, values), file);
        return file;
    }

    /** 4 x 2 pixels of 8 bits: 0, 255, 255, 255 in both rows. */
    private Path picture(String name) {
        Path file = images.resolve(name);
        short white = 255;
        short[] pixels = {0, white, white, white, 0, white, white, white};
        Images.write(new LabelMap(Grid.of(4, 2), pixels), file);
        return file;
    }

    private static List<CasePrediction> run(Segmenter segmenter, Path input, Path output) {
        return FolderPrediction.run(
                segmenter,
                ImageCase.in(input, segmenter.model().preprocessing().channels()),
                output,
                PredictionListener.NONE);
    }

    private static Segmenter segmenter(int dimension, int channels) {
        return segmenter(dimension, channels, SegmenterOptions.defaults());
    }

    private static Segmenter segmenter(int dimension, int channels, SegmenterOptions options) {
        ModelDescription model = model(dimension, channels);
        return Segmenter.of(new FunctionEngine(model.network(), 0), model, options);
    }

    private static ModelDescription model(int dimension, int channels) {
        int[] patch = Arrays.copyOf(new int[] {8, 8, 8}, dimension);
        return ModelDescription.of(
                "test",
                FunctionEngine.network(dimension, channels, 1),
                Preprocessing.of(channels, new Normalisation.UnitRange(0, 255)),
                LabelSet.of(Map.of(255, "bright")),
                patch);
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
