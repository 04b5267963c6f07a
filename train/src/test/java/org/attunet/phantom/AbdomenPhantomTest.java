package org.attunet.phantom;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.attunet.error.ConfigException;
import org.attunet.phantom.AbdomenPhantom.Phantom;
import org.junit.jupiter.api.Test;

class AbdomenPhantomTest {
    private static final int SIZE = 128;

    private static final String CHECKSUM = "f56147fc";

    private static final List<Phantom> PHANTOMS = phantoms(16);

    private static List<Phantom> phantoms(int count) {
        List<Phantom> all = new ArrayList<>();
        for (int seed = 0; seed < count; seed++) {
            all.add(AbdomenPhantom.of(seed, SIZE));
        }
        return all;
    }

    @Test
    void a_seed_gives_the_same_slice_on_every_machine() {
        Phantom phantom = AbdomenPhantom.of(7, SIZE);
        CRC32 crc = new CRC32();
        for (int i = 0; i < SIZE * SIZE; i++) {
            int value = (int) phantom.image().channel(0)[i];
            crc.update(value);
            crc.update(value >> 8);
            crc.update(phantom.organs().label(i));
        }
        assertEquals(CHECKSUM, Long.toHexString(crc.getValue()));
    }

    @Test
    void neighbouring_seeds_are_different_patients() {
        for (int a = 0; a < 6; a++) {
            for (int b = 0; b < a; b++) {
                double dice = dice(PHANTOMS.get(a), maskOf(PHANTOMS.get(b)));
                assertTrue(dice < 0.9, "seeds " + a + " and " + b + " overlap by " + dice);
            }
        }
    }

    @Test
    void a_slice_is_360_mm_wide_and_its_mask_lies_on_the_same_grid() {
        Phantom phantom = AbdomenPhantom.of(1, 160);
        assertArrayEquals(new int[] {160, 160}, phantom.image().grid().size());
        assertEquals(2.25, phantom.image().grid().spacing(0), 1e-12);
        assertEquals(phantom.image().grid(), phantom.pancreas().grid());
        assertEquals(phantom.image().grid(), phantom.organs().grid());
        for (float value : phantom.image().channel(0)) {
            assertTrue(value >= -1024 && value <= 3071 && value == Math.rint(value));
        }
    }

    @Test
    void the_pancreas_covers_one_to_two_and_a_half_percent_of_each_slice() {
        for (Phantom phantom : PHANTOMS) {
            double share = count(phantom, Tissue.PANCREAS) / (double) (SIZE * SIZE);
            assertTrue(share > 0.01 && share < 0.025, "share " + share);
        }
    }

    @Test
    void each_organ_is_there_with_the_hounsfield_units_that_textbooks_give() {
        for (Phantom phantom : PHANTOMS) {
            assertEquals(-1000, mean(phantom, Tissue.AIR), 15);
            assertBetween(mean(phantom, Tissue.FAT), -110, -60);
            assertBetween(mean(phantom, Tissue.LIVER), 45, 80);
            assertBetween(mean(phantom, Tissue.SPLEEN), 35, 75);
            assertBetween(mean(phantom, Tissue.KIDNEY), 90, 170);
            assertBetween(mean(phantom, Tissue.BONE), 200, 600);
            assertBetween(mean(phantom, Tissue.PANCREAS), 15, 60);
            assertBetween(count(phantom, Tissue.BOWEL), 10, 2000);
            assertBetween(count(phantom, Tissue.STOMACH), 50, 2000);
            assertBetween(count(phantom, Tissue.MUSCLE), 300, 3000);
        }
    }

    @Test
    void the_duodenum_looks_like_the_pancreas() {
        double difference = 0;
        for (Phantom phantom : PHANTOMS) {
            difference += mean(phantom, Tissue.DUODENUM) - mean(phantom, Tissue.PANCREAS);
        }
        assertEquals(0, difference / PHANTOMS.size(), 10);
    }

    @Test
    void no_intensity_threshold_finds_the_pancreas() {
        double best = 0;
        for (int low = -20; low < 100; low += 6) {
            for (int high = low + 6; high <= 130; high += 6) {
                double sum = 0;
                for (Phantom phantom : PHANTOMS) {
                    boolean[] inside = new boolean[SIZE * SIZE];
                    for (int i = 0; i < inside.length; i++) {
                        float value = phantom.image().channel(0)[i];
                        inside[i] = value >= low && value < high;
                    }
                    sum += dice(phantom, inside);
                }
                best = Math.max(best, sum / PHANTOMS.size());
            }
        }
        assertTrue(best < 0.3, "the best threshold reaches Dice " + best);
        assertTrue(best > 0.05, "thresholds find nothing at all: " + best);
    }

    @Test
    void the_mean_mask_is_no_solution_either() {
        int[] votes = new int[SIZE * SIZE];
        for (Phantom phantom : PHANTOMS) {
            for (int i = 0; i < votes.length; i++) {
                votes[i] += phantom.pancreas().label(i);
            }
        }
        double best = 0;
        for (int least = 1; least < PHANTOMS.size(); least++) {
            boolean[] mask = new boolean[votes.length];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = votes[i] >= least;
            }
            double sum = 0;
            for (Phantom phantom : PHANTOMS) {
                sum += dice(phantom, mask);
            }
            best = Math.max(best, sum / PHANTOMS.size());
        }
        assertTrue(best < 0.65, "a fixed mask reaches Dice " + best);
    }

    @Test
    void a_size_outside_64_to_1024_is_refused() {
        assertThrows(ConfigException.class, () -> AbdomenPhantom.of(1, 63));
        assertThrows(ConfigException.class, () -> AbdomenPhantom.of(1, 1025));
    }

    private static void assertBetween(double value, double low, double high) {
        assertTrue(value > low && value < high, value + " is not between " + low + " and " + high);
    }

    private static boolean[] maskOf(Phantom phantom) {
        boolean[] mask = new boolean[SIZE * SIZE];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = phantom.pancreas().label(i) == 1;
        }
        return mask;
    }

    private static double dice(Phantom phantom, boolean[] mask) {
        int both = 0;
        int sum = 0;
        for (int i = 0; i < mask.length; i++) {
            int truth = phantom.pancreas().label(i);
            both += mask[i] ? truth : 0;
            sum += truth + (mask[i] ? 1 : 0);
        }
        return 2.0 * both / sum;
    }

    private static int count(Phantom phantom, Tissue what) {
        int n = 0;
        for (int i = 0; i < SIZE * SIZE; i++) {
            n += phantom.organs().label(i) == what.label() ? 1 : 0;
        }
        return n;
    }

    private static double mean(Phantom phantom, Tissue what) {
        double sum = 0;
        for (int i = 0; i < SIZE * SIZE; i++) {
            sum += phantom.organs().label(i) == what.label() ? phantom.image().channel(0)[i] : 0;
        }
        return sum / count(phantom, what);
    }
}
