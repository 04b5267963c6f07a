/** How well a segmentation matches the truth: overlap and surface distances per case, and their summary. */
package org.attunet.metrics;
