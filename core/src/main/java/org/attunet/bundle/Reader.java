package org.attunet.bundle;

import java.util.Locale;

/** A program that runs models of the BioImage Model Zoo, or ONNX files. */
public enum Reader {
    /** The Java library of deepImageJ and Icy. */
    JDLL("JDLL 0.6, which deepImageJ and Icy use"),
    /** QuPath with Deep Java Library. */
    QUPATH("QuPath 0.6 and 0.7 with its extension djl"),
    /** The Python programs of the BioImage Model Zoo. */
    CORE("bioimageio.core and bioimageio.spec 0.5 (Python)"),
    /** ONNX Runtime alone. */
    ONNXRUNTIME("ONNX Runtime, any language, given the file model.onnx"),
    /** ONNX Runtime in a browser. */
    WEB("onnxruntime-web, given the file model.onnx"),
    /** The module dnn of OpenCV. */
    OPENCV("OpenCV 4.6 to 4.12, given the file model.onnx");

    private final String title;

    Reader(String title) {
        this.title = title;
    }

    /** {@return the program's name and version} */
    public String title() {
        return title;
    }

    /** {@return the name on the command line} */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
