package org.attunet.train;

/** Hears how a training goes, on the thread that trains. */
public interface TrainingListener {
    /** Nobody listens. */
    TrainingListener NONE = new TrainingListener() {};

    /** Cases are being read and prepared. */
    default void prepared(int done, int total) {}

    /** Weights were taken over from another model, before the first step. */
    default void takenOver(TransferReport taken) {}

    /**
     * A step was taken.
     *
     * @param step steps done
     * @param progress of the whole run, 0 to 1
     * @param minutes spent so far
     * @param loss of this step
     */
    default void stepped(long step, double progress, double minutes, double loss) {}

    /**
     * The validation cases were predicted.
     *
     * @param dice their mean Dice, 0 to 1
     * @param best whether it is the best so far
     */
    default void validated(long step, double dice, boolean best) {}

    /**
     * Everything that the training needs to go on stands in the run folder; nothing in it is written before this returns.
     * Only rank 0's listener hears of it, and the other ranks wait as long as it takes.
     */
    default void saved(long step) {}

    /** Something is wrong with the training that nobody would see by its numbers; heard of once, and again at the end. */
    default void warned(TrainingWarning warning) {}
}
