package example.modular;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.attunet.image.Image;
import org.attunet.io.Images;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;

/** Draws a picture's mask over it: {@code Modular MODEL PICTURE MASK OVERLAY}. */
public final class Modular {
    private Modular() {}

    /** Takes the paths of a bundle, a picture, and of the mask and the overlay to write. */
    public static void main(String[] args) throws IOException {
        try (Segmenter segmenter = Segmenter.open(Path.of(args[0]))) {
            BufferedImage picture = ImageIO.read(Path.of(args[1]).toFile());
            Image image = Images.of(picture);
            Segmentation result = segmenter.segment(image);
            Images.write(result.labels(), Path.of(args[2]));
            ImageIO.write(result.overlay(image), "png", Path.of(args[3]).toFile());
            System.out.println(Segmenter.class.getModule() + ", " + result.structures());
        }
    }
}
