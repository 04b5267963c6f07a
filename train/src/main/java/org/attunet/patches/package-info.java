/** Patches of prepared cases: augmentation, extraction, sampling and batches made ahead. */
package org.attunet.patches;
