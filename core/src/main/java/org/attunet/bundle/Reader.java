package org.attunet.bundle;

import java.util.Locale;

/** A program that runs models of the BioImage Model Zoo, or ONNX files. */
public enum Reader {
    JDLL("JDLL 0.6, which deepImageJ and Icy use"),
    QUPATH("QuPath 0.6 and 0.7 with its extension djl"),
    CORE("bioimageio.core and bioimageio.spec 0.5 (Python)"),
    ONNXRUNTIME("ONNX Runtime, any language, given the file model.onnx"),
    WEB("onnxruntime-web, given the file model.onnx"),
    OPENCV("OpenCV 4.6, given the file model.onnx");

    private final String title;

    Reader(String title) {
        this.title = title;
    }

    /** The program's name and version. */
    public String title() {
        return title;
    }

    /** The name on the command line. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
