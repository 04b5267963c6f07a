package org.attunet.plan;

import java.util.Locale;
import java.util.Map;
import org.attunet.dataset.Fingerprint;
import org.attunet.dataset.Fingerprint.Structure;

/**
 * Chooses the size at which pictures of few, large objects are worked on: a patch at full size shows a part of such an
 * object, which tells little, and most of its pixels tell the same.
 *
 * @param reasons receives the reason
 */
record Reduction(Fingerprint data, Map<String, String> reasons) {
    private static final String SETTING = "preprocessing.resize";

    /** The breadth in pixels to which large objects are reduced, about. */
    private static final double BREADTH = 32;

    /** The fewest pixels that the smallest label of a case keeps. */
    private static final double LEAST_AREA = 24;

    /** The fewest pixels that the shorter side of the median picture keeps. */
    private static final double LEAST_SIDE = 64;

    /** From so many objects in a picture, the surroundings of one say little. */
    private static final int MANY_PIECES = 8;

    /**
     * 1, 1/2, 1/4 and so on.
     *
     * @param spacing of pixels in mm; 1 without a physical size
     */
    double factor(double spacing) {
        double breadth = data.structures().stream()
                        .mapToDouble(Structure::breadth)
                        .filter(b -> b > 0)
                        .min()
                        .orElse(0)
                / spacing;
        int halvings = (int) Math.max(0, Math.round(Math.log(breadth / BREADTH) / Math.log(2)));
        if (halvings == 0 || data.pieces().count() >= MANY_PIECES) {
            reasons.put(SETTING, "Pictures keep their size: " + why(breadth));
            return 1;
        }
        double side = Math.min(middle(data.sizes(0)), middle(data.sizes(1)));
        double area = data.structures().stream()
                .mapToLong(Structure::smallest)
                .filter(n -> n > 0)
                .min()
                .orElse(0);
        double factor = Math.pow(0.5, halvings);
        while (factor < 1 && (side * factor < LEAST_SIDE || area * factor * factor < LEAST_AREA)) {
            factor *= 2;
        }
        if (factor == 1) {
            reasons.put(SETTING, "Pictures keep their size, because reduced ones would lose small labels.");
            return factor;
        }
        reasons.put(
                SETTING,
                String.format(
                        Locale.ROOT,
                        "Labelled areas are about %.0f pixels broad, large beside a patch; at 1/%d of the size a patch shows"
                                + " whole ones with their surroundings, and a step goes over more cases. Masks are at full"
                                + " size. --resize 1 keeps the size.",
                        breadth,
                        Math.round(1 / factor)));
        return factor;
    }

    private String why(double breadth) {
        return data.pieces().count() >= MANY_PIECES
                ? "the median one has " + data.pieces().count() + " objects."
                : String.format(Locale.ROOT, "labelled areas are about %.0f pixels broad.", breadth);
    }

    private static double middle(double[] sorted) {
        return sorted[sorted.length / 2];
    }
}
