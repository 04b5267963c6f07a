package org.attunet.predict;

/**
 * What {@link FolderPrediction} does beside predicting.
 *
 * @param progress told of each image when it's done
 * @param planning told how each image is about to be computed
 */
public record FolderOptions(Progress progress, Planning planning) {
    /** Someone who wants to know how images are computed. */
    @FunctionalInterface
    public interface Planning {
        /**
         * Called for each image that could be read, by the thread that predicts.
         *
         * @param name the image's name without its suffix
         * @param plan the blocks and the memory that they take
         */
        void planned(String name, TilePlan plan);
    }

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
        return new FolderOptions((outcome, done, total) -> {}, (name, plan) -> {});
    }

    /** A copy that tells someone else. */
    public FolderOptions withProgress(Progress other) {
        return new FolderOptions(other, planning);
    }

    /** A copy that tells someone else how images are computed. */
    public FolderOptions withPlanning(Planning other) {
        return new FolderOptions(progress, other);
    }
}
