/** Training: the loop of {@link org.attunet.train.Trainer}, its parts, and the run folder that it writes. */
package org.attunet.train;
