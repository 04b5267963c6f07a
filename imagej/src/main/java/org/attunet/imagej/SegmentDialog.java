package org.attunet.imagej;

import ij.ImagePlus;
import ij.Prefs;
import ij.gui.GenericDialog;
import java.awt.Choice;
import java.awt.FlowLayout;
import java.awt.Label;
import java.awt.Panel;
import java.awt.TextField;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.attunet.bundle.Bundle;
import org.attunet.bundle.ModelDescription;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/** The dialog of Segment…, whose fields are recorded as {@link SegmentOptions#ofMacro} reads them. */
final class SegmentDialog {
    private static final String PREFERENCES = "attunet.segment.";
    private static final Set<Output> AT_FIRST = EnumSet.of(Output.LABELS, Output.OVERLAY, Output.TABLE);

    private SegmentDialog() {}

    /** Asks for options; null if the user cancels. */
    static @Nullable SegmentOptions ask(ImagePlus image) {
        Map<String, Path> found = Models.found();
        var dialog = new GenericDialog("Segment " + image.getTitle());
        dialog.addFileField("Model", proposal(image, found), 32);
        if (!found.isEmpty()) {
            addChoice(dialog, new ArrayList<>(found.keySet()));
        }
        for (Output output : Output.values()) {
            dialog.addCheckbox(output.title(), Prefs.get(PREFERENCES + output.key(), AT_FIRST.contains(output)));
        }
        dialog.addCheckbox("Mirror (average over mirror images; slower)", Prefs.get(PREFERENCES + "mirror", false));
        dialog.addMessage("For research only, not for diagnosis.");
        dialog.showDialog();
        if (dialog.wasCanceled()) {
            return null;
        }
        String model = dialog.getNextString().strip();
        Set<Output> outputs = EnumSet.noneOf(Output.class);
        for (Output output : Output.values()) {
            boolean wanted = dialog.getNextBoolean();
            Prefs.set(PREFERENCES + output.key(), wanted);
            if (wanted) {
                outputs.add(output);
            }
        }
        boolean mirror = dialog.getNextBoolean();
        Prefs.set(PREFERENCES + SegmentOptions.MIRROR, mirror);
        Prefs.set(PREFERENCES + SegmentOptions.MODEL, model);
        return new SegmentOptions(model, outputs, mirror, false);
    }

    /** A list of found models, which fills the field; it isn't an option itself. */
    private static void addChoice(GenericDialog dialog, List<String> names) {
        var field = (TextField) dialog.getStringFields().get(0);
        var choice = new Choice();
        choice.add("…");
        names.forEach(choice::add);
        choice.addItemListener(event -> {
            if (choice.getSelectedIndex() > 0) {
                field.setText(choice.getSelectedItem());
            }
        });
        Panel panel = new Panel(new FlowLayout(FlowLayout.LEFT, 0, 0));
        panel.add(new Label("found beside the plugin:"));
        panel.add(choice);
        dialog.addPanel(panel);
    }

    /** The last model used, else the first found one that suits the image. */
    private static String proposal(ImagePlus image, Map<String, Path> found) {
        String last = Prefs.get(PREFERENCES + SegmentOptions.MODEL, "");
        if (!last.isEmpty()) {
            return last;
        }
        int axes = image.getNSlices() > 1 ? 3 : 2;
        for (Map.Entry<String, Path> one : found.entrySet()) {
            try {
                ModelDescription model = Bundle.open(one.getValue()).model();
                if (model.shape().dimension() == axes) {
                    return one.getKey();
                }
            } catch (AttunetException e) {
                // not proposed; choosing it says why it can't be opened
            }
        }
        return "";
    }
}
