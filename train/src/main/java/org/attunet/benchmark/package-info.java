/** Timing of training steps and predictions. */
package org.attunet.benchmark;
