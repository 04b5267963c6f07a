package org.attunet.imagej;

import static org.assertj.core.api.Assertions.assertThat;

import ij.gui.EllipseRoi;
import ij.gui.Line;
import ij.gui.OvalRoi;
import ij.gui.PointRoi;
import ij.gui.PolygonRoi;
import ij.gui.Roi;
import ij.gui.RotatedRectRoi;
import ij.gui.ShapeRoi;
import ij.io.RoiDecoder;
import ij.io.RoiEncoder;
import ij.process.ImageProcessor;
import java.awt.Rectangle;
import java.awt.geom.Ellipse2D;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.attunet.annotation.AnnotatedObjects;
import org.attunet.annotation.ObjectFiles;
import org.attunet.annotation.ObjectWriter;
import org.attunet.image.Grid;
import org.attunet.objects.ObjectMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Selections as ImageJ writes them have the pixels of ImageJ's own masks. */
class SelectionFilesTest {
    private static final int SIZE = 48;
    private static final Grid GRID = Grid.ofPixels(SIZE, SIZE);

    @TempDir
    private Path folder;

    private AnnotatedObjects read(Roi... rois) throws Exception {
        Path file = folder.resolve("RoiSet.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int k = 0; k < rois.length; k++) {
                zip.putNextEntry(new ZipEntry(k + ".roi"));
                zip.write(RoiEncoder.saveAsByteArray(rois[k]));
            }
        }
        return ObjectFiles.source(file, file).read(file, GRID);
    }

    private static int[] mask(Roi roi) {
        int[] mask = new int[SIZE * SIZE];
        Rectangle box = roi.getBounds();
        ImageProcessor inside = roi.getMask();
        for (int y = 0; y < box.height; y++) {
            for (int x = 0; x < box.width; x++) {
                boolean here = inside == null || inside.get(x, y) != 0;
                int atX = box.x + x;
                int atY = box.y + y;
                if (here && atX >= 0 && atY >= 0 && atX < SIZE && atY < SIZE) {
                    mask[atY * SIZE + atX] = 1;
                }
            }
        }
        return mask;
    }

    /** Random selections of each kind, some beyond the image's right and lower border. */
    private static List<Roi> random(Random random) {
        List<Roi> rois = new ArrayList<>();
        int n = 3 + random.nextInt(9);
        int[] x = random.ints(n, 0, SIZE + 8).toArray();
        int[] y = random.ints(n, 0, SIZE + 8).toArray();
        float[] fx = new float[n];
        float[] fy = new float[n];
        for (int i = 0; i < n; i++) {
            fx[i] = random.nextInt(4 * SIZE) / 4f; // corners at the centres of pixels, too
            fy[i] = random.nextInt(4 * SIZE) / 4f;
        }
        rois.add(new PolygonRoi(x, y, n, Roi.POLYGON));
        rois.add(new PolygonRoi(x, y, n, Roi.FREEROI));
        rois.add(new PolygonRoi(x, y, n, Roi.TRACED_ROI));
        rois.add(new PolygonRoi(fx, fy, n, Roi.POLYGON));
        rois.add(new PolygonRoi(fx, fy, n, Roi.FREEROI));
        int w = 1 + random.nextInt(30);
        int h = 1 + random.nextInt(30);
        rois.add(new Roi(x[0], y[0], w, h));
        rois.add(new Roi(x[0], y[0], w, h, 1 + random.nextInt(12)));
        rois.add(new Roi(fx[0], fy[0], w + 0.75, h + 0.25));
        rois.add(new OvalRoi(x[0], y[0], w, h));
        rois.add(new OvalRoi(fx[0], fy[0], w + 0.75, h + 0.25));
        rois.add(new EllipseRoi(fx[0], fy[0], fx[1] + 0.1, fy[1] + 1, random.nextDouble()));
        rois.add(new RotatedRectRoi(fx[0], fy[0], fx[1] + 0.1, fy[1] + 1, 1 + random.nextInt(20)));
        ShapeRoi ring = new ShapeRoi(new OvalRoi(4, 5, 20 + w / 2, 20 + h / 2));
        rois.add(ring.not(new ShapeRoi(new Roi(10, 10, 5, 4))));
        rois.add(new ShapeRoi(new Ellipse2D.Double(fx[0], fy[0], w, h)).or(new ShapeRoi(new Roi(30, 2, 6, 9))));
        return rois;
    }

    @Test
    void areas_have_the_pixels_of_imagejs_masks() throws Exception {
        Random random = new Random(1);
        for (int round = 0; round < 60; round++) {
            for (Roi roi : random(random)) {
                int[] mask = mask(roi);
                int[] read = read(roi).objects().numbers();
                assertThat(read)
                        .as(round + " " + roi.getTypeAsString() + " " + roi)
                        .isEqualTo(mask);
            }
        }
    }

    @Test
    void lines_and_points_and_other_slices_are_left_out() throws Exception {
        Roi later = new Roi(1, 1, 3, 3);
        later.setPosition(2);
        AnnotatedObjects read = read(new Roi(0, 0, 2, 1), new Line(0, 0, 9, 9), new PointRoi(3, 3), later);
        assertThat(read.objects().largest()).isEqualTo(1);
        assertThat(read.notes())
                .containsExactly(
                        "2 selections without an area (lines, points, text), left out",
                        "1 selection of other slices, left out");
    }

    @Test
    void imagej_reads_the_selections_of_objects() throws Exception {
        int[] numbers = new int[SIZE * SIZE];
        Random random = new Random(2);
        for (int k = 0; k < 40; k++) {
            int left = random.nextInt(SIZE - 8);
            int top = random.nextInt(SIZE - 8);
            for (int i = 0; i < 64; i++) {
                numbers[(top + i / 8) * SIZE + left + i % 8] = k + 1; // covers parts of others: holes and pieces
            }
        }
        Path file = folder.resolve("objects.zip");
        ObjectWriter.writeRois(new ObjectMap(GRID, numbers), file);
        int[] seen = new int[SIZE * SIZE];
        boolean composite = false;
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Roi roi = new RoiDecoder(zip.readAllBytes(), entry.getName()).getRoi();
                composite |= roi instanceof ShapeRoi;
                int[] mask = mask(roi);
                for (int i = 0; i < mask.length; i++) {
                    seen[i] += mask[i] * Integer.parseInt(roi.getName());
                }
            }
        }
        assertThat(seen).isEqualTo(numbers);
        assertThat(composite).isTrue();
    }
}
