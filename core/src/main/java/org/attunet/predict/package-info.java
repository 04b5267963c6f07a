/** Segmentation of whole images with a trained network: padding, tiles, mirrored copies, and results on the input's grid. */
package org.attunet.predict;
