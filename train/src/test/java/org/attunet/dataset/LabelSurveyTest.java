package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntBinaryOperator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.io.Images;
import org.attunet.io.StoredMask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks that aren't label maps: read rightly and noted, or refused before anything is trained. */
class LabelSurveyTest {
    private static final int SIDE = 48;
    private static final int CASES = 4;

    @TempDir
    Path root;

    /** Whether a pixel lies in the disc of a case; a number of 1 or more outside it grows with the distance. */
    private static double distance(int k, int x, int y) {
        return Math.hypot(x - 18 - 3 * k, y - 24) / 12;
    }

    private static boolean inside(int k, int x, int y) {
        return distance(k, x, y) < 1;
    }

    private interface Saved {
        void to(Path masks, String name, int k) throws IOException;
    }

    private DataSet set(Saved masks) {
        try {
            Files.createDirectories(root.resolve("images"));
            Files.createDirectories(root.resolve("masks"));
            for (int k = 0; k < CASES; k++) {
                float[] values = new float[SIDE * SIDE];
                values[k] = 9;
                Images.write(Image.of(Grid.of(SIDE, SIDE), values), root.resolve("images/c" + k + ".png"));
                masks.to(root.resolve("masks"), "c" + k, k);
            }
            return DataSets.open(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void png(Path folder, String name, IntBinaryOperator value) {
        short[] voxels = new short[SIDE * SIDE];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) value.applyAsInt(i % SIDE, i / SIDE);
        }
        Images.write(new LabelMap(Grid.of(SIDE, SIDE), voxels), folder.resolve(name + ".png"));
    }

    private static void jpeg(Path folder, String name, float quality, IntBinaryOperator value) throws IOException {
        var picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < SIDE * SIDE; i++) {
            picture.getRaster().setSample(i % SIDE, i / SIDE, 0, value.applyAsInt(i % SIDE, i / SIDE));
        }
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam settings = writer.getDefaultWriteParam();
        settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        settings.setCompressionQuality(quality);
        try (var out =
                ImageIO.createImageOutputStream(folder.resolve(name + ".jpg").toFile())) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(picture, null, null), settings);
        } finally {
            writer.dispose();
        }
    }

    private static void assertDiscs(DataSet data, int label) {
        for (int k = 0; k < CASES; k++) {
            LabelMap read = data.cases().get(k).read(data.labels()).labels();
            for (int i = 0; i < SIDE * SIDE; i++) {
                assertThat(read.label(i)).as("case " + k).isEqualTo(inside(k, i % SIDE, i / SIDE) ? label : 0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {1, 0.95f, 0.9f})
    void jpeg_masks_of_one_structure_are_the_discs_that_were_drawn_and_noted(float quality) {
        DataSet data = set((folder, name, k) -> jpeg(folder, name, quality, (x, y) -> inside(k, x, y) ? 255 : 0));
        assertThat(data.labels()).hasToString("255 foreground");
        assertThat(data.notes())
                .singleElement()
                .asString()
                .contains("crowd around 0 and white", "4 of 4 masks", "c0.jpg");
        assertDiscs(data, 255);
    }

    /** Flat values far from white would all be read as background. */
    @ParameterizedTest
    @ValueSource(ints = {2, 120})
    void jpeg_masks_of_flat_labels_are_refused(int second) {
        assertThatThrownBy(() -> set((folder, name, k) ->
                        jpeg(folder, name, 1, (x, y) -> !inside(k, x, y) ? 0 : x < 24 ? second : second / 2)))
                .hasMessageContainingAll("c0.jpg", "since JPEG changes values");
    }

    @Test
    void jpeg_masks_of_several_structures_are_refused() {
        assertThatThrownBy(() -> set((folder, name, k) ->
                        jpeg(folder, name, 0.95f, (x, y) -> inside(k, x, y) ? 60 + 60 * (x % 2) : 0)))
                .hasMessageContainingAll("c0.jpg", "since JPEG changes values", "save masks as PNG");
    }

    @Test
    void smoothed_masks_are_refused() {
        assertThatThrownBy(() -> set((folder, name, k) -> png(folder, name, (x, y) ->
                        (int) Math.round(255 / (1 + Math.exp(12 * (distance(k, x, y) - 1)))))))
                .hasMessageContainingAll("c0.png", "values other than 0", "smoothing", "save masks as PNG");
    }

    @Test
    void one_structure_written_as_1_and_as_255_is_one_label() {
        DataSet data = set((folder, name, k) ->
                png(folder, name, (x, y) -> !inside(k, x, y) ? 0 : k == 1 ? 1 : k == 2 ? 65535 : 255));
        assertThat(data.labels()).hasToString("65535 foreground");
        assertThat(data.notes()).singleElement().asString().contains("written as 1 or 255 instead of 65535");
        assertDiscs(data, 65535);
    }

    @Test
    void a_declared_label_is_found_in_masks_of_white() throws IOException {
        Files.writeString(root.resolve("dataset.json"), "{\"labels\": {\"background\": 0, \"lesion\": 1}}");
        DataSet data = set((folder, name, k) -> png(folder, name, (x, y) -> inside(k, x, y) ? 255 : 0));
        assertThat(data.labels()).hasToString("1 lesion");
        assertThat(data.notes()).singleElement().asString().contains("written as 255 instead of 1 in 4 of 4");
        assertDiscs(data, 1);
    }

    @Test
    void label_maps_of_many_structures_stay_label_maps() {
        DataSet data = set((folder, name, k) -> png(folder, name, (x, y) -> inside(k, x, y) ? 10 + 40 * (x / 8) : 0));
        assertThat(data.labels().size()).isGreaterThan(3);
        assertThat(data.notes()).noneMatch(note -> note.contains("crowd"));
    }

    @Test
    void values_that_never_share_a_mask_are_noted() {
        DataSet data = set((folder, name, k) -> png(folder, name, (x, y) -> inside(k, x, y) ? 2 + k % 2 : 0));
        assertThat(data.labels()).hasToString("2 label 2, 3 label 3");
        assertThat(data.notes()).singleElement().asString().contains("each mask holds one of the labels [2, 3]");
    }

    @Test
    void numbered_objects_are_refused_unless_they_are_declared() throws IOException {
        Saved numbered = (folder, name, k) -> png(folder, name, (x, y) -> Math.min(x / 4, 6 + k));
        assertThatThrownBy(() -> set(numbered))
                .hasMessageContainingAll("c3.png", "number their objects", "1 to 9", "dataset.json");
        StringBuilder labels = new StringBuilder("\"background\": 0");
        for (int value = 1; value < 10; value++) {
            labels.append(", \"vertebra ").append(value).append("\": ").append(value);
        }
        Files.writeString(root.resolve("dataset.json"), "{\"labels\": {" + labels + "}}");
        assertThat(set(numbered).labels().size()).isEqualTo(9);
    }

    @Test
    void declared_labels_without_a_mask_or_with_one_alone_are_noted() throws IOException {
        Files.writeString(
                root.resolve("dataset.json"), "{\"labels\": {\"background\": 0, \"a\": 1, \"b\": 2, \"c\": 3}}");
        DataSet data = set((folder, name, k) -> png(folder, name, (x, y) -> inside(k, x, y) ? k == 2 ? 2 : 1 : 0));
        assertThat(data.notes()).hasSize(2);
        assertThat(data.notes().get(0)).contains("the label 2 (b) is in one mask only", "c2.png");
        assertThat(data.notes().get(1)).contains("the label 3 (c) is declared, but no mask has it");
    }

    @Test
    void declared_or_not_empty_and_constant_masks_are_refused() throws IOException {
        assertThatThrownBy(() -> set((folder, name, k) -> png(folder, name, (x, y) -> 255)))
                .hasMessageContaining("all 4 masks are of one value everywhere");
        Files.writeString(root.resolve("dataset.json"), "{\"labels\": {\"background\": 0, \"a\": 1, \"b\": 2}}");
        assertThatThrownBy(() -> set((folder, name, k) -> png(folder, name, (x, y) -> 0)))
                .hasMessageContaining("all 4 masks are empty");
    }

    @Test
    void a_constant_mask_and_inverted_masks_are_noted() {
        DataSet data = set((folder, name, k) -> png(folder, name, (x, y) -> inside(k, x, y) && k > 0 ? 0 : 1));
        assertThat(data.notes()).hasSize(2);
        assertThat(data.notes().get(0)).contains("fills the whole of 1 of 4 masks: c0.png");
        assertThat(data.notes().get(1)).contains("4 of 4", "may be inverted");
        assertThat(List.copyOf(data.labels().names())).containsExactly("foreground");
    }

    private static void png(BufferedImage picture, Path masks, String name) throws IOException {
        assertThat(ImageIO.write(picture, "png", masks.resolve(name + ".png").toFile()))
                .isTrue();
    }

    /** A picture of colours with alpha, 0xAARRGGBB, or of the numbers of a palette. */
    private static BufferedImage picture(BufferedImage picture, IntBinaryOperator value) {
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                if (picture.getColorModel() instanceof IndexColorModel) {
                    picture.getRaster().setSample(x, y, 0, value.applyAsInt(x, y));
                } else {
                    picture.setRGB(x, y, value.applyAsInt(x, y));
                }
            }
        }
        return picture;
    }

    private static BufferedImage argb() {
        return new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_ARGB);
    }

    private static BufferedImage indexed(int... palette) {
        return new BufferedImage(
                SIDE,
                SIDE,
                BufferedImage.TYPE_BYTE_INDEXED,
                new IndexColorModel(8, palette.length, palette, 0, true, -1, DataBuffer.TYPE_BYTE));
    }

    private static BufferedImage greyAndAlpha() {
        var model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_GRAY),
                true,
                false,
                Transparency.TRANSLUCENT,
                DataBuffer.TYPE_BYTE);
        return new BufferedImage(model, model.createCompatibleWritableRaster(SIDE, SIDE), false, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"colour", "grey", "palette"})
    void a_structure_in_the_alpha_channel_is_read_from_there(String kind) {
        DataSet data = set((masks, name, k) -> {
            // The last one is transparent everywhere: empty, whatever its colour.
            IntBinaryOperator in = (x, y) -> k < CASES - 1 && inside(k, x, y) ? 1 : 0;
            BufferedImage picture = switch (kind) {
                case "colour" -> picture(argb(), (x, y) -> in.applyAsInt(x, y) == 1 ? 0xffff0040 : 0x00ff0040);
                case "palette" -> picture(indexed(0x00000000, 0xff000000), in);
                default -> {
                    BufferedImage grey = greyAndAlpha();
                    for (int i = 0; i < SIDE * SIDE; i++) {
                        int[] sample = {90, 255 * in.applyAsInt(i % SIDE, i / SIDE)};
                        grey.getRaster().setPixel(i % SIDE, i / SIDE, sample);
                    }
                    yield grey;
                }
            };
            png(picture, masks, name);
        });
        assertThat(data.labels().values()).containsExactly(255);
        assertThat(data.notes())
                .anySatisfy(note -> assertThat(note)
                        .contains("alpha channel is read as the mask")
                        .contains("4 of 4"));
        for (int k = 0; k < CASES; k++) {
            LabelMap read = data.cases().get(k).read(data.labels()).labels();
            for (int i = 0; i < SIDE * SIDE; i++) {
                boolean in = k < CASES - 1 && inside(k, i % SIDE, i / SIDE);
                assertThat(read.label(i)).isEqualTo(in ? 255 : 0);
            }
        }
    }

    @Test
    void alpha_beside_varying_greys_is_left_out() {
        DataSet data = set((masks, name, k) -> png(
                picture(argb(), (x, y) -> (x < 9 ? 0x80000000 : 0xff000000) | (inside(k, x, y) ? 0xffffff : 0)),
                masks,
                name));
        assertThat(data.notes()).isEmpty();
        LabelMap read = data.cases().get(0).read(data.labels()).labels();
        assertThat(read.label(0)).isZero();
        assertThat(read.label(24 * SIDE + 18)).isEqualTo(255);
    }

    @Test
    void masks_in_colours_are_refused_with_the_colours() {
        assertThatThrownBy(() -> set((masks, name, k) -> png(
                        picture(argb(), (x, y) -> inside(k, x, y) ? 0xffff0000 : y > 40 ? 0xff008000 : 0xff000000),
                        masks,
                        name)))
                .hasMessageContaining("the mask has colours")
                .hasMessageContaining("(255, 0, 0), (0, 128, 0)")
                .hasMessageContaining("grey values, 0 for the background");
    }

    @Test
    void palettes_number_labels_only_if_they_agree_and_begin_with_the_background() {
        DataSet data = set((masks, name, k) ->
                png(picture(indexed(0xffffffff, 0xffff0000), (x, y) -> inside(k, x, y) ? 1 : 0), masks, name));
        assertThat(data.labels().values()).containsExactly(1);
        assertThatThrownBy(() -> set((masks, name, k) -> png(
                        picture(
                                indexed(0xff000000, k == 2 ? 0xff00ff00 : 0xffff0000),
                                (x, y) -> inside(k, x, y) ? 1 : 0),
                        masks,
                        name)))
                .hasMessageContaining("c2.png")
                .hasMessageContaining("shows the label 1 as (0, 255, 0), that of c0.png as (255, 0, 0)");
        assertThatThrownBy(() -> set((masks, name, k) ->
                        png(picture(indexed(0xffff0000, 0xff000000), (x, y) -> inside(k, x, y) ? 0 : 1), masks, name)))
                .hasMessageContaining("colour 0, the background of a mask, is (255, 0, 0), while black");
    }

    @Test
    void a_255_beside_small_labels_is_doubted_unless_declared() throws IOException {
        Saved voc = (masks, name, k) -> {
            short[] labels = new short[SIDE * SIDE];
            for (int i = 0; i < labels.length; i++) {
                double at = distance(k, i % SIDE, i / SIDE);
                labels[i] = (short) (at < 1 ? 1 + k % 2 : at < 1.2 ? 255 : 0);
            }
            Images.write(new LabelMap(Grid.of(SIDE, SIDE), labels), masks.resolve(name + ".png"));
        };
        assertThat(set(voc).notes())
                .anySatisfy(note -> assertThat(note)
                        .contains("255 beside the labels [1, 2]")
                        .contains("give --ignore 255"));
        Files.writeString(root.resolve("dataset.json"), "{\"labels\": {\"a\": 1, \"b\": 2, \"edge\": 255}}");
        assertThat(set(voc).notes()).noneSatisfy(note -> assertThat(note).contains("ignore"));
    }

    @Test
    void a_value_to_ignore_is_no_label_and_its_share_is_noted() {
        Saved voc = (masks, name, k) -> png(
                masks, name, (x, y) -> k == 3 ? 255 : distance(k, x, y) < 1 ? 1 : distance(k, x, y) < 1.5 ? 255 : 0);
        set(voc); // writes the files
        DataSet data = DataSets.open(DataFolders.of(root), null, 255, ProgressListener.NONE);
        assertThat(data.labels()).hasToString("1 foreground");
        assertThat(data.ignored()).isEqualTo(255);
        assertThat(data.notes())
                .anySatisfy(note -> assertThat(note).contains("of the masks' voxels are judged; the others hold 255"))
                .anySatisfy(note ->
                        assertThat(note).contains("1 of 4 masks judge no voxel").contains("c3.png"));
        LabelMap read = data.cases().get(0).read(data.labels()).labels();
        for (int i = 0; i < SIDE * SIDE; i++) {
            double at = distance(0, i % SIDE, i / SIDE);
            assertThat(read.isJudged(i)).isEqualTo(at < 1 || at >= 1.5);
        }
        assertThat(read.values()).containsExactly(1);
        assertThat(data.cases().get(3).read(data.labels()).labels().judged()).isZero();
    }

    @Test
    void a_white_structure_keeps_its_ignored_voxels_and_a_smooth_one_is_refused() {
        Saved white = (masks, name, k) ->
                png(masks, name, (x, y) -> inside(k, x, y) ? (k == 0 ? 1 : 255) : distance(k, x, y) < 1.5 ? 7 : 0);
        set(white);
        DataSet data = DataSets.open(DataFolders.of(root), null, 7, ProgressListener.NONE);
        LabelMap read = data.cases().get(0).read(data.labels()).labels();
        assertThat(read.values()).containsExactly(255);
        assertThat(read.label(24 * SIDE + 18 + 14)).isEqualTo(7);
        assertThat(read.isJudged(24 * SIDE + 18 + 14)).isFalse();
    }

    @Test
    void a_value_to_ignore_that_no_mask_holds_or_that_leaves_next_to_nothing_is_noted() {
        set((masks, name, k) -> png(masks, name, (x, y) -> inside(k, x, y) ? 255 : 0));
        assertThat(DataSets.open(DataFolders.of(root), null, 9, ProgressListener.NONE)
                        .notes())
                .singleElement()
                .asString()
                .contains("no mask holds the value 9");
        set((masks, name, k) -> png(masks, name, (x, y) -> y > 0 || x > 1 ? 9 : x));
        assertThat(DataSets.open(DataFolders.of(root), null, 9, ProgressListener.NONE)
                        .notes())
                .singleElement()
                .asString()
                .contains("0.087% of the masks' voxels are judged") // 2 of 48 x 48
                .contains("annotate more");
    }

    @Test
    void strokes_of_structures_alone_are_refused_for_want_of_background() {
        Saved strokes = (masks, name, k) -> png(masks, name, (x, y) -> y == 20 + k && x > 10 ? 1 : 9);
        set((masks, name, k) -> png(masks, name, (x, y) -> inside(k, x, y) ? 1 : 0));
        assertThatThrownBy(() -> {
                    for (int k = 0; k < CASES; k++) {
                        strokes.to(root.resolve("masks"), "c" + k, k);
                    }
                    DataSets.open(DataFolders.of(root), null, 9, ProgressListener.NONE);
                })
                .hasMessageContaining("of one value wherever they are judged")
                .hasMessageContaining("judge some background too");
    }

    @Test
    void a_value_to_ignore_that_is_a_label_or_another_than_declared_is_refused() throws IOException {
        set((masks, name, k) -> png(masks, name, (x, y) -> inside(k, x, y) ? 1 : 0));
        Files.writeString(root.resolve("dataset.json"), "{\"labels\": {\"background\": 0, \"a\": 1, \"ignore\": 2}}");
        assertThat(DataSets.open(root).ignored()).isEqualTo(2);
        assertThatThrownBy(() -> DataSets.open(DataFolders.of(root), null, 1, ProgressListener.NONE))
                .hasMessageContaining("the value 1, which --ignore names, is declared as the label 'a'");
        assertThatThrownBy(() -> DataSets.open(DataFolders.of(root), null, 3, ProgressListener.NONE))
                .hasMessageContaining("'ignore' with the value 2, but --ignore is 3");
        assertThatThrownBy(() -> DataSets.open(DataFolders.of(root), null, 0, ProgressListener.NONE))
                .hasMessageContaining("0 is the background");
    }

    private static MaskValues named(String file, Map<Integer, String> names) {
        short[] voxels = new short[SIDE * SIDE];
        Arrays.fill(voxels, 0, SIDE, (short) 1);
        Arrays.fill(voxels, SIDE, 2 * SIDE, (short) 2);
        var source = new StoredMask.Source(false, Map.of(), names);
        return MaskValues.of(
                Path.of(file),
                new StoredMask(new LabelMap(Grid.of(SIDE, SIDE), voxels), source, List.of()),
                LabelMap.NONE);
    }

    @Test
    void structures_keep_their_names_and_numbers_of_different_structures_are_refused() {
        MaskValues first = named("a.dcm", Map.of(1, "liver", 2, "spleen"));
        LabelSurvey survey =
                LabelSurvey.of(root, List.of(first, named("b.dcm", Map.of(1, "Liver", 2, "spleen"))), null);
        assertThat(survey.labels().valueOf(2)).isEqualTo(2);
        assertThat(survey.labels().nameOf(2)).isEqualTo("spleen");

        MaskValues other = named("c.dcm", Map.of(1, "spleen", 2, "liver"));
        assertThatThrownBy(() -> LabelSurvey.of(root, List.of(first, other), null))
                .hasMessageContaining("c.dcm: it calls the label")
                .hasMessageContaining("matched by name");
        // declared labels are matched by name when the masks are read, so numbers don't matter
        assertThat(LabelSurvey.of(root, List.of(first, other), survey.labels()).labels())
                .isEqualTo(survey.labels());
    }
}
