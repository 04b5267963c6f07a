package org.attunet.train;

/**
 * A problem of a training that its numbers would not show.
 *
 * @param step at which it was noticed
 * @param about the subject, the same for later warnings of the same problem
 * @param text what happened and the remedy, in sentences
 */
public record TrainingWarning(long step, String about, String text) {}
