import java.nio.file.Path;
import org.attunet.io.Images;
import org.attunet.predict.*;

public class Main {
    public static void main(String[] args) {
        try (Segmenter segmenter = Segmenter.open(Path.of("model.zip"))) {
            Segmentation result = segmenter.segment(Images.read(Path.of("picture.png")));
            Images.write(result.labels(), Path.of("mask.png"));
            System.out.println(result); // voxels, volume and components of each label, confidence, warnings
        }
    }
}
