package org.attunet.predict;

/**
 * What {@link FolderPrediction} does beside predicting.
 *
 * @param progress told of each image when it's done
 */
public record FolderOptions(Progress progress) {

    /** Someone who follows the work. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Called after each image, by the thread that predicts.
         *
         * @param outcome what became of it
         * @param done the number of images that are done, this one counted
         * @param total the number of all images
         */
        void done(Outcome outcome, int done, int total);
    }

    /** Nobody follows. */
    public static FolderOptions defaults() {
        return new FolderOptions((outcome, done, total) -> {});
    }

    /** A copy that tells someone else. */
    public FolderOptions withProgress(Progress other) {
        return new FolderOptions(other);
    }
}
