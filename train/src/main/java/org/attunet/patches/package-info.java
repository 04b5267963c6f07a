/** Batches of patches of prepared cases: sampling, extraction, augmentation and preparation in threads. */
@NullMarked
package org.attunet.patches;

import org.jspecify.annotations.NullMarked;
