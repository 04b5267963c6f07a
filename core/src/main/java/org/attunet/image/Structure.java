package org.attunet.image;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One label of a mask, measured.
 *
 * @param value the label's value in the mask
 * @param name the label's name
 * @param voxels the number of voxels of the label
 * @param components the number of pieces, connected through faces
 * @param grid the mask's grid
 */
public record Structure(int value, String name, long voxels, int components, Grid grid) {
    private static final int DIGITS = 4;

    /**
     * Measures all labels, including those without voxels.
     *
     * @param mask the mask
     * @param labels the labels
     * @return in the order of their values
     */
    public static List<Structure> of(LabelMap mask, LabelSet labels) {
        long[] voxels = new long[1 << 16];
        for (short voxel : mask.voxels()) {
            voxels[Short.toUnsignedInt(voxel)]++;
        }
        if (labels.hasRegions()) {
            return ofRegions(mask, labels, voxels);
        }
        int[] components = Components.counts(mask);
        List<Structure> structures = new ArrayList<>();
        labels.asMap()
                .forEach((value, name) ->
                        structures.add(new Structure(value, name, voxels[value], components[value], mask.grid())));
        return structures;
    }

    private static List<Structure> ofRegions(LabelMap mask, LabelSet labels, long[] voxels) {
        return labels.regions().stream()
                .map(region -> new Structure(
                        region.value(),
                        region.name(),
                        region.covers().stream()
                                .mapToLong(value -> voxels[value])
                                .sum(),
                        Components.counts(labels.maskOf(mask, region.value()))[1],
                        mask.grid()))
                .toList();
    }

    /** {@return the volume, or the area of a 2D image, in {@link #unit}} */
    public double volume() {
        double volume = voxels;
        for (double spacing : grid.spacing()) {
            volume *= grid.unit().fromMillimetres(spacing);
        }
        return volume;
    }

    /**
     * {@return the unit of the volume, from that of the image's file: {@code mm³}, {@code µm²}, {@code px²} without a
     * physical size}
     */
    public String unit() {
        return grid.unit().symbol() + (grid.dimension() == 3 ? "³" : "²");
    }

    /** {@return the volume in ml; null for 2D images and images without a physical size} */
    public @Nullable Double millilitres() {
        return grid.hasPhysicalSize() && grid.dimension() == 3 ? (Double) (voxels * (grid.voxelVolume() / 1000)) : null;
    }

    /** {@return the area in mm²; null for volumes and images without a physical size} */
    public @Nullable Double squareMillimetres() {
        return grid.hasPhysicalSize() && grid.dimension() == 2 ? (Double) (voxels * grid.voxelVolume()) : null;
    }

    /** {@return the volume or area with its unit and at least 4 digits, such as {@code 1432 mm³} or {@code 0.1234 µm²}} */
    public String volumeText() {
        double volume = volume();
        int exponent = volume > 0 ? (int) Math.floor(Math.log10(volume)) : 0;
        BigDecimal rounded = new BigDecimal(volume)
                .setScale(Math.max(0, DIGITS - 1 - exponent), java.math.RoundingMode.HALF_EVEN)
                .stripTrailingZeros();
        return rounded.toPlainString() + " " + unit();
    }

    /** Such as {@code 1 anterior: 1432 voxels, 1432 mm³, 1 component}. */
    @Override
    public String toString() {
        String element = grid.dimension() == 3 ? "voxel" : "pixel";
        return value + " " + name + ": " + counted(voxels, element) + ", " + volumeText() + ", "
                + counted(components, "component");
    }

    private static String counted(long count, String noun) {
        return count + " " + noun + (count == 1 ? "" : "s");
    }
}
