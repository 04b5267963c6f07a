package org.attunet.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.io.Json;
import org.attunet.io.JsonFile;

/**
 * The folds of a cross-validation: nnU-Net's, so that results of the same data set compare fold by fold with published ones.
 *
 * <p>nnU-Net draws them by scikit-learn's {@code KFold(n, shuffle=True, random_state=12345)} over the sorted ids: the
 * indices are shuffled by NumPy's {@code RandomState(12345)} and cut into n runs, each sorted, of which the first ones are
 * one longer if n doesn't divide the number of cases.
 *
 * @param held the ids that each fold holds out of its training, sorted; two folds or more, none empty, no id twice
 */
public record Folds(List<List<String>> held) {
    private static final int SEED = 12345;
    private static final int MOST = 100;

    /** Copies and checks. */
    public Folds {
        held = held.stream().map(List::copyOf).toList();
        Set<String> ids = new HashSet<>();
        boolean distinct = held.stream().flatMap(List::stream).allMatch(ids::add);
        if (held.size() < 2 || !distinct || held.stream().anyMatch(List::isEmpty)) {
            throw new ConfigException("folds", held.size(), "two folds or more, no case twice, none empty");
        }
    }

    /**
     * Draws nnU-Net's folds.
     *
     * @param ids of all cases, in any order
     * @param count of folds, 2 to 100 and at most as many as the cases
     */
    public static Folds of(List<String> ids, int count) {
        if (count < 2 || count > Math.min(MOST, ids.size())) {
            throw new ConfigException(
                    "folds",
                    count,
                    "a number from 2 to " + Math.min(MOST, ids.size()) + " for " + ids.size() + " cases");
        }
        List<String> sorted = ids.stream().sorted().toList();
        int[] order = IntStream.range(0, sorted.size()).toArray();
        new NumpyRandom(SEED).shuffle(order);
        List<List<String>> held = new ArrayList<>();
        int from = 0;
        for (int fold = 0; fold < count; fold++) {
            int size = sorted.size() / count + (fold < sorted.size() % count ? 1 : 0);
            held.add(Arrays.stream(order, from, from + size)
                    .sorted()
                    .mapToObj(sorted::get)
                    .toList());
            from += size;
        }
        return new Folds(held);
    }

    /** The number of folds. */
    public int count() {
        return held.size();
    }

    /** Writes the folds as JSON. */
    public void write(Path file) {
        JsonFile.write(file, Json.object().set("held_out", Json.OWN.valueToTree(held)));
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws AttunetException if the file is missing, isn't JSON or holds no folds
     */
    public static Folds read(Path file) {
        JsonNode folds = JsonFile.read(file, "the folds of a cross-validation").path("held_out");
        List<List<String>> held = new ArrayList<>();
        for (JsonNode fold : folds) {
            held.add(StreamSupport.stream(fold.spliterator(), false)
                    .map(JsonNode::asText)
                    .toList());
        }
        try {
            return new Folds(held);
        } catch (ConfigException e) {
            throw new AttunetException(
                    file.toString(), "it lists no folds", e.expected(), "start the folds anew in another folder", e);
        }
    }
}
