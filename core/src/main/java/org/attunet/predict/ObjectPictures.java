package org.attunet.predict;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.HashSet;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.image.Orientation;
import org.attunet.objects.ObjectMap;
import org.attunet.picture.HeatColours;
import org.attunet.picture.LabelColours;
import org.attunet.picture.Montage;
import org.attunet.picture.Pictures;
import org.attunet.picture.Window;

/** An image with coloured outlines of its objects, whose colours follow from their numbers. */
final class ObjectPictures {
    private static final int SMALL = 6; // pixels across, below which an outline would hide its object
    private static final double INSIDE = 0.5;
    private static final int COLOURS = 0xffff;

    private final Image image; // a volume as its slices lie in the body
    private final ObjectMap objects;
    private final boolean upright;

    /**
     * Keeps image and objects.
     *
     * @param scan whether axes are those of a body, so that slices are turned as radiologists see them
     */
    ObjectPictures(Image image, ObjectMap objects, boolean scan) {
        this.image = image;
        this.objects = objects;
        this.upright = scan && image.grid().dimension() == 3;
    }

    /** At the image's own size; of a volume several slices. */
    BufferedImage overlay() {
        if (image.grid().dimension() == 2) {
            return outlined(Pictures.of(image, window()), objects.numbers(), false);
        }
        LabelMap labels = labels();
        Orientation canonical = canonical();
        return Montage.of(canonical.apply(image), canonical.apply(labels), upright);
    }

    /** At most this many pixels wide and high; of a volume the slice with most of the objects' voxels. */
    BufferedImage thumbnail(int side) {
        Image plane = image;
        int[] numbers = objects.numbers();
        Window window = window();
        if (image.grid().dimension() == 3) {
            Orientation canonical = canonical();
            Image turned = canonical.apply(image);
            LabelMap labels = canonical.apply(labels());
            int z = fullest(labels);
            plane = turned.slice(2, z);
            LabelMap slice = labels.slice(2, z);
            numbers = new int[slice.voxels().length];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = slice.label(i);
            }
        }
        BufferedImage picture = small(plane, numbers, window, side);
        return upright ? turned(picture) : picture;
    }

    private BufferedImage small(Image plane, int[] numbers, Window window, int side) {
        int width = plane.grid().size(0);
        int height = plane.grid().size(1);
        double scale = Math.min(1, (double) side / Math.max(width, height));
        int w = Math.max(1, (int) Math.round(width * scale));
        int h = Math.max(1, (int) Math.round(height * scale));
        BufferedImage picture = shrunk(Pictures.of(plane, window), w, h);
        int[] sampled = new int[w * h];
        for (int y = 0; y < h; y++) {
            int row = Math.min(height - 1, (int) ((y + 0.5) * height / h));
            for (int x = 0; x < w; x++) {
                sampled[y * w + x] = numbers[row * width + Math.min(width - 1, (int) ((x + 0.5) * width / w))];
            }
        }
        return outlined(picture, sampled, meanDiameter(numbers) * scale < SMALL);
    }

    private static double meanDiameter(int[] numbers) {
        long covered = 0;
        var seen = new HashSet<Integer>();
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] != 0) {
                covered++;
                if (i == 0 || numbers[i] != numbers[i - 1]) {
                    seen.add(numbers[i]);
                }
            }
        }
        return Math.sqrt((double) covered / Math.max(1, seen.size()));
    }

    /** Halves a picture until one step to the size remains, so that every pixel counts. */
    private static BufferedImage shrunk(BufferedImage picture, int width, int height) {
        BufferedImage now = picture;
        while (now.getWidth() > width || now.getHeight() > height) {
            int w = Math.max(width, (now.getWidth() + 1) / 2);
            int h = Math.max(height, (now.getHeight() + 1) / 2);
            var next = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = next.createGraphics();
            try {
                graphics.setRenderingHint(
                        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
                graphics.drawImage(now, 0, 0, w, h, null);
            } finally {
                graphics.dispose();
            }
            now = next;
        }
        return now;
    }

    private static BufferedImage turned(BufferedImage picture) {
        var turned = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                turned.setRGB(picture.getWidth() - 1 - x, picture.getHeight() - 1 - y, picture.getRGB(x, y));
            }
        }
        return turned;
    }

    /** Colours the pixels of objects that touch other pixels, or with {@code filled} all, half. */
    private static BufferedImage outlined(BufferedImage picture, int[] numbers, boolean filled) {
        int width = picture.getWidth();
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < width; x++) {
                int number = numbers[y * width + x];
                if (number != 0 && (filled || isBorder(numbers, width, picture.getHeight(), x, y))) {
                    int colour = LabelColours.of(label(number));
                    picture.setRGB(x, y, filled ? HeatColours.mix(picture.getRGB(x, y), colour, INSIDE) : colour);
                }
            }
        }
        return picture;
    }

    private static boolean isBorder(int[] numbers, int width, int height, int x, int y) {
        int at = y * width + x;
        int own = numbers[at];
        return x == 0
                || y == 0
                || x == width - 1
                || y == height - 1
                || numbers[at - 1] != own
                || numbers[at + 1] != own
                || numbers[at - width] != own
                || numbers[at + width] != own;
    }

    private Window window() {
        return image.channels().length == 3 ? Window.ofColour(image) : Window.of(image);
    }

    private Orientation canonical() {
        return upright ? Orientation.canonical(image.grid()) : Orientation.identity(image.grid());
    }

    private LabelMap labels() {
        short[] labels = new short[objects.numbers().length];
        for (int i = 0; i < labels.length; i++) {
            int number = objects.numbers()[i];
            labels[i] = (short) (number == 0 ? 0 : label(number));
        }
        return new LabelMap(objects.grid(), labels);
    }

    private static int label(int number) {
        return 1 + (number - 1) % COLOURS;
    }

    private static int fullest(LabelMap labels) {
        Grid grid = labels.grid();
        int plane = grid.size(0) * grid.size(1);
        int best = grid.size(2) / 2;
        int most = 0;
        for (int z = 0; z < grid.size(2); z++) {
            int count = 0;
            for (int i = z * plane; i < (z + 1) * plane; i++) {
                count += labels.voxels()[i] == 0 ? 0 : 1;
            }
            if (count > most) {
                most = count;
                best = z;
            }
        }
        return best;
    }
}
