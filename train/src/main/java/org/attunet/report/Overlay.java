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
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.attunet.image.Image;
import org.attunet.image.LabelMap;
import org.attunet.picture.HeatColours;
import org.attunet.picture.Pictures;
import org.attunet.picture.Window;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of one slice of an image, with or without masks and attention.
 *
 * <p>Of a volume it shows the slice with the most labelled voxels, seen from the patient's feet. Dark margins are cut off,
 * pixels are square, and the longer side has 384 to 512 pixels. Truth is bluish green and prediction orange, which colour-blind
 * eyes tell apart; if both are shown, the truth is an area and the prediction a line.
 *
 * <p>Immutable and thread-safe; needs no display.
 */
public final class Overlay {
    /** The truth's colour. */
    public static final Color TRUTH = new Color(0x1fd6a0);

    /** The prediction's colour. */
    public static final Color PREDICTION = new Color(0xff9f1c);

    private static final int MIN_SIDE = 384;
    private static final int MAX_SIDE = 512;
    private static final int DARK = 10;

    private final SlicePlane plane;
    private final @Nullable LabelMap truth;
    private final @Nullable LabelMap prediction;
    private final BufferedImage base;

    private Overlay(
            Image image, @Nullable LabelMap truth, @Nullable LabelMap prediction, Window window, SlicePlane whole) {
        this.truth = truth;
        this.prediction = prediction;
        boolean colour = image.channels().length == 3;
        BufferedImage all = Pictures.of(whole.shown(image), colour ? Window.ofColour(image) : window);
        plane = cutDark(all, whole, truth, prediction);
        int left = plane.columns().from() - whole.columns().from();
        int top = plane.rows().from() - whole.rows().from();
        BufferedImage shown = all.getSubimage(left, top, plane.width(), plane.height());
        double width = plane.width() * Math.max(1, plane.aspect());
        double height = plane.height() * Math.max(1, 1 / plane.aspect());
        double longer = Math.max(width, height);
        double scale = Math.max(MIN_SIDE, Math.min(MAX_SIDE, longer)) / longer;
        base = scaled(
                shown,
                (int) Math.max(1, Math.round(width * scale)),
                (int) Math.max(1, Math.round(height * scale)),
                RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    }

    /** Creates pictures of an image and its masks, in {@link Window#of}. */
    public static Overlay of(Image image, @Nullable LabelMap truth, @Nullable LabelMap prediction) {
        return of(image, truth, prediction, Window.of(image));
    }

    /**
     * Creates pictures of an image and its masks.
     *
     * @param image three channels are shown as red, green and blue (0..1, 0..255 or 0..65535); otherwise the first one is shown
     * @param window the intensities from black to white; ignored for colour images, of which only dark ones are brightened
     * @throws org.attunet.error.AttunetException if a mask's size differs from the image's
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

    /** Returns the number of the shown slice, from 0; 0 for a 2D image. */
    public int slice() {
        return plane.slice();
    }

    /** Draws the image alone. */
    public BufferedImage image() {
        BufferedImage out = new BufferedImage(base.getWidth(), base.getHeight(), BufferedImage.TYPE_INT_RGB);
        base.copyData(out.getRaster());
        return out;
    }

    /** Draws the truth, if there is one, as an outlined translucent area. */
    public BufferedImage truth() {
        return drawn(truth, TRUTH, 0.28f, truth, TRUTH);
    }

    /** Draws the prediction as an outlined translucent area. */
    public BufferedImage prediction() {
        return drawn(prediction, PREDICTION, 0.28f, prediction, PREDICTION);
    }

    /** Draws the truth as a translucent area and the prediction as an outline over it. */
    public BufferedImage comparison() {
        return drawn(truth, TRUTH, 0.42f, prediction, PREDICTION);
    }

    private BufferedImage drawn(
            @Nullable LabelMap area, Color areaColour, float opacity, @Nullable LabelMap outlined, Color lineColour) {
        BufferedImage picture = image();
        fill(picture, area, areaColour, opacity);
        if (outlined != null) {
            Path2D path = Contours.of(outlined, plane);
            stroke(picture, path, new Color(0, 0, 0, 150), 4f); // a dark rim keeps the line visible on white
            stroke(picture, path, lineColour, 2.2f);
        }
        return picture;
    }

    /** Returns the least and the greatest value of a map in the shown slice. */
    public Window heatRange(Image map) {
        double[] values = heat(map);
        double low = Arrays.stream(values).min().orElseThrow();
        double high = Arrays.stream(values).max().orElseThrow();
        return low < high ? new Window(low, high) : new Window(low - 0.5, low + 0.5);
    }

    /**
     * Draws a map as heat, dark for low and bright for high values, with the prediction's outline.
     *
     * @param map on the image's grid; the mean over its channels is shown
     * @param range the coldest and the hottest value
     */
    public BufferedImage attention(Image map, Window range) {
        double[] heat = heat(map);
        BufferedImage levels = new BufferedImage(plane.width(), plane.height(), BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < heat.length; i++) {
            levels.getRaster().setSample(i % plane.width(), i / plane.width(), 0, range.grey(heat[i]));
        }
        BufferedImage smooth =
                scaled(levels, base.getWidth(), base.getHeight(), RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        BufferedImage picture = image();
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

    /** Encodes a picture as a PNG file. */
    public static byte[] png(BufferedImage picture) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(picture, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Encodes a picture as a {@code data:} address. */
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

    /** Cuts off black rows and columns without labels, if that makes the picture noticeably smaller. */
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
                if (brightest > DARK || SlicePlane.labelled(truth, voxel) || SlicePlane.labelled(prediction, voxel)) {
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
        int width = Math.min(plane.width() - 1, right + margin) - left + 1;
        int height = Math.min(plane.height() - 1, bottom + margin) - top + 1;
        boolean worthIt = width > 1 && height > 1 && (double) width * height < 0.9 * plane.width() * plane.height();
        return worthIt ? plane.cut(left, top, width, height) : plane;
    }

    private static BufferedImage scaled(BufferedImage in, int width, int height, Object interpolation) {
        BufferedImage from = in;
        while (from.getWidth() >= 2 * width && from.getHeight() >= 2 * height) {
            // Halving with bilinear interpolation averages 2 x 2 pixels; a larger step would skip some.
            from = resized(
                    from, from.getWidth() / 2, from.getHeight() / 2, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        }
        return resized(from, width, height, interpolation);
    }

    private static BufferedImage resized(BufferedImage in, int width, int height, Object interpolation) {
        boolean grey = in.getType() == BufferedImage.TYPE_BYTE_GRAY;
        BufferedImage out = new BufferedImage(width, height, grey ? in.getType() : BufferedImage.TYPE_INT_RGB);
        Graphics2D g = out.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_INTERPOLATION, interpolation);
        g.drawImage(in, 0, 0, width, height, null);
        g.dispose();
        return out;
    }

    private void stroke(BufferedImage picture, Path2D path, Color colour, float width) {
        Graphics2D g = picture.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        g.setColor(colour);
        g.setStroke(new BasicStroke(width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        g.draw(path.createTransformedShape(AffineTransform.getScaleInstance(
                (double) base.getWidth() / plane.width(), (double) base.getHeight() / plane.height())));
        g.dispose();
    }

    private void fill(BufferedImage picture, @Nullable LabelMap mask, Color colour, float opacity) {
        BufferedImage area = new BufferedImage(plane.width(), plane.height(), BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < plane.height(); y++) {
            for (int x = 0; x < plane.width(); x++) {
                area.setRGB(x, y, SlicePlane.labelled(mask, plane.voxel(x, y)) ? colour.getRGB() : 0);
            }
        }
        Graphics2D g = picture.createGraphics();
        g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, opacity));
        g.drawImage(area, 0, 0, picture.getWidth(), picture.getHeight(), null);
        g.dispose();
    }
}
