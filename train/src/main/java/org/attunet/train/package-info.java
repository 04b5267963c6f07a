/** Training: {@link org.attunet.train.Trainer} on one screen, what it is made of, and the run folder that it leaves. */
package org.attunet.train;
