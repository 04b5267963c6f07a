package org.attunet.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.attunet.bundle.KeepLargest;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Folds;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.CasesCsv;
import org.attunet.metrics.ObjectMatch;
import org.attunet.metrics.Summary;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;

/**
 * A cross-validation in a folder: {@code folds.json} lists the cases that each fold holds out; {@code fold_0},
 * {@code fold_1}, … are runs whose test part is their fold; the summary covers all cases.
 *
 * <p>A fold's training depends only on its own cases, the plan and the seed. So folds may be trained in any order and on
 * several machines, into folders that are put together afterwards.
 *
 * @param folder the folder
 * @param folds the cases that each fold holds out
 */
public record CrossValidation(Path folder, Folds folds) {
    private static final String FOLDS = "folds.json";

    /** Whether a folder holds a cross-validation. */
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(FOLDS));
    }

    /** Opens the cross-validation in a folder. */
    public static CrossValidation open(Path folder) {
        return new CrossValidation(folder, Folds.read(folder.resolve(FOLDS)));
    }

    /**
     * Opens the cross-validation in a folder, or begins one.
     *
     * @throws AttunetException if the folder holds one of other cases or another number of folds
     */
    public static CrossValidation begin(Path folder, Folds folds) {
        if (!isIn(folder)) {
            WholeFile.makeFolder(folder);
            folds.write(folder.resolve(FOLDS));
        }
        CrossValidation there = open(folder);
        if (!there.folds.equals(folds)) {
            throw new AttunetException(
                    folder,
                    there.folds.count() == folds.count()
                            ? "its folds hold other cases" + there.otherCases(folds)
                            : "it holds " + there.folds.count() + " folds",
                    "these " + folds.count() + " folds of this data set",
                    "choose another folder with -o, or give the data set and the number that its folds were made of");
        }
        return there;
    }

    /** A few of the cases that these folds have and others lack, or the other way round, in brackets. */
    private String otherCases(Folds others) {
        Set<String> own = ids(folds);
        Set<String> other = ids(others);
        Stream<String> missing = own.stream().filter(id -> !other.contains(id)).map(id -> id + " is missing");
        Stream<String> added = other.stream().filter(id -> !own.contains(id)).map(id -> id + " is new");
        String named = Stream.concat(missing, added).limit(4).collect(Collectors.joining(", "));
        return named.isEmpty() ? "" : " (" + named + ", …)";
    }

    private static Set<String> ids(Folds folds) {
        return folds.held().stream().flatMap(List::stream).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The folder of a fold's run; folds are numbered from 0. */
    public Path fold(int number) {
        return folder.resolve("fold_" + number);
    }

    /** The runs of the folds whose training has begun or is finished, in their order. */
    public List<Run> begun() {
        return IntStream.range(0, folds.count())
                .filter(number -> Files.isDirectory(fold(number)))
                .mapToObj(number -> Run.create(fold(number)))
                .filter(run -> Files.exists(run.training()))
                .toList();
    }

    /** The file that marks a fold as trained and measured. */
    public Path result(int number) {
        return fold(number).resolve("result.json");
    }

    /** The measures over all folds; exists when all are done. */
    public Path summary() {
        return folder.resolve("summary.json");
    }

    /** The numbers of the folds that are not yet trained and measured. */
    public List<Integer> missing() {
        return IntStream.range(0, folds.count())
                .filter(number -> !Files.exists(result(number)))
                .boxed()
                .toList();
    }

    /**
     * The folders of all folds' runs.
     *
     * @throws AttunetException if one of them has no weights yet
     */
    public List<Path> runs() {
        List<Path> runs = new ArrayList<>();
        for (int number = 0; number < folds.count(); number++) {
            if (!Files.exists(fold(number).resolve("weights.pt"))) {
                throw new AttunetException(
                        folder,
                        "fold " + number + " of " + folds.count() + " isn't trained yet",
                        "all folds",
                        "train it with --fold " + number + ", or give one fold's folder such as " + fold(0));
            }
            runs.add(fold(number));
        }
        return runs;
    }

    /**
     * Summarises all folds, which must be trained and measured: the measures of every case by the network that has not seen
     * it, and the choice of {@link #chooseLargest}. Writes {@code summary.json}, {@code cases.csv}, of objects {@code
     * objects.csv}, and {@code report.html} into the folder.
     *
     * @param device "cpu" or "cuda"
     */
    public CrossValidationSummary summarise(DataSet data, String device, ProgressListener progress) {
        List<CaseResult> results = new ArrayList<>();
        for (int number = 0; number < folds.count(); number++) {
            results.addAll(CasesCsv.read(fold(number).resolve("cases.csv")));
        }
        Map<String, ObjectMatch> objects = new LinkedHashMap<>();
        KeepLargestChoice choice = chooseLargest(data, device, objects, progress);
        var summary = new CrossValidationSummary(this, data, results, Summary.of(results), objects, choice);
        summary.write();
        return summary;
    }

    /**
     * Predicts every case by the network that has not seen it and determines whether keeping only the largest component
     * raises Dice. The choice is written into each fold's run and applies to its predictions from then on.
     *
     * <p>A single run has no such choice: its validation cases are few and have already chosen the checkpoint.
     *
     * @param objects receives the match of each case's objects, if the data set tells objects apart
     */
    private KeepLargestChoice chooseLargest(
            DataSet data, String device, Map<String, ObjectMatch> objects, ProgressListener progress) {
        var tally = new KeepLargestChoice.Tally(data.labels());
        int total = folds.held().stream().mapToInt(List::size).sum();
        int done = 0;
        for (int number = 0; number < folds.count(); number++) {
            try (Segmenter segmenter = Run.open(fold(number)).segmenter(SegmenterOptions.defaults(), device)) {
                Segmenter plain = segmenter.withKeepLargest(KeepLargest.NONE);
                for (Case one : data.cases(folds.held().get(number))) {
                    tally(tally, plain, one, objects);
                    progress.at(++done, total);
                }
            }
        }
        KeepLargestChoice choice = tally.choice();
        for (int number = 0; number < folds.count(); number++) {
            Run.open(fold(number)).write(choice.chosen());
        }
        return choice;
    }

    private static void tally(
            KeepLargestChoice.Tally tally, Segmenter segmenter, Case one, Map<String, ObjectMatch> objects) {
        Case.Pair pair;
        try {
            pair = one.read(segmenter.model().labels());
        } catch (AttunetException unreadable) {
            return; // reported when its fold was measured
        }
        if (one.mask().hasObjects()) { // each component is one, and none is dropped
            ObjectSegmentation found = ObjectSegmentation.of(segmenter, pair.image());
            objects.put(
                    one.id(), ObjectScore.of(one, pair.image(), found.objects().map()));
            return;
        }
        tally.add(pair.labels(), segmenter.segment(pair.image()).labels());
    }
}
