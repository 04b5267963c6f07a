package org.attunet.io;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.attunet.error.AttunetException;
import org.attunet.image.Grid;
import org.attunet.image.LabelMap;
import org.attunet.image.Lattice;
import org.attunet.image.Orientation;
import org.attunet.image.Sizes;
import org.jspecify.annotations.Nullable;

/**
 * How the voxels of a file lie on the grid of an image, by both headers. The same points in another order or direction of
 * axes are turned, which moves no voxel in the world. A mask without a position of its own is taken voxel for voxel: a
 * picture, a NIfTI file whose codes of sform and qform are 0, or one with the affine that programs write for want of a
 * better one (spacing 1 from the origin, in the directions of nibabel or of ITK). Anything else is refused.
 *
 * @param kind of the agreement
 * @param turn from the file's grid to the image's; changes nothing unless the kind is {@link Kind#TURNED}
 */
public record Placement(Kind kind, Orientation turn) {
    /** What the headers of a file and its image have in common. */
    public enum Kind {
        /** The same grid, to a hundredth of a voxel; or two pictures of one size. */
        EQUAL,
        /** The same points, with axes in another order or direction. */
        TURNED,
        /** One size, and the mask or the image has no position. */
        UNPLACED
    }

    private static final String MASK_REMEDY =
            "export the mask in its image's geometry; if it was drawn on these voxels,"
                    + " copy the image's header to it, for instance by 'fslcpgeom IMAGE MASK'";

    /**
     * Compares the headers of a mask and its image.
     *
     * @param mask its file
     * @param image its file
     * @return how the mask lies on the image
     * @throws AttunetException if a header can't be read, the sizes differ, or both have positions that differ
     */
    public static Placement ofMask(Path mask, Path image) {
        Images.Header own = Images.readHeader(mask);
        Images.Header other = Images.readHeader(image);
        @Nullable Kind kind = kind(mask, own, image, other);
        if (kind == null && sameSizes(own.grid(), other.grid()) && (!hasPlace(own) || !other.oriented())) {
            kind = Kind.UNPLACED;
        }
        if (kind == null) {
            throw sameSizes(own.grid(), other.grid())
                    ? new AttunetException(
                            mask,
                            "its header places the mask up to " + distance(own, other) + " from its image",
                            "the points of " + image + ", in any order and direction of axes",
                            MASK_REMEDY)
                    : new AttunetException(
                            mask,
                            "the mask's size is " + Sizes.text(own.grid().size()),
                            Sizes.text(other.grid().size()) + " as its image " + image + " has",
                            "export the mask on the image's own grid");
        }
        return placed(kind, own.grid(), other.grid());
    }

    /**
     * Compares the headers of a channel's file and the first channel's.
     *
     * @throws AttunetException if a header can't be read, or the files don't hold the same points
     */
    static Placement ofChannel(Path file, Path first) {
        Images.Header own = Images.readHeader(file);
        Images.Header other = Images.readHeader(first);
        @Nullable Kind kind = kind(file, own, first, other);
        if (kind == null) {
            String sizes = Sizes.text(own.grid().size());
            boolean resized = !sameSizes(own.grid(), other.grid());
            throw new AttunetException(
                    file,
                    resized
                            ? "the size is " + sizes
                            : "its affine differs from the first channel's by up to " + distance(own, other),
                    (resized ? Sizes.text(other.grid().size()) : "the affine") + " of " + first
                            + ", in any order and direction of axes",
                    "resample the channels to one grid");
        }
        return placed(kind, own.grid(), other.grid());
    }

    /**
     * {@return the placement of what lies on an image's own grid}
     *
     * @param grid the image's
     */
    public static Placement equal(Grid grid) {
        return new Placement(Kind.EQUAL, Orientation.identity(grid));
    }

    private static Placement placed(Kind kind, Grid own, Grid other) {
        return new Placement(
                kind, kind == Kind.TURNED ? Lattice.turn(own, other).orElseThrow() : Orientation.identity(own));
    }

    private static @Nullable Kind kind(Path file, Images.Header own, Path image, Images.Header other) {
        boolean pictures = !own.oriented() && !other.oriented() && !Images.isNifti(file) && !Images.isNifti(image);
        if (Lattice.equal(own.grid(), other.grid()) || (pictures && sameSizes(own.grid(), other.grid()))) {
            return Kind.EQUAL;
        }
        return own.oriented()
                        && other.oriented()
                        && Lattice.turn(own.grid(), other.grid()).isPresent()
                ? Kind.TURNED
                : null;
    }

    /** Whether the affine is more than what programs write for want of one. */
    private static boolean hasPlace(Images.Header mask) {
        Grid plain = Grid.of(mask.grid().size());
        double[][] affine = {{-1, 0, 0, 0}, {0, -1, 0, 0}, {0, 0, 1, 0}};
        return mask.oriented()
                && !mask.grid().sameAs(plain, 0)
                && !mask.grid().sameAs(Grid.ofAffine(plain.size(), affine), 0);
    }

    private static boolean sameSizes(Grid one, Grid other) {
        return Arrays.equals(one.size(), other.size());
    }

    private static String distance(Images.Header own, Images.Header other) {
        return String.format(Locale.ROOT, "%.3g voxels", Lattice.displacement(own.grid(), other.grid()));
    }

    /**
     * {@return the mask's labels on the image's grid}
     *
     * @param labels on the mask's grid
     * @param image the image's grid
     */
    public LabelMap apply(LabelMap labels, Grid image) {
        return labels.with(image, turn.apply(labels).voxels());
    }
}
