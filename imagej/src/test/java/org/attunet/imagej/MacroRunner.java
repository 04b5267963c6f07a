package org.attunet.imagej;

import ij.IJ;
import ij.ImageJ;
import ij.WindowManager;
import ij.gui.GenericDialog;
import ij.macro.Interpreter;
import ij.plugin.frame.Recorder;
import java.awt.Window;
import java.awt.event.ActionEvent;
import java.awt.event.KeyEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A program of the tests: starts ImageJ with its windows, runs a macro, and ends. The process has ImageJ on its class path and
 * finds the plugin in its plugins folder, as a user's does. The macro may call the static methods.
 */
public final class MacroRunner {
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

    private static volatile boolean pressed;

    private MacroRunner() {}

    /** Arguments: files of macros, run one after the other; each one's error is written to FILE.error, empty if there was none. */
    public static void main(String[] files) throws Exception {
        new ImageJ(ImageJ.EMBEDDED);
        for (String file : files) {
            var macro = new Interpreter();
            macro.setIgnoreErrors(true);
            macro.run(Files.readString(Path.of(file)), "");
            String error = macro.getErrorMessage();
            Files.writeString(Path.of(file + ".error"), error == null ? "" : error);
        }
        Runtime.getRuntime().halt(0);
    }

    /** Presses Escape again and again, until {@link #releaseEscape}: a command resets the key when it begins. */
    public static String pressEscape() {
        pressed = true;
        Thread user = new Thread(() -> {
            while (pressed) {
                IJ.wait(500);
                if (pressed) {
                    IJ.setKeyDown(KeyEvent.VK_ESCAPE);
                }
            }
        });
        user.setDaemon(true);
        user.start();
        return "";
    }

    /** Leaves the key alone. */
    public static String releaseEscape() {
        pressed = false;
        IJ.wait(600); // a last press may be on its way
        IJ.resetEscape();
        return "";
    }

    /** The text of the recorder's window. */
    public static String recorded() {
        return Recorder.getInstance().getText();
    }

    /** Runs a command as from the menu, fills the first field of its dialog and presses OK; returns when it is recorded and shows an image. */
    public static String runWithDialog(String command, String firstField) {
        IJ.doCommand(command);
        long end = System.nanoTime() + PATIENCE_NANOS;
        GenericDialog dialog = null;
        while (dialog == null) {
            await(end, "the dialog");
            for (Window window : Window.getWindows()) {
                if (window instanceof GenericDialog open && open.isShowing()) {
                    dialog = open;
                }
            }
        }
        ((java.awt.TextField) dialog.getStringFields().get(0)).setText(firstField);
        Object ok = dialog.getButtons()[0];
        dialog.actionPerformed(new ActionEvent(ok, ActionEvent.ACTION_PERFORMED, "OK"));
        while (!recorded().contains("run(") || WindowManager.getImageCount() < 2) {
            await(end, "the command's line and image");
        }
        return "";
    }

    private static void await(long end, String what) {
        if (System.nanoTime() > end) {
            throw new IllegalStateException("no sign of " + what);
        }
        IJ.wait(20);
    }
}
