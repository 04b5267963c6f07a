package org.attunet.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.attunet.bundle.ModelDescription;
import org.attunet.image.Grid;
import org.attunet.io.Images;
import org.attunet.preprocess.Normalisation;

/** A kind of image, and the warnings for an image of another kind than a model's training images. */
public enum ImageKind {
    /** A scan of several slices. */
    VOLUME("volume"),
    /** A scan of one slice. */
    SLICE("slice"),
    /** A photograph or micrograph, or a stack of them. */
    PICTURE("picture");

    /** The pixels of scans are larger, in mm; those of micrographs smaller. */
    private static final double SMALLEST_SCAN_SPACING = 0.02;

    private final String word;

    ImageKind(String word) {
        this.word = word;
    }

    /** {@return the kind in JSON: {@code volume}, {@code slice} or {@code picture}} */
    public String word() {
        return word;
    }

    /**
     * {@return the kind of a file: NIfTI and DICOM hold scans, but for DICOM that doesn't say where it lies; other formats hold
     * pictures}
     *
     * @param file the image's file
     * @param grid its grid
     */
    public static ImageKind of(Path file, Grid grid) {
        boolean picture = Images.isSeries(file) ? grid.dimension() == 2 : !Images.isNifti(file);
        if (picture) {
            return PICTURE;
        }
        return grid.dimension() == 3 ? VOLUME : SLICE;
    }

    /**
     * {@return the kind of a model's training images} A 2D model has seen slices of scans if it takes Hounsfield units or a
     * pixel size of scans, else pictures.
     *
     * @param model the description of the model
     */
    public static ImageKind of(ModelDescription model) {
        if (model.shape().dimension() == 3) {
            return VOLUME;
        }
        double[] spacing = model.preprocessing().targetSpacing();
        boolean coarse = spacing != null && Arrays.stream(spacing).allMatch(length -> length >= SMALLEST_SCAN_SPACING);
        return coarse || takesHounsfieldUnits(model) ? SLICE : PICTURE;
    }

    /**
     * {@return whether a model scales intensities by fixed limits that reach below zero, as only CT has them}
     *
     * @param model the description of the model
     */
    public static boolean takesHounsfieldUnits(ModelDescription model) {
        Normalisation normalisation = model.preprocessing().normalisation();
        return (normalisation instanceof Normalisation.Window window && window.low() < 0)
                || (normalisation instanceof Normalisation.ClipStandardise clip && clip.low() < 0);
    }

    /**
     * {@return why the mask of an image may be wrong although the model takes it, a sentence each}
     *
     * @param model the description of the model
     * @param kind the image's
     * @param channels the image's
     */
    public static List<String> warnings(ModelDescription model, ImageKind kind, int channels) {
        List<String> warnings = new ArrayList<>();
        ImageKind trained = of(model);
        if (trained == PICTURE && kind != PICTURE) {
            String how = kind == VOLUME ? ": each slice was segmented as a picture" : "";
            warnings.add("the image is a " + kind.word + (kind == SLICE ? " of a scan" : "") + ", but the model \""
                    + model.name() + "\" was trained on pictures" + how);
        } else if (kind == PICTURE && takesHounsfieldUnits(model)) {
            warnings.add("the image is a picture, but the model \"" + model.name()
                    + "\" was trained on CT in Hounsfield units, which pictures don't have");
        }
        int wanted = model.shape().channels();
        boolean grey = wanted == 3 && trained == PICTURE; // models of colours take grey pictures
        if (channels == 1 && wanted > 1 && !grey) {
            warnings.add("the image has 1 channel, but the model \"" + model.name() + "\" was trained on " + wanted
                    + ": each of them got the same");
        }
        return warnings;
    }
}
