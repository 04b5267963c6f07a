package org.attunet.io;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LengthUnit;
import org.jspecify.annotations.Nullable;

/**
 * The physical size of a picture's pixels. Of what files hold, only descriptions made for measuring have one: the resolution of a printed page or
 * a screen (dpi) isn't the size of what is shown.
 *
 * @param x the distance of neighbours in a stored row, in the unit
 * @param y the distance of rows
 * @param z the distance of slices; NaN if the file doesn't say
 * @serial exclude
 */
public record PixelSize(double x, double y, double z, LengthUnit unit) implements Serializable {
    /** What {@link #of(String)} takes, for failures. */
    public static final String EXPECTED =
            "a pixel size with its unit, such as 0.5um, 0.5x0.4um or 0.00065mm (units: nm,"
                    + " um, mm, cm, m; from 0.01 nm to 1 m)";

    private static final Pattern TEXT = Pattern.compile("([0-9.eE+-]+)(?:x([0-9.eE+-]+))?(?:x([0-9.eE+-]+))?(\\p{L}+)");

    /** The shortest and the longest side of a pixel that is believed, in mm: 0.01 nm and 1 m. */
    private static final double SHORTEST = 1e-8;

    private static final double LONGEST = 1000;

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
     * @param x the distance of neighbours in a row
     * @param y the distance of rows
     * @param z the distance of slices; NaN if it is unknown
     * @param unitName such as {@code micron} or {@code mm}
     * @return null if the unit isn't one of length, or a number isn't positive
     */
    public static @Nullable PixelSize of(double x, double y, double z, String unitName) {
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

    /**
     * The size in a text such as {@code 0.5um}, {@code 0.5x0.4um} (x first) or {@code 0.5x0.5x2um}; one number is the side
     * of a square pixel.
     *
     * @param text such as {@code 0.5um}
     * @return null if the text is something else, lacks a unit of length, or a length is below 0.01 nm or above 1 m
     */
    @JsonCreator
    public static @Nullable PixelSize of(String text) {
        Matcher parts = TEXT.matcher(text.replace(" ", ""));
        if (!parts.matches()) {
            return null;
        }
        try {
            double x = Double.parseDouble(parts.group(1));
            double y = parts.group(2) == null ? x : Double.parseDouble(parts.group(2));
            double z = parts.group(3) == null ? Double.NaN : Double.parseDouble(parts.group(3));
            PixelSize size = of(x, y, z, parts.group(4));
            boolean believed = size != null
                    && size.isBelieved(size.x)
                    && size.isBelieved(size.y)
                    && (parts.group(3) == null || size.isBelieved(size.z));
            return believed ? size : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private boolean isBelieved(double length) {
        double mm = unit.toMillimetres(length);
        return mm >= SHORTEST && mm <= LONGEST;
    }

    private static boolean isLength(double value) {
        return value > 0 && value <= Float.MAX_VALUE;
    }

    /**
     * A grid with this size unless it has one of its own.
     *
     * @param file named in the failure
     * @throws AttunetException if the grid is a stack and the distance of slices is unknown
     */
    Grid appliedTo(Path file, Grid grid) {
        if (grid.hasPhysicalSize()) {
            return grid;
        }
        if (grid.dimension() == 3 && Double.isNaN(z)) {
            throw new AttunetException(
                    file,
                    "a stack of " + grid.size(2) + " slices, but a pixel size of two axes",
                    "three lengths, such as 0.5x0.5x2um",
                    "give the distance of the slices as the third");
        }
        return grid(grid.size(0), grid.size(1), grid.dimension() == 2 ? 1 : grid.size(2), this);
    }

    /** As {@link #of(String)} reads it, such as {@code 0.5x0.4um}. */
    @JsonValue
    @Override
    public String toString() {
        return x + "x" + y + (Double.isNaN(z) ? "" : "x" + z) + (unit == LengthUnit.MICROMETRE ? "um" : "mm");
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
