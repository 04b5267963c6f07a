package org.attunet.imagej;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.measure.ResultsTable;
import ij.plugin.PlugIn;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import org.attunet.error.AttunetException;
import org.attunet.image.LabelMap;
import org.attunet.image.LabelSet;
import org.attunet.metrics.CaseComparison;
import org.attunet.metrics.LabelMetrics;
import org.attunet.metrics.Metric;
import org.attunet.metrics.Tolerance;

/**
 * Plugins &gt; attunet &gt; Measure agreement…: compares two open masks, label by label and frame by frame. Distances are in
 * the truth's unit. In macros:
 *
 * <pre>{@code run("Measure agreement...", "truth=[drawn.tif] prediction=[cells-labels]");}</pre>
 */
public final class AgreementCommand implements PlugIn {
    private static final String COMMAND = "Measure agreement...";
    private static final String TRUTH = "truth";
    private static final String PREDICTION = "prediction";
    private static final int DECIMALS = 4;

    /** Runs the command with the options of a macro or, without one, of a dialog. */
    @Override
    public void run(String argument) {
        String text = Macro.getOptions();
        Failure.report(text, () -> {
            if (text != null) {
                var options = MacroOptions.parse(COMMAND, text, Set.of(TRUTH, PREDICTION, SegmentOptions.CONTINUE));
                compare(
                        opened(options.required(TRUTH, "an open image")),
                        opened(options.required(PREDICTION, "an open image")));
                return;
            }
            if (WindowManager.getImageCount() < 2) {
                throw new AttunetException(COMMAND, "fewer than two open images", "two masks", "open both masks");
            }
            var dialog = new GenericDialog("Measure agreement");
            dialog.addImageChoice("Truth", null);
            dialog.addImageChoice("Prediction", null);
            dialog.showDialog();
            if (!dialog.wasCanceled()) {
                compare(dialog.getNextImage(), dialog.getNextImage());
            }
        });
    }

    private static ImagePlus opened(String title) {
        ImagePlus image = WindowManager.getImage(title);
        if (image == null) {
            throw new AttunetException(COMMAND, "no open image \"" + title + "\"", "an open mask's title", "open it");
        }
        return image;
    }

    private static void compare(ImagePlus truth, ImagePlus prediction) {
        var drawn = new Masks(truth);
        var predicted = new Masks(prediction);
        drawn.requireLike(predicted);
        List<LabelMap> truths = drawn.read();
        List<LabelMap> predictions = Masks.inOneValue(truths, predicted.read(), COMMAND);
        LabelSet labels = labels(truths, predictions);
        ResultsTable table = ResultsTable.getResultsTable();
        for (int frame = 0; frame < truths.size(); frame++) {
            LabelMap t = truths.get(frame);
            LabelMap p = predictions.get(frame);
            String name = prediction.getTitle();
            int number = frame + 1;
            EscapableTask.run(() -> CaseComparison.compare(name, t, p, labels, Tolerance.DEFAULT))
                    .labels()
                    .forEach((value, metrics) -> {
                        table.incrementCounter();
                        table.addLabel(name);
                        table.addValue("Value", value);
                        if (truths.size() > 1) {
                            table.addValue("Frame", number);
                        }
                        addRow(table, metrics, drawn.lengths());
                    });
        }
        table.show(ResultTables.RESULTS);
        IJ.showStatus("attunet: measured " + labels.size() + (labels.size() == 1 ? " label" : " labels"));
    }

    private static void addRow(ResultsTable table, LabelMetrics metrics, Lengths lengths) {
        addValue(table, "Dice", metrics, 1, Metric.DICE);
        addValue(table, "IoU", metrics, 1, Metric.IOU);
        addValue(table, "Precision", metrics, 1, Metric.PRECISION);
        addValue(table, "Recall", metrics, 1, Metric.RECALL);
        double unit = lengths.fromMeasured(1);
        addValue(table, "HD95", metrics, unit, Metric.HD95, Metric.HD95_PX);
        addValue(table, "ASSD", metrics, unit, Metric.ASSD, Metric.ASSD_PX);
        table.addValue("Unit", lengths.unit());
    }

    /** The metric that is defined, of those in one or another unit; NaN if none is. */
    private static void addValue(
            ResultsTable table, String column, LabelMetrics metrics, double factor, Metric... either) {
        double value = Double.NaN;
        for (Metric metric : either) {
            Double defined = metrics.value(metric);
            value = defined == null ? value : defined * factor;
        }
        table.addValue(column, value);
        table.setDecimalPlaces(table.getColumnIndex(column), DECIMALS);
    }

    private static LabelSet labels(List<LabelMap> truths, List<LabelMap> predictions) {
        List<LabelMap> all = new ArrayList<>(truths);
        all.addAll(predictions);
        SortedSet<Integer> values = Masks.values(all);
        if (values.isEmpty()) {
            throw new AttunetException(COMMAND, "both masks are empty", "a label in one of them", "choose other masks");
        }
        var names = new TreeMap<Integer, String>();
        values.forEach(value -> names.put(value, String.valueOf(value)));
        return LabelSet.of(names);
    }
}
