import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.Random;
import javax.imageio.ImageIO;

/** Draws two pictures of blobs, like nuclei in fluorescence: {@code java Blobs.java FOLDER}. */
public final class Blobs {
    private Blobs() {}

    /** Takes the folder, which must exist. */
    public static void main(String[] args) throws IOException {
        for (int seed = 1; seed <= 2; seed++) {
            var random = new Random(seed);
            var picture = new BufferedImage(160, 128, BufferedImage.TYPE_INT_RGB);
            Graphics2D g = picture.createGraphics();
            for (int k = 0; k < 25; k++) {
                int grey = 90 + random.nextInt(130);
                g.setColor(new Color(grey, grey, grey));
                g.fillOval(random.nextInt(150), random.nextInt(118), 10 + random.nextInt(12), 10 + random.nextInt(12));
            }
            g.dispose();
            ImageIO.write(picture, "png", new File(args[0], "blobs-" + seed + ".png"));
        }
    }
}
