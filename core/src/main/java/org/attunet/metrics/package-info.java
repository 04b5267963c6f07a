/** Overlap and surface distance metrics of a segmentation per case, and their statistics over cases. */
package org.attunet.metrics;
