package org.attunet.metrics;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.attunet.error.ConfigException;
import org.attunet.image.Grid;
import org.attunet.image.LengthUnit;
import org.jspecify.annotations.Nullable;

/**
 * The tolerance of the normalised surface Dice.
 *
 * @param given in mm, or in pixels of images without a physical size; 0 or more. Null for the default, which suits the image:
 *     1 mm; one pixel without a physical size; the longest side of a pixel whose sides are in micrometres ({@link
 *     LengthUnit#isMicroscopic})
 * @serial exclude
 */
public record Tolerance(@Nullable Double given) implements Serializable {
    private static final int SHOWN = 3;

    /** The tolerance that suits each image. */
    public static final Tolerance DEFAULT = new Tolerance(null);

    /**
     * Checks the components.
     *
     * @param given in mm, or in pixels of images without a physical size; 0 or more. Null for the default, which suits the
     *     image: 1 mm; one pixel without a physical size; the longest side of a pixel whose sides are in micrometres
     *     ({@link LengthUnit#isMicroscopic})
     */
    public Tolerance {
        if (given != null && (!(given >= 0) || Double.isInfinite(given))) {
            throw new ConfigException("tolerance", given, "a length of 0 or more");
        }
    }

    /**
     * {@return a given tolerance, in mm or in pixels of images without a physical size}
     *
     * @param length the length
     */
    public static Tolerance of(double length) {
        return new Tolerance(length);
    }

    /** The tolerance for an image, in mm or pixels. */
    double on(Grid grid) {
        if (given != null) {
            return given;
        }
        boolean microscopic = grid.hasPhysicalSize() && LengthUnit.isMicroscopic(grid.spacing());
        return microscopic ? Arrays.stream(grid.spacing()).max().orElse(1) : 1;
    }

    /**
     * {@return the tolerances of results with their units, such as {@code 1 mm} or {@code 0.5 µm, 1 px}; of many, the first
     * three}
     *
     * @param cases the results of the cases
     */
    public static String text(Collection<CaseResult> cases) {
        List<String> all = cases.stream()
                .flatMap(one -> one.labels().values().stream())
                .map(Tolerance::text)
                .distinct()
                .toList();
        return String.join(", ", all.subList(0, Math.min(SHOWN, all.size()))) + (all.size() > SHOWN ? ", …" : "");
    }

    private static String text(LabelMetrics metrics) {
        if (metrics.physical()) {
            return metrics.tolerance() == 0 ? "0 mm" : LengthUnit.text(metrics.tolerance());
        }
        return String.valueOf(metrics.tolerance()).replaceAll("\\.0$", "") + " px";
    }
}
