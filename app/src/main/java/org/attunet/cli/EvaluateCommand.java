package org.attunet.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.attunet.bundle.Bundle;
import org.attunet.console.PixelSizeOption;
import org.attunet.console.ProgressDisplay;
import org.attunet.dataset.Case;
import org.attunet.dataset.DataFolders;
import org.attunet.dataset.DataSet;
import org.attunet.dataset.Mask;
import org.attunet.dataset.Split;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;
import org.attunet.image.LabelSet;
import org.attunet.io.ImageCase;
import org.attunet.io.Images;
import org.attunet.io.WholeFile;
import org.attunet.metrics.CaseResult;
import org.attunet.metrics.LesionResults;
import org.attunet.metrics.ObjectResults;
import org.attunet.metrics.ResultsTable;
import org.attunet.metrics.Summary;
import org.attunet.metrics.Tolerance;
import org.attunet.predict.ObjectSegmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;
import org.attunet.train.CrossValidation;
import org.attunet.train.Evaluation;
import org.attunet.train.MaskFolderEvaluation;
import org.attunet.train.ObjectFolderEvaluation;
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
            "Dice, IoU, precision, recall, HD, HD95, ASSD, NSD and volume difference (in mm and ml, or in pixels of images without a physical size) for each case and label, with"
                    + " means, standard deviations and 95%% intervals."
        },
        footer = {
            "",
            "Examples:",
            "  attunet evaluate run data -o results          the cases held out from training",
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

    @Mixin
    private DataFolderOptions dataFolders;

    @Option(names = "--truth", paramLabel = "DIR", description = "Instead of MODEL and DATA: the true masks.")
    private @Nullable Path truth;

    @Option(names = "--prediction", paramLabel = "DIR", description = "The masks to measure, matched by stem.")
    private @Nullable Path prediction;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description =
                    "Write cases.csv, results.json and, for a model, report.html there; with --lesions lesions.csv, of objects objects.csv.")
    private @Nullable Path output;

    @Option(
            names = "--split",
            description = "test, validation, train or all cases; cases are recognised by the content of their images"
                    + " (default: test, which includes images that are new to the run). A bundle doesn't know"
                    + " its split, so all cases are measured.")
    private Part split = Part.TEST;

    @Option(
            names = "--tolerance",
            paramLabel = "LENGTH",
            description =
                    "Tolerance of the normalised surface Dice, in mm, or in pixels of images without a physical size"
                            + " (default: 1 mm or 1 pixel; of pixels below 20 µm their longest side).")
    private @Nullable Double tolerance;

    @Mixin
    private LesionOptions lesions;

    @Mixin
    private EnsembleOptions models;

    @Mixin
    private PixelSizeOption pixelSize;

    @Override
    public Integer call() {
        if (tolerance != null && (!(tolerance >= 0) || Double.isInfinite(tolerance))) {
            throw new ConfigException("--tolerance", tolerance, "a length of 0 or more");
        }
        lesions.check();
        if (truth != null && prediction != null && model == null && !dataFolders.given()) {
            return dataFolders.objects() || ObjectFolderEvaluation.looksLikeObjects(truth)
                    ? evaluateObjects(truth, prediction)
                    : evaluateFolders(truth, prediction);
        }
        if (model != null && (data != null || dataFolders.given()) && truth == null && prediction == null) {
            return evaluateModel(model, dataFolders.folders(data));
        }
        throw new ParameterException(
                spec.commandLine(),
                "Give either MODEL and DATA (or --images and --masks), or --truth and --prediction with a folder each");
    }

    private int evaluateFolders(Path trueMasks, Path masks) {
        MaskFolderEvaluation evaluation;
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Comparing")) {
            evaluation = MaskFolderEvaluation.of(
                    trueMasks,
                    masks,
                    pixelSize.size(),
                    dataFolders.ignored(),
                    new Tolerance(tolerance),
                    lesions::add,
                    (done, all) -> progress.reached(done, all, "masks"));
        }
        console().notes(evaluation.notes());
        pixelSize.note(
                Images.listWithSeries(trueMasks).stream()
                        .map(mask -> new ImageCase(Images.stem(mask), List.of(mask)))
                        .toList(),
                console());
        Summary summary = Summary.of(evaluation.cases());
        ObjectNode json = ResultsTable.toJson(evaluation.cases(), summary);
        addLesions(json);
        write(evaluation.cases(), json);
        return print(json, evaluation.cases(), summary, evaluation.labels(), "", evaluation.problems());
    }

    private int evaluateObjects(Path trueObjects, Path objects) {
        if (lesions.given() || tolerance != null || dataFolders.ignored() == Mask.UNDECLARED) {
            throw new AttunetException(
                    trueObjects,
                    "its label images number objects, and "
                            + (lesions.given()
                                    ? "--lesions"
                                    : tolerance != null ? "--tolerance" : "--ignore undeclared")
                            + " is given",
                    "masks of labels",
                    "leave it out; if the values are labels, declare them in dataset.json beside the folder");
        }
        ObjectFolderEvaluation evaluation;
        try (ProgressDisplay progress = ProgressDisplay.share(console(), "Comparing")) {
            evaluation = ObjectFolderEvaluation.of(
                    trueObjects,
                    objects,
                    dataFolders.ignored(),
                    (done, all) -> progress.reached(done, all, "label images"));
        }
        console().notes(evaluation.notes());
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("objects", ObjectResults.toJson(evaluation.matches()));
        evaluation.problems().forEach(json.putArray("problems")::add);
        if (output != null) {
            WholeFile.makeFolder(output);
            WholeFile.writeString(output.resolve("objects.csv"), ObjectResults.toCsv(evaluation.matches()));
            WholeFile.writeString(output.resolve("results.json"), json.toPrettyString() + "\n");
        }
        result(() -> json, () -> ObjectResults.toText(evaluation.matches()).stripLeading());
        return console().problems(evaluation.problems());
    }

    private int evaluateModel(Path trained, DataFolders given) {
        Path knownSplit = knownSplit(trained);
        DataFolders folders = given.ofObjects(given.objects() || findsObjects(trained));
        DataSet set = open(folders, pixelSize, dataFolders.ignored(knownRun(trained), data));
        List<Case> cases = chosen(trained, knownSplit, set);
        if (lesions.given() && cases.get(0).mask().hasObjects()) {
            throw new AttunetException(
                    set.root(),
                    "its masks tell objects apart, and --lesions is given",
                    "masks of labels, whose connected parts are lesions",
                    "leave out --lesions: objects are counted and matched one by one");
        }
        List<String> warnings = split == Part.TEST ? SeenCases.warnings(models.all(trained), cases) : List.of();
        console().warnings(warnings);
        try (Segmenter segmenter = models.open(console(), trained, SegmenterOptions.defaults());
                ProgressDisplay progress = ProgressDisplay.start(console(), "Evaluating", cases.size())) {
            lesions.begin(segmenter.model().labels());
            if (set.ignored() == Mask.UNDECLARED) {
                noteUnknown(set.labels().parts(), segmenter.model().labels().parts());
            }
            noteWithoutFiles(cases, segmenter.model().labels());
            if (output != null) {
                WholeFile.makeFolder(output); // fails now rather than after all predictions
            }
            Evaluation evaluation =
                    Evaluation.of(segmenter, cases, new Tolerance(tolerance), lesions::add, progress::reached);
            ObjectNode json = ResultsTable.toJson(evaluation.results(), evaluation.summary());
            addLesions(json);
            if (!evaluation.objects().isEmpty()) {
                json.set("objects", ObjectResults.toJson(evaluation.objects()));
            }
            evaluation.unlikeTraining().ifPresent(count -> json.put("unlike_training_data", count));
            warnings.forEach(json.withArray("warnings")::add);
            evaluation.warningLines().forEach(json.withArray("warnings")::add);
            console().warnings(evaluation.warningLines());
            ObjectSegmentation.levelsExplained(segmenter)
                    .ifPresent(note -> console().notes(List.of(note)));
            write(evaluation.results(), json);
            if (output != null && !evaluation.objects().isEmpty()) {
                WholeFile.writeString(output.resolve("objects.csv"), ObjectResults.toCsv(evaluation.objects()));
            }
            if (output != null) {
                Path page = output.resolve("report.html");
                String title = "attunet: " + segmenter.model().name();
                String subtitle = Wording.counted(cases.size(), "case") + " of " + set.root();
                new RunReport(title, subtitle, List.of(), warnings, List.of(), List.of())
                        .write(page, segmenter, evaluation, cases);
                json.put("report", page.toString());
                message("report: " + page);
            }
            LabelSet labels = segmenter.model().labels();
            String objects = evaluation.objects().isEmpty() ? "" : ObjectResults.toText(evaluation.objects());
            return print(json, evaluation.results(), evaluation.summary(), labels, objects, evaluation.unreadable());
        }
    }

    /** Names the labels of a data set that a model doesn't know, which aren't judged then. */
    private void noteUnknown(LabelSet ofData, LabelSet ofModel) {
        List<Integer> unknown = ofData.values().stream()
                .filter(value -> ofModel.classOf(value) < 0)
                .toList();
        if (!unknown.isEmpty()) {
            console().notes(List.of("the model doesn't know the labels " + unknown + " of the data; they are ignored"));
        }
    }

    /** Names the labels of a model that no mask is of, where each label has masks of its own. */
    private void noteWithoutFiles(List<Case> cases, LabelSet ofModel) {
        List<String> annotated = cases.stream()
                .flatMap(one -> one.mask().labels().stream())
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
        List<String> missing = ofModel.names().stream()
                .filter(name -> !annotated.contains(name.toLowerCase(Locale.ROOT)))
                .toList();
        if (!annotated.isEmpty() && !missing.isEmpty()) {
            console()
                    .warnings(List.of("no mask is of " + String.join(", ", missing)
                            + ", which the model predicts: it counts as absent in all cases, so its measures mean nothing"
                            + " unless it is"));
        }
    }

    /** The file with the cases that a model knows; null for a bundle. All folds together know the same cases. */
    private static @Nullable Path knownSplit(Path model) {
        Run run = knownRun(model);
        return run == null ? null : run.split();
    }

    /** The run, or the first of a cross-validation; null for a bundle. */
    private static @Nullable Run knownRun(Path model) {
        if (CrossValidation.isIn(model)) {
            return Run.open(CrossValidation.open(model).fold(0));
        }
        return EnsembleOptions.isBundle(model) ? null : Run.open(model);
    }

    /** Whether a model has learnt to tell objects apart, so that few numbers in a mask are objects to it, not depths. */
    private static boolean findsObjects(Path model) {
        Run run = knownRun(model);
        return (run == null ? Bundle.open(model).settings().objects() : run.objects()) != null;
    }

    /** The cases of the chosen part, recognised by their content whatever their names. */
    private List<Case> chosen(Path trained, @Nullable Path knownSplit, DataSet set) {
        List<Case> cases = set.cases();
        if (knownSplit != null && split != Part.ALL && CrossValidation.isIn(trained)) {
            cases = unseenByFolds(knownSplit, set);
        } else if (knownSplit != null && split != Part.ALL && Files.exists(knownSplit)) {
            cases = Split.read(knownSplit).cases(set, Split.Part.valueOf(split.name()));
        }
        if (cases.isEmpty()) {
            throw new AttunetException(
                    set.root(),
                    "none of its " + set.cases().size() + " cases belongs to the run's part '" + Wording.word(split)
                            + "'",
                    "at least one case; a run with --all-cases holds none out",
                    "choose another part with --split: validation, whose cases chose the weights, or all");
        }
        message(cases.size() + " of " + set.cases().size() + " cases of " + set.root());
        return cases;
    }

    /** The cases unknown to all folds; every other case was in the training part of most folds. */
    private List<Case> unseenByFolds(Path knownSplit, DataSet set) {
        if (split != Part.TEST) {
            throw new ConfigException(
                    "--split", Wording.word(split), "test or all for the folds of a cross-validation");
        }
        Split known = Split.read(knownSplit);
        List<Case> unseen = set.cases().stream()
                .filter(one -> !known.hashes().containsValue(one.contentHash()))
                .toList();
        if (unseen.isEmpty()) {
            throw new AttunetException(
                    set.root(),
                    "the folds were trained on all of its " + set.cases().size() + " cases",
                    "cases that no fold has seen",
                    "see cases.csv and report.html of the folds, where each case is measured by the fold that hasn't"
                            + " seen it, or give --split all");
        }
        return unseen;
    }

    private void write(List<CaseResult> cases, ObjectNode json) {
        if (output != null) {
            WholeFile.makeFolder(output);
            WholeFile.writeString(output.resolve("cases.csv"), ResultsTable.toCsv(cases));
            WholeFile.writeString(output.resolve("results.json"), json.toPrettyString() + "\n");
            LesionResults counted = lesions.results();
            if (counted != null) {
                WholeFile.writeString(output.resolve("lesions.csv"), counted.toCsv());
            }
        }
    }

    private void addLesions(ObjectNode json) {
        LesionResults counted = lesions.results();
        if (counted != null) {
            json.set("lesions", counted.toJson());
        }
    }

    private int print(
            ObjectNode json,
            List<CaseResult> cases,
            Summary summary,
            LabelSet labels,
            String objects,
            List<String> problems) {
        problems.forEach(json.putArray("problems")::add);
        LesionResults counted = lesions.results();
        String parts = counted == null ? "" : counted.toText();
        result(() -> json, () -> ResultsTable.toText(cases, summary, labels) + objects + parts);
        return console().problems(problems);
    }
}
