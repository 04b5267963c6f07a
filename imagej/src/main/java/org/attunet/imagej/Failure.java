package org.attunet.imagej;

import ij.IJ;
import ij.Macro;
import java.awt.HeadlessException;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.attunet.error.AttunetException;
import org.jspecify.annotations.Nullable;

/**
 * How a command ends that couldn't do its work. The user sees a sentence in a dialog. A macro stops, unless its options say
 * {@code continue}: then the sentence goes to the Log window, and {@code call("org.attunet.imagej.SegmentCommand.error")}
 * returns it.
 */
final class Failure {
    private static final String TITLE = "attunet";
    private static volatile String last = "";

    private Failure() {}

    /** Work that may fail with a sentence. */
    interface Work {
        void run();
    }

    /** The last command's sentence; empty if it succeeded. */
    static String last() {
        return last;
    }

    /**
     * Does a command's work and reports its failure.
     *
     * @param macro the options of the macro that runs the command; null without one
     */
    static void report(@Nullable String macro, Work work) {
        boolean goOn = macro != null && (" " + macro).contains(" " + SegmentOptions.CONTINUE + " ");
        last = "";
        try {
            work.run();
        } catch (CancellationException e) {
            last = "cancelled";
            IJ.showStatus("attunet: cancelled");
            if (macro != null && !goOn) {
                throw new RuntimeException(Macro.MACRO_CANCELED, e); // ends the macro without a message
            }
        } catch (AttunetException e) {
            show(String.valueOf(e.getMessage()), goOn);
        } catch (HeadlessException e) {
            show("ImageJ: no display; expected one for windows and the ROI Manager. Remedy: leave out rois.", goOn);
        } catch (LinkageError e) {
            show(
                    "ONNX Runtime: it can't be loaded (" + e.getMessage()
                            + "); expected Linux, Windows on x86_64 or macOS"
                            + " on arm64, and no older ONNX Runtime of another plugin. Remedy: look for onnxruntime in the"
                            + " folders jars and plugins.",
                    goOn);
        } catch (OutOfMemoryError e) {
            long most = Runtime.getRuntime().maxMemory() >> 20;
            show(
                    "the image needs more memory than ImageJ may use (" + most
                            + " MiB); expected enough for the image and its results. Remedy: give it more with"
                            + " Edit > Options > Memory & Threads, or ask for fewer results.",
                    goOn);
        } finally {
            IJ.showProgress(1);
        }
    }

    private static void show(String sentence, boolean goOn) {
        last = sentence;
        IJ.showStatus("attunet: failed");
        if (goOn) {
            IJ.log("attunet: " + sentence);
        } else {
            IJ.error(TITLE, sentence);
        }
    }

    /** Writes what the user should know before using a result to the Log window. */
    static void warn(String image, List<String> warnings) {
        warnings.forEach(warning -> IJ.log("attunet: " + image + ": " + warning));
    }
}
