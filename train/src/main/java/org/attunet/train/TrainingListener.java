package org.attunet.train;

/** A listener to the course of a training, called on the thread that trains. */
public interface TrainingListener {
    /** Does nothing. */
    TrainingListener NONE = new TrainingListener() {};

    /** A case was read and prepared. */
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
     * The run folder holds everything that is needed to resume; nothing is written there before this returns. Called on
     * rank 0 only, while the other ranks wait without a timeout.
     */
    default void saved(long step) {}

    /** A problem was noticed that the numbers would not show; called at once and again at the end. */
    default void warned(TrainingWarning warning) {}
}
