package example;

import java.nio.file.Path;
import org.attunet.io.Images;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;

/** Segments one image: {@code Embed MODEL IMAGE MASK}. */
public final class Embed {
    private Embed() {}

    /** Takes the paths of a bundle, an image and the mask to write. */
    public static void main(String[] args) {
        try (Segmenter segmenter = Segmenter.open(Path.of(args[0]))) {
            Segmentation result = segmenter.segment(Images.read(Path.of(args[1])));
            Images.write(result.labels(), Path.of(args[2]));
            System.out.println(result);
        }
    }
}
