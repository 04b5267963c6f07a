package org.attunet.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.geom.Path2D;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.attunet.error.AttunetException;
import org.junit.jupiter.api.Test;

class OutlineTest {
    @Test
    void a_pixel_has_the_four_corners_of_its_square() {
        List<Outline> outlines = Outline.of(map("...", ".a.", "..."));

        assertThat(outlines).hasSize(1);
        assertThat(outlines.get(0).exterior()).containsExactly(1, 1, 2, 1, 2, 2, 1, 2);
        assertThat(outlines.get(0).holes()).isEmpty();
        assertThat(outlines.get(0).pixels()).isEqualTo(1);
    }

    @Test
    void straight_sides_have_no_corners_between() {
        assertThat(Outline.of(map("aaa", "aaa")).get(0).exterior()).containsExactly(0, 0, 3, 0, 3, 2, 0, 2);
    }

    @Test
    void pixels_that_touch_at_a_corner_are_objects_of_their_own() {
        assertThat(Outline.of(map("a.", ".a"))).hasSize(2);
        assertThat(Outline.of(map(".a", "a."))).hasSize(2);
    }

    @Test
    void labels_side_by_side_are_objects_of_their_own() {
        List<Outline> outlines = Outline.of(map("ab", "ab"));

        assertThat(outlines).extracting(Outline::label).containsExactly(1, 2);
        assertThat(outlines).extracting(Outline::pixels).containsExactly(2, 2);
    }

    @Test
    void a_hole_runs_the_other_way_round() {
        Outline ring = Outline.of(map("aaa", "a.a", "aaa")).get(0);

        assertThat(Outline.area(ring.exterior())).isEqualTo(9);
        assertThat(ring.holes()).hasSize(1);
        assertThat(Outline.area(ring.holes().get(0))).isEqualTo(-1);
    }

    /** An exterior ring that met itself would be invalid in JTS, which QuPath uses. */
    @Test
    void an_object_that_touches_itself_at_a_corner_has_a_hole_there() {
        Outline ring = Outline.of(map("aaa", "a.a", "aa.")).get(0);

        assertThat(Outline.area(ring.exterior())).isEqualTo(8);
        assertThat(ring.holes()).hasSize(1);
        assertThat(ring.holes().get(0)).hasSize(8);
    }

    @Test
    void holes_that_touch_at_a_corner_are_two() {
        Outline ring = Outline.of(map("aaaa", "a.aa", "aa.a", "aaaa")).get(0);

        assertThat(ring.holes())
                .hasSize(2)
                .allSatisfy(hole -> assertThat(Outline.area(hole)).isEqualTo(-1));
    }

    @Test
    void an_object_within_a_hole_is_no_part_of_the_ring_around_it() {
        List<Outline> outlines = Outline.of(map("aaaaa", "a...a", "a.a.a", "a...a", "aaaaa"));

        assertThat(outlines).extracting(Outline::pixels).containsExactly(16, 1);
        assertThat(outlines.get(0).holes()).hasSize(1);
    }

    @Test
    void an_empty_mask_has_no_outlines() {
        assertThat(Outline.of(map("..", ".."))).isEmpty();
    }

    @Test
    void a_volume_is_refused() {
        LabelMap volume = new LabelMap(Grid.of(2, 2, 2), new short[8]);

        assertThatThrownBy(() -> Outline.of(volume))
                .isInstanceOf(AttunetException.class)
                .hasMessageContaining("a volume");
    }

    /** Java2D fills the even-odd interior of a path, by the centres of pixels. */
    @Test
    void filling_the_polygons_gives_the_mask_back() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int width = 1 + random.nextInt(20);
            int height = 1 + random.nextInt(20);
            double density = random.nextDouble();
            int labels = 1 + random.nextInt(3);
            short[] voxels = new short[width * height];
            for (int i = 0; i < voxels.length; i++) {
                voxels[i] = (short) (random.nextDouble() < density ? 65535 - random.nextInt(labels) : 0);
            }
            LabelMap map = new LabelMap(Grid.ofPixels(width, height), voxels);

            assertThat(filled(Outline.of(map), width, height))
                    .as("seed " + seed)
                    .isEqualTo(voxels);
        }
    }

    @Test
    void areas_of_rings_add_up_to_the_pixels_and_no_ring_meets_itself() {
        Random random = new Random(1);
        short[] voxels = new short[60 * 50];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = (short) (random.nextDouble() < 0.6 ? 1 : 0);
        }
        for (Outline outline : Outline.of(new LabelMap(Grid.ofPixels(60, 50), voxels))) {
            long area = Outline.area(outline.exterior());
            requireSimple(outline.exterior());
            for (int[] hole : outline.holes()) {
                assertThat(Outline.area(hole)).isNegative();
                area += Outline.area(hole);
                requireSimple(hole);
            }
            assertThat(area).isEqualTo(outline.pixels());
        }
    }

    private static void requireSimple(int[] ring) {
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < ring.length; i += 2) {
            assertThat(seen.add((long) ring[i] << 32 | ring[i + 1])).isTrue();
        }
    }

    private static short[] filled(List<Outline> outlines, int width, int height) {
        short[] filled = new short[width * height];
        for (Outline outline : outlines) {
            Path2D path = new Path2D.Double(Path2D.WIND_EVEN_ODD);
            append(path, outline.exterior());
            outline.holes().forEach(hole -> append(path, hole));
            for (int i = 0; i < filled.length; i++) {
                if (path.contains(i % width + 0.5, i / width + 0.5)) {
                    assertThat(filled[i]).isZero();
                    filled[i] = (short) outline.label();
                }
            }
        }
        return filled;
    }

    private static void append(Path2D path, int[] ring) {
        path.moveTo(ring[0], ring[1]);
        for (int i = 2; i < ring.length; i += 2) {
            path.lineTo(ring[i], ring[i + 1]);
        }
        path.closePath();
    }

    /** Rows of a mask: a is 1, b is 2, a point is the background. */
    private static LabelMap map(String... rows) {
        short[] voxels = new short[rows.length * rows[0].length()];
        for (int i = 0; i < voxels.length; i++) {
            char c = rows[i / rows[0].length()].charAt(i % rows[0].length());
            voxels[i] = (short) (c == '.' ? 0 : c - 'a' + 1);
        }
        return new LabelMap(Grid.ofPixels(rows[0].length(), rows.length), voxels);
    }
}
