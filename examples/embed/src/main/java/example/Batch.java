package example;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.attunet.bundle.Precision;
import org.attunet.io.Images;
import org.attunet.predict.OnnxOptions;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.predict.SegmenterOptions;

/** Segments a folder's images, several at a time: {@code Batch MODEL IMAGES MASKS}. */
public final class Batch {
    private Batch() {}

    /** Takes the paths of a bundle, of a folder of 2D images and of the folder for the masks. */
    public static void main(String[] args) throws InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        // Many small images are fastest with a thread each, a few large ones with all threads for one image.
        OnnxOptions oneThread = OnnxOptions.defaults().withThreads(1);
        SegmenterOptions options =
                SegmenterOptions.defaults().withMemory(Runtime.getRuntime().maxMemory() / cores);
        ExecutorService threads = Executors.newFixedThreadPool(cores);
        try (Segmenter segmenter = Segmenter.open(Path.of(args[0]), options, oneThread, Precision.FP32)) {
            List<Future<String>> lines = new ArrayList<>();
            for (Path file : Images.list(Path.of(args[1]))) {
                Path mask = Path.of(args[2]).resolve(Images.stem(file) + ".png");
                lines.add(threads.submit(() -> {
                    Segmentation result = segmenter.segment(Images.read(file));
                    Images.write(result.labels(), mask);
                    return file.getFileName() + ": " + result.structures();
                }));
            }
            for (Future<String> line : lines) {
                try {
                    System.out.println(line.get());
                } catch (ExecutionException e) {
                    System.err.println(e.getCause().getMessage()); // names the file; the others go on
                }
            }
        } finally {
            threads.shutdown();
        }
    }
}
