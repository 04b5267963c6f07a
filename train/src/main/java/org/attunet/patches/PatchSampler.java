package org.attunet.patches;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import org.attunet.error.AttunetException;

/**
 * The endless stream of batches of a seed. Patch p of the stream (batch number times batch size plus its place in the
 * batch) has its own random stream and takes the case at its place in the epoch's shuffled order, so that any thread can
 * make any batch by itself, always the same.
 *
 * <p>Patches centred on foreground are spread evenly through the stream: patch p is one if floor(p * share) steps up after
 * it. It draws a class among those that the case has, then a voxel of that class; a case without foreground is replaced by
 * another. The other patches lie anywhere in the volume or, if the truth of some voxels isn't known, hold a random judged
 * voxel in their middle half; a case without any is replaced. A box that sticks out is moved into the volume. Along an axis on which the volume is smaller than the patch, the
 * volume lies anywhere in the patch, surrounded by zeros.
 *
 * <p>Thread-safe.
 */
final class PatchSampler {
    private static final long ORDER = 1; // purposes of random streams
    private static final long PATCH = 2;

    private final CaseStore store;
    private final Sampling sampling;
    private final Augmentation augmentation;
    private final long seed;
    private final BatchShare slots;
    private final int dimension;
    private final int[] patch;
    private final PatchExtractor cutter;
    private final ThreadLocal<IntensityAugmentation> intensities;
    private volatile Order order = new Order(-1, new int[0]);

    private record Order(long epoch, int[] cases) {}

    /** @param slots the patches of each batch to cut; the others are left to other processes */
    PatchSampler(CaseStore store, Sampling sampling, Augmentation augmentation, long seed, BatchShare slots) {
        this.slots = slots;
        this.store = store;
        this.sampling = sampling;
        this.augmentation = augmentation;
        this.seed = seed;
        this.dimension = sampling.patch().length;
        this.patch = Arrays.copyOf(sampling.patch(), 3);
        if (dimension == 2) {
            patch[2] = 1;
        }
        this.cutter = new PatchExtractor(patch);
        this.intensities = ThreadLocal.withInitial(() -> new IntensityAugmentation(augmentation, patch));
    }

    /** Cuts this process's slots of a batch, by its number from 0. */
    Batch batch(long number) {
        int size = slots.size();
        int voxels = patch[0] * patch[1] * patch[2];
        int channels = 0;
        float[] input = new float[0];
        byte[] classes = new byte[size * voxels];
        List<String> ids = new ArrayList<>(size);
        for (int slot = 0; slot < size; slot++) {
            if (Thread.interrupted()) {
                throw new AttunetException("batch " + number, "it was interrupted", "time to finish", "start again");
            }
            long p = number * sampling.batch() + slots.from() + slot;
            SplittableRandom random = stream(PATCH, p);
            boolean onForeground =
                    Math.floor((p + 1) * sampling.foregroundShare()) > Math.floor(p * sampling.foregroundShare());
            PreparedCase source = store.get(caseOf(p, onForeground, random));
            if (slot == 0) {
                channels = source.image().channels().length;
                input = new float[Math.multiplyExact(size * voxels, channels)];
            }
            requireFitting(source, channels);
            Transform transform =
                    Transform.draw(augmentation, dimension, source.grid().spacing(), random);
            int[] start = place(source, transform.box(patch), onForeground, random);
            int from = slot * channels * voxels;
            cutter.cut(source, transform, start, input, from, classes, slot * voxels);
            intensities.get().alter(input, from, source, random);
            ids.add(source.id());
        }
        return new Batch(number, channels, sampling.patch(), ids, input, classes);
    }

    private void requireFitting(PreparedCase source, int channels) {
        if (source.grid().dimension() != dimension) {
            throw new AttunetException(
                    "case " + source.id(),
                    source.grid().dimension() + " dimensions",
                    dimension + " as the patch " + Arrays.toString(sampling.patch()) + " has",
                    "choose a patch of as many sizes as the images have");
        }
        if (source.image().channels().length != channels) {
            throw new AttunetException(
                    "case " + source.id(),
                    source.image().channels().length + " channels",
                    channels + " as the other cases have",
                    "give all cases the same channels");
        }
    }

    private int caseOf(long p, boolean onForeground, SplittableRandom random) {
        int n = store.size();
        int[] cases = order(p / n);
        int position = (int) (p % n);
        IntPredicate useful = onForeground ? store::hasForeground : store::hasJudged;
        if (useful.test(cases[position])) {
            return cases[position];
        }
        int offset = random.nextInt(n);
        for (int k = 0; k < n; k++) {
            int candidate = cases[(position + offset + k) % n];
            if (useful.test(candidate)) {
                return candidate;
            }
        }
        return onForeground ? caseOf(p, false, random) : cases[position];
    }

    private int[] order(long epoch) {
        Order known = order;
        if (known.epoch == epoch) {
            return known.cases;
        }
        int[] cases = new int[store.size()];
        SplittableRandom random = stream(ORDER, epoch);
        for (int i = 0; i < cases.length; i++) {
            int j = random.nextInt(i + 1);
            cases[i] = cases[j];
            cases[j] = i;
        }
        order = new Order(epoch, cases);
        return cases;
    }

    /** Draws the first voxel of the box in the source. */
    private static int[] place(PreparedCase source, int[] box, boolean onForeground, SplittableRandom random) {
        int[] start = new int[3];
        int[] centre = null;
        int[] judged = source.judged();
        if (onForeground && source.hasForeground()) {
            int[][] byClass = source.centres();
            centre = place(source, byClass[random.nextInt(byClass.length)], random);
        } else if (judged != null && judged.length > 0) {
            centre = place(source, judged, random);
            for (int axis = 0; axis < 3; axis++) {
                centre[axis] += random.nextInt(box[axis] / 2 + 1) - box[axis] / 4;
            }
        }
        for (int axis = 0; axis < 3; axis++) {
            int spare = source.grid().size(axis) - box[axis];
            if (spare <= 0) {
                start[axis] = spare + random.nextInt(1 - spare);
            } else if (centre != null) {
                start[axis] = Math.max(0, Math.min(spare, centre[axis] - box[axis] / 2));
            } else {
                start[axis] = random.nextInt(spare + 1);
            }
        }
        return start;
    }

    /** The position of one of some voxels. */
    private static int[] place(PreparedCase source, int[] voxels, SplittableRandom random) {
        int voxel = voxels[random.nextInt(voxels.length)];
        int sx = source.grid().size(0);
        int sy = source.grid().size(1);
        return new int[] {voxel % sx, voxel / sx % sy, voxel / (sx * sy)};
    }

    /** The random stream of a purpose and a number, independent of all others and the same whenever it is asked for. */
    private SplittableRandom stream(long purpose, long number) {
        return new SplittableRandom(mix(mix(mix(seed) + purpose) + number));
    }

    /** Stafford's variant 13 of the 64-bit finaliser: neighbouring inputs give unrelated outputs. */
    private static long mix(long z) {
        z += 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
