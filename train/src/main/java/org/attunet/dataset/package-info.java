/** Training data: data sets on disk, splits by case, patch sampling, augmentation and batches made by other threads. */
@NullMarked
package org.attunet.dataset;

import org.jspecify.annotations.NullMarked;
