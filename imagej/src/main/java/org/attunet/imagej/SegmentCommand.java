package org.attunet.imagej;

import ij.IJ;
import ij.ImagePlus;
import ij.Macro;
import ij.WindowManager;
import ij.plugin.PlugIn;
import org.attunet.error.AttunetException;

/**
 * Plugins &gt; attunet &gt; Segment…: segments the current image with a model. In macros:
 *
 * <pre>{@code run("Segment...", "model=nuclei labels overlay table");}</pre>
 */
public final class SegmentCommand implements PlugIn {
    /** The last command's failure as a sentence, for macros that go on after it; empty if there was none. */
    public static String error() {
        return Failure.last();
    }

    /** Runs the command with the options of a macro or, without one, of a dialog. */
    @Override
    public void run(String argument) {
        String macro = Macro.getOptions();
        Failure.report(macro, () -> {
            ImagePlus image = WindowManager.getCurrentImage();
            if (image == null) {
                throw new AttunetException(
                        SegmentOptions.COMMAND, "no image is open", "an image", "open one with File > Open");
            }
            SegmentOptions options = macro != null ? SegmentOptions.ofMacro(macro) : SegmentDialog.ask(image);
            if (options != null) {
                segment(image, options);
            }
        });
    }

    private static void segment(ImagePlus image, SegmentOptions options) {
        if (!image.lockSilently()) {
            throw new AttunetException(
                    image.getTitle(),
                    "another command uses the image",
                    "an image at rest",
                    "wait until that has ended");
        }
        try {
            IJ.showStatus("attunet: opening the model");
            Segmentations done = EscapableTask.run(() -> Segmentations.of(image, options));
            IJ.showStatus("attunet: showing results");
            done.show();
            Failure.warn(image.getTitle(), done.warnings());
            IJ.showStatus("attunet: " + done.summary());
        } finally {
            image.unlock();
        }
    }
}
