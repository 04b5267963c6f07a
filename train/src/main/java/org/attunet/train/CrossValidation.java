package org.attunet.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.attunet.bundle.KeepLargest;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Folds;
import org.attunet.dataset.ProgressListener;
import org.attunet.error.AttunetException;
import org.attunet.io.WholeFile;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.CasesCsv;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;

/**
 * The folder of a cross-validation: {@code folds.json} says who is held out where, {@code fold_0}, {@code fold_1}, … are
 * runs, each of which has its fold's cases as its test part.
 *
 * @param folder the folder
 * @param folds who is held out where
 */
public record CrossValidation(Path folder, Folds folds) {
    private static final String FOLDS = "folds.json";

    /** Whether a folder is one of a cross-validation. */
    public static boolean isIn(Path folder) {
        return Files.isRegularFile(folder.resolve(FOLDS));
    }

    /** The cross-validation in a folder. */
    public static CrossValidation open(Path folder) {
        return new CrossValidation(folder, Folds.read(folder.resolve(FOLDS)));
    }

    /**
     * The cross-validation in a folder, begun where there is none.
     *
     * @throws AttunetException where the folder holds one of other cases or another number of folds
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
                    "it holds " + there.folds.count() + " folds of other cases or another number of folds",
                    "these " + folds.count() + " folds of this data set",
                    "choose another folder with -o, or give the data set that its folds were made of");
        }
        return there;
    }

    /** The folder of a fold's run, numbered from 0. */
    public Path fold(int number) {
        return folder.resolve("fold_" + number);
    }

    /** What says that a fold is trained and measured. */
    public Path result(int number) {
        return fold(number).resolve("result.json");
    }

    /** What the cross-validation came to; there when all folds are done. */
    public Path summary() {
        return folder.resolve("summary.json");
    }

    /** The numbers of the folds that have yet to be trained or measured. */
    public List<Integer> missing() {
        List<Integer> missing = new ArrayList<>();
        for (int number = 0; number < folds.count(); number++) {
            if (!Files.exists(result(number))) {
                missing.add(number);
            }
        }
        return missing;
    }

    /**
     * The folders of all folds' runs.
     *
     * @throws AttunetException where one of them has no weights yet
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

    /** The measures of every case by the network that hasn't seen it, as the network gave its mask; by fold, then by name. */
    public List<CaseResult> outOfFold() {
        List<CaseResult> results = new ArrayList<>();
        for (int number = 0; number < folds.count(); number++) {
            results.addAll(CasesCsv.read(fold(number).resolve("cases.csv")));
        }
        return results;
    }

    /**
     * Predicts every case by the network that hasn't seen it and finds out whether keeping the largest component only
     * raises Dice. What was chosen is written into each fold's run, whose predictions it changes from then on.
     *
     * <p>A single run has no such choice: its validation cases have already chosen the checkpoint, and are few.
     *
     * @param device "cpu" or "cuda"
     */
    public KeepLargestChoice chooseLargest(DataSet data, String device, ProgressListener progress) {
        var tally = new KeepLargestChoice.Tally(data.labels());
        int total = folds.held().stream().mapToInt(List::size).sum();
        int done = 0;
        for (int number = 0; number < folds.count(); number++) {
            try (Segmenter segmenter = Run.open(fold(number)).segmenter(SegmenterOptions.defaults(), device)) {
                Segmenter plain = segmenter.withKeepLargest(KeepLargest.NONE);
                for (Case one : data.cases(folds.held().get(number))) {
                    tally(tally, plain, one);
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

    private static void tally(KeepLargestChoice.Tally tally, Segmenter segmenter, Case one) {
        Case.Pair pair;
        try {
            pair = one.read(segmenter.model().labels());
        } catch (AttunetException unreadable) {
            return; // told when its fold was measured
        }
        tally.add(pair.labels(), segmenter.segment(pair.image()).labels());
    }
}
