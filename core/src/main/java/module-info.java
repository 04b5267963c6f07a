/**
 * Segments images with trained models, on ONNX Runtime: images and masks of files, streams and pictures, models as bundles,
 * tiles, ensembles, uncertainty and metrics. Start with {@link org.attunet.predict}.
 */
@SuppressWarnings("requires-automatic") // ONNX Runtime and TwelveMonkeys are no named modules
module org.attunet.core {
    requires transitive com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.dataformat.yaml;
    requires com.microsoft.onnxruntime;
    requires com.twelvemonkeys.imageio.core;
    requires com.twelvemonkeys.imageio.tiff;
    requires transitive java.desktop;
    requires java.management;
    requires java.xml;
    requires jdk.management;
    requires org.yaml.snakeyaml;
    requires static transitive org.jspecify;

    exports org.attunet.annotation;
    exports org.attunet.bundle;
    exports org.attunet.error;
    exports org.attunet.image;
    exports org.attunet.io;
    exports org.attunet.metrics;
    exports org.attunet.objects;
    exports org.attunet.network;
    exports org.attunet.picture;
    exports org.attunet.predict;
    exports org.attunet.preprocess;

    uses org.attunet.io.SeriesFormat;

    // Records that are written as JSON and YAML.
    opens org.attunet.bundle to
            com.fasterxml.jackson.databind;
    opens org.attunet.io to
            com.fasterxml.jackson.databind;
    opens org.attunet.network to
            com.fasterxml.jackson.databind;
    opens org.attunet.preprocess to
            com.fasterxml.jackson.databind;
}
