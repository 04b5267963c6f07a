package org.attunet.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.attunet.console.CommandFailures;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.io.WholeFile;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.ResultsTable;
import org.attunet.metrics.Summary;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.train.CrossValidation;
import org.attunet.train.Evaluation;
import org.attunet.train.Run;
import org.attunet.train.RunReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code attunet evaluate}: measures a model on a data set, or one folder of masks against another. */
@Command(
        name = "evaluate",
        description = {
            "Measure a model on a data set, or one folder of masks against another.",
            "Dice, IoU, precision, recall, HD, HD95, ASSD (mm), NSD and volume difference for each case and label, with"
                    + " means, standard deviations and 95%% intervals."
        },
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  attunet evaluate run data -o results          the cases that training never saw",
            "  attunet evaluate --truth labels --prediction masks --tolerance 2 --json"
        })
final class EvaluateCommand extends AttunetCommand {
    /** Which cases of a data set. */
    enum Part {
        TEST,
        VALIDATION,
        TRAIN,
        ALL
    }

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "A run folder or a bundle.")
    private @Nullable Path model;

    @Parameters(index = "1", arity = "0..1", paramLabel = "DATA", description = "A data set with masks.")
    private @Nullable Path data;

    @Option(names = "--truth", paramLabel = "DIR", description = "In place of MODEL and DATA: the true masks.")
    private @Nullable Path truth;

    @Option(names = "--prediction", paramLabel = "DIR", description = "The masks to measure, matched by stem.")
    private @Nullable Path prediction;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Write cases.csv, results.json and, for a model, report.html there.")
    private @Nullable Path output;

    @Option(
            names = "--split",
            description =
                    "test, validation, train or all cases; images are recognised by their content (default: test, to"
                            + " which images that the run has never seen belong). A bundle knows no parts: all are"
                            + " measured.")
    private Part split = Part.TEST;

    @Option(
            names = "--tolerance",
            paramLabel = "MM",
            description = "Of the normalised surface Dice (default: ${DEFAULT-VALUE} mm).")
    private double tolerance = 1;

    @Option(
            names = "--tta",
            description = "Average over the mirror images that training showed (slower, a little better).")
    private boolean mirror;

    @Mixin
    private Models models;

    @Override
    public Integer call() {
        if (!(tolerance >= 0) || Double.isInfinite(tolerance)) {
            throw new ConfigException("--tolerance", tolerance, "a number of millimetres, 0 or more");
        }
        boolean folders = truth != null && prediction != null && model == null;
        if (folders == (model != null && data != null && truth == null && prediction == null)) {
            throw new ParameterException(
                    spec.commandLine(), "Give either MODEL and DATA, or --truth and --prediction with a folder each");
        }
        return truth != null && prediction != null ? compare(truth, prediction) : evaluate();
    }

    private int compare(Path trueMasks, Path masks) {
        MaskFolders folders = MaskFolders.compare(trueMasks, masks, tolerance, console());
        console().notes(folders.notes());
        ObjectNode json = ResultsTable.toJson(folders.cases(), folders.summary());
        write(folders.cases(), json);
        console()
                .result(
                        () -> withProblems(json, folders.problems()),
                        () -> ResultsTable.toText(folders.cases(), folders.summary(), folders.labels()));
        return told(folders.problems());
    }

    private int evaluate() {
        if (model == null || data == null) {
            throw new IllegalStateException("checked before");
        }
        Path knownSplit = knownSplit(model);
        DataSet set = open(data);
        List<Case> cases = chosen(knownSplit, set);
        var options = SegmenterOptions.defaults().withMirror(mirror);
        try (Segmenter segmenter = models.open(model, options);
                ProgressDisplay progress = ProgressDisplay.start(console(), "Evaluating", cases.size())) {
            Models.checkMirror(console(), segmenter, mirror);
            if (output != null) {
                WholeFile.makeFolder(output); // fails now rather than after all predictions
            }
            Evaluation evaluation = Evaluation.of(segmenter, cases, tolerance, (done, total) -> progress.reached(done));
            Summary summary = evaluation.summary();
            ObjectNode json = ResultsTable.toJson(evaluation.results(), summary);
            write(evaluation.results(), json);
            if (output != null) {
                Path page = output.resolve("report.html");
                new RunReport(
                                "attunet: " + segmenter.model().name(),
                                OptionText.counted(cases.size(), "case") + " of " + set.root())
                        .write(page, segmenter, evaluation, cases);
                json.put("report", page.toString());
                console().message("report: " + page);
            }
            console()
                    .result(
                            () -> withProblems(json, evaluation.unreadable()),
                            () -> ResultsTable.toText(
                                    evaluation.results(),
                                    summary,
                                    segmenter.model().labels()));
            return told(evaluation.unreadable());
        }
    }

    /** What tells which cases a model knows; null for a bundle. All folds together know every case of the first one's. */
    private static @Nullable Path knownSplit(Path model) {
        if (CrossValidation.isIn(model)) {
            return Run.open(CrossValidation.open(model).fold(0)).split();
        }
        return Models.isBundle(model) ? null : Run.open(model).split();
    }

    /** The cases that none of the folds has ever seen; all others have taught most of the folds. */
    private List<Case> unseenByFolds(Path knownSplit, DataSet set) {
        if (split != Part.TEST) {
            throw new ConfigException(
                    "--split",
                    split.name().toLowerCase(Locale.ROOT),
                    "test or all for the folds of a cross-validation");
        }
        Split known = Split.read(knownSplit);
        List<Case> unseen = set.cases().stream()
                .filter(one -> !known.hashes().containsValue(one.contentHash()))
                .toList();
        if (unseen.isEmpty()) {
            throw new AttunetException(
                    set.root(),
                    "the folds have learnt from all of its " + set.cases().size() + " cases",
                    "cases that no fold has seen",
                    "see cases.csv and report.html of the folds for each case by the fold that hasn't seen it, or give"
                            + " --split all");
        }
        return unseen;
    }

    /** The cases of the wanted part, recognised by their content whatever they are called. */
    private List<Case> chosen(@Nullable Path knownSplit, DataSet set) {
        List<Case> cases = set.cases();
        if (knownSplit == null) {
            console()
                    .message("a bundle doesn't tell which cases its training saw: all are measured, and those flatter"
                            + " it");
        } else if (split != Part.ALL && model != null && CrossValidation.isIn(model)) {
            cases = unseenByFolds(knownSplit, set);
        } else if (split != Part.ALL && Files.exists(knownSplit)) {
            cases = Split.read(knownSplit).cases(set, Split.Part.valueOf(split.name()));
        }
        if (cases.isEmpty()) {
            throw new AttunetException(
                    set.root(),
                    "none of its " + set.cases().size() + " cases belongs to the run's part '"
                            + split.name().toLowerCase(Locale.ROOT) + "'",
                    "one case or more; a run with --all-cases holds none out",
                    "choose another part with --split: validation, whose cases chose the weights, or all");
        }
        console().message(cases.size() + " of " + set.cases().size() + " cases of " + set.root());
        return cases;
    }

    private void write(List<CaseResult> cases, ObjectNode json) {
        if (output != null) {
            WholeFile.makeFolder(output);
            WholeFile.writeString(output.resolve("cases.csv"), ResultsTable.toCsv(cases));
            WholeFile.writeString(output.resolve("results.json"), json.toPrettyString() + "\n");
        }
    }

    private static ObjectNode withProblems(ObjectNode json, List<String> problems) {
        problems.forEach(json.putArray("problems")::add);
        return json;
    }

    private int told(List<String> problems) {
        problems.forEach(problem -> console().message("attunet: " + problem));
        return problems.isEmpty() ? CommandFailures.DONE : CommandFailures.FAILED;
    }
}
