package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageCaseTest {
    private static final Grid GRID = Grid.of(4, 3, 2);

    @TempDir
    Path folder;

    private Path volume(String name, int channels) {
        return volume(name, GRID, channels);
    }

    private Path volume(String name, Grid grid, int channels) {
        Path file = folder.resolve(name);
        Images.write(new Image(grid, new float[channels][grid.voxels()]), file);
        return file;
    }

    /** For a model: {@code id=file+file id=file}. */
    private static String forModel(String names, int channels) {
        return text(ChannelGroup.forModel(paths(names), file -> file, channels, file -> false));
    }

    private static List<Path> paths(String names) {
        return List.of(names.split(" ")).stream().map(Path::of).toList();
    }

    private static String text(List<ChannelGroup<Path>> groups) {
        return String.join(
                " ",
                groups.stream()
                        .map(group -> group.id() + "="
                                + String.join(
                                        "+",
                                        group.files().stream()
                                                .map(Path::toString)
                                                .toList()))
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "2, a_0000.nii a_0001.nii b_0000.nii b_0001.nii, a=a_0000.nii+a_0001.nii b=b_0000.nii+b_0001.nii",
        // a model of one channel: each file is an image
        "1, a_0000.nii a_0001.nii, a_0000=a_0000.nii a_0001=a_0001.nii",
        // scanners number from 1, and further than a model has channels
        "2, scan_0001.nii scan_0002.nii, scan_0001=scan_0001.nii scan_0002=scan_0002.nii",
        "2, s_0000.nii s_0001.nii s_0002.nii, s_0000=s_0000.nii s_0001=s_0001.nii s_0002=s_0002.nii",
        // one case lacks a channel: it is one case, which is refused when it is read
        "2, a_0000.nii a_0001.nii b_0000.nii, a=a_0000.nii+a_0001.nii b=b_0000.nii",
        "3, a_0000.nii a_0001.nii, a=a_0000.nii+a_0001.nii",
        // a stray file leaves the others alone
        "2, a_0000.nii a_0001.nii notes.nii, a=a_0000.nii+a_0001.nii notes=notes.nii",
        "2, A_0000.NII.GZ A_0001.Nii, A=A_0000.NII.GZ+A_0001.Nii",
        "2, A_0000.nii a_0000.nii a_0001.nii A_0001.nii, A=A_0000.nii+A_0001.nii a=a_0000.nii+a_0001.nii",
        "2, p/a_0000.nii q/a_0000.nii q/a_0001.nii, a=p/a_0000.nii a=q/a_0000.nii+q/a_0001.nii",
        "2, a_0000.nii a_0000.nii.gz a_0001.nii, a=a_0000.nii+a_0000.nii.gz+a_0001.nii",
        // pictures hold 1 or 3 channels: cameras' numbers mean nothing to a model of 3
        "3, IMG_0000.png IMG_0001.png IMG_0002.png, IMG_0000=IMG_0000.png IMG_0001=IMG_0001.png IMG_0002=IMG_0002.png",
        "2, c_0000.png c_0001.png, c=c_0000.png+c_0001.png"
    })
    void numbered_files_are_channels_if_their_numbers_fit_the_model(int channels, String files, String expected) {
        assertThat(forModel(files, channels)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "0, a b, a_0000.nii a_0001.nii b_0000.nii b_0001.nii, a=a_0000.nii+a_0001.nii b=b_0000.nii+b_0001.nii",
        "0, s_0000 s_0001, s_0000.png s_0001.png, s_0000=s_0000.png s_0001=s_0001.png",
        "0, a, a_0000.nii stray.nii, a=a_0000.nii stray=stray.nii",
        "0, a b, a_0001.nii b_0000.nii b_0001.nii, a=a_0001.nii b=b_0000.nii+b_0001.nii",
        "2, a, a_0001.nii, a=a_0001.nii",
        "0, a b, a_0000.nii b_0000.nii b_0002.nii, a=a_0000.nii b=b_0000.nii+b_0002.nii",
        // a year, not a channel
        "0, a b, a_2023.nii b.nii, a_2023=a_2023.nii b=b.nii"
    })
    void numbered_files_of_a_data_set_are_channels_if_a_mask_has_their_common_name(
            int declared, String masks, String files, String expected) {
        Set<String> named = Set.of(masks.split(" "));
        assertThat(text(ChannelGroup.forMasks(paths(files), declared, named::contains)))
                .isEqualTo(expected);
    }

    @Test
    void files_that_hold_all_channels_are_images_whatever_their_numbers() {
        volume("scan_0000.nii.gz", 2);
        volume("scan_0001.nii.gz", 2);
        List<ImageCase> cases = ImageCase.in(folder, 2);
        assertThat(cases).extracting(ImageCase::id).containsExactly("scan_0000", "scan_0001");
        assertThat(cases.get(1).read(2).channels()).hasNumberOfRows(2);
    }

    @Test
    void the_number_of_the_only_channel_is_no_part_of_a_name_if_all_files_of_a_folder_have_it() {
        Path first = volume("a_0000.nii.gz", 1);
        volume("b_0000.nii.gz", 1);
        assertThat(ImageCase.in(folder, 1)).extracting(ImageCase::id).containsExactly("a", "b");
        assertThat(ImageCase.in(first, 1)).extracting(ImageCase::id).containsExactly("a_0000");
        volume("c_0001.nii.gz", 1);
        assertThat(ImageCase.in(folder, 1)).extracting(ImageCase::id).containsExactly("a_0000", "b_0000", "c_0001");
    }

    @Test
    void one_channels_file_stands_for_its_case() {
        Path first = volume("a_0000.NII.GZ", 1);
        volume("a_0001.nii", 1);
        assertThat(ImageCase.in(first, 2)).singleElement().satisfies(one -> {
            assertThat(one.id()).isEqualTo("a");
            assertThat(one.read(2).channels()).hasNumberOfRows(2);
        });
        assertThat(ImageCase.in(first, 1)).extracting(ImageCase::id).containsExactly("a_0000");
    }

    @Test
    void a_missing_channel_is_named() {
        volume("a_0000.nii", 1);
        volume("b_0001.nii", 1);
        volume("c_0000.nii", 1);
        volume("c_0000.nii.gz", 1);
        volume("c_0001.nii", 1);
        List<ImageCase> cases = ImageCase.in(folder, 2);
        assertThat(cases).extracting(ImageCase::id).containsExactly("a", "b_0001", "c");
        String sentence = "the case has the channels %s; expected _0000 _0001";
        assertThatThrownBy(() -> cases.get(0).read(2)).hasMessageContaining(sentence, "_0000");
        assertThatThrownBy(() -> cases.get(1).read(2)).hasMessageContaining(sentence, "_0001");
        assertThatThrownBy(() -> cases.get(2).read(2)).hasMessageContaining(sentence, "_0000 _0000 _0001");
    }

    @Test
    void channels_on_different_grids_are_refused_by_size_and_by_affine() {
        Path first = volume("a_0000.nii", 1);
        Path small = volume("b_0001.nii", Grid.of(4, 3, 1), 1);
        double[][] shifted = {{-1, 0, 0, 4}, {0, 1, 0, 0}, {0, 0, 1, 0}};
        Path elsewhere = volume("c_0001.nii", Grid.ofAffine(GRID.size(), shifted), 1);
        for (Path second : List.of(small, elsewhere)) {
            var one = new ImageCase("x", List.of(first, second));
            String[] parts = {
                second + (second.equals(small) ? ": the size is 4 x 3 x 1" : ": its affine differs"),
                "of " + first,
                "resample the channels to one grid"
            };
            assertThatThrownBy(one::read).hasMessageContainingAll(parts);
            assertThatThrownBy(one::readGrid).hasMessageContainingAll(parts);
        }
        double[][] rounded = {{1, 0, 0, 9e-3}, {0, 1, 0, 0}, {0, 0, 1, 0}};
        Path near = volume("d_0001.nii", Grid.ofAffine(GRID.size(), rounded), 1);
        assertThat(new ImageCase("x", List.of(first, near)).readGrid()).isEqualTo(GRID);
    }

    @Test
    void colours_and_a_further_channel_are_an_image_of_four_channels() {
        Path colours = folder.resolve("c_0000.png");
        Images.write(new Image(Grid.of(2, 1), new float[][] {{1, 2}, {3, 4}, {5, 6}}), colours);
        Images.write(new LabelMap(Grid.of(2, 1), new short[] {7, 8}), folder.resolve("c_0001.png"));
        assertThat(ImageCase.in(folder, 4))
                .singleElement()
                .satisfies(one -> assertThat(one.read(4).channel(3)).containsExactly(7, 8));
    }

    @Test
    void a_folder_lists_its_images_by_name_and_an_empty_or_missing_one_is_refused() throws IOException {
        assertThatThrownBy(() -> ImageCase.in(folder, 1))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("no image");
        assertThatThrownBy(() -> ImageCase.in(folder.resolve("none"), 1))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("no such file");
        volume("b.nii", 1);
        volume("a.nii", 1);
        Files.writeString(folder.resolve("notes.txt"), "text");
        Files.writeString(folder.resolve("._a.png"), "resource fork");
        Files.createDirectory(folder.resolve("folder.png"));
        assertThat(ImageCase.in(folder, 1)).extracting(ImageCase::id).containsExactly("a", "b");
        assertThat(ImageCase.in(folder.resolve("a.nii"), 1)).hasSize(1);
        Files.createDirectories(folder.resolve("set/images"));
        volume("set/images/x.nii", 1);
        assertThat(ImageCase.in(folder.resolve("set"), 1))
                .extracting(ImageCase::id)
                .containsExactly("x");
    }

    @ParameterizedTest
    @CsvSource({
        "0.5um, 0.0005, 0.0005",
        "0.5 x 0.4 µm, 0.0005, 0.0004",
        "0.00065mm, 0.00065, 0.00065",
        "650nm, 0.00065, 0.00065",
        "1e-3x2e-3cm, 0.01, 0.02",
        "0.5x0.4x2um, 0.0005, 0.0004"
    })
    void a_pixel_size_counts_for_a_picture_without_one(String text, double x, double y) {
        PixelSize size = PixelSize.of(text);
        assertThat(size).isNotNull();
        assertThat(PixelSize.of(size.toString())).isEqualTo(size);
        Path file = volume("a.png", Grid.ofPixels(4, 3), 1);
        ImageCase image = new ImageCase("a", List.of(file)).withPixelSize(size);
        assertThat(image.readGrid().spacing()[0]).isCloseTo(x, within(1e-12));
        assertThat(image.readGrid().spacing()[1]).isCloseTo(y, within(1e-12));
        assertThat(image.read().grid()).isEqualTo(image.readGrid());
        assertThat(image.withPixelSize(null).read().grid()).isEqualTo(Grid.ofPixels(4, 3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "um",
                "0.5",
                "0.5px",
                "0um",
                "-1um",
                "0x1um",
                "NaNum",
                "1e9mm",
                "1e-9nm",
                "1x2x3x4um",
                "1x-2um",
                "0.5x0.5x0um",
                "1,5um",
                "5km"
            })
    void what_is_no_pixel_size_is_none(String text) {
        assertThat(PixelSize.of(text)).isNull();
    }

    @Test
    void an_image_keeps_its_own_size_and_a_stack_needs_three_lengths() throws IOException {
        PixelSize plane = PixelSize.of("0.5um");
        Path own = volume("own.nii", 1);
        assertThat(new ImageCase("own", List.of(own), plane).read().grid()).isEqualTo(GRID);

        Path stack = folder.resolve("stack.tif");
        TestTiff pages = TestTiff.littleEndian();
        pages.page(4, 3, 1, 8, new byte[12]);
        pages.page(4, 3, 1, 8, new byte[12]);
        pages.write(stack);
        assertThatThrownBy(() -> new ImageCase("stack", List.of(stack), plane).readGrid())
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("three lengths");
        ImageCase sized = new ImageCase("stack", List.of(stack), PixelSize.of("0.5x0.4x2um"));
        assertThat(sized.read().grid().spacing()).containsExactly(0.0005, 0.0004, 0.002);
    }
}
