package org.attunet.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.attunet.annotation.LabelImage;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.PixelSize;
import org.attunet.patches.Augmentation;
import org.attunet.plan.Plan;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSetsTest {
    private static final Grid FLAT = Grid.of(6, 5);
    private static final Grid DEEP = Grid.of(6, 5, 4);

    @TempDir
    Path root;

    private Path image(String name, Grid grid, int channels) {
        float[][] values = new float[channels][grid.voxels()];
        for (int i = 0; i < grid.voxels(); i++) {
            values[0][i] = i;
        }
        return write(name, () -> new Image(grid, values));
    }

    private interface Made {
        Image image();
    }

    private Path write(String name, Made made) {
        Path file = file(name);
        Images.write(made.image(), file);
        return file;
    }

    private Path mask(String name, Grid grid, int... labels) {
        short[] values = new short[grid.voxels()];
        for (int i = 0; i < labels.length; i++) {
            values[i] = (short) labels[i];
        }
        Path file = file(name);
        Images.write(new LabelMap(grid, values), file);
        return file;
    }

    private Path file(String name) {
        try {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            return file;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void json(String text) throws IOException {
        Files.writeString(root.resolve("dataset.json"), text.replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "_mask", "-mask", "_seg", "_label", "_Segmentation"})
    void images_and_masks_match_by_stem_with_any_known_suffix(String suffix) throws IOException {
        for (String id : List.of("b", "a", "c")) {
            image("images/" + id + ".png", FLAT, 3);
            mask("masks/" + id + suffix + ".png", FLAT, 255);
        }
        Files.writeString(root.resolve("images/notes.txt"), "not an image");
        Files.writeString(root.resolve("images/._a.png"), "a resource fork");
        DataSet data = DataSets.open(root);
        assertThat(data.cases()).extracting(Case::id).containsExactly("a", "b", "c");
        assertThat(data.dimension()).isEqualTo(2);
        assertThat(data.channelNames()).containsExactly("red", "green", "blue");
        assertThat(data.labels()).isEqualTo(LabelSet.of(Map.of(255, "foreground")));
        assertThat(data.notes()).isEmpty();
        assertThat(data.name()).isEqualTo(root.getFileName().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"masks/%s_%s.png", "masks/%2$s/%1$s.png"})
    void files_of_one_label_each_may_overlap(String place) throws IOException {
        for (String id : List.of("a", "b")) {
            image("images/" + id + ".png", FLAT, 1);
            mask(String.format(place, id, "vessel"), FLAT, 255, 255);
        }
        mask(String.format(place, "a", "lesion"), FLAT, 0, 255, 255);
        DataSet data = DataSets.open(root);
        assertThat(data.labels()).isEqualTo(LabelSet.overlapping(List.of("lesion", "vessel")));
        assertThat(Arrays.copyOf(
                        data.cases().get(0).read(data.labels()).labels().voxels(), 4))
                .containsExactly(2, 3, 1, 0);
        assertThat(Arrays.copyOf(
                        data.cases().get(1).read(data.labels()).labels().voxels(), 4))
                .containsExactly(2, 2, 0, 0);
        json("{'labels': {'background': 0, 'vessel': 1, 'lesion': 2}}"); // the order in which they are written
        assertThat(DataSets.open(root).labels()).isEqualTo(LabelSet.overlapping(List.of("vessel", "lesion")));
    }

    @Test
    void files_of_labels_are_read_by_their_labels_names_for_a_model_with_others() {
        image("images/a.png", FLAT, 1);
        mask("masks/a_Vessel.png", FLAT, 255, 255);
        mask("masks/a_lesion.png", FLAT, 0, 255, 255);
        Case one = DataSets.open(root).cases().get(0);
        LabelSet more = LabelSet.overlapping(List.of("bone", "lesion", "vessel"));
        assertThat(Arrays.copyOf(one.read(more).labels().voxels(), 4)).containsExactly(4, 6, 2, 0);
        LabelSet nested = LabelSet.regions(
                List.of(new LabelSet.Region(1, "vessel", Set.of(1, 2)), new LabelSet.Region(2, "lesion", Set.of(2))));
        assertThatThrownBy(() -> one.read(nested)).hasMessageContaining("in lesion together");
        assertThatThrownBy(() -> one.read(LabelSet.of(Map.of(1, "vessel", 2, "bone"))))
                .hasMessageContaining("a mask of the label 'lesion'");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 255})
    void a_value_without_a_judgement_is_none_of_overlapping_labels(int open) {
        int on = open == 1 ? 255 : 1;
        image("images/a.png", FLAT, 1);
        mask("masks/a_vessel.png", FLAT, on, on, 0, open);
        mask("masks/a_lesion.png", FLAT, 0, on, on, on);
        DataSet data = DataSets.open(DataFolders.of(root), null, open, ProgressListener.NONE);
        LabelMap read = data.cases().get(0).read(data.labels()).labels();
        assertThat(List.of(read.label(0), read.label(1), read.label(2))).containsExactly(2, 3, 1);
        assertThat(read.judged()).isEqualTo(FLAT.voxels() - 1);
        assertThat(read.isJudged(3)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1, 255", "255, 1"})
    void a_value_without_a_judgement_may_be_that_of_a_models_only_label(int on, int open) {
        image("images/a.png", FLAT, 1);
        mask("masks/a.png", FLAT, on, open);
        LabelSet ofModel = LabelSet.of(Map.of(open, "organ"));
        LabelMap read = DataSets.open(DataFolders.of(root), null, open, ProgressListener.NONE)
                .cases()
                .get(0)
                .read(ofModel)
                .labels();
        assertThat(read.isJudged(0)).isTrue();
        assertThat(read.label(0)).isEqualTo(open);
        assertThat(read.isJudged(1)).isFalse();
    }

    @Test
    void files_of_labels_without_an_image_or_for_some_images_only_are_noted_and_two_of_one_refused() {
        for (String id : List.of("a", "b", "c")) {
            image("images/" + id + ".png", FLAT, 1);
            mask("masks/vessel/" + id + ".png", FLAT, 255);
        }
        mask("masks/lesion/a.png", FLAT, 0, 255);
        mask("masks/lesion/B.png", FLAT, 0, 255);
        assertThat(DataSets.open(root).notes())
                .contains(
                        "1 file has the name of no image and is left out: lesion/B.png",
                        "the label 'lesion' has no file for 2 of 3 images, in which it counts as absent: b, c");
        mask("masks/lesion/a.tif", FLAT, 0, 0, 255);
        assertThatThrownBy(() -> DataSets.open(root)).hasMessageContainingAll("a.tif", "a.png", "merge them");
    }

    @Test
    void label_images_of_numbered_objects_become_nested_levels() {
        for (int k = 0; k < 4; k++) {
            image("images/" + k + ".png", Grid.ofPixels(12, 6), 1);
            int[] numbers = new int[72];
            for (int i = 0; i < 72; i++) {
                numbers[i] = i % 12 < 5 ? 1 : i % 12 < 10 ? 2 : k > 1 && i % 12 > 10 ? 3 : 0;
            }
            mask("masks/" + k + ".png", Grid.ofPixels(12, 6), numbers);
        }
        DataSet data = DataSets.open(DataFolders.of(root).ofObjects(true));
        assertThat(data.hasObjects()).isTrue();
        assertThat(data.objects()).isEqualTo(10);
        assertThat(data.labels().names()).startsWith("object");
        Augmentation augmentation =
                Plan.of(Fingerprint.of(data), Plan.Budget.USUAL).config().augmentation();
        assertThat(augmentation).isEqualTo(Augmentation.objects(2)).isNotEqualTo(Augmentation.standard(2));
        short[] levels = data.cases().get(0).read(data.labels()).labels().voxels();
        assertThat(levels[4]).isEqualTo((short) 1); // between two objects that touch
        assertThat(levels[0]).isEqualTo((short) 3);
        assertThat(levels[11]).isZero();
    }

    @Test
    void an_image_without_objects_has_no_mask_file() throws IOException {
        for (String id : List.of("a", "b")) {
            image(id + "/images/" + id + ".png", FLAT, 1);
        }
        mask("a/masks/1.png", FLAT, 255, 255);
        Files.createDirectories(root.resolve("b/masks"));
        DataSet data = DataSets.open(root);
        assertThat(data.cases()).extracting(Case::id).containsExactly("a", "b");
        assertThat(data.cases().get(1).read(data.labels()).labels().values()).isEmpty();
    }

    /** As COCO's crowds beside a model whose mask is white. */
    @Test
    void white_stays_a_structure_beside_voxels_without_a_judgement() {
        image("a.png", Grid.ofPixels(4, 1), 1);
        mask("b.png", Grid.ofPixels(4, 1), 1, 2, 0, 1);
        Mask objects = Mask.of(new LabelImage(root.resolve("b.png"))).ignoring(2);
        LabelMap white = objects.read(root.resolve("a.png"), Grid.ofPixels(4, 1), LabelSet.of(Map.of(255, "nucleus")));
        assertThat(IntStream.range(0, 4).filter(white::isJudged)).containsExactly(0, 2, 3);
        assertThat(white.label(0)).isEqualTo(255);
    }

    @Test
    void a_number_of_label_images_may_stand_for_voxels_without_a_judgement() {
        image("images/a.png", Grid.ofPixels(4, 2), 1);
        mask("masks/a.png", Grid.ofPixels(4, 2), 1, 1, 255, 2, 0, 0, 255, 2);
        image("images/b.png", Grid.ofPixels(4, 2), 1);
        mask("masks/b.png", Grid.ofPixels(4, 2), 255, 255, 255, 255, 255, 255, 255, 255);
        DataFolders folders = DataFolders.of(root).ofObjects(true);
        DataSet data = DataSets.open(folders, null, 255, ProgressListener.NONE);
        assertThat(data.notes())
                .anyMatch(note -> note.startsWith("38% of the masks' voxels are judged; the others hold 255"))
                .contains("1 of 2 masks judge no voxel, so nothing is learnt or measured there: b.png");
        Case one = data.cases().get(0);
        assertThat(one.mask()
                        .readObjects(one.firstFile(), Grid.ofPixels(4, 2))
                        .objects()
                        .largest())
                .isEqualTo(2);
        LabelMap levels = one.read(data.labels()).labels();
        assertThat(IntStream.range(0, 8).filter(i -> !levels.isJudged(i))).containsExactly(2, 6);
        assertThat(DataSets.open(folders).notes())
                .singleElement()
                .asString()
                .contains("in 1 image the object 255 follows much smaller numbers", "--ignore 255");
        assertThatThrownBy(() -> DataSets.open(folders, null, Mask.UNDECLARED, ProgressListener.NONE))
                .hasMessageContaining("and --ignore is given; expected a value of label images");
    }

    @Test
    void a_pixel_size_becomes_the_spacing_of_the_plan() throws IOException {
        for (String id : List.of("a", "b", "c")) {
            image("images/" + id + ".png", Grid.ofPixels(32, 32), 1);
            mask("masks/" + id + ".png", Grid.ofPixels(32, 32), 1, 1);
        }
        DataSet data =
                DataSets.open(DataFolders.of(root), PixelSize.of("0.5x0.4um"), LabelMap.NONE, ProgressListener.NONE);
        assertThat(data.pixelSize()).isEqualTo(PixelSize.of("0.5x0.4um"));
        Case.Pair pair = data.cases().get(0).read(data.labels());
        assertThat(pair.labels().grid()).isEqualTo(pair.image().grid());
        assertThat(Plan.of(Fingerprint.of(data), Plan.Budget.USUAL)
                        .model()
                        .preprocessing()
                        .targetSpacing())
                .containsExactly(0.0005, 0.0004);
        assertThat(Plan.of(Fingerprint.of(DataSets.open(root)), Plan.Budget.USUAL)
                        .model()
                        .preprocessing()
                        .targetSpacing())
                .isNull();
    }

    @Test
    void several_labels_are_numbered_unless_a_dataset_json_names_them() throws IOException {
        image("images/a.nii.gz", DEEP, 1);
        mask("labels/a.nii.gz", DEEP, 1, 3);
        image("images/b.nii.gz", DEEP, 1);
        mask("labels/b.nii.gz", DEEP);
        DataSet data = DataSets.open(root);
        assertThat(data.labels().asMap()).isEqualTo(Map.of(1, "label 1", 3, "label 3"));
        assertThat(data.channelNames()).containsExactly("intensity");
        json("{'name': 'Knees', 'labels': {'background': 0, 'bone': 1, 'cartilage': 3}}");
        data = DataSets.open(root);
        assertThat(data.labels().asMap()).isEqualTo(Map.of(1, "bone", 3, "cartilage"));
        assertThat(data.name()).isEqualTo("Knees");
    }

    @Test
    void the_decathlons_dialect_is_read() throws IOException {
        for (String id : List.of("h_1", "h_2")) {
            image("imagesTr/" + id + ".nii.gz", DEEP, 2);
            mask("labelsTr/" + id + ".nii.gz", DEEP, 1, 2);
        }
        image("imagesTr/extra.nii.gz", DEEP, 2);
        image("imagesTs/h_9.nii.gz", DEEP, 2);
        json("{'name': 'H', 'modality': {'1': 'T2', '0': 'T1'}, 'labels': {'0': 'background', '2': 'B', '1': 'A'},"
                + "'training': [{'image': './imagesTr/h_2.nii.gz', 'label': './labelsTr/h_2.nii.gz'},"
                + "{'image': './imagesTr/h_1.nii.gz', 'label': './labelsTr/h_1.nii.gz'},"
                + "{'image': './imagesTr/h_3.nii.gz', 'label': './labelsTr/h_3.nii.gz'}], 'test': []}");
        DataSet data = DataSets.open(root);
        assertThat(data.cases()).extracting(Case::id).containsExactly("h_1", "h_2");
        assertThat(data.channelNames()).containsExactly("T1", "T2");
        assertThat(data.labels().asMap()).isEqualTo(Map.of(1, "A", 2, "B"));
        assertThat(data.unlabelled()).extracting(ImageCase::id).containsExactly("h_9");
        assertThat(data.notes()).singleElement().asString().contains("h_3");
        assertThat(data.dimension()).isEqualTo(3);
    }

    @Test
    void nn_u_nets_dialect_is_read() throws IOException {
        for (String id : List.of("BRATS_001", "BRATS_002")) {
            image("imagesTr/" + id + "_0000.nii.gz", DEEP, 1);
            image("imagesTr/" + id + "_0001.nii.gz", DEEP, 1);
            mask("labelsTr/" + id + ".nii.gz", DEEP, 1, 2);
        }
        image("imagesTs/BRATS_003_0000.nii.gz", DEEP, 1);
        image("imagesTs/BRATS_003_0001.nii.gz", DEEP, 1);
        json("{'channel_names': {'0': 'T1', '1': 'FLAIR'}, 'labels': {'background': 0, 'edema': 1, 'core': 2},"
                + "'numTraining': 2, 'file_ending': '.nii.gz'}");
        DataSet data = DataSets.open(root);
        assertThat(data.cases()).extracting(Case::id).containsExactly("BRATS_001", "BRATS_002");
        assertThat(data.cases().get(0).image().files()).hasSize(2);
        assertThat(data.channelNames()).containsExactly("T1", "FLAIR");
        assertThat(data.labels().asMap()).isEqualTo(Map.of(1, "edema", 2, "core"));
        assertThat(data.cases().get(0).read(data.labels()).image().channels()).hasNumberOfRows(2);
        assertThat(data.unlabelled()).singleElement().satisfies(scan -> {
            assertThat(scan.id()).isEqualTo("BRATS_003");
            assertThat(scan.files()).hasSize(2);
        });
    }

    @Test
    void a_few_images_without_masks_are_noted() {
        for (String id : List.of("a", "b", "c")) {
            image("images/" + id + ".png", FLAT, 1);
        }
        mask("masks/b.png", FLAT, 1);
        mask("masks/z.png", FLAT, 1);
        DataSet data = DataSets.open(root);
        assertThat(data.cases()).extracting(Case::id).containsExactly("b");
        assertThat(data.notes()).hasSize(2);
        assertThat(data.notes().get(0)).contains("2 images").contains("a.png, c.png");
        assertThat(data.notes().get(1)).contains("1 mask").contains("z.png");
    }

    @Test
    void numbered_masks_of_one_image_are_joined_and_others_refused() {
        image("images/x.png", FLAT, 1);
        image("images/y.png", FLAT, 1);
        mask("masks/x_mask.png", FLAT, 255);
        mask("masks/x_mask_1.png", FLAT, 0, 255);
        mask("masks/y_mask.png", FLAT, 255);
        DataSet data = DataSets.open(root);
        assertThat(data.notes()).singleElement().asString().contains("1 image has several mask files", "joined: x");
        short[] joined = data.cases().get(0).read(data.labels()).labels().voxels();
        assertThat(joined).startsWith((short) 255, (short) 255, (short) 0);
        mask("masks/y_seg.png", FLAT, 255);
        assertThatThrownBy(() -> DataSets.open(root)).hasMessageContaining("are masks of one image");
    }

    @Test
    void images_with_their_masks_beside_them_in_one_folder_are_read() {
        image("benign (1).png", FLAT, 1);
        mask("benign (1)_mask.png", FLAT, 255);
        image("benign (2).png", FLAT, 1);
        mask("benign (2)_mask.png", FLAT, 255);
        mask("benign (2)_mask_1.png", FLAT, 0, 255);
        mask("benign (2)_mask_2.png", FLAT, 0, 0, 255);
        image("benign (3).png", FLAT, 1);
        for (DataFolders folders : List.of(DataFolders.of(root), DataFolders.of(root, root))) {
            DataSet data = DataSets.open(folders);
            assertThat(data.cases()).extracting(Case::id).containsExactly("benign (1)", "benign (2)");
            assertThat(data.notes()).anyMatch(note -> note.contains("benign (3).png"));
            short[] joined = data.cases().get(1).read(data.labels()).labels().voxels();
            assertThat(joined).startsWith((short) 255, (short) 255, (short) 255, (short) 0);
        }
    }

    @Test
    void pictures_of_equal_red_green_and_blue_have_one_channel_unless_one_has_colours() {
        float[] values = new float[FLAT.voxels()];
        values[3] = 200;
        for (int k = 0; k < 20; k++) {
            write("images/" + k + ".png", () -> new Image(FLAT, new float[][] {values, values, values}));
            mask("masks/" + k + ".png", FLAT, 255);
        }
        DataSet grey = DataSets.open(root);
        assertThat(grey.channelNames()).containsExactly("intensity");
        assertThat(grey.notes()).singleElement().asString().contains("equal in all images");
        assertThat(Plan.of(grey).model().preprocessing().channels()).isEqualTo(1);
        image("images/7.png", FLAT, 3); // of the tenth part that isn't looked at first
        DataSet coloured = DataSets.open(root);
        assertThat(coloured.channelNames()).containsExactly("red", "green", "blue");
        assertThat(coloured.notes()).isEmpty();
    }

    @Test
    void names_match_whatever_their_unicode_form() {
        image("images/bild_\u00e4.png", FLAT, 1);
        mask("masks/bild_a\u0308_mask.png", FLAT, 1);
        assertThat(DataSets.open(root).cases()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"image,mask", "Img,GT", "imgs,labels", "images,label"})
    void a_single_pair_of_folders_with_telling_names_is_recognised(String images, String masks) {
        image(images + "/a.png", FLAT, 1);
        mask(masks + "/a.png", FLAT, 255);
        assertThat(DataSets.open(root).cases()).extracting(Case::id).containsExactly("a");
    }

    @Test
    void two_folders_that_may_hold_the_masks_are_refused_unless_named() {
        image("imgs/a.png", FLAT, 1);
        mask("mask/a.png", FLAT, 255);
        mask("gt/a.png", FLAT, 255);
        assertThatThrownBy(() -> DataSets.open(root))
                .hasMessageContaining("but gt/, imgs/, mask/")
                .hasMessageContaining("--images DIR --masks DIR");
        DataFolders named = DataFolders.of(root.resolve("imgs"), root.resolve("gt"));
        DataSet data = DataSets.open(named);
        assertThat(data.cases().get(0).mask().firstFile()).isEqualTo(root.resolve("gt/a.png"));
        assertThat(data.root()).isEqualTo(root);
    }

    @Test
    void named_folders_are_taken_whatever_their_names_with_the_dataset_json_beside_them() throws IOException {
        image("x/scans of 2020/a_0000.nii.gz", DEEP, 1);
        image("x/scans of 2020/a_0001.nii.gz", DEEP, 1);
        mask("truth/a.nii.gz", DEEP, 1);
        json("{'labels': {'background': 0, 'tumour': 1}, 'channel_names': {'0': 'T1', '1': 'T2'}}");
        DataFolders folders = new DataFolders(root, root.resolve("x/scans of 2020"), root.resolve("truth"));
        DataSet data = DataSets.open(folders);
        assertThat(data.channelNames()).containsExactly("T1", "T2");
        assertThat(data.labels().nameOf(1)).isEqualTo("tumour");
        assertThat(DataSets.open(folders.absolute()).cases()).hasSize(1);
        DataFolders missing = DataFolders.of(root.resolve("x/scans of 2020"), root.resolve("none"));
        assertThatThrownBy(() -> DataSets.open(missing))
                .hasMessageContaining("there is nothing")
                .hasMessageContaining("a folder of masks");
    }

    @Test
    void a_set_without_pairs_is_refused_with_examples() {
        image("images/a.png", FLAT, 1);
        mask("masks/b.png", FLAT, 1);
        assertThatThrownBy(() -> DataSets.open(root))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("a.png")
                .hasMessageContaining("b.png")
                .hasMessageContaining("rename the masks");
    }

    @Test
    void a_folder_of_another_layout_is_refused() throws IOException {
        assertThatThrownBy(() -> DataSets.open(root)).hasMessageContaining("imagesTr/");
        assertThatThrownBy(() -> DataSets.open(root.resolve("none"))).hasMessageContaining("there is nothing");
        Files.createDirectories(root.resolve("images"));
        Files.createDirectories(root.resolve("masks"));
        assertThatThrownBy(() -> DataSets.open(root)).hasMessageContaining("no image file");
    }

    @Test
    void a_mask_of_another_size_is_refused_with_both_files_and_sizes() {
        image("images/a.nii.gz", DEEP, 1);
        mask("masks/a.nii.gz", Grid.of(5, 6, 4), 1);
        assertThatThrownBy(() -> DataSets.open(root))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(root.resolve("images/a.nii.gz").toString())
                .hasMessageContaining(root.resolve("masks/a.nii.gz").toString())
                .hasMessageContaining("5 x 6 x 4")
                .hasMessageContaining("6 x 5 x 4");
    }

    @Test
    void masks_of_the_same_points_are_turned_and_masks_elsewhere_refused_before_anything_is_trained() {
        image("images/a.nii.gz", DEEP, 1);
        image("images/b.nii.gz", DEEP, 1);
        mask("masks/a.nii.gz", DEEP, 1);
        Grid mirrored = Grid.ofAffine(DEEP.size(), new double[][] {{-1, 0, 0, 5}, {0, 1, 0, 0}, {0, 0, 1, 0}});
        mask("masks/b.nii.gz", mirrored, 0, 1);
        DataSet data = DataSets.open(root);
        assertThat(data.notes()).singleElement().asString().contains("1 of 2 cases", "turned", "b.nii.gz");
        short[] turned = data.cases().get(1).read(data.labels()).labels().voxels();
        assertThat(turned[4]).isEqualTo((short) 1);
        assertThat(turned[1]).isZero();
        mask("masks/b.nii.gz", Grid.of(DEEP.size(), new double[] {1, 1, 2}), 1);
        assertThatThrownBy(() -> DataSets.open(root)).hasMessageContaining("b.nii.gz: its header places the mask");
    }

    @Test
    void an_undeclared_label_is_refused_with_file_and_value() throws IOException {
        image("imagesTr/a.nii.gz", DEEP, 1);
        Path mask = mask("labelsTr/a.nii.gz", DEEP, 1, 7);
        json("{'labels': {'background': 0, 'organ': 1}, 'channel_names': {'0': 'CT'}}");
        assertThatThrownBy(() -> DataSets.open(root))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining(mask.toString())
                .hasMessageContaining("label 7")
                .hasMessageContaining("1 organ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'labels': {'background': 0, 'organ': 1, 'ignore': 2}, 'channel_names': {'0': 'CT'}}",
                "{'labels': {'0': 'background', '1': 'organ', '2': 'Ignore'}, 'modality': {'0': 'CT'}}"
            })
    void nnunets_ignore_label_marks_voxels_without_a_judgement(String text) throws IOException {
        image("imagesTr/a.nii.gz", DEEP, 1);
        mask("labelsTr/a.nii.gz", DEEP, 1, 2, 0, 2);
        json(text);
        DataSet data = DataSets.open(root);
        assertThat(data.labels().asMap()).isEqualTo(Map.of(1, "organ"));
        assertThat(data.ignored()).isEqualTo(2);
        LabelMap mask = data.cases().get(0).read(data.labels()).labels();
        assertThat(mask.values()).containsExactly(1);
        assertThat(mask.judged()).isEqualTo(DEEP.voxels() - 2);
        assertThat(mask.isJudged(1)).isFalse();
        // Of 118 judged voxels one has the label.
        Fingerprint.Structure organ = Fingerprint.of(data).structures().get(0);
        assertThat(organ.voxels()).isEqualTo(1);
        assertThat(organ.share()).isEqualTo(1 / 118.0);
    }

    @Test
    void of_joined_masks_one_without_a_judgement_leaves_a_voxel_without_one() {
        image("images/a.png", FLAT, 1);
        mask("masks/a_mask.png", FLAT, 1, 9, 0, 9);
        mask("masks/a_mask_1.png", FLAT, 0, 1, 9, 9, 1);
        DataSet data = DataSets.open(DataFolders.of(root), null, 9, ProgressListener.NONE);
        LabelMap mask = data.cases().get(0).read(data.labels()).labels();
        assertThat(List.of(mask.label(0), mask.label(1), mask.label(2), mask.label(3), mask.label(4), mask.label(5)))
                .containsExactly(1, 9, 9, 9, 1, 0);
        assertThat(mask.ignored()).isEqualTo(9);
    }

    @Test
    void slices_and_volumes_are_not_mixed() {
        image("images/a.png", FLAT, 1);
        mask("masks/a.png", FLAT, 1);
        image("images/b.nii.gz", DEEP, 1);
        mask("masks/b.nii.gz", DEEP, 1);
        assertThatThrownBy(() -> DataSets.open(root))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("3 dimensions")
                .hasMessageContaining("separate data sets");
    }

    @Test
    void empty_masks_alone_are_refused() {
        image("images/a.png", FLAT, 1);
        mask("masks/a.png", FLAT);
        assertThatThrownBy(() -> DataSets.open(root)).hasMessageContaining("empty");
    }

    @Test
    void two_images_of_one_stem_are_refused() {
        image("images/a.png", FLAT, 1);
        image("images/a.bmp", FLAT, 1);
        mask("masks/a.png", FLAT, 1);
        assertThatThrownBy(() -> DataSets.open(root))
                .hasMessageContaining("a.bmp")
                .hasMessageContaining("a.png");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'labels'",
                "[]",
                "{'labels': {'organ': [1, 2]}}",
                "{'labels': {'organ': 1.5}}",
                "{'labels': {'organ': 1, 'other': 1}}",
                "{'labels': {'organ': -3}}",
                "{'labels': {'organ': 70000}}",
                "{'labels': ['background', 'organ']}",
                "{'labels': {'background': 1, 'organ': 0}}",
                "{'labels': {'background': 0, 'organ': 1, 'ignore': 1}}",
                "{'labels': {'background': 0, 'organ': 1, 'ignore': 70000}}",
                "{'labels': {'background': 0, 'organ': 1, 'ignore': [2, 3]}}",
                "{'labels': {'organ': 1, 'ignore': 0}}",
                "{'labels': {'ignore': 1}}",
                "{'labels': {'organ': 1, 'ignore': 2, 'Ignore': 3}}",
                "{'labels': {'background': 0, 'all': [1, 2], 'core': [2]}, 'regions_class_order': [1, 1]}",
                "{'labels': {'organ': 0, 'other': 1}}",
                "{'labels': {'organ': 1}, 'channel_names': {'0': 'CT', '1': 'PET'}}"
            })
    void a_wrong_dataset_json_is_refused(String text) throws IOException {
        image("imagesTr/a.nii.gz", DEEP, 1);
        mask("labelsTr/a.nii.gz", DEEP, 1);
        json(text);
        assertThatThrownBy(() -> DataSets.open(root)).isInstanceOf(AttunetException.class);
    }

    @Test
    void a_case_that_lacks_a_channel_is_refused() {
        image("imagesTr/a_0000.nii.gz", DEEP, 1);
        image("imagesTr/b_0000.nii.gz", DEEP, 1);
        image("imagesTr/b_0001.nii.gz", DEEP, 1);
        mask("labelsTr/a.nii.gz", DEEP, 1);
        mask("labelsTr/b.nii.gz", DEEP, 1);
        assertThatThrownBy(() -> DataSets.open(root))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("a_0000")
                .hasMessageContaining("_0000; expected _0000 _0001");
    }

    @Test
    void frames_with_four_digits_are_images_of_their_own_where_masks_have_the_same_names() {
        for (String id : List.of("frame_0000", "frame_0001")) {
            image("images/" + id + ".png", FLAT, 1);
            mask("masks/" + id + ".png", FLAT, 1);
        }
        assertThat(DataSets.open(root).cases()).hasSize(2);
    }

    @Test
    void four_digit_names_are_cases_of_their_own_to_training_and_to_prediction() {
        for (String id : List.of("scan_0000", "scan_0001", "scan_0002")) {
            image("imagesTr/" + id + ".nii.gz", DEEP, 2);
            mask("labelsTr/" + id + ".nii.gz", DEEP, 1);
        }
        List<String> ids = List.of("scan_0000", "scan_0001", "scan_0002");
        assertThat(DataSets.open(root).cases()).extracting(Case::id).isEqualTo(ids);
        for (int channels = 1; channels <= 3; channels++) {
            assertThat(ImageCase.in(root, channels)).extracting(ImageCase::id).isEqualTo(ids);
        }
        assertThat(ImageCase.in(root, 2).get(2).read(2).channels()).hasNumberOfRows(2);
    }

    @Test
    void numbered_channels_are_the_same_cases_to_training_and_to_prediction() {
        for (String id : List.of("a", "b")) {
            image("imagesTr/" + id + "_0000.nii.gz", DEEP, 1);
            image("imagesTr/" + id + "_0001.nii.gz", DEEP, 1);
            mask("labelsTr/" + id + ".nii.gz", DEEP, 1);
        }
        image("imagesTr/stray.nii.gz", DEEP, 1);
        DataSet data = DataSets.open(root);
        assertThat(data.notes()).singleElement().asString().contains("1 image in imagesTr/ without a mask");
        assertThat(ImageCase.in(root, 2).subList(0, 2))
                .isEqualTo(data.cases().stream().map(Case::image).toList());
    }

    @Test
    void channels_on_other_grids_are_refused_before_the_training_with_predictions_sentence() {
        image("imagesTr/a_0000.nii.gz", DEEP, 1);
        double[][] shifted = {{-1, 0, 0, 6}, {0, 1, 0, 0}, {0, 0, 1, 0}};
        for (Grid other : List.of(Grid.ofAffine(DEEP.size(), shifted), Grid.of(6, 5, 3))) {
            image("imagesTr/a_0001.nii.gz", other, 1);
            mask("labelsTr/a.nii.gz", DEEP, 1);
            ImageCase one = ImageCase.in(root, 2).get(0);
            Throwable predicted = catchThrowable(() -> one.read(2));
            assertThat(predicted).hasMessageContaining("a_0001").hasMessageContaining("resample the channels");
            assertThatThrownBy(() -> DataSets.open(root)).hasMessage(predicted.getMessage());
        }
    }

    @Test
    void a_listed_case_that_lacks_a_channel_is_refused() throws IOException {
        for (String file : List.of("a_0000", "a_0001", "b_0000")) {
            image("imagesTr/" + file + ".nii.gz", DEEP, 1);
        }
        mask("labelsTr/a.nii.gz", DEEP, 1);
        mask("labelsTr/b.nii.gz", DEEP, 1);
        json("{'labels': {'organ': 1}, 'training': [{'image': 'imagesTr/a.nii.gz', 'label': 'labelsTr/a.nii.gz'},"
                + "{'image': 'imagesTr/b.nii.gz', 'label': 'labelsTr/b.nii.gz'}]}");
        assertThatThrownBy(() -> DataSets.open(root))
                .hasMessageContaining("b_0000.nii.gz: the case has the channels _0000; expected _0000 _0001");
    }
}
