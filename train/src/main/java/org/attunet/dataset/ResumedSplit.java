package org.attunet.dataset;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.attunet.error.AttunetException;

/**
 * A run's split on the data set that the run is resumed with. Cases are recognised by the content of their files, so that
 * renamed ones keep their part, and other files under the same names are refused.
 *
 * @param split the run's, with the data set's ids, in the run's order, by which batches are drawn
 * @param notes about cases that were renamed or that the run doesn't know, a sentence each
 */
public record ResumedSplit(Split split, List<String> notes) {
    private static final int NAMED = 5;

    /** Copies. */
    public ResumedSplit {
        notes = List.copyOf(notes);
    }

    /**
     * Finds a run's cases in a data set.
     *
     * @param known the run's split
     * @param now any split of the data set, whose hashes are compared
     * @param data the data set's folder, for messages
     * @param run the run's folder, for messages
     * @throws AttunetException if a case of the run's parts is missing or has other content; names a few of each kind
     */
    public static ResumedSplit of(Split known, Split now, Path data, Path run) {
        Cases cases = Cases.of(known, now);
        Map<String, String> places = cases.places();
        List<String> images = new ArrayList<>();
        List<String> masks = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> renamed = new ArrayList<>();
        for (String id : cases.used) {
            String place = places.get(id);
            if (place == null) {
                (!cases.images.containsKey(id) ? missing : cases.sameImage(id) ? masks : images).add(id);
            } else if (!place.equals(id)) {
                renamed.add(id + " is now " + place);
            }
        }
        refuse(data, run, cases.used.size(), List.of(images, masks, missing));
        List<String> notes = new ArrayList<>();
        if (!renamed.isEmpty()) {
            notes.add(counted(renamed) + ": renamed since the training began, and recognised by content");
        }
        List<String> added = cases.images.keySet().stream()
                .filter(id -> !places.containsValue(id) && !known.hashes().containsKey(id))
                .toList();
        if (!added.isEmpty()) {
            notes.add(counted(added) + ": unknown to the training in " + run
                    + ", which continues without; only a new training would use them");
        }
        if (known.hashes().isEmpty()) {
            notes.add("the split of " + run + " has no hashes, so its cases were recognised by name only");
        }
        return new ResumedSplit(cases.renamed(places), notes);
    }

    private static void refuse(Path data, Path run, int all, List<List<String>> faults) {
        String found = Stream.of(
                        fault(faults.get(0), "with another image"),
                        fault(faults.get(1), "with another mask or further channel"),
                        fault(faults.get(2), "missing"))
                .filter(fault -> !fault.isEmpty())
                .collect(Collectors.joining(", "));
        if (!found.isEmpty()) {
            throw new AttunetException(
                    data,
                    "of the " + all + " cases of the training in " + run + ", " + found,
                    "the files with which that training began",
                    "restore them, or train on this data in another folder, for instance with --from " + run
                            + " to begin with the weights");
        }
    }

    private static String fault(List<String> ids, String what) {
        return ids.isEmpty() ? "" : ids.size() + " " + what + " (" + named(ids) + ")";
    }

    private static String counted(List<String> cases) {
        return cases.size() + (cases.size() == 1 ? " case (" : " cases (") + named(cases) + ")";
    }

    private static String named(List<String> ids) {
        int more = ids.size() - NAMED;
        return ids.stream().limit(NAMED).collect(Collectors.joining(", ")) + (more > 0 ? " and " + more + " more" : "");
    }

    /**
     * The run's cases beside those of the data set.
     *
     * @param used ids in the run's parts
     * @param images the content hash of each image of the data set, by id
     * @param before hashes of the run's cases, by which they are recognised: of all files, else (older versions) of the image
     * @param now the same of the data set's
     */
    private record Cases(
            Split known,
            Set<String> used,
            Map<String, String> images,
            Map<String, String> before,
            Map<String, String> now) {
        static Cases of(Split known, Split data) {
            Set<String> used = Stream.of(known.train(), known.validation(), known.test())
                    .flatMap(List::stream)
                    .collect(Collectors.toCollection(TreeSet::new));
            boolean whole = !known.contents().isEmpty() && !data.contents().isEmpty();
            return new Cases(
                    known,
                    used,
                    data.hashes(),
                    whole ? known.contents() : known.hashes(),
                    whole ? data.contents() : data.hashes());
        }

        boolean sameImage(String id) {
            return Objects.equals(images.get(id), known.hashes().get(id));
        }

        /** The data set's id of each case of the run that it holds unchanged. */
        Map<String, String> places() {
            Map<String, String> places = new TreeMap<>();
            for (String id : used) {
                if (now.containsKey(id)
                        && (before.get(id) == null || before.get(id).equals(now.get(id)))) {
                    places.put(id, id);
                }
            }
            Map<String, Deque<String>> others = new HashMap<>();
            Set<String> taken = new HashSet<>(places.values());
            now.forEach((id, hash) -> {
                if (!taken.contains(id)) {
                    others.computeIfAbsent(hash, h -> new ArrayDeque<>()).add(id);
                }
            });
            for (String id : used) {
                Deque<String> copies = others.get(String.valueOf(before.get(id)));
                if (!places.containsKey(id) && copies != null && !copies.isEmpty()) {
                    places.put(id, copies.remove());
                }
            }
            return places;
        }

        /** The split with each id replaced by its place. */
        Split renamed(Map<String, String> places) {
            return new Split(
                    known.seed(),
                    renamed(places, known.train()),
                    renamed(places, known.validation()),
                    renamed(places, known.test()),
                    renamed(places, known.hashes()),
                    renamed(places, known.contents()));
        }

        private static List<String> renamed(Map<String, String> places, List<String> ids) {
            return ids.stream().map(id -> places.getOrDefault(id, id)).toList();
        }

        private static Map<String, String> renamed(Map<String, String> places, Map<String, String> hashes) {
            Map<String, String> renamed = new TreeMap<>();
            places.forEach((id, place) -> {
                if (hashes.containsKey(id)) {
                    renamed.put(place, hashes.get(id));
                }
            });
            hashes.forEach((id, hash) -> {
                if (!places.containsKey(id)) {
                    renamed.putIfAbsent(id, hash);
                }
            });
            return renamed;
        }
    }
}
