/** Voxels with their geometry: {@link org.attunet.image.Grid}, {@link org.attunet.image.Image}, label maps and sets. */
package org.attunet.image;
