package org.attunet.predict;

import java.util.Locale;

/** The kinds of traits that images are compared by with the training cases. */
enum TraitKind {
    /** Percentiles of the normalised intensities. */
    INTENSITY("its intensities", 0.05),
    /** How much neighbouring voxels differ. */
    TEXTURE("its texture", 0.05),
    /** How much channels differ. */
    COLOUR("how its channels differ", 0.05),
    /** The logarithm of the extent along an axis. */
    SIZE("its size", Math.log(2)),
    /** The logarithm of the distance of voxels along an axis. */
    SPACING("its spacing", Math.log(1.25)),
    /** What the network makes of it. */
    RESPONSE("the network's response", 0.05);

    private final String words;
    private final double least;

    TraitKind(String words, double least) {
        this.words = words;
        this.least = least;
    }

    /** The kind for a sentence that ends with it. */
    String words() {
        return words;
    }

    /** The least half width of a trait's range, so that equal training cases leave some room. */
    double least() {
        return least;
    }

    /** The full name of a trait of this kind. */
    String named(String trait) {
        return name().toLowerCase(Locale.ROOT) + " " + trait;
    }

    /** The kind of a trait by its full name. */
    static TraitKind of(String name) {
        return valueOf(name.substring(0, name.indexOf(' ')).toUpperCase(Locale.ROOT));
    }
}
