/** What training minimises: Dice, cross-entropy, focal, Tversky and their sums. */
package org.attunet.loss;
