package org.attunet.train;

/**
 * Something wrong with a training that would otherwise go by in silence.
 *
 * @param step at which it was seen
 * @param about what it concerns, by which a later warning of the same thing is known
 * @param text what happened and what can be done, as sentences
 */
public record TrainingWarning(long step, String about, String text) {}
