package org.attunet.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LengthUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages are the channels and slices that ImageJ, OME-XML or tifffile describe; without a description they are slices. */
class TiffStackTest {
    @TempDir
    Path folder;

    /** A file of n pages of 2 x 1 pixels; page k holds k and 100 + k. */
    private Path pages(int count, String description) throws Exception {
        TestTiff tiff = TestTiff.littleEndian();
        for (int k = 0; k < count; k++) {
            TestTiff.Page page = tiff.page(2, 1, 1, 8, TestTiff.bytes(k, 100 + k));
            if (k == 0) {
                page.describe(description);
            }
        }
        return tiff.write(folder.resolve("a.tif"));
    }

    /** One directory with all planes behind its strip. */
    private Path oneDirectory(int count, String description) throws Exception {
        byte[] all = new byte[2 * count];
        for (int k = 0; k < count; k++) {
            all[2 * k] = (byte) k;
            all[2 * k + 1] = (byte) (100 + k);
        }
        TestTiff tiff = TestTiff.littleEndian();
        tiff.page(2, 1, 1, 8, all).put(273, 8).put(279, 2).describe(description);
        return tiff.write(folder.resolve("a.tif"));
    }

    /** The numbers of the pages that make each channel, slice by slice. */
    private static int[][] pagesOf(Image image) {
        int[][] pages = new int[image.channels().length][image.grid().size(2)];
        for (int c = 0; c < pages.length; c++) {
            for (int z = 0; z < pages[c].length; z++) {
                pages[c][z] = (int) image.channel(c)[2 * z];
                assertThat(image.channel(c)[2 * z + 1]).isEqualTo(100 + pages[c][z]);
            }
        }
        return pages;
    }

    private static void assertRefused(Path file, String found) {
        for (var reading : new org.assertj.core.api.ThrowableAssert.ThrowingCallable[] {
            () -> Images.read(file), () -> Images.readLabels(file), () -> Images.readHeader(file)
        }) {
            assertThatThrownBy(reading).isInstanceOf(AttunetException.class).hasMessageContaining(found);
        }
    }

    @Test
    void imagej_stores_channels_first_then_slices() throws Exception {
        String text = "ImageJ=1.54p\nimages=6\nchannels=2\nslices=3\nhyperstack=true\n";
        assertThat(pagesOf(Images.read(pages(6, text)))).isDeepEqualTo(new int[][] {{0, 2, 4}, {1, 3, 5}});
        assertThat(pagesOf(Images.read(oneDirectory(6, text)))).isDeepEqualTo(new int[][] {{0, 2, 4}, {1, 3, 5}});
        assertThat(Images.readHeader(pages(6, text)).channels()).isEqualTo(2);
    }

    @Test
    void one_directory_may_stand_for_a_whole_stack() throws Exception {
        Path file = oneDirectory(5, "ImageJ=1.53t\nimages=5\nslices=5\nloop=false\n");
        assertThat(Images.readGrid(file).size()).containsExactly(2, 1, 5);
        assertThat(pagesOf(Images.read(file))).isDeepEqualTo(new int[][] {{0, 1, 2, 3, 4}});
        assertThat(Images.readLabels(file).voxels()).hasSize(10).startsWith((short) 0, (short) 100, (short) 1);
        assertRefused(oneDirectory(2, "ImageJ=1.53t\nimages=500\nslices=500\n"), "more planes than it holds");
        assertRefused(oneDirectory(70_000, "ImageJ=1.53t\nimages=70000\nslices=70000\n"), "70000 planes");
        assertRefused(pages(2, "ImageJ=1.53t\nimages=3\nslices=3\n"), "3 planes, it has 2 pages");
    }

    @Test
    void imagej2_names_the_order_of_its_axes() throws Exception {
        String text = "SCIFIO=0.46.0\naxes=X,Y,Z,Channel\nlengths=2,1,3,2\nimages=6\nchannels=2\nslices=3\n";
        assertThat(pagesOf(Images.read(pages(6, text)))).isDeepEqualTo(new int[][] {{0, 1, 2}, {3, 4, 5}});
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ImageJ=1.54p;images=6;slices=3;frames=2|2 frames (time points)",
                "ImageJ=1.54p;images=6;channels=4|4 channels, 1 slices and 1 frames",
                "ImageJ=1.54p;images=many|images=many",
                "{\"shape\": [6, 1, 2], \"axes\": \"TYX\"}|6 frames",
                "{\"shape\": [2, 3, 1, 2]}|without names of its axes"
            })
    void time_and_contradictions_are_refused(String text, String found) throws Exception {
        assertRefused(pages(6, text.replace(';', '\n')), found);
    }

    @Test
    void tifffile_names_axes_in_the_order_of_the_array() throws Exception {
        String text = "{\"shape\": [2, 3, 1, 2], \"axes\": \"CZYX\"}";
        assertThat(pagesOf(Images.read(pages(6, text)))).isDeepEqualTo(new int[][] {{0, 1, 2}, {3, 4, 5}});
        assertThat(pagesOf(Images.read(pages(3, "{\"shape\": [3, 1, 2]}")))).isDeepEqualTo(new int[][] {{0, 1, 2}});
        assertThat(pagesOf(Images.read(oneDirectory(3, "{\"shape\": [3, 1, 2], \"truncated\": true}"))))
                .isDeepEqualTo(new int[][] {{0, 1, 2}});
    }

    @Test
    void imagej_measures_values_through_its_calibration() throws Exception {
        TestTiff tiff = TestTiff.littleEndian();
        tiff.page(2, 1, 1, 16, tiff.shorts(0, 65535))
                .describe("ImageJ=1.54p\ncf=0\nc0=-32768.0\nc1=1.0\nvunit=Gray Value\n");
        assertThat(Images.read(tiff.write(folder.resolve("a.tif"))).channel(0)).containsExactly(-32768, 32767);
        TestTiff curved = TestTiff.littleEndian();
        curved.page(2, 1, 1, 8, TestTiff.bytes(1, 2)).describe("ImageJ=1.54p\ncf=21\nvunit=OD\n");
        assertRefused(curved.write(folder.resolve("a.tif")), "calibration function 21");
    }

    @Test
    void palettes_and_inverted_greys_of_imagej_are_a_matter_of_display() throws Exception {
        TestTiff inverted = TestTiff.littleEndian();
        inverted.page(2, 1, 1, 8, TestTiff.bytes(0, 255)).put(262, 0).describe("ImageJ=1.54p\n");
        assertThat(Images.readLabels(inverted.write(folder.resolve("a.tif"))).voxels())
                .containsExactly((short) 0, (short) 255);
        TestTiff green = TestTiff.littleEndian();
        long[] colours = new long[768];
        colours[256 + 7] = 0xff00;
        green.page(2, 1, 1, 8, TestTiff.bytes(0, 7))
                .put(262, 3)
                .put(320, colours)
                .describe("ImageJ=1.54p\n");
        assertThat(Images.read(green.write(folder.resolve("a.tif"))).channels()).isDeepEqualTo(new float[][] {{0, 7}});
        TestTiff other = TestTiff.littleEndian();
        other.page(2, 1, 1, 8, TestTiff.bytes(0, 7)).put(262, 3).put(320, colours);
        assertThat(Images.read(other.write(folder.resolve("a.tif"))).channels())
                .isDeepEqualTo(new float[][] {{0, 0}, {0, 255}, {0, 0}});
    }

    private static String ome(String pixels, String content) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\">"
                + "<Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" SizeX=\"2\" SizeY=\"1\" Type=\"uint8\" "
                + pixels + ">" + content + "</Pixels></Image></OME>";
    }

    @Test
    void ome_orders_pages_by_dimension_order_and_blocks() throws Exception {
        String sizes = "SizeZ=\"3\" SizeC=\"2\" SizeT=\"1\" DimensionOrder=";
        String zFirst = ome(sizes + "\"XYZCT\"", "<TiffData/>");
        assertThat(pagesOf(Images.read(pages(6, zFirst)))).isDeepEqualTo(new int[][] {{0, 1, 2}, {3, 4, 5}});
        String channelsFirst = ome(sizes + "\"XYCZT\"", "<TiffData IFD=\"0\" PlaneCount=\"6\"/>");
        assertThat(pagesOf(Images.read(pages(6, channelsFirst)))).isDeepEqualTo(new int[][] {{0, 2, 4}, {1, 3, 5}});
        String single = ome(
                "SizeZ=\"2\" SizeC=\"1\" SizeT=\"1\" DimensionOrder=\"XYZCT\"",
                "<TiffData IFD=\"1\" FirstZ=\"0\" FirstC=\"0\" FirstT=\"0\"/><TiffData IFD=\"0\" FirstZ=\"1\"/>");
        assertThat(pagesOf(Images.read(pages(2, single)))).isDeepEqualTo(new int[][] {{1, 0}});
    }

    @Test
    void ome_files_of_sets_times_and_contradictions_are_refused() throws Exception {
        String sizes = "SizeZ=\"3\" SizeC=\"1\" DimensionOrder=\"XYZCT\" ";
        assertRefused(pages(3, ome(sizes + "SizeT=\"2\"", "<TiffData/>")), "2 frames");
        assertRefused(pages(2, ome(sizes + "SizeT=\"1\"", "<TiffData/>")), "3 planes, it has 2 pages");
        String parts = "<TiffData IFD=\"0\"><UUID FileName=\"a.tif\">urn:uuid:1</UUID></TiffData>"
                + "<TiffData IFD=\"1\"><UUID FileName=\"b.tif\">urn:uuid:2</UUID></TiffData>";
        assertRefused(pages(3, ome(sizes + "SizeT=\"1\"", parts)), "one of 2 files");
        String two = ome(sizes + "SizeT=\"1\"", "<TiffData/>").replace("</OME>", "<Image/></OME>");
        assertRefused(pages(3, two), "2 images (series)");
        assertRefused(pages(3, ome("SizeT=\"1\" SizeZ=\"x\"", "")), "SizeZ=\"x\"");
        assertRefused(pages(3, ome(sizes + "SizeT=\"1\"", "<TiffData>")), "can't be parsed");
        assertRefused(pages(3, ome(sizes + "SizeT=\"1\"", "<TiffData IFD=\"1\"/>")), "2 aren't among its 3 pages");
        assertRefused(pages(3, ome(sizes + "SizeT=\"1\"", "<TiffData/><TiffData/>")), "a plane twice");
    }

    @Test
    void xml_may_not_reach_outside_the_file() throws Exception {
        String secret = "<?xml version=\"1.0\"?><!DOCTYPE OME [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>"
                + "<OME><Image><Pixels SizeX=\"2\" SizeY=\"1\" SizeZ=\"&e;\"/></Image></OME>";
        assertRefused(pages(1, secret), "OME-XML");
    }

    @Test
    void reduced_copies_are_left_out_and_other_pages_of_another_kind_refused() throws Exception {
        TestTiff tiff = TestTiff.littleEndian();
        tiff.page(2, 1, 1, 8, TestTiff.bytes(1, 2));
        tiff.page(1, 1, 1, 8, TestTiff.bytes(3)).put(254, 1);
        assertThat(Images.read(tiff.write(folder.resolve("a.tif"))).channel(0)).containsExactly(1, 2);
        TestTiff sizes = TestTiff.littleEndian();
        sizes.page(2, 1, 1, 8, TestTiff.bytes(1, 2));
        sizes.page(1, 1, 1, 8, TestTiff.bytes(3));
        assertRefused(sizes.write(folder.resolve("a.tif")), "page 2 has 1 x 1 pixels");
        TestTiff types = TestTiff.littleEndian();
        types.page(2, 1, 1, 8, TestTiff.bytes(1, 2));
        types.page(2, 1, 1, 16, types.shorts(1, 2));
        assertRefused(types.write(folder.resolve("a.tif")), "page 2 has 1 sample of uint16");
    }

    @Test
    void pixel_sizes_of_imagej_and_ome_reach_the_grid_and_dpi_does_not() throws Exception {
        TestTiff imagej = TestTiff.littleEndian();
        for (int k = 0; k < 2; k++) {
            TestTiff.Page page = imagej.page(2, 1, 1, 8, TestTiff.bytes(1, 2))
                    .ratio(282, 2, 1)
                    .ratio(283, 4, 1);
            if (k == 0) {
                page.describe("ImageJ=1.54p\nimages=2\nslices=2\nunit=micron\nspacing=3.0\n");
            }
        }
        Grid grid = Images.readGrid(imagej.write(folder.resolve("a.tif")));
        assertThat(grid).isEqualTo(Grid.of(new int[] {2, 1, 2}, new double[] {0.5, 0.25, 3}, LengthUnit.MICROMETRE));
        String sizes = "SizeZ=\"1\" SizeC=\"1\" SizeT=\"1\" DimensionOrder=\"XYZCT\" PhysicalSizeX=\"200\" "
                + "PhysicalSizeXUnit=\"nm\" PhysicalSizeY=\"0.2\"";
        Grid ome = Images.readGrid(pages(1, ome(sizes, "<TiffData/>")));
        assertThat(ome.hasPhysicalSize()).isTrue();
        assertThat(ome.spacing(0)).isEqualTo(2e-4, within(1e-12));
        assertThat(ome.spacing(1)).isEqualTo(2e-4, within(1e-12));
        TestTiff dpi = TestTiff.littleEndian();
        dpi.page(2, 1, 1, 8, TestTiff.bytes(1, 2))
                .ratio(282, 300, 1)
                .ratio(283, 300, 1)
                .put(296, 2);
        assertThat(Images.readGrid(dpi.write(folder.resolve("b.tif"))).hasPhysicalSize())
                .isFalse();
        TestTiff pixels = TestTiff.littleEndian();
        pixels.page(2, 1, 1, 8, TestTiff.bytes(1, 2))
                .ratio(282, 1, 1)
                .ratio(283, 1, 1)
                .describe("ImageJ=1.54p\nunit=pixel\n");
        assertThat(Images.readGrid(pixels.write(folder.resolve("c.tif"))).hasPhysicalSize())
                .isFalse();
    }
}
