package org.attunet.report;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of one slice of an image, alone or under masks and heat.
 *
 * <p>Of a volume the slice with most of truth and prediction is shown, seen from the patient's feet; a dark margin is
 * cut off, pixels are square, and the longer side has 384 to 512 pixels. Truth is bluish green, prediction orange, two
 * colours that colour-blind eyes tell apart; where both are shown the truth is an area and the prediction a line.
 *
 * <p>Immutable; methods may be called from any thread and need no display.
 */
public final class Overlay {
    /** The truth's colour. */
    public static final Color TRUTH = new Color(0x1fd6a0);

    /** The prediction's colour. */
    public static final Color PREDICTION = new Color(0xff9f1c);

    private static final int SMALLEST = 384;
    private static final int LARGEST = 512;
    private static final int DARK = 10;

    private final SlicePlane plane;
    private final @Nullable LabelMap truth;
    private final @Nullable LabelMap prediction;
    private final BufferedImage base;
    private final double scaleX;
    private final double scaleY;

    private Overlay(
            Image image, @Nullable LabelMap truth, @Nullable LabelMap prediction, Window window, SlicePlane whole) {
        this.truth = truth;
        this.prediction = prediction;
        BufferedImage all = render(image, window, whole);
        plane = cutDark(all, whole, truth, prediction);
        BufferedImage shown =
                all.getSubimage(plane.left() - whole.left(), plane.top() - whole.top(), plane.width(), plane.height());
        double aspect = plane.aspect();
        double width = plane.width() * Math.max(1, aspect);
        double height = plane.height() * Math.max(1, 1 / aspect);
        double longer = Math.max(width, height);
        double scale = longer < SMALLEST ? SMALLEST / longer : longer > LARGEST ? LARGEST / longer : 1;
        int pixelsX = (int) Math.max(1, Math.round(width * scale));
        int pixelsY = (int) Math.max(1, Math.round(height * scale));
        scaleX = (double) pixelsX / plane.width();
        scaleY = (double) pixelsY / plane.height();
        base = scaled(shown, pixelsX, pixelsY, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    }

    /** An image and its masks, in the window that suits the image. */
    public static Overlay of(Image image, @Nullable LabelMap truth, @Nullable LabelMap prediction) {
        return of(image, truth, prediction, Window.of(image));
    }

    /**
     * An image and its masks.
     *
     * @param image three channels are shown as red, green and blue (of 0..1, 0..255 or 0..65535), else the first one
     * @param window the intensities from black to white; colour images are shown as they are, only dark ones brighter
     * @throws org.attunet.error.AttunetException where a mask has another size than the image
     */
    public static Overlay of(Image image, @Nullable LabelMap truth, @Nullable LabelMap prediction, Window window) {
        if (truth != null) {
            SlicePlane.check("truth", truth.grid(), image.grid());
        }
        if (prediction != null) {
            SlicePlane.check("prediction", prediction.grid(), image.grid());
        }
        return new Overlay(image, truth, prediction, window, SlicePlane.of(image.grid(), truth, prediction));
    }

    /** The slice that is shown, counted from 0; 0 for a 2D image. */
    public int slice() {
        return plane.slice();
    }

    /** The image alone. */
    public BufferedImage image() {
        return copy();
    }

    /** The image with the truth as outline and translucent area; the image alone where there is no truth. */
    public BufferedImage truth() {
        BufferedImage picture = copy();
        if (truth != null) {
            fill(picture, truth, TRUTH, 0.28f);
            outline(picture, truth, TRUTH);
        }
        return picture;
    }

    /** The image with the prediction as outline and translucent area. */
    public BufferedImage prediction() {
        BufferedImage picture = copy();
        if (prediction != null) {
            fill(picture, prediction, PREDICTION, 0.28f);
            outline(picture, prediction, PREDICTION);
        }
        return picture;
    }

    /** The image with the truth as translucent area and the prediction as outline over it. */
    public BufferedImage comparison() {
        BufferedImage picture = copy();
        if (truth != null) {
            fill(picture, truth, TRUTH, 0.42f);
        }
        if (prediction != null) {
            outline(picture, prediction, PREDICTION);
        }
        return picture;
    }

    /** The image with the outlines of both and no area. */
    public BufferedImage outlines() {
        BufferedImage picture = copy();
        if (truth != null) {
            outline(picture, truth, TRUTH);
        }
        if (prediction != null) {
            outline(picture, prediction, PREDICTION);
        }
        return picture;
    }

    /** The smallest and the largest value of a map in the slice that is shown: what black and white heat stand for. */
    public Window heatRange(Image map) {
        double[] sorted = heat(map);
        Arrays.sort(sorted);
        double low = sorted[0];
        double high = sorted[sorted.length - 1];
        return low < high ? new Window(low, high) : new Window(low - 0.5, low + 0.5);
    }

    /**
     * The image under a map of heat, dark where it is low and bright where it is high, with the prediction's outline.
     *
     * @param map on the image's grid; the mean over channels is shown
     * @param range what is coldest and hottest
     */
    public BufferedImage attention(Image map, Window range) {
        double[] heat = heat(map);
        BufferedImage levels = new BufferedImage(plane.width(), plane.height(), BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < heat.length; i++) {
            levels.getRaster().setSample(i % plane.width(), i / plane.width(), 0, range.grey(heat[i]));
        }
        BufferedImage smooth =
                scaled(levels, base.getWidth(), base.getHeight(), RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        BufferedImage picture = copy();
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                double t = smooth.getRaster().getSample(x, y, 0) / 255.0;
                picture.setRGB(x, y, HeatColours.mix(picture.getRGB(x, y), HeatColours.of(t), 0.4 + 0.3 * t));
            }
        }
        if (prediction != null) {
            stroke(picture, Contours.of(prediction, plane), Color.WHITE, 1.4f);
        }
        return picture;
    }

    /** A picture as a PNG file. */
    public static byte[] png(BufferedImage picture) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new javax.imageio.stream.MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(picture, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail to be written to
        }
        return bytes.toByteArray();
    }

    /** A picture as a {@code data:} address that a page can show without a file. */
    public static String dataUri(BufferedImage picture) {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(png(picture));
    }

    private double[] heat(Image map) {
        SlicePlane.check("attention map", map.grid(), plane.grid());
        double[] heat = new double[plane.width() * plane.height()];
        for (int i = 0; i < heat.length; i++) {
            int voxel = plane.voxel(i % plane.width(), i / plane.width());
            for (float[] channel : map.channels()) {
                heat[i] += channel[voxel] / map.channels().length;
            }
        }
        return heat;
    }

    private static BufferedImage render(Image image, Window window, SlicePlane plane) {
        BufferedImage out = new BufferedImage(plane.width(), plane.height(), BufferedImage.TYPE_INT_RGB);
        boolean colour = image.channels().length == 3;
        Window each = colour ? Window.ofColour(image) : window;
        for (int y = 0; y < plane.height(); y++) {
            for (int x = 0; x < plane.width(); x++) {
                int voxel = plane.voxel(x, y);
                int red = each.grey(image.channel(0)[voxel]);
                int green = colour ? each.grey(image.channel(1)[voxel]) : red;
                int blue = colour ? each.grey(image.channel(2)[voxel]) : red;
                out.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return out;
    }

    /** Cuts rows and columns that are black and hold no mask, if that makes the picture noticeably smaller. */
    private static SlicePlane cutDark(
            BufferedImage picture, SlicePlane plane, @Nullable LabelMap truth, @Nullable LabelMap prediction) {
        int left = plane.width();
        int top = plane.height();
        int right = -1;
        int bottom = -1;
        for (int y = 0; y < plane.height(); y++) {
            for (int x = 0; x < plane.width(); x++) {
                int voxel = plane.voxel(x, y);
                int rgb = picture.getRGB(x, y);
                int brightest = Math.max(rgb >> 16 & 255, Math.max(rgb >> 8 & 255, rgb & 255));
                if (brightest > DARK || SlicePlane.marked(truth, voxel) || SlicePlane.marked(prediction, voxel)) {
                    left = Math.min(left, x);
                    right = Math.max(right, x);
                    top = Math.min(top, y);
                    bottom = Math.max(bottom, y);
                }
            }
        }
        int margin = 2 + Math.max(plane.width(), plane.height()) / 40;
        left = Math.max(0, left - margin);
        top = Math.max(0, top - margin);
        right = Math.min(plane.width() - 1, right + margin);
        bottom = Math.min(plane.height() - 1, bottom + margin);
        boolean worthIt = right > left
                && bottom > top
                && (right - left + 1.0) * (bottom - top + 1) < 0.9 * plane.width() * plane.height();
        return worthIt ? plane.cut(left, top, right - left + 1, bottom - top + 1) : plane;
    }

    private static BufferedImage scaled(BufferedImage in, int width, int height, Object interpolation) {
        BufferedImage from = in;
        while (from.getWidth() >= 2 * width && from.getHeight() >= 2 * height) {
            // halving by bilinear interpolation averages 2 x 2 pixels; a larger step would skip some
            from = resized(
                    from, from.getWidth() / 2, from.getHeight() / 2, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        }
        return resized(from, width, height, interpolation);
    }

    private static BufferedImage resized(BufferedImage in, int width, int height, Object interpolation) {
        BufferedImage out = new BufferedImage(
                width,
                height,
                in.getType() == BufferedImage.TYPE_BYTE_GRAY ? in.getType() : BufferedImage.TYPE_INT_RGB);
        Graphics2D g = out.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, interpolation);
        g.drawImage(in, 0, 0, width, height, null);
        g.dispose();
        return out;
    }

    private BufferedImage copy() {
        BufferedImage out = new BufferedImage(base.getWidth(), base.getHeight(), BufferedImage.TYPE_INT_RGB);
        base.copyData(out.getRaster());
        return out;
    }

    private void outline(BufferedImage picture, LabelMap mask, Color colour) {
        Path2D path = Contours.of(mask, plane);
        stroke(picture, path, new Color(0, 0, 0, 150), 4f); // a dark rim keeps the line visible on white
        stroke(picture, path, colour, 2.2f);
    }

    private void stroke(BufferedImage picture, Path2D path, Color colour, float width) {
        Graphics2D g = picture.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.setColor(colour);
        g.setStroke(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        g.draw(path.createTransformedShape(AffineTransform.getScaleInstance(scaleX, scaleY)));
        g.dispose();
    }

    private void fill(BufferedImage picture, LabelMap mask, Color colour, float opacity) {
        BufferedImage area = new BufferedImage(plane.width(), plane.height(), BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < plane.height(); y++) {
            for (int x = 0; x < plane.width(); x++) {
                area.setRGB(x, y, mask.voxels()[plane.voxel(x, y)] != 0 ? colour.getRGB() : 0);
            }
        }
        Graphics2D g = picture.createGraphics();
        g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, opacity));
        g.drawImage(area, 0, 0, picture.getWidth(), picture.getHeight(), null);
        g.dispose();
    }
}
