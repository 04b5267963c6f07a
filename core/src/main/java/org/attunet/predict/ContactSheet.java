package org.attunet.predict;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The objects of a folder's images on one self-contained HTML page: a thumbnail of each image with its objects' outlines, their
 * count, mean size and confidence, and what the user should know.
 *
 * <p>Thumbnails are JPEG of at most {@value #MOST_SIDE} pixels a side, at most {@value #MOST_BYTES} bytes each and {@value
 * #MOST_TOGETHER} together: the more images, the smaller they are. Images whose thumbnails would be of fewer than {@value
 * #LEAST_SIDE} pixels a side have none.
 */
public final class ContactSheet {
    /** The file's name. */
    public static final String NAME = "index.html";

    /** By which a page of this program is known again. */
    static final String MARK = "<meta name=\"generator\" content=\"attunet objects\"/>";

    private static final int MOST_SIDE = 288;
    private static final int LEAST_SIDE = 32;
    private static final int MOST_BYTES = 32 << 10;
    private static final int MOST_TOGETHER = 32 << 20;
    private static final float[] QUALITIES = {0.85f, 0.7f, 0.5f};

    private final int budget;
    private final List<byte @Nullable []> thumbnails = new ArrayList<>();
    private byte @Nullable [] next;

    /**
     * A page without images.
     *
     * @param images how many there will be
     */
    ContactSheet(int images) {
        budget = Math.min(MOST_BYTES, MOST_TOGETHER / Math.max(1, images));
    }

    /** Draws the thumbnail of the image that is finished next. */
    void draw(ObjectPictures picture) {
        for (int side = MOST_SIDE; side >= LEAST_SIDE; side = side * 3 / 4) {
            BufferedImage small = picture.thumbnail(side);
            for (float quality : QUALITIES) {
                byte[] bytes = jpeg(small, quality);
                if (bytes.length <= budget) {
                    next = bytes;
                    return;
                }
            }
        }
    }

    /** Ends an image, with the thumbnail that was drawn for it if there is one. */
    void finish() {
        thumbnails.add(next);
        next = null;
    }

    private static byte[] jpeg(BufferedImage picture, float quality) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        var bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam settings = writer.getDefaultWriteParam();
            settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            settings.setCompressionQuality(quality);
            writer.setOutput(out);
            writer.write(null, new IIOImage(picture, null, null), settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /** The page of the images in the order in which they were finished. */
    byte[] page(List<CasePrediction> predictions) {
        var page = new ByteArrayOutputStream();
        long failed = predictions.stream().filter(CasePrediction::failed).count();
        long count = predictions.stream()
                .map(CasePrediction::objects)
                .filter(Objects::nonNull)
                .mapToLong(CaseObjects::count)
                .sum();
        String title = String.format(
                Locale.ROOT,
                "%,d %s in %,d %s",
                count,
                count == 1 ? "object" : "objects",
                predictions.size() - failed,
                predictions.size() - failed == 1 ? "image" : "images");
        add(page, HEAD.replace("TITLE", title));
        add(page, "<h1>" + title + "</h1>\n");
        if (failed > 0) {
            add(page, "<p class=\"bad\">" + failed + (failed == 1 ? " image" : " images") + " failed.</p>\n");
        }
        add(page, "<main>\n");
        for (int k = 0; k < predictions.size(); k++) {
            add(page, figure(predictions.get(k), thumbnails.get(k)));
        }
        add(page, "</main>\n</body>\n</html>\n");
        return page.toByteArray();
    }

    private static void add(ByteArrayOutputStream page, String text) {
        page.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String figure(CasePrediction one, byte @Nullable [] thumbnail) {
        String name = escape(one.name());
        var text = new StringBuilder("<figure>\n<div class=\"picture\">");
        if (thumbnail != null) {
            text.append("<img alt=\"").append(name).append("\" src=\"data:image/jpeg;base64,");
            text.append(Base64.getEncoder().encodeToString(thumbnail)).append("\"/>");
        } else {
            text.append("<span>no picture</span>");
        }
        text.append("</div>\n<figcaption><h2 title=\"").append(name).append("\"><bdi>");
        text.append(name).append("</bdi></h2>\n");
        CaseObjects objects = one.objects();
        if (objects != null) {
            text.append("<p>").append(facts(objects)).append("</p>\n");
        }
        one.warnings()
                .forEach(warning -> text.append("<p class=\"warning\">")
                        .append(escape(warning))
                        .append("</p>\n"));
        if (one.error() != null) {
            text.append("<p class=\"bad\">")
                    .append(escape(Objects.toString(one.error().getMessage(), "")))
                    .append("</p>\n");
        }
        return text.append("</figcaption>\n</figure>\n").toString();
    }

    private static String facts(CaseObjects objects) {
        var text = new StringBuilder(String.format(
                Locale.ROOT, "<b>%,d</b> %s", objects.count(), objects.count() == 1 ? "object" : "objects"));
        if (objects.counts().size() > 1) {
            List<String> each = new ArrayList<>();
            objects.counts().forEach((label, count) -> each.add(escape(label) + " " + count));
            text.append(" (").append(String.join(", ", each)).append(')');
        }
        Double size = objects.meanSize();
        if (size != null) {
            text.append(String.format(
                    Locale.ROOT,
                    "<br/>mean %s, \u2300 %s",
                    measure(size, objects.unit()),
                    measure(Objects.requireNonNull(objects.diameter()), objects.lengthUnit())));
        }
        Double confidence = objects.confidence();
        if (confidence != null) {
            text.append(String.format(Locale.ROOT, "<br/>confidence %.2f", confidence));
        }
        return text.toString();
    }

    /** A number with three digits and its unit. */
    private static String measure(double value, String unit) {
        int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 4;
        return String.format(Locale.ROOT, "%,." + decimals + "f %s", value, unit);
    }

    private static String escape(String text) {
        var out = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                default ->
                    out.appendCodePoint(
                            c < ' ' || (c >= 0xD800 && c <= 0xDFFF) || c == 0xFFFE || c == 0xFFFF ? 0xFFFD : c);
            }
        });
        return out.toString();
    }

    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            """ + MARK + """

            <title>TITLE</title>
            <style>
            body { margin: 24px; font: 14px/1.4 system-ui, sans-serif; color: #1d2433; background: #f5f6f8; }
            h1 { font-size: 22px; margin: 0 0 16px; }
            main { display: grid; grid-template-columns: repeat(auto-fill, minmax(288px, 1fr)); gap: 16px; }
            figure { margin: 0; background: #fff; border: 1px solid #d5d9e0; border-radius: 6px; overflow: hidden; }
            .picture { height: 288px; background: #14171d; display: flex; align-items: center; justify-content: center; color: #b8bfcb; }
            .picture img { max-width: 100%; max-height: 100%; }
            figcaption { padding: 10px 12px; }
            h2 { font-size: 14px; margin: 0 0 4px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
            p { margin: 0 0 6px; overflow-wrap: anywhere; }
            .warning { color: #8a5300; }
            .bad { color: #b3261e; }
            </style>
            </head>
            <body>
            """;
}
