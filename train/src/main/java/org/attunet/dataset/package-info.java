/** Data sets on disk: their cases, checks, splits and folds, and the fingerprint that plans follow from. */
@NullMarked
package org.attunet.dataset;

import org.jspecify.annotations.NullMarked;
