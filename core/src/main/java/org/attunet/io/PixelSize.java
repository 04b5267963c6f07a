package org.attunet.io;

import java.util.Locale;
import java.util.Map;
import org.attunet.image.Grid;
import org.attunet.image.LengthUnit;
import org.jspecify.annotations.Nullable;

/**
 * The physical size of a picture's pixels. Only descriptions made for measuring have one: the resolution of a printed page or
 * a screen (dpi) isn't the size of what is shown.
 *
 * @param x the distance of neighbours in a stored row, in the unit
 * @param y the distance of rows
 * @param z the distance of slices; NaN if the file doesn't say
 */
record PixelSize(double x, double y, double z, LengthUnit unit) {
    private static final Map<String, Double> MILLIMETRES = Map.ofEntries(
            Map.entry("m", 1000.0),
            Map.entry("cm", 10.0),
            Map.entry("mm", 1.0),
            Map.entry("µm", 1e-3),
            Map.entry("nm", 1e-6),
            Map.entry("Å", 1e-7),
            Map.entry("inch", 25.4));
    private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
            Map.entry("um", "µm"),
            Map.entry("μm", "µm"), // a Greek letter in place of the micro sign
            Map.entry("\\u00b5m", "µm"),
            Map.entry("micron", "µm"),
            Map.entry("microns", "µm"),
            Map.entry("micrometer", "µm"),
            Map.entry("micrometers", "µm"),
            Map.entry("millimeter", "mm"),
            Map.entry("nanometer", "nm"),
            Map.entry("in", "inch"));

    /**
     * The size in a unit by its name.
     *
     * @return null if the unit isn't one of length, or a number isn't positive
     */
    static @Nullable PixelSize of(double x, double y, double z, String unitName) {
        String lower = unitName.strip().toLowerCase(Locale.ROOT).replace("å", "Å");
        String name = OTHER_NAMES.getOrDefault(lower, lower);
        Double millimetres = MILLIMETRES.get(name);
        if (millimetres == null || !isLength(x) || !isLength(y)) {
            return null;
        }
        LengthUnit unit = millimetres < 1 ? LengthUnit.MICROMETRE : LengthUnit.MILLIMETRE;
        double factor = millimetres < 1 ? millimetres * 1000 : millimetres;
        return new PixelSize(x * factor, y * factor, isLength(z) ? z * factor : Double.NaN, unit);
    }

    private static boolean isLength(double value) {
        return value > 0 && value <= Float.MAX_VALUE;
    }

    /** The size of a picture whose rows and columns change places. */
    PixelSize turned() {
        return new PixelSize(y, x, z, unit);
    }

    /** The grid of pictures; without a physical size if there is none or the distance of several slices is unknown. */
    static Grid grid(int width, int height, int slices, @Nullable PixelSize size) {
        int[] sizes = slices == 1 ? new int[] {width, height} : new int[] {width, height, slices};
        if (size == null || (slices > 1 && Double.isNaN(size.z))) {
            return Grid.ofPixels(sizes);
        }
        double[] spacing = slices == 1 ? new double[] {size.x, size.y} : new double[] {size.x, size.y, size.z};
        return Grid.of(sizes, spacing, size.unit);
    }
}
