package org.attunet.predict;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.IntPredicate;
import org.attunet.error.AttunetException;
import org.attunet.error.Interruption;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.objects.DistanceSplit;
import org.attunet.objects.FoundObjects;
import org.attunet.objects.ObjectFinder;
import org.attunet.objects.ObjectMap;
import org.attunet.objects.ObjectMeasures;
import org.attunet.objects.ObjectSettings;

/**
 * The objects in an image. A model that was trained on objects has learnt to tell them apart ({@link ObjectFinder}); in the
 * masks of any other, objects that touch are split by their shape ({@link DistanceSplit}).
 *
 * <pre>{@code
 * try (Segmenter segmenter = Segmenter.open(Path.of("nuclei.zip"))) {
 *     Image image = Images.read(Path.of("cells.png"));
 *     ObjectSegmentation found = ObjectSegmentation.of(segmenter, image);
 *     System.out.println(found.count() + " nuclei");
 *     ObjectWriter.writeLabels(found.objects().map(), Path.of("objects.png"));
 * }
 * }</pre>
 *
 * @param segmentation the mask in which the objects are; without probabilities unless they were requested
 * @param objects on the image's own grid, and the confidence in each
 * @param labels of each object the value of its label in the mask, that of object 1 first
 */
@SuppressWarnings("ArrayRecordComponent")
public record ObjectSegmentation(Segmentation segmentation, FoundObjects objects, int[] labels) {
    /**
     * Segments an image and finds its objects.
     *
     * @param segmenter the model
     * @param image as read; its arrays must not change meanwhile
     * @param options replace the segmenter's own
     * @param progress receives the share that is done, as {@link Segmenter#segment(Image, SegmenterOptions,
     *     DoubleConsumer)} has it
     * @return the objects
     */
    public static ObjectSegmentation of(
            Segmenter segmenter, Image image, SegmenterOptions options, DoubleConsumer progress) {
        Segmentation found = segmenter.segment(image, options.withProbabilities(true), progress);
        ObjectSegmentation objects = in(segmenter, found);
        return options.probabilities()
                ? objects
                : new ObjectSegmentation(objects.segmentation.withoutProbabilities(), objects.objects, objects.labels);
    }

    /**
     * Segments an image with the segmenter's own options and finds its objects.
     *
     * @param segmenter the model
     * @param image as read; its arrays must not change meanwhile
     * @return the objects
     */
    public static ObjectSegmentation of(Segmenter segmenter, Image image) {
        return of(segmenter, image, segmenter.options(), share -> {});
    }

    /**
     * {@return the objects in a segmentation}
     *
     * @param segmenter the model that segmented
     * @param found its result, with probabilities
     * @throws AttunetException if its labels may overlap and it hasn't learnt objects
     */
    public static ObjectSegmentation in(Segmenter segmenter, Segmentation found) {
        requireSeparable(segmenter);
        return segmenter.objects().map(settings -> learnt(found, settings)).orElseGet(() -> split(found));
    }

    /**
     * {@return the labels that users see: those of the model; of a model of objects the objects alone, without the levels of
     * depth that tell them apart}
     *
     * @param segmenter the model
     */
    public static LabelSet labels(Segmenter segmenter) {
        LabelSet all = segmenter.model().labels();
        return segmenter.objects().isPresent() ? LabelSet.of(Map.of(all.valueOf(1), all.nameOf(1))) : all;
    }

    /**
     * {@return what the measures of single labels mean for a model of objects, in a sentence; empty for a model of structures}
     *
     * @param segmenter the model
     */
    public static Optional<String> levelsExplained(Segmenter segmenter) {
        return segmenter
                .objects()
                .flatMap(settings -> levelsExplained(segmenter.model().labels()));
    }

    /**
     * {@return what the measures of single labels mean for a model of objects, in a sentence; empty if it has no levels}
     *
     * @param labels of a model or data set of objects
     */
    public static Optional<String> levelsExplained(LabelSet labels) {
        return labels.size() < 2
                ? Optional.empty()
                : Optional.of("\"" + labels.nameOf(2)
                        + "\" and deeper ones are depths within the objects, by which the network tells"
                        + " touching objects apart; its objects are measured by AP and PQ, their pixels by the Dice of \""
                        + labels.nameOf(1) + "\"");
    }

    /**
     * {@return a segmentation with the labels that users see, and the probabilities of these alone}
     *
     * @param segmenter the model that segmented
     * @param found its result
     */
    public static Segmentation withoutLevels(Segmenter segmenter, Segmentation found) {
        if (segmenter.objects().isEmpty()) {
            return found;
        }
        LabelSet shown = labels(segmenter);
        boolean[] covered = found.labelSet().covered(shown.valueOf(1));
        short[] voxels = new short[found.labels().voxels().length];
        for (int i = 0; i < voxels.length; i++) {
            voxels[i] = covered[found.labels().label(i)] ? (short) shown.valueOf(1) : 0;
        }
        Image probabilities = found.probabilities();
        return new Segmentation(
                new LabelMap(found.labels().grid(), voxels),
                shown,
                found.reliability(),
                probabilities == null ? null : Image.of(probabilities.grid(), probabilities.channel(0)),
                found.attention(),
                found.entropy(),
                found.mutualInformation());
    }

    /**
     * {@return the objects in what a model of objects predicted}
     *
     * @param found with probabilities: of the objects, then of each deeper level
     * @param settings the thresholds
     */
    public static FoundObjects find(Image found, ObjectSettings settings) {
        float[] energy = new float[found.grid().voxels()];
        for (int level = 1; level < found.channels().length; level++) {
            float[] probability = found.channel(level);
            for (int i = 0; i < energy.length; i++) {
                energy[i] += probability[i];
            }
        }
        return ObjectFinder.find(found.grid(), found.channel(0), energy, settings);
    }

    private static ObjectSegmentation learnt(Segmentation found, ObjectSettings settings) {
        FoundObjects objects = find(probabilities(found), settings);
        int[] labels = new int[objects.count()];
        Arrays.fill(labels, found.labelSet().valueOf(1));
        return new ObjectSegmentation(found, objects, labels);
    }

    /**
     * Refuses a model whose labels may overlap, since a voxel has one object's number; a model of objects finds them by its
     * first label. Refuses largest components of the latter, whose objects come from probabilities.
     *
     * @param segmenter the model
     * @throws AttunetException if it is one of these
     */
    public static void requireSeparable(Segmenter segmenter) {
        LabelSet labels = segmenter.model().labels();
        if (segmenter.objects().isEmpty() && labels.hasRegions()) {
            throw new AttunetException(
                    segmenter.model().name(),
                    "its labels may overlap (" + labels + "), and objects are asked for, of which a voxel has one",
                    "a model of labels that exclude each other, or of objects",
                    "ask for masks: each label has one of its own");
        }
        if (segmenter.objects().isPresent() && !segmenter.keepLargest().none()) {
            throw new AttunetException(
                    segmenter.model().name(),
                    "it tells objects apart, and largest components are asked for",
                    "all of its objects, or its mask",
                    "leave out --keep-largest, or ask for the mask (--no-objects)");
        }
    }

    /** Splits each label by itself. */
    private static ObjectSegmentation split(Segmentation found) {
        Grid grid = found.labels().grid();
        int[] numbers = new int[grid.voxels()];
        int count = 0;
        for (int label : found.labelSet().values()) {
            boolean[] covered = found.labelSet().covered(label);
            IntPredicate wanted = value -> covered[value];
            ObjectMap own = DistanceSplit.STANDARD.split(found.labels(), wanted);
            for (int i = 0; i < numbers.length; i++) {
                int number = own.numbers()[i];
                numbers[i] = number > 0 ? count + number : numbers[i];
            }
            count += own.largest();
        }
        ObjectMap map = new ObjectMap(grid, numbers).inReadingOrder();
        return described(found, map);
    }

    /** Adds the label and the mean probability of each object. */
    private static ObjectSegmentation described(Segmentation found, ObjectMap map) {
        Image probabilities = probabilities(found);
        LabelMap mask = found.labels();
        int first = probabilities.channels().length - found.labelSet().size(); // 1 with a background among the outputs
        int[] labels = new int[map.largest()];
        double[] confidence = new double[labels.length];
        int[] voxels = new int[labels.length];
        for (int i = 0; i < map.numbers().length; i++) {
            Interruption.check(i);
            int number = map.numbers()[i];
            if (number > 0) {
                int place = Math.max(1, found.labelSet().classOf(mask.label(i)));
                labels[number - 1] = found.labelSet().valueOf(place);
                confidence[number - 1] += probabilities.channel(first + place - 1)[i];
                voxels[number - 1]++;
            }
        }
        for (int k = 0; k < confidence.length; k++) {
            confidence[k] /= voxels[k];
        }
        return new ObjectSegmentation(found, new FoundObjects(map, confidence), labels);
    }

    private static Image probabilities(Segmentation found) {
        Image probabilities = found.probabilities();
        if (probabilities == null) {
            throw new IllegalStateException("a segmentation without probabilities");
        }
        return probabilities;
    }

    /** {@return how many objects there are} */
    public int count() {
        return objects.count();
    }

    /** {@return the name of each object's label by its number} */
    public Map<Integer, String> classes() {
        LabelSet set = segmentation.labelSet();
        Map<Integer, String> classes = new HashMap<>();
        for (int k = 0; k < labels.length; k++) {
            classes.put(k + 1, set.nameOf(set.classOf(labels[k])));
        }
        return classes;
    }

    /**
     * {@return the size, place, shape, intensity and confidence of each object, in the order of their numbers}
     *
     * @param image the image that was segmented
     */
    public List<ObjectMeasures> measures(Image image) {
        return ObjectMeasures.of(objects, image);
    }
}
