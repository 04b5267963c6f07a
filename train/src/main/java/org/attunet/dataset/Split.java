package org.attunet.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.io.Json;
import org.attunet.io.JsonFile;
import org.attunet.io.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * The division of a data set into cases for training, validation and test.
 *
 * <p>The test part is a fifth of the cases; validation is a tenth of the others, at least 1 and at most 16; the rest is for
 * training. Cases are ordered by the SHA-256 of the seed and their content hash, so that a case's part depends neither on
 * names and order of the files nor, except at the borders, on the other cases, and copies of an image fall into one part.
 * Two cases go to training and validation; a single one is both.
 *
 * @param seed that the parts were drawn with
 * @param train ids, sorted, at least one
 * @param validation ids, sorted, at least one
 * @param test ids, sorted; empty below three cases
 * @param hashes the content hash of each case ({@link Case#contentHash}) by id; recognises a case under another name
 * @param contents the hash of all files of each case, masks included, by id; empty in files of older versions
 */
public record Split(
        long seed,
        List<String> train,
        List<String> validation,
        List<String> test,
        Map<String, String> hashes,
        Map<String, String> contents) {
    /** Hexadecimal digits of a hash. */
    static final int HASH_DIGITS = 16;

    private static final int MOST_VALIDATION = 16;

    /** The parts. */
    public enum Part {
        TRAIN,
        VALIDATION,
        TEST
    }

    /** Copies and checks that neither training nor validation is empty. */
    public Split {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
        hashes = Collections.unmodifiableMap(new TreeMap<>(hashes));
        contents = Collections.unmodifiableMap(new TreeMap<>(contents));
        if (train.isEmpty()) {
            throw new ConfigException("train", train, "one case or more");
        }
        if (validation.isEmpty()) {
            throw new ConfigException("validation", validation, "one case or more");
        }
    }

    /** A split of cases whose masks aren't hashed. */
    public Split(
            long seed, List<String> train, List<String> validation, List<String> test, Map<String, String> hashes) {
        this(seed, train, validation, test, hashes, Map.of());
    }

    /** Splits a data set and hashes its files. */
    public static Split of(DataSet data, long seed) {
        List<Case> cases = data.cases();
        List<List<String>> files = Parallel.map(
                cases.size(), ProgressListener.NONE, i -> cases.get(i).fileHashes());
        Map<String, String> hashes = new TreeMap<>();
        Map<String, String> contents = new TreeMap<>();
        for (int i = 0; i < cases.size(); i++) {
            String id = cases.get(i).id();
            hashes.put(id, files.get(i).get(0));
            contents.put(id, Sha256.hex(String.join(" ", files.get(i))).substring(0, HASH_DIGITS));
        }
        return of(hashes, seed).withContents(contents);
    }

    private Split withContents(Map<String, String> other) {
        return new Split(seed, train, validation, test, hashes, other);
    }

    /** Splits cases given as id to content hash, at least one. */
    public static Split of(Map<String, String> hashOfId, long seed) {
        List<String> ids = placed(hashOfId.keySet().stream(), hashOfId, seed);
        int testCount = ids.size() < 3 ? 0 : (int) Math.round(ids.size() / 5.0);
        return parted(hashOfId, ids.subList(0, testCount), ids.subList(testCount, ids.size()), seed);
    }

    /**
     * Splits cases with a given test part; validation is drawn from the others as in {@link #of}.
     *
     * @param hashOfId all cases, id to content hash
     * @param test ids of some of them, or of none; not of all
     */
    public static Split holdingOut(Map<String, String> hashOfId, List<String> test, long seed) {
        List<String> rest = placed(hashOfId.keySet().stream().filter(id -> !test.contains(id)), hashOfId, seed);
        return parted(hashOfId, test, rest, seed);
    }

    /** The same cases with another test part; the others are divided as by {@link #holdingOut(Map, List, long)}. */
    public Split holdingOut(List<String> otherTest) {
        return holdingOut(hashes, otherTest, seed).withContents(contents);
    }

    private static Split parted(Map<String, String> hashOfId, List<String> test, List<String> rest, long seed) {
        int n = rest.size();
        int validationCount = (int) Math.max(1, Math.min(MOST_VALIDATION, Math.round(n / 10.0)));
        List<String> validation = rest.subList(0, Math.min(n, validationCount));
        List<String> train = n == 1 ? rest : rest.subList(validationCount, n);
        return new Split(seed, sorted(train), sorted(validation), sorted(test), hashOfId);
    }

    /**
     * A copy with at most some number of training cases, drawn by the seed. The cases left out belong to no part.
     *
     * @param most 1 or more
     */
    public Split withTrainingCases(int most) {
        if (most < 1) {
            throw new ConfigException("training cases", most, "a number from 1");
        }
        List<String> drawn = placed(train.stream(), hashes, seed);
        return new Split(
                seed, sorted(drawn.subList(0, Math.min(most, drawn.size()))), validation, test, hashes, contents);
    }

    /**
     * A copy with at most some number of cases in all parts together, drawn by the seed: a fifth of them is held out, and none
     * changes from the test part to the others or back. The cases left out belong to no part.
     *
     * @param most 1 or more
     */
    public Split withCases(int most) {
        if (most < 1) {
            throw new ConfigException("cases", most, "a number from 1");
        }
        List<String> tests = placed(test.stream(), hashes, seed);
        List<String> rest =
                placed(Stream.concat(train.stream(), validation.stream()).distinct(), hashes, seed);
        if (most >= tests.size() + rest.size()) {
            return this;
        }
        int held = most < 3 ? 0 : Math.min(tests.size(), (int) Math.round(most / 5.0));
        Split few = parted(hashes, tests.subList(0, held), rest.subList(0, Math.min(rest.size(), most - held)), seed);
        return few.withContents(contents);
    }

    private static List<String> sorted(List<String> ids) {
        return ids.stream().sorted().toList();
    }

    /** Orders ids by their place in the draw, those of copies of an image by name. */
    private static List<String> placed(Stream<String> ids, Map<String, String> hashOfId, long seed) {
        return ids.sorted()
                .sorted(Comparator.comparing(id -> Sha256.hex(seed + "/" + hashOfId.get(id))))
                .toList();
    }

    /** The number of cases in all parts together. */
    public int count() {
        return (train.equals(validation) ? 0 : train.size()) + validation.size() + test.size();
    }

    /** Warnings about too few cases to judge by and about one image in two parts. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        int n = count();
        if (train.equals(validation)) {
            notes.add("one case alone: it serves for training and validation, and nothing is held out");
        } else if (test.isEmpty() && n < 3) {
            notes.add(n + " cases: nothing is held out for the test; three or more are needed");
        } else if (test.isEmpty()) {
            notes.add("nothing is held out: only a training that holds a fifth out measures the quality");
        } else if (n < 10) {
            notes.add(
                    "only " + n + " cases, of which " + test.size() + " held out: the measured quality will be vague");
        }
        Map<String, String> idOfHash = new TreeMap<>();
        hashes.forEach((id, hash) -> {
            String other = idOfHash.putIfAbsent(hash, id);
            if (other != null && partOfId(other) != partOfId(id)) {
                notes.add(other + " and " + id + " hold the same image but stand in different parts");
            }
        });
        return notes;
    }

    /** The part of the image with a content hash; empty if the split doesn't know it. */
    public Optional<Part> partOf(String contentHash) {
        // of two copies of an image, the one that was trained on counts
        return hashes.entrySet().stream()
                .filter(entry -> entry.getValue().equals(contentHash))
                .flatMap(entry -> Stream.ofNullable(partOfId(entry.getKey())))
                .min(Comparator.naturalOrder());
    }

    /** The cases of a data set that belong to a part, recognised by content; unknown ones are test cases. */
    public List<Case> cases(DataSet set, Part part) {
        List<Part> parts = set.cases().parallelStream()
                .map(one -> partOf(one.contentHash()).orElse(Part.TEST))
                .toList();
        return IntStream.range(0, parts.size())
                .filter(index -> parts.get(index) == part)
                .mapToObj(set.cases()::get)
                .toList();
    }

    private @Nullable Part partOfId(String id) {
        if (train.contains(id)) {
            return Part.TRAIN;
        }
        if (validation.contains(id)) {
            return Part.VALIDATION;
        }
        return test.contains(id) ? Part.TEST : null;
    }

    /** The split as a tree that {@link #ofTree} reads. */
    public ObjectNode toTree() {
        return Json.OWN.valueToTree(this);
    }

    /** Writes the split as JSON. */
    public void write(Path file) {
        JsonFile.write(file, toTree());
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws AttunetException if the file is missing, isn't JSON or lacks a part
     */
    public static Split read(Path file) {
        return ofTree(file, JsonFile.read(file, "the split of a run", "restore it or start a new run"));
    }

    /**
     * Reads what {@link #toTree} returned.
     *
     * @param file that held it, for messages
     */
    public static Split ofTree(Path file, JsonNode json) {
        if (!json.path("seed").isIntegralNumber() || !json.path("hashes").isObject()) {
            throw new AttunetException(
                    file, "seed or hashes are missing", "the split of a run", "restore it or start a new run");
        }
        try {
            return new Split(
                    json.path("seed").asLong(),
                    ids(file, json, "train"),
                    ids(file, json, "validation"),
                    ids(file, json, "test"),
                    texts(json.path("hashes")),
                    texts(json.path("contents")));
        } catch (ConfigException e) {
            throw new AttunetException(
                    file.toString(), e.subject() + " lists no case", e.expected(), "restore it or start a new run", e);
        }
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> texts = new TreeMap<>();
        object.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asText()));
        return texts;
    }

    private static List<String> ids(Path file, JsonNode json, String part) {
        if (!(json.path(part) instanceof ArrayNode array)) {
            throw new AttunetException(
                    file, "no list named " + part, "train, validation and test", "restore it or start a new run");
        }
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
